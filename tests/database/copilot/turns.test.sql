-- Turns: a message is taken in once, one worker holds its turn, what it saves stays, what is late or
-- not its own changes nothing, and a killed one goes on where it was.
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'agent');
select tests.given_member('olga', 'acme', 'owner');
select tests.given_member('ana', 'second', 'owner');
select tests.given_member('rui', 'rival', 'owner');
update public.profiles set last_name = 'Lopez', time_zone = 'Europe/Madrid', active_org_id = tests.id('acme') where id = tests.id('ana');
select tests.remember(n, gen_random_uuid()) from unnest(array[
  'talk', 'other talk', 'long talk', 'tainted talk', 'cancelled talk', 'budget talk', 'turn', 'turn 2', 'turn 3', 'other turn', 'tainted turn',
  'clean turn', 'cancelled turn', 'cancelled turn 2', 'budget turn', 'step', 'step 2', 'last step', 'step too many', 'pending', 'olga turn', 'call'
]) as n;
insert into private.model_budgets (org_id, monthly_limit, daily_limit_per_person) values (tests.id('acme'), 1000, 900);

create function pg_temp.begin(p_talk text, p_turn text, p_message text default 'Hello', p_worker text default 'w1', p_org text default 'acme')
returns jsonb language sql as $$
  select public.begin_copilot_turn(tests.id(p_org), tests.id(p_talk), tests.id(p_turn), p_message, p_worker)
$$;
create function pg_temp.late(p_turn text)
returns void language plpgsql security definer as $$
begin
  update public.copilot_turns set lease_until = clock_timestamp() - interval '1 second' where id = tests.id(p_turn);
end;
$$;
create function pg_temp.turn(p_turn text)
returns public.copilot_turns language sql security definer as $$ select t from public.copilot_turns as t where t.id = tests.id(p_turn) $$;
create function pg_temp.said(p_talk text)
returns text language sql as $$
  select string_agg(m ->> 'role' || ': ' || (m ->> 'text'), ' | ' order by (m ->> 'seq')::int)
  from jsonb_array_elements(public.read_copilot_conversation(tests.id(p_talk)) -> 'messages') as m
$$;
create function pg_temp.step(p_step text, p_status text, p_more jsonb default '{}')
returns jsonb language sql as $$
  select jsonb_build_array(jsonb_build_object(
    'id', tests.id(p_step), 'tool', 'execute_action', 'action', 'get_deal', 'label', 'Looking', 'args', '{"has_name": true}'::jsonb,
    'status', p_status, 'started_at', '2026-11-22T10:00:00Z', 'finished_at', null, 'duration_ms', null, 'result_count', null,
    'evidence', '[]'::jsonb, 'error_code', null
  ) || p_more)
$$;
create function pg_temp.usage(p_count integer, p_more jsonb default '{}')
returns jsonb language sql as $$
  select jsonb_agg(jsonb_build_object(
    'call_id', gen_random_uuid(), 'model', 'gemini-3.8-flash', 'model_version', 'gemini-3.8-flash', 'outcome', 'answered',
    'prompt_tokens', 10, 'cached_tokens', 4, 'answer_tokens', 2, 'thought_tokens', 1
  ) || p_more) from generate_series(1, p_count)
$$;
create function pg_temp.spent()
returns table (prompt bigint, cached bigint, answer bigint, thought bigint, model text, outcome text) language sql security definer as $$
  select u.prompt_tokens, u.cached_tokens, u.answer_tokens, u.thought_tokens, u.model, u.outcome
  from private.model_usage as u where u.org_id = tests.id('acme') and u.purpose = 'copilot' and u.id <> tests.id('call')
$$;
create temp table answers (message_id uuid);
grant all on answers to authenticated;
create function pg_temp.finish(p_turn text, p_worker text, p_status text, p_answer jsonb default null)
returns text language sql as $$
  with finished as (select public.finish_copilot_turn(tests.id(p_turn), p_worker, p_status, p_answer) as f),
  noted as (insert into answers select (f ->> 'message_id')::uuid from finished returning 1)
  select f ->> 'status' from finished, noted
