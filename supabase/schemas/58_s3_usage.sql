-- What keeping recordings costs: for each organization and UTC day, how much was stored, uploaded and
-- downloaded, and what that comes to at the prices of that day (U60-133 to U60-138, V-08). Stored and
-- uploaded bytes are those of the uploads; downloads are an estimate, and say so, until somebody has
-- metered them. A GB is 2^30 bytes, as the store bills it. The platform's figures are sums of the
-- organizations' rows and of nothing else.

create table private.s3_prices (
  valid_from date primary key,
  storage_usd_per_gb_month numeric not null,
  download_usd_per_gb numeric not null,
  upload_usd_per_gb numeric not null,
  requests_usd_per_1000 numeric not null,
  downloaded_share numeric not null,
  daily_download_rate numeric not null,
  constraint s3_prices_are_not_negative check (
    least(storage_usd_per_gb_month, download_usd_per_gb, upload_usd_per_gb, requests_usd_per_1000) >= 0
  ),
  constraint s3_prices_rates_are_shares check (downloaded_share between 0 and 1 and daily_download_rate between 0 and 1)
);
comment on table private.s3_prices is
  'Prices and the rates of the download estimate, by the day they begin. A new price is a new row: days that were computed keep theirs.';
comment on column private.s3_prices.valid_from is '[class: operational] First UTC day they hold for.';
comment on column private.s3_prices.storage_usd_per_gb_month is '[class: operational] For keeping a GB for a whole month (U60-134).';
comment on column private.s3_prices.download_usd_per_gb is '[class: operational] For a GB that leaves the store (U60-135).';
comment on column private.s3_prices.upload_usd_per_gb is '[class: operational] For a GB that comes in: nothing (U60-136).';
comment on column private.s3_prices.requests_usd_per_1000 is '[class: operational] For requests; nothing unless it is set, as the product names no price.';
comment on column private.s3_prices.downloaded_share is '[class: operational] Share of what is stored that is watched at all.';
comment on column private.s3_prices.daily_download_rate is '[class: operational] Share of that which is downloaded on a day.';
insert into private.s3_prices (
  valid_from, storage_usd_per_gb_month, download_usd_per_gb, upload_usd_per_gb, requests_usd_per_1000,
  downloaded_share, daily_download_rate
)
values ('2000-01-01', 0.023, 0.09, 0, 0, 0.5, 0.017);

create table private.s3_metered_downloads (
  org_id uuid not null references public.organizations (id) on delete restrict,
  day date not null,
  bytes bigint not null,
  recorded_at timestamptz not null default now(),
  primary key (org_id, day),
  constraint s3_metered_downloads_are_not_negative check (bytes >= 0)
);
comment on table private.s3_metered_downloads is
  'Bytes that left the store on a day, read from its own access log; they take the place of the estimate (V-08).';
comment on column private.s3_metered_downloads.org_id is '[class: operational] Organization whose objects they were.';
comment on column private.s3_metered_downloads.day is '[class: operational] UTC day.';
comment on column private.s3_metered_downloads.bytes is '[class: operational] All of that day.';
comment on column private.s3_metered_downloads.recorded_at is '[class: operational] When it was written down.';

create table private.s3_usage_days (
  day date primary key,
  computed_at timestamptz not null default now()
);
comment on table private.s3_usage_days is 'Days whose figures were computed; a tick that was missed leaves a hole that the next one fills.';
comment on column private.s3_usage_days.day is '[class: operational] UTC day.';
comment on column private.s3_usage_days.computed_at is '[class: operational] When, last.';

