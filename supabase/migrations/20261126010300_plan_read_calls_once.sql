-- As 20261126010000, for what the copilot reads: bodies in PL/pgSQL, whose plans are kept.

create or replace function private.my_busy_times(p_org_id uuid, p_starts_at timestamptz, p_ends_at timestamptz, p_zone text)
returns table (
  calendar_event_id uuid, title text, starts_at timestamptz, ends_at timestamptz, all_day boolean, is_tentative boolean
)
language plpgsql stable set search_path = ''
as $$
begin
  return query
  select b.id, b.title, b.starts_at, b.ends_at, b.all_day, b.is_tentative
  from (
    -- The same event in two calendars of one person is one event.
    select distinct on (coalesce(e.ical_uid, e.id::text), e.start_time)
      e.id, e.title, e.all_day,
      e.status = 'tentative' or coalesce(e.response_status in ('tentative', 'needsAction'), false) as is_tentative,
      case when e.all_day then (e.start_time at time zone coalesce(e.time_zone, p_zone))::date::timestamp at time zone p_zone
        else e.start_time end as starts_at,
      case when e.all_day then (e.end_time at time zone coalesce(e.time_zone, p_zone))::date::timestamp at time zone p_zone
        else e.end_time end as ends_at
    from public.calendar_events as e
    where e.org_id = p_org_id and e.user_id = (select private.current_user_id())
      and e.start_time >= p_starts_at - interval '31 days' and e.start_time < p_ends_at + interval '1 day'
      and e.status <> 'cancelled' and e.response_status is distinct from 'declined'
    order by coalesce(e.ical_uid, e.id::text), e.start_time, e.created_at
  ) as b
  where b.ends_at > b.starts_at and b.ends_at > p_starts_at and b.starts_at < p_ends_at;
end;
$$;

create or replace function private.free_times(
  p_first_day date, p_last_day date, p_zone text, p_starts_hour integer, p_ends_hour integer,
  p_with_weekends boolean, p_busy tstzmultirange, p_from timestamptz, p_minutes integer
)
returns table (day date, starts_at timestamptz, ends_at timestamptz)
language plpgsql stable set search_path = ''
as $$
begin
  return query
  select d.day, lower(f.free), upper(f.free)
  from (
    select g.day::date as day,
      tstzmultirange(tstzrange(
        (g.day + make_interval(hours => p_starts_hour)) at time zone p_zone,
        (g.day + make_interval(hours => p_ends_hour)) at time zone p_zone
      )) as hours
    from generate_series(p_first_day::timestamp, p_last_day::timestamp, interval '1 day') as g (day)
    where p_with_weekends or extract(isodow from g.day) < 6
  ) as d
  cross join lateral unnest(d.hours * tstzmultirange(tstzrange(p_from, null)) - p_busy) as f (free)
  where upper(f.free) - lower(f.free) >= make_interval(mins => p_minutes);
end;
$$;

create or replace function private.my_time_zone()
returns text
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select p.time_zone from public.profiles as p where p.id = (select private.current_user_id())
  );
end;
$$;

create or replace function private.describe_subjects(
  p_org_id uuid, p_deal_id uuid, p_contact_id uuid, p_company_id uuid, p_meeting_id uuid
)
returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return jsonb_build_object(
    'deal', (
      select jsonb_build_object('id', d.id, 'name', d.name)
      from public.deals as d where d.org_id = p_org_id and d.id = p_deal_id
    ),
    'contact', (
      select jsonb_build_object('id', k.id, 'name', coalesce(nullif(concat_ws(' ', k.first_name, k.last_name), ''), k.email))
      from public.contacts as k where k.org_id = p_org_id and k.id = p_contact_id
    ),
    'company', (
      select jsonb_build_object('id', c.id, 'name', c.name)
      from public.companies as c where c.org_id = p_org_id and c.id = p_company_id
    ),
    'meeting', (
      select jsonb_build_object('id', m.id, 'name', m.title)
      from public.meetings as m where m.org_id = p_org_id and m.id = p_meeting_id
    )
  );
end;
$$;

