-- Which meetings a bot is sent to, and what is known while it is being sent (U60-103 to U60-105, C-10).
-- Planning is one statement: whoever runs it, and however many at once, each meeting of an organization
-- gets one recording, whoever of its members hold the event. Sending happens outside, so it is a job;
-- what the job may do next is asked here each time, under the lock of the recording.

create table private.plan_limits (
  plan text primary key,
  daily_bots integer not null,
  constraint plan_limits_plan_is_known check (plan in ('free', 'team', 'enterprise')),
  constraint plan_limits_daily_bots_is_not_negative check (daily_bots >= 0)
);
comment on table private.plan_limits is 'What each plan includes.';
comment on column private.plan_limits.plan is '[class: operational] free, team or enterprise.';
comment on column private.plan_limits.daily_bots is '[class: operational] Bots of an organization for meetings of one day in its time zone, those that people send included.';

insert into private.plan_limits (plan, daily_bots) values ('free', 10), ('team', 50), ('enterprise', 500);

alter table private.plan_limits enable row level security;
alter table private.plan_limits force row level security;
revoke all on table private.plan_limits from anon, authenticated, service_role;

-- The scheduler asks for what is due in all organizations, so time comes first here.
create index calendar_events_due_idx on public.calendar_events (start_time)
where auto_join_enabled and not all_day and attendees_count > 1 and status <> 'cancelled' and meeting_url is not null;
create index recordings_org_id_meeting_key_idx on public.recordings (org_id, meeting_key);

create function private.meeting_platform(p_url text)
returns text
language plpgsql immutable set search_path = ''
as $$
declare
  v_host constant text := lower(substring(p_url from '^https://([A-Za-z0-9.-]+)(?:[:/?#]|$)'));
begin
  return case
    when v_host = 'meet.google.com' then 'meet'
    when v_host in ('teams.microsoft.com', 'teams.live.com') then 'teams'
    when v_host ~ '^([a-z0-9-]+\.)*zoom(gov)?\.(us|com)$' then 'zoom'
  end;
end;
$$;
comment on function private.meeting_platform(text) is 'zoom, meet or teams; null for an address where no bot can go.';

create function private.meeting_room(p_url text)
returns text
language plpgsql immutable set search_path = ''
as $$
begin
  -- Passwords and referrers stand behind the question mark.
  return rtrim(lower(substring(p_url from '^[^?#]*')), '/');
end;
$$;
comment on function private.meeting_room(text) is 'An address without what may differ between two invitations to one room.';

create function private.meeting_key(p_event public.calendar_events)
returns text
language plpgsql immutable set search_path = ''
as $$
begin
  return case
    -- An instance of a series keeps its original start in its id, wherever it is moved.
    when p_event.ical_uid is not null then 'event:' || md5(
      p_event.ical_uid || '|' || case
        when p_event.recurring_event_id is not null
          then coalesce(substring(p_event.external_id from '_(\d{8}(?:T\d{6}Z)?)$'), extract(epoch from p_event.start_time)::bigint::text)
        else ''
      end
    )
    else 'room:' || md5(private.meeting_room(p_event.meeting_url) || '|' || extract(epoch from p_event.start_time)::bigint)
  end;
end;
$$;
comment on function private.meeting_key(public.calendar_events) is
  'The same for every copy of one meeting in the calendars of an organization, moved ones included.';

create function private.may_plan_again(p_recording public.recordings)
returns boolean
language plpgsql immutable set search_path = ''
as $$
begin
  return p_recording.status in ('failed', 'cancelled') and p_recording.bot_id is null and p_recording.deleted_at is null
    and p_recording.failure_code in (
      'daily_cap_reached', 'event_cancelled', 'event_declined', 'auto_join_disabled', 'meeting_link_removed',
      'not_a_meeting', 'owner_left', 'calendar_disconnected'
    );
end;
$$;
comment on function private.may_plan_again(public.recordings) is
  'Whether a recording ended for a reason that a later look, or a colleague''s copy of the event, may overcome. What a person ended or a bot tried is not planned again.';

create function private.bots_left(p_org_id uuid, p_at timestamptz)
returns integer
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_left integer;
begin
  select l.daily_bots - (
      select count(*) from public.recordings as r
      where r.org_id = p_org_id and (r.status not in ('failed', 'cancelled') or r.bot_id is not null)
        and r.scheduled_start_at >= d.day at time zone o.time_zone
        and r.scheduled_start_at < (d.day + interval '1 day') at time zone o.time_zone
    )
  into v_left
  from public.organizations as o
  join private.plan_limits as l on l.plan = o.plan
  cross join lateral (select date_trunc('day', p_at at time zone o.time_zone) as day) as d
  where o.id = p_org_id;
  return greatest(v_left, 0);
