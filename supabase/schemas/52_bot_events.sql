-- What a bot reports moves its recording (U60-106 to U60-110, U60-139, U60-140, C-07, R-09). Reports
-- come late, twice, out of order and never, so nothing here depends on their order: the status only
-- ever takes steps that the table of transitions knows, all of them forward; each time keeps the
-- earliest that was named; addresses keep the one that lives longest. A bot that completed wins over
-- the same bot having failed, whichever was told first: what was recorded is not thrown away. So the
-- same reports, in whatever order and however often, end in the same row.

create table private.bot_status_codes (
  code text primary key,
  status text not null,
  constraint bot_status_codes_code_shape check (code ~ '^[a-z0-9_]{1,100}$'),
  constraint bot_status_codes_status_is_known check (status in ('joining', 'waiting_room', 'joined', 'recording', 'ended'))
);
comment on table private.bot_status_codes is
  'Status codes of the provider and what they mean here. A code that is missing is stored in bot_code and moves nothing.';
comment on column private.bot_status_codes.code is '[class: operational] The provider''s code.';
comment on column private.bot_status_codes.status is '[class: operational] The status it stands for.';

-- Only bot.completed and bot.failed end a bot: the codes of the same names, and those of a bot that
-- was turned away, say that the call is over and leave the verdict to them or to asking the provider.
insert into private.bot_status_codes (code, status)
values
  ('queued', 'joining'),
  ('pickup_delayed', 'joining'),
  ('joining_call', 'joining'),
  ('in_waiting_room', 'waiting_room'),
  ('in_waiting_for_host', 'waiting_room'),
  ('in_call_not_recording', 'joined'),
  ('in_call_recording', 'recording'),
  ('recording_paused', 'recording'),
  ('recording_resumed', 'recording'),
  ('call_ended', 'ended'),
  ('recording_succeeded', 'ended'),
  ('recording_failed', 'ended'),
  ('api_request_stop', 'ended'),
  ('bot_rejected', 'ended'),
  ('bot_removed', 'ended'),
  ('bot_removed_too_early', 'ended'),
  ('waiting_room_timeout', 'ended'),
  ('invalid_meeting_url', 'ended'),
  ('meeting_error', 'ended'),
  ('transcribing', 'ended'),
  ('completed', 'ended'),
  ('failed', 'ended');

create table private.bot_transitions (
  from_status text not null,
  to_status text not null,
  primary key (from_status, to_status),
  constraint bot_transitions_from_is_known check (
    from_status in ('scheduled', 'deploying', 'joining', 'waiting_room', 'joined', 'recording', 'ended', 'failed')
  ),
  constraint bot_transitions_to_is_known check (
    to_status in ('joining', 'waiting_room', 'joined', 'recording', 'ended', 'completed', 'failed')
  )
);
comment on table private.bot_transitions is
  'Every step that a bot''s report may take a recording. Reports get lost, so each later status can be reached from each earlier one; none leads back.';
comment on column private.bot_transitions.from_status is '[class: operational] Where the recording stands.';
comment on column private.bot_transitions.to_status is '[class: operational] Where a report may take it.';

insert into private.bot_transitions (from_status, to_status)
values
  ('scheduled', 'joining'),
  ('scheduled', 'waiting_room'),
  ('scheduled', 'joined'),
  ('scheduled', 'recording'),
  ('scheduled', 'ended'),
  ('scheduled', 'completed'),
  ('scheduled', 'failed'),
  ('deploying', 'joining'),
  ('deploying', 'waiting_room'),
  ('deploying', 'joined'),
  ('deploying', 'recording'),
  ('deploying', 'ended'),
  ('deploying', 'completed'),
  ('deploying', 'failed'),
  ('joining', 'waiting_room'),
  ('joining', 'joined'),
  ('joining', 'recording'),
  ('joining', 'ended'),
  ('joining', 'completed'),
  ('joining', 'failed'),
  ('waiting_room', 'joined'),
  ('waiting_room', 'recording'),
  ('waiting_room', 'ended'),
  ('waiting_room', 'completed'),
  ('waiting_room', 'failed'),
  ('joined', 'recording'),
  ('joined', 'ended'),
  ('joined', 'completed'),
  ('joined', 'failed'),
  ('recording', 'ended'),
  ('recording', 'completed'),
  ('recording', 'failed'),
  ('ended', 'completed'),
  ('ended', 'failed'),
  ('failed', 'completed');

