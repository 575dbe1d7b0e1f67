-- A recording: one meeting that a bot of ours was to join, from the moment it was planned to the one
-- final, explained state that every recording ends in. The row holds the state of each part (bot,
-- upload, transcript, analysis, thumbnail); each part has functions of its own, which change the row
-- under its lock and then let private.settle_recording say what it all comes to (U60-103, U60-137).
-- Lock order everywhere: the recording first, then what belongs to it.

create table public.recordings (
  org_id uuid not null references public.organizations (id) on delete restrict,
  id uuid not null default private.new_id(),
  owner_user_id uuid not null,
  calendar_event_id uuid,
  meeting_id uuid,
  meeting_key text not null,
  requested_by text not null default 'schedule',
  title text not null,
  meeting_url text not null,
  platform text not null,
  scheduled_start_at timestamptz not null,
  scheduled_end_at timestamptz,
  status text not null default 'scheduled',
  failure_code text,
  deploy_attempts integer not null default 0,
  bot_id text,
  bot_code text,
  bot_code_at timestamptz,
  joined_at timestamptz,
  recording_started_at timestamptz,
  ended_at timestamptz,
  duration_seconds integer,
  s3_prefix text not null generated always as (
    'meeting-recordings/' || org_id::text || '/' || storage_user_id::text || '/' || id::text || '/'
  ) stored,
  storage_user_id uuid not null,
  s3_upload_status text,
  s3_upload_retry_count integer not null default 0,
  s3_upload_next_attempt_at timestamptz,
  s3_upload_error text,
  s3_upload_is_retryable boolean not null generated always as (
    coalesce(s3_upload_status = 'failed' and s3_upload_next_attempt_at is not null, false)
  ) stored,
  s3_upload_is_terminal boolean not null generated always as (
    coalesce(s3_upload_status = 'failed' and s3_upload_next_attempt_at is null, false)
  ) stored,
  s3_video_url text,
  s3_audio_url text,
  s3_file_size_bytes bigint,
  transcript_status text,
  transcript_provider text,
  transcript_error text,
  analysis_status text,
  analysis_error text,
  thumbnail_status text,
  thumbnail_error text,
  thumbnail_s3_location text,
  outcome text,
  outcome_reason text,
  settled_at timestamptz,
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, id),
  foreign key (org_id, owner_user_id) references public.organization_members (org_id, user_id),
  foreign key (org_id, calendar_event_id) references public.calendar_events (org_id, id) on delete set null (calendar_event_id),
  -- The owner follows the meeting's: both are handed over as one.
  foreign key (org_id, meeting_id, owner_user_id)
  references public.meetings (org_id, id, owner_user_id) on update cascade on delete set null (meeting_id),
  constraint recordings_parts_follow_their_owner unique (org_id, id, owner_user_id),
  constraint recordings_bot_is_unique unique (bot_id),
  constraint recordings_requested_by_is_known check (requested_by in ('schedule', 'person')),
  constraint recordings_platform_is_known check (platform in ('zoom', 'meet', 'teams')),
  constraint recordings_title_length check (char_length(title) between 1 and 500),
  constraint recordings_status_is_known check (
    status in (
      'scheduled', 'deploying', 'joining', 'waiting_room', 'joined', 'recording', 'ended',
      'completed', 'failed', 'cancelled'
    )
  ),
  constraint recordings_failures_have_a_code check (status not in ('failed', 'cancelled') or failure_code is not null),
  constraint recordings_failure_code_shape check (failure_code ~ '^[a-z0-9_]{1,100}$'),
  constraint recordings_deploy_attempts_are_counted check (deploy_attempts >= 0),
  constraint recordings_duration_is_not_negative check (duration_seconds >= 0),
  constraint recordings_upload_status_is_known check (s3_upload_status in ('pending', 'uploading', 'complete', 'failed')),
  constraint recordings_upload_retries_are_counted check (s3_upload_retry_count >= 0),
  constraint recordings_upload_size_is_not_negative check (s3_file_size_bytes >= 0),
  constraint recordings_transcript_status_is_known check (transcript_status in ('pending', 'processing', 'complete', 'failed')),
  constraint recordings_transcript_provider_is_known check (transcript_provider in ('gladia', 'meetingbaas')),
  constraint recordings_analysis_status_is_known check (analysis_status in ('pending', 'complete', 'failed')),
  constraint recordings_thumbnail_status_is_known check (thumbnail_status in ('pending', 'complete', 'failed')),
  constraint recordings_outcome_is_known check (outcome in ('complete', 'partial', 'failed', 'cancelled')),
  constraint recordings_are_settled_with_an_outcome check ((outcome is null) = (settled_at is null))
);
comment on table public.recordings is 'A meeting that a bot was to record, and how far each part of that has come.';
comment on column public.recordings.org_id is '[class: operational] Organization whose row this is.';
comment on column public.recordings.id is '[class: operational] Follows time.';
comment on column public.recordings.owner_user_id is '[class: operational] Owner: whose calendar it came from, or who sent the bot.';
comment on column public.recordings.calendar_event_id is '[class: operational] Event it was planned as.';
comment on column public.recordings.meeting_id is '[class: operational] The meeting, once it took place.';
comment on column public.recordings.meeting_key is '[class: operational] The same for every copy of one meeting in the calendars of one organization.';
comment on column public.recordings.requested_by is '[class: operational] schedule or person.';
comment on column public.recordings.title is '[class: service] Title as planned.';
comment on column public.recordings.meeting_url is '[class: service] Where the bot joins.';
comment on column public.recordings.platform is '[class: operational] zoom, meet or teams.';
comment on column public.recordings.scheduled_start_at is '[class: service] Planned start; follows the event until the bot is sent.';
comment on column public.recordings.scheduled_end_at is '[class: service] Planned end.';
comment on column public.recordings.status is '[class: operational] Where the bot stands: scheduled, deploying, joining, waiting_room, joined, recording, ended, completed, failed or cancelled.';
comment on column public.recordings.failure_code is '[class: operational] Why it failed or was cancelled.';
comment on column public.recordings.deploy_attempts is '[class: operational] How often sending the bot was tried.';
comment on column public.recordings.bot_id is '[class: operational] Bot at the provider.';
comment on column public.recordings.bot_code is '[class: operational] Last status the provider named, known to us or not.';
comment on column public.recordings.bot_code_at is '[class: operational] When the provider says that was.';
comment on column public.recordings.joined_at is '[class: conversation] When the bot was let in.';
comment on column public.recordings.recording_started_at is '[class: conversation] When it began to record.';
comment on column public.recordings.ended_at is '[class: conversation] When the bot left.';
comment on column public.recordings.duration_seconds is '[class: conversation] Length of the recording.';
comment on column public.recordings.s3_prefix is '[class: operational] Where its objects lie in the bucket; made of our own ids only.';
comment on column public.recordings.storage_user_id is '[class: operational] First owner; the objects stay under this name when the meeting is handed over.';
comment on column public.recordings.s3_upload_status is '[class: operational] pending, uploading, complete or failed; null while there is nothing to upload.';
comment on column public.recordings.s3_upload_retry_count is '[class: operational] Failed tries so far.';
comment on column public.recordings.s3_upload_next_attempt_at is '[class: operational] When the next try is due; of a failed one null: there is none.';
comment on column public.recordings.s3_upload_error is '[class: operational] Code of the last failure.';
comment on column public.recordings.s3_upload_is_retryable is '[class: operational] Failed, and will be tried again by itself.';
comment on column public.recordings.s3_upload_is_terminal is '[class: operational] Failed, and tried again only when a person asks.';
comment on column public.recordings.s3_video_url is '[class: conversation] Permanent place of the video (s3://…); never readable without a signed address.';
comment on column public.recordings.s3_audio_url is '[class: conversation] Permanent place of the sound; as above.';
comment on column public.recordings.s3_file_size_bytes is '[class: operational] Bytes stored, all files together.';
comment on column public.recordings.transcript_status is '[class: operational] pending, processing, complete or failed; null before the meeting ended.';
comment on column public.recordings.transcript_provider is '[class: operational] Whose transcript is stored: gladia or meetingbaas.';
comment on column public.recordings.transcript_error is '[class: operational] Code of the last failure.';
comment on column public.recordings.analysis_status is '[class: operational] pending, complete or failed; null before there is a transcript.';
comment on column public.recordings.analysis_error is '[class: operational] Code of the last failure.';
comment on column public.recordings.thumbnail_status is '[class: operational] pending, complete or failed; null while there is no stored video.';
comment on column public.recordings.thumbnail_error is '[class: operational] Code of the last failure.';
comment on column public.recordings.thumbnail_s3_location is '[class: generated] Where the picture lies, as its maker names it.';
comment on column public.recordings.outcome is '[class: operational] What it came to: complete, partial, failed or cancelled; null while something is going on.';
comment on column public.recordings.outcome_reason is '[class: operational] Why it is not complete.';
comment on column public.recordings.settled_at is '[class: operational] When nothing was left to do.';
comment on column public.recordings.deleted_at is '[class: operational] When a person deleted it; the row stays, so that a late event does not bring it back.';
comment on column public.recordings.created_at is '[class: operational] When the row was made.';
comment on column public.recordings.updated_at is '[class: operational] Last change of the row.';
create index recordings_org_id_scheduled_start_at_idx on public.recordings (org_id, scheduled_start_at desc) include (owner_user_id);
create index recordings_org_id_owner_user_id_idx on public.recordings (org_id, owner_user_id, scheduled_start_at desc);
create index recordings_org_id_meeting_id_idx on public.recordings (org_id, meeting_id, owner_user_id);
create index recordings_org_id_calendar_event_id_idx on public.recordings (org_id, calendar_event_id);
-- One bot per meeting and organization, however many members hold the event (U60-104).
create unique index recordings_one_bot_per_meeting_idx on public.recordings (org_id, meeting_key)
where status not in ('failed', 'cancelled') and deleted_at is null;
-- What goes on, and what somebody should look at.
create index recordings_unsettled_idx on public.recordings (org_id, updated_at)
where deleted_at is null and (outcome is null or status = 'completed' and outcome in ('failed', 'partial'));
-- What a list is asked for by state: the few that the ordered index would read everything to find.
create index recordings_by_status_idx on public.recordings (org_id, status, scheduled_start_at desc, id desc)
where status <> 'completed';
create index recordings_by_outcome_idx on public.recordings (org_id, outcome, scheduled_start_at desc, id desc)
where outcome <> 'complete';

