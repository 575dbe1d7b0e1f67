-- From stored files to the meeting that people open: where the recording lies, and its preview
-- picture. Upload and transcript may end in either order, and both end here (U60-123 to U60-129, C-06).

create function private.request_thumbnail(p_recording public.recordings)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  update public.recordings as r set thumbnail_status = 'pending', thumbnail_error = null
  where r.org_id = p_recording.org_id and r.id = p_recording.id;
  perform private.enqueue_job(
    'recording.thumbnail', jsonb_build_object('recording_id', p_recording.id), p_recording.org_id,
    private.next_job_key('thumbnail:' || p_recording.id), null, null, null, private.request_id()
  );
  perform private.note_recording_event(p_recording, 'thumbnail', 'requested');
  perform private.wake_function('generate-s3-video-thumbnail');
end;
$$;
comment on function private.request_thumbnail(public.recordings) is
  'Asks for the preview picture of a locked recording whose video is stored. Definer, granted to nobody.';

create function private.sync_recording(p_org_id uuid, p_recording_id uuid)
returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording public.recordings := private.lock_recording(p_org_id, p_recording_id);
begin
  -- What is stored is not kept back because another file can't be had.
  if v_recording.meeting_id is null or v_recording.s3_upload_status is null
    or not (v_recording.s3_upload_status = 'complete' or v_recording.s3_upload_is_terminal)
    or coalesce(v_recording.s3_video_url, v_recording.s3_audio_url) is null then
    return false;
  end if;
  update public.meetings as m
  set video_url = v_recording.s3_video_url, audio_url = v_recording.s3_audio_url
  where m.org_id = p_org_id and m.id = v_recording.meeting_id
    and (m.video_url, m.audio_url) is distinct from (v_recording.s3_video_url, v_recording.s3_audio_url);
  if found then
    perform private.note_recording_event(v_recording, 'sync', 'meeting_linked');
  end if;
  if v_recording.s3_video_url is not null and v_recording.thumbnail_status is null then
    perform private.request_thumbnail(v_recording);
  end if;
  return true;
end;
$$;
comment on function private.sync_recording(uuid, uuid) is
  'Gives the meeting its stored video and sound and asks once for a preview picture; false until the files are stored, or given up but for one. Changes nothing the second time. Definer, granted to nobody.';

create function private.sync_recording_to_meeting(p_recording_id uuid, p_bot_id text)
returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_org_id uuid;
  v_is_synced boolean;
begin
  -- The bot proves that caller and row speak of the same recording; the organization is the row's.
  select r.org_id into v_org_id from public.recordings as r
  where r.bot_id = p_bot_id and r.id = p_recording_id and r.deleted_at is null;
  if v_org_id is null then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  v_is_synced := private.sync_recording(v_org_id, p_recording_id);
  perform private.settle_recording(v_org_id, p_recording_id);
  return v_is_synced;
end;
$$;
comment on function private.sync_recording_to_meeting(uuid, text) is
  'sync_recording for a recording named by its id and its bot. Definer: meetings of the notetaker are nobody''s to write. Raises not_found.';

create function private.begin_thumbnail(p_org_id uuid, p_recording_id uuid)
returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording public.recordings := private.lock_recording(p_org_id, p_recording_id);
begin
  if v_recording.thumbnail_status is distinct from 'pending' then
    return null;
  end if;
  perform private.note_recording_event(v_recording, 'thumbnail', 'started');
  return v_recording.s3_video_url;
end;
$$;
comment on function private.begin_thumbnail(uuid, uuid) is
  'Place of the video that still needs a preview picture; null when none is wanted any more. Definer: places are the recordings''.';

create function private.store_thumbnail(p_org_id uuid, p_recording_id uuid, p_url text, p_s3_location text)
returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording public.recordings := private.lock_recording(p_org_id, p_recording_id);
begin
  -- The first picture stays: a second answer for the same video is a repetition.
  if v_recording.thumbnail_status is distinct from 'pending' then
    return false;
  end if;
  update public.recordings as r
  set thumbnail_status = 'complete', thumbnail_error = null, thumbnail_s3_location = p_s3_location
  where r.org_id = p_org_id and r.id = p_recording_id;
  update public.meetings as m set thumbnail_url = p_url
  where m.org_id = p_org_id and m.id = v_recording.meeting_id;
  perform private.note_recording_event(v_recording, 'thumbnail', 'stored');
  perform private.settle_recording(p_org_id, p_recording_id);
  return true;
end;
$$;
comment on function private.store_thumbnail(uuid, uuid, text, text) is
  'Stores the one preview picture of a recording; false when it has one. Definer: as above.';

create function private.fail_thumbnail(p_org_id uuid, p_recording_id uuid, p_code text, p_is_final boolean)
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording public.recordings := private.lock_recording(p_org_id, p_recording_id);
begin
  if v_recording.thumbnail_status is distinct from 'pending' then
    return;
  end if;
  update public.recordings as r
  set thumbnail_error = p_code, thumbnail_status = case when p_is_final then 'failed' else 'pending' end
  where r.org_id = p_org_id and r.id = p_recording_id;
  perform private.note_recording_event(
    v_recording, 'thumbnail', case when p_is_final then 'failed' else 'failed_once' end,
    jsonb_build_object('error', p_code)
  );
  perform private.settle_recording(p_org_id, p_recording_id);
end;
$$;
comment on function private.fail_thumbnail(uuid, uuid, text, boolean) is
  'Notes that no picture could be made, for now or for good. Definer: as above.';

create function public.sync_recording_to_meeting(p_recording_id uuid, p_bot_id text)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.sync_recording_to_meeting(p_recording_id, p_bot_id);
end;
$$;
comment on function public.sync_recording_to_meeting(uuid, text) is
  'Gives the meeting its stored files; false until they are stored. Service only. Raises not_found.';

create function public.begin_thumbnail(p_org_id uuid, p_recording_id uuid)
returns text
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.begin_thumbnail(p_org_id, p_recording_id);
end;
$$;
comment on function public.begin_thumbnail(uuid, uuid) is
  'Place of the video that still needs a preview picture, or null. Service only.';

create function public.store_thumbnail(p_org_id uuid, p_recording_id uuid, p_url text, p_s3_location text)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.store_thumbnail(p_org_id, p_recording_id, p_url, p_s3_location);
end;
$$;
comment on function public.store_thumbnail(uuid, uuid, text, text) is
  'Stores the one preview picture of a recording; false when it has one. Service only.';

create function public.fail_thumbnail(p_org_id uuid, p_recording_id uuid, p_code text, p_is_final boolean)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.fail_thumbnail(p_org_id, p_recording_id, p_code, p_is_final);
end;
$$;
comment on function public.fail_thumbnail(uuid, uuid, text, boolean) is
  'Notes that no picture could be made, for now or for good. Service only.';

grant execute on function
  private.sync_recording_to_meeting(uuid, text), public.sync_recording_to_meeting(uuid, text),
  private.begin_thumbnail(uuid, uuid), public.begin_thumbnail(uuid, uuid),
  private.store_thumbnail(uuid, uuid, text, text), public.store_thumbnail(uuid, uuid, text, text),
  private.fail_thumbnail(uuid, uuid, text, boolean), public.fail_thumbnail(uuid, uuid, text, boolean)
to service_role;