$$;
grant execute on all functions in schema pg_temp to authenticated, anon;

-- Beginning.
select tests.act_as('ana');
select is(
  pg_temp.begin('talk', 'turn', 'What is new at Acme?') - array['now', 'context_version', 'open_actions', 'org_skills', 'persona'],
  jsonb_build_object(
    'org_id', tests.id('acme'), 'organization_name', 'acme', 'conversation_id', tests.id('talk'), 'turn_id', tests.id('turn'),
    'is_replay', false, 'status', 'running', 'user_id', tests.id('ana'), 'first_name', 'Ana', 'full_name', 'Ana Lopez',
    'email', 'ana@example.test', 'time_zone', 'Europe/Madrid', 'history', '[]'::jsonb, 'is_tainted', false, 'clarification', null,
    'model_budget_left', 900, 'has_model_budget', true
  ),
  'a turn begins with who asks, where, and what was said before'
);
select throws_ok($$ select public.begin_copilot_turn(tests.id('rival'), gen_random_uuid(), gen_random_uuid(), 'x', 'w') $$, 'PT404', 'organization_not_found', 'in an organization of the person''s');
select throws_ok(
  format('select public.begin_copilot_turn(%L, %L, %L, %L, %L)', tests.id('acme'), v.talk, v.turn, v.message, v.worker), 'PT400', 'invalid_request',
  'and with everything it needs: ' || v.what
)
from (values
  ('a conversation', null::uuid, gen_random_uuid(), 'x', 'w'), ('a turn', gen_random_uuid(), null, 'x', 'w'), ('a worker', gen_random_uuid(), gen_random_uuid(), 'x', null),
  ('a message', gen_random_uuid(), gen_random_uuid(), null, 'w'), ('words', gen_random_uuid(), gen_random_uuid(), E' \n', 'w'),
  ('not too many', gen_random_uuid(), gen_random_uuid(), repeat('x', 4001), 'w')
) as v (what, talk, turn, message, worker);
select lives_ok($$ select public.begin_copilot_turn(tests.id('acme'), gen_random_uuid(), gen_random_uuid(), repeat('x', 4000), 'w') $$, 'control: 4000 are not too many');
select is(pg_temp.begin('talk', 'turn', 'What is new at Acme?', 'w2') -> 'is_replay', 'true', 'the same turn again is a replay');
select is(pg_temp.said('talk'), 'user: What is new at Acme?', 'and nothing is doubled');
select is((pg_temp.turn('turn')).worker, 'w1', 'nor taken from its worker');
select throws_ok($$ select pg_temp.begin('other talk', 'turn') $$, 'PT409', 'conflict', 'a turn belongs to one conversation');
select throws_ok($$ select pg_temp.begin('talk', 'turn', 'What is new elsewhere?') $$, 'PT409', 'conflict', 'and answers one message');
select throws_ok($$ select pg_temp.begin('talk', 'turn', 'Hello', 'w', 'second') $$, 'PT404', 'not_found', 'and to one organization');
select throws_ok($$ select pg_temp.begin('talk', 'other turn', 'Hello', 'w', 'second') $$, 'PT404', 'not_found', 'as its conversation does');
select throws_ok($$ select pg_temp.begin('talk', 'turn 2') $$, 'PT409', 'turn_running', 'one turn of a conversation runs at a time');
select is(pg_temp.begin('other talk', 'other turn') -> 'is_replay', 'false', 'another conversation has turns of its own');
select tests.act_as('olga');
select throws_ok($$ select pg_temp.begin('talk', 'olga turn') $$, 'PT404', 'not_found', 'a colleague''s conversation does not exist');
select throws_ok($$ select pg_temp.begin('long talk', 'turn') $$, 'PT404', 'not_found', 'nor does a colleague''s turn');
select tests.act_as_anon();
select throws_ok($$ select pg_temp.begin('talk', 'turn 2') $$, '42501', null, 'nobody who is not signed in says anything');

