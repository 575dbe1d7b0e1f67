-- What was left open of the copilot. Of a turn's steps and proposals there are as many as a turn can
-- have, and a step that is named twice in a save is a wrong request.

create or replace function private.save_tool_executions(p_turn public.copilot_turns, p_key bytea, p_tool_executions jsonb)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  if (
    select count(*) <> count(distinct (e ->> 'id')::uuid) from jsonb_array_elements(coalesce(p_tool_executions, '[]')) as e
  ) then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  insert into public.tool_executions as x (
    org_id, id, turn_id, user_id, tool, action, status, started_at, finished_at, duration_ms, result_count, error_code, detail_sealed
  )
  select p_turn.org_id, (e ->> 'id')::uuid, p_turn.id, p_turn.user_id, e ->> 'tool', e ->> 'action', e ->> 'status',
    (e ->> 'started_at')::timestamptz, (e ->> 'finished_at')::timestamptz, (e ->> 'duration_ms')::numeric::integer,
    (e ->> 'result_count')::integer, e ->> 'error_code', private.seal(p_key, 'tool:' || (e ->> 'id')::uuid, e::text)
  from jsonb_array_elements(coalesce(p_tool_executions, '[]')) as e
  on conflict (org_id, id) do update
  set status = excluded.status, finished_at = excluded.finished_at, duration_ms = excluded.duration_ms,
    result_count = excluded.result_count, error_code = excluded.error_code, detail_sealed = excluded.detail_sealed
  -- An id that another turn has taken stays that turn's.
  where x.turn_id = excluded.turn_id;
  -- A worker answers sixteen calls of a model, a document among them with twenty steps of its own and a
  -- name looked up before it: 352 at most. Two that died and a third who goes on stay below this.
  if (
    select count(*) > 1200 from public.tool_executions as x where x.org_id = p_turn.org_id and x.turn_id = p_turn.id
  ) then
    raise sqlstate 'PT409' using message = 'turn_limit_reached';
  end if;
end;
$$;
comment on function private.save_tool_executions(public.copilot_turns, bytea, jsonb) is
  'Stores steps, or what became of them, each once in a call. Raises invalid_request, or turn_limit_reached above 1200 of a turn. Definer: steps are nobody''s to write. Granted to nobody.';

create or replace function public.save_copilot_turn(
  p_turn_id uuid, p_worker text, p_events jsonb default '[]', p_tool_executions jsonb default '[]',
  p_model_turns jsonb default null, p_usage jsonb default '[]', p_is_tainted boolean default false
)
returns jsonb
language sql security invoker set search_path = ''
as $$
  select private.save_copilot_turn(p_turn_id, p_worker, p_events, p_tool_executions, p_model_turns, p_usage, p_is_tainted)
$$;
comment on function public.save_copilot_turn(uuid, text, jsonb, jsonb, jsonb, jsonb, boolean) is
  'Stores what was done so far and extends the lease by a minute: {is_cancelled, has_model_budget}. Raises not_found, turn_not_held, invalid_request or turn_limit_reached.';

create or replace function private.store_proposal(
  p_turn_id uuid, p_key text, p_summary text, p_effects text, p_previews jsonb, p_evidence jsonb, p_is_tainted boolean, p_replaces uuid
)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_turn constant public.copilot_turns := private.require_my_turn(p_turn_id);
  v_effects jsonb;
  v_action private.pending_actions;
  v_key bytea;
  v_was_tainted boolean;
