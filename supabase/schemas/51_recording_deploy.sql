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
  v_host constant text := lower(substring(p_url from '^https://([A-Za-z0-9.-]+)(?::\d{1,5})?(?:[/?#]|$)'));
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
-- How many are due is not in any statistics. What is due is joined by hash; the large tables are only
-- ever looked up, row by row, by subqueries that no plan turns into a scan.
set enable_nestloop = off set enable_seqscan = off
as $$
declare
  v_now timestamptz;
  v_request_id constant text := private.request_id();
  v_writers constant text[] := array(select p.role from private.role_permissions as p where p.permission = 'crm.write');
  v_claimed integer := 0;
  v_refused integer := 0;
  v_hastened integer;
begin
  perform private.set_actor('job', 'auto-join-scheduler', v_request_id);
  perform private.lock_planning();
  -- What was waited for is past.
  v_now := clock_timestamp();

  -- Most looks find nothing, and need not even plan the rest.
  if exists (
    select from public.calendar_events as e
    where e.start_time > v_now - p_behind and e.start_time <= v_now + p_ahead
      and e.auto_join_enabled and not e.all_day and e.attendees_count > 1 and e.status <> 'cancelled'
      and e.meeting_url is not null
  ) then
    with due as materialized (
      select e.org_id, e.id, e.user_id, e.title, e.meeting_url, e.start_time, e.end_time, e.created_at,
        -- Whose copy it is planned from: the organizer's, or that of somebody who accepted.
        case when e.attendees @> '[{"self": true, "organizer": true}]' then 1 when e.response_status = 'accepted' then 2 else 3 end as preference,
        private.meeting_key(e) as first_key, private.meeting_platform(e.meeting_url) as platform,
        private.meeting_room(e.meeting_url) collate "C" as room,
        (e.start_time at time zone (select o.time_zone from public.organizations as o where o.id = e.org_id))::date as day
      from public.calendar_events as e
      where e.start_time > v_now - p_behind and e.start_time <= v_now + p_ahead
        -- Written as in the index of due events.
        and e.auto_join_enabled and not e.all_day and e.attendees_count > 1 and e.status <> 'cancelled'
        and e.meeting_url is not null
        and e.end_time > v_now
        and e.response_status is distinct from 'declined'
        and (
          select m.role = any(v_writers) and m.status = 'active' from public.organization_members as m
          where m.org_id = e.org_id and m.user_id = e.user_id
        )
        and (
          select count(*) from public.calendar_connections as c
          where c.org_id = e.org_id and c.user_id = e.user_id and c.status = 'disconnected'
            and e.calendar_id in (c.calendar_id, c.account_email)
        ) = 0
    ),
    keyed as materialized (
      select d.*, case
        -- The same event, held before and moved since, is another meeting.
        when (
          select true from public.recordings as r
          where r.org_id = d.org_id and r.meeting_key = d.first_key and r.status in ('ended', 'completed', 'failed')
            and r.scheduled_start_at < d.start_time - interval '15 minutes' and not private.may_plan_again(r)
          limit 1
        ) then d.first_key || ':' || extract(epoch from d.start_time)::bigint
        else d.first_key
      end as meeting_key
      from due as d
      where d.platform is not null
    ),
    unplanned as materialized (
      select k.* from keyed as k
      where (
        select true from public.recordings as r
        where r.org_id = k.org_id and r.meeting_key = k.meeting_key and not private.may_plan_again(r)
        limit 1
      ) is null
    ),
    occupied as materialized (
      select distinct r.org_id, private.meeting_room(r.meeting_url) collate "C" as room
      from public.recordings as r
      where r.org_id = any(array(select distinct u.org_id from unplanned as u)) and r.deleted_at is null and r.outcome is null
        and (
          r.status in ('joining', 'waiting_room', 'joined', 'recording')
          or r.status in ('scheduled', 'deploying') and r.scheduled_start_at < v_now + interval '15 minutes'
        )
    ),
    copies as (
      select u.*,
        row_number() over (partition by u.org_id, u.meeting_key collate "C" order by u.preference, u.created_at, u.id) as copy,
        row_number() over (partition by u.org_id, u.room order by u.start_time, u.preference, u.created_at, u.id) as guest
      from unplanned as u
      where not exists (select from occupied as o where o.org_id = u.org_id and o.room = u.room)
    ),
    meetings as materialized (
      select c.*, row_number() over (partition by c.org_id, c.day order by c.start_time, c.created_at, c.id) as place
      from copies as c
      where c.copy = 1 and c.guest = 1
    ),
    days as materialized (
      select m.org_id, m.day, private.bots_left(m.org_id, min(m.start_time)) as bots_left
      from meetings as m
      group by m.org_id, m.day
    ),
    planned as (
      insert into public.recordings (
        org_id, owner_user_id, storage_user_id, calendar_event_id, meeting_key, title, meeting_url, platform,
        scheduled_start_at, scheduled_end_at, status, failure_code, outcome, outcome_reason, settled_at
      )
      select m.org_id, m.user_id, m.user_id, m.id, m.meeting_key, coalesce(left(nullif(btrim(m.title), ''), 500), 'Meeting'),
        m.meeting_url, m.platform, m.start_time, m.end_time,
        case when m.place <= d.bots_left then 'scheduled' else 'failed' end,
        case when m.place > d.bots_left then 'daily_cap_reached' end,
        case when m.place > d.bots_left then 'failed' end,
        case when m.place > d.bots_left then 'daily_cap_reached' end,
        case when m.place > d.bots_left then v_now end
      from meetings as m
      join days as d on d.org_id = m.org_id and d.day = m.day
      where m.place <= d.bots_left or (
        -- Said once.
        select true from public.recordings as r
        where r.org_id = m.org_id and r.meeting_key = m.meeting_key and r.failure_code = 'daily_cap_reached'
        limit 1
      ) is null
      -- The one index that may object; without its name, every unique one is asked about each row.
      on conflict (org_id, meeting_key) where status not in ('failed', 'cancelled') and deleted_at is null do nothing
      returning org_id, id, owner_user_id, status, scheduled_start_at
    ),
    queued as materialized (
      select p.*, private.new_id() as job_id, 'deploy:' || p.id as key from planned as p where p.status = 'scheduled'
    ),
    keys as (
      insert into private.job_keys (key, job_id) select q.key, q.job_id from queued as q
    ),
    jobs as (
      insert into private.jobs (id, org_id, kind, idempotency_key, payload, acting_user_id, max_attempts, request_id)
      select q.job_id, q.org_id, 'recording.deploy', q.key, jsonb_build_object('recording_id', q.id), q.owner_user_id, 10, v_request_id
      from queued as q
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
  end if;

  -- A bot that waits for a moved meeting goes at once when that is moved back.
  update private.jobs as j set run_at = v_now
  where j.kind = 'recording.deploy' and j.state = 'ready' and j.run_at > v_now and j.run_at < 'infinity'
    and (
      select (select e.start_time from public.calendar_events as e where e.org_id = r.org_id and e.id = r.calendar_event_id)
      from public.recordings as r
      where r.org_id = j.org_id and r.id = (j.payload ->> 'recording_id')::uuid and r.status = 'scheduled'
    ) <= v_now + p_ahead;
  get diagnostics v_hastened = row_count;

  if v_claimed + v_hastened > 0 then
    perform private.wake_function('deploy-recording-bot');
  end if;
  return jsonb_build_object('claimed', v_claimed, 'refused', v_refused);
end;
$$;
comment on function private.claim_due_meetings(interval, interval) is
  'Plans a recording, with its job, for every meeting that begins soon or has just begun, once per organization, up to its daily bots; what is beyond those gets a recording that says so. Definer: plans for everybody.';

create function public.claim_due_meetings()
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  -- A tick comes every two minutes, and a bot takes up to two to be there.
  return private.claim_due_meetings(interval '150 seconds', interval '15 minutes');
end;
$$;
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
