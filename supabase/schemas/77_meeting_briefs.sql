-- Everything that a brief of one meeting is made from, in one call with the caller's own rights: what is
-- planned, who takes part and what is known of them, what is being sold to them, what was said and
-- promised before (U60-010, U60-012, V-03). Every list has a limit; every entry has the id of its row.

create function private.brief_event(p_org_id uuid, p_event_id uuid, p_meeting_id uuid, p_zone text)
returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_event public.calendar_events;
  v_meeting public.meetings;
begin
  select e.* into v_event from public.calendar_events as e where e.org_id = p_org_id and e.id = p_event_id;
  select m.* into v_meeting from public.meetings as m where m.org_id = p_org_id and m.id = p_meeting_id;
  return jsonb_build_object(
    'calendar_event_id', v_event.id,
    'meeting_id', v_meeting.id,
    'title', coalesce(v_event.title, v_meeting.title),
    'start_time', coalesce(v_event.start_time, v_meeting.started_at),
    'end_time', coalesce(v_event.end_time, v_meeting.ended_at),
    'all_day', coalesce(v_event.all_day, false),
    'day', (coalesce(v_event.start_time, v_meeting.started_at) at time zone p_zone)::date,
    'location', left(v_event.location, 300),
    'description', left(v_event.description, 2000),
    'meeting_url', v_event.meeting_url,
    'share_url', v_meeting.share_url,
    'status', v_event.status,
    'response_status', v_event.response_status,
    'summary', left(v_meeting.summary, 3000)
  );
end;
$$;
comment on function private.brief_event(uuid, uuid, uuid, text) is
  'The meeting that a brief is about: as planned, as recorded, or both.';

create function private.brief_people(p_org_id uuid, p_event_id uuid, p_meeting_id uuid)
returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_user_id constant uuid := private.current_user_id();
  v_email text;
begin
  select p.email into v_email from public.profiles as p where p.id = v_user_id;
  return coalesce(
    (
      with raw as (
        select a.email, a.name, a.response_status, a.is_organizer, a.place
        from public.calendar_events as e
        cross join lateral private.people_of(e.attendees) as a
        where e.org_id = p_org_id and e.id = p_event_id and not a.is_self
        union all
        select a.email, a.name, null, a.is_organizer, row_number() over (order by a.is_organizer desc, a.name, a.email) as place
        from public.meeting_attendees as a
        where p_event_id is null and a.org_id = p_org_id and a.meeting_id = p_meeting_id
      )
      select jsonb_agg(
        jsonb_build_object(
          'name', coalesce(nullif(concat_ws(' ', k.first_name, k.last_name), ''), r.name),
          'email', r.email,
          'response_status', r.response_status,
          'is_organizer', r.is_organizer,
          'is_colleague', i.is_colleague,
          'contact_id', k.id,
          'job_title', k.job_title,
          'notes', left(k.notes, 500),
          'last_interaction_at', k.last_interaction_at,
          'company_id', coalesce(k.company_id, c.id)
        )
        order by i.is_colleague, r.place
      )
      from (
        select * from raw where raw.email is distinct from v_email order by raw.place limit 25
      ) as r
      cross join lateral (
        select exists (
          select
          from public.profiles as p
          join public.organization_members as m on m.org_id = p_org_id and m.user_id = p.id
          where p.email = r.email
        ) as is_colleague
      ) as i
      left join lateral (
        select k.id, k.first_name, k.last_name, k.job_title, k.notes, k.last_interaction_at, k.company_id
        from public.contacts as k
        where k.org_id = p_org_id and k.email = r.email
        order by k.user_id <> v_user_id, k.created_at, k.id
        limit 1
      ) as k on true
      left join lateral (
        select c.id
        from public.companies as c
        where c.org_id = p_org_id and c.domain = split_part(r.email, '@', 2) and not i.is_colleague
        order by c.created_at, c.id
        limit 1
      ) as c on true
    ),
    '[]'
  );
end;
$$;
comment on function private.brief_people(uuid, uuid, uuid) is
  'Everybody else in a meeting, people from outside first, each with what the caller may read of them. At most 25.';