begin
  select a.* into v_action from private.pending_actions as a
  where a.org_id = v_turn.org_id and a.turn_id = v_turn.id and a.key = p_key;
  if found then
    return jsonb_build_object('action', private.describe_action(v_action));
  end if;
  -- Of an ended turn nothing new would be shown any more; only what it showed can be edited.
  if v_turn.status <> 'running' and p_replaces is null then
    raise sqlstate 'PT409' using message = 'turn_not_held';
  end if;
  perform private.require_permission(v_turn.org_id, 'crm.write');
  if char_length(p_effects) > 1000000 or char_length(coalesce(p_summary, '')) not between 1 and 500 then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  -- A worker answers sixteen calls of a model, and each proposes once; the rest is for those who go on
  -- after one that died, and for the person who edits.
  if (
    select count(*) >= 100 from private.pending_actions as a where a.org_id = v_turn.org_id and a.turn_id = v_turn.id
  ) then
    raise sqlstate 'PT409' using message = 'turn_limit_reached';
  end if;
  v_effects := private.parse_effects(p_effects);
  v_key := private.copilot_key(v_turn.org_id, v_turn.user_id);

  v_action.org_id := v_turn.org_id;
  v_action.id := private.new_id();
  v_action.is_tainted := coalesce(p_is_tainted, true) or v_turn.is_tainted;
  if p_replaces is not null then
    -- Asked by itself: beside an "or true" it would not be called at all, and nothing replaced.
    v_was_tainted := private.replace_action(p_replaces, v_turn.conversation_id);
    v_action.is_tainted := v_action.is_tainted or v_was_tainted;
  end if;
  insert into private.pending_actions as a (
    org_id, id, user_id, conversation_id, turn_id, key, shown_sealed, effects_sealed, payload_sha256,
    is_tainted, is_reversible, replaces, status, decided_at
  )
  select
    v_turn.org_id, v_action.id, v_turn.user_id, v_turn.conversation_id, v_turn.id, p_key,
    private.seal(v_key, 'action_shown:' || v_action.id, jsonb_build_object(
      'summary', p_summary, 'previews', private.show_effects(v_effects, p_previews), 'evidence', coalesce(p_evidence, '[]')
    )::text),
    private.seal(v_key, 'action_effects:' || v_action.id, p_effects),
    encode(extensions.digest(p_effects, 'sha256'), 'hex'),
    v_action.is_tainted,
    not exists (select from jsonb_array_elements(v_effects) as e (effect) where private.is_external_effect(e.effect ->> 'kind')),
    p_replaces,
    case when r.at_once then 'confirmed' else 'open' end, case when r.at_once then clock_timestamp() end
  from (
    -- What was edited was to be asked for.
    select p_replaces is null and private.runs_at_once(v_turn.org_id, v_effects, v_action.is_tainted) as at_once
  ) as r
  returning a.* into v_action;
  if v_action.is_tainted and not v_turn.is_tainted then
    -- What is said of it is tainted, too.
    update public.copilot_turns as t set is_tainted = true where t.org_id = v_turn.org_id and t.id = v_turn.id;
  end if;
  if v_action.status = 'confirmed' then
    perform private.write_audit(v_turn.org_id, 'pending_actions.confirmed_by_setting', 'pending_actions', v_action.id);
  end if;
  return jsonb_build_object('action', private.describe_action(v_action)) || private.describe_claim(v_action);
end;
$$;
comment on function private.store_proposal(uuid, text, text, text, jsonb, jsonb, boolean, uuid) is
  'Stores a proposal of a turn of the caller''s, or finds the one of that key; its recipients are still to be checked. Raises not_found, turn_not_held, turn_limit_reached above a hundred, forbidden, mfa_required, invalid_request or action_not_open. Definer: the table is nobody''s to write.';

create or replace function public.propose_action(
  p_turn_id uuid, p_key text, p_summary text, p_effects text, p_previews jsonb, p_evidence jsonb, p_is_tainted boolean,
  p_replaces uuid default null
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
declare
  v_claim jsonb := private.store_proposal(p_turn_id, p_key, p_summary, p_effects, p_previews, p_evidence, p_is_tainted, p_replaces);
begin
  -- One that was there before comes without effects: it was checked when it was stored.
  perform private.require_recipients(
    (v_claim ->> 'org_id')::uuid, v_claim -> 'effects', (v_claim -> 'is_tainted')::boolean,
    array(select jsonb_array_elements_text(v_claim -> 'own_words'))
  );
  if v_claim ->> 'outcome' = 'confirmed' then
    v_claim := private.run_claimed_action(v_claim);
  end if;
  return v_claim -> 'action';
end;
$$;
comment on function public.propose_action(uuid, text, text, text, jsonb, jsonb, boolean, uuid) is
  'Stores what would happen, for its owner to confirm within 30 minutes; once per turn and key. Raises not_found, turn_not_held, turn_limit_reached, forbidden, mfa_required, invalid_request, recipient_not_allowed, email_not_connected or action_not_open.';
