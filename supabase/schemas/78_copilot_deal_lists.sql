-- Lists of deals for the copilot: by stage, status, owner and closing period; the pipeline in figures;
-- what is at risk, by published rules. As the caller: row security decides what is listed and counted.
-- Amounts are added within a currency only.

create index deals_org_id_status_close_idx on public.deals (org_id, status, expected_close_on, id)
include (user_id, assigned_to);
create index deals_org_id_status_amount_idx on public.deals (org_id, status, amount desc, id)
include (user_id, assigned_to);

create function private.closing_bounds(p_closing text, p_today date)
returns table (first_day date, last_day date)
language plpgsql immutable set search_path = ''
as $$
declare
  v_month constant date := date_trunc('month', p_today::timestamp)::date;
  v_quarter constant date := date_trunc('quarter', p_today::timestamp)::date;
  v_monday constant date := date_trunc('week', p_today::timestamp)::date;
begin
  case p_closing
    when 'overdue' then first_day := null; last_day := p_today - 1;
    when 'this_week' then first_day := v_monday; last_day := v_monday + 6;
    when 'next_week' then first_day := v_monday + 7; last_day := v_monday + 13;
    when 'this_month' then first_day := v_month; last_day := (v_month + interval '1 month')::date - 1;
    when 'next_month' then first_day := (v_month + interval '1 month')::date; last_day := (v_month + interval '2 months')::date - 1;
    when 'this_quarter' then first_day := v_quarter; last_day := (v_quarter + interval '3 months')::date - 1;
    when 'next_quarter' then first_day := (v_quarter + interval '3 months')::date; last_day := (v_quarter + interval '6 months')::date - 1;
    else raise sqlstate 'PT400' using message = 'invalid_request';
  end case;
  return next;
end;
$$;
comment on function private.closing_bounds(text, date) is
  'First and last day of a closing period seen from a day; overdue has no first one. Weeks begin on Monday. Raises invalid_request for one it does not know.';
grant execute on function private.closing_bounds(text, date) to authenticated;

create function private.list_deal_ids(
  p_org_id uuid, p_status text, p_stages uuid[], p_mine uuid, p_first date, p_last date, p_company_id uuid,
  p_contact_id uuid, p_sort text, p_limit integer
)
returns uuid[]
language plpgsql stable security invoker set search_path = '' set plan_cache_mode = 'force_custom_plan'
as $$
begin
  if p_company_id is not null or p_contact_id is not null then
    -- Few: read by what they have in common, and put in order then.
    return array(
      with few as materialized (
        select d.id, d.expected_close_on, d.amount, d.created_at
        from public.deals as d
        where d.org_id = p_org_id and (p_company_id is null or d.company_id = p_company_id)
          and (p_contact_id is null or d.primary_contact_id = p_contact_id)
          and (p_status is null or d.status = p_status)
          and (p_stages is null or d.stage_id = any(p_stages))
          and (p_mine is null or d.user_id = p_mine or d.assigned_to = p_mine)
          and (p_first is null or d.expected_close_on >= p_first) and (p_last is null or d.expected_close_on <= p_last)
      )
      select f.id from few as f
      order by case when p_sort = 'closing' then f.expected_close_on end, case when p_sort = 'amount' then f.amount end desc,
        f.created_at desc, f.id
      limit p_limit
    );
  end if;
  -- A query for each order, so that each reads its index and stops.
  case p_sort
    when 'closing' then return array(
      select d.id from public.deals as d
      where d.org_id = p_org_id and (p_status is null or d.status = p_status)
        and (p_stages is null or d.stage_id = any(p_stages))
        and (p_mine is null or d.user_id = p_mine or d.assigned_to = p_mine)
        and (p_first is null or d.expected_close_on >= p_first) and (p_last is null or d.expected_close_on <= p_last)
      order by d.expected_close_on, d.id limit p_limit
    );
    when 'amount' then return array(
      select d.id from public.deals as d
      where d.org_id = p_org_id and (p_status is null or d.status = p_status)
        and (p_stages is null or d.stage_id = any(p_stages))
        and (p_mine is null or d.user_id = p_mine or d.assigned_to = p_mine)
        and (p_first is null or d.expected_close_on >= p_first) and (p_last is null or d.expected_close_on <= p_last)
      order by d.amount desc, d.id limit p_limit
    );
    when 'any' then return array(
      select d.id from public.deals as d
      where d.org_id = p_org_id and (p_status is null or d.status = p_status)
        and (p_mine is null or d.user_id = p_mine or d.assigned_to = p_mine)
      limit p_limit
    );
    else return array(
      select d.id from public.deals as d
      where d.org_id = p_org_id and (p_status is null or d.status = p_status)
        and (p_stages is null or d.stage_id = any(p_stages))
        and (p_mine is null or d.user_id = p_mine or d.assigned_to = p_mine)
        and (p_first is null or d.expected_close_on >= p_first) and (p_last is null or d.expected_close_on <= p_last)
      order by d.created_at desc limit p_limit
    );
  end case;
end;
$$;
comment on function private.list_deal_ids(uuid, text, uuid[], uuid, date, date, uuid, uuid, text, integer) is
  'The first deals in the order asked for (closing, amount, newest); null leaves a filter out. Or any (any), by status and owner only. As the caller.';
grant execute on function
  private.list_deal_ids(uuid, text, uuid[], uuid, date, date, uuid, uuid, text, integer) to authenticated;

