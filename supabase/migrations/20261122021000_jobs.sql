-- The outbox: what must happen outside is a row here, written in the transaction that calls for
-- it. Leased, retried and buried as in the inbox; a lease is run_at moved into the future.

create table private.jobs (
  id uuid primary key default private.new_id(),
  org_id uuid references public.organizations (id) on delete cascade,
  kind text not null,
  idempotency_key text,
  payload jsonb not null default '{}',
  acting_user_id uuid,
  state text not null default 'ready',
  run_at timestamptz not null default now(),
  attempts integer not null default 0,
  max_attempts integer not null default 5,
  locked_by text,
  locked_until timestamptz,
  last_error text,
  request_id text,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  foreign key (org_id, acting_user_id) references public.organization_members (org_id, user_id),
  constraint jobs_are_enqueued_once unique (idempotency_key),
  constraint jobs_kind_shape check (kind ~ '^[a-z0-9_.-]{1,60}$'),
  constraint jobs_idempotency_key_length check (char_length(idempotency_key) between 1 and 255),
  constraint jobs_state_is_known check (state in ('ready', 'running', 'done', 'dead')),
  constraint jobs_max_attempts_is_positive check (max_attempts > 0),
  constraint jobs_last_error_length check (char_length(last_error) <= 500)
);
comment on table private.jobs is 'Work to be done outside a request, at least once, with an idempotency key.';
comment on column private.jobs.id is '[class: operational] Follows time.';
comment on column private.jobs.org_id is '[class: operational] Organization it is done for; null for the platform''s own.';
comment on column private.jobs.kind is '[class: operational] Which worker does it.';
comment on column private.jobs.idempotency_key is '[class: operational] Enqueued once for each key.';
comment on column private.jobs.payload is '[class: operational] Ids and options; no contents, no secrets.';
comment on column private.jobs.acting_user_id is '[class: operational] Member on whose behalf it is done.';
comment on column private.jobs.state is '[class: operational] ready, running, done or dead.';
comment on column private.jobs.run_at is '[class: operational] When it may be leased; the end of the lease while it is.';
comment on column private.jobs.attempts is '[class: operational] Leases given so far.';
comment on column private.jobs.max_attempts is '[class: operational] Buried after so many.';
comment on column private.jobs.locked_by is '[class: operational] Worker that holds the lease; unique per run.';
comment on column private.jobs.locked_until is '[class: operational] End of the lease.';
comment on column private.jobs.last_error is '[class: operational] Code of the last failure; no contents.';
comment on column private.jobs.request_id is '[class: operational] Request that called for it.';
comment on column private.jobs.created_at is '[class: operational] When it was enqueued.';
comment on column private.jobs.finished_at is '[class: operational] When it was done or buried.';
create index jobs_due_idx on private.jobs (kind, run_at, id) where state in ('ready', 'running');
create index jobs_finished_at_idx on private.jobs (finished_at) where state in ('done', 'dead');
create index jobs_org_id_idx on private.jobs (org_id, acting_user_id);

create function private.enqueue_job(
  p_kind text, p_payload jsonb, p_org_id uuid, p_idempotency_key text, p_run_at timestamptz,
  p_max_attempts integer, p_acting_user_id uuid, p_request_id text
)
returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
  v_id uuid;
begin
  insert into private.jobs (
    kind, payload, org_id, idempotency_key, run_at, max_attempts, acting_user_id, request_id
  )
  values (
    p_kind, coalesce(p_payload, '{}'), p_org_id, p_idempotency_key, coalesce(p_run_at, now()),
    coalesce(p_max_attempts, 5), p_acting_user_id, coalesce(p_request_id, private.request_id())
  )
  on conflict (idempotency_key) do nothing
  returning id into v_id;
  if v_id is null then
    select j.id into v_id from private.jobs as j where j.idempotency_key = p_idempotency_key;
  end if;
  return v_id;
end;
$$;
comment on function private.enqueue_job(text, jsonb, uuid, text, timestamptz, integer, uuid, text) is
  'Enqueues a job, once per idempotency key; returns the one there is. Definer: the table is nobody''s to write.';

create function private.claim_jobs(p_kind text, p_limit integer, p_lease_seconds integer, p_worker text)
returns setof private.jobs
language plpgsql security definer set search_path = ''
as $$
begin
  return query
  update private.jobs as j
  set state = 'running',
    attempts = j.attempts + 1,
    locked_by = p_worker,
    locked_until = clock_timestamp() + make_interval(secs => p_lease_seconds),
    run_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
  where j.id = any(array(
    select d.id
    from private.jobs as d
    where d.state in ('ready', 'running')
      and d.kind = p_kind
      and d.run_at <= clock_timestamp()
      and d.attempts < d.max_attempts
    order by d.run_at, d.id
    limit least(greatest(p_limit, 1), 500)
    for update skip locked
  ))
  returning j.*;
end;
$$;
comment on function private.claim_jobs(text, integer, integer, text) is
  'Leases due jobs of a kind, those of a dead worker included, each to one worker at a time. Definer: the table is nobody''s to read.';

