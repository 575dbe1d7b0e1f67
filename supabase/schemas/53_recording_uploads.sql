-- The copy of a recording's files into our own bucket, resumable: a function lives for seconds and a
-- file takes minutes, so that what was sent is written down here and the next run goes on from there.
-- One row for each file; a lease of one worker, which every write of that worker proves; a due time
-- that is the end of the lease while it is leased, and the next try after a failure (U60-111 to
-- U60-121, C-05, C-06, V-07, R-11, R-12, R-15). Lock order: the recording, then its uploads.

create table private.recording_uploads (
  org_id uuid not null,
  recording_id uuid not null,
  kind text not null,
  object_key text not null,
  state text not null default 'pending',
  mark text,
  upload_id text,
  source_etag text,
  source_bytes bigint,
  part_size integer,
  parts_done integer not null default 0,
  bytes_done bigint not null default 0,
  worker text,
  leased_until timestamptz,
  next_attempt_at timestamptz not null default clock_timestamp(),
  failures integer not null default 0,
  last_error text,
  restarts integer not null default 0,
  invocations integer not null default 0,
  idle_invocations integer not null default 0,
  started_at timestamptz,
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, recording_id, kind),
  foreign key (org_id, recording_id) references public.recordings (org_id, id) on delete cascade,
  constraint recording_uploads_kind_is_known check (kind in ('video', 'audio')),
  constraint recording_uploads_state_is_known check (state in ('pending', 'uploading', 'waiting', 'complete', 'failed')),
  constraint recording_uploads_error_shape check (last_error ~ '^[a-z0-9_]{1,100}$'),
  constraint recording_uploads_failures_have_a_code check (state not in ('waiting', 'failed') or last_error is not null),
  constraint recording_uploads_parts_are_allowed check (parts_done between 0 and 10000),
  constraint recording_uploads_send_no_more_than_there_is check (bytes_done between 0 and coalesce(source_bytes, 0)),
  constraint recording_uploads_have_all_when_complete check (state <> 'complete' or bytes_done is not distinct from source_bytes)
);
comment on table private.recording_uploads is 'A file of a recording on its way into our bucket, and how far it has come.';
comment on column private.recording_uploads.org_id is '[class: operational] Organization whose row this is.';
comment on column private.recording_uploads.recording_id is '[class: operational] The recording.';
comment on column private.recording_uploads.kind is '[class: operational] video or audio.';
comment on column private.recording_uploads.object_key is '[class: operational] Where it goes in the bucket: the recording''s own prefix and a name by kind (U60-120).';
comment on column private.recording_uploads.state is '[class: operational] pending, uploading, waiting (failed, will be tried again), complete or failed (will not).';
comment on column private.recording_uploads.mark is '[class: operational] Stored with the object, to tell which attempt made it.';
comment on column private.recording_uploads.upload_id is '[class: operational] Upload in parts that is under way at the store.';
comment on column private.recording_uploads.source_etag is '[class: operational] Version of the provider''s file that the parts are of.';
comment on column private.recording_uploads.source_bytes is '[class: operational] Size of the provider''s file.';
comment on column private.recording_uploads.part_size is '[class: operational] Bytes of every part but the last.';
comment on column private.recording_uploads.parts_done is '[class: operational] Parts that the store has and that are written down here.';
comment on column private.recording_uploads.bytes_done is '[class: operational] Their bytes.';
comment on column private.recording_uploads.worker is '[class: operational] Who holds the lease; unique to one run.';
comment on column private.recording_uploads.leased_until is '[class: operational] End of the lease.';
comment on column private.recording_uploads.next_attempt_at is '[class: operational] When somebody may take it; the end of the lease while it is taken.';
comment on column private.recording_uploads.failures is '[class: operational] Failed tries since it was started or a person asked for more.';
comment on column private.recording_uploads.last_error is '[class: operational] Code of the last failure.';
comment on column private.recording_uploads.restarts is '[class: operational] How often it began anew, because the source had changed or the store had forgotten it.';
comment on column private.recording_uploads.invocations is '[class: operational] How often a worker took it.';
comment on column private.recording_uploads.idle_invocations is '[class: operational] How often in a row a worker took it and got nowhere.';
comment on column private.recording_uploads.started_at is '[class: operational] When the first byte was sent.';
comment on column private.recording_uploads.completed_at is '[class: operational] When all were there.';
comment on column private.recording_uploads.created_at is '[class: operational] When the row was made.';
comment on column private.recording_uploads.updated_at is '[class: operational] Last change of the row.';
create index recording_uploads_due_idx on private.recording_uploads (next_attempt_at)
where state in ('pending', 'uploading', 'waiting');
create index recording_uploads_upload_id_idx on private.recording_uploads (upload_id) where upload_id is not null;

