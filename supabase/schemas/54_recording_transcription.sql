-- From a recording to what was said in it. Two paths lead there, a transcriber of our own (Gladia) and
-- the bot's provider (MeetingBaaS); either alone suffices, and where both arrive the first one named
-- wins, whatever the order (U60-109, U60-110, U60-122). A path is a row here with a due time of its
-- own: a callback only makes it faster, and a killed worker's lease runs out.

create table private.recording_transcriptions (
  org_id uuid not null,
  id uuid not null default private.new_id(),
  recording_id uuid not null,
  provider text not null,
  status text not null,
  job_id text,
  is_job_kept boolean not null default false,
  callback_token_hash text,
  attempts integer not null default 0,
  polls integer not null default 0,
  submitted_at timestamptz,
  next_poll_at timestamptz,
  give_up_at timestamptz not null default clock_timestamp() + interval '6 hours',
  locked_by text,
  locked_until timestamptz,
  content_hash text,
  error text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, id),
  foreign key (org_id, recording_id) references public.recordings (org_id, id) on delete cascade,
  constraint recording_transcriptions_have_one_path_each unique (org_id, recording_id, provider),
  constraint recording_transcriptions_are_found_by_id unique (id),
  constraint recording_transcriptions_are_found_by_token unique (callback_token_hash),
  constraint recording_transcriptions_provider_is_known check (provider in ('gladia', 'meetingbaas')),
  constraint recording_transcriptions_status_is_known check (
    status in ('submitting', 'waiting', 'complete', 'failed', 'dropped')
  ),
  constraint recording_transcriptions_are_due_while_they_go_on check (
    (next_poll_at is not null) = (status in ('submitting', 'waiting') or is_job_kept)
  ),
  constraint recording_transcriptions_token_hash_shape check (callback_token_hash ~ '^[0-9a-f]{64}$'),
  constraint recording_transcriptions_job_id_length check (char_length(job_id) between 1 and 200),
  constraint recording_transcriptions_error_shape check (error ~ '^[a-z0-9_]{1,100}$')
);
comment on table private.recording_transcriptions is
  'One way to the transcript of a recording and how far it has come; its own due time brings it back until it has ended.';
comment on column private.recording_transcriptions.org_id is '[class: operational] Organization whose row this is.';
comment on column private.recording_transcriptions.id is '[class: operational] Follows time; travels with the job as its reference.';
comment on column private.recording_transcriptions.recording_id is '[class: operational] The recording.';
comment on column private.recording_transcriptions.provider is '[class: operational] gladia or meetingbaas.';
comment on column private.recording_transcriptions.status is '[class: operational] submitting (no job is known), waiting, complete, failed, or dropped because the other path was preferred.';
comment on column private.recording_transcriptions.job_id is '[class: operational] The job at the provider.';
comment on column private.recording_transcriptions.is_job_kept is '[class: operational] The provider may keep a job of ours; when the path has ended, or the recording was deleted, it is told to forget it.';
comment on column private.recording_transcriptions.callback_token_hash is '[class: secret] SHA-256 of the unguessable end of the callback''s address, in hexadecimal digits.';
comment on column private.recording_transcriptions.attempts is '[class: operational] How often a job was asked for.';
comment on column private.recording_transcriptions.polls is '[class: operational] How often there was nothing yet since then.';
comment on column private.recording_transcriptions.submitted_at is '[class: operational] When the job was last asked for.';
comment on column private.recording_transcriptions.next_poll_at is '[class: operational] When somebody looks again; null once it has ended and nothing of it is kept elsewhere.';
comment on column private.recording_transcriptions.give_up_at is '[class: operational] From then on nothing is waited for.';
comment on column private.recording_transcriptions.locked_by is '[class: operational] Worker that holds the lease; unique per run.';
comment on column private.recording_transcriptions.locked_until is '[class: operational] End of the lease.';
comment on column private.recording_transcriptions.content_hash is '[class: operational] Hash of what was stored; the same is not written again.';
comment on column private.recording_transcriptions.error is '[class: operational] Code of the last failure.';
comment on column private.recording_transcriptions.created_at is '[class: operational] When the row was made.';
comment on column private.recording_transcriptions.updated_at is '[class: operational] Last change of the row.';
create index recording_transcriptions_due_idx on private.recording_transcriptions (next_poll_at, id)
where next_poll_at is not null;

