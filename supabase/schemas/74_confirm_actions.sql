-- Yes, and taking it back. A confirmation claims the proposal (one wins), does what its stored text says,
-- and settles it, in one transaction: after it, everything has happened or is in the outbox, or nothing
-- is. The middle runs with the caller's own rights, so a row they lost meanwhile is out of reach.

create function private.action_results(p_org_id uuid, p_action_id uuid)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(r.result order by r.position), '[]')
    from (
      select i.position, jsonb_build_object(
        'position', i.position, 'kind', i.kind, 'status', 'done', 'table', i.entity_table, 'id', i.entity_id,
        'external_id', null, 'error_code', null
      ) as result
      from private.inside_effects as i where i.org_id = p_org_id and i.action_id = p_action_id
      union all
      select o.position, jsonb_build_object(
        'position', o.position, 'kind', o.kind, 'status', case when o.status = 'running' then 'queued' else o.status end,
        'table', null, 'id', null, 'external_id', o.external_id, 'error_code', o.error_code
      )
      from private.outbound_effects as o where o.org_id = p_org_id and o.action_id = p_action_id
    ) as r
  );
end;
$$;
comment on function private.action_results(uuid, uuid) is
  'What became of each effect of an action so far. Definer: the tables are nobody''s to read. Granted to nobody.';

create function private.describe_outcome(p_outcome text, p_action private.pending_actions)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
begin
  return jsonb_build_object(
    'outcome', p_outcome, 'action', private.describe_action(p_action), 'error_code', p_action.error_code,
    'results', private.action_results(p_action.org_id, p_action.id)
  );
end;
$$;
comment on function private.describe_outcome(text, private.pending_actions) is
  'What deciding an action came to, as its owner sees it. Definer: opens what is sealed. Granted to nobody.';

create function private.claim_pending_action(p_id uuid, p_payload_sha256 text)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_action private.pending_actions := private.lock_my_action(p_id);
begin
  if v_action.status <> 'open' then
    return private.describe_outcome('already_decided', v_action);
  end if;
  if v_action.expires_at <= clock_timestamp() then
    update private.pending_actions as a set status = 'expired', decided_at = clock_timestamp()
    where a.org_id = v_action.org_id and a.id = v_action.id
    returning a.* into v_action;
    return private.describe_outcome('expired', v_action);
  end if;
  -- The text that would be executed, not what the row says of it.
  if encode(extensions.digest(private.effects_text(v_action), 'sha256'), 'hex') is distinct from p_payload_sha256 then
    return private.describe_outcome('changed', v_action);
  end if;
  update private.pending_actions as a set status = 'confirmed', decided_at = clock_timestamp()
  where a.org_id = v_action.org_id and a.id = v_action.id
  returning a.* into v_action;
  return private.describe_claim(v_action);
end;
$$;
comment on function private.claim_pending_action(uuid, text) is
  'Takes an open proposal of the caller''s to be executed, or says why not: already_decided, expired or changed. Raises not_found. Definer: the table is nobody''s to write.';

create function private.settle_action(p_id uuid, p_done jsonb, p_error_code text)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_action private.pending_actions := private.lock_my_action(p_id);
  v_key constant bytea := private.copilot_key(v_action.org_id, v_action.user_id);
  v_effect record;
