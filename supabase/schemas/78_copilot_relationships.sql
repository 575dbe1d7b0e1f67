-- Contacts by words and by how long nobody spoke to them, and what a relationship's health is made of
-- (V-01): the rows only. The formula is in docs/relationship-health.md and in one place of the code.

create index contacts_org_id_last_interaction_at_idx on public.contacts (org_id, last_interaction_at desc nulls last, id)
include (user_id, assigned_to);

create function private.describe_contacts(p_org_id uuid, p_ids uuid[])
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_user_id constant uuid := private.current_user_id();
begin
  return coalesce(
    (
      select jsonb_agg(
        jsonb_build_object(
          'id', k.id,
          'name', coalesce(nullif(trim(coalesce(k.first_name, '') || ' ' || coalesce(k.last_name, '')), ''), k.email, 'Unnamed contact'),
          'job_title', k.job_title, 'email', k.email, 'last_interaction_at', k.last_interaction_at,
          'company', (
            select jsonb_build_object('id', c.id, 'name', c.name)
            from public.companies as c where c.org_id = p_org_id and c.id = k.company_id
          ),
          'owner_name', (
            select nullif(trim(coalesce(o.first_name, '') || ' ' || coalesce(o.last_name, '')), '')
            from public.profiles as o where o.id = k.user_id
          ),
          'is_own', k.user_id = v_user_id, 'is_assigned', coalesce(k.assigned_to = v_user_id, false)
        )
        order by i.position
      )
      from unnest(p_ids) with ordinality as i (id, position)
      -- Fenced, so that each is read by its id.
      cross join lateral (select k.* from public.contacts as k where k.org_id = p_org_id and k.id = i.id offset 0) as k
    ),
    '[]'
  );
end;
$$;
comment on function private.describe_contacts(uuid, uuid[]) is 'Contacts in the order given. As the caller.';
grant execute on function private.describe_contacts(uuid, uuid[]) to authenticated;

create function public.search_contacts(
  p_org_id uuid default null,
  p_query text default null,
  p_owner text default 'all',
  p_company_id uuid default null,
  p_quiet_days integer default null,
  p_limit integer default 10,
  p_now timestamptz default now()
)
returns jsonb
language plpgsql stable security invoker set search_path = '' set plan_cache_mode = 'force_custom_plan'
as $$
declare
  v_org_id constant uuid := private.require_org(p_org_id);
  v_mine constant uuid := private.mine_only(v_org_id, p_owner);
  v_limit constant integer := least(greatest(coalesce(p_limit, 10), 1), 50);
  v_quiet_before constant timestamptz := p_now - make_interval(days => p_quiet_days);
  v_found uuid[];
  v_ids uuid[];
  v_total bigint;
begin
  if p_quiet_days not between 1 and 3650 then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  if coalesce(trim(p_query), '') <> '' then
    v_found := array(
      select e.id
      from private.find_entities(v_org_id, private.reference_words(p_query), true, array['contact']) as e
    );
  end if;
  select count(*) into v_total
  from public.contacts as k
  where k.org_id = v_org_id and (v_found is null or k.id = any(v_found))
    and (v_mine is null or k.user_id = v_mine or k.assigned_to = v_mine)
    and (p_company_id is null or k.company_id = p_company_id)
    and (v_quiet_before is null or coalesce(k.last_interaction_at, k.created_at) <= v_quiet_before);
  if v_found is null and p_company_id is null then
    v_ids := array(
      select k.id
      from public.contacts as k
      where k.org_id = v_org_id and (v_mine is null or k.user_id = v_mine or k.assigned_to = v_mine)
        and (v_quiet_before is null or coalesce(k.last_interaction_at, k.created_at) <= v_quiet_before)
      order by k.last_interaction_at desc nulls last, k.id
      limit v_limit
    );
  else
    -- Few: read by what they have in common, and put in order then.
    v_ids := array(
      with few as materialized (
        select k.id, k.last_interaction_at
        from public.contacts as k
        where k.org_id = v_org_id and (v_found is null or k.id = any(v_found))
          and (v_mine is null or k.user_id = v_mine or k.assigned_to = v_mine)
          and (p_company_id is null or k.company_id = p_company_id)
          and (v_quiet_before is null or coalesce(k.last_interaction_at, k.created_at) <= v_quiet_before)
      )
      select f.id from few as f order by f.last_interaction_at desc nulls last, f.id limit v_limit
    );
  end if;
  return jsonb_build_object(
    'org_id', v_org_id, 'time_zone', private.my_time_zone(),
    'filters', jsonb_build_object(
      'query', nullif(trim(p_query), ''), 'owner', p_owner, 'company_id', p_company_id, 'quiet_days', p_quiet_days
    ),
    'total', v_total, 'contacts', private.describe_contacts(v_org_id, v_ids)
  );
end;
$$;
comment on function public.search_contacts(uuid, text, text, uuid, integer, integer, timestamptz) is
  'Contacts by the words of their name, address or company (at most forty are looked at), by owner (mine, all), company, and days without an interaction; the latest interaction first. Raises organization_not_found, no_active_organization or invalid_request.';
grant execute on function public.search_contacts(uuid, text, text, uuid, integer, integer, timestamptz) to authenticated;

