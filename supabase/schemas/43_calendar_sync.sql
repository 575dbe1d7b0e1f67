-- How a calendar is brought up to date: who works on it (a lease), where the run stands (a page
-- token), and which events a full run has seen. Trust boundary: the service role, for calendar-sync
-- and its scheduler (U60-056, U60-101, C-10).

create table private.calendar_sync_runs (
  org_id uuid not null,
  connection_id uuid not null,
  worker text,
  leased_until timestamptz,
  is_full boolean not null default true,
  time_min timestamptz,
  page_token text,
  failures integer not null default 0,
  next_sync_at timestamptz not null default now(),
  refresh_worker text,
  refresh_leased_until timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, connection_id),
  foreign key (org_id, connection_id) references public.calendar_connections (org_id, id) on delete cascade,
  constraint calendar_sync_runs_lease_has_a_holder check ((worker is null) = (leased_until is null)),
  constraint calendar_sync_runs_refresh_has_a_holder
    check ((refresh_worker is null) = (refresh_leased_until is null)),
  constraint calendar_sync_runs_failures_are_counted check (failures >= 0)
);
comment on table private.calendar_sync_runs is 'Where the synchronization of a connection stands, and who is at it.';
comment on column private.calendar_sync_runs.org_id is '[class: operational] Organization whose row this is.';
comment on column private.calendar_sync_runs.connection_id is '[class: operational] The connection.';
comment on column private.calendar_sync_runs.worker is '[class: operational] Run that holds the lease.';
comment on column private.calendar_sync_runs.leased_until is '[class: operational] When the lease is free again by itself.';
comment on column private.calendar_sync_runs.is_full is '[class: operational] Whether this run reads everything, not only what changed.';
comment on column private.calendar_sync_runs.time_min is '[class: operational] A full run reads from here on.';
comment on column private.calendar_sync_runs.page_token is '[class: operational] Next page of an unfinished run.';
comment on column private.calendar_sync_runs.failures is '[class: operational] Failures since the last success.';
comment on column private.calendar_sync_runs.next_sync_at is '[class: operational] When the schedule takes it up again.';
comment on column private.calendar_sync_runs.refresh_worker is '[class: operational] Run that refreshes the access token.';
comment on column private.calendar_sync_runs.refresh_leased_until is '[class: operational] When another run may refresh it.';
comment on column private.calendar_sync_runs.created_at is '[class: operational] When the row was made.';
comment on column private.calendar_sync_runs.updated_at is '[class: operational] Last change of the row.';
create index calendar_sync_runs_org_id_next_sync_at_idx on private.calendar_sync_runs (org_id, next_sync_at);

create table private.calendar_sync_seen (
  org_id uuid not null,
  connection_id uuid not null,
  external_id text not null,
  primary key (org_id, connection_id, external_id),
  foreign key (org_id, connection_id)
    references private.calendar_sync_runs (org_id, connection_id) on delete cascade
);
comment on table private.calendar_sync_seen is
  'Events that a full run has met so far; copies it has not met by its end are no longer in the calendar.';
comment on column private.calendar_sync_seen.org_id is '[class: operational] Organization whose row this is.';
comment on column private.calendar_sync_seen.connection_id is '[class: operational] The connection.';
comment on column private.calendar_sync_seen.external_id is '[class: operational] The event''s id at the provider.';

create trigger touch_updated_at before update on private.calendar_sync_runs
for each row execute function private.touch_updated_at();

alter table private.calendar_sync_runs enable row level security;
alter table private.calendar_sync_runs force row level security;
alter table private.calendar_sync_seen enable row level security;
alter table private.calendar_sync_seen force row level security;
revoke all on table private.calendar_sync_runs, private.calendar_sync_seen from anon, authenticated, service_role;

create function private.calendar_claim(p_org_id uuid, p_connection_id uuid)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'connection_id', c.id, 'org_id', c.org_id, 'user_id', c.user_id, 'calendar_id', c.calendar_id,
      'sync_token', case when r.is_full then null else k.sync_token end,
      'page_token', r.page_token, 'time_min', r.time_min
    )
    from public.calendar_connections as c
    join private.calendar_credentials as k on k.org_id = c.org_id and k.connection_id = c.id
    join private.calendar_sync_runs as r on r.org_id = c.org_id and r.connection_id = c.id
    where c.org_id = p_org_id and c.id = p_connection_id
  );
end;
$$;
comment on function private.calendar_claim(uuid, uuid) is 'What the holder of a lease needs to know; no token of the person. Definer, granted to nobody.';

