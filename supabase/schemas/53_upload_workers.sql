-- What a worker of the upload queue may do: claim one upload, write down how far it is, and give it
-- back finished, failed or for another run. Every call after the claim proves the lease, so that a
-- worker that slept past its end changes nothing (V-07, C-05).

create function private.upload_claim(p_upload private.recording_uploads)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'org_id', p_upload.org_id, 'recording_id', p_upload.recording_id, 'kind', p_upload.kind,
      'bot_id', r.bot_id, 'object_key', p_upload.object_key, 'mark', p_upload.mark,
      'upload_id', p_upload.upload_id, 'source_etag', p_upload.source_etag,
      'source_bytes', p_upload.source_bytes, 'part_size', p_upload.part_size,
      'bytes_done', p_upload.bytes_done, 'invocation', p_upload.invocations, 'restarts', p_upload.restarts,
      'url', s.url, 'url_expires_at', s.expires_at,
      'parts', coalesce(
        (
          select jsonb_agg(
            jsonb_build_object('number', n.number, 'bytes', n.bytes, 'etag', n.etag, 'checksum', n.checksum)
            order by n.number
          )
          from private.recording_upload_parts as n
          where n.org_id = p_upload.org_id and n.recording_id = p_upload.recording_id and n.kind = p_upload.kind
        ),
        '[]'
      )
    )
    from public.recordings as r
    left join private.recording_sources as s
      on s.org_id = p_upload.org_id and s.recording_id = p_upload.recording_id and s.kind = p_upload.kind
    where r.org_id = p_upload.org_id and r.id = p_upload.recording_id
  );
end;
$$;
comment on function private.upload_claim(private.recording_uploads) is
  'What the holder of a lease needs to know, the signed address included. Definer, granted to nobody.';

create function private.claim_recording_upload(p_worker text, p_lease_seconds integer)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_now constant timestamptz := clock_timestamp();
  v_upload private.recording_uploads;
begin
  select d.* into v_upload
  from private.recording_uploads as d
  join public.recordings as r on r.org_id = d.org_id and r.id = d.recording_id
  where d.state in ('pending', 'uploading', 'waiting')
    and d.next_attempt_at <= v_now
    and d.idle_invocations < 5
    and r.deleted_at is null
  order by d.next_attempt_at
  limit 1
  for update of d skip locked;
  -- Where none is due, this changes nothing and there is nothing to describe.
  update private.recording_uploads as u
  set state = 'uploading',
    worker = p_worker,
    leased_until = v_now + make_interval(secs => p_lease_seconds),
    next_attempt_at = v_now + make_interval(secs => p_lease_seconds),
    invocations = u.invocations + 1,
    idle_invocations = u.idle_invocations + 1
  where u.org_id = v_upload.org_id and u.recording_id = v_upload.recording_id and u.kind = v_upload.kind
  returning u.* into v_upload;
  return private.upload_claim(v_upload);
end;
$$;
comment on function private.claim_recording_upload(text, integer) is
  'Leases the upload that has been due for longest, one whose worker died included, to one worker; null when none is due. Definer: leases are nobody''s to write.';

create function private.lock_recording_upload(p_org_id uuid, p_recording_id uuid, p_kind text, p_worker text)
returns private.recording_uploads
language plpgsql security definer set search_path = ''
as $$
declare
  v_upload private.recording_uploads;
begin
  select u.* into v_upload
  from private.recording_uploads as u
  where u.org_id = p_org_id and u.recording_id = p_recording_id and u.kind = p_kind
    and u.worker = p_worker and u.leased_until > clock_timestamp()
  for update;
  if not found then
    raise sqlstate 'PT409' using message = 'already_running';
  end if;
  return v_upload;
end;
$$;
comment on function private.lock_recording_upload(uuid, uuid, text, text) is
  'The upload, locked, if the worker still holds its lease; else it raises already_running, so that a worker that slept too long changes nothing. Definer, granted to nobody.';

create function private.begin_recording_upload(
  p_org_id uuid, p_recording_id uuid, p_kind text, p_worker text, p_upload_id text, p_mark text,
  p_source_etag text, p_source_bytes bigint, p_part_size integer, p_reason text
)
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording constant public.recordings := private.lock_recording(p_org_id, p_recording_id);
  v_upload private.recording_uploads := private.lock_recording_upload(p_org_id, p_recording_id, p_kind, p_worker);
  v_is_again constant boolean := v_upload.mark is not null;
