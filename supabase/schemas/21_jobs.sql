-- The outbox: what must happen outside is a row here, written in the transaction that calls for
-- it. Leased, retried and buried as in the inbox; a lease is run_at moved into the future. A job that
-- was done leaves: the table holds what is to do and what nobody could, so a claim costs the same
-- however much has gone through. Its key stays, so that it is not done again.

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
  constraint jobs_kind_shape check (kind ~ '^[a-z0-9_.-]+$' and char_length(kind) <= 60),
  constraint jobs_idempotency_key_length check (char_length(idempotency_key) between 1 and 255),
  constraint jobs_state_is_known check (state in ('ready', 'running', 'dead')),
  constraint jobs_max_attempts_is_positive check (max_attempts > 0),
  constraint jobs_last_error_length check (char_length(last_error) <= 500)
)
-- Every row is written twice and deleted: a fifth of a million-row backlog would be much to wait for.
with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
comment on table private.jobs is 'Work to be done outside a request, at least once, with an idempotency key.';
comment on column private.jobs.id is '[class: operational] Follows time.';
comment on column private.jobs.org_id is '[class: operational] Organization it is done for; null for the platform''s own.';
comment on column private.jobs.kind is '[class: operational] Which worker does it.';
comment on column private.jobs.idempotency_key is '[class: operational] Its key in private.job_keys.';
comment on column private.jobs.payload is '[class: operational] Ids and options; no contents, no secrets.';
comment on column private.jobs.acting_user_id is '[class: operational] Member on whose behalf it is done.';
comment on column private.jobs.state is '[class: operational] ready, running or dead.';
comment on column private.jobs.run_at is '[class: operational] When it may be leased; the end of the lease while it is, infinity once it is dead.';
comment on column private.jobs.attempts is '[class: operational] Leases given so far.';
comment on column private.jobs.max_attempts is '[class: operational] Buried after so many.';
comment on column private.jobs.locked_by is '[class: operational] Worker that holds the lease; unique per run.';
comment on column private.jobs.locked_until is '[class: operational] End of the lease.';
comment on column private.jobs.last_error is '[class: operational] Code of the last failure; no contents.';
comment on column private.jobs.request_id is '[class: operational] Request that called for it.';
comment on column private.jobs.created_at is '[class: operational] When it was enqueued.';
comment on column private.jobs.finished_at is '[class: operational] When it was buried.';
create index jobs_due_idx on private.jobs (kind, run_at, id);
create index jobs_dead_idx on private.jobs (finished_at) where state = 'dead';
create index jobs_org_id_idx on private.jobs (org_id, acting_user_id);

create table private.job_keys (
  key text collate "C" primary key,
  job_id uuid not null,
  created_at timestamptz not null default now(),
  constraint job_keys_key_length check (char_length(key) between 1 and 255)
);
comment on table private.job_keys is 'Keys of jobs that were enqueued, those that are done included.';
comment on column private.job_keys.key is '[class: operational] Enqueued once.';
comment on column private.job_keys.job_id is '[class: operational] The job, while there is one.';
comment on column private.job_keys.created_at is '[class: operational] When it was enqueued.';

create function private.enqueue_job(
  p_kind text, p_payload jsonb, p_org_id uuid, p_idempotency_key text, p_run_at timestamptz,
  p_max_attempts integer, p_acting_user_id uuid, p_request_id text
)
returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
  v_id uuid := private.new_id();
begin
  if p_idempotency_key is not null then
    insert into private.job_keys (key, job_id) values (p_idempotency_key, v_id) on conflict (key) do nothing;
    if not found then
      select k.job_id into v_id from private.job_keys as k where k.key = p_idempotency_key;
      return v_id;
    end if;
  end if;
  insert into private.jobs (
    id, kind, payload, org_id, idempotency_key, run_at, max_attempts, acting_user_id, request_id
  )
  values (
    v_id, p_kind, coalesce(p_payload, '{}'), p_org_id, p_idempotency_key, coalesce(p_run_at, now()),
    coalesce(p_max_attempts, 5), p_acting_user_id, coalesce(p_request_id, private.request_id())
  );
  return v_id;
end;
$$;
comment on function private.enqueue_job(text, jsonb, uuid, text, timestamptz, integer, uuid, text) is
  'Enqueues a job, once per idempotency key; returns the one there is or was. Definer: the table is nobody''s to write.';

create function private.next_job_key(p_base text)
returns text
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_used integer;
begin
  -- Not how many there are: the oldest are forgotten first.
  select max(substring(k.key from char_length(p_base) + 2 for 9)::integer) into v_used
  from (
    select k.key from private.job_keys as k where k.key > p_base || ':' and k.key < p_base || ';'
    union all
    select p_base || ':1' from private.job_keys as k where k.key = p_base
  ) as k;
  return p_base || coalesce(':' || v_used + 1, '');