create function private.begin_calendar_run(
  p_org_id uuid, p_connection_id uuid, p_worker text, p_lease_seconds integer
)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
begin
  -- An unfinished run goes on where it stopped, unless its page token is too old to trust.
  update private.calendar_sync_runs as r
  set worker = p_worker,
    leased_until = now() + make_interval(secs => p_lease_seconds),
    page_token = case when r.updated_at > now() - interval '10 minutes' then r.page_token end
  where r.org_id = p_org_id and r.connection_id = p_connection_id;
  update private.calendar_sync_runs as r
  set is_full = k.sync_token is null, time_min = now() - interval '30 days'
  from private.calendar_credentials as k
  where r.org_id = p_org_id and r.connection_id = p_connection_id and r.page_token is null
    and k.org_id = r.org_id and k.connection_id = r.connection_id;
  if found then
    delete from private.calendar_sync_seen as s
    where s.org_id = p_org_id and s.connection_id = p_connection_id;
  end if;
  return private.calendar_claim(p_org_id, p_connection_id);
end;
$$;
comment on function private.begin_calendar_run(uuid, uuid, text, integer) is
  'Gives a worker the lease of a run that the caller has locked. Definer, granted to nobody.';

create function private.claim_calendar_sync(
  p_org_id uuid, p_connection_id uuid, p_worker text, p_lease_seconds integer
)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_status text;
  v_is_leased boolean;
begin
  select c.status into v_status
  from public.calendar_connections as c
  join private.calendar_credentials as k on k.org_id = c.org_id and k.connection_id = c.id
  where c.org_id = p_org_id and c.id = p_connection_id;
  if v_status is null or v_status = 'disconnected' then
    return jsonb_build_object('status', 'not_connected');
  elsif v_status = 'needs_reconnect' then
    return jsonb_build_object('status', 'needs_reconnect');
  end if;
  insert into private.calendar_sync_runs (org_id, connection_id)
  values (p_org_id, p_connection_id)
  on conflict (org_id, connection_id) do nothing;
  select r.leased_until > now() into v_is_leased
  from private.calendar_sync_runs as r
  where r.org_id = p_org_id and r.connection_id = p_connection_id
  for update;
  if v_is_leased then
    return jsonb_build_object('status', 'busy');
  end if;
  return jsonb_build_object(
    'status', 'claimed',
    'claim', private.begin_calendar_run(p_org_id, p_connection_id, p_worker, p_lease_seconds)
  );
end;
$$;
comment on function private.claim_calendar_sync(uuid, uuid, text, integer) is
  'Takes the lease of one connection: {status: claimed, claim} or {status: busy | needs_reconnect | not_connected}. Definer: leases are nobody''s to write.';

create function private.claim_due_calendar_syncs(p_worker text, p_limit integer, p_lease_seconds integer)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
begin
  insert into private.calendar_sync_runs (org_id, connection_id)
  select k.org_id, k.connection_id
  from private.calendar_credentials as k
  where not exists (
    select from private.calendar_sync_runs as r
    where r.org_id = k.org_id and r.connection_id = k.connection_id
  )
  on conflict (org_id, connection_id) do nothing;

  return coalesce(
    (
      select jsonb_agg(
        private.begin_calendar_run(due.org_id, due.connection_id, p_worker, p_lease_seconds)
      )
      from (
        select r.org_id, r.connection_id
        from private.calendar_sync_runs as r
        join private.calendar_credentials as k on k.org_id = r.org_id and k.connection_id = r.connection_id
        join public.calendar_connections as c on c.org_id = r.org_id and c.id = r.connection_id
        where r.next_sync_at <= now()
          and (r.leased_until is null or r.leased_until <= now())
          and c.status = 'active'
        order by r.next_sync_at
        limit p_limit
        for update of r skip locked
      ) as due
    ),
    '[]'
  );
end;
$$;
comment on function private.claim_due_calendar_syncs(text, integer, integer) is
  'Takes the leases of connections whose time has come, each by one worker only. Definer: leases are nobody''s to write.';

create function private.apply_calendar_page(
  p_org_id uuid, p_connection_id uuid,
  p_worker text,
  p_events jsonb,
  p_next_page_token text,
  p_next_sync_token text
)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_run private.calendar_sync_runs;
  v_connection public.calendar_connections;
  v_calendar_id text;
  v_time_zone text;
  v_created integer;
  v_updated integer;
  v_cancelled integer;
  v_removed integer := 0;