end;
$$;
comment on function private.bots_left(uuid, timestamptz) is
  'How many bots an organization may still send to meetings of a day; the day is that of its time zone. Exact under private.lock_planning. Definer, granted to nobody.';

create function private.lock_planning(p_org_id uuid default null)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  -- The scheduler plans for everybody, a person for one organization: theirs wait for one another.
  if p_org_id is null then
    perform pg_advisory_xact_lock(hashtextextended('recordings.plan', 0));
  else
    perform pg_advisory_xact_lock_shared(hashtextextended('recordings.plan', 0));
    perform from public.organizations as o where o.id = p_org_id for no key update;
  end if;
end;
$$;
comment on function private.lock_planning(uuid) is
  'Holds back everybody else who would plan recordings, of one organization or of all, until the transaction ends. Definer, granted to nobody.';

create function private.claim_due_meetings(p_ahead interval, p_behind interval)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_now constant timestamptz := clock_timestamp();
  v_request_id constant text := private.request_id();
  v_claimed integer;
  v_refused integer;
begin
  perform private.set_actor('job', 'auto-join-scheduler', v_request_id);
  perform private.lock_planning();

  with due as materialized (
    select e.org_id, e.id, e.user_id, e.title, e.meeting_url, e.start_time, e.end_time, e.created_at, e.response_status,
      e.attendees @> '[{"self": true, "organizer": true}]' as is_organizer,
      private.meeting_key(e) as first_key, private.meeting_platform(e.meeting_url) as platform,
      private.meeting_room(e.meeting_url) as room
    from public.calendar_events as e
    join public.organization_members as m on m.org_id = e.org_id and m.user_id = e.user_id and m.status = 'active'
    join private.role_permissions as p on p.role = m.role and p.permission = 'crm.write'
    where e.start_time > v_now - p_behind and e.start_time <= v_now + p_ahead
      -- Written as in the index of due events.
      and e.auto_join_enabled and not e.all_day and e.attendees_count > 1 and e.status <> 'cancelled'
      and e.meeting_url is not null
      and e.end_time > v_now
      and e.response_status is distinct from 'declined'
      and not exists (
        select from public.calendar_connections as c
        where c.org_id = e.org_id and c.user_id = e.user_id and c.status = 'disconnected'
          and e.calendar_id in (c.calendar_id, c.account_email)
      )
  ),
  keyed as (
    select d.*, case
      -- The same event, held before and moved since, is another meeting.
      when exists (
        select from public.recordings as r
        where r.org_id = d.org_id and r.meeting_key = d.first_key and r.status in ('ended', 'completed', 'failed')
          and r.scheduled_start_at < d.start_time - interval '15 minutes' and not private.may_plan_again(r)
      ) then d.first_key || ':' || extract(epoch from d.start_time)::bigint
      else d.first_key
    end as meeting_key
    from due as d
    where d.platform is not null
  ),
  occupied as materialized (
    select distinct r.org_id, private.meeting_room(r.meeting_url) as room
    from public.recordings as r
    where r.org_id in (select k.org_id from keyed as k) and r.deleted_at is null and r.outcome is null
      and (
        r.status in ('joining', 'waiting_room', 'joined', 'recording')
        or r.status in ('scheduled', 'deploying') and r.scheduled_start_at < v_now + interval '15 minutes'
      )
  ),
  free as (
    select k.*,
      row_number() over (partition by k.org_id, k.meeting_key order by k.is_organizer desc, k.response_status = 'accepted' desc nulls last, k.created_at, k.id) as copy,
      row_number() over (partition by k.org_id, k.room order by k.start_time, k.is_organizer desc, k.response_status = 'accepted' desc nulls last, k.created_at, k.id) as guest
    from keyed as k
    where not exists (
        select from public.recordings as r
        where r.org_id = k.org_id and r.meeting_key = k.meeting_key and not private.may_plan_again(r)
      )
      and not exists (select from occupied as o where o.org_id = k.org_id and o.room = k.room)
  ),
  days as materialized (
    select f.org_id, f.day, private.bots_left(f.org_id, min(f.start_time)) as bots_left
    from (
      select f.org_id, f.start_time, (f.start_time at time zone o.time_zone)::date as day
      from free as f join public.organizations as o on o.id = f.org_id
    ) as f
    group by f.org_id, f.day
  ),
  ranked as materialized (
    select f.*, private.new_id() as recording_id,
      row_number() over (partition by f.org_id, d.day order by f.start_time, f.created_at, f.id) <= d.bots_left as is_within_cap
    from free as f
    join public.organizations as o on o.id = f.org_id
    join days as d on d.org_id = f.org_id and d.day = (f.start_time at time zone o.time_zone)::date
    where f.copy = 1 and f.guest = 1
  ),
  planned as (
    insert into public.recordings (
      org_id, id, owner_user_id, storage_user_id, calendar_event_id, meeting_key, title, meeting_url, platform,
      scheduled_start_at, scheduled_end_at, status, failure_code, outcome, outcome_reason, settled_at
    )
    select r.org_id, r.recording_id, r.user_id, r.user_id, r.id, r.meeting_key, coalesce(left(nullif(btrim(r.title), ''), 500), 'Meeting'),
      r.meeting_url, r.platform, r.start_time, r.end_time,
      case when r.is_within_cap then 'scheduled' else 'failed' end,
      case when not r.is_within_cap then 'daily_cap_reached' end,
      case when not r.is_within_cap then 'failed' end,
      case when not r.is_within_cap then 'daily_cap_reached' end,
      case when not r.is_within_cap then v_now end
    from ranked as r
    where r.is_within_cap or not exists (
      -- Said once.
      select from public.recordings as s
      where s.org_id = r.org_id and s.meeting_key = r.meeting_key and s.failure_code = 'daily_cap_reached'
    )
    on conflict do nothing
    returning org_id, id, owner_user_id, status, scheduled_start_at
  ),
  keys as (
    insert into private.job_keys (key, job_id)
    select 'deploy:' || p.id, private.new_id() from planned as p where p.status = 'scheduled'
    returning key, job_id
  ),
  jobs as (
    insert into private.jobs (id, org_id, kind, idempotency_key, payload, acting_user_id, max_attempts, request_id)
    select k.job_id, p.org_id, 'recording.deploy', k.key, jsonb_build_object('recording_id', p.id), p.owner_user_id, 10, v_request_id
    from planned as p
    join keys as k on k.key = 'deploy:' || p.id
  ),
  told as (
    insert into public.recording_events (org_id, recording_id, owner_user_id, kind, code, detail)
    select p.org_id, p.id, p.owner_user_id, 'schedule', case p.status when 'scheduled' then 'planned' else 'daily_cap_reached' end,
      jsonb_build_object('scheduled_start_at', p.scheduled_start_at)
    from planned as p
  )
  select count(*) filter (where p.status = 'scheduled'), count(*) filter (where p.status = 'failed')
  into v_claimed, v_refused
  from planned as p;

  -- A bot that waits for a moved meeting goes at once when that is moved back.
  update private.jobs as j set run_at = v_now
  from public.recordings as r
  join public.calendar_events as e on e.org_id = r.org_id and e.id = r.calendar_event_id
  where j.kind = 'recording.deploy' and j.state = 'ready' and j.run_at > v_now
    and r.org_id = j.org_id and r.id = (j.payload ->> 'recording_id')::uuid and r.status = 'scheduled'
    and e.start_time <= v_now + p_ahead;

  if v_claimed > 0 or found then
    perform private.wake_function('deploy-recording-bot');
  end if;
  return jsonb_build_object('claimed', v_claimed, 'refused', v_refused);
end;
$$;
comment on function private.claim_due_meetings(interval, interval) is
  'Plans a recording, with its job, for every meeting that begins soon or has just begun, once per organization, up to its daily bots; what is beyond those gets a recording that says so. Definer: plans for everybody.';

create function public.claim_due_meetings()
returns jsonb
language sql security invoker set search_path = ''
-- A tick comes every two minutes, and a bot takes up to two to be there.
as $$ select private.claim_due_meetings(interval '150 seconds', interval '15 minutes') $$;
comment on function public.claim_due_meetings() is
  'Plans recordings of all due meetings; answers how many, and how many were over the daily bots. Service only.';

create function private.call_auto_join_scheduler()
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.call_function('auto-join-scheduler');
end;
$$;
comment on function private.call_auto_join_scheduler() is
  'One tick of the scheduler: a signed call, whose loss costs that tick (U60-143). Definer, run by cron only.';

grant execute on function private.claim_due_meetings(interval, interval), public.claim_due_meetings() to service_role;