create table public.s3_usage_metrics (
  org_id uuid not null references public.organizations (id) on delete restrict,
  day date not null,
  metric_type text not null,
  value numeric not null,
  cost_usd numeric not null,
  estimated boolean not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, day, metric_type),
  constraint s3_usage_metrics_type_is_known check (metric_type in ('storage_gb', 'upload_gb', 'download_gb', 'api_requests')),
  constraint s3_usage_metrics_are_not_negative check (value >= 0 and cost_usd >= 0)
);
comment on table public.s3_usage_metrics is 'What an organization''s recordings took up and cost on a UTC day.';
comment on column public.s3_usage_metrics.org_id is '[class: operational] Organization whose row this is.';
comment on column public.s3_usage_metrics.day is '[class: operational] UTC day.';
comment on column public.s3_usage_metrics.metric_type is '[class: operational] storage_gb (at the end of the day), upload_gb, download_gb or api_requests (of the day).';
comment on column public.s3_usage_metrics.value is '[class: operational] GB of 2^30 bytes, or requests.';
comment on column public.s3_usage_metrics.cost_usd is '[class: operational] At the price of the day; of storage, the day''s part of its month. Never what was billed.';
comment on column public.s3_usage_metrics.estimated is '[class: operational] Whether the value is an estimate, not a measurement.';
comment on column public.s3_usage_metrics.created_at is '[class: operational] When the row was made.';
comment on column public.s3_usage_metrics.updated_at is '[class: operational] Last change of the row.';
create index s3_usage_metrics_day_idx on public.s3_usage_metrics (day);

create trigger touch_updated_at before update on public.s3_usage_metrics
for each row execute function private.touch_updated_at();

alter table private.s3_prices enable row level security;
alter table private.s3_prices force row level security;
alter table private.s3_metered_downloads enable row level security;
alter table private.s3_metered_downloads force row level security;
alter table private.s3_usage_days enable row level security;
alter table private.s3_usage_days force row level security;
alter table public.s3_usage_metrics enable row level security;
alter table public.s3_usage_metrics force row level security;
revoke all on table private.s3_prices, private.s3_metered_downloads, private.s3_usage_days, public.s3_usage_metrics
from anon, authenticated, service_role;
grant select on table public.s3_usage_metrics to authenticated;

create policy "admins read what their organization's recordings cost"
on public.s3_usage_metrics for select to authenticated
using (org_id = any((select private.my_orgs_with('org.billing'))::uuid[]));

create policy "reading costs needs the second factor it demands"
on public.s3_usage_metrics as restrictive for select to authenticated
using (org_id = any((select private.my_second_factor_orgs())::uuid[]));

create function private.utc_day_start(p_day date)
returns timestamptz
language plpgsql immutable set search_path = ''
as $$
begin
  return p_day::timestamp at time zone 'utc';
end;
$$;
comment on function private.utc_day_start(date) is 'Midnight UTC, whatever the session''s zone and its summer time.';

create function private.s3_prices_of(p_day date)
returns private.s3_prices
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_prices private.s3_prices;
begin
  select p.* into v_prices from private.s3_prices as p
  where p.valid_from <= p_day
  order by p.valid_from desc limit 1;
  return v_prices;
end;
$$;
comment on function private.s3_prices_of(date) is 'The prices that hold on a day. Definer, granted to nobody.';

create function private.days_in_month(p_day date)
returns integer
language plpgsql immutable set search_path = ''
as $$
begin
  return extract(day from (date_trunc('month', p_day::timestamp) + interval '1 month - 1 day'));
end;
$$;
comment on function private.days_in_month(date) is 'How many days the month of this day has: a day of storage is that part of a GB-month.';

create function private.measure_s3_day(p_day date)
returns table (org_id uuid, metric_type text, value numeric, cost_usd numeric, estimated boolean)
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_from constant timestamptz := private.utc_day_start(p_day);
  v_to constant timestamptz := private.utc_day_start(p_day + 1);
  v_prices constant private.s3_prices := private.s3_prices_of(p_day);
  v_bytes_per_gb constant numeric := 1024 * 1024 * 1024;
