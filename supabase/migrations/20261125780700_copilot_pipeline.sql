-- The pipeline in figures, and the deals at risk by published rules (U60-079). As the caller: row
-- security decides what is counted. Amounts are added within a currency only; days are the caller's.

create index deals_org_id_stage_changed_at_idx on public.deals (org_id, stage_changed_at desc)
include (user_id, assigned_to);
create index meeting_analyses_org_id_negative_idx on public.meeting_analyses (org_id, meeting_id)
where sentiment = 'negative';

create function private.list_deal_changes(p_org_id uuid, p_mine uuid, p_since timestamptz, p_now timestamptz)
returns jsonb
language plpgsql stable security invoker set search_path = '' set plan_cache_mode = 'force_custom_plan'
as $$
begin
  return jsonb_build_object(
    'since', p_since,
    'totals', coalesce(
      (
        select jsonb_agg(to_jsonb(t) order by t.change, t.currency)
        from (
          select case when d.status <> 'open' then d.status when d.created_at >= p_since then 'created' else 'moved' end as change,
            d.currency, count(*) as count, sum(d.amount) as amount
          from public.deals as d
          where d.org_id = p_org_id and d.stage_changed_at >= p_since and d.stage_changed_at <= p_now
            and (p_mine is null or d.user_id = p_mine or d.assigned_to = p_mine)
          group by 1, 2
        ) as t
      ),
      '[]'
    ),
    'deals', coalesce(
      (
        select jsonb_agg(to_jsonb(l) order by l.at desc, l.id)
        from (
          select d.id, d.name, d.amount, d.currency, s.name as stage, d.stage_changed_at as at,
            case when d.status <> 'open' then d.status when d.created_at >= p_since then 'created' else 'moved' end as change
          from public.deals as d
          cross join lateral (
            select t.name from public.deal_stages as t where t.org_id = p_org_id and t.id = d.stage_id offset 0
          ) as s
          where d.org_id = p_org_id and d.stage_changed_at >= p_since and d.stage_changed_at <= p_now
            and (p_mine is null or d.user_id = p_mine or d.assigned_to = p_mine)
          order by d.stage_changed_at desc limit 10
        ) as l
      ),
      '[]'
    )
  );
end;
$$;
comment on function private.list_deal_changes(uuid, uuid, timestamptz, timestamptz) is
  'Deals created, moved, won or lost since then: counts by currency, and the latest ten. As the caller.';
grant execute on function private.list_deal_changes(uuid, uuid, timestamptz, timestamptz) to authenticated;

create function private.sum_pipeline(p_org_id uuid, p_mine uuid, p_today date)
returns table (
  stage_id uuid, currency text, closing text, count bigint, amount numeric, weighted_amount numeric
)
language plpgsql stable security invoker set search_path = '' set plan_cache_mode = 'force_custom_plan'
as $$
begin
  return query
  with bounds as materialized (
    select k.key, b.first_day, b.last_day
    from unnest(array['overdue', 'this_month', 'this_quarter']) as k (key)
    cross join lateral private.closing_bounds(k.key, p_today) as b
  ),
  -- One pass over the deals, by whose they are, and not by every stage there is.
  chosen as materialized (
    select d.stage_id, d.currency, d.expected_close_on, d.amount, d.probability
    from public.deals as d
    where d.org_id = p_org_id and d.status = 'open'
      and (p_mine is null or d.user_id = p_mine or d.assigned_to = p_mine)
  ),
  groups as materialized (
    select c.stage_id, c.currency, c.expected_close_on, count(*) as count, sum(c.amount) as amount,
      sum(round(c.amount * coalesce(c.probability, s.win_probability) / 100, 2)) as weighted_amount
    from chosen as c
    join public.deal_stages as s on s.org_id = p_org_id and s.id = c.stage_id
    group by c.stage_id, c.currency, c.expected_close_on
  )
  select g.stage_id, g.currency, null, sum(g.count)::bigint, sum(g.amount), sum(g.weighted_amount)
  from groups as g group by g.stage_id, g.currency
  union all
  select null, g.currency, b.key, sum(g.count)::bigint, sum(g.amount), sum(g.weighted_amount)
  from groups as g
  join bounds as b
    on g.expected_close_on <= b.last_day and (b.first_day is null or g.expected_close_on >= b.first_day)
  group by g.currency, b.key;
end;
$$;
comment on function private.sum_pipeline(uuid, uuid, date) is
  'Open deals by stage and currency, and by closing period and currency. As the caller.';
grant execute on function private.sum_pipeline(uuid, uuid, date) to authenticated;

create function public.get_pipeline_summary(
  p_org_id uuid default null, p_owner text default 'mine', p_now timestamptz default now()
)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_org_id constant uuid := private.require_org(p_org_id);
  v_mine constant uuid := private.mine_only(v_org_id, p_owner);
  v_zone constant text := private.my_time_zone();
  v_today constant date := (p_now at time zone v_zone)::date;
  v_result jsonb;
