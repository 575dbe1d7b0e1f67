-- What people do with recordings: look at the timeline, play, try again, delete. Everything asks first
-- whether the caller may read, or change, this very recording; what they may not read does not exist.

create function private.require_readable_recording(p_org_id uuid, p_recording_id uuid)
returns public.recordings
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_org_id constant uuid := private.require_org(p_org_id);
  v_recording public.recordings;
begin
  -- The very rule of the policy "members read own and shared recordings".
  select r.* into v_recording
  from public.recordings as r
  where r.org_id = v_org_id and r.id = p_recording_id and r.deleted_at is null
    and (
      r.owner_user_id = private.current_user_id()
      or r.meeting_id is not null and r.org_id = any(private.my_shared_orgs('meetings'))
    );
  if v_recording.id is null then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  return v_recording;
end;
$$;
comment on function private.require_readable_recording(uuid, uuid) is
  'The recording, if the caller may read it. Raises not_found, and what require_org raises. Definer, granted to nobody.';

create function private.require_editable_recording(p_org_id uuid, p_recording_id uuid)
returns public.recordings
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording public.recordings := private.require_readable_recording(p_org_id, p_recording_id);
begin
  perform private.require_permission(v_recording.org_id, 'crm.write');
  if v_recording.owner_user_id <> private.current_user_id()
    and not v_recording.org_id = any(private.my_editable_orgs('meetings')) then
    raise sqlstate 'PT403' using message = 'forbidden';
  end if;
  -- Locked only now: who may not change it must not be able to hold it.
  v_recording := private.lock_recording(v_recording.org_id, p_recording_id);
  if v_recording.id is null then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  return v_recording;
end;
$$;
comment on function private.require_editable_recording(uuid, uuid) is
  'The recording, locked, if the caller may change it. Raises not_found, forbidden or mfa_required. Definer, granted to nobody.';

create function private.describe_recording(p_recording public.recordings)
returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return jsonb_build_object(
    'id', p_recording.id,
    'org_id', p_recording.org_id,
    'owner_user_id', p_recording.owner_user_id,
    'calendar_event_id', p_recording.calendar_event_id,
    'meeting_id', p_recording.meeting_id,
    'requested_by', p_recording.requested_by,
    'title', p_recording.title,
    'meeting_url', p_recording.meeting_url,
    'platform', p_recording.platform,
    'scheduled_start_at', p_recording.scheduled_start_at,
    'scheduled_end_at', p_recording.scheduled_end_at,
    'status', p_recording.status,
    'failure_code', p_recording.failure_code,
    'bot_code', p_recording.bot_code,
    'joined_at', p_recording.joined_at,
    'recording_started_at', p_recording.recording_started_at,
    'ended_at', p_recording.ended_at,
    'duration_seconds', p_recording.duration_seconds,
    's3_upload_status', p_recording.s3_upload_status,
    's3_upload_is_retryable', p_recording.s3_upload_is_retryable,
    's3_upload_is_terminal', p_recording.s3_upload_is_terminal,
    's3_upload_retry_count', p_recording.s3_upload_retry_count,
    's3_upload_next_attempt_at', p_recording.s3_upload_next_attempt_at,
    's3_upload_error', p_recording.s3_upload_error,
    's3_file_size_bytes', p_recording.s3_file_size_bytes,
    'files', array_remove(array[
      case when p_recording.s3_video_url is not null then 'video' end, case when p_recording.s3_audio_url is not null then 'audio' end
    ], null),
    'transcript_status', p_recording.transcript_status,
    'transcript_provider', p_recording.transcript_provider,
    'transcript_error', p_recording.transcript_error,
    'analysis_status', p_recording.analysis_status,
    'analysis_error', p_recording.analysis_error,
    'thumbnail_status', p_recording.thumbnail_status,
    'thumbnail_error', p_recording.thumbnail_error,
    'outcome', p_recording.outcome,
    'outcome_reason', p_recording.outcome_reason,
    'settled_at', p_recording.settled_at,
    'created_at', p_recording.created_at
  );
end;
$$;
comment on function private.describe_recording(public.recordings) is
  'What people see of a recording that they may read: its states and codes, never where its files are.';

create function private.get_recording(p_org_id uuid, p_recording_id uuid)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return private.describe_recording(private.require_readable_recording(p_org_id, p_recording_id));
end;
$$;
comment on function private.get_recording(uuid, uuid) is
  'A recording that the caller may read. Definer, to tell what is not there from what is refused; who may read it is checked first. Raises not_found.';

