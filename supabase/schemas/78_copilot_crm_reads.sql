-- What the copilot reads of the CRM, a call a question: a contact, a company, a deal, lists of them.
-- Everything runs as the caller: row security decides what there is. Each answer carries the ids of
-- the rows it was made from. "Today" is the caller's own (C-24).

create function private.next_meeting_with(p_org_id uuid, p_emails text[], p_now timestamptz)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_user_id constant uuid := private.current_user_id();
begin
  return (
    select jsonb_build_object('calendar_event_id', e.id, 'title', e.title, 'start_time', e.start_time)
    from public.calendar_events as e
    where e.org_id = p_org_id and e.user_id = v_user_id
      and e.start_time >= p_now and e.start_time < p_now + interval '60 days' and e.status <> 'cancelled'
      and exists (
        select from jsonb_to_recordset(e.attendees) as a (email text) where lower(a.email) = any(p_emails)
      )
    order by e.start_time, e.id
    limit 1
  );
end;
$$;
comment on function private.next_meeting_with(uuid, text[], timestamptz) is
  'The next event of the caller''s own calendar with one of these addresses, within sixty days; null without one.';
grant execute on function private.next_meeting_with(uuid, text[], timestamptz) to authenticated;

create function private.describe_deals(p_org_id uuid, p_ids uuid[], p_now timestamptz)
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
          'id', d.id, 'name', d.name, 'amount', d.amount, 'currency', d.currency, 'status', d.status,
          'stage', jsonb_build_object('id', d.stage_id, 'name', s.name),
          'probability', coalesce(d.probability, s.win_probability),
          'weighted_amount', round(d.amount * coalesce(d.probability, s.win_probability) / 100, 2),
          'expected_close_on', d.expected_close_on, 'next_step', d.next_step, 'lost_reason', d.lost_reason,
          'stage_changed_at', d.stage_changed_at, 'closed_at', d.closed_at, 'created_at', d.created_at,
          'company', (
            select jsonb_build_object('id', c.id, 'name', c.name)
            from public.companies as c where c.org_id = p_org_id and c.id = d.company_id
          ),
          'contact', (
            select jsonb_build_object(
              'id', k.id,
              'name', coalesce(nullif(trim(coalesce(k.first_name, '') || ' ' || coalesce(k.last_name, '')), ''), k.email, 'Unnamed contact')
            )
            from public.contacts as k where k.org_id = p_org_id and k.id = d.primary_contact_id
          ),
          'owner_name', (
            select nullif(trim(coalesce(o.first_name, '') || ' ' || coalesce(o.last_name, '')), '')
            from public.profiles as o where o.id = d.user_id
          ),
          'is_own', d.user_id = v_user_id, 'is_assigned', coalesce(d.assigned_to = v_user_id, false),
          'last_activity', (
            select jsonb_build_object('table', l.source, 'id', l.id, 'at', l.at)
            from (
              (
                select 'activities' as source, a.id, a.occurred_at as at
                from public.activities as a
                where a.org_id = p_org_id and a.deal_id = d.id and a.occurred_at <= p_now
                order by a.occurred_at desc limit 1
              )
              union all
              (
                with own as materialized (
                  select m.id, m.started_at from public.meetings as m
                  where m.org_id = p_org_id and m.deal_id = d.id and m.started_at <= p_now
                )
                select 'meetings', w.id, w.started_at from own as w order by w.started_at desc, w.id limit 1
              )
              union all
              (
                select 'emails', e.id, e.sent_at
                from public.emails as e
                where e.org_id = p_org_id and e.deal_id = d.id and e.sent_at <= p_now
                order by e.sent_at desc limit 1
              )
            ) as l
            order by l.at desc, l.source, l.id limit 1
          )
        )
        order by i.position
      )
      from unnest(p_ids) with ordinality as i (id, position)
      -- Fenced, so that each is read by its id: left alone, the planner reads every deal of the stages.
      cross join lateral (select d.* from public.deals as d where d.org_id = p_org_id and d.id = i.id offset 0) as d
      cross join lateral (
        select s.name, s.win_probability from public.deal_stages as s
        where s.org_id = p_org_id and s.id = d.stage_id offset 0
      ) as s
    ),
    '[]'
  );
end;
$$;
comment on function private.describe_deals(uuid, uuid[], timestamptz) is
  'Deals in the order given, with stage, people and the last thing that happened, as far as the caller may read them.';
grant execute on function private.describe_deals(uuid, uuid[], timestamptz) to authenticated;

create function public.get_contact(p_contact_id uuid, p_org_id uuid default null, p_now timestamptz default now())
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_org_id constant uuid := private.require_org(p_org_id);
  v_user_id constant uuid := private.current_user_id();
  v_contact public.contacts;