begin
  -- It is confirmed only within the transaction that claimed it.
  if v_action.status <> 'confirmed' then
    raise sqlstate 'PT409' using message = 'conflict';
  end if;
  if not private.has_permission(v_action.org_id, 'crm.write') then
    p_error_code := coalesce(p_error_code, 'forbidden');
  end if;
  if p_error_code is not null then
    update private.pending_actions as a set status = 'failed', error_code = p_error_code
    where a.org_id = v_action.org_id and a.id = v_action.id
    returning a.* into v_action;
    return private.describe_outcome('failed', v_action);
  end if;

  insert into private.inside_effects (org_id, action_id, position, kind, entity_table, entity_id, undo_sealed)
  select v_action.org_id, v_action.id, d.position, d.kind, d."table", d.id,
    private.seal(v_key, 'action_undo:' || v_action.id || ':' || d.position, d.undo::text)
  from jsonb_to_recordset(p_done) as d (position integer, kind text, "table" text, id uuid, undo jsonb);
  for v_effect in
    insert into private.outbound_effects as o (org_id, action_id, position, user_id, kind)
    select v_action.org_id, v_action.id, e.place - 1, v_action.user_id, e.effect ->> 'kind'
    from jsonb_array_elements(private.effects_text(v_action)::jsonb) with ordinality as e (effect, place)
    where private.is_external_effect(e.effect ->> 'kind')
    returning o.id
  loop
    perform private.enqueue_job(
      'action.execute', jsonb_build_object('effect_id', v_effect.id), v_action.org_id, 'effect:' || v_effect.id, null, 8,
      v_action.user_id, private.request_id()
    );
  end loop;
  if found then
    perform private.wake_function('execute-confirmed-actions');
  end if;
  update private.pending_actions as a set status = case when a.is_reversible then 'executed' else 'executing' end
  where a.org_id = v_action.org_id and a.id = v_action.id
  returning a.* into v_action;
  return private.describe_outcome(case when v_action.is_reversible then 'executed' else 'queued' end, v_action);
end;
$$;
comment on function private.settle_action(uuid, jsonb, text) is
  'Writes down what a claimed action did inside, and puts what it does outside into the outbox, from its stored text; or that it failed. Raises conflict, where nobody claimed it in this transaction. Definer: the tables are nobody''s to write.';

create function private.run_claimed_action(p_claim jsonb)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
declare
  v_org_id constant uuid := (p_claim ->> 'org_id')::uuid;
  v_done jsonb := '[]'::jsonb;
  v_effect jsonb;
  v_place integer;
  v_error_code text;
begin
  begin
    perform private.require_recipients(
      v_org_id, p_claim -> 'effects', (p_claim -> 'is_tainted')::boolean,
      array(select jsonb_array_elements_text(p_claim -> 'own_words'))
    );
    for v_effect, v_place in
      select e.effect, e.place - 1 from jsonb_array_elements(p_claim -> 'effects') with ordinality as e (effect, place)
    loop
      if not private.is_external_effect(v_effect ->> 'kind') then
        v_done := v_done || jsonb_build_array(
          private.apply_effect(v_org_id, v_effect) || jsonb_build_object('position', v_place, 'kind', v_effect -> 'kind')
        );
      end if;
    end loop;
  exception
    -- What was done so far is as if it had never been. Anything else ends the transaction, and leaves it open.
    when sqlstate 'PT404' or sqlstate 'PT409' or sqlstate 'PT400' then
      v_error_code := sqlerrm;
    when insufficient_privilege then
      v_error_code := 'forbidden';
    when integrity_constraint_violation or data_exception then
      v_error_code := 'invalid_request';
  end;
  return private.settle_action((p_claim ->> 'id')::uuid, v_done, v_error_code);
end;
$$;
comment on function private.run_claimed_action(jsonb) is
  'Does a claimed action''s effects inside the database with the caller''s own rights, all or none, and settles it.';

create function public.confirm_pending_action(p_id uuid, p_payload_sha256 text)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
declare
  v_claim constant jsonb := private.claim_pending_action(p_id, p_payload_sha256);
begin
  if v_claim ->> 'outcome' <> 'confirmed' then
    return v_claim;
  end if;
  return private.run_claimed_action(v_claim);
end;
$$;
comment on function public.confirm_pending_action(uuid, text) is
  'Executes an open proposal of the caller''s whose effects have this hash, once: {outcome: executed | queued | already_decided | expired | changed | failed, action, error_code, results}. Raises not_found.';

-- Taking it back ----------------------------------------------------------------------------------

