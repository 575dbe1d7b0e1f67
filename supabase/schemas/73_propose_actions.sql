-- Proposing, reading and cancelling what the copilot would do. Each is one function that begins from who
-- asks; whom an effect may reach is asked with the caller's own rights, everything else as the tables'
-- owner, because they are nobody's to read.

create function private.describe_action(p_action private.pending_actions)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_shown constant jsonb := private.unseal(
    private.copilot_key(p_action.org_id, p_action.user_id), 'action_shown:' || p_action.id, p_action.shown_sealed
  )::jsonb;
begin
  return jsonb_build_object(
    'id', p_action.id, 'org_id', p_action.org_id, 'conversation_id', p_action.conversation_id, 'turn_id', p_action.turn_id,
    'summary', v_shown -> 'summary', 'effects', v_shown -> 'previews', 'evidence', v_shown -> 'evidence',
    'payload_sha256', p_action.payload_sha256, 'is_reversible', p_action.is_reversible, 'is_tainted', p_action.is_tainted,
    'status', case when p_action.status = 'open' and p_action.expires_at <= clock_timestamp() then 'expired' else p_action.status end,
    'created_at', p_action.created_at, 'expires_at', p_action.expires_at, 'decided_at', p_action.decided_at
  );
end;
$$;
comment on function private.describe_action(private.pending_actions) is
  'A proposal as its owner sees it. Definer: opens what is sealed. Granted to nobody.';

create function private.effects_text(p_action private.pending_actions)
returns text
language plpgsql security definer set search_path = ''
as $$
begin
  return private.unseal(
    private.copilot_key(p_action.org_id, p_action.user_id), 'action_effects:' || p_action.id, p_action.effects_sealed
  );
end;
$$;
comment on function private.effects_text(private.pending_actions) is
  'The stored text of a proposal''s effects. Definer: opens what is sealed. Granted to nobody.';

create function private.own_words(p_org_id uuid, p_turn_id uuid)
returns text[]
language plpgsql security definer set search_path = ''
as $$
begin
  return private.addresses_in((
    select private.turn_message(row(t.*)::public.copilot_turns)
    from public.copilot_turns as t where t.org_id = p_org_id and t.id = p_turn_id
  ));
end;
$$;
comment on function private.own_words(uuid, uuid) is
  'Addresses that a person themself wrote in the message of a turn. Definer: opens what is sealed. Granted to nobody.';

create function private.lock_my_action(p_id uuid)
returns private.pending_actions
language plpgsql security definer set search_path = ''
as $$
declare
  v_user_id constant uuid := private.current_user_id();
  v_action private.pending_actions;
begin
  select a.* into v_action
  from private.pending_actions as a
  where a.org_id = any(private.my_orgs()) and a.id = p_id and a.user_id = v_user_id;
  -- What others lock before they come to an action is locked before it here too, in their order: a turn
  -- that proposes in its place, an erased conversation, the end of a membership. Each of them either
  -- waits for what is under way here, or was over before.
  perform from public.organizations as o where o.id = v_action.org_id for key share;
  perform from public.copilot_turns as t where t.org_id = v_action.org_id and t.id = v_action.turn_id for key share;
  perform from public.copilot_conversations as c where c.org_id = v_action.org_id and c.id = v_action.conversation_id for key share;
  perform from public.organization_members as m
  where m.org_id = v_action.org_id and m.user_id = v_user_id and m.status = 'active'
  for share;
  if not found then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  select a.* into v_action
  from private.pending_actions as a
  where a.org_id = v_action.org_id and a.id = p_id
  for update;
  if not found then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  return v_action;
end;
$$;
comment on function private.lock_my_action(uuid) is
  'A proposal of the caller''s own, nobody else''s to decide for now. Raises not_found, whoever else''s it is. Definer: the table is nobody''s to read. Granted to nobody.';

create function private.runs_at_once(p_org_id uuid, p_effects jsonb, p_is_tainted boolean)
returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  return not p_is_tainted
    and exists (select from public.org_settings as s where s.org_id = p_org_id and not s.confirm_copilot_tasks)
    and not exists (
      select from jsonb_array_elements(p_effects) as e (effect)
      where e.effect ->> 'kind' not in ('create_task', 'update_task', 'complete_task')
        -- A task for somebody else leaves its owner, and one of somebody else's is theirs.
        or e.effect ->> 'assigned_to' <> private.current_user_id()::text
        or e.effect -> 'changes' ->> 'assigned_to' <> private.current_user_id()::text
        or exists (
          select from public.tasks as t
          where t.org_id = p_org_id and t.id = (e.effect ->> 'task_id')::uuid
            and coalesce(t.assigned_to, t.user_id) <> private.current_user_id()
        )
    );