begin
  select k.* into v_contact from public.contacts as k where k.org_id = v_org_id and k.id = p_contact_id;
  if v_contact.id is null then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  return jsonb_build_object(
    'org_id', v_org_id, 'time_zone', private.my_time_zone(),
    'contact', jsonb_build_object(
      'id', v_contact.id, 'first_name', v_contact.first_name, 'last_name', v_contact.last_name,
      'email', v_contact.email, 'phone', v_contact.phone, 'job_title', v_contact.job_title,
      'notes', left(v_contact.notes, 2000), 'last_interaction_at', v_contact.last_interaction_at,
      'owner_name', (
        select nullif(trim(coalesce(o.first_name, '') || ' ' || coalesce(o.last_name, '')), '')
        from public.profiles as o where o.id = v_contact.user_id
      ),
      'is_own', v_contact.user_id = v_user_id, 'is_assigned', coalesce(v_contact.assigned_to = v_user_id, false),
      'company', (
        select jsonb_build_object('id', c.id, 'name', c.name, 'domain', c.domain)
        from public.companies as c where c.org_id = v_org_id and c.id = v_contact.company_id
      )
    ),
    'deals', private.describe_deals(
      v_org_id,
      array(
        select d.id from public.deals as d
        where d.org_id = v_org_id and d.primary_contact_id = v_contact.id
        order by d.status = 'open' desc, d.created_at desc, d.id limit 5
      ),
      p_now
    ),
    'deals_total', (
      select count(*) from public.deals as d where d.org_id = v_org_id and d.primary_contact_id = v_contact.id
    ),
    'last_meeting', (
      with met as materialized (
        select m.id, m.title, m.started_at
        from private.meetings_with(v_org_id, v_contact.id, v_contact.email) as w (id)
        cross join lateral (select m.* from public.meetings as m where m.org_id = v_org_id and m.id = w.id offset 0) as m
        where m.started_at <= p_now
      )
      select jsonb_build_object('meeting_id', t.id, 'title', t.title, 'started_at', t.started_at)
      from met as t order by t.started_at desc, t.id limit 1
    ),
    'next_meeting', private.next_meeting_with(v_org_id, array[v_contact.email], p_now),
    'activities', coalesce(
      (
        select jsonb_agg(
          jsonb_build_object('id', a.id, 'kind', a.kind, 'subject', a.subject, 'occurred_at', a.occurred_at)
          order by a.occurred_at desc, a.id
        )
        from (
          select a.id, a.kind, a.subject, a.occurred_at
          from public.activities as a
          where a.org_id = v_org_id and a.contact_id = v_contact.id and a.occurred_at <= p_now
          order by a.occurred_at desc limit 5
        ) as a
      ),
      '[]'
    )
  );
end;
$$;
comment on function public.get_contact(uuid, uuid, timestamptz) is
  'A contact with company, deals, last and next meeting and latest activities, as far as the caller may read them. Raises not_found, organization_not_found or no_active_organization.';

create function public.get_company(p_company_id uuid, p_org_id uuid default null, p_now timestamptz default now())
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_org_id constant uuid := private.require_org(p_org_id);
  v_user_id constant uuid := private.current_user_id();
  v_company public.companies;
