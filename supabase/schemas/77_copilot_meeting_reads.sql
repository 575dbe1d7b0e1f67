-- What the copilot looks up about a person's days: tasks, activities, emails, free time, recordings, and
-- everything that a brief of one meeting is made from. Each is one call with the caller's own rights:
-- row-level security decides what is there, these functions only put it together (U60-081, V-03).
-- Words in what they return are other people's; nothing here acts on them.

create function private.my_time_zone()
returns text
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select p.time_zone from public.profiles as p where p.id = (select private.current_user_id())
  );
end;
$$;
comment on function private.my_time_zone() is 'IANA zone in which the caller''s days begin and end.';
grant execute on function private.my_time_zone() to authenticated;

create function private.list_my_tasks(
  p_org_id uuid, p_filter text, p_deal_id uuid, p_contact_id uuid, p_company_id uuid, p_meeting_id uuid,
  p_now timestamptz
)
returns setof public.tasks
language plpgsql stable security invoker set search_path = '' set plan_cache_mode = 'force_custom_plan'
as $$
declare
  v_user_id constant uuid := private.current_user_id();
  v_zone constant text := private.my_time_zone();
  v_today record;
  v_week record;
begin
  if p_filter not in ('open', 'overdue', 'due_today', 'due_this_week', 'completed', 'all') then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  select b.* into v_today from private.period_bounds('today', null, p_now, v_zone) as b;
  select b.* into v_week from private.period_bounds('this_week', null, p_now, v_zone) as b;
  return query
    select t.*
    from public.tasks as t
    where t.org_id = p_org_id
      and (t.user_id = v_user_id or t.assigned_to = v_user_id)
      and (p_deal_id is null or t.deal_id = p_deal_id)
      and (p_contact_id is null or t.contact_id = p_contact_id)
      and (p_company_id is null or t.company_id = p_company_id)
      and (p_meeting_id is null or t.meeting_id = p_meeting_id)
      and case p_filter
        when 'all' then true
        when 'completed' then t.status = 'done'
        else t.status in ('open', 'in_progress') and case p_filter
          when 'overdue' then t.due_at < p_now
          when 'due_today' then t.due_at >= v_today.starts_at and t.due_at < v_today.ends_at
          when 'due_this_week' then t.due_at >= v_week.starts_at and t.due_at < v_week.ends_at
          else true
        end
      end;
end;
$$;
comment on function private.list_my_tasks(uuid, text, uuid, uuid, uuid, uuid, timestamptz) is
  'Tasks that the caller owns or is to do, as the filter says: open, overdue, due_today, due_this_week, completed or all. Days and weeks are the caller''s own. Planned anew for each question, by what is asked. Raises invalid_request.';

