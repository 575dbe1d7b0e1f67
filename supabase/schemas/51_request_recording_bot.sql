-- What people do with bots: send one now, have one leave.

create function private.request_recording_bot(
  p_org_id uuid, p_calendar_event_id uuid, p_meeting_url text, p_title text
)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_org_id constant uuid := private.require_org(p_org_id);
  v_user_id constant uuid := private.current_user_id();
  v_event public.calendar_events;
  v_recording public.recordings;
  v_url text := btrim(p_meeting_url);
  v_key text;
begin
  perform private.require_permission(v_org_id, 'crm.write');
  if (p_calendar_event_id is null) = (p_meeting_url is null) then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  if p_calendar_event_id is not null then
    -- A calendar is its owner's alone.
    select e.* into v_event from public.calendar_events as e
    where e.org_id = v_org_id and e.id = p_calendar_event_id and e.user_id = v_user_id;
    if v_event.id is null then
      raise sqlstate 'PT404' using message = 'not_found';
    end if;
    if v_event.status = 'cancelled' or v_event.end_time <= clock_timestamp() then
      raise sqlstate 'PT409' using message = 'meeting_is_over';
    end if;
    v_url := v_event.meeting_url;
    v_key := private.meeting_key(v_event);
  end if;
  if private.meeting_platform(v_url) is null or char_length(v_url) > 2000 then
    raise sqlstate 'PT400' using message = 'unsupported_meeting_url';
  end if;

  perform private.lock_planning(v_org_id);
  v_key := coalesce(v_key, 'room:' || md5(private.meeting_room(v_url) || '|' || extract(epoch from clock_timestamp())));
  select r.* into v_recording from public.recordings as r
  where r.org_id = v_org_id and r.deleted_at is null
    and (
      r.meeting_key = v_key and r.status not in ('failed', 'cancelled')
      -- A room that a bot of ours is in, or on its way to, needs no second one.
      or r.outcome is null and private.meeting_room(r.meeting_url) = private.meeting_room(v_url)
        and (
          r.status in ('joining', 'waiting_room', 'joined', 'recording')
          or r.status in ('scheduled', 'deploying') and r.scheduled_start_at < clock_timestamp() + interval '15 minutes'
        )
    )
  order by r.meeting_key = v_key desc, r.created_at limit 1;
  if v_recording.id is not null then
    return jsonb_build_object('recording_id', v_recording.id, 'status', v_recording.status, 'is_new', false);
  end if;
  if private.bots_left(v_org_id, coalesce(v_event.start_time, clock_timestamp())) = 0 then
    raise sqlstate 'PT429' using message = 'daily_cap_reached';
  end if;

  insert into public.recordings (
    org_id, owner_user_id, storage_user_id, calendar_event_id, meeting_key, requested_by, title, meeting_url,
    platform, scheduled_start_at, scheduled_end_at
  )
  values (
    v_org_id, v_user_id, v_user_id, v_event.id, v_key, 'person',
    left(coalesce(nullif(btrim(p_title), ''), nullif(btrim(v_event.title), ''), 'Meeting'), 500), v_url,
    private.meeting_platform(v_url), coalesce(v_event.start_time, clock_timestamp()), v_event.end_time
  )
  returning * into v_recording;
  perform private.note_recording_event(v_recording, 'person', 'bot_requested');
  perform private.enqueue_deployment(v_recording);
  return jsonb_build_object('recording_id', v_recording.id, 'status', v_recording.status, 'is_new', true);
end;
$$;
comment on function private.request_recording_bot(uuid, uuid, text, text) is
  'Sends a bot now, to an event of the caller or to an address; one that is there or on its way is answered instead. Definer, since recordings are nobody''s to insert. Raises unsupported_meeting_url, meeting_is_over, daily_cap_reached, not_found, forbidden, and what require_org raises.';