create trigger touch_updated_at before update on private.recording_transcriptions
for each row execute function private.touch_updated_at();

alter table private.recording_transcriptions enable row level security;
alter table private.recording_transcriptions force row level security;
revoke all on table private.recording_transcriptions from anon, authenticated, service_role;

create function private.start_transcription(p_org_id uuid, p_recording_id uuid)
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording public.recordings := private.lock_recording(p_org_id, p_recording_id);
begin
  if v_recording.id is null or v_recording.transcript_status is not distinct from 'complete' then
    return;
  end if;
  if v_recording.transcript_status is null or v_recording.transcript_status = 'failed' then
    -- Begun, or begun anew: what failed may be tried again. A row that stands for jobs elsewhere stays.
    delete from private.recording_transcriptions as t
    where t.org_id = p_org_id and t.recording_id = p_recording_id and t.next_poll_at is null;
    update private.recording_transcriptions as t
    set status = 'submitting', job_id = null, attempts = 0, polls = 0, error = null, created_at = clock_timestamp(),
      next_poll_at = clock_timestamp(), give_up_at = clock_timestamp() + interval '6 hours'
    where t.org_id = p_org_id and t.recording_id = p_recording_id;
    update public.recordings as r
    set transcript_status = case when found then 'processing' else 'pending' end, transcript_error = null
    where r.org_id = p_org_id and r.id = p_recording_id;
    perform private.settle_recording(p_org_id, p_recording_id);
  end if;
  -- Asked for again while it goes on, as when the provider says that it is ready: look now.
  update private.recording_transcriptions as t set next_poll_at = clock_timestamp()
  where t.org_id = p_org_id and t.recording_id = p_recording_id and t.next_poll_at > clock_timestamp()
    and coalesce(t.locked_until, '-infinity') <= clock_timestamp();
  if not exists (
    select from private.recording_transcriptions as t where t.org_id = p_org_id and t.recording_id = p_recording_id
  ) and not exists (
    select from private.jobs as j
    where j.kind = 'recording.transcribe' and j.state in ('ready', 'running') and j.org_id = p_org_id
      and j.payload ->> 'recording_id' = p_recording_id::text
  ) then
    perform private.note_recording_event(v_recording, 'transcript', 'requested');
    perform private.enqueue_job(
      'recording.transcribe', jsonb_build_object('recording_id', p_recording_id), p_org_id,
      private.next_job_key('transcribe:' || p_recording_id), null, null, null, null
    );
  end if;
  perform private.wake_function('process-recording');
end;
$$;
comment on function private.start_transcription(uuid, uuid) is
  'Asks for the transcript of a recording, once while it goes on; again after it failed. Which path is taken is decided when the job is done. Definer, granted to nobody.';