begin
  if v_recording.id is null then
    raise sqlstate 'PT409' using message = 'already_running';
  end if;
  if v_upload.mark is distinct from p_mark then
    delete from private.recording_upload_parts as n
    where n.org_id = p_org_id and n.recording_id = p_recording_id and n.kind = p_kind;
    update private.recording_uploads as u
    set upload_id = p_upload_id, mark = p_mark, source_etag = p_source_etag, source_bytes = p_source_bytes,
      part_size = p_part_size, parts_done = 0, bytes_done = 0,
      restarts = u.restarts + case when v_is_again then 1 else 0 end,
      started_at = coalesce(u.started_at, clock_timestamp())
    where u.org_id = p_org_id and u.recording_id = p_recording_id and u.kind = p_kind;
    perform private.note_recording_event(
      v_recording, 'upload', case when v_is_again then 'restarted' else 'started' end,
      jsonb_strip_nulls(jsonb_build_object(
        'file', p_kind, 'bytes', p_source_bytes, 'part_size', p_part_size, 'reason', case when v_is_again then p_reason end
      ))
    );
  end if;
  perform private.refresh_recording_upload(p_org_id, p_recording_id);
end;
$$;
comment on function private.begin_recording_upload(uuid, uuid, text, text, text, text, text, bigint, integer, text) is
  'Notes that a worker sends: a new upload, or under the same mark the one that it goes on with. Raises already_running when the lease or the recording is gone. Definer: as above.';

create function private.checkpoint_recording_upload(
  p_org_id uuid, p_recording_id uuid, p_kind text, p_worker text, p_parts jsonb, p_lease_seconds integer
)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.lock_recording_upload(p_org_id, p_recording_id, p_kind, p_worker);
  insert into private.recording_upload_parts as n (org_id, recording_id, kind, number, bytes, etag, checksum)
  select p_org_id, p_recording_id, p_kind, p.number, p.bytes, p.etag, p.checksum
  from jsonb_to_recordset(p_parts) as p (number integer, bytes integer, etag text, checksum text)
  on conflict (org_id, recording_id, kind, number) do update
  set bytes = excluded.bytes, etag = excluded.etag, checksum = excluded.checksum;
  update private.recording_uploads as u
  set parts_done = s.parts, bytes_done = s.bytes,
    leased_until = clock_timestamp() + make_interval(secs => p_lease_seconds),
    next_attempt_at = clock_timestamp() + make_interval(secs => p_lease_seconds),
    idle_invocations = case when s.bytes > u.bytes_done then 0 else u.idle_invocations end
  from (
    select count(*)::integer as parts, coalesce(sum(n.bytes), 0) as bytes
    from private.recording_upload_parts as n
    where n.org_id = p_org_id and n.recording_id = p_recording_id and n.kind = p_kind
  ) as s
  where u.org_id = p_org_id and u.recording_id = p_recording_id and u.kind = p_kind;
end;
$$;
comment on function private.checkpoint_recording_upload(uuid, uuid, text, text, jsonb, integer) is
  'Writes down parts that the store has, {number, bytes, etag, checksum}, and renews the lease. Raises already_running when it is gone. Definer: as above.';

create function private.yield_recording_upload(p_org_id uuid, p_recording_id uuid, p_kind text, p_worker text)
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording constant public.recordings := private.lock_recording(p_org_id, p_recording_id);
  v_upload constant private.recording_uploads := private.lock_recording_upload(p_org_id, p_recording_id, p_kind, p_worker);
begin
  update private.recording_uploads as u
  set worker = null, leased_until = null, next_attempt_at = clock_timestamp()
  where u.org_id = p_org_id and u.recording_id = p_recording_id and u.kind = p_kind;
  if v_recording.id is null then
    return;
  end if;
  perform private.note_recording_event(
    v_recording, 'upload', 'paused',
    jsonb_build_object(
      'file', p_kind, 'parts', v_upload.parts_done, 'bytes', v_upload.bytes_done, 'of', v_upload.source_bytes,
      'invocation', v_upload.invocations
    )
  );
  perform private.wake_function('upload-recording-to-s3');
