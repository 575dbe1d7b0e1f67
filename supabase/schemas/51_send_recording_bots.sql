-- Sending a planned bot, once. The call that makes it can't be taken back or repeated blindly: what is
-- about to be done is written down first, and whoever finds such a note without a bot asks the provider
-- whether there is one before anything else. People may send a bot themselves, and have it leave.

create function private.end_unsent_recording(p_recording public.recordings, p_status text, p_code text, p_kind text)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  update public.recordings as r set status = p_status, failure_code = p_code
  where r.org_id = p_recording.org_id and r.id = p_recording.id;
  perform private.note_recording_event(p_recording, p_kind, p_code);
  perform private.settle_recording(p_recording.org_id, p_recording.id);
end;
$$;
comment on function private.end_unsent_recording(public.recordings, text, text, text) is
  'Ends a locked recording that never had a bot. Definer, granted to nobody.';

create function private.list_deploy_calendars(p_org_id uuid, p_recording_id uuid)
returns uuid[]
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select coalesce(array_agg(c.id order by c.id), '{}')
    from public.recordings as r
    join public.calendar_events as e on e.org_id = r.org_id and e.id = r.calendar_event_id
    join public.calendar_connections as c on c.org_id = e.org_id and c.user_id = e.user_id and c.status = 'active'
      and e.calendar_id in (c.calendar_id, c.account_email)
    where r.org_id = p_org_id and r.id = p_recording_id and r.requested_by = 'schedule'
      and r.status in ('scheduled', 'deploying') and r.bot_id is null
      -- What was read a moment ago, as for the owner's meeting before, is fresh enough.
      and coalesce(c.last_synced_at, '-infinity') < clock_timestamp() - interval '30 seconds'
  );
end;
$$;
comment on function private.list_deploy_calendars(uuid, uuid) is
  'Connections to read anew before a bot is sent, so that a moved or cancelled meeting is known (C-10). Definer: as lock_recording.';

create function private.unplanned_reason(p_recording public.recordings, p_event public.calendar_events)
returns text
language plpgsql stable security definer set search_path = ''
as $$
begin
  return case
    when p_event.id is null or p_event.status = 'cancelled' then 'event_cancelled'
    when not p_event.auto_join_enabled then 'auto_join_disabled'
    when p_event.response_status = 'declined' then 'event_declined'
    when p_event.all_day or p_event.attendees_count < 2 then 'not_a_meeting'
    when private.meeting_platform(p_event.meeting_url) is null then 'meeting_link_removed'
    when not exists (
      select from public.organization_members as m
      where m.org_id = p_recording.org_id and m.user_id = p_recording.owner_user_id and m.status = 'active'
    ) then 'owner_left'
    when exists (
      select from public.calendar_connections as c
      where c.org_id = p_event.org_id and c.user_id = p_event.user_id and c.status = 'disconnected'
        and p_event.calendar_id in (c.calendar_id, c.account_email)
    ) then 'calendar_disconnected'
  end;
end;
$$;
comment on function private.unplanned_reason(public.recordings, public.calendar_events) is
  'Why a planned meeting is none any more; null while it is. Definer, granted to nobody.';

create function private.follow_event(p_recording public.recordings, p_event public.calendar_events)
returns public.recordings
language plpgsql security definer set search_path = ''
as $$
begin
  if (p_recording.scheduled_start_at, p_recording.scheduled_end_at, p_recording.meeting_url)
    is distinct from (p_event.start_time, p_event.end_time, p_event.meeting_url) then
    update public.recordings as r
    set scheduled_start_at = p_event.start_time, scheduled_end_at = p_event.end_time,
      meeting_url = p_event.meeting_url, platform = private.meeting_platform(p_event.meeting_url),
      title = coalesce(left(nullif(btrim(p_event.title), ''), 500), r.title)
    where r.org_id = p_recording.org_id and r.id = p_recording.id
    returning r.* into p_recording;
    perform private.note_recording_event(
      p_recording, 'schedule', 'moved', jsonb_build_object('scheduled_start_at', p_event.start_time)
    );
  end if;
  return p_recording;
end;
$$;
comment on function private.follow_event(public.recordings, public.calendar_events) is
  'Brings a locked recording to where its event is now. Definer, granted to nobody.';

create function private.unclear_sending_at(p_recording public.recordings)
returns timestamptz
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select max(s.occurred_at) from public.recording_events as s
    where s.org_id = p_recording.org_id and s.recording_id = p_recording.id and s.kind = 'deploy' and s.code = 'sending'
      and not exists (
        select from public.recording_events as e
        where e.org_id = s.org_id and e.recording_id = s.recording_id and e.kind = 'deploy' and e.code = 'refused'
          and e.detail -> 'unsent_attempt' = s.detail -> 'attempt'
      )
  );
end;
$$;
comment on function private.unclear_sending_at(public.recordings) is
  'When a bot was last sent for without the provider having said that it made none; null when each try is known. Definer, granted to nobody.';