create function private.get_recording_timeline(p_org_id uuid, p_recording_id uuid)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_recording constant public.recordings := private.require_readable_recording(p_org_id, p_recording_id);
begin
  return jsonb_build_object(
    'recording', private.describe_recording(v_recording),
    'uploads', private.describe_recording_uploads(v_recording.org_id, v_recording.id),
    'events', coalesce(
      (
        select jsonb_agg(
          jsonb_build_object(
            'id', e.id, 'at', e.occurred_at, 'kind', e.kind, 'code', e.code, 'detail', e.detail
          )
          order by e.occurred_at, e.id
        )
        from public.recording_events as e
        where e.org_id = v_recording.org_id and e.recording_id = v_recording.id
      ),
      '[]'
    )
  );
end;
$$;
comment on function private.get_recording_timeline(uuid, uuid) is
  'Everything that happened to a recording, and how far its files are. Definer: uploads are private; who may read the recording is checked first. Raises not_found.';

create function private.authorize_playback(p_org_id uuid, p_recording_id uuid, p_file text)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording constant public.recordings := private.require_readable_recording(p_org_id, p_recording_id);
  v_place constant text := case p_file
    when 'video' then v_recording.s3_video_url
    when 'audio' then v_recording.s3_audio_url
  end;
begin
  if v_place is null then
    raise sqlstate 'PT409' using message = 'recording_not_stored';
  end if;
  perform private.write_audit(v_recording.org_id, 'recordings.played', 'recordings', v_recording.id, array[p_file]);
  return jsonb_build_object('place', v_place, 'meeting_id', v_recording.meeting_id);
end;
$$;
comment on function private.authorize_playback(uuid, uuid, text) is
  'Place of a stored file that the caller may play; each call is in the audit log (C-04). Definer, to append there; who may read the recording is checked first. Raises not_found or recording_not_stored.';

create function private.reopen_analysis(p_recording public.recordings)
returns boolean
language plpgsql security definer set search_path = ''
as $$
begin
  update public.recordings as r set analysis_status = null
  where r.org_id = p_recording.org_id and r.id = p_recording.id;
  perform private.start_analysis(p_recording.org_id, p_recording.id);
  -- Where there is nothing to look at it stays as it was.
  update public.recordings as r set analysis_status = p_recording.analysis_status
  where r.org_id = p_recording.org_id and r.id = p_recording.id and r.analysis_status is null;
  return not found;
end;
$$;
comment on function private.reopen_analysis(public.recordings) is
  'Asks again for the analysis of a locked recording; false when there are no words to analyze. Definer, granted to nobody.';

create function private.retry_failed_parts(p_recording public.recordings)
returns text[]
language plpgsql security definer set search_path = ''
as $$
declare
  v_parts text[] := '{}'::text[];
begin
  if p_recording.status = 'failed' and private.reopen_deployment(p_recording) then
    v_parts := v_parts || 'bot'::text;
  end if;
  if p_recording.s3_upload_status = 'failed'
    and private.retry_recording_upload(p_recording.org_id, p_recording.id) then
    v_parts := v_parts || 'upload'::text;
  end if;
  if p_recording.transcript_status = 'failed' then
    perform private.start_transcription(p_recording.org_id, p_recording.id);
    v_parts := v_parts || 'transcript'::text;
  end if;
  if p_recording.analysis_status = 'failed' and private.reopen_analysis(p_recording) then
    v_parts := v_parts || 'analysis'::text;
  end if;
  if p_recording.thumbnail_status = 'failed' then
    perform private.request_thumbnail(p_recording);
    v_parts := v_parts || 'thumbnail'::text;
  end if;
  if v_parts <> '{}' then
    perform private.note_recording_event(p_recording, 'person', 'retried', jsonb_build_object('parts', v_parts));
    perform private.settle_recording(p_recording.org_id, p_recording.id);
  end if;
  return v_parts;
end;
$$;
comment on function private.retry_failed_parts(public.recordings) is
  'Takes up again whatever of a locked recording has failed for good; returns the parts. Definer, granted to nobody.';

create function private.retry_recording(p_org_id uuid, p_recording_id uuid)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording constant public.recordings := private.require_editable_recording(p_org_id, p_recording_id);
begin
  return jsonb_build_object('recording_id', v_recording.id, 'parts', private.retry_failed_parts(v_recording));