begin
  perform private.set_actor('job', 'calendar-sync', private.request_id());
  v_run := private.lock_calendar_run(p_org_id, p_connection_id, p_worker);
  select c.* into v_connection from public.calendar_connections as c
  where c.org_id = v_run.org_id and c.id = p_connection_id;
  -- "primary" is a different calendar in each account, and an event has the same id in both.
  v_calendar_id := case v_connection.calendar_id
    when 'primary' then v_connection.account_email else v_connection.calendar_id end;
  select p.time_zone into v_time_zone from public.profiles as p where p.id = v_connection.user_id;

  with incoming as (
    select distinct on (e.external_id) e.*,
      case when private.is_time_zone(e.time_zone) then e.time_zone else v_time_zone end as zone
    from rows from (
      jsonb_to_recordset(p_events) as (
        external_id text, ical_uid text, recurring_event_id text, status text, etag text, title text,
        description text, location text, start jsonb, "end" jsonb, time_zone text, all_day boolean,
        attendees jsonb, attendees_count integer, response_status text, meeting_url text,
        html_link text, organizer_email text, provider_updated_at timestamptz
      )
    ) with ordinality as e (
      external_id, ical_uid, recurring_event_id, status, etag, title, description, location,
      starts, ends, time_zone, all_day, attendees, attendees_count, response_status, meeting_url,
      html_link, organizer_email, provider_updated_at, position
    )
    order by e.external_id, e.position desc
  ),
  placed as (
    select i.*,
      coalesce(
        (i.starts ->> 'at')::timestamptz, (i.starts ->> 'on')::date::timestamp at time zone i.zone
      ) as start_time,
      coalesce(
        (i.ends ->> 'at')::timestamptz, (i.ends ->> 'on')::date::timestamp at time zone i.zone
      ) as end_time
    from incoming as i
  ),
  seen as (
    insert into private.calendar_sync_seen (org_id, connection_id, external_id)
    select v_run.org_id, p_connection_id, p.external_id from placed as p where v_run.is_full
    on conflict do nothing
  ),
  cancelled as (
    -- May be nothing but an id, so only the status is taken; one never copied is not worth a row.
    update public.calendar_events as ce
    set status = 'cancelled', etag = coalesce(p.etag, ce.etag),
      provider_updated_at = coalesce(p.provider_updated_at, ce.provider_updated_at)
    from placed as p
    where p.status = 'cancelled' and ce.status <> 'cancelled'
      and ce.org_id = v_run.org_id and ce.user_id = v_connection.user_id
      and ce.calendar_id = v_calendar_id and ce.external_id = p.external_id
    returning 1
  ),
  applied as (
    insert into public.calendar_events as ce (
      org_id, user_id, calendar_id, external_id, ical_uid, recurring_event_id, title, description,
      location, start_time, end_time, time_zone, all_day, attendees, attendees_count,
      organizer_email, meeting_url, html_link, status, response_status, etag, provider_updated_at
    )
    select v_run.org_id, v_connection.user_id, v_calendar_id, p.external_id, p.ical_uid,
      p.recurring_event_id, p.title, p.description, p.location, p.start_time,
      greatest(p.start_time, p.end_time), p.zone, p.all_day, p.attendees, p.attendees_count,
      p.organizer_email, p.meeting_url, p.html_link, p.status, p.response_status, p.etag,
      p.provider_updated_at
    from placed as p
    where p.status <> 'cancelled' and p.start_time is not null
    on conflict on constraint calendar_events_external_id_is_unique do update
    set ical_uid = excluded.ical_uid, recurring_event_id = excluded.recurring_event_id,
      title = excluded.title, description = excluded.description, location = excluded.location,
      start_time = excluded.start_time, end_time = excluded.end_time, time_zone = excluded.time_zone,
      all_day = excluded.all_day, attendees = excluded.attendees,
      attendees_count = excluded.attendees_count, organizer_email = excluded.organizer_email,
      meeting_url = excluded.meeting_url, html_link = excluded.html_link, status = excluded.status,
      response_status = excluded.response_status, etag = excluded.etag,
      provider_updated_at = excluded.provider_updated_at
    where (
      ce.ical_uid, ce.recurring_event_id, ce.title, ce.description, ce.location, ce.start_time,
      ce.end_time, ce.time_zone, ce.all_day, ce.attendees, ce.attendees_count, ce.organizer_email,
      ce.meeting_url, ce.html_link, ce.status, ce.response_status, ce.etag, ce.provider_updated_at
    ) is distinct from (
      excluded.ical_uid, excluded.recurring_event_id, excluded.title, excluded.description,
      excluded.location, excluded.start_time, excluded.end_time, excluded.time_zone,
      excluded.all_day, excluded.attendees, excluded.attendees_count, excluded.organizer_email,
      excluded.meeting_url, excluded.html_link, excluded.status, excluded.response_status,
      excluded.etag, excluded.provider_updated_at
    )
    returning ce.xmax = 0 as is_new
  )
  select (select count(*) from applied where is_new), (select count(*) from applied where not is_new),
    (select count(*) from cancelled)
  into v_created, v_updated, v_cancelled;

  if p_next_page_token is not null then
    update private.calendar_sync_runs as r
    set page_token = p_next_page_token, leased_until = greatest(r.leased_until, now() + interval '2 minutes')
    where r.org_id = v_run.org_id and r.connection_id = p_connection_id;
  else
    v_removed := private.finish_calendar_run(v_run, v_connection.user_id, v_calendar_id, p_next_sync_token);
  end if;
  return jsonb_build_object(
    'created', v_created, 'updated', v_updated, 'cancelled', v_cancelled, 'removed', v_removed
  );
