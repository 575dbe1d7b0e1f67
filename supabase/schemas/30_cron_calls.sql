-- How the database calls a function on a schedule. The call proves possession of the vault secret
-- service_role_key by an HMAC over function, minute, nonce and body; the key itself never travels,
-- because pg_net keeps headers in a readable table (U60-143).

create table private.cron_nonces (
  nonce uuid primary key,
  function_name text not null,
  minute bigint not null,
  consumed_at timestamptz not null default now()
);
comment on table private.cron_nonces is 'Nonces of scheduled calls that were already answered.';
comment on column private.cron_nonces.nonce is '[class: operational] Sent once.';
comment on column private.cron_nonces.function_name is '[class: operational] Function that was called.';
comment on column private.cron_nonces.minute is '[class: operational] Minute since the epoch that was signed.';
comment on column private.cron_nonces.consumed_at is '[class: operational] When it was answered.';
create index cron_nonces_consumed_at_idx on private.cron_nonces (consumed_at);

create function private.call_function(p_function text, p_body jsonb default '{}')
returns bigint
language plpgsql security definer set search_path = ''
as $$
declare
  v_url text;
  v_key text;
  v_minute text := floor(extract(epoch from clock_timestamp()) / 60)::bigint::text;
  v_nonce text := gen_random_uuid()::text;
begin
  if p_function !~ '^[a-z0-9][a-z0-9-]{0,60}$' then
    raise exception 'call_function: % is not the name of a function', p_function;
  end if;
  select s.decrypted_secret into v_url from vault.decrypted_secrets as s where s.name = 'project_url';
  select s.decrypted_secret into v_key from vault.decrypted_secrets as s where s.name = 'service_role_key';
  if v_url is null or v_key is null then
    raise exception 'call_function: the vault lacks project_url or service_role_key';
  end if;
  return net.http_post(
    url := rtrim(v_url, '/') || '/functions/v1/' || p_function,
    body := p_body,
    headers := jsonb_build_object(
      'Content-Type', 'application/json',
      'x-cron-minute', v_minute,
      'x-cron-nonce', v_nonce,
      'x-cron-signature', 'v1,' || encode(
        extensions.hmac(p_function || '.' || v_minute || '.' || v_nonce || '.' || p_body::text, v_key, 'sha256'),
        'hex'
      )
    ),
    timeout_milliseconds := 10000
  );
end;
$$;
comment on function private.call_function(text, jsonb) is
  'Signs and posts a call to a function; it is sent when the transaction commits. Definer: reads the vault. Run by cron only.';

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

create function private.consume_cron_nonce(p_function text, p_nonce uuid, p_minute bigint)
returns boolean
language plpgsql security definer set search_path = ''
as $$
begin
  -- A nonce is forgotten long after its minute has passed, so an old minute is refused here too.
  if abs(p_minute - floor(extract(epoch from clock_timestamp()) / 60)::bigint) > 2 then
    return false;
  end if;
  insert into private.cron_nonces (nonce, function_name, minute)
  values (p_nonce, p_function, p_minute)
  on conflict (nonce) do nothing;
  if not found then
    return false;
  end if;
  -- The audit row that this use of the service role owes, in the same round trip.
  insert into public.security_audit_log (actor_kind, actor_name, action, reason, request_id)
  values ('job', p_function, 'functions.called', 'authenticate_cron', private.request_id());
  return true;
end;
$$;
comment on function private.consume_cron_nonce(text, uuid, bigint) is
  'True the first time a nonce is seen in its minute, give or take two; then the call is logged. Definer: the table is nobody''s to write.';

create function public.consume_cron_nonce(p_function text, p_nonce uuid, p_minute bigint)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.consume_cron_nonce(p_function, p_nonce, p_minute);
end;
$$;
comment on function public.consume_cron_nonce(text, uuid, bigint) is
  'Whether a scheduled call may be answered: true once for each nonce. Service only.';
grant execute on function private.consume_cron_nonce(text, uuid, bigint) to service_role;
grant execute on function public.consume_cron_nonce(text, uuid, bigint) to service_role;

create function private.prune_operational_data()
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

create function private.setup_housekeeping()
returns void
language plpgsql set search_path = ''
as $$
begin
  perform cron.schedule('prune-operational-data', '17 * * * *', 'select private.prune_operational_data()');
  perform cron.schedule('bury-exhausted', '* * * * *', 'select private.bury_exhausted()');
end;
$$;
comment on function private.setup_housekeeping() is 'Schedules the database''s own housekeeping; safe to run again.';
select private.setup_housekeeping();

alter table private.cron_nonces enable row level security;
alter table private.cron_nonces force row level security;
revoke all on table private.cron_nonces from anon, authenticated, service_role;