create table public.recording_events (
  -- The organization is the recording's, which refers to it.
  org_id uuid not null,
  id uuid not null default private.new_id(),
  recording_id uuid not null,
  owner_user_id uuid not null,
  kind text not null,
  code text not null,
  detail jsonb not null default '{}',
  occurred_at timestamptz not null default clock_timestamp(),
  primary key (org_id, id),
  foreign key (org_id, recording_id, owner_user_id)
  references public.recordings (org_id, id, owner_user_id) on update cascade on delete cascade,
  constraint recording_events_kind_is_known check (
    kind in ('schedule', 'deploy', 'bot', 'upload', 'transcript', 'analysis', 'thumbnail', 'sync', 'person', 'reconcile', 'settled')
  ),
  constraint recording_events_code_shape check (code ~ '^[a-z0-9_.:-]+$' and char_length(code) <= 100),
  constraint recording_events_detail_is_small check (jsonb_typeof(detail) = 'object' and pg_column_size(detail) <= 2000)
);
comment on table public.recording_events is
  'The timeline of a recording: what happened to it and when. Appended only, in the transaction that did it; that is its audit.';
comment on column public.recording_events.org_id is '[class: operational] Organization whose row this is.';
comment on column public.recording_events.id is '[class: operational] Follows time.';
comment on column public.recording_events.recording_id is '[class: operational] The recording.';
comment on column public.recording_events.owner_user_id is '[class: operational] Owner of the recording.';
comment on column public.recording_events.kind is '[class: operational] Which part it is about.';
comment on column public.recording_events.code is '[class: operational] What happened.';
comment on column public.recording_events.detail is '[class: operational] Numbers, codes and times; never contents, addresses or secrets.';
comment on column public.recording_events.occurred_at is '[class: operational] When it happened.';
create index recording_events_org_id_recording_id_idx on public.recording_events (org_id, recording_id, owner_user_id, id);

