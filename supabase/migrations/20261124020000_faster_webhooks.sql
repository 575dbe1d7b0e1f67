-- A provider that sends a burst waits for each answer. Accepting costs less where nothing is parsed or
-- planned anew for each webhook; what is stored, and what comes back, is the same.

create or replace function private.accept_webhook(
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

create or replace function public.accept_webhook(
  p_provider text, p_event_id text, p_payload jsonb, p_headers jsonb default '{}', p_request_id text default null
)
returns table (id uuid, is_duplicate boolean)
language plpgsql security invoker set search_path = ''
as $$
begin
  -- Not in SQL like its neighbours: that would be parsed and planned anew for each webhook.
  return query
  select a.id, a.is_duplicate
  from private.accept_webhook(p_provider, p_event_id, p_payload, p_headers, p_request_id) as a;
end;
$$;
