-- Turns: a message comes in, one worker holds its turn by a lease, saves what it did as it goes, and
-- ends it with an answer. A killed worker's turn can be taken up again where it was saved; a worker
-- that lost its lease can change nothing any more. Everything acts for the person the token names.

create function private.require_my_turn(p_turn_id uuid)
returns public.copilot_turns
language plpgsql security definer set search_path = ''
as $$
declare
  v_turn public.copilot_turns;
begin
  select t.* into v_turn
  from public.copilot_turns as t
  where t.id = p_turn_id and t.user_id = private.current_user_id()
  for update;
  if not v_turn.org_id = any(private.my_orgs()) is true then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  return v_turn;
end;
$$;
comment on function private.require_my_turn(uuid) is
  'The turn, locked, if it is the caller''s own and they are still a member. Raises not_found. Definer: turns are nobody''s to read. Granted to nobody.';

create function private.turn_message(p_turn public.copilot_turns)
returns text
language plpgsql security definer set search_path = ''
as $$
begin
  return (
    select private.unseal(private.copilot_key(m.org_id, p_turn.user_id), 'text:' || m.id, m.text_sealed)
    from public.copilot_messages as m
    where m.org_id = p_turn.org_id and m.turn_id = p_turn.id and m.role = 'user'
  );
end;
$$;
comment on function private.turn_message(public.copilot_turns) is
  'What the person wrote that the turn answers. Definer: messages are nobody''s to read. Granted to nobody; ask require_my_turn first.';

create function private.add_copilot_message(
  p_turn public.copilot_turns, p_key bytea, p_role text, p_text text, p_answer jsonb
)
returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
  v_id constant uuid := private.new_id();
  v_seq integer;
begin
  update public.copilot_conversations as c
  set message_count = c.message_count + 1, last_message_at = clock_timestamp(), archived_at = null
  where c.org_id = p_turn.org_id and c.id = p_turn.conversation_id
  returning c.message_count into v_seq;
  insert into public.copilot_messages (
    org_id, id, conversation_id, turn_id, seq, role, text_sealed, answer_sealed, pending_action_id
  )
  values (
    p_turn.org_id, v_id, p_turn.conversation_id, p_turn.id, v_seq, p_role,
    private.seal(p_key, 'text:' || v_id, p_text), private.seal(p_key, 'answer:' || v_id, p_answer::text),
    coalesce(p_answer ->> 'pending_action_id', p_answer -> 'pending_action' ->> 'id')::uuid
  );
  return v_id;
end;
$$;
comment on function private.add_copilot_message(public.copilot_turns, bytea, text, text, jsonb) is
  'Writes the next message of a turn''s conversation, enciphered, and takes the conversation out of the archive. Definer: messages are nobody''s to write. Granted to nobody.';

create function private.copilot_history(p_turn public.copilot_turns, p_key bytea)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_history jsonb;
begin
  -- The last twenty before this turn's own message, oldest first; a clarification only if it is the last.
  select jsonb_build_object(
    'history', coalesce(jsonb_agg(jsonb_build_object(
      'role', h.role, 'text', private.unseal(p_key, 'text:' || h.id, h.text_sealed), 'created_at', h.created_at
    ) order by h.seq), '[]'),
    'is_tainted', coalesce(bool_or(h.is_tainted), false),
    'last_message_id', (array_agg(h.id order by h.seq desc))[1],
    'clarification', (array_agg(private.unseal(p_key, 'answer:' || h.id, h.answer_sealed) order by h.seq desc))[1]::jsonb -> 'clarification'
  ) into v_history
  from (
    select m.id, m.seq, m.role, m.text_sealed, m.created_at, t.is_tainted,
      case when row_number() over (order by m.seq desc) = 1 then m.answer_sealed end as answer_sealed
    from public.copilot_messages as m
    join public.copilot_turns as t on t.org_id = m.org_id and t.id = m.turn_id
    where m.org_id = p_turn.org_id and m.conversation_id = p_turn.conversation_id
      and m.seq < (
        select o.seq from public.copilot_messages as o
        where o.org_id = p_turn.org_id and o.turn_id = p_turn.id and o.role = 'user'
      )
    order by m.seq desc
    limit 20
  ) as h;
  return v_history;
end;
$$;
comment on function private.copilot_history(public.copilot_turns, bytea) is
  'What was said before a turn: {history, is_tainted, last_message_id, clarification}. Definer: messages are nobody''s to read. Granted to nobody.';