create function private.list_touches(p_org_id uuid, p_contact_id uuid, p_email text, p_now timestamptz)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_since constant timestamptz := p_now - interval '90 days';
begin
  return coalesce(
    (
      select jsonb_agg(
        jsonb_build_object('table', t.source, 'id', t.id, 'at', t.at, 'is_theirs', t.is_theirs) order by t.at desc, t.id
      )
      from (
        (
          with met as materialized (
            select m.id, m.started_at
            from private.meetings_with(p_org_id, p_contact_id, p_email) as w (id)
            cross join lateral (select m.* from public.meetings as m where m.org_id = p_org_id and m.id = w.id offset 0) as m
            where m.started_at > v_since and m.started_at <= p_now
          )
          select 'meetings' as source, l.id, l.started_at as at, true as is_theirs
          from met as l order by l.started_at desc, l.id limit 50
        )
        union all
        (
          select 'emails', e.id, e.sent_at, e.direction = 'inbound'
          from public.emails as e
          where e.org_id = p_org_id and e.contact_id = p_contact_id and e.sent_at > v_since and e.sent_at <= p_now
          order by e.sent_at desc limit 50
        )
        union all
        (
          -- What was noted about a meeting that stands there itself is the same touch.
          select 'activities', a.id, a.occurred_at, false
          from public.activities as a
          where a.org_id = p_org_id and a.contact_id = p_contact_id
            and a.occurred_at > v_since and a.occurred_at <= p_now
            and a.kind in ('call', 'email', 'meeting', 'proposal')
            and (
              a.meeting_id is null
              or a.meeting_id not in (select w.id from private.meetings_with(p_org_id, p_contact_id, p_email) as w (id))
            )
          order by a.occurred_at desc limit 50
        )
      ) as t
    ),
    '[]'
  );
end;
$$;
comment on function private.list_touches(uuid, uuid, text, timestamptz) is
  'Meetings, emails, calls and the like with a contact in ninety days, at most fifty of each source. As the caller.';
grant execute on function private.list_touches(uuid, uuid, text, timestamptz) to authenticated;

create function public.get_relationship_signals(
  p_contact_id uuid, p_org_id uuid default null, p_now timestamptz default now()
)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_org_id constant uuid := private.require_org(p_org_id);
  v_email text;
  v_contact jsonb;
begin
  v_contact := private.describe_contacts(v_org_id, array[p_contact_id]) -> 0;
  if v_contact is null then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  v_email := v_contact ->> 'email';
  return jsonb_build_object(
    'org_id', v_org_id, 'time_zone', private.my_time_zone(), 'now', p_now, 'contact', v_contact,
    'touches', private.list_touches(v_org_id, p_contact_id, v_email, p_now),
    'sentiments', coalesce(
      (
        select jsonb_agg(
          jsonb_build_object('meeting_id', s.id, 'at', s.started_at, 'sentiment', s.sentiment) order by s.started_at desc, s.id
        )
        from (
          with met as materialized (
            select m.id, m.started_at, n.sentiment
            from private.meetings_with(v_org_id, p_contact_id, v_email) as w (id)
            cross join lateral (select m.* from public.meetings as m where m.org_id = v_org_id and m.id = w.id offset 0) as m
            join public.meeting_analyses as n on n.org_id = m.org_id and n.meeting_id = m.id
            where n.sentiment is not null and m.started_at > p_now - interval '90 days' and m.started_at <= p_now
          )
          select l.id, l.started_at, l.sentiment from met as l order by l.started_at desc, l.id limit 3
        ) as s
      ),
      '[]'
    ),
    'next_meeting', private.next_meeting_with(v_org_id, array[v_email], p_now),
    'open_deals', coalesce(
      (
        select jsonb_agg(
          jsonb_build_object('id', d.id, 'name', d.name, 'stage_changed_at', d.stage_changed_at) order by d.stage_changed_at desc, d.id
        )
        from (
          -- Read by the contact first, and put in order then.
          with own as materialized (
            select d.id, d.name, d.stage_changed_at from public.deals as d
            where d.org_id = v_org_id and d.primary_contact_id = p_contact_id and d.status = 'open'
          )
          select o.id, o.name, o.stage_changed_at from own as o order by o.stage_changed_at desc, o.id limit 10
        ) as d
      ),
      '[]'
    ),
    'overdue_tasks', coalesce(
      (
        select jsonb_agg(jsonb_build_object('id', t.id, 'title', t.title, 'due_at', t.due_at) order by t.due_at, t.id)
        from (
          with own as materialized (
            select t.id, t.title, t.due_at from public.tasks as t
            where t.org_id = v_org_id and t.contact_id = p_contact_id and t.status in ('open', 'in_progress') and t.due_at < p_now
          )
          select o.id, o.title, o.due_at from own as o order by o.due_at, o.id limit 10
        ) as t
      ),
      '[]'
    )
  );
end;
$$;
comment on function public.get_relationship_signals(uuid, uuid, timestamptz) is
  'What the health of a relationship is computed from: touches and moods of ninety days, the next meeting, open deals, overdue tasks, as far as the caller may read them. Raises not_found, organization_not_found or no_active_organization.';
grant execute on function public.get_relationship_signals(uuid, uuid, timestamptz) to authenticated;