begin
  return query
  with stored as (
    select u.org_id,
      coalesce(sum(u.source_bytes) filter (where r.deleted_at is null or r.deleted_at >= v_to), 0) / v_bytes_per_gb as gb,
      coalesce(sum(u.source_bytes) filter (where u.completed_at >= v_from), 0) / v_bytes_per_gb as uploaded_gb,
      -- Each part is a request, and so are beginning, completing and looking whether it is all there.
      coalesce(sum(ceil(u.source_bytes::numeric / coalesce(u.part_size, u.source_bytes)) + 3) filter (where u.completed_at >= v_from), 0) as requests
    from private.recording_uploads as u
    join public.recordings as r on r.org_id = u.org_id and r.id = u.recording_id
    where u.state = 'complete' and u.source_bytes > 0 and u.completed_at < v_to
    group by u.org_id
  ),
  totals as (
    select coalesce(s.org_id, m.org_id) as org_id, coalesce(s.gb, 0) as gb, coalesce(s.uploaded_gb, 0) as uploaded_gb,
      coalesce(s.requests, 0) + (
        select count(*) from public.security_audit_log as l
        where l.org_id = coalesce(s.org_id, m.org_id) and l.action = 'recordings.played'
          and l.occurred_at >= v_from and l.occurred_at < v_to
      ) as requests,
      m.bytes / v_bytes_per_gb as metered_gb
    from stored as s
    full join (select d.org_id, d.bytes from private.s3_metered_downloads as d where d.day = p_day) as m
      on m.org_id = s.org_id
  )
  select t.org_id, v.metric_type, round(v.value, 12), round(v.value * v.price, 12), v.estimated
  from totals as t
  cross join lateral (values
    ('storage_gb', t.gb, v_prices.storage_usd_per_gb_month / private.days_in_month(p_day), false),
    ('upload_gb', t.uploaded_gb, v_prices.upload_usd_per_gb, false),
    (
      'download_gb', coalesce(t.metered_gb, t.gb * v_prices.downloaded_share * v_prices.daily_download_rate),
      v_prices.download_usd_per_gb, t.metered_gb is null
    ),
    ('api_requests', t.requests, v_prices.requests_usd_per_1000 / 1000, true)
  ) as v (metric_type, value, price, estimated)
  -- Once deleted, nothing is left to tell; that day it still was uploaded or asked for.
  where t.gb > 0 or t.uploaded_gb > 0 or t.requests > 0 or t.metered_gb > 0;
end;
$$;
comment on function private.measure_s3_day(date) is
  'The figures of a UTC day, four for each organization that stored, sent or fetched anything. Definer, granted to nobody.';

create function private.store_s3_day(p_day date)
returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_rows integer;
begin
  delete from public.s3_usage_metrics as m
  where m.day = p_day
    and not exists (
      select from private.measure_s3_day(p_day) as d where d.org_id = m.org_id and d.metric_type = m.metric_type
    );
  insert into public.s3_usage_metrics as m (org_id, day, metric_type, value, cost_usd, estimated)
  select d.org_id, p_day, d.metric_type, d.value, d.cost_usd, d.estimated
  from private.measure_s3_day(p_day) as d
  on conflict (org_id, day, metric_type) do update
  set value = excluded.value, cost_usd = excluded.cost_usd, estimated = excluded.estimated
  where (m.value, m.cost_usd, m.estimated) is distinct from (excluded.value, excluded.cost_usd, excluded.estimated);
  get diagnostics v_rows = row_count;
  insert into private.s3_usage_days (day) values (p_day)
  on conflict (day) do update set computed_at = now();
  return v_rows;
end;
$$;
comment on function private.store_s3_day(date) is
  'Makes the rows of a day what its figures are; again, it changes nothing. Definer, granted to nobody.';

create function private.record_s3_usage(p_today date, p_max_days integer)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_day date;
  v_days integer := 0;
  v_rows integer := 0;