create function private.claim_undo(p_id uuid)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_action private.pending_actions := private.lock_my_action(p_id);
  v_key constant bytea := private.copilot_key(v_action.org_id, v_action.user_id);
begin
  if v_action.status = 'undone' then
    return private.describe_outcome('already_undone', v_action);
  end if;
  if v_action.status <> 'executed' or not v_action.is_reversible then
    return private.describe_outcome('not_reversible', v_action);
  end if;
  if v_action.decided_at <= clock_timestamp() - interval '24 hours' then
    return private.describe_outcome('too_late', v_action);
  end if;
  update private.pending_actions as a set status = 'undone'
  where a.org_id = v_action.org_id and a.id = v_action.id
  returning a.* into v_action;
  return private.describe_outcome('undone', v_action) || jsonb_build_object('done', (
    select coalesce(jsonb_agg(jsonb_build_object(
      'kind', i.kind, 'id', i.entity_id,
      'undo', private.unseal(v_key, 'action_undo:' || v_action.id || ':' || i.position, i.undo_sealed)::jsonb
    ) order by i.position desc), '[]')
    from private.inside_effects as i where i.org_id = v_action.org_id and i.action_id = v_action.id
  ));
end;
$$;
comment on function private.claim_undo(uuid) is
  'Takes an executed action of the caller''s to be undone, the last effect first, or says why not: already_undone, not_reversible or too_late. Raises not_found. Definer: the tables are nobody''s to write.';

create function private.describe_my_action(p_outcome text, p_id uuid)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
begin
  return private.describe_outcome(p_outcome, private.lock_my_action(p_id));
end;
$$;
comment on function private.describe_my_action(text, uuid) is
  'An action of the caller''s with an outcome. Raises not_found. Definer: the table is nobody''s to read.';

create function public.undo_action(p_id uuid)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
declare
  v_claim jsonb;
  v_done jsonb;
begin
  v_claim := private.claim_undo(p_id);
  for v_done in select d.done from jsonb_array_elements(v_claim -> 'done') with ordinality as d (done, place) order by d.place loop
    perform private.revert_effect((v_claim -> 'action' ->> 'org_id')::uuid, v_done);
  end loop;
  return v_claim - 'done';
exception
  -- All of it stays done, then.
  when sqlstate 'PT409' then
    return private.describe_my_action(sqlerrm, p_id);
  when insufficient_privilege or sqlstate 'PT404' or integrity_constraint_violation then
    return private.describe_my_action('failed', p_id);
end;
$$;
comment on function public.undo_action(uuid) is
  'Takes back what an action of the caller''s changed, within 24 hours and if nobody changed it since, all or nothing: {outcome: undone | already_undone | not_reversible | too_late | changed_since | failed, action, error_code, results}. Raises not_found.';

-- Outside: what a worker asks and tells -----------------------------------------------------------------

create function private.settle_outside(p_org_id uuid, p_action_id uuid)
returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_status text;
begin
  update private.pending_actions as a
  set status = case
      when r.failed = 0 then 'executed'
      when r.failed < r.outside or exists (
        select from private.inside_effects as i where i.org_id = p_org_id and i.action_id = p_action_id
      ) then 'partly_failed'
      else 'failed'
    end,
    error_code = r.error_code
  from (
    select count(*) as outside, count(*) filter (where o.status = 'failed') as failed,
      count(*) filter (where o.finished_at is null) as unfinished, max(o.error_code) as error_code
    from private.outbound_effects as o where o.org_id = p_org_id and o.action_id = p_action_id
  ) as r
  where a.org_id = p_org_id and a.id = p_action_id and r.unfinished = 0
  returning a.status into v_status;
  return coalesce(v_status, 'executing');
end;
$$;
comment on function private.settle_outside(uuid, uuid) is
  'Ends an action when the last of its effects outside has ended; returns its status. Definer: the tables are nobody''s to write. Granted to nobody.';