alter table private.bot_status_codes enable row level security;
alter table private.bot_status_codes force row level security;
alter table private.bot_transitions enable row level security;
alter table private.bot_transitions force row level security;
revoke all on table private.bot_status_codes, private.bot_transitions from anon, authenticated, service_role;

-- Events name recordings by our id alone, and one id must not stand in two organizations.
create unique index recordings_id_is_unique on public.recordings (id);

create function private.note_bot_event(p_recording public.recordings, p_code text, p_at jsonb, p_detail jsonb default '{}')
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_code constant text := coalesce(nullif(left(regexp_replace(lower(p_code), '[^a-z0-9_.:-]', '_', 'g'), 100), ''), 'unnamed');
  v_known integer;
begin
  select count(*) filter (where e.code = v_code and e.detail -> 'at' = coalesce(p_at, 'null'))
    -- Enough for any bot, and an end for a sender gone mad.
    + case when count(*) >= 500 then 1 else 0 end
  into v_known
  from public.recording_events as e
  where e.org_id = p_recording.org_id and e.recording_id = p_recording.id and e.kind = 'bot';
  if v_known = 0 then
    perform private.note_recording_event(
      p_recording, 'bot', v_code, jsonb_build_object('at', coalesce(p_at, 'null')) || p_detail
    );
  end if;
end;
$$;
comment on function private.note_bot_event(public.recordings, text, jsonb, jsonb) is
  'Appends what a bot reported to the timeline, once for each code and time however often it is told. Definer, granted to nobody.';

create function private.lock_bot_recording(p_bot_id text, p_recording_id uuid)
returns public.recordings
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording public.recordings;
begin
  select r.* into v_recording from public.recordings as r where r.bot_id = p_bot_id;
  if v_recording.id is null then
    select r.* into v_recording from public.recordings as r where r.id = p_recording_id;
  end if;
  if v_recording.id is null then
    return null;
  end if;
  select r.* into v_recording from public.recordings as r
  where r.org_id = v_recording.org_id and r.id = v_recording.id
  for update;
  -- The answer to the bot's creation was slow or lost, and the bot itself says whose it is.
  if v_recording.bot_id is null and v_recording.deleted_at is null and p_bot_id is not null then
    update public.recordings as r set bot_id = p_bot_id
    where r.org_id = v_recording.org_id and r.id = v_recording.id
    returning r.* into v_recording;
    perform private.note_recording_event(v_recording, 'bot', 'adopted', jsonb_build_object('bot_id', p_bot_id));
    -- Called off while it was being made: whoever made it takes it for known, so that it is sent away here.
    if v_recording.status = 'cancelled' then
      perform private.enqueue_job(
        'recording.leave', jsonb_build_object('recording_id', v_recording.id), v_recording.org_id,
        private.next_job_key('leave:' || v_recording.id), null, 10, null, null
      );
      perform private.wake_function('deploy-recording-bot');
    end if;
  end if;
  return v_recording;
end;
$$;
comment on function private.lock_bot_recording(text, uuid) is
  'The recording of a bot, locked: by the bot that our row names, else by our own id, when that row has no bot yet and takes this one, which leaves when it was called off. Null when it is none of ours. Definer, granted to nobody.';

create function private.merge_bot_facts(p_recording public.recordings, p_event jsonb)
returns public.recordings
language plpgsql security definer set search_path = ''
as $$
declare
  v_code constant text := p_event ->> 'code';
  v_at constant timestamptz := (p_event ->> 'at')::timestamptz;
  v_merged public.recordings := p_recording;