end;
$$;
comment on function private.retry_recording(uuid, uuid) is
  'Takes up again what has failed of a recording: {recording_id, parts}; nothing when nothing has. Definer: states are nobody''s to write; who may change the recording is checked first. Raises not_found, forbidden or mfa_required.';

create function private.retry_all_recordings(p_org_id uuid, p_limit integer)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_org_id constant uuid := private.require_org(p_org_id);
  v_limit constant integer := least(greatest(coalesce(p_limit, 50), 1), 200);
  v_recording public.recordings;
  v_parts text[];
  v_retried jsonb := '[]'::jsonb;
begin
  perform private.require_permission(v_org_id, 'settings.manage');
  perform set_config('sixty.wakes_once', 'yes', true);
  for v_recording in
    select r.* from public.recordings as r
    where r.org_id = v_org_id and r.deleted_at is null and r.outcome in ('failed', 'partial')
      and (r.owner_user_id = private.current_user_id() or r.org_id = any(private.my_editable_orgs('meetings')))
      -- What nothing can be done about would stand before all that is older, each time that somebody asks.
      and (
        'failed' in (r.s3_upload_status, r.transcript_status, r.analysis_status, r.thumbnail_status)
        or r.status = 'failed' and r.bot_id is null and private.recording_ends_at(r) > clock_timestamp()
      )
    order by r.scheduled_start_at desc
    for update skip locked
  loop
    v_parts := private.retry_failed_parts(v_recording);
    continue when v_parts = '{}';
    v_retried := v_retried || jsonb_build_array(jsonb_build_object('recording_id', v_recording.id, 'parts', v_parts));
    exit when jsonb_array_length(v_retried) >= v_limit;
  end loop;
  return v_retried;
end;
$$;
comment on function private.retry_all_recordings(uuid, integer) is
  'retry_recording for every failed recording of an organization that its admin may change. Definer: as above. Raises organization_not_found, forbidden or mfa_required.';

create function private.forget_recording(p_recording public.recordings)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  update public.recordings as r
  set deleted_at = clock_timestamp(), title = 'Deleted recording', meeting_url = 'https://deleted.invalid/',
    outcome = coalesce(r.outcome, 'cancelled'), outcome_reason = 'deleted', settled_at = coalesce(r.settled_at, clock_timestamp()),
    status = case when r.status in ('completed', 'failed', 'cancelled') then r.status else 'cancelled' end,
    failure_code = coalesce(r.failure_code, 'deleted')
  where r.org_id = p_recording.org_id and r.id = p_recording.id;
  delete from private.recording_sources as s
  where s.org_id = p_recording.org_id and s.recording_id = p_recording.id;
  perform private.note_recording_event(p_recording, 'person', 'deleted');
  -- The bot leaves, objects and the provider's copies go: by a worker, since it happens outside.
  perform private.enqueue_job(
    'recording.erase', jsonb_build_object('recording_id', p_recording.id), p_recording.org_id,
    'erase:' || p_recording.id, null, 20, null, private.request_id()
  );
  perform private.wake_function('reconcile-recordings');
end;
$$;
comment on function private.forget_recording(public.recordings) is
  'Marks a recording deleted and has its files erased. The row stays, so that nothing late brings it back. Definer, granted to nobody.';

create function private.delete_recording(p_org_id uuid, p_recording_id uuid)
returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording constant public.recordings := private.require_editable_recording(p_org_id, p_recording_id);
begin
  -- As with meetings: a colleague may change a shared one, but only its owner deletes it.
  if v_recording.owner_user_id <> private.current_user_id() then
    raise sqlstate 'PT403' using message = 'forbidden';
  end if;
  perform private.forget_recording(v_recording);
  delete from public.meetings as m where m.org_id = v_recording.org_id and m.id = v_recording.meeting_id;
  return true;
end;
$$;
comment on function private.delete_recording(uuid, uuid) is
  'Deletes a recording of the caller''s own, its meeting, transcript and files. Definer: as above. Raises not_found, forbidden or mfa_required.';

create function private.forget_recordings_of_meeting()
returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording public.recordings;
begin
  for v_recording in
    select r.* from public.recordings as r
    where r.org_id = old.org_id and r.meeting_id = old.id and r.deleted_at is null
    for update
  loop
    perform private.forget_recording(v_recording);
  end loop;
  return old;
