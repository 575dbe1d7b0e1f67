-- The inbox: a verified webhook is a row here before anything else happens, once per provider and
-- event. It is leased for processing, retried with backoff, buried after its last attempt, and
-- replayed by an operator. A lease is next_attempt_at moved into the future: when a worker dies,
-- the event is due again by itself.

create table private.webhook_events (
  id uuid primary key default private.new_id(),
  provider text not null,
  event_id text not null,
  payload jsonb not null,
  headers jsonb not null default '{}',
  state text not null default 'received',
  attempts integer not null default 0,
  max_attempts integer not null default 8,
  next_attempt_at timestamptz not null default now(),
  locked_by text,
  locked_until timestamptz,
  last_error text,
  org_id uuid,
  request_id text,
  received_at timestamptz not null default now(),
  processed_at timestamptz,
  replayed_at timestamptz,
  constraint webhook_events_are_accepted_once unique (provider, event_id),
  constraint webhook_events_provider_shape check (provider ~ '^[a-z0-9_-]+$' and char_length(provider) <= 40),
  constraint webhook_events_event_id_length check (char_length(event_id) between 1 and 255),
  constraint webhook_events_state_is_known check (state in ('received', 'processed', 'dead')),
  constraint webhook_events_processed_iff_processed check ((state = 'processed') = (processed_at is not null)),
  constraint webhook_events_last_error_length check (char_length(last_error) <= 500)
);
comment on table private.webhook_events is 'Verified webhooks, one row per provider and event.';
comment on column private.webhook_events.id is '[class: operational] Follows time.';
comment on column private.webhook_events.provider is '[class: operational] Who sent it.';
comment on column private.webhook_events.event_id is '[class: operational] The sender''s id, the same on every retry.';
comment on column private.webhook_events.payload is '[class: collected] Body as received; untrusted.';
comment on column private.webhook_events.headers is '[class: operational] Headers worth keeping; no signatures, no secrets.';
comment on column private.webhook_events.state is '[class: operational] received, processed or dead.';
comment on column private.webhook_events.attempts is '[class: operational] Leases given so far.';
comment on column private.webhook_events.max_attempts is '[class: operational] Buried after so many.';
comment on column private.webhook_events.next_attempt_at is '[class: operational] When it may be leased; the end of the lease while it is.';
comment on column private.webhook_events.locked_by is '[class: operational] Worker that holds the lease; unique per run.';
comment on column private.webhook_events.locked_until is '[class: operational] End of the lease.';
comment on column private.webhook_events.last_error is '[class: operational] Code of the last failure; no contents.';
comment on column private.webhook_events.org_id is '[class: operational] Organization it turned out to concern.';
comment on column private.webhook_events.request_id is '[class: operational] Request that delivered it.';
comment on column private.webhook_events.received_at is '[class: operational] When it was stored.';
comment on column private.webhook_events.processed_at is '[class: operational] When its effects were committed.';
comment on column private.webhook_events.replayed_at is '[class: operational] When an operator last asked for it again.';
create index webhook_events_due_idx on private.webhook_events (provider, next_attempt_at, id)
where state = 'received';
create index webhook_events_received_at_idx on private.webhook_events (received_at) where state = 'processed';

create function private.retry_delay(p_attempts integer)
returns interval
language plpgsql volatile set search_path = ''
as $$
begin
  -- 10 s, 20 s, 40 s … at most one hour, and up to a fifth more so that failures spread out.
  return least(interval '10 seconds' * power(2, greatest(p_attempts, 1) - 1), interval '1 hour')
    * (1 + random() * 0.2);
end;
$$;
comment on function private.retry_delay(integer) is 'How long to wait after so many attempts: exponential, capped, with jitter.';

create function private.accept_webhook(
  p_provider text, p_event_id text, p_payload jsonb, p_headers jsonb, p_request_id text
)
returns table (id uuid, is_duplicate boolean)
language plpgsql security definer set search_path = ''
as $$
declare
  v_id uuid;