create function private.request_bot_leave(p_org_id uuid, p_recording_id uuid)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording public.recordings := private.require_editable_recording(p_org_id, p_recording_id);
begin
  if v_recording.bot_id is null and v_recording.status in ('scheduled', 'deploying') then
    -- A bot that is being made this very moment is met by its worker, and leaves.
    perform private.note_recording_event(v_recording, 'person', 'bot_called_off');
    perform private.end_unsent_recording(v_recording, 'cancelled', 'called_off', 'deploy');
    return jsonb_build_object('recording_id', v_recording.id, 'status', 'cancelled');
  end if;
  if v_recording.bot_id is null or v_recording.status not in ('deploying', 'joining', 'waiting_room', 'joined', 'recording') then
    raise sqlstate 'PT409' using message = 'meeting_is_over';
  end if;
  if not exists (
    select from private.jobs as j
    where j.org_id = v_recording.org_id and j.kind = 'recording.leave' and j.state in ('ready', 'running')
      and j.payload ->> 'recording_id' = v_recording.id::text
  ) then
    perform private.note_recording_event(v_recording, 'person', 'bot_dismissed');
    perform private.enqueue_job(
      'recording.leave', jsonb_build_object('recording_id', v_recording.id), v_recording.org_id,
      private.next_job_key('leave:' || v_recording.id), null, 10, private.current_user_id(), null
    );
    perform private.wake_function('deploy-recording-bot');
  end if;
  return jsonb_build_object('recording_id', v_recording.id, 'status', v_recording.status);
end;
$$;
comment on function private.request_bot_leave(uuid, uuid) is
  'Has the bot of a recording leave, or not go at all. Definer, to change the recording; who may is checked first. Raises meeting_is_over, not_found, forbidden or mfa_required.';

create function private.read_leaving_bot(p_org_id uuid, p_recording_id uuid)
returns text
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (select r.bot_id from public.recordings as r where r.org_id = p_org_id and r.id = p_recording_id);
end;
$$;
comment on function private.read_leaving_bot(uuid, uuid) is
  'The bot of a recording, a deleted one included: that must leave all the more. Definer: recordings are nobody''s to read by service.';

create function private.note_bot_leave(p_org_id uuid, p_recording_id uuid, p_code text)
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording constant public.recordings := private.lock_recording(p_org_id, p_recording_id);
begin
  if v_recording.id is not null then
    perform private.note_recording_event(v_recording, 'deploy', p_code);
  end if;
end;
$$;
comment on function private.note_bot_leave(uuid, uuid, text) is
  'Writes down what came of asking a bot to leave. Definer: as lock_recording.';

create function public.request_recording_bot(
  p_org_id uuid default null, p_calendar_event_id uuid default null, p_meeting_url text default null, p_title text default null
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.request_recording_bot(p_org_id, p_calendar_event_id, p_meeting_url, p_title);
end;
$$;
comment on function public.request_recording_bot(uuid, uuid, text, text) is
  'Sends a bot now, to one of your calendar events or to the address of a meeting; answers the recording and whether it is new. Raises unsupported_meeting_url, meeting_is_over, daily_cap_reached, not_found, forbidden.';

create function public.request_bot_leave(p_recording_id uuid, p_org_id uuid default null)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.request_bot_leave(p_org_id, p_recording_id);
end;
$$;
comment on function public.request_bot_leave(uuid, uuid) is
  'Has the bot of a recording leave, or not go at all. Raises meeting_is_over, not_found, forbidden.';

create function public.read_leaving_bot(p_org_id uuid, p_recording_id uuid)
returns text
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.read_leaving_bot(p_org_id, p_recording_id);
end;
$$;
comment on function public.read_leaving_bot(uuid, uuid) is 'The bot that is to leave. Service only.';

create function public.note_bot_leave(p_org_id uuid, p_recording_id uuid, p_code text)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.note_bot_leave(p_org_id, p_recording_id, p_code);
end;
$$;
comment on function public.note_bot_leave(uuid, uuid, text) is 'Writes down what came of asking a bot to leave. Service only.';

grant execute on function
  private.request_recording_bot(uuid, uuid, text, text), public.request_recording_bot(uuid, uuid, text, text),
  private.request_bot_leave(uuid, uuid), public.request_bot_leave(uuid, uuid)
to authenticated;
grant execute on function
  private.read_leaving_bot(uuid, uuid), public.read_leaving_bot(uuid, uuid),
  private.note_bot_leave(uuid, uuid, text), public.note_bot_leave(uuid, uuid, text)
to service_role;