create table private.recording_upload_parts (
  org_id uuid not null,
  recording_id uuid not null,
  kind text not null,
  number integer not null,
  bytes integer not null,
  etag text not null,
  checksum text not null,
  primary key (org_id, recording_id, kind, number),
  foreign key (org_id, recording_id, kind)
  references private.recording_uploads (org_id, recording_id, kind) on delete cascade,
  constraint recording_upload_parts_number_is_allowed check (number between 1 and 10000),
  constraint recording_upload_parts_hold_something check (bytes > 0)
);
comment on table private.recording_upload_parts is 'Parts that the store has, as completing the upload must name them; forgotten when it is complete.';
comment on column private.recording_upload_parts.org_id is '[class: operational] Organization whose row this is.';
comment on column private.recording_upload_parts.recording_id is '[class: operational] The recording.';
comment on column private.recording_upload_parts.kind is '[class: operational] Which file.';
comment on column private.recording_upload_parts.number is '[class: operational] From 1.';
comment on column private.recording_upload_parts.bytes is '[class: operational] Its size.';
comment on column private.recording_upload_parts.etag is '[class: operational] The store''s tag.';
comment on column private.recording_upload_parts.checksum is '[class: operational] CRC-32 in base64, verified by the store.';

create trigger touch_updated_at before update on private.recording_uploads
for each row execute function private.touch_updated_at();

alter table private.recording_uploads enable row level security;
alter table private.recording_uploads force row level security;
alter table private.recording_upload_parts enable row level security;
alter table private.recording_upload_parts force row level security;
revoke all on table private.recording_uploads, private.recording_upload_parts from anon, authenticated, service_role;

create function private.upload_retry_delay(p_failures integer)
returns interval
language plpgsql immutable set search_path = ''
as $$
begin
  return (array[interval '2 minutes', interval '5 minutes', interval '10 minutes'])[p_failures];
end;
$$;
comment on function private.upload_retry_delay(integer) is
  'How long after its n-th failure an upload is tried again; null after the fourth, which was the last (C-05).';

create function private.refresh_recording_upload(p_org_id uuid, p_recording_id uuid)
returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_status text;
  v_is_over boolean;
  v_before text;
begin
  select r.s3_upload_status into v_before from public.recordings as r
  where r.org_id = p_org_id and r.id = p_recording_id;
  with files as (
    select
      case
        when bool_and(u.state = 'complete') then 'complete'
        when bool_or(u.state = 'uploading') then 'uploading'
        when bool_or(u.state = 'pending') then 'pending'
        else 'failed'
      end as status,
      min(u.next_attempt_at) filter (where u.state = 'waiting') as next_attempt_at,
      max(u.failures) as failures,
      -- What will not be tried again explains more than what will.
      (array_agg(u.last_error order by u.state, u.kind desc) filter (where u.state in ('failed', 'waiting')))[1] as error,
      sum(u.source_bytes) filter (where u.state = 'complete') as bytes
    from private.recording_uploads as u
    where u.org_id = p_org_id and u.recording_id = p_recording_id
  )
  update public.recordings as r
  set s3_upload_status = f.status,
    s3_upload_next_attempt_at = case when f.status = 'failed' then f.next_attempt_at end,
    s3_upload_retry_count = f.failures,
    s3_upload_error = case when f.status <> 'complete' then f.error end,
    s3_file_size_bytes = f.bytes
  from files as f
  where r.org_id = p_org_id and r.id = p_recording_id
    and (
      r.s3_upload_status, r.s3_upload_next_attempt_at, r.s3_upload_retry_count, r.s3_upload_error, r.s3_file_size_bytes
    ) is distinct from (
      f.status, case when f.status = 'failed' then f.next_attempt_at end, f.failures,
      case when f.status <> 'complete' then f.error end, f.bytes
    )
  returning r.s3_upload_status, r.s3_upload_is_terminal into v_status, v_is_over;
  if v_status = 'complete' and v_before is distinct from 'complete' or v_is_over then
    perform private.sync_recording(p_org_id, p_recording_id);
  end if;
  perform private.settle_recording(p_org_id, p_recording_id);
  return coalesce(v_status, v_before);
end;
$$;
comment on function private.refresh_recording_upload(uuid, uuid) is
  'Sums the files of a recording, which the caller has locked, up in its row; when all are stored, or no more will be, the meeting gets them. Definer, granted to nobody.';

create function private.start_recording_uploads(p_org_id uuid, p_recording_id uuid)
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording constant public.recordings := private.lock_recording(p_org_id, p_recording_id);
  v_new text[];