end;
$$;
comment on function private.apply_calendar_page(uuid, uuid, text, jsonb, text, text) is
  'Applies one page; with the last one also stores the sync token and ends the run, in the same transaction. Repeating it changes nothing. Raises already_running when the lease is gone. Definer: events are the provider''s to change.';

create function private.lock_calendar_run(p_org_id uuid, p_connection_id uuid, p_worker text)
returns private.calendar_sync_runs
language plpgsql security definer set search_path = ''
as $$
declare
  v_run private.calendar_sync_runs;
begin
  select r.* into v_run
  from private.calendar_sync_runs as r
  where r.org_id = p_org_id and r.connection_id = p_connection_id and r.worker = p_worker and r.leased_until > now()
  for update of r;
  if not found then
    raise sqlstate 'PT409' using message = 'already_running';
  end if;
  return v_run;
end;
$$;
comment on function private.lock_calendar_run(uuid, uuid, text) is
  'The run that this worker still holds, locked. Raises already_running: a worker that slept past its lease changes nothing. Definer, granted to nobody.';

create function private.finish_calendar_run(
  p_run private.calendar_sync_runs, p_user_id uuid, p_calendar_id text, p_sync_token text
)
returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_removed integer := 0;
begin
  if p_run.is_full then
    -- Copies from before the window of the run were not asked about: they stay, as history.
    delete from public.calendar_events as ce
    where ce.org_id = p_run.org_id and ce.user_id = p_user_id and ce.calendar_id = p_calendar_id
      and ce.end_time >= p_run.time_min and ce.origin = 'external_provider'
      and not exists (
        select from private.calendar_sync_seen as s
        where s.org_id = p_run.org_id and s.connection_id = p_run.connection_id
          and s.external_id = ce.external_id
      );
    get diagnostics v_removed = row_count;
    delete from private.calendar_sync_seen as s
    where s.org_id = p_run.org_id and s.connection_id = p_run.connection_id;
  end if;
  update private.calendar_credentials as k set sync_token = p_sync_token
  where k.org_id = p_run.org_id and k.connection_id = p_run.connection_id;
  update public.calendar_connections as c set last_synced_at = now(), last_error = null
  where c.org_id = p_run.org_id and c.id = p_run.connection_id;
  update private.calendar_sync_runs as r
  set worker = null, leased_until = null, page_token = null, failures = 0,
    is_full = p_sync_token is null, next_sync_at = now() + interval '14 minutes'
  where r.org_id = p_run.org_id and r.connection_id = p_run.connection_id;
  return v_removed;
end;
$$;
comment on function private.finish_calendar_run(private.calendar_sync_runs, uuid, text, text) is
  'Ends a run: removes copies that a full run did not meet, stores the sync token, frees the lease. Definer, granted to nobody.';

create function private.restart_calendar_sync(p_org_id uuid, p_connection_id uuid, p_worker text)
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_run private.calendar_sync_runs;
begin
  perform private.set_actor('job', 'calendar-sync', private.request_id());
  v_run := private.lock_calendar_run(p_org_id, p_connection_id, p_worker);
  update private.calendar_credentials as k set sync_token = null
  where k.org_id = v_run.org_id and k.connection_id = p_connection_id;
  delete from private.calendar_sync_seen as s
  where s.org_id = v_run.org_id and s.connection_id = p_connection_id;
  update private.calendar_sync_runs as r
  set is_full = true, page_token = null, time_min = now() - interval '30 days'
  where r.org_id = v_run.org_id and r.connection_id = p_connection_id;
