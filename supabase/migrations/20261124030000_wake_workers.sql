-- Two things for work that is queued: a worker can be woken as soon as the work is committed, and what
-- is forgotten follows the queue, which since 20261124021000 keeps keys instead of jobs that are done.
-- Keys outlive the 14 days that such jobs were kept: what asks again may be a person months later.

create function private.wake_function(p_function text)
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_mark constant text := 'sixty.woken_' || replace(p_function, '-', '_');
begin
  -- Who takes up hundreds of things in one transaction says so, and wakes each worker once: it takes all that is due.
  if current_setting('sixty.wakes_once', true) = 'yes' then
    if current_setting(v_mark, true) = 'yes' then
      return;
    end if;
    perform set_config(v_mark, 'yes', true);
  end if;
  -- Where nothing can be called yet, the work waits for its schedule: a state must not hang on a hint.
  if (select count(*) from vault.secrets as s where s.name in ('project_url', 'service_role_key')) = 2 then
    perform private.call_function(p_function);
  end if;
end;
$$;
comment on function private.wake_function(text) is
  'Calls a worker as soon as this transaction commits, where calls are set up; never fails for lack of it. Definer: reads the vault; granted to nobody.';

create or replace function private.prune_operational_data()
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  delete from private.cron_nonces as n where n.consumed_at < now() - interval '1 hour';
  delete from private.webhook_events as e where e.state = 'processed' and e.received_at < now() - interval '30 days';
  delete from private.job_keys as k
  where k.created_at < now() - interval '90 days' and not exists (select from private.jobs as j where j.id = k.job_id);
  delete from cron.job_run_details as d where d.end_time < now() - interval '7 days';
end;
$$;
comment on function private.prune_operational_data() is
  'Forgets spent nonces, processed webhooks, keys of old jobs that are done, and old cron runs. Dead ones stay until somebody looks. Definer: run by cron.';