create function private.transcription_claim(p_transcription private.recording_transcriptions)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_claim jsonb;
begin
  select jsonb_build_object(
    'id', p_transcription.id, 'org_id', p_transcription.org_id, 'recording_id', p_transcription.recording_id,
    'provider', p_transcription.provider, 'status', p_transcription.status, 'job_id', p_transcription.job_id,
    'attempts', p_transcription.attempts, 'polls', p_transcription.polls,
    'is_deleted', r.deleted_at is not null, 'bot_id', r.bot_id,
    'duration_seconds', coalesce(
      r.duration_seconds, ceil(extract(epoch from r.ended_at - coalesce(r.recording_started_at, r.joined_at)))::integer
    ),
    'audio_place', case when r.s3_upload_status = 'complete' or r.s3_upload_is_terminal then coalesce(r.s3_audio_url, r.s3_video_url) end,
    'sources', (
      select coalesce(jsonb_object_agg(s.kind, jsonb_build_object('url', s.url, 'expires_at', s.expires_at)), '{}')
      from private.recording_sources as s
      where s.org_id = r.org_id and s.recording_id = r.id and s.kind in ('audio', 'video', 'transcription', 'diarization')
    ),
    'attendees', (
      select coalesce(jsonb_agg(jsonb_build_object('name', a.name, 'email', a.email) order by a.id), '[]')
      from public.meeting_attendees as a
      where a.org_id = r.org_id and a.meeting_id = r.meeting_id and a.email is not null
    )
  ) into v_claim
  from public.recordings as r
  where r.org_id = p_transcription.org_id and r.id = p_transcription.recording_id;
  return v_claim;
end;
$$;
comment on function private.transcription_claim(private.recording_transcriptions) is
  'All that a worker needs to go on with one path. Definer, granted to nobody.';

create function private.open_transcription(
  p_recording public.recordings, p_provider text, p_worker text default null, p_lease_seconds integer default 0
)
returns private.recording_transcriptions
language plpgsql security definer set search_path = ''
as $$
declare
  v_row private.recording_transcriptions;
begin
  insert into private.recording_transcriptions (
    org_id, recording_id, provider, status, next_poll_at, locked_by, locked_until
  )
  values (
    p_recording.org_id, p_recording.id, p_provider,
    -- The provider's own transcript needs no job of ours: it comes with the recording.
    case p_provider when 'gladia' then 'submitting' else 'waiting' end,
    clock_timestamp() + make_interval(secs => p_lease_seconds),
    p_worker, clock_timestamp() + make_interval(secs => p_lease_seconds)
  )
  on conflict on constraint recording_transcriptions_have_one_path_each do nothing
  returning * into v_row;
  if v_row.id is not null then
    perform private.note_recording_event(
      p_recording, 'transcript', 'started', jsonb_build_object('provider', p_provider)
    );
  end if;
  return v_row;
end;
$$;
comment on function private.open_transcription(public.recordings, text, text, integer) is
  'Begins a path, leased to a worker or due at once; null when there was one. The caller holds the recording''s lock. Definer, granted to nobody.';

create function private.begin_transcription(
  p_org_id uuid, p_recording_id uuid, p_has_gladia boolean, p_worker text, p_lease_seconds integer
)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording public.recordings := private.lock_recording(p_org_id, p_recording_id);
  v_row private.recording_transcriptions;
begin
  -- A path that has begun goes on by itself, and one that ended must not be begun by an old job.
  if v_recording.transcript_status is null or v_recording.transcript_status not in ('pending', 'processing')
    or exists (
      select from private.recording_transcriptions as t where t.org_id = p_org_id and t.recording_id = p_recording_id
    ) then
    return null;
  end if;
  update public.recordings as r set transcript_status = 'processing'
  where r.org_id = p_org_id and r.id = p_recording_id;
  v_row := private.open_transcription(
    v_recording, case when p_has_gladia then 'gladia' else 'meetingbaas' end, p_worker, p_lease_seconds
  );
  return private.transcription_claim(v_row);
end;
$$;
comment on function private.begin_transcription(uuid, uuid, boolean, text, integer) is
  'Begins the preferred path of a recording and leases it; null when one has begun or none is wanted. Definer: the table is nobody''s.';

create function private.claim_due_transcriptions(p_worker text, p_limit integer, p_lease_seconds integer)
returns setof jsonb
language plpgsql security definer set search_path = ''
as $$
begin
  return query
  with leased as (
    update private.recording_transcriptions as t
    set locked_by = p_worker, locked_until = clock_timestamp() + make_interval(secs => p_lease_seconds),
      next_poll_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
    where t.id = any(array(
      select d.id from private.recording_transcriptions as d
      where d.next_poll_at <= clock_timestamp()
      order by d.next_poll_at, d.id
      limit least(greatest(p_limit, 1), 100)
      for update skip locked
    ))
    returning t.*
  )
  select private.transcription_claim(row(l.*)::private.recording_transcriptions) from leased as l;