end;
$$;
comment on function private.restart_calendar_sync(uuid, uuid, text) is
  'The provider no longer knows our sync token: forgets it and turns the run into a full one, at whose end the copies that it did not meet go. Raises already_running. Definer: the token is nobody''s to read.';

create function private.release_calendar_sync(
  p_org_id uuid, p_connection_id uuid, p_worker text, p_error text, p_retry_seconds integer
)
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_run private.calendar_sync_runs;
begin
  perform private.set_actor('job', 'calendar-sync', private.request_id());
  select r.* into v_run
  from private.calendar_sync_runs as r
  where r.org_id = p_org_id and r.connection_id = p_connection_id and r.worker = p_worker
  for update of r;
  if not found then
    return;
  end if;
  -- Twice as long after each failure, up to six hours.
  update private.calendar_sync_runs as r
  set worker = null, leased_until = null,
    failures = case when p_error is null then 0 else r.failures + 1 end,
    page_token = case when p_error in ('rejected', 'malformed_answer') then null else r.page_token end,
    next_sync_at = now() + coalesce(
      make_interval(secs => p_retry_seconds),
      least(interval '1 minute' * power(2, least(r.failures, 10)), interval '6 hours')
    )
  where r.org_id = v_run.org_id and r.connection_id = p_connection_id;
  if p_error is not null then
    update public.calendar_connections as c
    set last_error = p_error,
      status = case
        when p_error in ('grant_revoked', 'access_token_rejected', 'forbidden', 'calendar_not_found')
          then 'needs_reconnect'
        else c.status
      end
    where c.org_id = v_run.org_id and c.id = p_connection_id and c.status <> 'disconnected';
  end if;
end;
$$;
comment on function private.release_calendar_sync(uuid, uuid, text, text, integer) is
  'Gives a lease back: unfinished (no error), or failed, with the time of the next try and, where only the person can mend it, needs_reconnect. Definer: leases are nobody''s to write.';

-- What the service role calls; each is its private namesake.
create function public.claim_calendar_sync(
  p_org_id uuid, p_connection_id uuid, p_worker text, p_lease_seconds integer default 120
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.claim_calendar_sync(p_org_id, p_connection_id, p_worker, p_lease_seconds);
end;
$$;
comment on function public.claim_calendar_sync(uuid, uuid, text, integer) is
  'Takes the lease of one connection. Service only.';

create function public.claim_due_calendar_syncs(
  p_worker text, p_limit integer default 10, p_lease_seconds integer default 120
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.claim_due_calendar_syncs(p_worker, p_limit, p_lease_seconds);
end;
$$;
comment on function public.claim_due_calendar_syncs(text, integer, integer) is
  'Takes the leases of connections whose time has come. Service only.';

create function public.apply_calendar_page(
  p_org_id uuid, p_connection_id uuid, p_worker text, p_events jsonb, p_next_page_token text, p_next_sync_token text
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.apply_calendar_page(p_org_id, p_connection_id, p_worker, p_events, p_next_page_token, p_next_sync_token);
end;
$$;
comment on function public.apply_calendar_page(uuid, uuid, text, jsonb, text, text) is
  'Applies one page of events. Service only. Raises already_running when the lease is gone.';

create function public.restart_calendar_sync(p_org_id uuid, p_connection_id uuid, p_worker text)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.restart_calendar_sync(p_org_id, p_connection_id, p_worker);
end;
$$;
comment on function public.restart_calendar_sync(uuid, uuid, text) is
  'Forgets the sync token and begins a full run. Service only. Raises already_running.';

create function public.release_calendar_sync(
  p_org_id uuid, p_connection_id uuid, p_worker text, p_error text, p_retry_seconds integer
)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.release_calendar_sync(p_org_id, p_connection_id, p_worker, p_error, p_retry_seconds);
end;
$$;
comment on function public.release_calendar_sync(uuid, uuid, text, text, integer) is
  'Gives a lease back, unfinished or failed. Service only.';

grant execute on function
  private.claim_calendar_sync(uuid, uuid, text, integer),
  private.claim_due_calendar_syncs(text, integer, integer),
  private.apply_calendar_page(uuid, uuid, text, jsonb, text, text),
  private.restart_calendar_sync(uuid, uuid, text),
  private.release_calendar_sync(uuid, uuid, text, text, integer),
  public.claim_calendar_sync(uuid, uuid, text, integer),
  public.claim_due_calendar_syncs(text, integer, integer),
  public.apply_calendar_page(uuid, uuid, text, jsonb, text, text),
  public.restart_calendar_sync(uuid, uuid, text),
  public.release_calendar_sync(uuid, uuid, text, text, integer)
to service_role;