end;
$$;
comment on function private.forget_recordings_of_meeting() is
  'Trigger: with a meeting its recording goes, files included, whoever deletes it and how. Definer: recordings are nobody''s to write.';
create trigger forget_recordings before delete on public.meetings
for each row execute function private.forget_recordings_of_meeting();

create function private.stuck_reason(p_recording public.recordings)
returns text
language plpgsql stable set search_path = ''
as $$
declare
  -- A bot may sit in a long call without news: its time runs from the planned end.
  v_expected_at constant timestamptz := greatest(
    p_recording.updated_at, coalesce(p_recording.scheduled_end_at, p_recording.scheduled_start_at + interval '1 hour')
  );
begin
  return case
    -- What was there to record is not all there, and nothing is being done about it.
    when p_recording.status = 'completed' and p_recording.outcome in ('failed', 'partial') then p_recording.outcome_reason
    when p_recording.status in ('scheduled', 'deploying') and p_recording.scheduled_start_at < now() - interval '15 minutes'
      then 'not_deployed'
    when p_recording.status in ('joining', 'waiting_room', 'joined', 'recording') and v_expected_at < now() - interval '1 hour'
      then 'no_news_from_bot'
    when p_recording.status in ('ended', 'completed') and p_recording.updated_at < now() - interval '1 hour' then 'not_moving'
  end;
end;
$$;
comment on function private.stuck_reason(public.recordings) is
  'Why somebody should look at a recording that is open or came to less than it should; null when nobody need.';

create function private.list_stuck_recordings(p_limit integer)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  if not private.is_superadmin() then
    raise sqlstate 'PT403' using message = 'forbidden';
  end if;
  return coalesce(
    (
      select jsonb_agg(to_jsonb(s) order by s.since)
      from (
        select r.org_id, r.id as recording_id, r.status, private.stuck_reason(r) as reason, r.outcome,
          r.s3_upload_status, r.transcript_status, r.analysis_status, r.thumbnail_status, r.updated_at as since
        from public.recordings as r
        where r.deleted_at is null and (r.outcome is null or r.status = 'completed' and r.outcome in ('failed', 'partial'))
          and private.stuck_reason(r) is not null
        order by r.updated_at
        limit least(greatest(coalesce(p_limit, 100), 1), 500)
      ) as s
    ),
    '[]'
  );
end;
$$;
comment on function private.list_stuck_recordings(integer) is
  'Recordings of all organizations that failed or do not move, for operators of the platform: ids, states and codes, no contents. Definer: crosses organizations; who asks is checked first. Raises forbidden.';

create function public.list_recordings(
  p_org_id uuid default null, p_bot_status text default null, p_outcome text default null, p_starts_from timestamptz default null,
  p_starts_before timestamptz default null, p_after_start timestamptz default null, p_after_id uuid default null, p_limit integer default 20
)
returns jsonb
-- Planned anew for each call: only then are the filters that were not given no filters to the planner.
language plpgsql stable security invoker set search_path = '' set plan_cache_mode = 'force_custom_plan'
as $$
declare
  v_org_id constant uuid := private.require_org(p_org_id);
  -- Where nothing is shared, the policy lets through what is the caller's own; asked for by its owner,
  -- that is found by an index and not among everybody's.
  v_owner_id constant uuid := case
    when v_org_id = any(private.my_shared_orgs('meetings')) then null else private.current_user_id()
  end;