end;
$$;
comment on function private.claim_due_transcriptions(text, integer, integer) is
  'Leases paths whose time has come, those included that only wait to be forgotten, each to one worker at a time. Definer: the table is nobody''s.';

create function private.lock_transcription(p_org_id uuid, p_id uuid, p_worker text)
returns private.recording_transcriptions
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording public.recordings;
  v_row private.recording_transcriptions;
begin
  select t.* into v_row from private.recording_transcriptions as t where t.org_id = p_org_id and t.id = p_id;
  v_recording := private.lock_recording(p_org_id, v_row.recording_id);
  if v_recording.id is null then
    return null;
  end if;
  select t.* into v_row from private.recording_transcriptions as t
  where t.org_id = p_org_id and t.id = p_id and t.status in ('submitting', 'waiting')
    and (p_worker is null or t.locked_by = p_worker)
  for update;
  return v_row;
end;
$$;
comment on function private.lock_transcription(uuid, uuid, text) is
  'A path that goes on, locked after its recording; null when it ended or another worker holds it. Definer, granted to nobody.';

create function private.note_transcription_attempt(p_org_id uuid, p_id uuid, p_worker text, p_token_hash text)
returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_row private.recording_transcriptions := private.lock_transcription(p_org_id, p_id, p_worker);
begin
  if v_row.id is null or v_row.status <> 'submitting' then
    return false;
  end if;
  -- Before the job is asked for: its callback may be here before the answer is.
  update private.recording_transcriptions as t
  set attempts = t.attempts + 1, callback_token_hash = p_token_hash, submitted_at = clock_timestamp(), polls = 0,
    is_job_kept = true
  where t.org_id = p_org_id and t.id = p_id;
  return true;
end;
$$;
comment on function private.note_transcription_attempt(uuid, uuid, text, text) is
  'Notes that a job is about to be asked for, and by which token its callback will be known; false when the lease was lost. Definer: the table is nobody''s.';

create function private.note_transcription_job(
  p_org_id uuid, p_id uuid, p_worker text, p_job_id text, p_poll_seconds integer
)
returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_row private.recording_transcriptions := private.lock_transcription(p_org_id, p_id, p_worker);
begin
  if v_row.id is null or v_row.status <> 'submitting' then
    return false;
  end if;
  update private.recording_transcriptions as t
  set status = 'waiting', job_id = p_job_id, error = null, locked_by = null, locked_until = null,
    next_poll_at = clock_timestamp() + make_interval(secs => p_poll_seconds)
  where t.org_id = p_org_id and t.id = p_id;
  perform private.note_recording_event(
    private.lock_recording(p_org_id, v_row.recording_id), 'transcript', 'submitted',
    jsonb_build_object('provider', v_row.provider, 'attempt', v_row.attempts)
  );
  return true;
end;
$$;
comment on function private.note_transcription_job(uuid, uuid, text, text, integer) is
  'Notes the job that was made, and when somebody looks at it again; false when the path went on without. Definer: the table is nobody''s.';