begin
  -- Looking first makes a resend a read: no write, no lock, nothing for vacuum.
  select e.id into v_id
  from private.webhook_events as e
  where e.provider = p_provider and e.event_id = p_event_id;
  if v_id is not null then
    id := v_id;
    is_duplicate := true;
    return next;
    return;
  end if;

  insert into private.webhook_events (provider, event_id, payload, headers, request_id)
  values (p_provider, p_event_id, p_payload, coalesce(p_headers, '{}'), p_request_id)
  on conflict (provider, event_id) do nothing
  returning webhook_events.id into v_id;
  if v_id is not null then
    -- The audit row that this use of the service role owes, in the same round trip.
    insert into public.security_audit_log (actor_kind, actor_name, action, entity_table, entity_id, reason, request_id)
    values (
      'webhook', p_provider, 'webhook_events.insert', 'webhook_events', v_id, 'accept_webhook',
      private.clean_request_id(p_request_id)
    );
    id := v_id;
    is_duplicate := false;
    return next;
    return;
  end if;

  -- Delivered twice at once: the other transaction has it.
  return query
  select e.id, true
  from private.webhook_events as e
  where e.provider = p_provider and e.event_id = p_event_id;
end;
$$;
comment on function private.accept_webhook(text, text, jsonb, jsonb, text) is
  'Stores a verified webhook once, with its audit row; once stored it is due. Definer: the inbox is nobody''s to write.';

create function private.claim_webhook_events(
  p_provider text, p_limit integer, p_lease_seconds integer, p_worker text
)
returns setof private.webhook_events
language plpgsql security definer set search_path = ''
as $$
begin
  return query
  update private.webhook_events as e
  set attempts = e.attempts + 1,
    locked_by = p_worker,
    locked_until = clock_timestamp() + make_interval(secs => p_lease_seconds),
    next_attempt_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
  where e.id = any(array(
    -- An array, not a join: the planner would think the limit a tenth of the table and scan it.
    select d.id
    from private.webhook_events as d
    where d.state = 'received'
      and d.provider = p_provider
      and d.next_attempt_at <= clock_timestamp()
      and d.attempts < d.max_attempts
    order by d.next_attempt_at, d.id
    limit least(greatest(p_limit, 1), 500)
    for update skip locked
  ))
  returning e.*;
end;
$$;
comment on function private.claim_webhook_events(text, integer, integer, text) is
  'Leases due events of a provider, each to one worker at a time. Definer: the inbox is nobody''s to read.';

create function private.complete_webhook_event(p_id uuid, p_worker text, p_org_id uuid)
returns boolean
language plpgsql security definer set search_path = ''
as $$
begin
  update private.webhook_events as e
  set state = 'processed', processed_at = clock_timestamp(), locked_by = null, locked_until = null,
    last_error = null, org_id = coalesce(p_org_id, e.org_id)
  where e.id = p_id and e.state = 'received'
    and e.locked_by = p_worker and e.locked_until > clock_timestamp();
  return found;
end;
$$;
comment on function private.complete_webhook_event(uuid, text, uuid) is
  'Marks a leased event processed; false when the lease was lost, and then nothing may be committed with it. Definer: as above.';

create function private.fail_webhook_event(p_id uuid, p_worker text, p_error text)
returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_state text;
begin
  update private.webhook_events as e
  set state = case when e.attempts >= e.max_attempts then 'dead' else 'received' end,
    next_attempt_at = clock_timestamp() + private.retry_delay(e.attempts),
    locked_by = null, locked_until = null, last_error = left(p_error, 500)
  where e.id = p_id and e.state = 'received' and e.locked_by = p_worker
  returning e.state into v_state;
  return v_state;
end;
$$;
comment on function private.fail_webhook_event(uuid, text, text) is
  'Puts a leased event back with a delay, or buries it after its last attempt; returns its state, null when the lease was another''s. Definer: as above.';