begin
  select c.* into v_company from public.companies as c where c.org_id = v_org_id and c.id = p_company_id;
  if v_company.id is null then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  return jsonb_build_object(
    'org_id', v_org_id, 'time_zone', private.my_time_zone(),
    'company', jsonb_build_object(
      'id', v_company.id, 'name', v_company.name, 'domain', v_company.domain, 'industry', v_company.industry,
      'employee_count', v_company.employee_count, 'notes', left(v_company.notes, 2000),
      'owner_name', (
        select nullif(trim(coalesce(o.first_name, '') || ' ' || coalesce(o.last_name, '')), '')
        from public.profiles as o where o.id = v_company.user_id
      ),
      'is_own', v_company.user_id = v_user_id, 'is_assigned', coalesce(v_company.assigned_to = v_user_id, false)
    ),
    'contacts', coalesce(
      (
        select jsonb_agg(
          jsonb_build_object(
            'id', k.id, 'job_title', k.job_title, 'email', k.email,
            'name', coalesce(nullif(trim(coalesce(k.first_name, '') || ' ' || coalesce(k.last_name, '')), ''), k.email, 'Unnamed contact')
          )
          order by k.last_interaction_at desc nulls last, k.id
        )
        from (
          -- Read by the company first, and put in order then.
          with own as materialized (
            select k.id, k.first_name, k.last_name, k.email, k.job_title, k.last_interaction_at
            from public.contacts as k
            where k.org_id = v_org_id and k.company_id = v_company.id
          )
          select o.* from own as o order by o.last_interaction_at desc nulls last, o.id limit 10
        ) as k
      ),
      '[]'
    ),
    'contacts_total', (
      select count(*) from public.contacts as k where k.org_id = v_org_id and k.company_id = v_company.id
    ),
    'deals', private.describe_deals(
      v_org_id,
      array(
        select d.id from public.deals as d
        where d.org_id = v_org_id and d.company_id = v_company.id
        order by d.status = 'open' desc, d.created_at desc, d.id limit 10
      ),
      p_now
    ),
    'deals_total', (
      select count(*) from public.deals as d where d.org_id = v_org_id and d.company_id = v_company.id
    ),
    'last_meeting', (
      with own as materialized (
        select m.id, m.title, m.started_at from public.meetings as m
        where m.org_id = v_org_id and m.company_id = v_company.id and m.started_at <= p_now
      )
      select jsonb_build_object('meeting_id', w.id, 'title', w.title, 'started_at', w.started_at)
      from own as w order by w.started_at desc, w.id limit 1
    ),
    'next_meeting', private.next_meeting_with(
      v_org_id,
      array(
        select k.email from public.contacts as k
        where k.org_id = v_org_id and k.company_id = v_company.id and k.email is not null limit 500
      ),
      p_now
    )
  );
end;
$$;
comment on function public.get_company(uuid, uuid, timestamptz) is
  'A company with its contacts, deals, last and next meeting, as far as the caller may read them. Raises not_found, organization_not_found or no_active_organization.';

create function public.get_deal(p_deal_id uuid, p_org_id uuid default null, p_now timestamptz default now())
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_org_id constant uuid := private.require_org(p_org_id);
  v_deal public.deals;
begin
  select d.* into v_deal from public.deals as d where d.org_id = v_org_id and d.id = p_deal_id;
  if v_deal.id is null then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  return jsonb_build_object(
    'org_id', v_org_id, 'time_zone', private.my_time_zone(),
    'today', (p_now at time zone private.my_time_zone())::date,
    'deal', private.describe_deals(v_org_id, array[v_deal.id], p_now) -> 0,
    'activities', coalesce(
      (
        select jsonb_agg(
          jsonb_build_object('id', a.id, 'kind', a.kind, 'subject', a.subject, 'occurred_at', a.occurred_at)
          order by a.occurred_at desc, a.id
        )
        from (
          select a.id, a.kind, a.subject, a.occurred_at
          from public.activities as a
          where a.org_id = v_org_id and a.deal_id = v_deal.id and a.occurred_at <= p_now
          order by a.occurred_at desc limit 5
        ) as a
      ),
      '[]'
    ),
    'tasks', coalesce(
      (
        select jsonb_agg(
          jsonb_build_object('id', t.id, 'title', t.title, 'due_at', t.due_at, 'priority', t.priority, 'status', t.status)
          order by t.due_at, t.id
        )
        from (
          -- Read by the deal first, and put in order then.
          with own as materialized (
            select t.id, t.title, t.due_at, t.priority, t.status
            from public.tasks as t
            where t.org_id = v_org_id and t.deal_id = v_deal.id and t.status in ('open', 'in_progress')
          )
          select o.* from own as o order by o.due_at, o.id limit 5
        ) as t
      ),
      '[]'
    ),
    'last_meeting', (
      with own as materialized (
        select m.id, m.title, m.started_at from public.meetings as m
        where m.org_id = v_org_id and m.deal_id = v_deal.id and m.started_at <= p_now
      )
      select jsonb_build_object('meeting_id', w.id, 'title', w.title, 'started_at', w.started_at)
      from own as w order by w.started_at desc, w.id limit 1
    ),
    'next_meeting', private.next_meeting_with(
      v_org_id,
      array(
        select k.email from public.contacts as k
        where k.org_id = v_org_id and k.id = v_deal.primary_contact_id
        union
        select k.email from public.contacts as k
        where k.org_id = v_org_id and k.company_id = v_deal.company_id and k.email is not null
        limit 500
      ),
      p_now
    )
  );
end;
$$;
comment on function public.get_deal(uuid, uuid, timestamptz) is
  'A deal with its stage, people, open tasks, latest activities, last and next meeting, as far as the caller may read them. Raises not_found, organization_not_found or no_active_organization.';

grant execute on function
  public.get_contact(uuid, uuid, timestamptz), public.get_company(uuid, uuid, timestamptz),
  public.get_deal(uuid, uuid, timestamptz)
to authenticated;