create function private.end_outbound_effect(p_effect private.outbound_effects, p_status text, p_external_id text, p_result jsonb, p_error_code text)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  -- One ending of an action's effects after the other, or each would take the other for unfinished.
  perform from private.pending_actions as a where a.org_id = p_effect.org_id and a.id = p_effect.action_id for update;
  update private.outbound_effects as o
  set status = p_status, worker = null, leased_until = null, finished_at = clock_timestamp(),
    external_id = p_external_id, result = p_result, error_code = p_error_code
  where o.org_id = p_effect.org_id and o.id = p_effect.id;
  perform private.settle_outside(p_effect.org_id, p_effect.action_id);
end;
$$;
comment on function private.end_outbound_effect(private.outbound_effects, text, text, jsonb, text) is
  'Ends an effect outside, done or failed. Definer: the tables are nobody''s to write. Granted to nobody.';

create function private.lock_action_of(p_effect_id uuid)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform from private.pending_actions as a
  where (a.org_id, a.id) in (select o.org_id, o.action_id from private.outbound_effects as o where o.id = p_effect_id)
  for no key update;
end;
$$;
comment on function private.lock_action_of(uuid) is
  'Locks the action of an effect outside: before the effect, as erasing does, which comes from the conversation. Definer: the table is nobody''s to lock. Granted to nobody.';

create function private.begin_outbound_effect(p_effect_id uuid, p_worker text)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_effect private.outbound_effects;
  v_action private.pending_actions;
  v_last_code text;
begin
  perform private.set_actor('job', 'execute-confirmed-actions', private.request_id());
  perform private.lock_action_of(p_effect_id);
  select o.* into v_effect from private.outbound_effects as o where o.id = p_effect_id for update;
  if not found then
    -- Its conversation was erased.
    return jsonb_build_object('effect_id', p_effect_id, 'status', 'cancelled');
  end if;
  if v_effect.finished_at is not null then
    return jsonb_build_object('effect_id', p_effect_id, 'status', v_effect.status);
  end if;
  if v_effect.leased_until > clock_timestamp() and v_effect.worker <> p_worker then
    return jsonb_build_object('effect_id', p_effect_id, 'status', 'busy');
  end if;
  if not exists (
    select from public.organization_members as m
    join private.role_permissions as rp on rp.role = m.role and rp.permission = 'crm.write'
    where m.org_id = v_effect.org_id and m.user_id = v_effect.user_id and m.status = 'active'
  ) then
    perform private.end_outbound_effect(v_effect, 'failed', null, null, 'forbidden');
    return jsonb_build_object('effect_id', p_effect_id, 'status', 'failed');
  end if;
  -- Forgotten by who begins anew: an attempt that dies without a word leaves none.
  v_last_code := v_effect.error_code;
  update private.outbound_effects as o
  set status = 'running', worker = p_worker, leased_until = clock_timestamp() + interval '2 minutes', attempts = o.attempts + 1,
    error_code = null
  where o.org_id = v_effect.org_id and o.id = v_effect.id
  returning o.* into v_effect;
  select a.* into v_action from private.pending_actions as a where a.org_id = v_effect.org_id and a.id = v_effect.action_id;
  return jsonb_build_object(
    'effect_id', v_effect.id, 'org_id', v_effect.org_id, 'user_id', v_effect.user_id, 'kind', v_effect.kind,
    'attempt', v_effect.attempts, 'status', v_effect.status, 'confirmed_at', v_action.decided_at, 'last_code', v_last_code,
    'payload', private.effects_text(v_action)::jsonb -> v_effect.position
  );
end;
$$;
comment on function private.begin_outbound_effect(uuid, text) is
  'Leases an effect to one worker for two minutes, with what was confirmed, word for word: {status: running, effect_id, org_id, user_id, kind, attempt, confirmed_at, last_code, payload}; otherwise only {effect_id, status: done | failed | busy | cancelled}. One whose person may not act any more fails. Definer: opens what is sealed.';

