-- When the first room's jobs run. Each call proves itself by private.call_function.

create function private.setup_first_room_schedule()
returns void
language plpgsql set search_path = ''
as $$
begin
  -- Whatever a webhook's own processing did not get to is due again here.
  perform cron.schedule(
    'process-webhook-events', '* * * * *', $job$select private.call_function('process-webhook-events')$job$
  );
  perform cron.schedule(
    'calendar-sync-scheduler', '*/15 * * * *', $job$select private.call_function('calendar-sync-scheduler')$job$
  );
end;
$$;
comment on function private.setup_first_room_schedule() is
  'Schedules the inbox drain (every minute) and the calendar synchronization (every 15 minutes); safe to run again.';
select private.setup_first_room_schedule();
