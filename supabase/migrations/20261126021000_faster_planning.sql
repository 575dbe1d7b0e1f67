-- Planning a meeting costs less: the statement asks the one index that may object, and a row of the
-- timeline is checked against its recording, which has its organization, not against both.

set local lock_timeout = '5s';

alter table public.recording_events drop constraint recording_events_org_id_fkey;

create or replace function private.claim_due_meetings(p_ahead interval, p_behind interval)
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