begin
  -- Two ticks at once: the second finds nothing left to do.
  perform pg_advisory_xact_lock(hashtextextended('private.record_s3_usage', 0));
  for v_day in
    select g.day::date
    from generate_series(
      (
        select least(
          (select min(u.completed_at at time zone 'utc')::date from private.recording_uploads as u where u.state = 'complete'),
          (select min(d.day) from private.s3_metered_downloads as d)
        )
      )::timestamp,
      (p_today - 1)::timestamp, interval '1 day'
    ) as g (day)
    where not exists (select from private.s3_usage_days as k where k.day = g.day::date)
    order by g.day
    limit least(greatest(p_max_days, 1), 1000)
  loop
    v_rows := v_rows + private.store_s3_day(v_day);
    v_days := v_days + 1;
  end loop;
  return jsonb_build_object('days', v_days, 'rows', v_rows);
end;
$$;
comment on function private.record_s3_usage(date, integer) is
  'Computes every day before the given one that was not computed yet, oldest first: {days, rows}. Definer: figures are nobody''s to write.';

create function private.record_s3_downloads(p_org_id uuid, p_day date, p_bytes bigint)
returns boolean
language plpgsql security definer set search_path = ''
as $$
begin
  insert into private.s3_metered_downloads as m (org_id, day, bytes)
  values (p_org_id, p_day, p_bytes)
  on conflict (org_id, day) do update set bytes = excluded.bytes, recorded_at = now()
  where m.bytes is distinct from excluded.bytes;
  if not found then
    return false;
  end if;
  -- A day that was estimated before is put right now.
  if exists (select from private.s3_usage_days as k where k.day = p_day) then
    perform private.store_s3_day(p_day);
  end if;
  return true;
end;
$$;
comment on function private.record_s3_downloads(uuid, date, bigint) is
  'Writes down what left the store on a day, in place of the estimate; false when it was known. Definer: as record_s3_usage.';

create function private.require_storage_reader(p_scope text, p_org_id uuid)
returns uuid
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_org_id uuid;
begin
  if p_scope = 'platform' then
    if private.current_user_id() is null then
      raise sqlstate 'PT401' using message = 'unauthenticated';
    elsif not private.is_superadmin() then
      raise sqlstate 'PT403' using message = 'forbidden';
    end if;
    return null;
  end if;
  v_org_id := private.require_org(p_org_id);
  perform private.require_permission(v_org_id, 'org.billing');
  return v_org_id;
end;
$$;
comment on function private.require_storage_reader(text, uuid) is
  'The organization whose costs the caller may see; null: the platform''s, for operators. Raises unauthenticated, forbidden, mfa_required, organization_not_found or no_active_organization. Definer, granted to nobody.';

create function private.project_s3_month(p_month date, p_storage_gb numeric)
returns numeric
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_prices constant private.s3_prices := private.s3_prices_of(p_month);
begin
  return p_storage_gb * v_prices.storage_usd_per_gb_month
    + p_storage_gb * v_prices.downloaded_share * v_prices.daily_download_rate
    * private.days_in_month(p_month) * v_prices.download_usd_per_gb;
end;
$$;
comment on function private.project_s3_month(date, numeric) is
  'What a month would cost if as much stayed stored all through it. Definer, granted to nobody.';

create function private.get_storage_usage(p_scope text, p_org_id uuid, p_days integer)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_org_id constant uuid := private.require_storage_reader(p_scope, p_org_id);
  v_today constant date := (now() at time zone 'utc')::date;
  v_month constant date := date_trunc('month', v_today::timestamp);
  v_next_month constant date := v_month + interval '1 month';
  v_last_day constant date := (select max(k.day) from private.s3_usage_days as k);
  v_total_gb constant numeric := coalesce(
    (
      select sum(m.value) from public.s3_usage_metrics as m
      where m.day = v_last_day and m.metric_type = 'storage_gb' and (p_scope = 'platform' or m.org_id = v_org_id)
    ), 0
  );
  v_prices constant private.s3_prices := private.s3_prices_of(v_today);