begin
  return (
    select coalesce(jsonb_agg(private.describe_recording(row(l.*)::public.recordings) order by l.scheduled_start_at desc, l.id desc), '[]')
    from (
      select r.* from public.recordings as r
      where r.org_id = v_org_id
        and (v_owner_id is null or r.owner_user_id = v_owner_id)
        and (p_bot_status is null or r.status = p_bot_status)
        and (p_outcome is null or r.outcome = p_outcome)
        and r.scheduled_start_at >= coalesce(p_starts_from, '-infinity')
        and r.scheduled_start_at < coalesce(p_starts_before, 'infinity')
        -- Said by itself too, since an index on the start alone can be entered there.
        and r.scheduled_start_at <= coalesce(p_after_start, 'infinity')
        and (r.scheduled_start_at, r.id)
          < (coalesce(p_after_start, 'infinity'), coalesce(p_after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
      order by r.scheduled_start_at desc, r.id desc
      limit least(greatest(coalesce(p_limit, 20), 1), 101)
    ) as l
  );
end;
$$;
comment on function public.list_recordings(uuid, text, text, timestamptz, timestamptz, timestamptz, uuid, integer) is
  'Recordings that the caller may read, the latest first; a page begins after the last row of the one before. Raises organization_not_found or no_active_organization.';

create function public.get_recording(p_recording_id uuid, p_org_id uuid default null)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return private.get_recording(p_org_id, p_recording_id);
end;
$$;
comment on function public.get_recording(uuid, uuid) is 'A recording that the caller may read. Raises not_found.';

create function public.get_recording_timeline(p_recording_id uuid, p_org_id uuid default null)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return private.get_recording_timeline(p_org_id, p_recording_id);
end;
$$;
comment on function public.get_recording_timeline(uuid, uuid) is
  'What happened to a recording and how far its files are. Raises not_found.';

create function public.authorize_playback(p_recording_id uuid, p_file text default 'video', p_org_id uuid default null)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.authorize_playback(p_org_id, p_recording_id, p_file);
end;
$$;
comment on function public.authorize_playback(uuid, text, uuid) is
  'Place of a stored file (video or audio) that the caller may play; logged. Raises not_found or recording_not_stored.';

create function public.retry_recording(p_recording_id uuid, p_org_id uuid default null)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.retry_recording(p_org_id, p_recording_id);
end;
$$;
comment on function public.retry_recording(uuid, uuid) is
  'Takes up again what has failed of a recording. Raises not_found, forbidden or mfa_required.';

create function public.retry_all_recordings(p_org_id uuid default null, p_limit integer default 50)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.retry_all_recordings(p_org_id, p_limit);
end;
$$;
comment on function public.retry_all_recordings(uuid, integer) is
  'Takes up again every failed recording that an admin may change. Raises organization_not_found, forbidden or mfa_required.';

create function public.delete_recording(p_recording_id uuid, p_org_id uuid default null)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.delete_recording(p_org_id, p_recording_id);
end;
$$;
comment on function public.delete_recording(uuid, uuid) is
  'Deletes a recording of the caller''s own with everything made from it. Raises not_found, forbidden or mfa_required.';

create function public.list_stuck_recordings(p_org_id uuid default null, p_limit integer default 100)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(to_jsonb(s) order by s.since), '[]')
    from (
      select r.org_id, r.id as recording_id, r.status, private.stuck_reason(r) as reason, r.outcome,
        r.s3_upload_status, r.transcript_status, r.analysis_status, r.thumbnail_status, r.updated_at as since
      from public.recordings as r
      where r.org_id = (select private.require_org(p_org_id)) and r.deleted_at is null and (r.outcome is null or r.status = 'completed' and r.outcome in ('failed', 'partial'))
        and private.stuck_reason(r) is not null
      order by r.updated_at
      limit least(greatest(coalesce(p_limit, 100), 1), 500)
    ) as s
  );
end;
$$;
comment on function public.list_stuck_recordings(uuid, integer) is
  'Recordings of an organization that the caller may read and that failed or do not move. Raises organization_not_found.';

create function public.list_stuck_recordings_of_platform(p_limit integer default 100)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return private.list_stuck_recordings(p_limit);
end;
$$;
comment on function public.list_stuck_recordings_of_platform(integer) is
  'Recordings of the platform that failed or do not move; operators only. Raises forbidden.';

grant execute on function
  private.describe_recording(public.recordings),
  public.list_recordings(uuid, text, text, timestamptz, timestamptz, timestamptz, uuid, integer),
  private.get_recording(uuid, uuid), public.get_recording(uuid, uuid),
  private.get_recording_timeline(uuid, uuid), public.get_recording_timeline(uuid, uuid),
  private.authorize_playback(uuid, uuid, text), public.authorize_playback(uuid, text, uuid),
  private.retry_recording(uuid, uuid), public.retry_recording(uuid, uuid),
  private.retry_all_recordings(uuid, integer), public.retry_all_recordings(uuid, integer),
  private.delete_recording(uuid, uuid), public.delete_recording(uuid, uuid),
  private.stuck_reason(public.recordings), public.list_stuck_recordings(uuid, integer),
  private.list_stuck_recordings(integer), public.list_stuck_recordings_of_platform(integer)
to authenticated;