create function private.copilot_parts(p_turn public.copilot_turns)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
begin
  return jsonb_build_object(
    'persona', private.persona(p_turn.org_id, p_turn.user_id),
    'org_skills', coalesce(private.org_skill_settings(p_turn.org_id), '[]'),
    'open_actions', coalesce(private.open_actions(p_turn.org_id, p_turn.user_id, p_turn.conversation_id), '[]')
  );
end;
$$;
comment on function private.copilot_parts(public.copilot_turns) is
  'What other capabilities add to the context of a turn: {persona, org_skills, open_actions}. Definer, granted to nobody.';

create function private.turn_context(p_turn public.copilot_turns, p_key bytea, p_is_replay boolean)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_said constant jsonb := private.copilot_history(p_turn, p_key);
  v_parts constant jsonb := private.copilot_parts(p_turn);
  v_budget_left constant numeric := private.copilot_budget_left(p_turn.org_id, p_turn.user_id);
begin
  return (
    select jsonb_build_object(
      'org_id', p_turn.org_id,
      'organization_name', o.name,
      'conversation_id', p_turn.conversation_id,
      'turn_id', p_turn.id,
      'is_replay', p_is_replay,
      'status', p_turn.status,
      'user_id', p_turn.user_id,
      'first_name', p.first_name,
      'full_name', nullif(concat_ws(' ', p.first_name, p.last_name), ''),
      'email', p.email,
      'time_zone', p.time_zone,
      'now', clock_timestamp(),
      'context_version', md5(concat_ws(
        '/', v_parts -> 'persona' ->> 'version', md5((v_parts -> 'org_skills')::text), v_said ->> 'last_message_id'
      )),
      'model_budget_left', v_budget_left,
      'has_model_budget', coalesce(v_budget_left > 0, false)
    ) || v_parts || (v_said - 'last_message_id')
    from public.organizations as o, public.profiles as p
    where o.id = p_turn.org_id and p.id = p_turn.user_id
  );
end;
$$;
comment on function private.turn_context(public.copilot_turns, bytea, boolean) is
  'Everything a turn begins with: person, organization, what was said before, open actions, budget. Definer: reads for the caller, who was checked. Granted to nobody.';

create function private.require_conversation(p_org_id uuid, p_user_id uuid, p_conversation_id uuid, p_key bytea, p_message text)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  insert into public.copilot_conversations (org_id, id, user_id, title_sealed)
  values (
    p_org_id, p_conversation_id, p_user_id,
    private.seal(p_key, 'title:' || p_conversation_id, left(regexp_replace(btrim(p_message), '\s+', ' ', 'g'), 80))
  )
  on conflict (id) do nothing;
  if not exists (
    select from public.copilot_conversations as c
    where c.org_id = p_org_id and c.id = p_conversation_id and c.user_id = p_user_id
  ) then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  -- Nobody works on a turn whose lease is over; who writes on has given it up. Turns are locked before
  -- their conversation, here as everywhere.
  perform private.end_turn(row(o.*)::public.copilot_turns, 'failed', '{"error_code": "interrupted"}')
  from (
    select t.* from public.copilot_turns as t
    where t.org_id = p_org_id and t.conversation_id = p_conversation_id and t.status = 'running'
      and t.lease_until <= clock_timestamp()
    for update
  ) as o;
  if exists (
    select from public.copilot_turns as t
    where t.org_id = p_org_id and t.conversation_id = p_conversation_id and t.status = 'running'
  ) then
    raise sqlstate 'PT409' using message = 'turn_running';
  end if;
end;
$$;
comment on function private.require_conversation(uuid, uuid, uuid, bytea, text) is
  'Makes the conversation, or sees that it is the person''s own and that no turn of it runs. Raises not_found or turn_running. Definer: conversations are nobody''s to write. Granted to nobody.';