-- Saving.
select tests.act_as('ana');
select is(
  public.save_copilot_turn(
    tests.id('turn'), 'w1', '[{"seq": 1, "event": "step_started", "data": {"a": 1}}, {"seq": 2, "event": "text", "data": {"text": "As"}}]',
    pg_temp.step('step', 'running'), '{"from": 0, "turns": [{"role": "user", "parts": [{"text": "q"}]}, {"role": "model", "parts": [{"thoughtSignature": "s=="}]}]}',
    '[]', false
  ),
  '{"is_cancelled": false, "has_model_budget": true}', 'the holder saves'
);
select public.save_copilot_turn(
  tests.id('turn'), 'w1', '[{"seq": 2, "event": "text", "data": {"text": "Changed"}}, {"seq": 3, "event": "step_finished"}]',
  pg_temp.step('step', 'succeeded', '{"finished_at": "2026-11-22T10:00:01Z", "duration_ms": 1000, "result_count": 2}') || pg_temp.step('step 2', 'running', '{"started_at": "2026-11-22T10:00:02Z"}'),
  '{"from": 1, "turns": [{"role": "model", "parts": []}, {"role": "user", "parts": [{"text": "r"}]}]}'
);
select is(
  public.read_copilot_turn(tests.id('turn')) -> 'events',
  '[{"seq": 1, "event": "step_started", "data": {"a": 1}}, {"seq": 2, "event": "text", "data": {"text": "As"}}, {"seq": 3, "event": "step_finished", "data": null}]',
  'each event is stored once, as it was sent'
);
select is(jsonb_path_query_array(public.read_copilot_turn(tests.id('turn'), 1) -> 'events', '$[*].seq'), '[2, 3]', 'and read from where a client was');
select tests.act_as_owner();
select results_eq(
  $$ select status, duration_ms, result_count, finished_at from public.tool_executions where id = tests.id('step') $$,
  $$ values ('succeeded', 1000, 2, timestamptz '2026-11-22T10:00:01Z') $$, 'U60-081 a step is stored, with what became of it'
);
select tests.act_as('ana');
select public.save_copilot_turn(tests.id('other turn'), 'w1', '[]', pg_temp.step('step', 'failed'));
select tests.act_as_owner();
select is((select status from public.tool_executions where id = tests.id('step')), 'succeeded', 'another turn does not change it');
insert into public.tool_executions (org_id, id, turn_id, user_id, tool, status, started_at, detail_sealed)
select tests.id('acme'), gen_random_uuid(), tests.id('other turn'), tests.id('ana'), 'resolve_entity', 'succeeded', now(), '' from generate_series(1, 1199);
update public.copilot_turns set lease_until = clock_timestamp() + interval '1 second' where id = tests.id('turn');
select tests.act_as('ana');
select throws_ok(
  format('select public.save_copilot_turn(%L, ''w1'', ''[]'', %L)', tests.id('turn'), pg_temp.step('step', 'failed') || pg_temp.step('step', 'running')),
  'PT400', 'invalid_request', 'a step has one end in a save'
);
select throws_ok(
  format('select public.save_copilot_turn(%L, ''w1'', ''[]'', %L)', tests.id('turn'),
    pg_temp.step('step', 'failed') || pg_temp.step('step', 'running', jsonb_build_object('id', upper(tests.id('step')::text)))),
  'PT400', 'invalid_request', 'however its id is spelled'
);
select lives_ok(
  format('select public.save_copilot_turn(%L, ''w1'', ''[]'', %L)', tests.id('other turn'), pg_temp.step('last step', 'running')), 'control: 1200 steps are taken'
);
select lives_ok(
  format('select public.save_copilot_turn(%L, ''w1'', ''[]'', %L)', tests.id('other turn'), pg_temp.step('last step', 'succeeded')), 'and what becomes of them'
);
select throws_ok(
  format('select public.save_copilot_turn(%L, ''w1'', ''[]'', %L)', tests.id('other turn'), pg_temp.step('step too many', 'running')),
  'PT409', 'turn_limit_reached', 'one more is more than any turn takes'
);
select public.save_copilot_turn(tests.id('turn'), 'w1');
select ok((pg_temp.turn('turn')).lease_until between clock_timestamp() + interval '55 seconds' and clock_timestamp() + interval '60 seconds', 'each save extends the lease to a minute');
select throws_ok($$ select public.save_copilot_turn(tests.id('turn'), 'w2') $$, 'PT409', 'turn_not_held', 'nobody else saves');
select throws_ok($$ select public.save_copilot_turn(tests.id('turn'), null) $$, 'PT409', 'turn_not_held', 'least of all nobody');
select throws_ok($$ select public.finish_copilot_turn(tests.id('turn'), 'w2', 'done', '{"text": "x"}') $$, 'PT409', 'turn_not_held', 'nor answers');
select throws_ok($$ select public.finish_copilot_turn(tests.id('turn'), 'w1', 'running', '{"text": "x"}') $$, 'PT400', 'invalid_request', 'an end is an end');
select throws_ok($$ select public.finish_copilot_turn(tests.id('turn'), 'w1', null, '{"text": "x"}') $$, 'PT400', 'invalid_request', 'of some kind');
select throws_ok($$ select public.resume_copilot_turn(tests.id('turn'), 'w2') $$, 'PT409', 'turn_running', 'while its lease lives it is not taken over');