create function private.brief_companies(p_org_id uuid, p_ids uuid[])
returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select coalesce(
      jsonb_agg(
        jsonb_build_object(
          'company_id', c.id, 'name', c.name, 'domain', c.domain, 'industry', c.industry,
          'employee_count', c.employee_count, 'notes', left(c.notes, 500)
        )
        order by c.name, c.id
      ),
      '[]'
    )
    from public.companies as c
    where c.org_id = p_org_id and c.id = any(p_ids)
  );
end;
$$;
comment on function private.brief_companies(uuid, uuid[]) is 'Companies by id, as far as the caller may read them.';

create function private.brief_deals(p_org_id uuid, p_company_ids uuid[], p_contact_ids uuid[], p_deal_id uuid)
returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(d.deal order by d.is_of_meeting desc, d.amount desc, d.id), '[]')
    from (
      select d.id, d.amount, d.id is not distinct from p_deal_id as is_of_meeting,
        jsonb_build_object(
          'deal_id', d.id, 'name', d.name, 'amount', d.amount, 'currency', d.currency, 'stage', s.name,
          'probability', coalesce(d.probability, s.win_probability), 'expected_close_on', d.expected_close_on,
          'next_step', d.next_step, 'stage_changed_at', d.stage_changed_at, 'company_id', d.company_id,
          'primary_contact_id', d.primary_contact_id,
          'is_mine', d.user_id = (select private.current_user_id()) or coalesce(d.assigned_to = (select private.current_user_id()), false)
        ) as deal
      from (
        select private.deals_with(p_org_id, p_company_ids, p_contact_ids) union select p_deal_id
      ) as o (id)
      cross join lateral (
        select w.* from public.deals as w where w.org_id = p_org_id and w.id = o.id and w.status = 'open' offset 0
      ) as d
      join public.deal_stages as s on s.org_id = d.org_id and s.id = d.stage_id
      order by is_of_meeting desc, d.amount desc, d.id
      limit 10
    ) as d
  );
end;
$$;
comment on function private.brief_deals(uuid, uuid[], uuid[], uuid) is
  'Open deals of these companies and contacts: the one that the meeting is about, then the largest first. At most 10.';

create function private.brief_history(p_org_id uuid, p_meeting_ids uuid[], p_zone text)
returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'meetings', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'meeting_id', m.id, 'title', m.title, 'started_at', m.started_at,
          'day', (m.started_at at time zone p_zone)::date, 'summary', left(m.summary, 1500)
        ) order by m.started_at desc, m.id), '[]')
        from public.meetings as m
        where m.org_id = p_org_id and m.id = any(p_meeting_ids)
      ),
      'action_items', (
        select coalesce(jsonb_agg(to_jsonb(i) - 'started_at' - 'seq' order by i.started_at desc, i.meeting_id, i.seq), '[]')
        from (
          select i.id as action_item_id, i.meeting_id, m.title as meeting_title, i.description, i.assignee_name,
            i.assignee_email, i.is_completed, m.started_at, i.seq
          from public.meeting_action_items as i
          join public.meetings as m on m.org_id = i.org_id and m.id = i.meeting_id
          where i.org_id = p_org_id and i.meeting_id = any(p_meeting_ids) and not i.is_completed
          order by m.started_at desc, i.meeting_id, i.seq
          limit 20
        ) as i
      ),
      'insights', (
        select coalesce(jsonb_agg(to_jsonb(i) - 'started_at' - 'seq' order by i.started_at desc, i.meeting_id, i.seq), '[]')
        from (
          select i.id as insight_id, i.meeting_id, m.title as meeting_title, i.kind, i.text, i.subject,
            i.assignee_name, i.due_text, i.due_on, m.started_at, i.seq
          from public.meeting_insights as i
          join public.meetings as m on m.org_id = i.org_id and m.id = i.meeting_id
          where i.org_id = p_org_id and i.meeting_id = any(p_meeting_ids)
          order by m.started_at desc, i.meeting_id, i.seq
          limit 30
        ) as i
      )
    )
  );
end;
$$;
comment on function private.brief_history(uuid, uuid[], text) is
  'What was said, promised and shown in these meetings: summaries, action items not done, insights.';