begin
  if v_recording.id is null then
    return;
  end if;
  with wanted as (
    select s.kind, s.url from private.recording_sources as s
    where s.org_id = p_org_id and s.recording_id = p_recording_id and s.kind in ('video', 'audio')
    union all
    -- No address yet: the worker asks the provider for one.
    select 'video', null where not exists (
      select from private.recording_sources as s
      where s.org_id = p_org_id and s.recording_id = p_recording_id and s.kind in ('video', 'audio')
    )
  ),
  made as (
    insert into private.recording_uploads (org_id, recording_id, kind, object_key)
    select p_org_id, p_recording_id, w.kind,
      v_recording.s3_prefix || case
        when w.kind = 'video' then 'video.mp4'
        else 'audio.' || coalesce(substring(lower(split_part(w.url, '?', 1)) from '\.(wav|mp3|flac)$'), 'flac')
      end
    from wanted as w
    on conflict (org_id, recording_id, kind) do nothing
    returning kind
  )
  select array_agg(m.kind order by m.kind) into v_new from made as m;
  if v_new is null then
    return;
  end if;
  perform private.note_recording_event(v_recording, 'upload', 'pending', jsonb_build_object('files', v_new));
  perform private.refresh_recording_upload(p_org_id, p_recording_id);
  perform private.wake_function('upload-recording-to-s3');
end;
$$;
comment on function private.start_recording_uploads(uuid, uuid) is
  'Has the files of a recording copied into our bucket, each once however often this is asked, and wakes a worker. Definer, granted to nobody.';

create function private.note_upload_failure(
  p_recording public.recordings, p_kind text, p_code text, p_is_final boolean
)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_upload private.recording_uploads;
begin
  update private.recording_uploads as u
  set failures = u.failures + 1,
    last_error = p_code,
    idle_invocations = 0,
    worker = null,
    leased_until = null,
    state = case
      when p_is_final or private.upload_retry_delay(u.failures + 1) is null then 'failed' else 'waiting' end,
    next_attempt_at = clock_timestamp() + coalesce(private.upload_retry_delay(u.failures + 1), interval '0')
  where u.org_id = p_recording.org_id and u.recording_id = p_recording.id and u.kind = p_kind
  returning u.* into v_upload;
  perform private.note_recording_event(
    p_recording, 'upload', case v_upload.state when 'failed' then 'failed' else 'retry_scheduled' end,
    jsonb_strip_nulls(jsonb_build_object(
      'file', p_kind, 'error', p_code, 'failures', v_upload.failures, 'parts', v_upload.parts_done,
      'bytes', v_upload.bytes_done, 'of', v_upload.source_bytes,
      'next_attempt_at', case v_upload.state when 'waiting' then v_upload.next_attempt_at end
    ))
  );
  perform private.refresh_recording_upload(p_recording.org_id, p_recording.id);
  return jsonb_build_object(
    'state', v_upload.state, 'upload_id', v_upload.upload_id, 'object_key', v_upload.object_key,
    'next_attempt_at', case v_upload.state when 'waiting' then v_upload.next_attempt_at end
  );
end;
$$;
comment on function private.note_upload_failure(public.recordings, text, text, boolean) is
  'Counts one failed try of an upload: another one 2, 5 and 10 minutes after the first three, none after the fourth (C-05). Definer, granted to nobody.';

create function private.retry_recording_upload(p_org_id uuid, p_recording_id uuid)
returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording constant public.recordings := private.lock_recording(p_org_id, p_recording_id);
begin
  if v_recording.id is null then
    return false;
  end if;
  update private.recording_uploads as u
  set state = 'pending', failures = 0, restarts = 0, idle_invocations = 0, next_attempt_at = clock_timestamp()
  where u.org_id = p_org_id and u.recording_id = p_recording_id and u.state in ('waiting', 'failed');
  if not found then
    if v_recording.s3_upload_status is distinct from 'failed' then
      return false;
    end if;
    -- It failed before there was anything to upload.
    perform private.start_recording_uploads(p_org_id, p_recording_id);
    return true;
  end if;
  perform private.note_recording_event(v_recording, 'upload', 'retry_requested');
  perform private.refresh_recording_upload(p_org_id, p_recording_id);
  perform private.wake_function('upload-recording-to-s3');
  return true;
end;
$$;
comment on function private.retry_recording_upload(uuid, uuid) is
  'Tries failed files again at once, with three retries more; false when none has failed. Who may ask is the caller''s to check. Definer, granted to nobody.';

create function private.fail_idle_uploads()
returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_now constant timestamptz := clock_timestamp();
  v_idle record;
  v_recording public.recordings;
  v_failed integer := 0;