begin
  with sums as materialized (
    select s.*, jsonb_build_object(
      'currency', s.currency, 'count', s.count, 'amount', s.amount, 'weighted_amount', s.weighted_amount
    ) as total
    from private.sum_pipeline(v_org_id, v_mine, v_today) as s
  )
  select jsonb_build_object(
    'org_id', v_org_id, 'time_zone', v_zone, 'today', v_today, 'owner', p_owner,
    'stages', coalesce(
      (
        select jsonb_agg(
          jsonb_build_object(
            'id', s.id, 'name', s.name, 'win_probability', s.win_probability,
            'totals', coalesce((select jsonb_agg(t.total order by t.currency) from sums as t where t.stage_id = s.id), '[]')
          )
          order by s.position, s.id
        )
        from public.deal_stages as s where s.org_id = v_org_id and s.kind = 'open'
      ),
      '[]'
    ),
    'totals', coalesce(
      (
        select jsonb_agg(to_jsonb(t) order by t.count desc, t.currency)
        from (
          select o.currency, sum(o.count) as count, sum(o.amount) as amount, sum(o.weighted_amount) as weighted_amount
          from sums as o where o.stage_id is not null group by o.currency
        ) as t
      ),
      '[]'
    ),
    'closing', (
      select jsonb_agg(
        jsonb_build_object(
          'period', k.key, 'first_day', b.first_day, 'last_day', b.last_day,
          'totals', coalesce((select jsonb_agg(t.total order by t.currency) from sums as t where t.closing = k.key), '[]')
        )
        order by k.position
      )
      from unnest(array['overdue', 'this_month', 'this_quarter']) with ordinality as k (key, position)
      cross join lateral private.closing_bounds(k.key, v_today) as b
    ),
    'changes', private.list_deal_changes(v_org_id, v_mine, p_now - interval '7 days', p_now),
    -- What was counted, as far as it can be listed.
    'deal_ids', to_jsonb(
      private.list_deal_ids(v_org_id, 'open', null, v_mine, null, null, null, null, 'any', 200)
    )
  )
  into v_result;
  return v_result;
end;
$$;
comment on function public.get_pipeline_summary(uuid, text, timestamptz) is
  'Open deals by stage and currency, what closes this month and quarter in the caller''s own zone, what is overdue, and what changed in seven days. Owner: mine (own and assigned) or all. Raises organization_not_found, no_active_organization or invalid_request.';
grant execute on function public.get_pipeline_summary(uuid, text, timestamptz) to authenticated;

create function private.find_risks(p_org_id uuid, p_mine uuid, p_today date, p_now timestamptz)
returns table (
  deal_id uuid, is_inactive boolean, is_overdue boolean, is_negative boolean, is_stuck boolean,
  has_no_next_step boolean, has_no_meeting boolean, meeting_id uuid, expected_close_on date
)
language plpgsql stable security invoker set search_path = '' set plan_cache_mode = 'force_custom_plan'
as $$
declare
  v_user_id constant uuid := private.current_user_id();
  -- What is not shared is the caller's own: said here so that the planner knows.
  v_own_crm constant uuid := case when not p_org_id = any(private.my_shared_orgs('crm')) then v_user_id end;
  v_own_mail constant uuid := case when not p_org_id = any(private.my_shared_orgs('emails')) then v_user_id end;
begin
  return query
  with active as materialized (
    -- Seven days ago exactly is already too long ago.
    select a.deal_id as id from public.activities as a
    where a.org_id = p_org_id and a.occurred_at > p_now - interval '7 days' and a.occurred_at <= p_now
      and a.deal_id is not null and (v_own_crm is null or a.user_id = v_own_crm)
    union
    select m.deal_id from public.meetings as m
    where m.org_id = p_org_id and m.started_at > p_now - interval '7 days' and m.started_at <= p_now
      and m.deal_id is not null
    union
    select e.deal_id from public.emails as e
    where e.org_id = p_org_id and e.sent_at > p_now - interval '7 days' and e.sent_at <= p_now
      and e.deal_id is not null and (v_own_mail is null or e.user_id = v_own_mail)
  ),
  negative as materialized (
    select m.deal_id as id, m.id as meeting_id
    from public.meeting_analyses as n
    join public.meetings as m on m.org_id = n.org_id and m.id = n.meeting_id
    where n.org_id = p_org_id and n.sentiment = 'negative' and m.deal_id is not null and m.started_at <= p_now
      and not exists (
        select from public.meetings as l
        where l.org_id = p_org_id and l.deal_id = m.deal_id and l.started_at <= p_now
          and (l.started_at, l.id) > (m.started_at, m.id)
      )
  ),
  met as materialized (
    select distinct k.id, k.company_id
    from public.calendar_events as e
    cross join lateral jsonb_to_recordset(e.attendees) as a (email text)
    cross join lateral (
      select k.id, k.company_id from public.contacts as k where k.org_id = p_org_id and k.email = lower(a.email) offset 0
    ) as k
    where e.org_id = p_org_id and e.user_id = v_user_id
      and e.start_time >= p_now and e.start_time < p_now + interval '14 days' and e.status <> 'cancelled'
  )
  select d.id,
    d.stage_changed_at <= p_now - interval '7 days' and d.created_at <= p_now - interval '7 days'
      and d.id not in (select a.id from active as a),
    coalesce(d.expected_close_on < p_today, false),
    n.meeting_id is not null,
    d.stage_changed_at <= p_now - interval '30 days',
    coalesce(trim(d.next_step), '') = '',
    -- Nobody sees a colleague's calendar, so of their deals this is not said.
    (d.user_id = v_user_id or coalesce(d.assigned_to = v_user_id, false))
      and not exists (
        select from met as m where m.id = d.primary_contact_id or m.company_id = d.company_id
      ),
    n.meeting_id, d.expected_close_on
  from public.deals as d
  left join negative as n on n.id = d.id
  where d.org_id = p_org_id and d.status = 'open'
    and (p_mine is null or d.user_id = p_mine or d.assigned_to = p_mine);