end;
$$;
comment on function private.next_job_key(text) is
  'A key for work that somebody asks for again: the base, then base:2, base:3 and so on. Under a lock of what it is about, so that two who ask at once get one key or two. Definer, granted to nobody.';

create function private.claim_jobs(p_kind text, p_limit integer, p_lease_seconds integer, p_worker text)
returns setof private.jobs
language plpgsql security definer set search_path = ''
-- The table is now empty and now long, so its statistics say nothing: walk the index, whatever they say.
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off
as $$
declare
  -- As constants they bound the walk along the index.
  v_now constant timestamptz := clock_timestamp();
  v_until constant timestamptz := v_now + make_interval(secs => p_lease_seconds);
begin
  return query
  update private.jobs as j
  set state = 'running', attempts = j.attempts + 1, locked_by = p_worker, locked_until = v_until, run_at = v_until
  where j.id = any(array(
    select d.id
    from private.jobs as d
    where d.state in ('ready', 'running')
      and d.kind = p_kind
      and d.run_at <= v_now
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

create function private.complete_jobs(p_ids uuid[], p_worker text)
returns uuid[]
language plpgsql security definer set search_path = '' set enable_seqscan = off
as $$
declare
  v_done uuid[];
begin
  with done as (
    delete from private.jobs as j
    where j.id = any(p_ids) and j.state = 'running'
      and j.locked_by = p_worker and j.locked_until > clock_timestamp()
    returning j.id
  )
  select coalesce(array_agg(d.id), '{}') into v_done from done as d;
  return v_done;
end;
$$;
comment on function private.complete_jobs(uuid[], text) is
  'Ticks off leased jobs, which are then gone, and returns those that were; of the others the lease was lost. Definer: as above.';

create function private.complete_job(p_id uuid, p_worker text)
returns boolean
language plpgsql security definer set search_path = ''
as $$
begin
  return cardinality(private.complete_jobs(array[p_id], p_worker)) = 1;
end;
$$;
comment on function private.complete_job(uuid, text) is
  'Ticks off a leased job; false when the lease was lost. Definer: as above.';

create function private.renew_jobs(p_ids uuid[], p_worker text, p_lease_seconds integer)
returns uuid[]
language plpgsql security definer set search_path = '' set enable_seqscan = off
as $$
declare
  v_held uuid[];
begin
  with held as (
    update private.jobs as j
    set locked_until = clock_timestamp() + make_interval(secs => p_lease_seconds),
      run_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
    where j.id = any(p_ids) and j.state = 'running'
      and j.locked_by = p_worker and j.locked_until > clock_timestamp()
    returning j.id
  )
  select coalesce(array_agg(h.id), '{}') into v_held from held as h;
  return v_held;
end;
$$;
comment on function private.renew_jobs(uuid[], text, integer) is
  'Makes leases begin anew and returns the jobs still held; one that is missing went to another worker. Definer: as above.';

create function private.fail_job(
  p_id uuid, p_worker text, p_error text, p_retry_at timestamptz default null, p_is_final boolean default false
)
returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_state text;
begin
  update private.jobs as j
  set state = case when p_is_final or j.attempts >= j.max_attempts then 'dead' else 'ready' end,
    finished_at = case when p_is_final or j.attempts >= j.max_attempts then clock_timestamp() end,
    run_at = case
      when p_is_final or j.attempts >= j.max_attempts then 'infinity'
      else coalesce(p_retry_at, clock_timestamp() + private.retry_delay(j.attempts))
    end,
    locked_by = null, locked_until = null, last_error = left(p_error, 500)
  where j.id = p_id and j.state = 'running' and j.locked_by = p_worker
  returning j.state into v_state;
  return v_state;
end;
$$;
comment on function private.fail_job(uuid, text, text, timestamptz, boolean) is
  'Puts a leased job back with a delay or until a time, or buries it: when that is final, or was the last attempt. Returns its state, null when the lease was another''s. Definer: as above.';

create function private.postpone_jobs(p_ids uuid[], p_worker text, p_run_at timestamptz)
returns uuid[]
language plpgsql security definer set search_path = '' set enable_seqscan = off
as $$
declare
  v_back uuid[];
begin
  with back as (
    -- Nothing was tried, so nothing is counted.
    update private.jobs as j
    set state = 'ready', attempts = greatest(j.attempts - 1, 0), run_at = coalesce(p_run_at, clock_timestamp()),
      locked_by = null, locked_until = null
    where j.id = any(p_ids) and j.state = 'running' and j.locked_by = p_worker
    returning j.id
  )
  select coalesce(array_agg(b.id), '{}') into v_back from back as b;
  return v_back;
end;
$$;
comment on function private.postpone_jobs(uuid[], text, timestamptz) is
  'Puts leased jobs back unspent: it is not their time yet, or their worker has none left. Returns those that it held. Definer: as above.';

create function private.redrive_job(p_id uuid)
returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_org_id uuid;
begin
  update private.jobs as j
  set state = 'ready', attempts = 0, run_at = clock_timestamp(), finished_at = null, locked_by = null, locked_until = null
  where j.id = p_id and j.state = 'dead'
  returning j.org_id into v_org_id;
  if not found then
    return false;
  end if;
  perform private.write_audit(v_org_id, 'jobs.redriven', 'jobs', p_id);
  return true;
end;
$$;
comment on function private.redrive_job(uuid) is
  'Makes a buried job due again, with all its attempts, for operators; logged. Definer: as above.';

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
  set state = 'dead', finished_at = clock_timestamp(), run_at = 'infinity', locked_by = null, locked_until = null,
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
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.enqueue_job(
    p_kind, p_payload, p_org_id, p_idempotency_key, p_run_at, p_max_attempts, p_acting_user_id, p_request_id
  );
end;
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
language plpgsql security invoker set search_path = ''
as $$
begin
  return query
  select j.id, j.org_id, j.kind, j.idempotency_key, j.payload, j.acting_user_id, j.attempts,
    j.max_attempts, j.locked_until, j.request_id, j.created_at
  from private.claim_jobs(p_kind, p_limit, p_lease_seconds, p_worker) as j;
end;
$$;
comment on function public.claim_jobs(text, integer, integer, text) is
  'Leases due jobs of a kind to a worker, whose name must be unique per run. Service only.';

create function public.complete_job(p_id uuid, p_worker text)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.complete_job(p_id, p_worker);
end;
$$;
comment on function public.complete_job(uuid, text) is 'Ticks off a leased job; false when the lease was lost. Service only.';

create function public.complete_jobs(p_ids uuid[], p_worker text)
returns uuid[]
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.complete_jobs(p_ids, p_worker);
end;
$$;
comment on function public.complete_jobs(uuid[], text) is 'Ticks off leased jobs; returns those whose lease still held. Service only.';

create function public.renew_jobs(p_ids uuid[], p_worker text, p_lease_seconds integer)
returns uuid[]
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.renew_jobs(p_ids, p_worker, p_lease_seconds);
end;
$$;
comment on function public.renew_jobs(uuid[], text, integer) is 'Makes leases begin anew; returns the jobs still held. Service only.';

create function public.fail_job(
  p_id uuid, p_worker text, p_error text, p_retry_at timestamptz default null, p_is_final boolean default false
)
returns text
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.fail_job(p_id, p_worker, p_error, p_retry_at, p_is_final);
end;
$$;
comment on function public.fail_job(uuid, text, text, timestamptz, boolean) is
  'Puts a leased job back, or buries it; returns its state. Service only.';

create function public.postpone_jobs(p_ids uuid[], p_worker text, p_run_at timestamptz default null)
returns uuid[]
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.postpone_jobs(p_ids, p_worker, p_run_at);
end;
$$;
comment on function public.postpone_jobs(uuid[], text, timestamptz) is
  'Puts leased jobs back unspent, until a time or at once. Service only.';

create function public.redrive_job(p_id uuid)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.redrive_job(p_id);
end;
$$;
comment on function public.redrive_job(uuid) is 'Makes a buried job due again; false when it is not buried. Service only.';

grant execute on function private.enqueue_job(text, jsonb, uuid, text, timestamptz, integer, uuid, text) to service_role;
grant execute on function private.claim_jobs(text, integer, integer, text) to service_role;
grant execute on function private.complete_job(uuid, text) to service_role;
grant execute on function
  private.complete_jobs(uuid[], text),
  private.renew_jobs(uuid[], text, integer),
  private.fail_job(uuid, text, text, timestamptz, boolean),
  private.postpone_jobs(uuid[], text, timestamptz),
  private.redrive_job(uuid)
to service_role;
grant execute on function public.enqueue_job(text, jsonb, uuid, text, timestamptz, integer, uuid, text) to service_role;
grant execute on function public.claim_jobs(text, integer, integer, text) to service_role;
grant execute on function public.complete_job(uuid, text) to service_role;
grant execute on function
  public.complete_jobs(uuid[], text),
  public.renew_jobs(uuid[], text, integer),
  public.fail_job(uuid, text, text, timestamptz, boolean),
  public.postpone_jobs(uuid[], text, timestamptz),
  public.redrive_job(uuid)
to service_role;

alter table private.jobs enable row level security;
alter table private.jobs force row level security;
alter table private.job_keys enable row level security;
alter table private.job_keys force row level security;
revoke all on table private.jobs, private.job_keys from anon, authenticated, service_role;