end;
$$;
comment on function private.yield_recording_upload(uuid, uuid, text, text) is
  'Gives the lease back because the worker''s budget is spent, and wakes the next one, which goes on where this one stopped. Definer: as above.';

create function private.fail_recording_upload(
  p_org_id uuid, p_recording_id uuid, p_kind text, p_worker text, p_code text, p_is_final boolean
)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording constant public.recordings := private.lock_recording(p_org_id, p_recording_id);
begin
  perform private.lock_recording_upload(p_org_id, p_recording_id, p_kind, p_worker);
  if v_recording.id is null then
    raise sqlstate 'PT409' using message = 'already_running';
  end if;
  return private.note_upload_failure(v_recording, p_kind, p_code, p_is_final);
end;
$$;
comment on function private.fail_recording_upload(uuid, uuid, text, text, text, boolean) is
  'Ends a try that failed: {state: waiting, next_attempt_at} or, after the last one or when no try can help, {state: failed, upload_id}. Definer: as above.';

create function private.complete_recording_upload(
  p_org_id uuid, p_recording_id uuid, p_kind text, p_worker text, p_bytes bigint, p_place text
)
returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording constant public.recordings := private.lock_recording(p_org_id, p_recording_id);
  v_upload constant private.recording_uploads := private.lock_recording_upload(p_org_id, p_recording_id, p_kind, p_worker);
begin
  if v_recording.id is null then
    raise sqlstate 'PT409' using message = 'already_running';
  end if;
  if p_bytes is distinct from v_upload.source_bytes
    or right(p_place, char_length(v_upload.object_key) + 1) is distinct from '/' || v_upload.object_key then
    raise sqlstate 'PT409' using message = 'conflict';
  end if;
  update private.recording_uploads as u
  set state = 'complete', bytes_done = u.source_bytes, completed_at = clock_timestamp(),
    worker = null, leased_until = null, upload_id = null, last_error = null, idle_invocations = 0
  where u.org_id = p_org_id and u.recording_id = p_recording_id and u.kind = p_kind;
  delete from private.recording_upload_parts as n
  where n.org_id = p_org_id and n.recording_id = p_recording_id and n.kind = p_kind;
  update public.recordings as r
  set s3_video_url = case p_kind when 'video' then p_place else r.s3_video_url end,
    s3_audio_url = case p_kind when 'audio' then p_place else r.s3_audio_url end
  where r.org_id = p_org_id and r.id = p_recording_id;
  perform private.note_recording_event(
    v_recording, 'upload', 'stored',
    jsonb_build_object(
      'file', p_kind, 'bytes', p_bytes, 'invocations', v_upload.invocations, 'restarts', v_upload.restarts,
      'failures', v_upload.failures
    )
  );
  return private.refresh_recording_upload(p_org_id, p_recording_id);
end;
$$;
comment on function private.complete_recording_upload(uuid, uuid, text, text, bigint, text) is
  'Ends an upload whose object has been found as large as its source; with the last file the recording is stored. Returns the recording''s upload status. Raises conflict on another size or place. Definer: as above.';

create function private.renew_recording_sources(
  p_org_id uuid, p_recording_id uuid, p_sources jsonb, p_expires_at timestamptz
)
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording constant public.recordings := private.lock_recording(p_org_id, p_recording_id);
begin
  if v_recording.id is null then
    return;
  end if;
  insert into private.recording_sources as s (org_id, recording_id, kind, url, expires_at)
  select p_org_id, p_recording_id, f.key, f.value, p_expires_at
  from jsonb_each_text(p_sources) as f
  where f.value is not null
  on conflict (org_id, recording_id, kind) do update
  set url = excluded.url, expires_at = excluded.expires_at
  where excluded.expires_at >= s.expires_at;
  perform private.note_recording_event(
    v_recording, 'upload', 'sources_renewed', jsonb_build_object('expires_at', p_expires_at)
  );
end;
$$;
comment on function private.renew_recording_sources(uuid, uuid, jsonb, timestamptz) is
  'Stores the fresh addresses, {kind: url}, that the provider gave when it was asked again (R-11). Definer: addresses are nobody''s to write.';

create function public.claim_recording_upload(p_worker text, p_lease_seconds integer default 120)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.claim_recording_upload(p_worker, p_lease_seconds);
end;
$$;
comment on function public.claim_recording_upload(text, integer) is 'Leases the upload that is due; null when none is. Service only.';