end;
$$;
comment on function private.find_risks(uuid, uuid, date, timestamptz) is
  'Which of the rules each open deal breaks: nothing happened for 7 days, close date passed, last meeting negative, 30 days in one stage, no next step, no meeting planned within 14 days. As the caller, from what they may read.';
grant execute on function private.find_risks(uuid, uuid, date, timestamptz) to authenticated;

create function public.list_at_risk_deals(
  p_org_id uuid default null, p_owner text default 'mine', p_limit integer default 10, p_now timestamptz default now(),
  p_deal_id uuid default null
)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_org_id constant uuid := private.require_org(p_org_id);
  v_mine constant uuid := private.mine_only(v_org_id, p_owner);
  v_zone constant text := private.my_time_zone();
  v_today constant date := (p_now at time zone v_zone)::date;
  v_result jsonb;
begin
  with scored as materialized (
    select r.*,
      3 * r.is_inactive::integer + 3 * r.is_overdue::integer + 3 * r.is_negative::integer
        + 2 * r.is_stuck::integer + 2 * r.has_no_next_step::integer + r.has_no_meeting::integer as score
    from private.find_risks(v_org_id, v_mine, v_today, p_now) as r
    where p_deal_id is null or r.deal_id = p_deal_id
  ),
  -- That no meeting is planned says something only beside another reason.
  risky as materialized (select s.* from scored as s where s.score >= 2),
  page as materialized (
    select r.*, row_number() over (order by r.score desc, r.expected_close_on, r.deal_id) as position
    from risky as r
    order by r.score desc, r.expected_close_on, r.deal_id
    limit least(greatest(coalesce(p_limit, 10), 1), 50)
  ),
  described as materialized (
    select (d.deal ->> 'id')::uuid as id, d.deal
    from jsonb_array_elements(
      private.describe_deals(v_org_id, array(select g.deal_id from page as g order by g.position), p_now)
    ) as d (deal)
  )
  select jsonb_build_object(
    'org_id', v_org_id, 'time_zone', v_zone, 'today', v_today, 'now', p_now, 'owner', p_owner,
    'open_total', (select count(*) from scored),
    'total', (select count(*) from risky),
    'counts', (
      select jsonb_build_object(
        'inactive', count(*) filter (where r.is_inactive), 'close_date_passed', count(*) filter (where r.is_overdue),
        'negative_sentiment', count(*) filter (where r.is_negative), 'stage_stuck', count(*) filter (where r.is_stuck),
        'no_next_step', count(*) filter (where r.has_no_next_step),
        'no_meeting_planned', count(*) filter (where r.has_no_meeting)
      )
      from risky as r
    ),
    'deals', coalesce(
      (
        select jsonb_agg(
          jsonb_build_object(
            'deal', d.deal, 'score', g.score,
            'reasons', array_remove(array[
              case when g.is_inactive then 'inactive' end, case when g.is_overdue then 'close_date_passed' end,
              case when g.is_negative then 'negative_sentiment' end, case when g.is_stuck then 'stage_stuck' end,
              case when g.has_no_next_step then 'no_next_step' end, case when g.has_no_meeting then 'no_meeting_planned' end
            ], null),
            'negative_meeting', (
              select jsonb_build_object(
                'id', m.id, 'title', m.title, 'started_at', m.started_at, 'segment_ids', to_jsonb(n.sentiment_evidence[:5])
              )
              from public.meetings as m
              join public.meeting_analyses as n on n.org_id = m.org_id and n.meeting_id = m.id
              where m.org_id = v_org_id and m.id = g.meeting_id
            )
          )
          order by g.position
        )
        from page as g
        join described as d on d.id = g.deal_id
      ),
      '[]'
    )
  )
  into v_result;
  return v_result;
end;
$$;
comment on function public.list_at_risk_deals(uuid, text, integer, timestamptz, uuid) is
  'Open deals that break the rules of find_risks, the worst first, each with its reasons; one deal where its id is given. Weights: 3 for inactive, close date passed, negative last meeting; 2 for stuck stage, no next step; 1 for no meeting planned; from 2 on a deal is listed. Raises organization_not_found, no_active_organization or invalid_request.';
grant execute on function public.list_at_risk_deals(uuid, text, integer, timestamptz, uuid) to authenticated;
