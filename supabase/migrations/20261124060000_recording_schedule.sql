-- When the notetaker's jobs run. Work is woken in the transaction that calls for it; the schedule is what
-- holds when a wake-up is lost, at the cost of one tick (U60-104, U60-112, U60-143). A tick that finds
-- nothing due stays in the database.

create function private.call_worker(p_function text, p_kinds text[])
returns boolean
language plpgsql security definer set search_path = ''
as $$
begin
  if not exists (
    select from private.jobs as j
    where j.kind = any(p_kinds) and j.state in ('ready', 'running') and j.run_at <= clock_timestamp()
  ) then
    return false;
  end if;
  perform private.call_function(p_function);
  return true;
end;
$$;
comment on function private.call_worker(text, text[]) is
  'Calls a worker when a job of its kinds is due; says whether it did. Definer: reads the outbox. Run by cron only.';

create function private.call_process_recording()
returns boolean
language plpgsql security definer set search_path = ''
as $$
begin
  if exists (
    select from private.recording_transcriptions as t where t.next_poll_at <= clock_timestamp()
  ) then
    perform private.call_function('process-recording');
    return true;
  end if;
  return private.call_worker('process-recording', array['recording.transcribe', 'recording.analyze']);
end;
$$;
comment on function private.call_process_recording() is
  'Calls process-recording when a transcript is due to be asked for or an analysis to be made; says whether it did. Definer: as call_worker.';

create function private.setup_recording_schedule()
returns void
language plpgsql set search_path = ''
as $$
begin
  perform cron.schedule('auto-join-scheduler', '*/2 * * * *', $job$select private.call_auto_join_scheduler()$job$);
  perform cron.schedule(
    'deploy-recording-bot', '* * * * *',
    $job$select private.call_worker('deploy-recording-bot', array['recording.deploy', 'recording.leave'])$job$
  );
  -- Every minute, not every five: a retry is due to the minute (C-05).
  perform cron.schedule('poll-s3-upload-queue', '* * * * *', $job$select private.call_poll_s3_upload_queue()$job$);
  perform cron.schedule('process-recording', '* * * * *', $job$select private.call_process_recording()$job$);
  perform cron.schedule(
    'generate-s3-video-thumbnail', '* * * * *',
    $job$select private.call_worker('generate-s3-video-thumbnail', array['recording.thumbnail'])$job$
  );
  perform cron.schedule('reconcile-recordings', '*/5 * * * *', $job$select private.call_function('reconcile-recordings')$job$);
  perform cron.schedule('s3-usage-metrics', '0 0 * * *', $job$select private.call_function('s3-usage-metrics')$job$);
end;
$$;
comment on function private.setup_recording_schedule() is
  'Schedules the notetaker: sending bots, uploads, transcripts, pictures, the sweep and the daily figures; safe to run again.';
select private.setup_recording_schedule();