create function private.begin_bot_deployment(
  p_org_id uuid, p_recording_id uuid, p_job_id uuid, p_worker text, p_is_known_unsent boolean
)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording public.recordings;
  v_event public.calendar_events;
  v_reason text;
  v_unclear_since timestamptz;
begin
  perform private.set_actor('job', 'deploy-recording-bot', private.request_id());
  v_recording := private.lock_recording(p_org_id, p_recording_id);
  -- Whoever slept past the lease must not send beside the worker that has it now.
  if not exists (
    select from private.jobs as j
    where j.id = p_job_id and j.state = 'running' and j.locked_by = p_worker and j.locked_until > clock_timestamp()
  ) then
    return jsonb_build_object('step', 'lost');
  end if;
  if v_recording.bot_id is not null or v_recording.status not in ('scheduled', 'deploying', 'failed', 'cancelled')
    or v_recording.id is null and p_is_known_unsent then
    return jsonb_build_object('step', 'over');
  end if;
  -- An earlier try may have made a bot and not lived to say so; nothing else is decided before that is known.
  if (v_recording.id is null or v_recording.deploy_attempts > 0) and not p_is_known_unsent then
    return jsonb_build_object('step', 'look');
  end if;
  if v_recording.status in ('failed', 'cancelled') then
    return jsonb_build_object('step', 'over');
  end if;

  if v_recording.requested_by = 'schedule' then
    select e.* into v_event from public.calendar_events as e
    where e.org_id = p_org_id and e.id = v_recording.calendar_event_id;
    v_reason := private.unplanned_reason(v_recording, v_event);
    if v_reason is not null then
      perform private.end_unsent_recording(v_recording, 'cancelled', v_reason, 'schedule');
      return jsonb_build_object('step', 'over');
    end if;
    v_recording := private.follow_event(v_recording, v_event);
    if v_recording.scheduled_start_at > clock_timestamp() + interval '3 minutes' then
      update public.recordings as r set status = 'scheduled' where r.org_id = p_org_id and r.id = p_recording_id;
      return jsonb_build_object('step', 'wait', 'until', v_recording.scheduled_start_at - interval '2 minutes');
    end if;
  end if;
  if coalesce(v_recording.scheduled_end_at, v_recording.scheduled_start_at + interval '1 hour') <= clock_timestamp() then
    perform private.end_unsent_recording(v_recording, 'failed', 'too_late', 'deploy');
    return jsonb_build_object('step', 'over');
  end if;

  v_unclear_since := private.unclear_sending_at(v_recording);
  update public.recordings as r set status = 'deploying', deploy_attempts = r.deploy_attempts + 1
  where r.org_id = p_org_id and r.id = p_recording_id
  returning r.* into v_recording;
  perform private.note_recording_event(
    v_recording, 'deploy', 'sending', jsonb_build_object('attempt', v_recording.deploy_attempts)
  );
  return jsonb_build_object(
    'step', 'send', 'meeting_url', v_recording.meeting_url, 'unclear_since', v_unclear_since,
    'give_up_at', coalesce(v_recording.scheduled_end_at, v_recording.scheduled_start_at + interval '1 hour'),
    'planned_minutes', extract(epoch from v_recording.scheduled_end_at - v_recording.scheduled_start_at) / 60
  );
end;
$$;
comment on function private.begin_bot_deployment(uuid, uuid, uuid, text, boolean) is
  'What a worker may do next for a planned bot: send (and that it will is now written down), look whether there is one, wait until a time, or nothing: over, or lost to another worker. Definer: as lock_recording.';

create function private.finish_bot_deployment(p_org_id uuid, p_recording_id uuid, p_bot_id text)
returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording public.recordings;
begin
  perform private.set_actor('job', 'deploy-recording-bot', private.request_id());
  v_recording := private.lock_recording(p_org_id, p_recording_id);
  if v_recording.bot_id = p_bot_id then
    return 'sent';
  end if;
  if v_recording.id is null or v_recording.bot_id is not null or v_recording.status = 'cancelled' then
    return 'unwanted';
  end if;
  -- One that was given up and is there after all is not thrown away, unless another was sent for it.
  if v_recording.status = 'failed' and exists (
    select from public.recordings as r
    where r.org_id = p_org_id and r.meeting_key = v_recording.meeting_key and r.id <> v_recording.id
      and r.status not in ('failed', 'cancelled') and r.deleted_at is null
  ) then
    return 'unwanted';
  end if;
  update public.recordings as r
  set bot_id = p_bot_id, failure_code = null,
    status = case when r.status in ('scheduled', 'deploying', 'failed') then 'joining' else r.status end
  where r.org_id = p_org_id and r.id = p_recording_id;
  perform private.note_recording_event(v_recording, 'deploy', 'sent', jsonb_build_object('bot_id', p_bot_id));
  perform private.settle_recording(p_org_id, p_recording_id);
  return 'sent';
end;
$$;
comment on function private.finish_bot_deployment(uuid, uuid, text) is
  'Stores the bot that was sent, or found: sent, or unwanted when somebody ended the recording or it has another bot, and then this one must leave. Definer: as lock_recording.';