end;
$$;
comment on function private.runs_at_once(uuid, jsonb, boolean) is
  'Whether the organization lets these effects happen without being asked: own tasks only, and only where nobody outside had a word in it (C-09). Definer: reads settings. Granted to nobody.';

create function private.show_effects(p_effects jsonb, p_previews jsonb)
returns jsonb
language plpgsql immutable set search_path = ''
as $$
declare
  v_shown jsonb := '[]'::jsonb;
  v_effect jsonb;
  v_place integer;
begin
  if jsonb_typeof(p_previews) is distinct from 'array' then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  if jsonb_array_length(p_previews) <> jsonb_array_length(p_effects) then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  for v_effect, v_place in select e.effect, e.place - 1 from jsonb_array_elements(p_effects) with ordinality as e (effect, place) loop
    perform private.require_shown(v_effect, p_previews -> v_place);
    -- Whom it reaches and whether it can be taken back is not for the preview to say.
    v_shown := v_shown || jsonb_build_array((p_previews -> v_place) || jsonb_build_object(
      'recipients', private.effect_recipients(v_effect), 'is_reversible', not private.is_external_effect(v_effect ->> 'kind')
    ));
  end loop;
  return v_shown;
end;
$$;
comment on function private.show_effects(jsonb, jsonb) is
  'The previews, one for one, with recipients and reversibility as the effects themselves have them. Raises invalid_request.';

create function private.replace_action(p_replaces uuid, p_conversation_id uuid)
returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_replaced constant private.pending_actions := private.lock_my_action(p_replaces);
begin
  if v_replaced.conversation_id <> p_conversation_id then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  if v_replaced.status <> 'open' or v_replaced.expires_at <= clock_timestamp() then
    raise sqlstate 'PT409' using message = 'action_not_open';
  end if;
  update private.pending_actions as a set status = 'replaced', decided_at = clock_timestamp()
  where a.org_id = v_replaced.org_id and a.id = v_replaced.id;
  return v_replaced.is_tainted;
end;
$$;
comment on function private.replace_action(uuid, uuid) is
  'Makes room for an edited form of an open proposal; says whether it was tainted. Raises not_found or action_not_open. Definer: the table is nobody''s to write. Granted to nobody.';