create function private.complete_job(p_id uuid, p_worker text)
returns boolean
language plpgsql security definer set search_path = ''
as $$
begin
  update private.jobs as j
  set state = 'done', finished_at = clock_timestamp(), locked_by = null, locked_until = null, last_error = null
  where j.id = p_id and j.state = 'running'
    and j.locked_by = p_worker and j.locked_until > clock_timestamp();
  return found;
end;
$$;
comment on function private.complete_job(uuid, text) is
  'Marks a leased job done; false when the lease was lost. Definer: as above.';

create function private.fail_job(p_id uuid, p_worker text, p_error text)
returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_state text;
begin
  update private.jobs as j
  set state = case when j.attempts >= j.max_attempts then 'dead' else 'ready' end,
    finished_at = case when j.attempts >= j.max_attempts then clock_timestamp() end,
    run_at = clock_timestamp() + private.retry_delay(j.attempts),
    locked_by = null, locked_until = null, last_error = left(p_error, 500)
  where j.id = p_id and j.state = 'running' and j.locked_by = p_worker
  returning j.state into v_state;
  return v_state;
end;
$$;
comment on function private.fail_job(uuid, text, text) is
  'Puts a leased job back with a delay, or buries it; returns its state, null when the lease was another''s. Definer: as above.';

create function private.bury_exhausted()
returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_events integer;
  v_jobs integer;
begin
  update private.webhook_events as e
  set state = 'dead', locked_by = null, locked_until = null, last_error = coalesce(e.last_error, 'lease_expired')
  where e.state = 'received' and e.attempts >= e.max_attempts and e.next_attempt_at <= clock_timestamp();
  get diagnostics v_events = row_count;
  update private.jobs as j
  set state = 'dead', finished_at = clock_timestamp(), locked_by = null, locked_until = null,
    last_error = coalesce(j.last_error, 'lease_expired')
  where j.state = 'running' and j.attempts >= j.max_attempts and j.run_at <= clock_timestamp();
  get diagnostics v_jobs = row_count;
  return v_events + v_jobs;
end;
$$;
comment on function private.bury_exhausted() is
  'Buries what killed its worker on the last attempt, so that nothing is stuck unseen. Definer: run by cron.';

create function public.enqueue_job(
  p_kind text, p_payload jsonb default '{}', p_org_id uuid default null, p_idempotency_key text default null,
  p_run_at timestamptz default null, p_max_attempts integer default 5, p_acting_user_id uuid default null,
  p_request_id text default null
)
returns uuid
language sql security invoker set search_path = ''
as $$
  select private.enqueue_job(
    p_kind, p_payload, p_org_id, p_idempotency_key, p_run_at, p_max_attempts, p_acting_user_id, p_request_id
  )
$$;
comment on function public.enqueue_job(text, jsonb, uuid, text, timestamptz, integer, uuid, text) is
  'Enqueues a job, once per idempotency key. Service only.';

create function public.claim_jobs(
  p_kind text, p_limit integer default 20, p_lease_seconds integer default 60, p_worker text default null
)
returns table (
  id uuid, org_id uuid, kind text, idempotency_key text, payload jsonb, acting_user_id uuid, attempts integer,
  max_attempts integer, locked_until timestamptz, request_id text, created_at timestamptz
)
language sql security invoker set search_path = ''
as $$
  select j.id, j.org_id, j.kind, j.idempotency_key, j.payload, j.acting_user_id, j.attempts,
    j.max_attempts, j.locked_until, j.request_id, j.created_at
  from private.claim_jobs(p_kind, p_limit, p_lease_seconds, p_worker) as j
$$;
comment on function public.claim_jobs(text, integer, integer, text) is
  'Leases due jobs of a kind to a worker, whose name must be unique per run. Service only.';

create function public.complete_job(p_id uuid, p_worker text)
returns boolean
language sql security invoker set search_path = ''
as $$ select private.complete_job(p_id, p_worker) $$;
comment on function public.complete_job(uuid, text) is 'Marks a leased job done; false when the lease was lost. Service only.';

create function public.fail_job(p_id uuid, p_worker text, p_error text)
returns text
language sql security invoker set search_path = ''
as $$ select private.fail_job(p_id, p_worker, p_error) $$;
comment on function public.fail_job(uuid, text, text) is 'Puts a leased job back with a delay, or buries it; returns its state. Service only.';

grant execute on function private.enqueue_job(text, jsonb, uuid, text, timestamptz, integer, uuid, text) to service_role;
grant execute on function private.claim_jobs(text, integer, integer, text) to service_role;
grant execute on function private.complete_job(uuid, text) to service_role;
grant execute on function private.fail_job(uuid, text, text) to service_role;
grant execute on function public.enqueue_job(text, jsonb, uuid, text, timestamptz, integer, uuid, text) to service_role;
grant execute on function public.claim_jobs(text, integer, integer, text) to service_role;
grant execute on function public.complete_job(uuid, text) to service_role;
grant execute on function public.fail_job(uuid, text, text) to service_role;

alter table private.jobs enable row level security;
alter table private.jobs force row level security;
revoke all on table private.jobs from anon, authenticated, service_role;