create function private.brief_contact(
  p_org_id uuid, p_emails text[], p_contact_ids uuid[], p_company_ids uuid[], p_deal_ids uuid[],
  p_now timestamptz, p_zone text
)
returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'activities', (
        select coalesce(jsonb_agg(to_jsonb(a) order by a.occurred_at desc, a.activity_id), '[]')
        from (
          select a.id as activity_id, a.kind, a.subject, left(a.details, 300) as details, a.occurred_at,
            a.contact_id, a.company_id, a.deal_id
          from private.activities_about(p_org_id, p_contact_ids, p_company_ids, p_deal_ids, p_now) as o (id)
          cross join lateral (
            select w.* from public.activities as w where w.org_id = p_org_id and w.id = o.id offset 0
          ) as a
          order by a.occurred_at desc, a.id
          limit 10
        ) as a
      ),
      'tasks', (
        select coalesce(jsonb_agg(private.describe_task(t.task, p_now, p_zone) order by t.due_at nulls last, t.id), '[]')
        from (
          select row(t.*)::public.tasks as task, t.due_at, t.id
          from private.tasks_about(p_org_id, p_contact_ids, p_company_ids, p_deal_ids) as o (id)
          cross join lateral (
            select w.* from public.tasks as w where w.org_id = p_org_id and w.id = o.id offset 0
          ) as t
          where t.status in ('open', 'in_progress') and (select private.current_user_id()) in (t.user_id, t.assigned_to)
          order by t.due_at nulls last, t.id
          limit 10
        ) as t
      ),
      'emails', (
        select coalesce(jsonb_agg(to_jsonb(e) order by e.sent_at desc, e.email_id), '[]')
        from (
          select e.id as email_id, e.thread_id, e.subject, e.direction, e.from_email, e.sent_at, e.contact_id
          from private.emails_about(p_org_id, p_contact_ids, p_deal_ids, p_emails, p_now) as o (id)
          cross join lateral (
            select w.* from public.emails as w where w.org_id = p_org_id and w.id = o.id offset 0
          ) as e
          order by e.sent_at desc, e.id
          limit 8
        ) as e
      )
    )
  );
end;
$$;
comment on function private.brief_contact(uuid, text[], uuid[], uuid[], uuid[], timestamptz, text) is
  'What passed between the organization and these people: last activities and emails (no bodies), and the caller''s own open tasks about them.';

create function private.known_competitors(p_org_id uuid)
returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return coalesce(
    (
      select jsonb_agg(jsonb_build_object(
        'name', left(c.name, 200), 'positioning', left(c.positioning, 1000)
      ) order by c.name)
      from public.org_knowledge as k
      cross join lateral jsonb_to_recordset(k.competitors) as c (name text, positioning text)
      where k.org_id = p_org_id and c.name <> ''
    ),
    '[]'
  );
end;
$$;
comment on function private.known_competitors(uuid) is
  'Competitors that the organization''s knowledge names, and how to stand beside each.';

create function private.place_of_brief(
  p_org_id uuid, p_calendar_event_id uuid, p_meeting_id uuid, p_which text, p_with text, p_now timestamptz
)
returns table (event_id uuid, meeting_id uuid)
language plpgsql stable set search_path = ''
as $$
begin
  if p_which not in ('next', 'last') then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  event_id := p_calendar_event_id;
  meeting_id := p_meeting_id;
  if event_id is null and meeting_id is null then
    if p_which = 'next' then
      event_id := private.next_real_event(p_org_id, p_with, p_now);
    else
      meeting_id := private.last_real_meeting(p_org_id, p_with, p_now);
    end if;
  elsif not exists (
    select from public.calendar_events as e where e.org_id = p_org_id and e.id = event_id
    union all
    select from public.meetings as m where event_id is null and m.org_id = p_org_id and m.id = meeting_id
  ) then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  if event_id is not null then
    select m.id into meeting_id
    from public.meetings as m
    where m.org_id = p_org_id and m.calendar_event_id = event_id
    order by m.started_at desc, m.id
    limit 1;
  elsif meeting_id is not null then
    -- The event is its owner's alone: of a colleague's meeting there is none.
    select e.id into event_id
    from public.meetings as m
    join public.calendar_events as e on e.org_id = m.org_id and e.id = m.calendar_event_id
    where m.org_id = p_org_id and m.id = place_of_brief.meeting_id;
  end if;
  return next;
end;
$$;
comment on function private.place_of_brief(uuid, uuid, uuid, text, text, timestamptz) is
  'The event and the recording that a brief is about: those given, or the caller''s next or last. Raises not_found or invalid_request.';