create function private.describe_subjects(
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
comment on function private.describe_subjects(uuid, uuid, uuid, uuid, uuid) is
  'What something is about: id and name of each row that the caller may read, null for the rest.';

create function private.describe_task(p_task public.tasks, p_now timestamptz, p_zone text)
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
comment on function private.describe_task(public.tasks, timestamptz, text) is
  'A task with the names of what it is about, as far as the caller may read them.';

create function public.list_my_tasks(
  p_org_id uuid default null,
  p_filter text default 'open',
  p_deal_id uuid default null,
  p_contact_id uuid default null,
  p_company_id uuid default null,
  p_meeting_id uuid default null,
  p_now timestamptz default now(),
  p_limit integer default 20
)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_org_id constant uuid := private.require_org(p_org_id);
  v_now constant timestamptz := coalesce(p_now, now());
  v_zone constant text := private.my_time_zone();
begin
  return (
    with found as (
      select t,
        row_number() over (
          order by t.completed_at desc nulls first, t.due_at nulls last,
            array_position(array['urgent', 'high', 'normal', 'low'], t.priority), t.created_at, t.id
        ) as position
      from private.list_my_tasks(
        v_org_id, p_filter, p_deal_id, p_contact_id, p_company_id, p_meeting_id, v_now
      ) as t
    )
    select jsonb_build_object(
      'org_id', v_org_id,
      'filter', p_filter,
      'time_zone', v_zone,
      'now', v_now,
      'total', (select count(*) from found),
      'overdue', (
        select count(*) from found as f
        where (f.t).status in ('open', 'in_progress') and (f.t).due_at < v_now
      ),
      'tasks', coalesce(
        (
          select jsonb_agg(private.describe_task(f.t, v_now, v_zone) order by f.position)
          from found as f
          where f.position <= least(greatest(coalesce(p_limit, 20), 1), 50)
        ),
        '[]'
      )
    )
  );
end;
$$;
comment on function public.list_my_tasks(uuid, text, uuid, uuid, uuid, uuid, timestamptz, integer) is
  'Tasks that the caller owns or is to do, the next due first; the last completed first. Filters: open, overdue, due_today, due_this_week, completed, all; besides, what they are about. Raises organization_not_found, no_active_organization or invalid_request.';
grant execute on function
  private.list_my_tasks(uuid, text, uuid, uuid, uuid, uuid, timestamptz),
  private.describe_subjects(uuid, uuid, uuid, uuid, uuid),
  private.describe_task(public.tasks, timestamptz, text),
  public.list_my_tasks(uuid, text, uuid, uuid, uuid, uuid, timestamptz, integer)
to authenticated;

create function private.find_activities(
  p_org_id uuid, p_contact_id uuid, p_company_id uuid, p_deal_id uuid, p_meeting_id uuid, p_kind text,
  p_only_mine boolean, p_since timestamptz, p_now timestamptz
)
returns setof public.activities
language plpgsql stable security invoker set search_path = '' set plan_cache_mode = 'force_custom_plan'
as $$
declare
  -- Where nothing is shared there is nothing but one's own: an index of it, instead of a filter.
  v_owner_id constant uuid := case
    when p_only_mine or not p_org_id = any(private.my_shared_orgs('crm')) then private.current_user_id()
  end;
begin
  return query
    select a.*
    from public.activities as a
    where a.org_id = p_org_id and a.occurred_at <= p_now
      and (p_since is null or a.occurred_at >= p_since)
      and (p_contact_id is null or a.contact_id = p_contact_id)
      and (p_company_id is null or a.company_id = p_company_id)
      and (p_deal_id is null or a.deal_id = p_deal_id)
      and (p_meeting_id is null or a.meeting_id = p_meeting_id)
      and (p_kind is null or a.kind = p_kind)
      and (v_owner_id is null or a.user_id = v_owner_id)
    order by a.occurred_at desc, a.id
    limit 500;
end;
$$;
comment on function private.find_activities(uuid, uuid, uuid, uuid, uuid, text, boolean, timestamptz, timestamptz) is
  'What happened with somebody or something, the latest first; at most 500. Planned anew for each question, by what is asked.';

create function private.describe_activity(p_activity public.activities, p_zone text)
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
comment on function private.describe_activity(public.activities, text) is
  'An activity with the names of what it is about, as far as the caller may read them.';

create function public.list_activities(
  p_org_id uuid default null,
  p_contact_id uuid default null,
  p_company_id uuid default null,
  p_deal_id uuid default null,
  p_meeting_id uuid default null,
  p_kind text default null,
  p_only_mine boolean default false,
  p_since timestamptz default null,
  p_now timestamptz default now(),
  p_limit integer default 20
)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_org_id constant uuid := private.require_org(p_org_id);
  v_now constant timestamptz := coalesce(p_now, now());
  v_zone constant text := private.my_time_zone();
begin
  return (
    with found as (
      select a as activity, row_number() over (order by a.occurred_at desc, a.id) as place
      from private.find_activities(
        v_org_id, p_contact_id, p_company_id, p_deal_id, p_meeting_id, p_kind,
        coalesce(p_only_mine, false), p_since, v_now
      ) as a
    )
    select jsonb_build_object(
      'org_id', v_org_id,
      'time_zone', v_zone,
      'now', v_now,
      'total', (select count(*) from found),
      'activities', coalesce(
        (
          select jsonb_agg(private.describe_activity(f.activity, v_zone) order by f.place)
          from found as f
          where f.place <= least(greatest(coalesce(p_limit, 20), 1), 50)
        ),
        '[]'
      )
    )
  );
end;
$$;
comment on function public.list_activities(uuid, uuid, uuid, uuid, uuid, text, boolean, timestamptz, timestamptz, integer) is
  'Activities that the caller may read, the latest first, with the names of what they are about; `total` is counted up to 500. Raises organization_not_found or no_active_organization.';

create function public.find_recordings(
  p_org_id uuid default null,
  p_recording_id uuid default null,
  p_meeting_id uuid default null,
  p_calendar_event_id uuid default null,
  p_now timestamptz default now(),
  p_limit integer default 5
)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_org_id constant uuid := private.require_org(p_org_id);
  v_user_id constant uuid := private.current_user_id();
  v_is_any constant boolean := num_nonnulls(p_recording_id, p_meeting_id, p_calendar_event_id) = 0;
begin
  if not v_is_any and not exists (
    select from public.recordings as r where r.org_id = v_org_id and r.id = p_recording_id
    union all
    select from public.meetings as m where m.org_id = v_org_id and m.id = p_meeting_id
    union all
    select from public.calendar_events as e where e.org_id = v_org_id and e.id = p_calendar_event_id
  ) then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  return jsonb_build_object(
    'org_id', v_org_id,
    'time_zone', private.my_time_zone(),
    'recordings', coalesce(
      (
        select jsonb_agg(private.describe_recording(f.recording) order by f.starts_at desc, f.id)
        from (
          select r as recording, r.scheduled_start_at as starts_at, r.id
          from public.recordings as r
          where r.org_id = v_org_id
            and r.id in (
              select o.id from public.recordings as o where o.org_id = v_org_id and o.id = p_recording_id
              union
              select o.id from public.recordings as o where o.org_id = v_org_id and o.meeting_id = p_meeting_id
              union
              select o.id from public.recordings as o where o.org_id = v_org_id and o.calendar_event_id = p_calendar_event_id
              union
              -- Asked for none in particular: the caller's own, those of the next hours included.
              select o.id
              from (
                select o.id from public.recordings as o
                where v_is_any and o.org_id = v_org_id and o.owner_user_id = v_user_id
                  and o.scheduled_start_at < coalesce(p_now, now()) + interval '12 hours'
                order by o.scheduled_start_at desc
                limit 20
              ) as o
            )
          order by r.scheduled_start_at desc, r.id
          limit least(greatest(coalesce(p_limit, 5), 1), 20)
        ) as f
      ),
      '[]'
    )
  );
end;
$$;
comment on function public.find_recordings(uuid, uuid, uuid, uuid, timestamptz, integer) is
  'Recordings by id, meeting or calendar event, or the caller''s own latest; states and codes, never where files are. Raises organization_not_found, no_active_organization, or not_found for what the caller may not read.';
grant execute on function
  private.find_activities(uuid, uuid, uuid, uuid, uuid, text, boolean, timestamptz, timestamptz),
  private.describe_activity(public.activities, text),
  public.list_activities(uuid, uuid, uuid, uuid, uuid, text, boolean, timestamptz, timestamptz, integer),
  public.find_recordings(uuid, uuid, uuid, uuid, timestamptz, integer)
to authenticated;