-- A worker that was killed, and one that only seemed to be.
select pg_temp.late('turn');
select is(public.read_copilot_turn(tests.id('turn')) -> 'is_interrupted', 'true', 'a turn whose lease is over is interrupted');
select throws_ok($$ select public.save_copilot_turn(tests.id('turn'), 'w1') $$, 'PT409', 'turn_not_held', 'its worker saves nothing any more');
select throws_ok($$ select public.finish_copilot_turn(tests.id('turn'), 'w1', 'done', '{"text": "x"}') $$, 'PT409', 'turn_not_held', 'and answers nothing');
create temp table resumed as select public.resume_copilot_turn(tests.id('turn'), 'w2') as context;
select is(
  context - array['now', 'context_version', 'open_actions', 'org_skills', 'persona', 'tool_executions', 'model_turns', 'model_budget_left', 'has_model_budget'],
  jsonb_build_object(
    'org_id', tests.id('acme'), 'organization_name', 'acme', 'conversation_id', tests.id('talk'), 'turn_id', tests.id('turn'),
    'is_replay', false, 'status', 'running', 'user_id', tests.id('ana'), 'first_name', 'Ana', 'full_name', 'Ana Lopez',
    'email', 'ana@example.test', 'time_zone', 'Europe/Madrid', 'history', '[]'::jsonb, 'is_tainted', false, 'clarification', null,
    'message', 'What is new at Acme?', 'next_seq', 4
  ),
  'another goes on, with all that was said'
) from resumed;
select is(
  jsonb_path_query_array(context -> 'tool_executions', '$[*].status'), '["succeeded", "running"]', 'all that was done'
) from resumed;
select is(context -> 'tool_executions' -> 0 -> 'args', '{"has_name": true}', 'as it was') from resumed;
select is(
  context -> 'model_turns',
  '[{"role": "user", "parts": [{"text": "q"}]}, {"role": "model", "parts": [{"thoughtSignature": "s=="}]}, {"role": "user", "parts": [{"text": "r"}]}]',
  'and every part of the dialogue with the model as it came'
) from resumed;
select is(public.read_copilot_turn(tests.id('turn')) -> 'is_interrupted', 'false', 'which is not interrupted now');
select throws_ok($$ select public.save_copilot_turn(tests.id('turn'), 'w1') $$, 'PT409', 'turn_not_held', 'who woke up late finds it taken');
select lives_ok($$ select public.save_copilot_turn(tests.id('turn'), 'w2') $$, 'control: the new one saves');

