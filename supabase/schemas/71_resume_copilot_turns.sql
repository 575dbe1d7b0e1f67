-- Coming back to a turn: a client that lost the stream reads what it missed, and a worker takes up where
-- a killed one was last saved.

create function private.read_turn_events(p_turn public.copilot_turns, p_key bytea, p_after integer)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'seq', e.seq, 'event', e.event,
      'data', private.unseal(p_key, 'event:' || e.turn_id || ':' || e.seq, e.data_sealed)::jsonb
    ) order by e.seq), '[]')
    from private.copilot_turn_events as e
    where e.org_id = p_turn.org_id and e.turn_id = p_turn.id and e.seq > coalesce(p_after, 0)
  );
end;
$$;
comment on function private.read_turn_events(public.copilot_turns, bytea, integer) is
  'What was sent of a turn after a number. Definer: events are nobody''s to read. Granted to nobody.';

create function private.read_tool_executions(p_turn public.copilot_turns, p_key bytea)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(
      private.unseal(p_key, 'tool:' || x.id, x.detail_sealed)::jsonb
        || jsonb_build_object('status', x.status, 'error_code', x.error_code)
      order by x.started_at, x.id
    ), '[]')
    from public.tool_executions as x
    where x.org_id = p_turn.org_id and x.turn_id = p_turn.id
  );
end;
$$;
comment on function private.read_tool_executions(public.copilot_turns, bytea) is
  'The steps of a turn, in order. Definer: steps are nobody''s to read. Granted to nobody.';

create function private.resume_copilot_turn(p_turn_id uuid, p_worker text)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_turn public.copilot_turns := private.require_my_turn(p_turn_id);
  v_key bytea;
  v_context jsonb;
begin
  if v_turn.status <> 'running' then
    raise sqlstate 'PT409' using message = 'turn_ended';
  elsif v_turn.lease_until > clock_timestamp() then
    raise sqlstate 'PT409' using message = 'turn_running';
  end if;
  update public.copilot_turns as t set worker = p_worker, lease_until = clock_timestamp() + interval '60 seconds'
  where t.org_id = v_turn.org_id and t.id = v_turn.id
  returning t.* into v_turn;
  perform private.log_conversation_read('copilot_turns.resumed', v_turn.org_id, v_turn.user_id, v_turn.conversation_id);
  v_key := private.copilot_key(v_turn.org_id, v_turn.user_id);
  v_context := private.turn_context(v_turn, v_key, false);
  return v_context || jsonb_build_object(
    'message', private.turn_message(v_turn),
    'tool_executions', private.read_tool_executions(v_turn, v_key),
    'model_turns', (
      select coalesce(jsonb_agg(
        private.unseal(v_key, 'model:' || m.turn_id || ':' || m.position, m.body_sealed)::jsonb order by m.position
      ), '[]')
      from private.copilot_model_turns as m where m.org_id = v_turn.org_id and m.turn_id = v_turn.id
    ),
    'next_seq', (
      select coalesce(max(e.seq), 0) + 1 from private.copilot_turn_events as e
      where e.org_id = v_turn.org_id and e.turn_id = v_turn.id
    ),
    'is_tainted', v_turn.is_tainted or (v_context ->> 'is_tainted')::boolean
  );
end;
$$;
comment on function private.resume_copilot_turn(uuid, text) is
  'Gives a turn whose lease is over to another worker, with all that was saved of it. Definer: turns are nobody''s to read; the owner is checked first.';

create function private.read_copilot_turn(p_turn_id uuid, p_after integer)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_turn constant public.copilot_turns := private.require_my_turn(p_turn_id);
  v_key bytea;
begin
  perform private.log_conversation_read('copilot_turns.read', v_turn.org_id, v_turn.user_id, v_turn.conversation_id);
  v_key := private.copilot_key(v_turn.org_id, v_turn.user_id);
  return jsonb_build_object(
    'turn_id', v_turn.id,
    'conversation_id', v_turn.conversation_id,
    'status', v_turn.status,
    'error_code', v_turn.error_code,
    'is_interrupted', v_turn.status = 'running' and v_turn.lease_until <= clock_timestamp(),
    'events', private.read_turn_events(v_turn, v_key, p_after),
    -- What a choice would run stays inside.
    'answer', (
      select private.unseal(v_key, 'answer:' || m.id, m.answer_sealed)::jsonb - 'clarification'
      from public.copilot_messages as m
      where m.org_id = v_turn.org_id and m.turn_id = v_turn.id and m.role = 'assistant'
    )
  );
end;
$$;
comment on function private.read_copilot_turn(uuid, integer) is
  'How far a turn is, and what was sent of it after a number. Definer: turns are nobody''s to read; the owner is checked and the reading logged first.';

-- What the API offers: the same verbs, with the caller's rights.

create function public.resume_copilot_turn(p_turn_id uuid, p_worker text)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.resume_copilot_turn(p_turn_id, p_worker);
end;
$$;
comment on function public.resume_copilot_turn(uuid, text) is
  'Takes up a turn whose worker is gone. Raises not_found, turn_running or turn_ended.';

create function public.read_copilot_turn(p_turn_id uuid, p_after integer default 0)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.read_copilot_turn(p_turn_id, p_after);
end;
$$;
comment on function public.read_copilot_turn(uuid, integer) is
  'How far a turn of the caller''s is: {status, is_interrupted, events, answer}. Raises not_found.';

grant execute on function
  private.resume_copilot_turn(uuid, text), public.resume_copilot_turn(uuid, text),
  private.read_copilot_turn(uuid, integer), public.read_copilot_turn(uuid, integer)
to authenticated;