create function private.sum_deals(
  p_org_id uuid, p_status text, p_stages uuid[], p_mine uuid, p_first date, p_last date, p_company_id uuid, p_contact_id uuid
)
returns jsonb
language plpgsql stable security invoker set search_path = '' set plan_cache_mode = 'force_custom_plan'
as $$
begin
  return coalesce(
    (
      -- Fenced, so that the deals are read by whose they are, and not by every stage there is.
      with chosen as materialized (
        select d.stage_id, d.currency, d.amount, d.probability
        from public.deals as d
        where d.org_id = p_org_id and (p_status is null or d.status = p_status)
          and (p_stages is null or d.stage_id = any(p_stages))
          and (p_mine is null or d.user_id = p_mine or d.assigned_to = p_mine)
          and (p_first is null or d.expected_close_on >= p_first) and (p_last is null or d.expected_close_on <= p_last)
          and (p_company_id is null or d.company_id = p_company_id)
          and (p_contact_id is null or d.primary_contact_id = p_contact_id)
      )
      select jsonb_agg(
        jsonb_build_object('currency', t.currency, 'count', t.count, 'amount', t.amount, 'weighted_amount', t.weighted)
        order by t.count desc, t.currency
      )
      from (
        select c.currency, count(*) as count, sum(c.amount) as amount,
          sum(round(c.amount * coalesce(c.probability, s.win_probability) / 100, 2)) as weighted
        from chosen as c
        join public.deal_stages as s on s.org_id = p_org_id and s.id = c.stage_id
        group by c.currency
      ) as t
    ),
    '[]'
  );
end;
$$;
comment on function private.sum_deals(uuid, text, uuid[], uuid, date, date, uuid, uuid) is
  'How many deals, worth how much, by currency; null leaves a filter out. As the caller.';
grant execute on function private.sum_deals(uuid, text, uuid[], uuid, date, date, uuid, uuid) to authenticated;

create function private.mine_only(p_org_id uuid, p_owner text)
returns uuid
language plpgsql stable security invoker set search_path = ''
as $$
begin
  if p_owner not in ('mine', 'all') then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  -- Where nothing is shared, all that there is is the caller's own: said here so that the planner knows.
  return case
    when p_owner = 'mine' or not p_org_id = any(private.my_shared_orgs('crm')) then private.current_user_id()
  end;
end;
$$;
comment on function private.mine_only(uuid, text) is
  'The caller, where only their own and assigned records are meant; null where all are. Raises invalid_request.';
grant execute on function private.mine_only(uuid, text) to authenticated;

create function public.list_deals(
  p_org_id uuid default null,
  p_status text default 'open',
  p_stage text default null,
  p_owner text default 'mine',
  p_closing text default null,
  p_company_id uuid default null,
  p_contact_id uuid default null,
  p_sort text default 'closing',
  p_limit integer default 10,
  p_now timestamptz default now()
)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_org_id constant uuid := private.require_org(p_org_id);
  v_mine constant uuid := private.mine_only(v_org_id, p_owner);
  v_zone constant text := private.my_time_zone();
  v_today constant date := (p_now at time zone v_zone)::date;
  v_status constant text := nullif(p_status, 'all');
  v_stages uuid[];
  v_first date;
  v_last date;
  v_totals jsonb;
begin
  if p_status not in ('open', 'won', 'lost', 'all') or p_sort not in ('closing', 'amount', 'newest') then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  if p_stage is not null then
    v_stages := array(
      select s.id from public.deal_stages as s
      where s.org_id = v_org_id and (s.id::text = p_stage or private.name_words(s.name) = private.name_words(p_stage))
    );
  end if;
  if p_closing is not null then
    select b.first_day, b.last_day into v_first, v_last from private.closing_bounds(p_closing, v_today) as b;
  end if;
  v_totals := private.sum_deals(v_org_id, v_status, v_stages, v_mine, v_first, v_last, p_company_id, p_contact_id);
  return jsonb_build_object(
    'org_id', v_org_id, 'time_zone', v_zone, 'today', v_today,
    'filters', jsonb_build_object(
      'status', p_status, 'owner', p_owner, 'closing', p_closing, 'first_day', v_first, 'last_day', v_last,
      'sort', p_sort, 'stage', p_stage, 'is_known_stage', p_stage is null or cardinality(v_stages) > 0
    ),
    'stages', (
      select coalesce(jsonb_agg(s.name order by s.position, s.id), '[]')
      from public.deal_stages as s where s.org_id = v_org_id
    ),
    'total', (select coalesce(sum((t ->> 'count')::integer), 0) from jsonb_array_elements(v_totals) as t),
    'totals', v_totals,
    'deals', private.describe_deals(
      v_org_id,
      private.list_deal_ids(
        v_org_id, v_status, v_stages, v_mine, v_first, v_last, p_company_id, p_contact_id, p_sort,
        least(greatest(coalesce(p_limit, 10), 1), 50)
      ),
      p_now
    )
  );
end;
$$;
comment on function public.list_deals(uuid, text, text, text, text, uuid, uuid, text, integer, timestamptz) is
  'Deals by status (open, won, lost, all), stage (name or id), owner (mine: own and assigned; all) and closing period in the caller''s own zone (overdue, this_week, next_week, this_month, next_month, this_quarter, next_quarter), in an order (closing, amount, newest), with counts and sums by currency. Raises organization_not_found, no_active_organization or invalid_request.';
grant execute on function
  public.list_deals(uuid, text, text, text, text, uuid, uuid, text, integer, timestamptz) to authenticated;