begin
  -- The newest code; of two at one instant always the same one; one without a time before all others.
  if v_code is not null and (
    p_recording.bot_code is null
    or (coalesce(v_at, '-infinity'), v_code collate "C")
      > (coalesce(p_recording.bot_code_at, '-infinity'), p_recording.bot_code collate "C")
  ) then
    v_merged.bot_code := v_code;
    v_merged.bot_code_at := v_at;
  end if;
  v_merged.joined_at := least(
    p_recording.joined_at, (p_event ->> 'joined_at')::timestamptz,
    case when v_code = 'in_call_not_recording' then v_at end
  );
  v_merged.recording_started_at := least(
    p_recording.recording_started_at, (p_event ->> 'started_at')::timestamptz,
    case when v_code = 'in_call_recording' then v_at end
  );
  v_merged.ended_at := least(
    p_recording.ended_at, (p_event ->> 'exited_at')::timestamptz,
    case when v_code = 'call_ended' then v_at end
  );
  v_merged.duration_seconds := greatest(p_recording.duration_seconds, (p_event ->> 'duration_seconds')::integer);
  return v_merged;
end;
$$;
comment on function private.merge_bot_facts(public.recordings, jsonb) is
  'The recording with what a report says of codes and times; the same whatever order reports come in. Definer, granted to nobody.';

create function private.bot_event_target(p_event jsonb)
returns text
language plpgsql stable security definer set search_path = ''
as $$
begin
  return case p_event ->> 'kind'
    -- Without any file it says only that the bot is done: asking the provider tells what there is.
    when 'completed' then case
      when p_event -> 'sources' = '{}' and not (p_event ->> 'is_data_deleted')::boolean and not (p_event ->> 'is_confirmed')::boolean
        then 'ended'
      else 'completed'
    end
    -- What was recorded is still there when only its transcription failed: asking the provider tells.
    when 'failed' then case
      when p_event ->> 'error_code' = 'transcription_failed' and not (p_event ->> 'is_confirmed')::boolean then 'ended'
      else 'failed'
    end
    when 'status' then (select c.status from private.bot_status_codes as c where c.code = p_event ->> 'code')
  end;
end;
$$;
comment on function private.bot_event_target(jsonb) is
  'The status that a report asks for; null when it asks for none. Definer, granted to nobody.';

create function private.move_recording(p_recording public.recordings, p_merged public.recordings, p_event jsonb)
returns public.recordings
language plpgsql security definer set search_path = ''
as $$
declare
  v_target constant text := private.bot_event_target(p_event);
begin
  if exists (
    select from private.bot_transitions as t
    where t.from_status = p_recording.status and t.to_status = v_target
  ) then
    p_merged.status := v_target;
    p_merged.failure_code := case
      when v_target = 'failed'
        then coalesce(nullif(left(regexp_replace(p_event ->> 'error_code', '[^a-z0-9_]', '_', 'g'), 100), ''), 'unknown_error')
    end;
    -- A second bot may have been sent after this one was given up; both recordings stay.
    if p_recording.status = 'failed' and exists (
      select from public.recordings as r
      where r.org_id = p_recording.org_id and r.meeting_key = p_recording.meeting_key and r.id <> p_recording.id
        and r.status not in ('failed', 'cancelled') and r.deleted_at is null
    ) then
      p_merged.meeting_key := p_recording.meeting_key || ':' || p_recording.id;
    end if;
  end if;
  if p_merged is distinct from p_recording then
    update public.recordings as r
    set status = p_merged.status, failure_code = p_merged.failure_code, meeting_key = p_merged.meeting_key,
      bot_code = p_merged.bot_code, bot_code_at = p_merged.bot_code_at, joined_at = p_merged.joined_at,
      recording_started_at = p_merged.recording_started_at, ended_at = p_merged.ended_at,
      duration_seconds = p_merged.duration_seconds
    where r.org_id = p_recording.org_id and r.id = p_recording.id
    returning r.* into p_merged;
  end if;
  return p_merged;
end;
$$;
comment on function private.move_recording(public.recordings, public.recordings, jsonb) is
  'Writes what a report changed, the status only along a known transition. Definer, granted to nobody.';

create function private.name_key(p_name text)
returns text
language plpgsql immutable set search_path = ''
as $$
begin
  return nullif(regexp_replace(lower(p_name), '[[:space:][:punct:]]', '', 'g'), '');
end;
$$;
comment on function private.name_key(text) is 'A name without case, spaces and signs, to tell one person written in two ways; null when nothing is left.';

create function private.bot_meeting_attendees(p_recording public.recordings, p_participants jsonb)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_home_domain text;
  v_attendees jsonb;