begin
  for v_idle in
    select u.org_id, u.recording_id, u.kind from private.recording_uploads as u
    where u.state in ('pending', 'uploading', 'waiting') and u.next_attempt_at <= v_now
      and u.idle_invocations >= 5
  loop
    v_recording := private.lock_recording(v_idle.org_id, v_idle.recording_id);
    perform from private.recording_uploads as u
    where u.org_id = v_idle.org_id and u.recording_id = v_idle.recording_id and u.kind = v_idle.kind
      and u.idle_invocations >= 5 and u.next_attempt_at <= v_now
    for update;
    if found and v_recording.id is not null then
      perform private.note_upload_failure(v_recording, v_idle.kind, 'no_progress', false);
      v_failed := v_failed + 1;
    end if;
  end loop;
  return v_failed;
end;
$$;
comment on function private.fail_idle_uploads() is
  'Counts a failure for each upload that killed five workers in a row without moving, so that none is tried for ever. Definer, granted to nobody.';

create function private.dispatch_recording_uploads(p_limit integer)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_now constant timestamptz := clock_timestamp();
  v_failed constant integer := private.fail_idle_uploads();
  v_due integer;
begin
  select count(*) into v_due from (
    select from private.recording_uploads as u
    join public.recordings as r on r.org_id = u.org_id and r.id = u.recording_id
    where u.state in ('pending', 'uploading', 'waiting') and u.next_attempt_at <= v_now and r.deleted_at is null
    order by u.next_attempt_at
    limit greatest(p_limit, 0)
  ) as due;
  for v_n in 1..v_due loop
    perform private.wake_function('upload-recording-to-s3');
  end loop;
  return jsonb_build_object('woken', v_due, 'failed', v_failed);
end;
$$;
comment on function private.dispatch_recording_uploads(integer) is
  'Wakes one worker for each upload that is due, so many at most; which upload a worker gets it learns when it claims one. Definer: calls functions.';

create function private.unknown_recording_uploads(p_upload_ids text[])
returns text[]
language plpgsql stable security definer set search_path = ''
as $$
begin
  return array(
    select i.id from unnest(p_upload_ids) as i (id)
    where not exists (
      select from private.recording_uploads as u
      join public.recordings as r on r.org_id = u.org_id and r.id = u.recording_id
      where u.upload_id = i.id and u.state in ('pending', 'uploading', 'waiting') and r.deleted_at is null
    )
  );
end;
$$;
comment on function private.unknown_recording_uploads(text[]) is
  'Of uploads that the store holds open, those that nobody here will go on with. Definer: uploads are nobody''s to read.';

create function private.describe_recording_uploads(p_org_id uuid, p_recording_id uuid)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return coalesce(
    (
      select jsonb_agg(
        jsonb_build_object(
          'file', u.kind, 'state', u.state, 'bytes_done', u.bytes_done, 'bytes', u.source_bytes,
          'parts_done', u.parts_done, 'part_size', u.part_size, 'failures', u.failures, 'error', u.last_error,
          'invocations', u.invocations, 'restarts', u.restarts, 'started_at', u.started_at,
          'completed_at', u.completed_at,
          'next_attempt_at', case when u.state in ('pending', 'waiting') then u.next_attempt_at end
        )
        order by u.kind desc
      )
      from private.recording_uploads as u
      where u.org_id = p_org_id and u.recording_id = p_recording_id
    ),
    '[]'
  );
end;
$$;
comment on function private.describe_recording_uploads(uuid, uuid) is
  'How far the files of a recording are, for its timeline. Definer, granted to nobody; who may see it is the caller''s to check.';

create function private.call_poll_s3_upload_queue()
returns bigint
language plpgsql security definer set search_path = ''
as $$
begin
  return private.call_function('poll-s3-upload-queue');
end;
$$;
comment on function private.call_poll_s3_upload_queue() is
  'Calls the poller of the upload queue; a call that gets lost costs one tick (U60-112, U60-143). Definer: reads the vault. Run by cron only.';

create function public.dispatch_recording_uploads(p_limit integer default 10)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.dispatch_recording_uploads(p_limit);
end;
$$;
comment on function public.dispatch_recording_uploads(integer) is 'Wakes a worker for each upload that is due. Service only.';

create function public.unknown_recording_uploads(p_upload_ids text[])
returns text[]
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.unknown_recording_uploads(p_upload_ids);
end;
$$;
comment on function public.unknown_recording_uploads(text[]) is 'Of uploads that the store holds open, those that nobody goes on with. Service only.';

grant execute on function private.dispatch_recording_uploads(integer) to service_role;
grant execute on function private.unknown_recording_uploads(text[]) to service_role;
grant execute on function public.dispatch_recording_uploads(integer) to service_role;
grant execute on function public.unknown_recording_uploads(text[]) to service_role;