create table private.recording_sources (
  org_id uuid not null,
  recording_id uuid not null,
  kind text not null,
  url text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, recording_id, kind),
  foreign key (org_id, recording_id) references public.recordings (org_id, id) on delete cascade,
  constraint recording_sources_kind_is_known check (
    kind in ('video', 'audio', 'transcription', 'raw_transcription', 'diarization', 'chat')
  )
);
comment on table private.recording_sources is
  'Where the provider keeps the files of a recording, for hours: addresses that open to whoever holds them (U60-108).';
comment on column private.recording_sources.org_id is '[class: operational] Organization whose row this is.';
comment on column private.recording_sources.recording_id is '[class: operational] The recording.';
comment on column private.recording_sources.kind is '[class: operational] Which file.';
comment on column private.recording_sources.url is '[class: secret] Signed address; renewed by asking the provider again.';
comment on column private.recording_sources.expires_at is '[class: operational] When the address stops to work: four hours after it was made.';
comment on column private.recording_sources.created_at is '[class: operational] When the row was made.';
comment on column private.recording_sources.updated_at is '[class: operational] Last change of the row.';

create trigger touch_updated_at before update on public.recordings
for each row execute function private.touch_updated_at();
create trigger touch_updated_at before update on private.recording_sources
for each row execute function private.touch_updated_at();
select private.audit_table('public.recordings');

alter table public.recordings enable row level security;
alter table public.recordings force row level security;
alter table public.recording_events enable row level security;
alter table public.recording_events force row level security;
alter table private.recording_sources enable row level security;
alter table private.recording_sources force row level security;
revoke all on table public.recordings, public.recording_events, private.recording_sources
from anon, authenticated, service_role;

