-- As 20261126010000, for recordings: bodies in PL/pgSQL, whose plans are kept. Nothing else changes.

create or replace function public.claim_due_meetings()
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  -- A tick comes every two minutes, and a bot takes up to two to be there.
  return private.claim_due_meetings(interval '150 seconds', interval '15 minutes');
end;
$$;

create or replace function public.request_recording_bot(
  p_org_id uuid default null, p_calendar_event_id uuid default null, p_meeting_url text default null, p_title text default null
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.request_recording_bot(p_org_id, p_calendar_event_id, p_meeting_url, p_title);
end;
$$;

create or replace function public.request_bot_leave(p_recording_id uuid, p_org_id uuid default null)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.request_bot_leave(p_org_id, p_recording_id);
end;
$$;

create or replace function public.read_leaving_bot(p_org_id uuid, p_recording_id uuid)
returns text
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.read_leaving_bot(p_org_id, p_recording_id);
end;
$$;

create or replace function public.note_bot_leave(p_org_id uuid, p_recording_id uuid, p_code text)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.note_bot_leave(p_org_id, p_recording_id, p_code);
end;
$$;

create or replace function public.list_deploy_calendars(p_org_id uuid, p_recording_id uuid)
returns uuid[]
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.list_deploy_calendars(p_org_id, p_recording_id);
end;
$$;

create or replace function public.begin_bot_deployment(
  p_org_id uuid, p_recording_id uuid, p_job_id uuid, p_worker text, p_is_known_unsent boolean default false
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.begin_bot_deployment(p_org_id, p_recording_id, p_job_id, p_worker, p_is_known_unsent);
end;
$$;

create or replace function public.finish_bot_deployment(p_org_id uuid, p_recording_id uuid, p_bot_id text)
returns text
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.finish_bot_deployment(p_org_id, p_recording_id, p_bot_id);
end;
$$;

create or replace function public.fail_bot_deployment(
  p_org_id uuid, p_recording_id uuid, p_code text, p_retry_at timestamptz default null, p_status integer default null,
  p_is_unsent boolean default false
)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.fail_bot_deployment(p_org_id, p_recording_id, p_code, p_retry_at, p_status, p_is_unsent);
end;
$$;

create or replace function public.apply_bot_event(p_event_id uuid, p_event jsonb)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.apply_bot_event(p_event_id, p_event);
end;
$$;

create or replace function private.upload_retry_delay(p_failures integer)
returns interval
language plpgsql immutable set search_path = ''
as $$
begin
  return (array[interval '2 minutes', interval '5 minutes', interval '10 minutes'])[p_failures];
end;
$$;

create or replace function public.dispatch_recording_uploads(p_limit integer default 10)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.dispatch_recording_uploads(p_limit);
end;
$$;

create or replace function public.unknown_recording_uploads(p_upload_ids text[])
returns text[]
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.unknown_recording_uploads(p_upload_ids);
end;
$$;

create or replace function public.claim_recording_upload(p_worker text, p_lease_seconds integer default 120)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.claim_recording_upload(p_worker, p_lease_seconds);
end;
$$;

create or replace function public.begin_recording_upload(
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

create or replace function public.checkpoint_recording_upload(
  p_org_id uuid, p_recording_id uuid, p_kind text, p_worker text, p_parts jsonb, p_lease_seconds integer default 120
)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.checkpoint_recording_upload(p_org_id, p_recording_id, p_kind, p_worker, p_parts, p_lease_seconds);
end;
$$;

create or replace function public.yield_recording_upload(p_org_id uuid, p_recording_id uuid, p_kind text, p_worker text)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.yield_recording_upload(p_org_id, p_recording_id, p_kind, p_worker);
end;
$$;

create or replace function public.fail_recording_upload(
  p_org_id uuid, p_recording_id uuid, p_kind text, p_worker text, p_code text, p_is_final boolean default false
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.fail_recording_upload(p_org_id, p_recording_id, p_kind, p_worker, p_code, p_is_final);
end;
$$;

create or replace function public.complete_recording_upload(
  p_org_id uuid, p_recording_id uuid, p_kind text, p_worker text, p_bytes bigint, p_place text
)
returns text
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.complete_recording_upload(p_org_id, p_recording_id, p_kind, p_worker, p_bytes, p_place);
end;
$$;

create or replace function public.renew_recording_sources(
  p_org_id uuid, p_recording_id uuid, p_sources jsonb, p_expires_at timestamptz
)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.renew_recording_sources(p_org_id, p_recording_id, p_sources, p_expires_at);
end;
$$;

create or replace function public.begin_transcription(
  p_org_id uuid, p_recording_id uuid, p_has_gladia boolean, p_worker text, p_lease_seconds integer default 120
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.begin_transcription(p_org_id, p_recording_id, p_has_gladia, p_worker, p_lease_seconds);
end;
$$;

create or replace function public.claim_due_transcriptions(p_worker text, p_limit integer default 10, p_lease_seconds integer default 120)
returns setof jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return query
  select private.claim_due_transcriptions(p_worker, p_limit, p_lease_seconds);
end;
$$;

create or replace function public.note_transcription_attempt(p_org_id uuid, p_id uuid, p_worker text, p_token_hash text)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.note_transcription_attempt(p_org_id, p_id, p_worker, p_token_hash);
end;
$$;

create or replace function public.note_transcription_job(
  p_org_id uuid, p_id uuid, p_worker text, p_job_id text, p_poll_seconds integer
)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.note_transcription_job(p_org_id, p_id, p_worker, p_job_id, p_poll_seconds);
end;
$$;

create or replace function public.postpone_transcription(
  p_org_id uuid, p_id uuid, p_worker text, p_code text, p_retry_seconds integer
)
returns text
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.postpone_transcription(p_org_id, p_id, p_worker, p_code, p_retry_seconds);
end;
$$;

create or replace function public.resubmit_transcription(
  p_org_id uuid, p_id uuid, p_job_id text, p_code text, p_retry_seconds integer
)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.resubmit_transcription(p_org_id, p_id, p_job_id, p_code, p_retry_seconds);
end;
$$;

create or replace function public.fail_transcription(p_org_id uuid, p_id uuid, p_worker text, p_job_id text, p_code text)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.fail_transcription(p_org_id, p_id, p_worker, p_job_id, p_code);
end;
$$;

create or replace function public.store_recording_transcript(
  p_org_id uuid, p_recording_id uuid, p_provider text, p_language text, p_segments jsonb
)
returns text
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.store_recording_transcript(p_org_id, p_recording_id, p_provider, p_language, p_segments);
end;
$$;

create or replace function public.note_transcription_forgotten(p_org_id uuid, p_id uuid, p_is_forgotten boolean)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.note_transcription_forgotten(p_org_id, p_id, p_is_forgotten);
end;
$$;

create or replace function public.find_transcription_callback(p_token_hash text)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return private.find_transcription_callback(p_token_hash);
end;
$$;

create or replace function public.read_transcription(p_id uuid)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return private.read_transcription(p_id);
end;
$$;

create or replace function private.evidence_seqs(p_segments jsonb)
returns integer[]
language plpgsql immutable set search_path = ''
as $$
begin
  return (
    select coalesce(array_agg(distinct e.value::integer order by e.value::integer), '{}')
    from jsonb_array_elements_text(coalesce(p_segments, '[]')) as e
  );
end;
$$;

create or replace function public.read_analysis_source(p_org_id uuid, p_recording_id uuid)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return private.read_analysis_source(p_org_id, p_recording_id);
end;
$$;

create or replace function public.store_meeting_analysis(
  p_org_id uuid, p_recording_id uuid, p_transcript_hash text, p_analysis jsonb
)
returns text
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.store_meeting_analysis(p_org_id, p_recording_id, p_transcript_hash, p_analysis);
end;
$$;

create or replace function public.fail_meeting_analysis(p_org_id uuid, p_recording_id uuid, p_transcript_hash text, p_code text)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.fail_meeting_analysis(p_org_id, p_recording_id, p_transcript_hash, p_code);
end;
$$;

create or replace function public.sync_recording_to_meeting(p_recording_id uuid, p_bot_id text)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.sync_recording_to_meeting(p_recording_id, p_bot_id);
end;
$$;

create or replace function public.begin_thumbnail(p_org_id uuid, p_recording_id uuid)
returns text
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.begin_thumbnail(p_org_id, p_recording_id);
end;
$$;

create or replace function public.store_thumbnail(p_org_id uuid, p_recording_id uuid, p_url text, p_s3_location text)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.store_thumbnail(p_org_id, p_recording_id, p_url, p_s3_location);
end;
$$;

create or replace function public.fail_thumbnail(p_org_id uuid, p_recording_id uuid, p_code text, p_is_final boolean)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.fail_thumbnail(p_org_id, p_recording_id, p_code, p_is_final);
end;
$$;

create or replace function public.sweep_recordings(p_retention_days integer default 3, p_limit integer default 500)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.sweep_recordings(p_retention_days, p_limit);
end;
$$;

create or replace function public.claim_recordings_to_check(p_limit integer default 50, p_pause_seconds integer default 600)
returns table (org_id uuid, recording_id uuid, bot_id text, status text)
language plpgsql security invoker set search_path = ''
as $$
begin
  return query
  select c.org_id, c.recording_id, c.bot_id, c.status from private.claim_recordings_to_check(p_limit, p_pause_seconds) as c;
end;
$$;

create or replace function public.note_recording_check(
  p_org_id uuid, p_recording_id uuid, p_status_before text, p_error text default null
)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.note_recording_check(p_org_id, p_recording_id, p_status_before, p_error);
end;
$$;

create or replace function public.read_erasure(p_org_id uuid, p_recording_id uuid)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return private.read_erasure(p_org_id, p_recording_id);
end;
$$;

create or replace function public.finish_erasure(p_org_id uuid, p_recording_id uuid, p_objects integer)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.finish_erasure(p_org_id, p_recording_id, p_objects);
end;
$$;

create or replace function public.record_s3_usage(p_max_days integer default 400)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.record_s3_usage((now() at time zone 'utc')::date, p_max_days);
end;
$$;

create or replace function public.record_s3_downloads(p_org_id uuid, p_day date, p_bytes bigint)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.record_s3_downloads(p_org_id, p_day, p_bytes);
end;
$$;

create or replace function public.get_storage_usage(p_scope text default 'organization', p_org_id uuid default null, p_days integer default 30)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return private.get_storage_usage(p_scope, p_org_id, p_days);
end;
$$;

create or replace function public.get_recording(p_recording_id uuid, p_org_id uuid default null)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return private.get_recording(p_org_id, p_recording_id);
end;
$$;

create or replace function public.get_recording_timeline(p_recording_id uuid, p_org_id uuid default null)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return private.get_recording_timeline(p_org_id, p_recording_id);
end;
$$;

create or replace function public.authorize_playback(p_recording_id uuid, p_file text default 'video', p_org_id uuid default null)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.authorize_playback(p_org_id, p_recording_id, p_file);
end;
$$;

create or replace function public.retry_recording(p_recording_id uuid, p_org_id uuid default null)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.retry_recording(p_org_id, p_recording_id);
end;
$$;

create or replace function public.retry_all_recordings(p_org_id uuid default null, p_limit integer default 50)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.retry_all_recordings(p_org_id, p_limit);
end;
$$;

create or replace function public.delete_recording(p_recording_id uuid, p_org_id uuid default null)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.delete_recording(p_org_id, p_recording_id);
end;
$$;

create or replace function public.list_stuck_recordings(p_org_id uuid default null, p_limit integer default 100)
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

create or replace function public.list_stuck_recordings_of_platform(p_limit integer default 100)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return private.list_stuck_recordings(p_limit);
end;
$$;