begin
  select split_part(p.email, '@', 2) into v_home_domain from public.profiles as p where p.id = p_recording.owner_user_id;

  with invitees as (
    select distinct on (lower(i.email)) nullif(btrim(i.name), '') as name, lower(i.email) as email, coalesce(i.organizer, false) as is_organizer
    from public.calendar_events as e
    cross join lateral jsonb_to_recordset(e.attendees) as i (name text, email text, organizer boolean, resource boolean)
    where e.org_id = p_recording.org_id and e.id = p_recording.calendar_event_id
      and not coalesce(i.resource, false) and i.email ~ '^[^[:space:]@]+@[^[:space:]@]+$'
    order by lower(i.email), i.name
  ),
  members as (
    select p.email, nullif(btrim(concat_ws(' ', p.first_name, p.last_name)), '') as name
    from public.organization_members as m
    join public.profiles as p on p.id = m.user_id
    where m.org_id = p_recording.org_id and m.status = 'active' and p.email is not null
  ),
  -- What each address may be called in the meeting: by the invitation, by ourselves, by the address.
  names as (
    select i.email, private.name_key(n.name) as key
    from invitees as i
    left join members as m on m.email = i.email
    cross join lateral (values (i.name), (m.name), (split_part(i.email, '@', 1))) as n (name)
    where private.name_key(n.name) is not null
  ),
  seen as (
    select min(s.name) as name, private.name_key(s.name) as key
    from jsonb_array_elements_text(p_participants) as s (name)
    where private.name_key(s.name) is not null
    group by private.name_key(s.name)
  ),
  -- Nobody gets the address of two people who are called the same.
  matched as (
    select s.key, min(s.name) as name, min(coalesce(n.email, m.email)) as email
    from seen as s
    left join names as n on n.key = s.key
    left join members as m on n.email is null and private.name_key(m.name) = s.key
    group by s.key
    having count(distinct coalesce(n.email, m.email)) = 1
  ),
  people as (
    select coalesce(i.name, (select min(m.name) from matched as m where m.email = i.email)) as name, i.email, i.is_organizer
    from invitees as i
    union all
    select m.name, m.email, false from matched as m
    where not exists (select from invitees as i where i.email = m.email)
    union all
    select s.name, null, false from seen as s
    where not exists (select from matched as m where m.key = s.key)
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'name', left(p.name, 200), 'email', left(p.email, 320), 'is_organizer', p.is_organizer,
    'is_external', p.email is null or (
      split_part(p.email, '@', 2) <> coalesce(v_home_domain, '')
      and not exists (select from members as m where m.email = p.email)
    )
  )), '[]')
  into v_attendees
  from people as p;
  return v_attendees;
end;
$$;
comment on function private.bot_meeting_attendees(public.recordings, jsonb) is
  'Who was invited and who was there, each once: names in the meeting are matched to invitations and members. Definer, granted to nobody.';

create function private.place_bot_meeting(p_recording public.recordings, p_participants jsonb)
returns public.recordings
language plpgsql security definer set search_path = ''
as $$
declare
  v_started_at constant timestamptz := coalesce(
    p_recording.recording_started_at, p_recording.joined_at, p_recording.scheduled_start_at
  );
  v_ended_at timestamptz := coalesce(
    p_recording.ended_at, v_started_at + make_interval(secs => p_recording.duration_seconds)
  );
  v_meeting public.meetings;
begin
  v_ended_at := case when v_ended_at >= v_started_at then v_ended_at end;
  if p_recording.meeting_id is not null then
    -- A late report may know the times better.
    update public.meetings as m set started_at = v_started_at, ended_at = v_ended_at
    where m.org_id = p_recording.org_id and m.id = p_recording.meeting_id
      and (m.started_at, m.ended_at) is distinct from (v_started_at, v_ended_at);
    return p_recording;
  end if;
  insert into public.meetings (
    org_id, owner_user_id, source_type, external_id, title, started_at, ended_at,
    scheduled_start_at, scheduled_end_at, calendar_event_id
  )
  values (
    p_recording.org_id, p_recording.owner_user_id, '60_notetaker', p_recording.id::text, p_recording.title, v_started_at,
    v_ended_at, p_recording.scheduled_start_at, p_recording.scheduled_end_at, p_recording.calendar_event_id
  )
  returning * into v_meeting;
  update public.recordings as r set meeting_id = v_meeting.id
  where r.org_id = p_recording.org_id and r.id = p_recording.id
  returning r.* into p_recording;
  perform private.replace_attendees(v_meeting, private.bot_meeting_attendees(p_recording, p_participants));
  perform private.link_recorded_meeting(v_meeting.org_id, v_meeting.id);
  perform private.note_recording_event(p_recording, 'sync', 'meeting_created', jsonb_build_object('meeting_id', v_meeting.id));
  return p_recording;