create function public.get_meeting_brief_data(
  p_org_id uuid default null,
  p_calendar_event_id uuid default null,
  p_meeting_id uuid default null,
  p_which text default 'next',
  p_with text default null,
  p_now timestamptz default now()
)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_org_id constant uuid := private.require_org(p_org_id);
  v_now constant timestamptz := coalesce(p_now, now());
  v_with constant text := nullif(trim(p_with), '');
  v_zone constant text := private.my_time_zone();
  v_place record;
  v_meeting public.meetings;
  v_event jsonb;
  v_people jsonb;
  v_deals jsonb;
  v_emails text[];
  v_contact_ids uuid[];
  v_company_ids uuid[];
  v_deal_ids uuid[];
  v_before timestamptz;
begin
  select p.* into v_place
  from private.place_of_brief(v_org_id, p_calendar_event_id, p_meeting_id, p_which, v_with, v_now) as p;
  if v_place.event_id is null and v_place.meeting_id is null then
    return jsonb_build_object('org_id', v_org_id, 'time_zone', v_zone, 'now', v_now, 'event', null);
  end if;
  select m.* into v_meeting from public.meetings as m where m.org_id = v_org_id and m.id = v_place.meeting_id;
  v_event := private.brief_event(v_org_id, v_place.event_id, v_place.meeting_id, v_zone);
  v_people := private.brief_people(v_org_id, v_place.event_id, v_place.meeting_id);
  -- Whom it is about: people from outside; among colleagues, the colleagues.
  select array_agg(p.email), array_agg(p.contact_id), array_agg(distinct p.company_id)
  into v_emails, v_contact_ids, v_company_ids
  from jsonb_to_recordset(v_people) as p (email text, is_colleague boolean, contact_id uuid, company_id uuid)
  where not p.is_colleague or not exists (
    select from jsonb_to_recordset(v_people) as o (is_colleague boolean) where not o.is_colleague
  );
  v_emails := array_remove(v_emails, null);
  v_contact_ids := array_remove(v_contact_ids, null);
  v_company_ids := array_remove(v_company_ids || v_meeting.company_id, null);
  v_deals := private.brief_deals(v_org_id, v_company_ids, v_contact_ids, v_meeting.deal_id);
  v_deal_ids := array(select d.deal_id from jsonb_to_recordset(v_deals) as d (deal_id uuid));
  v_before := least((v_event ->> 'start_time')::timestamptz, v_now);
  return jsonb_build_object(
    'org_id', v_org_id,
    'time_zone', v_zone,
    'now', v_now,
    'event', v_event,
    'people', v_people,
    'companies', private.brief_companies(v_org_id, v_company_ids),
    'deals', v_deals,
    'known_competitors', private.known_competitors(v_org_id)
  ) || jsonb_build_object(
    'outcome', private.brief_history(v_org_id, array_remove(array[v_place.meeting_id], null), v_zone) - 'meetings',
    'history', private.brief_history(
      v_org_id,
      array(
        select m.id
        from private.meetings_with(
          v_org_id, v_emails, v_contact_ids, v_company_ids, v_before, v_place.meeting_id
        ) as m
      ),
      v_zone
    )
  ) || private.brief_contact(v_org_id, v_emails, v_contact_ids, v_company_ids, v_deal_ids, v_now, v_zone);
end;
$$;
comment on function public.get_meeting_brief_data(uuid, uuid, uuid, text, text, timestamptz) is
  'What a brief of one meeting is made from: the meeting given, or the caller''s next one with others (p_which last: their last recorded one), with somebody if said. Its people, companies, open deals, outcome; what was said and promised before; activities, own tasks, emails without bodies. `event` is null where there is none. Raises organization_not_found, no_active_organization, not_found or invalid_request.';

grant execute on function
  private.brief_event(uuid, uuid, uuid, text),
  private.brief_people(uuid, uuid, uuid),
  private.brief_companies(uuid, uuid[]),
  private.brief_deals(uuid, uuid[], uuid[], uuid),
  private.brief_history(uuid, uuid[], text),
  private.brief_contact(uuid, text[], uuid[], uuid[], uuid[], timestamptz, text),
  private.known_competitors(uuid),
  private.place_of_brief(uuid, uuid, uuid, text, text, timestamptz),
  public.get_meeting_brief_data(uuid, uuid, uuid, text, text, timestamptz)
to authenticated;