create or replace function private.describe_task(p_task public.tasks, p_now timestamptz, p_zone text)
returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return jsonb_build_object(
    'task_id', p_task.id,
    'title', p_task.title,
    'details', left(p_task.details, 500),
    'due_at', p_task.due_at,
    'due_day', (p_task.due_at at time zone p_zone)::date,
    'is_overdue', p_task.status in ('open', 'in_progress') and coalesce(p_task.due_at < p_now, false),
    'priority', p_task.priority,
    'status', p_task.status,
    'completed_at', p_task.completed_at,
    'is_mine_to_do', coalesce(p_task.assigned_to, p_task.user_id) = (select private.current_user_id()),
    'assignee_name', (
      select nullif(concat_ws(' ', p.first_name, p.last_name), '')
      from public.profiles as p where p.id = p_task.assigned_to
    )
  ) || private.describe_subjects(
    p_task.org_id, p_task.deal_id, p_task.contact_id, p_task.company_id, p_task.meeting_id
  );
end;
$$;

create or replace function private.describe_activity(p_activity public.activities, p_zone text)
returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return jsonb_build_object(
    'activity_id', p_activity.id,
    'kind', p_activity.kind,
    'subject', p_activity.subject,
    'details', left(p_activity.details, 500),
    'occurred_at', p_activity.occurred_at,
    'day', (p_activity.occurred_at at time zone p_zone)::date,
    'by_name', (
      select nullif(concat_ws(' ', p.first_name, p.last_name), '')
      from public.profiles as p where p.id = p_activity.user_id
    )
  ) || private.describe_subjects(
    p_activity.org_id, p_activity.deal_id, p_activity.contact_id, p_activity.company_id, p_activity.meeting_id
  );
end;
$$;

create or replace function private.describe_thread(p_email public.emails, p_limit integer)
returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (
    with messages as (
      select e.*, b.body_text, row_number() over (order by e.sent_at desc, e.id) as place
      from public.emails as e
      left join public.email_bodies as b on b.org_id = e.org_id and b.email_id = e.id
      where e.org_id = p_email.org_id and e.user_id = p_email.user_id
        -- A message without a thread stands alone.
        and case when p_email.thread_id is null then e.id = p_email.id else e.thread_id = p_email.thread_id end
    )
    select jsonb_build_object(
      'thread_id', p_email.thread_id,
      'subject', p_email.subject,
      'is_mine', p_email.user_id = (select private.current_user_id()),
      'last_sent_at', max(m.sent_at),
      'total', count(*),
      'contact', (
        select jsonb_build_object('id', k.id, 'name', coalesce(nullif(concat_ws(' ', k.first_name, k.last_name), ''), k.email))
        from public.contacts as k where k.org_id = p_email.org_id and k.id = p_email.contact_id
      ),
      'deal', (
        select jsonb_build_object('id', d.id, 'name', d.name)
        from public.deals as d where d.org_id = p_email.org_id and d.id = p_email.deal_id
      ),
      'messages', coalesce(
        jsonb_agg(
          jsonb_build_object(
            'email_id', m.id, 'direction', m.direction, 'from_email', m.from_email, 'to_emails', m.to_emails[:20],
            'cc_emails', m.cc_emails[:20], 'subject', m.subject, 'sent_at', m.sent_at,
            'body', left(coalesce(m.body_text, m.snippet), 4000),
            'is_cut', char_length(m.body_text) > 4000
          )
          order by m.sent_at, m.id
        ) filter (where m.place <= p_limit),
        '[]'
      )
    )
    from messages as m
  );
end;
$$;

create or replace function private.draft_rows_exist(
  p_org_id uuid, p_contact_id uuid, p_meeting_id uuid, p_calendar_event_id uuid, p_deal_id uuid
)
returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  return (p_contact_id is null or exists (
      select from public.contacts as k where k.org_id = p_org_id and k.id = p_contact_id
    ))
    and (p_meeting_id is null or exists (
      select from public.meetings as m where m.org_id = p_org_id and m.id = p_meeting_id
    ))
    and (p_calendar_event_id is null or exists (
      select from public.calendar_events as e where e.org_id = p_org_id and e.id = p_calendar_event_id
    ))
    and (p_deal_id is null or exists (
      select from public.deals as d where d.org_id = p_org_id and d.id = p_deal_id
    ));
end;
$$;

create or replace function private.people_of(p_attendees jsonb)
returns table (email text, name text, response_status text, is_organizer boolean, is_self boolean, place bigint)
language plpgsql immutable set search_path = ''
as $$
begin
  return query
  select lower(a.email), a.name, a.response_status, coalesce(a.organizer, false), coalesce(a.self, false), a.position
  from rows from (
    jsonb_to_recordset(p_attendees) as (
      email text, name text, response_status text, organizer boolean, self boolean, resource boolean
    )
  ) with ordinality as a (email, name, response_status, organizer, self, resource, position)
  where a.resource is not true;
