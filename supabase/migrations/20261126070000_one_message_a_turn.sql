-- A turn's id sent again with another message is told so, instead of being given the first one's answer.

create or replace function private.begin_copilot_turn(
  p_org_id uuid, p_conversation_id uuid, p_turn_id uuid, p_message text, p_worker text
)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_org_id constant uuid := private.require_org(p_org_id);
  v_user_id constant uuid := private.current_user_id();
  v_key bytea;
  v_turn public.copilot_turns;
  v_context jsonb;
begin
  if p_conversation_id is null or p_turn_id is null or coalesce(p_message, '') !~ '\S' or char_length(p_message) > 4000
    or p_worker is null
  then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  -- One message of a person at a time, so that neither the limit nor a conversation is counted twice.
  perform pg_advisory_xact_lock(hashtextextended('copilot:' || v_user_id, 0));
  v_key := private.copilot_key(v_org_id, v_user_id);
  select t.* into v_turn from public.copilot_turns as t where t.id = p_turn_id;
  if v_turn.id is not null then
    if v_turn.user_id <> v_user_id or v_turn.org_id <> v_org_id then
      raise sqlstate 'PT404' using message = 'not_found';
    elsif v_turn.conversation_id <> p_conversation_id or private.turn_message(v_turn) <> p_message then
      raise sqlstate 'PT409' using message = 'conflict';
    end if;
    perform private.log_conversation_read('copilot_turns.read', v_org_id, v_user_id, v_turn.conversation_id);
    return private.turn_context(v_turn, v_key, true);
  end if;
  if private.count_copilot_accesses(v_user_id, 'turn', interval '1 minute') >= 30 then
    raise sqlstate 'PT429' using message = 'rate_limited';
  end if;
  perform private.note_copilot_access(v_user_id, 'turn', p_turn_id);
  perform private.require_conversation(v_org_id, v_user_id, p_conversation_id, v_key, p_message);
  insert into public.copilot_turns (org_id, id, conversation_id, user_id, worker, lease_until)
  values (v_org_id, p_turn_id, p_conversation_id, v_user_id, p_worker, clock_timestamp() + interval '60 seconds')
  returning * into v_turn;
  perform private.add_copilot_message(v_turn, v_key, 'user', p_message, null);
  perform private.log_conversation_read('copilot_turns.begun', v_org_id, v_user_id, p_conversation_id);
  v_context := private.turn_context(v_turn, v_key, false);
  -- What comes after tainted words may come of them, whatever its worker says of itself (V-09).
  update public.copilot_turns as t set is_tainted = true
  where t.org_id = v_org_id and t.id = p_turn_id and (v_context ->> 'is_tainted')::boolean;
  return v_context;
end;
$$;