grant select on table public.recordings, public.recording_events to authenticated;

create policy "members read own and shared recordings"
on public.recordings for select to authenticated
using (
  org_id = any((select private.my_orgs())::uuid[])
  -- Until there is a meeting to share it is an entry of a calendar, and those are their owner's alone.
  and case
    when meeting_id is not null and org_id = any((select private.my_shared_orgs('meetings'))::uuid[]) then true
    else owner_user_id = (select private.current_user_id())
  end
  and deleted_at is null
);

create policy "members read the timeline of own and shared recordings"
on public.recording_events for select to authenticated
using (
  org_id = any((select private.my_orgs())::uuid[])
  and case
    when org_id = any((select private.my_shared_orgs('meetings'))::uuid[]) then true
    else owner_user_id = (select private.current_user_id())
  end
);

create function private.lock_recording(p_org_id uuid, p_recording_id uuid)
returns public.recordings
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording public.recordings;
begin
  select r.* into v_recording from public.recordings as r
  where r.org_id = p_org_id and r.id = p_recording_id and r.deleted_at is null
  for update;
  return v_recording;
end;
$$;
comment on function private.lock_recording(uuid, uuid) is
  'The recording, locked until the transaction ends; null where there is none or a person deleted it. Definer, granted to nobody.';

create function private.note_recording_event(
  p_recording public.recordings, p_kind text, p_code text, p_detail jsonb default '{}'
)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  insert into public.recording_events (org_id, recording_id, owner_user_id, kind, code, detail)
  values (p_recording.org_id, p_recording.id, p_recording.owner_user_id, p_kind, p_code, coalesce(p_detail, '{}'));
end;
$$;
comment on function private.note_recording_event(public.recordings, text, text, jsonb) is
  'Appends to the timeline of a recording. Definer, granted to nobody.';

create function private.recording_outcome(p_recording public.recordings)
returns text[]
language plpgsql immutable set search_path = ''
as $$
declare
  v_has_transcript constant boolean := p_recording.transcript_status is not distinct from 'complete';
  v_is_stored constant boolean := p_recording.s3_upload_status is not distinct from 'complete';
begin
  if p_recording.status in ('failed', 'cancelled') then
    return array[p_recording.status, p_recording.failure_code];
  end if;
  if p_recording.status <> 'completed'
    or p_recording.s3_upload_status in ('pending', 'uploading') or p_recording.s3_upload_is_retryable
    or p_recording.transcript_status in ('pending', 'processing')
    or p_recording.analysis_status = 'pending'
    or p_recording.thumbnail_status = 'pending' then
    return null;
  end if;
  -- The first part that is missing explains the rest.
  return case
    when not v_is_stored and not v_has_transcript
      then array['failed', coalesce(p_recording.s3_upload_error, p_recording.transcript_error, 'nothing_recorded')]
    when not v_is_stored then array['partial', coalesce(p_recording.s3_upload_error, 'nothing_recorded')]
    when not v_has_transcript then array['partial', coalesce(p_recording.transcript_error, 'no_transcript')]
    when p_recording.analysis_status = 'failed' then array['partial', coalesce(p_recording.analysis_error, 'analysis_failed')]
    when p_recording.thumbnail_status = 'failed' then array['partial', coalesce(p_recording.thumbnail_error, 'thumbnail_failed')]
    else array['complete', null]
  end;
end;
$$;
comment on function private.recording_outcome(public.recordings) is
  'What the parts of a recording come to: {outcome, reason}, or null while one of them is not at its end.';

create function private.settle_recording(p_org_id uuid, p_recording_id uuid)
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording public.recordings := private.lock_recording(p_org_id, p_recording_id);
  v_outcome text[] := private.recording_outcome(v_recording);
begin
  if v_recording.id is null
    or (v_recording.outcome, v_recording.outcome_reason) is not distinct from (v_outcome[1], v_outcome[2]) then
    return;
  end if;
  update public.recordings as r
  set outcome = v_outcome[1], outcome_reason = v_outcome[2],
    settled_at = case when v_outcome is not null then clock_timestamp() end
  where r.org_id = p_org_id and r.id = p_recording_id;
  perform private.note_recording_event(
    v_recording, 'settled', coalesce(v_outcome[1], 'reopened'),
    jsonb_strip_nulls(jsonb_build_object('reason', v_outcome[2]))
  );
end;
$$;
comment on function private.settle_recording(uuid, uuid) is
  'Writes what a recording has come to, or opens it again; called whenever a part has changed. Definer, granted to nobody.';