create function private.replay_webhook_event(p_id uuid)
returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_org_id uuid;
begin
  update private.webhook_events as e
  set state = 'received', attempts = 0, next_attempt_at = clock_timestamp(), processed_at = null,
    locked_by = null, locked_until = null, replayed_at = clock_timestamp()
  where e.id = p_id and e.state in ('dead', 'processed')
  returning e.org_id into v_org_id;
  if not found then
    return false;
  end if;
  perform private.write_audit(v_org_id, 'webhook_events.replayed', 'webhook_events', p_id);
  return true;
end;
$$;
comment on function private.replay_webhook_event(uuid) is
  'Makes a dead or processed event due again, for operators; logged. Definer: as above.';

create function public.accept_webhook(
  p_provider text, p_event_id text, p_payload jsonb, p_headers jsonb default '{}', p_request_id text default null
)
returns table (id uuid, is_duplicate boolean)
language plpgsql security invoker set search_path = ''
as $$
begin
  return query
  select a.id, a.is_duplicate
  from private.accept_webhook(p_provider, p_event_id, p_payload, p_headers, p_request_id) as a;
end;
$$;
comment on function public.accept_webhook(text, text, jsonb, jsonb, text) is
  'Stores a verified webhook once per provider and event. Service only.';

create function public.claim_webhook_events(
  p_provider text, p_limit integer default 20, p_lease_seconds integer default 60, p_worker text default null
)
returns table (
  id uuid, provider text, event_id text, payload jsonb, headers jsonb, attempts integer,
  max_attempts integer, locked_until timestamptz, org_id uuid, request_id text, received_at timestamptz
)
language plpgsql security invoker set search_path = ''
as $$
begin
  return query
  select e.id, e.provider, e.event_id, e.payload, e.headers, e.attempts, e.max_attempts,
    e.locked_until, e.org_id, e.request_id, e.received_at
  from private.claim_webhook_events(p_provider, p_limit, p_lease_seconds, p_worker) as e;
end;
$$;
comment on function public.claim_webhook_events(text, integer, integer, text) is
  'Leases due events to a worker, whose name must be unique per run. Service only.';

create function public.complete_webhook_event(p_id uuid, p_worker text, p_org_id uuid default null)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.complete_webhook_event(p_id, p_worker, p_org_id);
end;
$$;
comment on function public.complete_webhook_event(uuid, text, uuid) is
  'Marks a leased event processed; false when the lease was lost. Service only.';

create function public.fail_webhook_event(p_id uuid, p_worker text, p_error text)
returns text
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.fail_webhook_event(p_id, p_worker, p_error);
end;
$$;
comment on function public.fail_webhook_event(uuid, text, text) is
  'Puts a leased event back with a delay, or buries it; returns its state. Service only.';

create function public.replay_webhook_event(p_id uuid)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.replay_webhook_event(p_id);
end;
$$;
comment on function public.replay_webhook_event(uuid) is
  'Makes a dead or processed event due again; false when there is none. Service only.';

grant execute on function private.accept_webhook(text, text, jsonb, jsonb, text) to service_role;
grant execute on function private.claim_webhook_events(text, integer, integer, text) to service_role;
grant execute on function private.complete_webhook_event(uuid, text, uuid) to service_role;
grant execute on function private.fail_webhook_event(uuid, text, text) to service_role;
grant execute on function private.replay_webhook_event(uuid) to service_role;
grant execute on function public.accept_webhook(text, text, jsonb, jsonb, text) to service_role;
grant execute on function public.claim_webhook_events(text, integer, integer, text) to service_role;
grant execute on function public.complete_webhook_event(uuid, text, uuid) to service_role;
grant execute on function public.fail_webhook_event(uuid, text, text) to service_role;
grant execute on function public.replay_webhook_event(uuid) to service_role;

alter table private.webhook_events enable row level security;
alter table private.webhook_events force row level security;
revoke all on table private.webhook_events from anon, authenticated, service_role;