create function private.begin_copilot_turn(
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
comment on function private.begin_copilot_turn(uuid, uuid, uuid, text, text) is
  'Takes a message in and gives its worker a turn of one minute, with all it begins with. Definer: conversations are nobody''s to read or write; membership and owner are checked first.';

create function private.hold_turn(p_turn_id uuid, p_worker text)
returns public.copilot_turns
language plpgsql security definer set search_path = ''
as $$
declare
  v_turn public.copilot_turns := private.require_my_turn(p_turn_id);
begin
  if v_turn.worker is distinct from p_worker
    or v_turn.status = 'running' and v_turn.lease_until <= clock_timestamp()
  then
    raise sqlstate 'PT409' using message = 'turn_not_held';
  end if;
  return v_turn;
end;
$$;
comment on function private.hold_turn(uuid, text) is
  'The caller''s turn, locked, if this worker''s lease of it lives, or it ended in its hands. Raises not_found or turn_not_held. Definer, granted to nobody.';

create function private.save_turn_events(p_turn public.copilot_turns, p_key bytea, p_events jsonb)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  insert into private.copilot_turn_events (org_id, turn_id, seq, event, data_sealed)
  select p_turn.org_id, p_turn.id, (e ->> 'seq')::integer, e ->> 'event',
    private.seal(p_key, 'event:' || p_turn.id || ':' || (e ->> 'seq')::integer, coalesce(e -> 'data', 'null')::text)
  from jsonb_array_elements(coalesce(p_events, '[]')) as e
  on conflict (org_id, turn_id, seq) do nothing;
end;
$$;
comment on function private.save_turn_events(public.copilot_turns, bytea, jsonb) is
  'Stores what was sent, each event once. Definer: events are nobody''s to write. Granted to nobody.';

create function private.save_tool_executions(p_turn public.copilot_turns, p_key bytea, p_tool_executions jsonb)
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

create function private.save_model_turns(p_turn public.copilot_turns, p_key bytea, p_model_turns jsonb)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  insert into private.copilot_model_turns (org_id, turn_id, position, body_sealed)
  select p_turn.org_id, p_turn.id, n.place, private.seal(p_key, 'model:' || p_turn.id || ':' || n.place, m.body::text)
  from jsonb_array_elements(coalesce(p_model_turns -> 'turns', '[]')) with ordinality as m (body, number)
  cross join lateral (select ((p_model_turns ->> 'from')::integer + m.number - 1)::integer) as n (place)
  on conflict (org_id, turn_id, position) do nothing;
end;
$$;
comment on function private.save_model_turns(public.copilot_turns, bytea, jsonb) is
  'Appends to the dialogue with the model; what is there stays as it is. Definer: it is nobody''s to write. Granted to nobody.';

create function private.record_turn_usage(p_turn public.copilot_turns, p_usage jsonb)
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_call jsonb;
  v_calls integer := p_turn.usage_calls;
  v_cost numeric := 0;
begin
  -- Counted by the worker under the person's own token, so bounded: no turn is dearer than this.
  for v_call in select e from jsonb_array_elements(coalesce(p_usage, '[]')) as e loop
    exit when v_calls >= 12;
    continue when exists (
      select from private.model_usage as u where u.org_id = p_turn.org_id and u.id = (v_call ->> 'call_id')::uuid
    );
    v_cost := v_cost + private.record_model_usage(
      p_turn.org_id, (v_call ->> 'call_id')::uuid, 'copilot',
      coalesce(substring(v_call ->> 'model' from '^[a-z0-9][a-z0-9.-]{0,99}$'), 'unknown'),
      substring(v_call ->> 'model_version' from '^[a-z0-9][a-z0-9.-]{0,99}$'),
      coalesce(substring(v_call ->> 'outcome' from '^[a-z_]{1,60}$'), 'unknown'),
      private.clamp_tokens(v_call ->> 'prompt_tokens', 1000000),
      least(private.clamp_tokens(v_call ->> 'cached_tokens', 1000000), private.clamp_tokens(v_call ->> 'prompt_tokens', 1000000)),
      private.clamp_tokens(v_call ->> 'answer_tokens', 65536),
      least(
        private.clamp_tokens(v_call ->> 'thought_tokens', 65536),
        65536 - private.clamp_tokens(v_call ->> 'answer_tokens', 65536)
      ),
      private.request_id()
    );
    v_calls := v_calls + 1;
  end loop;
  if v_calls > p_turn.usage_calls then
    perform private.note_copilot_spend(p_turn.org_id, p_turn.user_id, v_cost);
    update public.copilot_turns as t set usage_calls = v_calls where t.org_id = p_turn.org_id and t.id = p_turn.id;
  end if;
end;
$$;
comment on function private.record_turn_usage(public.copilot_turns, jsonb) is
  'Counts the model calls of a turn, each once and no more than twelve, none above what a call can cost. Definer: usage is nobody''s to write. Granted to nobody.';

create function private.clamp_tokens(p_tokens text, p_max bigint)
returns bigint
language plpgsql immutable set search_path = ''
as $$
begin
  return least(greatest(coalesce(p_tokens::numeric, 0), 0), p_max)::bigint;
end;
$$;
comment on function private.clamp_tokens(text, bigint) is 'A number of tokens between nothing and the most there can be.';

create function private.save_copilot_turn(
  p_turn_id uuid, p_worker text, p_events jsonb, p_tool_executions jsonb, p_model_turns jsonb, p_usage jsonb,
  p_is_tainted boolean
)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_turn constant public.copilot_turns := private.hold_turn(p_turn_id, p_worker);
  v_key bytea;
begin
  if v_turn.status in ('done', 'failed') then
    raise sqlstate 'PT409' using message = 'turn_not_held';
  end if;
  -- What was spent was spent, also for an answer that nobody waits for any more.
  perform private.record_turn_usage(v_turn, p_usage);
  if v_turn.status = 'running' then
    v_key := private.copilot_key(v_turn.org_id, v_turn.user_id);
    perform private.save_turn_events(v_turn, v_key, p_events);
    perform private.save_tool_executions(v_turn, v_key, p_tool_executions);
    perform private.save_model_turns(v_turn, v_key, p_model_turns);
    update public.copilot_turns as t
    -- Once tainted, a turn stays so.
    set lease_until = clock_timestamp() + interval '60 seconds', is_tainted = t.is_tainted or coalesce(p_is_tainted, false)
    where t.org_id = v_turn.org_id and t.id = v_turn.id;
  end if;
  return jsonb_build_object(
    'is_cancelled', v_turn.status = 'cancelled',
    'has_model_budget', coalesce(private.copilot_budget_left(v_turn.org_id, v_turn.user_id) > 0, false)
  );
end;
$$;
comment on function private.save_copilot_turn(uuid, text, jsonb, jsonb, jsonb, jsonb, boolean) is
  'Stores what the holder of a turn has done so far and extends its lease. Definer: turns are nobody''s to write; owner, worker and lease are checked first.';

create function private.finish_copilot_turn(
  p_turn_id uuid, p_worker text, p_status text, p_answer jsonb, p_events jsonb, p_usage jsonb
)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_turn constant public.copilot_turns := private.hold_turn(p_turn_id, p_worker);
  v_key bytea;
  v_message_id uuid;
begin
  if p_status is null or p_status not in ('done', 'failed', 'cancelled') then
    raise sqlstate 'PT400' using message = 'invalid_request';
  elsif v_turn.status in ('done', 'failed') and v_turn.status <> p_status then
    raise sqlstate 'PT409' using message = 'turn_not_held';
  end if;
  perform private.record_turn_usage(v_turn, p_usage);
  select m.id into v_message_id from public.copilot_messages as m
  where m.org_id = v_turn.org_id and m.turn_id = v_turn.id and m.role = 'assistant';
  if private.may_still_answer(v_turn, v_message_id) then
    v_key := private.copilot_key(v_turn.org_id, v_turn.user_id);
    perform private.save_turn_events(v_turn, v_key, p_events);
    if p_answer is not null then
      v_message_id := private.add_copilot_message(
        v_turn, v_key, 'assistant', coalesce(p_answer ->> 'text', ''), p_answer
      );
    end if;
  end if;
  if v_turn.status = 'running' then
    perform private.end_turn(v_turn, p_status, p_answer);
  end if;
  return jsonb_build_object(
    'status', case when v_turn.status = 'running' then p_status else v_turn.status end,
    'conversation_id', v_turn.conversation_id, 'message_id', v_message_id
  );
end;
$$;
comment on function private.finish_copilot_turn(uuid, text, text, jsonb, jsonb, jsonb) is
  'Ends a turn with its answer, which is written once. Definer: turns are nobody''s to write; owner, worker and lease are checked first.';

create function private.may_still_answer(p_turn public.copilot_turns, p_message_id uuid)
returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  -- A cancelled turn may leave what it had said, unless the person has written on since.
  return p_message_id is null and p_turn.status in ('running', 'cancelled') and not exists (
    select from public.copilot_turns as t
    where t.org_id = p_turn.org_id and t.conversation_id = p_turn.conversation_id and t.created_at > p_turn.created_at
  );
end;
$$;
comment on function private.may_still_answer(public.copilot_turns, uuid) is
  'Whether a turn, which has or has not a message of its own, may still write one. Definer, granted to nobody.';

create function private.end_turn(p_turn public.copilot_turns, p_status text, p_answer jsonb)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  update public.copilot_turns as t
  set status = p_status, finished_at = clock_timestamp(),
    intent = substring(p_answer -> 'routing' ->> 'intent' from '^[a-z0-9_.:-]{1,100}$'),
    skill_key = substring(p_answer -> 'routing' ->> 'skill_key' from '^[a-z0-9_.:-]{1,100}$'),
    error_code = case when p_status = 'failed' then substring(p_answer ->> 'error_code' from '^[a-z0-9_]{1,100}$') end
  where t.org_id = p_turn.org_id and t.id = p_turn.id;
  -- A step that was never seen to end did not; its evidence is the little that was saved of it.
  update public.tool_executions as x set status = 'failed', error_code = 'interrupted', finished_at = clock_timestamp()
  where x.org_id = p_turn.org_id and x.turn_id = p_turn.id and x.status = 'running';
  delete from private.copilot_model_turns as m where m.org_id = p_turn.org_id and m.turn_id = p_turn.id;
end;
$$;
comment on function private.end_turn(public.copilot_turns, text, jsonb) is
  'Ends a turn and forgets its dialogue with the model, which nothing needs any more. Definer, granted to nobody.';

create function private.cancel_copilot_turn(p_turn_id uuid)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_turn constant public.copilot_turns := private.require_my_turn(p_turn_id);
begin
  if v_turn.status = 'running' then
    perform private.end_turn(v_turn, 'cancelled', null);
  end if;
  return jsonb_build_object('status', case when v_turn.status = 'running' then 'cancelled' else v_turn.status end);
end;
$$;
comment on function private.cancel_copilot_turn(uuid) is
  'Ends a turn that runs; its worker learns it at its next save. Definer: turns are nobody''s to write; the owner is checked first.';

-- What the API offers: the same verbs, with the caller's rights.

create function public.begin_copilot_turn(
  p_org_id uuid, p_conversation_id uuid, p_turn_id uuid, p_message text, p_worker text
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.begin_copilot_turn(p_org_id, p_conversation_id, p_turn_id, p_message, p_worker);
end;
$$;
comment on function public.begin_copilot_turn(uuid, uuid, uuid, text, text) is
  'Takes a message in and gives its worker a turn. Raises not_found, turn_running, conflict, rate_limited, invalid_request, and what require_org raises.';

create function public.save_copilot_turn(
  p_turn_id uuid, p_worker text, p_events jsonb default '[]', p_tool_executions jsonb default '[]',
  p_model_turns jsonb default null, p_usage jsonb default '[]', p_is_tainted boolean default false
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.save_copilot_turn(p_turn_id, p_worker, p_events, p_tool_executions, p_model_turns, p_usage, p_is_tainted);
end;
$$;
comment on function public.save_copilot_turn(uuid, text, jsonb, jsonb, jsonb, jsonb, boolean) is
  'Stores what was done so far and extends the lease by a minute: {is_cancelled, has_model_budget}. Raises not_found, turn_not_held, invalid_request or turn_limit_reached.';

create function public.finish_copilot_turn(
  p_turn_id uuid, p_worker text, p_status text, p_answer jsonb default null, p_events jsonb default '[]', p_usage jsonb default '[]'
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.finish_copilot_turn(p_turn_id, p_worker, p_status, p_answer, p_events, p_usage);
end;
$$;
comment on function public.finish_copilot_turn(uuid, text, text, jsonb, jsonb, jsonb) is
  'Ends a turn as done, failed or cancelled, with its answer: {status, conversation_id, message_id}. Raises not_found, turn_not_held or invalid_request.';

create function public.cancel_copilot_turn(p_turn_id uuid)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.cancel_copilot_turn(p_turn_id);
end;
$$;
comment on function public.cancel_copilot_turn(uuid) is 'Ends a turn of the caller''s that runs: {status}. Raises not_found.';

grant execute on function
  private.begin_copilot_turn(uuid, uuid, uuid, text, text), public.begin_copilot_turn(uuid, uuid, uuid, text, text),
  private.save_copilot_turn(uuid, text, jsonb, jsonb, jsonb, jsonb, boolean),
  public.save_copilot_turn(uuid, text, jsonb, jsonb, jsonb, jsonb, boolean),
  private.finish_copilot_turn(uuid, text, text, jsonb, jsonb, jsonb), public.finish_copilot_turn(uuid, text, text, jsonb, jsonb, jsonb),
  private.cancel_copilot_turn(uuid), public.cancel_copilot_turn(uuid)
to authenticated;