begin
  return jsonb_build_object(
    'scope', p_scope, 'org_id', v_org_id, 'as_of', v_last_day, 'currency', 'USD',
    'total_gb', v_total_gb,
    'current_month', (
      select jsonb_build_object(
        'month', to_char(v_month, 'YYYY-MM'), 'cost_usd', coalesce(sum(m.cost_usd), 0),
        'estimated', coalesce(bool_or(m.estimated and m.cost_usd > 0), false)
      )
      from public.s3_usage_metrics as m
      where m.day >= v_month and (p_scope = 'platform' or m.org_id = v_org_id)
    ),
    'next_month', jsonb_build_object(
      'month', to_char(v_next_month, 'YYYY-MM'),
      'cost_usd', round(private.project_s3_month(v_next_month, v_total_gb), 12), 'estimated', true
    ),
    'formula', jsonb_build_object(
      'storage_usd_per_gb_month', v_prices.storage_usd_per_gb_month, 'download_usd_per_gb', v_prices.download_usd_per_gb,
      'upload_usd_per_gb', v_prices.upload_usd_per_gb, 'requests_usd_per_1000', v_prices.requests_usd_per_1000,
      'downloaded_share', v_prices.downloaded_share, 'daily_download_rate', v_prices.daily_download_rate
    ),
    'days', (
      select coalesce(jsonb_agg(to_jsonb(d) order by d.day), '[]')
      from (
        select m.day,
          sum(m.value) filter (where m.metric_type = 'storage_gb') as storage_gb,
          sum(m.value) filter (where m.metric_type = 'upload_gb') as upload_gb,
          sum(m.value) filter (where m.metric_type = 'download_gb') as download_gb,
          sum(m.value) filter (where m.metric_type = 'api_requests') as api_requests,
          sum(m.cost_usd) as cost_usd,
          bool_or(m.estimated) filter (where m.metric_type = 'download_gb') as estimated
        from public.s3_usage_metrics as m
        where m.day >= v_today - least(greatest(coalesce(p_days, 30), 1), 400)
          and (p_scope = 'platform' or m.org_id = v_org_id)
        group by m.day
      ) as d
    )
  );
end;
$$;
comment on function private.get_storage_usage(text, uuid, integer) is
  'Storage and its cost, now, this month, next month and day by day (U60-133): of one organization for its admins, of the platform for operators. Definer: the platform''s figures are readable to nobody; who asks is checked first.';

create function public.record_s3_usage(p_max_days integer default 400)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.record_s3_usage((now() at time zone 'utc')::date, p_max_days);
end;
$$;
comment on function public.record_s3_usage(integer) is
  'Computes every finished UTC day that was not computed yet: {days, rows}. Service only.';

create function public.record_s3_downloads(p_org_id uuid, p_day date, p_bytes bigint)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.record_s3_downloads(p_org_id, p_day, p_bytes);
end;
$$;
comment on function public.record_s3_downloads(uuid, date, bigint) is
  'Writes down the bytes that left the store on a day, read from its access log. Service only.';

create function public.get_storage_usage(p_scope text default 'organization', p_org_id uuid default null, p_days integer default 30)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return private.get_storage_usage(p_scope, p_org_id, p_days);
end;
$$;
comment on function public.get_storage_usage(text, uuid, integer) is
  'Storage and its cost, of an organization for its admins or of the platform for operators. Raises unauthenticated, forbidden, mfa_required, organization_not_found or no_active_organization.';

grant execute on function
  private.record_s3_usage(date, integer), public.record_s3_usage(integer),
  private.record_s3_downloads(uuid, date, bigint), public.record_s3_downloads(uuid, date, bigint)
to service_role;
grant execute on function
  private.get_storage_usage(text, uuid, integer), public.get_storage_usage(text, uuid, integer)
to authenticated;