create function private.end_transcription_path(
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
comment on function private.end_transcription_path(public.recordings, private.recording_transcriptions, text) is
  'Ends a path that led nowhere; the other one is begun, and only when none is left has the transcript failed. The caller holds both locks. Definer, granted to nobody.';

create function private.postpone_transcription(
  p_org_id uuid, p_id uuid, p_worker text, p_code text, p_retry_seconds integer
)
returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_row private.recording_transcriptions := private.lock_transcription(p_org_id, p_id, p_worker);
  v_recording public.recordings;
begin
  if v_row.id is null then
    return null;
  end if;
  v_recording := private.lock_recording(p_org_id, v_row.recording_id);
  if v_row.give_up_at <= clock_timestamp() then
    perform private.end_transcription_path(v_recording, v_row, coalesce(p_code, v_row.provider || '_timeout'));
    return 'failed';
  end if;
  update private.recording_transcriptions as t
  set polls = t.polls + 1, error = p_code, locked_by = null, locked_until = null,
    next_poll_at = clock_timestamp() + make_interval(secs => greatest(p_retry_seconds, 1))
  where t.org_id = p_org_id and t.id = p_id;
  -- Who is late is not waited for: the other path begins, and the better transcript replaces it later.
  if v_row.provider = 'gladia' and v_row.created_at < clock_timestamp() - interval '30 minutes' then
    if (private.open_transcription(v_recording, 'meetingbaas')).id is not null then
      perform private.note_recording_event(v_recording, 'transcript', 'gladia_overdue');
      perform private.wake_function('process-recording');
    end if;
  end if;
  return v_row.status;
end;
$$;
comment on function private.postpone_transcription(uuid, uuid, text, text, integer) is
  'There is nothing yet, or it failed for now: says when somebody looks again; ends the path when its time is over. Returns its state, null when the lease was lost. Definer: the table is nobody''s.';

create function private.resubmit_transcription(
  p_org_id uuid, p_id uuid, p_job_id text, p_code text, p_retry_seconds integer
)
returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_row private.recording_transcriptions := private.lock_transcription(p_org_id, p_id, null);
begin
  -- Only the job that is waited for: another one's end says nothing.
  if v_row.id is null or v_row.status <> 'waiting' or v_row.job_id is distinct from p_job_id then
    return false;
  end if;
  update private.recording_transcriptions as t
  set status = 'submitting', job_id = null, error = p_code, locked_by = null, locked_until = null,
    next_poll_at = clock_timestamp() + make_interval(secs => greatest(p_retry_seconds, 1))
  where t.org_id = p_org_id and t.id = p_id;
  perform private.note_recording_event(
    private.lock_recording(p_org_id, v_row.recording_id), 'transcript', 'job_failed',
    jsonb_build_object('provider', v_row.provider, 'error', p_code, 'attempt', v_row.attempts)
  );
  return true;
end;
$$;
comment on function private.resubmit_transcription(uuid, uuid, text, text, integer) is
  'A job failed in a way that another one may not: it is asked for again later. Definer: the table is nobody''s.';

create function private.fail_transcription(p_org_id uuid, p_id uuid, p_worker text, p_job_id text, p_code text)
returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_row private.recording_transcriptions := private.lock_transcription(p_org_id, p_id, p_worker);
begin
  if v_row.id is null or (p_job_id is not null and v_row.job_id is distinct from p_job_id) then
    return false;
  end if;
  perform private.end_transcription_path(private.lock_recording(p_org_id, v_row.recording_id), v_row, p_code);
  return true;
end;
$$;
comment on function private.fail_transcription(uuid, uuid, text, text, text) is
  'Ends a path for good, by the worker that holds it or by the job that it waits for; the other path is tried. Definer: the table is nobody''s.';

create function private.store_recording_transcript(
  p_org_id uuid, p_recording_id uuid, p_provider text, p_language text, p_segments jsonb
)
returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_recording public.recordings := private.lock_recording(p_org_id, p_recording_id);
  v_row private.recording_transcriptions;
  v_meeting public.meetings;
  v_hash constant text := md5(coalesce(p_language, '') || p_segments::text);
  v_has_one boolean;
begin
  if p_provider is null or p_provider not in ('gladia', 'meetingbaas')
    or jsonb_typeof(p_segments) is distinct from 'array' or jsonb_array_length(p_segments) = 0 then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  if v_recording.id is null then
    return 'gone';
  end if;
  perform private.set_actor('job', 'process-recording', private.request_id());
  v_has_one := v_recording.transcript_status is not distinct from 'complete';
  insert into private.recording_transcriptions as t (org_id, recording_id, provider, status)
  values (p_org_id, p_recording_id, p_provider, 'complete')
  on conflict on constraint recording_transcriptions_have_one_path_each do update
  set status = 'complete', error = null, locked_by = null, locked_until = null,
    -- Who stores it tells the provider to forget it; should that not happen, somebody else does.
    next_poll_at = case when t.is_job_kept then clock_timestamp() + interval '1 minute' end
  returning t.* into v_row;

  select m.* into v_meeting from public.meetings as m
  where m.org_id = p_org_id and m.id = v_recording.meeting_id;
  if v_meeting.id is null then
    perform private.end_transcription_path(v_recording, v_row, 'meeting_deleted');
    return 'gone';
  end if;
  if v_has_one and v_recording.transcript_provider = p_provider and v_row.content_hash = v_hash then
    return 'unchanged';
  end if;
  update private.recording_transcriptions as t set content_hash = v_hash
  where t.org_id = p_org_id and t.id = v_row.id;
  -- Which one is kept depends on who made it, never on who came last.
  if v_has_one and v_recording.transcript_provider = 'gladia' and p_provider = 'meetingbaas' then
    perform private.note_recording_event(
      v_recording, 'transcript', 'not_needed', jsonb_build_object('provider', p_provider)
    );
    return 'outranked';
  end if;

  perform private.replace_transcript(v_meeting, p_language, p_segments);
  update public.meetings as m set language = p_language
  where m.org_id = p_org_id and m.id = v_meeting.id and m.language is null and p_language is not null;
  update public.recordings as r
  set transcript_status = 'complete', transcript_provider = p_provider, transcript_error = null
  where r.org_id = p_org_id and r.id = p_recording_id;
  if p_provider = 'gladia' then
    update private.recording_transcriptions as t
    set status = 'dropped', next_poll_at = null, locked_by = null, locked_until = null
    where t.org_id = p_org_id and t.recording_id = p_recording_id and t.provider = 'meetingbaas'
      and t.status in ('submitting', 'waiting');
  end if;
  perform private.note_recording_event(
    v_recording, 'transcript', case when v_has_one then 'replaced' else 'stored' end,
    jsonb_build_object('provider', p_provider, 'segments', jsonb_array_length(p_segments))
  );
  perform private.start_analysis(p_org_id, p_recording_id);
  perform private.sync_recording(p_org_id, p_recording_id);
  perform private.settle_recording(p_org_id, p_recording_id);
  return case when v_has_one then 'replaced' else 'stored' end;
end;
$$;
comment on function private.store_recording_transcript(uuid, uuid, text, text, jsonb) is
  'Stores what was said, searchable when the transaction commits, and asks for what follows from it: stored, replaced, unchanged, outranked (a better one is there) or gone. Repeating it changes nothing. Definer: transcripts are nobody''s to write. Raises invalid_request.';

create function private.note_transcription_forgotten(p_org_id uuid, p_id uuid, p_is_forgotten boolean)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  update private.recording_transcriptions as t
  set is_job_kept = not p_is_forgotten, locked_by = null, locked_until = null,
    next_poll_at = case when not p_is_forgotten then clock_timestamp() + interval '15 minutes' end,
    status = case when t.status in ('submitting', 'waiting') then 'failed' else t.status end,
    error = case when t.status in ('submitting', 'waiting') then 'recording_deleted' else t.error end
  from public.recordings as r
  where t.org_id = p_org_id and t.id = p_id and r.org_id = t.org_id and r.id = t.recording_id
    -- What goes on is not forgotten, unless nobody may have it any more.
    and (t.status not in ('submitting', 'waiting') or r.deleted_at is not null);
end;
$$;
comment on function private.note_transcription_forgotten(uuid, uuid, boolean) is
  'Notes that the provider keeps nothing of a path that has ended, or that it must be told again. Definer: the table is nobody''s.';