end;
$$;
comment on function private.place_bot_meeting(public.recordings, jsonb) is
  'The one meeting of a recording: made with its people and links, or corrected in its times. Definer, granted to nobody.';

create function private.store_bot_sources(p_recording public.recordings, p_event jsonb, p_received_at timestamptz)
returns text[]
language plpgsql security definer set search_path = ''
as $$
declare
  v_known text[];
  -- Counted from when they were made, which no clock of the provider puts after they arrived.
  v_expires_at constant timestamptz := least((p_event ->> 'at')::timestamptz, p_received_at)
    + make_interval(secs => least((p_event ->> 'sources_live_seconds')::integer, 14400));
begin
  select coalesce(array_agg(s.kind), '{}') into v_known from private.recording_sources as s
  where s.org_id = p_recording.org_id and s.recording_id = p_recording.id;
  insert into private.recording_sources as s (org_id, recording_id, kind, url, expires_at)
  select p_recording.org_id, p_recording.id, f.key, f.value, v_expires_at
  from jsonb_each_text(p_event -> 'sources') as f
  where f.key in ('video', 'audio', 'transcription', 'raw_transcription', 'diarization', 'chat') and f.value is not null
  on conflict (org_id, recording_id, kind) do update
  set url = excluded.url, expires_at = excluded.expires_at
  where excluded.expires_at > s.expires_at;
  return array(
    select s.kind from private.recording_sources as s
    where s.org_id = p_recording.org_id and s.recording_id = p_recording.id and s.kind <> all(v_known)
    order by s.kind
  );
end;
$$;
comment on function private.store_bot_sources(public.recordings, jsonb, timestamptz) is
  'Keeps the addresses that a report names, of each kind the one that lives longest; returns the kinds that are new. Definer, granted to nobody.';

create function private.complete_bot_recording(
  p_recording public.recordings, p_event jsonb, p_is_first boolean, p_new_sources text[]
)
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_has_media boolean;
  v_has_transcription boolean;
begin
  select coalesce(bool_or(s.kind in ('video', 'audio')), false),
    coalesce(bool_or(s.kind in ('transcription', 'raw_transcription')), false)
  into v_has_media, v_has_transcription
  from private.recording_sources as s
  where s.org_id = p_recording.org_id and s.recording_id = p_recording.id;

  if not (v_has_media or v_has_transcription) then
    if (p_event ->> 'is_data_deleted')::boolean then
      -- There is nothing to wait for, and the reason is known.
      update public.recordings as r
      set s3_upload_status = 'failed', s3_upload_error = 'provider_data_deleted',
        transcript_status = 'failed', transcript_error = 'provider_data_deleted'
      where r.org_id = p_recording.org_id and r.id = p_recording.id and r.s3_upload_status is null;
    end if;
    return;
  end if;

  p_recording := private.place_bot_meeting(p_recording, coalesce(p_event -> 'participants', '[]'));
  if not (p_is_first or p_new_sources && '{video,audio,transcription,raw_transcription}') then
    return;
  end if;
  -- A first answer may have said that everything was gone; now something is there.
  update public.recordings as r
  set s3_upload_status = null, s3_upload_error = null, transcript_status = null, transcript_error = null
  where r.org_id = p_recording.org_id and r.id = p_recording.id and r.s3_upload_error = 'provider_data_deleted';
  if v_has_media and (p_is_first or p_new_sources && '{video,audio}') then
    perform private.start_recording_uploads(p_recording.org_id, p_recording.id);
  end if;
  perform private.start_transcription(p_recording.org_id, p_recording.id);
end;
$$;
comment on function private.complete_bot_recording(public.recordings, jsonb, boolean, text[]) is
  'What a finished bot sets going: its meeting, the upload and the transcript, or the reason why there are none (U60-108). Definer, granted to nobody.';