-- The answer.
select is(pg_temp.finish('turn', 'w2', 'done', jsonb_build_object(
  'text', 'A deal moved.', 'structuredResponse', '{"type": "deal_card"}'::jsonb, 'pending_action', jsonb_build_object('id', tests.id('pending')),
  'clarification', '{"question": "Which?", "run": "secretly"}'::jsonb, 'routing', '{"intent": "deal_news", "skill_key": "skill-x"}'::jsonb
)), 'done', 'the holder answers');
select is(pg_temp.finish('turn', 'w2', 'done', '{"text": "Again."}'), 'done', 'doing so again is the same');
select is((select count(distinct message_id)::int from answers), 1, 'and writes nothing more');
select is(pg_temp.said('talk'), 'user: What is new at Acme? | assistant: A deal moved.', 'the answer is written once');
select is(public.read_copilot_turn(tests.id('turn')) #>> '{answer,structuredResponse,type}', 'deal_card', 'and read with the turn');
select is(public.read_copilot_turn(tests.id('turn')) -> 'status', '"done"', 'which is done');
select ok(not public.read_copilot_turn(tests.id('turn'))::text like '%secretly%', 'what a choice would run stays inside');
select ok(not public.read_copilot_conversation(tests.id('talk'))::text like '%secretly%', 'of the conversation too');
select throws_ok($$ select public.finish_copilot_turn(tests.id('turn'), 'w2', 'failed') $$, 'PT409', 'turn_not_held', 'it does not end in another way afterwards');
select throws_ok($$ select public.save_copilot_turn(tests.id('turn'), 'w2') $$, 'PT409', 'turn_not_held', 'nor goes on');
select throws_ok($$ select public.resume_copilot_turn(tests.id('turn'), 'w3') $$, 'PT409', 'turn_ended', 'nor is taken up again');
select is(public.cancel_copilot_turn(tests.id('turn')), '{"status": "done"}', 'nor is cancelled');
select tests.act_as_owner();
select is_empty($$ select from private.copilot_model_turns where turn_id = tests.id('turn') $$, 'the dialogue with the model is forgotten');
select is((pg_temp.turn('turn')).intent || ' ' || (pg_temp.turn('turn')).skill_key, 'deal_news skill-x', 'U60-080 what answered is on the run');
select is((select status || ' ' || error_code from public.tool_executions where id = tests.id('step 2')), 'failed interrupted', 'a step that was never seen to end has failed');
select is((select status from public.tool_executions where id = tests.id('step')), 'succeeded', 'one that was seen to has not');
select is((select pending_action_id from public.copilot_messages where turn_id = tests.id('turn') and role = 'assistant'), tests.id('pending'), 'U60-087 the message names the action that it previews');
select is(private.turn_message(pg_temp.turn('turn')), 'What is new at Acme?', 'what a turn answers can be asked inside');

-- The next turn.
select pg_temp.late('turn');
select tests.act_as('ana');
select is(pg_temp.begin('talk', 'turn', 'What is new at Acme?') -> 'history', '[]', 'an answered turn is repeated as any other');
create temp table next as select pg_temp.begin('talk', 'turn 2', 'And at Globex?') as context;
select is(
  jsonb_path_query_array(context -> 'history', '$[*].text'), '["What is new at Acme?", "A deal moved."]', 'it begins with what was said before it'
) from next;
select is(context -> 'clarification' ->> 'run', 'secretly', 'and with the question that was open') from next;
select isnt(context ->> 'context_version', (select r.context ->> 'context_version' from resumed as r), 'what it begins with is another version') from next;
select is(context ->> 'context_version', pg_temp.begin('talk', 'turn 2', 'And at Globex?') ->> 'context_version', 'which stays the same for the same') from next;
select is((pg_temp.turn('turn')).status, 'done', 'what has ended is left as it ended, however long ago') from next;
select pg_temp.late('turn 2');
select is(
  jsonb_path_query_array(pg_temp.begin('talk', 'turn 3', 'Never mind') -> 'history', '$[*].text'),
  '["What is new at Acme?", "A deal moved.", "And at Globex?"]', 'who writes on after an interruption gives the turn before up'
);
select is((pg_temp.turn('turn 2')).status || ' ' || (pg_temp.turn('turn 2')).error_code, 'failed interrupted', 'which is over then');
select throws_ok($$ select public.save_copilot_turn(tests.id('turn 2'), 'w1') $$, 'PT409', 'turn_not_held', 'for its worker too');
select throws_ok($$ select public.finish_copilot_turn(tests.id('turn 2'), 'w1', 'done', '{"text": "x"}') $$, 'PT409', 'turn_not_held', 'which does not answer it any more');
select is(pg_temp.begin('talk', 'turn 3', 'Never mind') -> 'clarification', 'null', 'a question is open for the next message only');
select public.finish_copilot_turn(tests.id('turn 3'), 'w1', 'failed', '{"text": "I could not.", "error_code": "upstream_failed"}');
select is(public.read_copilot_turn(tests.id('turn 3')) ->> 'error_code', 'upstream_failed', 'a failure has its reason');

select is(public.finish_copilot_turn(tests.id('other turn'), 'w1', 'failed') -> 'message_id', 'null', 'a turn may end without a word');
select is(public.finish_copilot_turn(tests.id('other turn'), 'w1', 'failed', '{"text": "Afterthought"}') -> 'message_id', 'null', 'and then it stays so');

-- Twenty messages, no more.
select public.begin_copilot_turn(tests.id('acme'), tests.id('long talk'), t.id, 'message ' || t.n, 'w'), public.finish_copilot_turn(t.id, 'w', 'done', jsonb_build_object('text', 'answer ' || t.n))
from (select n, gen_random_uuid() as id from generate_series(1, 11) as n) as t;
create temp table long as select public.begin_copilot_turn(tests.id('acme'), tests.id('long talk'), gen_random_uuid(), 'Now', 'w') -> 'history' as history;
select is(jsonb_array_length(history), 20, 'the last twenty messages are what a turn begins with') from long;
select is((history -> 0 ->> 'text') || ', ' || (history -> 19 ->> 'text') || ', ' || (history -> 19 ->> 'role'), 'message 2, answer 11, assistant', 'oldest first') from long;
select is(public.list_copilot_conversations(tests.id('acme')) -> 'conversations' -> 0 ->> 'title', 'message 1', 'a conversation is called by its first message');

-- Taint.
select pg_temp.begin('tainted talk', 'tainted turn');
select public.save_copilot_turn(tests.id('tainted turn'), 'w1', p_is_tainted => true);
select public.save_copilot_turn(tests.id('tainted turn'), 'w1', p_is_tainted => false);
select ok((pg_temp.turn('tainted turn')).is_tainted, 'V-09 once it has read words of people outside, a turn is tainted');
select pg_temp.late('tainted turn');
select is(public.resume_copilot_turn(tests.id('tainted turn'), 'w2') -> 'is_tainted', 'true', 'also when another goes on with it');
select public.finish_copilot_turn(tests.id('tainted turn'), 'w2', 'done', '{"text": "They wrote: send it to me"}');
select is(pg_temp.begin('tainted talk', 'clean turn') -> 'is_tainted', 'true', 'V-09 and what it said taints whoever begins with it');
select ok((pg_temp.turn('clean turn')).is_tainted, 'V-09 in the database too, whatever its worker says');
select ok(not (pg_temp.turn('turn 3')).is_tainted, 'control: a turn of another conversation is not');

-- Cancelling.
select pg_temp.begin('cancelled talk', 'cancelled turn', 'One');
select is(public.cancel_copilot_turn(tests.id('cancelled turn')), '{"status": "cancelled"}', 'its owner cancels a turn');
select is(
  public.save_copilot_turn(tests.id('cancelled turn'), 'w1', '[{"seq": 9, "event": "text", "data": {}}]', p_usage => jsonb_build_array(jsonb_build_object(
    'call_id', tests.id('call'), 'model', 'gemini-3.8-flash', 'outcome', 'answered', 'prompt_tokens', 5, 'answer_tokens', 1
  ))) -> 'is_cancelled', 'true', 'its worker learns it'
);
select is(public.read_copilot_turn(tests.id('cancelled turn')) -> 'events', '[]', 'and stores nothing more');
select is(public.finish_copilot_turn(tests.id('cancelled turn'), 'w1', 'cancelled', '{"text": "Part of"}') ->> 'status', 'cancelled', 'it may leave what it had said');
select is(pg_temp.said('cancelled talk'), 'user: One | assistant: Part of', 'which is kept');
select pg_temp.begin('cancelled talk', 'cancelled turn 2', 'Two');
select public.cancel_copilot_turn(tests.id('cancelled turn 2'));
select public.begin_copilot_turn(tests.id('acme'), tests.id('cancelled talk'), gen_random_uuid(), 'Three', 'w3');
select is(public.finish_copilot_turn(tests.id('cancelled turn 2'), 'w1', 'done', '{"text": "Late"}') -> 'message_id', 'null', 'unless the person has written on since');
select is(pg_temp.said('cancelled talk'), 'user: One | assistant: Part of | user: Two | user: Three', 'then it says nothing');
select tests.act_as_owner();
select is((select count(*)::int from private.model_usage where id = tests.id('call')), 1, 'what it had cost by then is counted all the same');

-- What it costs.
select tests.act_as('ana');
select pg_temp.begin('budget talk', 'budget turn');
create temp table calls as select pg_temp.usage(1) as usage;
select public.save_copilot_turn(tests.id('budget turn'), 'w1', p_usage => usage), public.save_copilot_turn(tests.id('budget turn'), 'w1', p_usage => usage) from calls;
select results_eq('select * from pg_temp.spent()', $$ values (10::bigint, 4::bigint, 2::bigint, 1::bigint, 'gemini-3.8-flash', 'answered') $$, 'a call is counted once, however often it is told');
select is((pg_temp.turn('budget turn')).usage_calls, 1, 'on its turn too');
select public.save_copilot_turn(tests.id('budget turn'), 'w1', p_usage => pg_temp.usage(
  1, '{"prompt_tokens": 99999999999, "cached_tokens": 99999999999, "answer_tokens": 60000, "thought_tokens": 60000, "model": "DROP", "outcome": "Un Known"}'
));
select results_eq(
  'select * from pg_temp.spent() where prompt > 10', $$ values (1000000::bigint, 1000000::bigint, 60000::bigint, 5536::bigint, 'unknown', 'unknown') $$,
  'none costs more than a call can'
);
select public.save_copilot_turn(tests.id('budget turn'), 'w1', p_usage => pg_temp.usage(1, '{"prompt_tokens": -5, "cached_tokens": 3, "answer_tokens": null}'));
select results_eq('select prompt, cached, answer from pg_temp.spent() where prompt = 0', 'values (0::bigint, 0::bigint, 0::bigint)', 'nor less than nothing');
select public.save_copilot_turn(tests.id('budget turn'), 'w1', p_usage => pg_temp.usage(20));
select is((select count(*)::int from pg_temp.spent()), 12, 'a turn has twelve calls and no more');
select tests.act_as_owner();
select is(
  private.copilot_budget_left(tests.id('acme'), tests.id('ana')),
  900 - (select sum(u.cost) from private.model_usage as u where u.org_id = tests.id('acme') and u.purpose = 'copilot'), 'what a person''s turns cost is off their day'
);
select is(private.copilot_budget_left(tests.id('acme'), tests.id('olga')), 900::numeric, 'and nobody else''s');
select is(private.copilot_budget_left(tests.id('second'), tests.id('ana')), 1::numeric, 'nor off what they have in another organization, which is what its plan says');
select is(private.copilot_budget_left(gen_random_uuid(), tests.id('ana')), null, 'and nothing without one');
update private.model_budgets set daily_limit_per_person = (select trunc(s.cost, 4) from private.copilot_spend as s where s.org_id = tests.id('acme') and s.user_id = tests.id('ana'))
where org_id = tests.id('acme');
select tests.act_as('ana');
select is(public.save_copilot_turn(tests.id('budget turn'), 'w1') -> 'has_model_budget', 'false', 'who has used up their day asks no model, whatever the organization has left');
select tests.act_as_owner();
update private.copilot_spend set day = day - 1;
select tests.act_as('ana');
select is(public.save_copilot_turn(tests.id('budget turn'), 'w1') -> 'has_model_budget', 'true', 'until the next day');
select tests.act_as_owner();
select private.note_copilot_spend(tests.id('acme'), tests.id('olga'), 1);
select private.prune_copilot_traces();
select results_eq($$ select user_id, cost from private.copilot_spend $$, $$ values (tests.id('olga'), 1::numeric) $$, 'a day that is over is forgotten');
insert into private.model_budgets (org_id, valid_from, monthly_limit, daily_limit_per_person) values
  (tests.id('acme'), current_date - 1, 1000, 7), (tests.id('acme'), current_date + 2, 1000, 8);
select is(private.copilot_budget_left(tests.id('acme'), tests.id('ana')), (select daily_limit_per_person from private.model_budgets where valid_from = current_date), 'the bound of the day holds');
update private.model_budgets set daily_limit_per_person = null where org_id = tests.id('acme') and valid_from = current_date;
select is(private.copilot_budget_left(tests.id('acme'), tests.id('ana')), 1::numeric, 'the plan''s where the budget has none');
update private.model_budgets set monthly_limit = 0, daily_limit_per_person = 900 where org_id = tests.id('acme');
select tests.act_as('ana');
select is(public.save_copilot_turn(tests.id('budget turn'), 'w1') -> 'has_model_budget', 'false', 'a worker learns that the money is spent');

-- One that nobody goes on with ends like any other.
select tests.act_as_owner();
select tests.remember(n, gen_random_uuid()) from unnest(array['left turn', 'left talk', 'left step', 'next turn']) as n;
select tests.act_as('ana');
select pg_temp.begin('left talk', 'left turn');
select public.save_copilot_turn(tests.id('left turn'), 'w1', '[]', pg_temp.step('left step', 'running'), '{"from": 0, "turns": [{"role": "model"}]}');
select pg_temp.late('left turn');
select pg_temp.begin('left talk', 'next turn');
select tests.act_as_owner();
select results_eq(
  $$ select t.status, t.error_code, x.status, x.error_code, (select count(*) from private.copilot_model_turns as m where m.turn_id = t.id)
     from public.copilot_turns as t join public.tool_executions as x on x.turn_id = t.id where t.id = tests.id('left turn') $$,
  $$ values ('failed', 'interrupted', 'failed', 'interrupted', 0::bigint) $$,
  'what an interrupted turn said to the model is forgotten, too, when its person writes on'
);
select throws_ok(
  $$ select private.seal('\x00', 'text:1', repeat('x', 2097153)) $$, 'PT400', 'invalid_request', 'nothing is kept that is larger than anybody reads'
);

-- Thirty a minute.
select tests.act_as('olga');
select public.begin_copilot_turn(tests.id('acme'), gen_random_uuid(), gen_random_uuid(), 'quick', 'w') from generate_series(1, 29);
select lives_ok($$ select pg_temp.begin('olga turn', 'olga turn') $$, 'control: thirty messages a minute are taken in');
select throws_ok($$ select public.begin_copilot_turn(tests.id('acme'), gen_random_uuid(), gen_random_uuid(), 'quick', 'w') $$, 'PT429', 'rate_limited', 'the thirty-first is not');
select is(pg_temp.begin('olga turn', 'olga turn') -> 'is_replay', 'true', 'a repeated one is none');
select public.erase_my_copilot_history(tests.id('acme'));
select throws_ok($$ select public.begin_copilot_turn(tests.id('acme'), gen_random_uuid(), gen_random_uuid(), 'quick', 'w') $$, 'PT429', 'rate_limited', 'and erasing does not reset it');
select tests.act_as('ana');
select lives_ok($$ select public.begin_copilot_turn(tests.id('acme'), gen_random_uuid(), gen_random_uuid(), 'mine', 'w') $$, 'everybody has a limit of their own');
select tests.act_as_owner();
update private.copilot_accesses set at = at - interval '1 minute' where user_id = tests.id('olga');
select tests.act_as('olga');
select lives_ok($$ select public.begin_copilot_turn(tests.id('acme'), gen_random_uuid(), gen_random_uuid(), 'later', 'w') $$, 'a minute later there is room');
select tests.act_as_owner();

select * from finish();
rollback;