create function private.hold_outbound_effect(p_effect_id uuid, p_worker text)
returns private.outbound_effects
language plpgsql security definer set search_path = ''
as $$
declare
  v_effect private.outbound_effects;
begin
  perform private.set_actor('job', 'execute-confirmed-actions', private.request_id());
  perform private.lock_action_of(p_effect_id);
  select o.* into v_effect from private.outbound_effects as o where o.id = p_effect_id and o.worker = p_worker for update;
  return v_effect;
end;
$$;
comment on function private.hold_outbound_effect(uuid, text) is
  'An effect that this worker began and nobody took over; of nulls otherwise. Definer: the table is nobody''s to read. Granted to nobody.';

create function private.finish_outbound_effect(p_effect_id uuid, p_worker text, p_external_id text, p_result jsonb)
returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_effect constant private.outbound_effects := private.hold_outbound_effect(p_effect_id, p_worker);
begin
  if v_effect.id is null then
    return false;
  end if;
  perform private.end_outbound_effect(v_effect, 'done', left(p_external_id, 1024), p_result, null);
  return true;
end;
$$;
comment on function private.finish_outbound_effect(uuid, text, text, jsonb) is
  'Says that an effect was done, and under which id; false where the worker no longer holds it. Definer: the table is nobody''s to write.';

create function private.fail_outbound_effect(p_effect_id uuid, p_worker text, p_code text, p_is_final boolean)
returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_effect constant private.outbound_effects := private.hold_outbound_effect(p_effect_id, p_worker);
begin
  if v_effect.id is null then
    return false;
  end if;
  if p_is_final then
    perform private.end_outbound_effect(v_effect, 'failed', null, null, p_code);
    return true;
  end if;
  update private.outbound_effects as o
  set status = 'queued', worker = null, leased_until = null, error_code = p_code
  where o.org_id = v_effect.org_id and o.id = v_effect.id;
  return true;
end;
$$;
comment on function private.fail_outbound_effect(uuid, text, text, boolean) is
  'Says that an attempt failed, for good or to be tried again; false where the worker no longer holds it. Definer: the table is nobody''s to write.';

create function public.begin_outbound_effect(p_effect_id uuid, p_worker text)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.begin_outbound_effect(p_effect_id, p_worker);
end;
$$;
comment on function public.begin_outbound_effect(uuid, text) is 'Leases a confirmed effect to a worker, with its payload. Service only.';

create function public.finish_outbound_effect(p_effect_id uuid, p_worker text, p_external_id text, p_result jsonb)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.finish_outbound_effect(p_effect_id, p_worker, p_external_id, p_result);
end;
$$;
comment on function public.finish_outbound_effect(uuid, text, text, jsonb) is 'Says that a leased effect was done. Service only.';

create function public.fail_outbound_effect(p_effect_id uuid, p_worker text, p_code text, p_is_final boolean)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.fail_outbound_effect(p_effect_id, p_worker, p_code, p_is_final);
end;
$$;
comment on function public.fail_outbound_effect(uuid, text, text, boolean) is 'Says that an attempt at a leased effect failed. Service only.';

grant execute on function
  private.claim_pending_action(uuid, text), private.run_claimed_action(jsonb), private.settle_action(uuid, jsonb, text),
  public.confirm_pending_action(uuid, text), private.claim_undo(uuid), private.describe_my_action(text, uuid), public.undo_action(uuid)
to authenticated;
grant execute on function
  private.begin_outbound_effect(uuid, text), public.begin_outbound_effect(uuid, text),
  private.finish_outbound_effect(uuid, text, text, jsonb), public.finish_outbound_effect(uuid, text, text, jsonb),
  private.fail_outbound_effect(uuid, text, text, boolean), public.fail_outbound_effect(uuid, text, text, boolean)
to service_role;