create function private.apply_bot_event(p_event_id uuid, p_event jsonb)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_inbox private.webhook_events;
  v_before public.recordings;
  v_recording public.recordings;
  v_new_sources text[];
begin
  if p_event_id is not null then
    -- The lock makes two workers that hold the same event take turns.
    select e.* into v_inbox from private.webhook_events as e
    where e.id = p_event_id and e.provider = 'meetingbaas'
    for update;
    if not found then
      raise sqlstate 'PT404' using message = 'not_found';
    end if;
    perform private.set_actor('webhook', 'meetingbaas', v_inbox.request_id);
  end if;
  if p_event ->> 'kind' = 'other' or p_event ->> 'bot_id' is null then
    return jsonb_build_object('outcome', 'ignored');
  end if;

  v_before := private.lock_bot_recording(p_event ->> 'bot_id', (p_event ->> 'recording_id')::uuid);
  if v_before.id is null then
    return jsonb_build_object(
      -- One that names a recording we don't have was sent by another installation: nothing to wait for.
      'outcome', case when p_event ->> 'recording_id' is null then 'bot_unknown' else 'ignored' end
    );
  end if;
  update private.webhook_events as e set org_id = v_before.org_id
  where e.id = p_event_id and e.org_id is distinct from v_before.org_id;
  if v_before.deleted_at is not null then
    -- Erased already, or about to be: what comes late is not kept either.
    update private.webhook_events as e set payload = '{"erased": true}' where e.id = p_event_id;
    return jsonb_build_object('outcome', 'deleted', 'org_id', v_before.org_id, 'recording_id', v_before.id);
  end if;
  if v_before.bot_id <> p_event ->> 'bot_id' then
    perform private.note_bot_event(
      v_before, 'stray_bot', null, jsonb_build_object('bot_id', p_event -> 'bot_id')
    );
    return jsonb_build_object('outcome', 'stray_bot', 'org_id', v_before.org_id, 'recording_id', v_before.id);
  end if;

  v_recording := private.move_recording(v_before, private.merge_bot_facts(v_before, p_event), p_event);
  v_new_sources := private.store_bot_sources(v_recording, p_event, coalesce(v_inbox.received_at, clock_timestamp()));
  perform private.note_bot_event(
    v_recording, coalesce(p_event ->> 'code', p_event ->> 'event'),
    -- Asked again and again, the provider answers the same; that is one thing that happened.
    case when not (p_event ->> 'is_confirmed')::boolean then p_event -> 'at' end,
    jsonb_strip_nulls(jsonb_build_object(
      'error_code', p_event -> 'error_code', 'duration_seconds', p_event -> 'duration_seconds',
      'sources', (select jsonb_agg(k order by k) from jsonb_object_keys(p_event -> 'sources') as k),
      'data_deleted', nullif((p_event ->> 'is_data_deleted')::boolean, false)
    ))
  );
  if v_recording.status = 'completed' then
    perform private.complete_bot_recording(v_recording, p_event, v_before.status <> 'completed', v_new_sources);
    if p_event ->> 'kind' = 'transcript' then
      perform private.start_transcription(v_recording.org_id, v_recording.id);
    end if;
  end if;
  perform private.settle_recording(v_recording.org_id, v_recording.id);
  return jsonb_build_object(
    'outcome', case when v_recording is distinct from v_before or v_new_sources <> '{}' then 'applied' else 'unchanged' end,
    'org_id', v_recording.org_id, 'recording_id', v_recording.id, 'status', v_recording.status
  );
end;
$$;
comment on function private.apply_bot_event(uuid, jsonb) is
  'Applies one report about a bot, from the inbox or (without an event) from asking the provider: {outcome: applied | unchanged | ignored | deleted | stray_bot | bot_unknown}. Repeating it changes nothing. Definer: recordings are nobody''s to write.';

create function public.apply_bot_event(p_event_id uuid, p_event jsonb)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.apply_bot_event(p_event_id, p_event);
end;
$$;
comment on function public.apply_bot_event(uuid, jsonb) is
  'Applies one report about a bot. Service only. Raises not_found.';
grant execute on function private.apply_bot_event(uuid, jsonb), public.apply_bot_event(uuid, jsonb) to service_role;
