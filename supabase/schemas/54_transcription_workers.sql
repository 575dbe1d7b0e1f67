-- What a worker that transcribes may call: looking up whose callback came in, and the doors to the
-- functions before (U60-109, U60-110).

create function private.find_transcription_callback(p_token_hash text)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('id', t.id)
    from private.recording_transcriptions as t
    join public.recordings as r on r.org_id = t.org_id and r.id = t.recording_id
    where t.callback_token_hash = p_token_hash and r.deleted_at is null
  );
end;
$$;
comment on function private.find_transcription_callback(text) is
  'Whose callback address this is, by the hash of its token; null when nobody''s. Definer: the table is nobody''s.';

create function private.read_transcription(p_id uuid)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_row private.recording_transcriptions;
begin
  select t.* into v_row
  from private.recording_transcriptions as t
  join public.recordings as r on r.org_id = t.org_id and r.id = t.recording_id
  where t.id = p_id and r.deleted_at is null;
  return private.transcription_claim(v_row);
end;
$$;
comment on function private.read_transcription(uuid) is
  'One path as a worker sees it, without a lease; null when its recording is gone. The organization is the row''s own. Definer: the table is nobody''s.';

create function public.begin_transcription(
  p_org_id uuid, p_recording_id uuid, p_has_gladia boolean, p_worker text, p_lease_seconds integer default 120
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.begin_transcription(p_org_id, p_recording_id, p_has_gladia, p_worker, p_lease_seconds);
end;
$$;
comment on function public.begin_transcription(uuid, uuid, boolean, text, integer) is
  'Begins the preferred way to a transcript and leases it; null when there is nothing to begin. Service only.';

create function public.claim_due_transcriptions(p_worker text, p_limit integer default 10, p_lease_seconds integer default 120)
returns setof jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return query
  select private.claim_due_transcriptions(p_worker, p_limit, p_lease_seconds);
end;
$$;
comment on function public.claim_due_transcriptions(text, integer, integer) is
  'Leases transcriptions that are due to a worker, whose name must be unique per run. Service only.';

create function public.note_transcription_attempt(p_org_id uuid, p_id uuid, p_worker text, p_token_hash text)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.note_transcription_attempt(p_org_id, p_id, p_worker, p_token_hash);
end;
$$;
comment on function public.note_transcription_attempt(uuid, uuid, text, text) is
  'Notes that a job is about to be asked for; false when the lease was lost, and then it must not be. Service only.';

create function public.note_transcription_job(
  p_org_id uuid, p_id uuid, p_worker text, p_job_id text, p_poll_seconds integer
)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.note_transcription_job(p_org_id, p_id, p_worker, p_job_id, p_poll_seconds);
end;
$$;
comment on function public.note_transcription_job(uuid, uuid, text, text, integer) is
  'Notes the job that was made and when it is looked at again. Service only.';

create function public.postpone_transcription(
  p_org_id uuid, p_id uuid, p_worker text, p_code text, p_retry_seconds integer
)
returns text
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.postpone_transcription(p_org_id, p_id, p_worker, p_code, p_retry_seconds);
end;
$$;
comment on function public.postpone_transcription(uuid, uuid, text, text, integer) is
  'Says when a leased transcription is looked at again; its state, null when the lease was lost. Service only.';

create function public.resubmit_transcription(
  p_org_id uuid, p_id uuid, p_job_id text, p_code text, p_retry_seconds integer
)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.resubmit_transcription(p_org_id, p_id, p_job_id, p_code, p_retry_seconds);
end;
$$;
comment on function public.resubmit_transcription(uuid, uuid, text, text, integer) is
  'Has a job that failed asked for again. Service only.';

create function public.fail_transcription(p_org_id uuid, p_id uuid, p_worker text, p_job_id text, p_code text)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.fail_transcription(p_org_id, p_id, p_worker, p_job_id, p_code);
end;
$$;
comment on function public.fail_transcription(uuid, uuid, text, text, text) is
  'Ends one way to a transcript; the other one is tried. Service only.';

create function public.store_recording_transcript(
  p_org_id uuid, p_recording_id uuid, p_provider text, p_language text, p_segments jsonb
)
returns text
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.store_recording_transcript(p_org_id, p_recording_id, p_provider, p_language, p_segments);
end;
$$;
comment on function public.store_recording_transcript(uuid, uuid, text, text, jsonb) is
  'Stores a transcript unless a better one is there. Service only. Raises invalid_request.';

create function public.note_transcription_forgotten(p_org_id uuid, p_id uuid, p_is_forgotten boolean)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.note_transcription_forgotten(p_org_id, p_id, p_is_forgotten);
end;
$$;
comment on function public.note_transcription_forgotten(uuid, uuid, boolean) is
  'Notes whether the provider has forgotten a transcription that ended. Service only.';

create function public.find_transcription_callback(p_token_hash text)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return private.find_transcription_callback(p_token_hash);
end;
$$;
comment on function public.find_transcription_callback(text) is
  'Whose callback address this is, or null. Service only.';

create function public.read_transcription(p_id uuid)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return private.read_transcription(p_id);
end;
$$;
comment on function public.read_transcription(uuid) is
  'One transcription as a worker sees it, or null. Service only.';

grant execute on function
  private.begin_transcription(uuid, uuid, boolean, text, integer),
  private.claim_due_transcriptions(text, integer, integer),
  private.note_transcription_attempt(uuid, uuid, text, text),
  private.note_transcription_job(uuid, uuid, text, text, integer),
  private.postpone_transcription(uuid, uuid, text, text, integer),
  private.resubmit_transcription(uuid, uuid, text, text, integer),
  private.fail_transcription(uuid, uuid, text, text, text),
  private.store_recording_transcript(uuid, uuid, text, text, jsonb),
  private.note_transcription_forgotten(uuid, uuid, boolean),
  private.find_transcription_callback(text),
  private.read_transcription(uuid),
  public.begin_transcription(uuid, uuid, boolean, text, integer),
  public.claim_due_transcriptions(text, integer, integer),
  public.note_transcription_attempt(uuid, uuid, text, text),
  public.note_transcription_job(uuid, uuid, text, text, integer),
  public.postpone_transcription(uuid, uuid, text, text, integer),
  public.resubmit_transcription(uuid, uuid, text, text, integer),
  public.fail_transcription(uuid, uuid, text, text, text),
  public.store_recording_transcript(uuid, uuid, text, text, jsonb),
  public.note_transcription_forgotten(uuid, uuid, boolean),
  public.find_transcription_callback(text),
  public.read_transcription(uuid)
to service_role;