end;
$$;

create or replace function private.companies_of(p_org_id uuid, p_emails text[], p_company_id uuid)
returns text[]
language plpgsql stable set search_path = ''
as $$
begin
  return array(
    select c.name from public.companies as c where c.org_id = p_org_id and c.id = p_company_id
    union
    select c.name
    from public.contacts as k
    join public.companies as c on c.org_id = k.org_id and c.id = k.company_id
    where k.org_id = p_org_id and k.email = any(p_emails)
    union
    select c.name
    from public.companies as c
    where c.org_id = p_org_id and c.domain in (select split_part(e.email, '@', 2) from unnest(p_emails) as e (email))
  );
end;
$$;

create or replace function private.next_real_event(p_org_id uuid, p_with text, p_now timestamptz)
returns uuid
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select e.id
    from public.calendar_events as e
    where e.org_id = p_org_id and e.user_id = (select private.current_user_id())
      and e.start_time >= p_now and e.start_time < p_now + interval '90 days'
      and e.attendees_count > 1 and not e.all_day
      and e.status <> 'cancelled' and e.response_status is distinct from 'declined'
      and (p_with is null or private.is_meeting_with(p_org_id, e.attendees, null, e.title, p_with))
    order by e.start_time, e.id
    limit 1
  );
end;
$$;

create or replace function private.last_real_meeting(p_org_id uuid, p_with text, p_now timestamptz)
returns uuid
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select m.id
    from public.meetings as m
    cross join lateral (
      select jsonb_agg(jsonb_build_object('name', a.name, 'email', a.email)) as people, count(*) as attendees_count
      from public.meeting_attendees as a
      where a.org_id = m.org_id and a.meeting_id = m.id
    ) as a
    where m.org_id = p_org_id and m.owner_user_id = (select private.current_user_id())
      and m.started_at <= p_now and m.started_at > p_now - interval '90 days'
      and a.attendees_count > 1
      and (p_with is null or private.is_meeting_with(p_org_id, a.people, m.company_id, m.title, p_with))
    order by m.started_at desc, m.id
    limit 1
  );
end;
$$;

create or replace function private.org_skill_settings(p_org_id uuid)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select coalesce(
      jsonb_agg(
        jsonb_build_object(
          'key', s.key, 'is_active', s.is_active, 'version', s.version, 'variables', s.variables,
          'document', s.document, 'document_sha256', s.document_sha256
        )
        order by s.key
      ),
      '[]'
    )
    from public.org_skills as s
    where s.org_id = p_org_id
  );
end;
$$;

create or replace function public.set_org_skill(
  p_org_id uuid, p_key text, p_is_active boolean default true, p_version integer default null,
  p_variables jsonb default '{}', p_document text default null
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.set_org_skill(p_org_id, p_key, p_is_active, p_version, p_variables, p_document);
end;
$$;

create or replace function private.describe_workflow_steps(p_execution public.workflow_executions, p_key bytea)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select coalesce(
      jsonb_agg(
        private.unseal(p_key, 'step:' || s.execution_id || ':' || s.position, s.output_sealed)::jsonb || jsonb_build_object(
          'id', s.step_id, 'position', s.position, 'kind', s.kind, 'action', s.action, 'args', s.args,
          'status', s.status, 'error_code', s.error_code, 'started_at', s.started_at, 'finished_at', s.finished_at
        )
        order by s.position
      ),
      '[]'
    )
    from public.workflow_steps as s
    where s.org_id = p_execution.org_id and s.execution_id = p_execution.id
  );
end;
$$;

create or replace function public.start_workflow(
  p_turn_id uuid, p_worker text, p_key text, p_version integer, p_document_sha256 text, p_inputs_sha256 text,
  p_inputs jsonb default '{}'
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.start_workflow(p_turn_id, p_worker, p_key, p_version, p_document_sha256, p_inputs_sha256, p_inputs);
end;
$$;

create or replace function public.save_workflow_step(p_execution_id uuid, p_worker text, p_step jsonb)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.save_workflow_step(p_execution_id, p_worker, p_step);
end;
$$;

create or replace function public.finish_workflow(
  p_execution_id uuid, p_worker text, p_status text, p_output jsonb default null,
  p_pending_action_id uuid default null, p_error_code text default null
)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.finish_workflow(p_execution_id, p_worker, p_status, p_output, p_pending_action_id, p_error_code);
end;
$$;

create or replace function public.read_workflow(p_execution_id uuid)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.read_workflow(p_execution_id);
end;
$$;
