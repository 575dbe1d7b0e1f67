-- What the copilot looks up about a person's days: tasks, activities, emails, free time, recordings, and
-- everything that a brief of one meeting is made from. Each is one call with the caller's own rights:
-- row-level security decides what is there, these functions only put it together (U60-081, V-03).
-- Words in what they return are other people's; nothing here acts on them.

create function private.my_time_zone()
returns text
language sql stable set search_path = ''
as $$ select p.time_zone from public.profiles as p where p.id = (select private.current_user_id()) $$;
comment on function private.my_time_zone() is 'IANA zone in which the caller''s days begin and end.';
grant execute on function private.my_time_zone() to authenticated;

create function private.list_my_tasks(
  p_org_id uuid, p_filter text, p_deal_id uuid, p_contact_id uuid, p_company_id uuid, p_meeting_id uuid,
  p_now timestamptz
)
returns setof public.tasks
language plpgsql stable security invoker set search_path = ''
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
  'Tasks that the caller owns or is to do, as the filter says: open, overdue, due_today, due_this_week, completed or all. Days and weeks are the caller''s own. Raises invalid_request.';

create function private.describe_task(p_task public.tasks, p_now timestamptz, p_zone text)
returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object(
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
    ),
    'deal', (
      select jsonb_build_object('id', d.id, 'name', d.name)
      from public.deals as d where d.org_id = p_task.org_id and d.id = p_task.deal_id
    ),
    'contact', (
      select jsonb_build_object('id', k.id, 'name', coalesce(nullif(concat_ws(' ', k.first_name, k.last_name), ''), k.email))
      from public.contacts as k where k.org_id = p_task.org_id and k.id = p_task.contact_id
    ),
    'company', (
      select jsonb_build_object('id', c.id, 'name', c.name)
      from public.companies as c where c.org_id = p_task.org_id and c.id = p_task.company_id
    ),
    'meeting', (
      select jsonb_build_object('id', m.id, 'name', m.title)
      from public.meetings as m where m.org_id = p_task.org_id and m.id = p_task.meeting_id
    )
  )
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
  private.describe_task(public.tasks, timestamptz, text),
  public.list_my_tasks(uuid, text, uuid, uuid, uuid, uuid, timestamptz, integer)
to authenticated;
