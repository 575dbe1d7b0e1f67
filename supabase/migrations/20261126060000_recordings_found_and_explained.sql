-- Lists by state find their few recordings; one retry of all reaches all that can be retried; and who
-- has no transcript is told why.

-- What a list is asked for by state: the few that the ordered index would read everything to find.
create index recordings_by_status_idx on public.recordings (org_id, status, scheduled_start_at desc, id desc)
where status <> 'completed';
create index recordings_by_outcome_idx on public.recordings (org_id, outcome, scheduled_start_at desc, id desc)
where outcome <> 'complete';

create or replace function private.end_transcription_path(
  p_recording public.recordings, p_row private.recording_transcriptions, p_code text
)
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_reason text := p_code;
begin
  update private.recording_transcriptions as t
  set status = 'failed', error = p_code, locked_by = null, locked_until = null,
    next_poll_at = case when t.is_job_kept then clock_timestamp() end
  where t.org_id = p_row.org_id and t.id = p_row.id;
  perform private.note_recording_event(
    p_recording, 'transcript', p_row.provider || '_failed', jsonb_build_object('error', p_code)
  );
  if p_recording.transcript_status not in ('pending', 'processing') then
    return;
  end if;
  -- The provider's own transcript is always there to fall back to.
  perform private.open_transcription(p_recording, 'meetingbaas');
  if exists (
    select from private.recording_transcriptions as t
    where t.org_id = p_row.org_id and t.recording_id = p_row.recording_id and t.status in ('submitting', 'waiting')
  ) then
    perform private.wake_function('process-recording');
    return;
  end if;
  -- That the provider had not been asked to transcribe explains nothing: what ended the other path does.
  if p_code = 'provider_not_transcribed' then
    select t.error into v_reason from private.recording_transcriptions as t
    where t.org_id = p_row.org_id and t.recording_id = p_row.recording_id and t.provider = 'gladia';
    v_reason := coalesce(v_reason, p_code);
  end if;
  update public.recordings as r set transcript_status = 'failed', transcript_error = v_reason
  where r.org_id = p_row.org_id and r.id = p_row.recording_id;
  perform private.note_recording_event(p_recording, 'transcript', 'failed', jsonb_build_object('error', v_reason));
  perform private.settle_recording(p_row.org_id, p_row.recording_id);
end;
$$;
create or replace function private.retry_all_recordings(p_org_id uuid, p_limit integer)
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
