-- A function in SQL that has a search path of its own is parsed and planned by each call; in PL/pgSQL
-- its plan is kept for the session. Signatures, rights and comments stay as they are.

create or replace function public.link_identity(p_provider text, p_subject text, p_user_id uuid)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.link_identity(p_provider, p_subject, p_user_id);
end;
$$;

create or replace function public.record_service_use(
  p_function text, p_reason text, p_org_id uuid default null, p_request_id text default null
)
returns uuid
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.record_service_use(p_function, p_reason, p_org_id, p_request_id);
end;
$$;

create or replace function public.create_organization(p_name text, p_slug text default null, p_time_zone text default 'UTC')
returns uuid
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.create_organization(p_name, p_slug, p_time_zone);
end;
$$;

create or replace function public.invite_member(p_org_id uuid, p_email text, p_role text)
returns uuid
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.invite_member(p_org_id, p_email, p_role);
end;
$$;

create or replace function public.revoke_invitation(p_org_id uuid, p_invitation_id uuid)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.revoke_invitation(p_org_id, p_invitation_id);
end;
$$;

create or replace function public.accept_invitation(p_invitation_id uuid)
returns uuid
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.accept_invitation(p_invitation_id);
end;
$$;

create or replace function public.change_member_role(p_org_id uuid, p_user_id uuid, p_role text)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.change_member_role(p_org_id, p_user_id, p_role);
end;
$$;

create or replace function public.suspend_member(p_org_id uuid, p_user_id uuid)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.set_member_status(p_org_id, p_user_id, 'suspended');
end;
$$;

create or replace function public.reactivate_member(p_org_id uuid, p_user_id uuid)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.set_member_status(p_org_id, p_user_id, 'active');
end;
$$;

create or replace function public.remove_member(p_org_id uuid, p_user_id uuid)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.set_member_status(p_org_id, p_user_id, 'removed');
end;
$$;

create or replace function public.leave_organization(p_org_id uuid)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.leave_organization(p_org_id);
end;
$$;

create or replace function public.switch_active_org(p_org_id uuid)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.switch_active_org(p_org_id);
end;
$$;

create or replace function public.get_active_org()
returns uuid
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return private.get_active_org();
end;
$$;

create or replace function public.set_organization_plan(p_org_id uuid, p_plan text)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.set_organization_plan(p_org_id, p_plan);
end;
$$;

create or replace function public.transfer_records(
  p_org_id uuid, p_table text, p_from uuid, p_to uuid, p_ids uuid[] default null
)
returns integer
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.transfer_records(p_org_id, p_table, p_from, p_to, p_ids);
end;
$$;