create function private.fail_bot_deployment(
  p_org_id uuid, p_recording_id uuid, p_code text, p_retry_at timestamptz, p_status integer, p_is_unsent boolean
)
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording public.recordings;
begin
  perform private.set_actor('job', 'deploy-recording-bot', private.request_id());
  v_recording := private.lock_recording(p_org_id, p_recording_id);
  if v_recording.id is null or v_recording.bot_id is not null or v_recording.status not in ('scheduled', 'deploying') then
    return;
  end if;
  perform private.note_recording_event(
    v_recording, 'deploy', 'refused', jsonb_strip_nulls(
      jsonb_build_object('reason', p_code, 'retry_at', p_retry_at, 'upstream_status', p_status,
        'unsent_attempt', case when p_is_unsent then v_recording.deploy_attempts end)
    )
  );
  if p_retry_at is null then
    perform private.end_unsent_recording(v_recording, 'failed', p_code, 'deploy');
  end if;
end;
$$;
comment on function private.fail_bot_deployment(uuid, uuid, text, timestamptz, integer, boolean) is
  'Writes down why a bot was not sent, whether that is sure, and when the next try is; without one the recording has failed. Definer: as lock_recording.';

create function private.reopen_deployment(p_recording public.recordings)
returns boolean
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.lock_planning(p_recording.org_id);
  if p_recording.bot_id is not null
    or coalesce(p_recording.scheduled_end_at, p_recording.scheduled_start_at + interval '1 hour') <= clock_timestamp()
    or private.bots_left(p_recording.org_id, p_recording.scheduled_start_at) = 0
    or exists (
      select from public.recordings as r
      where r.org_id = p_recording.org_id and r.meeting_key = p_recording.meeting_key and r.id <> p_recording.id
        and r.status not in ('failed', 'cancelled') and r.deleted_at is null
    ) then
    return false;
  end if;
  update public.recordings as r set status = 'scheduled', failure_code = null
  where r.org_id = p_recording.org_id and r.id = p_recording.id;
  perform private.enqueue_deployment(p_recording);
  return true;
end;
$$;
comment on function private.reopen_deployment(public.recordings) is
  'Plans the bot of a locked recording again, one that was never sent, while the meeting goes on and nobody else records it; says whether it did. Definer, granted to nobody.';

create function private.enqueue_deployment(p_recording public.recordings)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.enqueue_job(
    'recording.deploy', jsonb_build_object('recording_id', p_recording.id), p_recording.org_id,
    private.next_job_key('deploy:' || p_recording.id), null, 10, p_recording.owner_user_id, null
  );
  perform private.wake_function('deploy-recording-bot');
end;
$$;
comment on function private.enqueue_deployment(public.recordings) is
  'Has the bot of a recording sent as soon as this transaction commits. Definer, granted to nobody.';

create function public.list_deploy_calendars(p_org_id uuid, p_recording_id uuid)
returns uuid[]
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.list_deploy_calendars(p_org_id, p_recording_id);
end;
$$;
comment on function public.list_deploy_calendars(uuid, uuid) is 'Connections to read anew before a bot is sent. Service only.';

create function public.begin_bot_deployment(
  p_org_id uuid, p_recording_id uuid, p_job_id uuid, p_worker text, p_is_known_unsent boolean default false
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.begin_bot_deployment(p_org_id, p_recording_id, p_job_id, p_worker, p_is_known_unsent);
end;
$$;
comment on function public.begin_bot_deployment(uuid, uuid, uuid, text, boolean) is
  'What a worker may do next for a planned bot: send, look, wait, over or lost. Service only.';

create function public.finish_bot_deployment(p_org_id uuid, p_recording_id uuid, p_bot_id text)
returns text
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.finish_bot_deployment(p_org_id, p_recording_id, p_bot_id);
end;
$$;
comment on function public.finish_bot_deployment(uuid, uuid, text) is 'Stores the bot that was sent: sent or unwanted. Service only.';

create function public.fail_bot_deployment(
  p_org_id uuid, p_recording_id uuid, p_code text, p_retry_at timestamptz default null, p_status integer default null,
  p_is_unsent boolean default false
)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.fail_bot_deployment(p_org_id, p_recording_id, p_code, p_retry_at, p_status, p_is_unsent);
end;
$$;
comment on function public.fail_bot_deployment(uuid, uuid, text, timestamptz, integer, boolean) is
  'Writes down why a bot was not sent, and when the next try is. Service only.';

grant execute on function
  private.list_deploy_calendars(uuid, uuid), public.list_deploy_calendars(uuid, uuid),
  private.begin_bot_deployment(uuid, uuid, uuid, text, boolean), public.begin_bot_deployment(uuid, uuid, uuid, text, boolean),
  private.finish_bot_deployment(uuid, uuid, text), public.finish_bot_deployment(uuid, uuid, text),
  private.fail_bot_deployment(uuid, uuid, text, timestamptz, integer, boolean),
  public.fail_bot_deployment(uuid, uuid, text, timestamptz, integer, boolean)
to service_role;