create function public.begin_recording_upload(
  p_org_id uuid, p_recording_id uuid, p_kind text, p_worker text, p_upload_id text, p_mark text,
  p_source_etag text, p_source_bytes bigint, p_part_size integer, p_reason text default null
)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.begin_recording_upload(
    p_org_id, p_recording_id, p_kind, p_worker, p_upload_id, p_mark, p_source_etag, p_source_bytes, p_part_size, p_reason
  );
end;
$$;
comment on function public.begin_recording_upload(uuid, uuid, text, text, text, text, text, bigint, integer, text) is
  'Notes that a worker sends a new upload or goes on with one. Service only.';

create function public.checkpoint_recording_upload(
  p_org_id uuid, p_recording_id uuid, p_kind text, p_worker text, p_parts jsonb, p_lease_seconds integer default 120
)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.checkpoint_recording_upload(p_org_id, p_recording_id, p_kind, p_worker, p_parts, p_lease_seconds);
end;
$$;
comment on function public.checkpoint_recording_upload(uuid, uuid, text, text, jsonb, integer) is
  'Writes down parts that the store has, and renews the lease. Service only.';

create function public.yield_recording_upload(p_org_id uuid, p_recording_id uuid, p_kind text, p_worker text)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.yield_recording_upload(p_org_id, p_recording_id, p_kind, p_worker);
end;
$$;
comment on function public.yield_recording_upload(uuid, uuid, text, text) is 'Gives the lease back and wakes the next worker. Service only.';

create function public.fail_recording_upload(
  p_org_id uuid, p_recording_id uuid, p_kind text, p_worker text, p_code text, p_is_final boolean default false
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.fail_recording_upload(p_org_id, p_recording_id, p_kind, p_worker, p_code, p_is_final);
end;
$$;
comment on function public.fail_recording_upload(uuid, uuid, text, text, text, boolean) is
  'Ends a try that failed; says when the next is, if there is one. Service only.';

create function public.complete_recording_upload(
  p_org_id uuid, p_recording_id uuid, p_kind text, p_worker text, p_bytes bigint, p_place text
)
returns text
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.complete_recording_upload(p_org_id, p_recording_id, p_kind, p_worker, p_bytes, p_place);
end;
$$;
comment on function public.complete_recording_upload(uuid, uuid, text, text, bigint, text) is
  'Ends an upload whose object is as large as its source. Service only.';

create function public.renew_recording_sources(
  p_org_id uuid, p_recording_id uuid, p_sources jsonb, p_expires_at timestamptz
)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.renew_recording_sources(p_org_id, p_recording_id, p_sources, p_expires_at);
end;
$$;
comment on function public.renew_recording_sources(uuid, uuid, jsonb, timestamptz) is
  'Stores fresh addresses of a recording''s files. Service only.';

grant execute on function private.claim_recording_upload(text, integer) to service_role;
grant execute on function private.begin_recording_upload(uuid, uuid, text, text, text, text, text, bigint, integer, text) to service_role;
grant execute on function private.checkpoint_recording_upload(uuid, uuid, text, text, jsonb, integer) to service_role;
grant execute on function private.yield_recording_upload(uuid, uuid, text, text) to service_role;
grant execute on function private.fail_recording_upload(uuid, uuid, text, text, text, boolean) to service_role;
grant execute on function private.complete_recording_upload(uuid, uuid, text, text, bigint, text) to service_role;
grant execute on function private.renew_recording_sources(uuid, uuid, jsonb, timestamptz) to service_role;
grant execute on function public.claim_recording_upload(text, integer) to service_role;
grant execute on function public.begin_recording_upload(uuid, uuid, text, text, text, text, text, bigint, integer, text) to service_role;
grant execute on function public.checkpoint_recording_upload(uuid, uuid, text, text, jsonb, integer) to service_role;
grant execute on function public.yield_recording_upload(uuid, uuid, text, text) to service_role;
grant execute on function public.fail_recording_upload(uuid, uuid, text, text, text, boolean) to service_role;
grant execute on function public.complete_recording_upload(uuid, uuid, text, text, bigint, text) to service_role;
grant execute on function public.renew_recording_sources(uuid, uuid, jsonb, timestamptz) to service_role;