create or replace function public.accept_webhook(
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

create or replace function public.claim_webhook_events(
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

create or replace function public.complete_webhook_event(p_id uuid, p_worker text, p_org_id uuid default null)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.complete_webhook_event(p_id, p_worker, p_org_id);
end;
$$;

create or replace function public.fail_webhook_event(p_id uuid, p_worker text, p_error text)
returns text
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.fail_webhook_event(p_id, p_worker, p_error);
end;
$$;

create or replace function public.replay_webhook_event(p_id uuid)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.replay_webhook_event(p_id);
end;
$$;

create or replace function public.enqueue_job(
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

create or replace function public.claim_jobs(
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

create or replace function public.complete_job(p_id uuid, p_worker text)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.complete_job(p_id, p_worker);
end;
$$;

create or replace function public.complete_jobs(p_ids uuid[], p_worker text)
returns uuid[]
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.complete_jobs(p_ids, p_worker);
end;
$$;

create or replace function public.renew_jobs(p_ids uuid[], p_worker text, p_lease_seconds integer)
returns uuid[]
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.renew_jobs(p_ids, p_worker, p_lease_seconds);
end;
$$;

create or replace function public.fail_job(
  p_id uuid, p_worker text, p_error text, p_retry_at timestamptz default null, p_is_final boolean default false
)
returns text
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.fail_job(p_id, p_worker, p_error, p_retry_at, p_is_final);
end;
$$;

create or replace function public.postpone_jobs(p_ids uuid[], p_worker text, p_run_at timestamptz default null)
returns uuid[]
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.postpone_jobs(p_ids, p_worker, p_run_at);
end;
$$;

create or replace function public.redrive_job(p_id uuid)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.redrive_job(p_id);
end;
$$;

create or replace function public.consume_cron_nonce(p_function text, p_nonce uuid, p_minute bigint)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.consume_cron_nonce(p_function, p_nonce, p_minute);
end;
$$;

create or replace function public.connect_fathom(
  p_org_id uuid,
  p_user_id uuid,
  p_recorder_email text,
  p_key_hash text,
  p_secret text,
  p_covers text default 'own'
)
returns uuid
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.connect_fathom(p_org_id, p_user_id, p_recorder_email, p_key_hash, p_secret, p_covers);
end;
$$;

create or replace function public.find_fathom_connection(p_key_hash text)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return private.find_fathom_connection(p_key_hash);
end;
$$;

create or replace function public.replay_waiting_recordings(p_org_id uuid)
returns integer
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.replay_waiting_recordings(p_org_id);
end;
$$;

create or replace function public.ingest_fathom_meeting(p_event_id uuid, p_meeting jsonb)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.ingest_fathom_meeting(p_event_id, p_meeting);
end;
$$;

create or replace function public.claim_calendar_sync(
  p_org_id uuid, p_connection_id uuid, p_worker text, p_lease_seconds integer default 120
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.claim_calendar_sync(p_org_id, p_connection_id, p_worker, p_lease_seconds);
end;
$$;

create or replace function public.claim_due_calendar_syncs(
  p_worker text, p_limit integer default 10, p_lease_seconds integer default 120
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.claim_due_calendar_syncs(p_worker, p_limit, p_lease_seconds);
end;
$$;

create or replace function public.apply_calendar_page(
  p_org_id uuid, p_connection_id uuid, p_worker text, p_events jsonb, p_next_page_token text, p_next_sync_token text
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.apply_calendar_page(p_org_id, p_connection_id, p_worker, p_events, p_next_page_token, p_next_sync_token);
end;
$$;

create or replace function public.restart_calendar_sync(p_org_id uuid, p_connection_id uuid, p_worker text)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.restart_calendar_sync(p_org_id, p_connection_id, p_worker);
end;
$$;

create or replace function public.release_calendar_sync(
  p_org_id uuid, p_connection_id uuid, p_worker text, p_error text, p_retry_seconds integer
)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.release_calendar_sync(p_org_id, p_connection_id, p_worker, p_error, p_retry_seconds);
end;
$$;

create or replace function public.connect_calendar(
  p_org_id uuid, p_user_id uuid, p_account_email text, p_calendar_id text, p_refresh_token text,
  p_scopes text[] default '{}'
)
returns uuid
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.connect_calendar(p_org_id, p_user_id, p_account_email, p_calendar_id, p_refresh_token, p_scopes);
end;
$$;

create or replace function public.begin_calendar_access(p_org_id uuid, p_connection_id uuid, p_worker text, p_rejected_token text)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.begin_calendar_access(p_org_id, p_connection_id, p_worker, p_rejected_token);
end;
$$;

create or replace function public.complete_calendar_refresh(
  p_org_id uuid, p_connection_id uuid, p_worker text, p_access_token text, p_expires_in_seconds integer, p_refresh_token text
)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.complete_calendar_refresh(p_org_id, p_connection_id, p_worker, p_access_token, p_expires_in_seconds, p_refresh_token);
end;
$$;

create or replace function public.fail_calendar_refresh(
  p_org_id uuid, p_connection_id uuid, p_worker text, p_error text, p_is_final boolean
)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.fail_calendar_refresh(p_org_id, p_connection_id, p_worker, p_error, p_is_final);
end;
$$;

create or replace function private.model_price(p_models text[], p_day date)
returns private.model_prices
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    -- The first name that has a price on that day counts.
    select p
    from unnest(p_models) with ordinality as n (model, place)
    join private.model_prices as p on p.model = n.model and p.valid_from <= p_day
    order by n.place, p.valid_from desc
    limit 1
  );
end;
$$;

create or replace function public.record_model_usage(
  p_org_id uuid, p_call_id uuid, p_purpose text, p_model text, p_model_version text, p_outcome text,
  p_prompt_tokens bigint, p_cached_tokens bigint, p_answer_tokens bigint, p_thought_tokens bigint,
  p_request_id text default null
)
returns numeric
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.record_model_usage(
    p_org_id, p_call_id, p_purpose, p_model, p_model_version, p_outcome, p_prompt_tokens, p_cached_tokens,
    p_answer_tokens, p_thought_tokens, p_request_id
  );
end;
$$;

create or replace function public.model_budget_left(p_org_id uuid)
returns numeric
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return private.model_budget_left(p_org_id);
end;
$$;