create function private.store_proposal(
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

create function private.describe_claim(p_action private.pending_actions)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
begin
  return jsonb_build_object(
    'outcome', p_action.status, 'org_id', p_action.org_id, 'id', p_action.id, 'is_tainted', p_action.is_tainted,
    'effects', private.effects_text(p_action)::jsonb,
    'own_words', private.own_words(p_action.org_id, p_action.turn_id)
  );
end;
$$;
comment on function private.describe_claim(private.pending_actions) is
  'What whoever executes a proposal works with, from its stored text. Definer: opens what is sealed. Granted to nobody.';

create function public.propose_action(
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
  perform private.require_truly_shown((v_claim ->> 'org_id')::uuid, v_claim -> 'effects', p_previews);
  if v_claim ->> 'outcome' = 'confirmed' then
    v_claim := private.run_claimed_action(v_claim);
  end if;
  return v_claim -> 'action';
end;
$$;
comment on function public.propose_action(uuid, text, text, text, jsonb, jsonb, boolean, uuid) is
  'Stores what would happen, for its owner to confirm within 30 minutes; once per turn and key. Raises not_found, turn_not_held, turn_limit_reached, forbidden, mfa_required, invalid_request, conflict, recipient_not_allowed, email_not_connected or action_not_open.';

create function private.cancel_pending_action(p_id uuid)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_action private.pending_actions := private.lock_my_action(p_id);
begin
  if v_action.status <> 'open' then
    return jsonb_build_object('outcome', 'already_decided', 'action', private.describe_action(v_action));
  end if;
  update private.pending_actions as a
  set status = case when a.expires_at <= clock_timestamp() then 'expired' else 'cancelled' end, decided_at = clock_timestamp()
  where a.org_id = v_action.org_id and a.id = v_action.id
  returning a.* into v_action;
  return jsonb_build_object('outcome', v_action.status, 'action', private.describe_action(v_action));
end;
$$;
comment on function private.cancel_pending_action(uuid) is
  'Ends an open proposal for good: {outcome: cancelled | expired | already_decided, action}. Raises not_found. Definer: the table is nobody''s to write.';

create function private.read_pending_action(p_id uuid)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_action private.pending_actions;
begin
  select a.* into v_action
  from private.pending_actions as a
  where a.org_id = any(private.my_orgs()) and a.id = p_id and a.user_id = private.current_user_id();
  if not found then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  perform private.write_audit(v_action.org_id, 'pending_actions.read', 'pending_actions', v_action.id);
  return jsonb_build_object(
    'action', private.describe_action(v_action), 'results', private.action_results(v_action.org_id, v_action.id),
    'error_code', v_action.error_code, 'effects', private.effects_text(v_action)::jsonb,
    -- Who edits it needs to know in whose name and time.
    'owner', (
      select jsonb_build_object(
        'user_id', p.id, 'first_name', p.first_name, 'last_name', p.last_name, 'email', p.email, 'time_zone', p.time_zone,
        'organization_name', o.name
      )
      from public.profiles as p, public.organizations as o where p.id = v_action.user_id and o.id = v_action.org_id
    )
  );
end;
$$;
comment on function private.read_pending_action(uuid) is
  'A proposal of the caller''s and what became of each effect: {action, results, error_code, effects, owner}; logged. Raises not_found. Definer: the table is nobody''s to read.';

create function private.list_pending_actions(p_conversation_id uuid)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_conversation public.copilot_conversations;
begin
  select c.* into v_conversation
  from public.copilot_conversations as c
  where c.org_id = any(private.my_orgs()) and c.id = p_conversation_id and c.user_id = private.current_user_id();
  if not found then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  perform private.write_audit(v_conversation.org_id, 'pending_actions.listed', 'copilot_conversations', v_conversation.id);
  return (
    select coalesce(jsonb_agg(private.describe_action(row(l.*)::private.pending_actions) order by l.created_at desc, l.id desc), '[]')
    from (
      select a.* from private.pending_actions as a
      where a.org_id = v_conversation.org_id and a.conversation_id = v_conversation.id
      order by a.created_at desc, a.id desc
      limit 50
    ) as l
  );
end;
$$;
comment on function private.list_pending_actions(uuid) is
  'The last fifty proposals of a conversation of the caller''s, the latest first; logged. Raises not_found. Definer: the table is nobody''s to read.';

create function private.open_actions(p_org_id uuid, p_user_id uuid, p_conversation_id uuid)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(private.describe_action(a) - array['effects', 'evidence'] order by a.created_at, a.id), '[]')
    from private.pending_actions as a
    where a.org_id = p_org_id and a.conversation_id = p_conversation_id and a.user_id = p_user_id
      and a.status = 'open' and a.expires_at > clock_timestamp()
      -- A yes in words answers what was said: not what a turn proposed that ended without an answer.
      and exists (
        select from public.copilot_turns as t
        where t.org_id = a.org_id and t.id = a.turn_id and (
          t.status = 'running' or exists (
            select from public.copilot_messages as m where m.org_id = t.org_id and m.turn_id = t.id and m.role = 'assistant'
          )
        )
      )
  );
end;
$$;
comment on function private.open_actions(uuid, uuid, uuid) is
  'What was shown and waits for a person''s yes in a conversation, the oldest first, without previews. Definer: the table is nobody''s to read. Granted to nobody.';

create function public.cancel_pending_action(p_id uuid)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.cancel_pending_action(p_id);
end;
$$;
comment on function public.cancel_pending_action(uuid) is 'Ends an open proposal of the caller''s for good. Raises not_found.';

create function public.read_pending_action(p_id uuid)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.read_pending_action(p_id);
end;
$$;
comment on function public.read_pending_action(uuid) is 'A proposal of the caller''s and what became of it; logged. Raises not_found.';

create function public.list_pending_actions(p_conversation_id uuid)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.list_pending_actions(p_conversation_id);
end;
$$;
comment on function public.list_pending_actions(uuid) is 'Proposals of a conversation of the caller''s; logged. Raises not_found.';

grant execute on function
  private.store_proposal(uuid, text, text, text, jsonb, jsonb, boolean, uuid),
  public.propose_action(uuid, text, text, text, jsonb, jsonb, boolean, uuid),
  private.cancel_pending_action(uuid), public.cancel_pending_action(uuid),
  private.read_pending_action(uuid), public.read_pending_action(uuid),
  private.list_pending_actions(uuid), public.list_pending_actions(uuid)
to authenticated;
