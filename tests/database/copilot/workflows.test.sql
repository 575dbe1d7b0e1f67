-- Runs of the library: begun once a request, taken up where they stopped, written by the turn's holder
-- only, read by their owner only, and real once their proposal was confirmed.
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'manager');
select tests.given_member('ben', 'acme', 'owner');
select tests.given_member('rui', 'rival', 'owner');
select tests.remember(n, gen_random_uuid()) from unnest(array['talk', 'bens talk', 'turn', 'bens turn', 'late talk', 'late turn', 'ended talk', 'ended turn']) as n;
select tests.remember('run', gen_random_uuid()), tests.remember('action', gen_random_uuid()), tests.remember('edited', gen_random_uuid());

create function pg_temp.begin_turn(p_talk text, p_turn text) returns void language sql as $$
  select public.begin_copilot_turn(tests.id('acme'), tests.id(p_talk), tests.id(p_turn), 'Prep for my next meeting', 'w1')
$$;
create function pg_temp.start(p_turn text default 'turn', p_worker text default 'w1', p_inputs text default 'a', p_document text default 'd', p_version integer default 1, p_key text default 'seq-pipeline-review')
returns jsonb language sql as $$
  select public.start_workflow(tests.id(p_turn), p_worker, p_key, p_version, repeat(p_document, 64), repeat(p_inputs, 64), '{"days": 5}')
$$;
create function pg_temp.save(p_more jsonb default '{}', p_worker text default 'w1', p_run uuid default tests.id('run')) returns void language sql as $$
  select public.save_workflow_step(p_run, p_worker, '{"id": "brief", "position": 1, "kind": "read", "action": "get_deal", "args": {"has_name": true},
    "status": "succeeded", "output": {"name": "Secret deal"}, "evidence": [], "error_code": null,
    "started_at": "2026-11-22T10:00:00Z", "finished_at": "2026-11-22T10:00:01Z"}'::jsonb || p_more)
$$;
create function pg_temp.executions() returns setof public.workflow_executions language sql security definer as $$
  select e from public.workflow_executions as e order by e.created_at, e.id
$$;
create function pg_temp.steps() returns setof public.workflow_steps language sql security definer as $$
  select s from public.workflow_steps as s order by s.position
$$;
create function pg_temp.given_action(p_name text, p_replaces uuid default null, p_turn text default 'turn', p_key text default 'k')
returns void language sql security definer as $$
  insert into private.pending_actions (
    org_id, id, user_id, conversation_id, turn_id, key, shown_sealed, effects_sealed, payload_sha256, is_tainted, is_reversible, replaces
  )
  select t.org_id, tests.id(p_name), t.user_id, t.conversation_id, t.id, p_key, '\x00', '\x00', repeat('0', 64), false, true, p_replaces
  from public.copilot_turns as t where t.id = tests.id(p_turn)
$$;
create function pg_temp.decide(p_name text, p_status text) returns void language sql security definer as $$
  update private.pending_actions set status = p_status, decided_at = coalesce(decided_at, now()), error_code = case p_status when 'failed' then 'conflict' end
  where id = tests.id(p_name)
$$;
create function pg_temp.note(p_name text, p_run jsonb) returns uuid language sql security definer as $$
  select tests.remember(p_name, (p_run ->> 'execution_id')::uuid)
$$;
grant execute on all functions in schema pg_temp to authenticated, anon, service_role;

-- Beginning.
select tests.act_as('ana');
select pg_temp.begin_turn('talk', 'turn');
select pg_temp.note('run', pg_temp.start());
select is(pg_temp.start() - 'started_at', jsonb_build_object('execution_id', tests.id('run'), 'status', 'running', 'steps', '[]'::jsonb), 'the same request of a turn is the same run');
select is((select array[e.user_id, e.turn_id] from pg_temp.executions() as e), array[tests.id('ana'), tests.id('turn')], 'of the person and turn it is for');
select isnt((pg_temp.start('turn', 'w1', 'b') ->> 'execution_id')::uuid, tests.id('run'), 'other inputs are another run');
select isnt((pg_temp.start('turn', 'w1', 'a', 'e') ->> 'execution_id')::uuid, tests.id('run'), 'a changed document too');
select throws_ok($$ select pg_temp.start('turn', 'w2') $$, 'PT409', 'turn_not_held', 'only who holds the turn begins one');
select throws_ok($$ select pg_temp.start('bens turn') $$, 'PT404', 'not_found', 'in a turn that there is');
select throws_ok(format('select pg_temp.start(%L, %L, %L, %L, %s, %L)', 'turn', 'w1', v.inputs, v.document, v.version, v.key), '23514', null, v.what)
from (values ('a run names its document by a hash', 'a', 'x', 1, 'seq-a'), ('and its inputs', 'x', 'd', 1, 'seq-a'), ('by its version', 'a', 'd', 0, 'seq-a'), ('and its key', 'a', 'd', 1, 'Seq A')) as v (what, inputs, document, version, key);
select throws_ok($$ select public.start_workflow(tests.id('turn'), 'w1', 'seq-a', 1, repeat('d', 64), repeat('c', 64), '[]') $$, '23514', null, 'inputs have names');
select throws_ok($$ select public.start_workflow(tests.id('turn'), 'w1', 'seq-a', 1, repeat('d', 64), repeat('c', 64), jsonb_build_object('a', (select string_agg(md5(i::text), '') from generate_series(1, 1000) as i))) $$, '23514', null, 'and are few');

-- Steps.
select lives_ok($$ select pg_temp.save() $$, 'a step that is over is kept');
select lives_ok($$ select pg_temp.save('{"output": "again"}') $$, 'keeping it again');
select is(pg_temp.start() -> 'steps' -> 0 -> 'output', '{"name": "Secret deal"}', 'changes nothing: the first account stays, and who takes the run up has it');
select is((select count(*) from pg_temp.steps()), 1::bigint, 'once');
select is((select position('Secret'::bytea in s.output_sealed) from pg_temp.steps() as s), 0, 'and what was found is enciphered');
select throws_ok($$ select pg_temp.save('{"position": 2, "id": "other"}', 'w2') $$, 'PT409', 'turn_not_held', 'only who holds the turn keeps a step');
select throws_ok($$ select pg_temp.save('{}', 'w1', gen_random_uuid()) $$, 'PT404', 'not_found', 'of a run that there is');
select throws_ok(format('select pg_temp.save(%L)', '{"position": 2, "id": "two"}'::jsonb || v.more), v.code, null, v.what)
from (values
  ('a step has a place', '{"position": 0}'::jsonb, '23514'), ('in a short document', '{"position": 21}', '23514'), ('a name', '{"id": "Two Words"}', '23514'),
  ('that no other has', '{"id": "brief"}', '23505'), ('a kind', '{"kind": "rule"}', '23514'), ('an action that is a name', '{"action": "drop table"}', '23514'),
  ('arguments with names', '{"args": []}', '23514'), ('a status', '{"status": "failed"}', '23514'), ('a code', '{"error_code": "No Code"}', '23514'),
  ('and ends after it began', '{"finished_at": "2026-11-22T09:00:00Z"}', '23514'),
  ('few arguments', jsonb_build_object('args', jsonb_build_object('a', (select string_agg(md5(i::text), '') from generate_series(1, 1000) as i))), '23514')
) as v (what, more, code);
select lives_ok($$ select pg_temp.save('{"position": 2, "id": "two", "status": "skipped", "error_code": "not_found"}') $$, 'control: a second step is kept');

-- Others.
select tests.act_as('ben');
select pg_temp.begin_turn('bens talk', 'bens turn');
select throws_ok($$ select pg_temp.save() $$, 'PT404', 'not_found', 'a colleague''s run does not exist');
select throws_ok($$ select public.finish_workflow(tests.id('run'), 'w1', 'failed') $$, 'PT404', 'not_found', 'to end');
select throws_ok($$ select public.read_workflow(tests.id('run')) $$, 'PT404', 'not_found', 'or to read, for an owner of the organization either');
select throws_ok($$ select pg_temp.start('turn') $$, 'PT404', 'not_found', 'nor does their turn');
select throws_ok($$ select e.id from public.workflow_executions as e $$, '42501', null, 'nobody reads the table');
select throws_ok($$ select s.step_id from public.workflow_steps as s $$, '42501', null, 'or the steps');
select tests.act_as_service();
select throws_ok($$ select e.id from public.workflow_executions as e $$, '42501', null, 'the service role least of all');
select throws_ok($$ select s.step_id from public.workflow_steps as s $$, '42501', null, 'steps neither');
select throws_ok($$ select public.read_workflow(tests.id('run')) $$, '42501', null, 'nor does it call');
select tests.act_as_anon();
select throws_ok($$ select public.read_workflow(tests.id('run')) $$, '42501', null, 'nor does nobody');

-- Ending.
select tests.act_as_owner();
select pg_temp.given_action('action');
select tests.remember('bens action', gen_random_uuid());
select pg_temp.given_action('bens action', null, 'bens turn');
select tests.act_as('ana');
select throws_ok($$ select public.finish_workflow(tests.id('run'), 'w2', 'succeeded') $$, 'PT409', 'turn_not_held', 'only who holds the turn ends a run');
select throws_ok($$ select public.finish_workflow(tests.id('run'), 'w1', 'succeeded', '{}', tests.id('bens action')) $$, 'PT404', 'not_found', 'a run proposes nothing of another turn');
select throws_ok($$ select public.finish_workflow(tests.id('run'), 'w1', 'perhaps') $$, '23514', null, 'it ended in one of two ways');
select throws_ok($$ select public.finish_workflow(tests.id('run'), 'w1', 'failed', null, null, 'No Code') $$, '23514', null, 'and why is a code');
select lives_ok($$ select public.finish_workflow(tests.id('run'), 'w1', 'failed', null, null, 'not_found') $$, 'a run fails');
select is(pg_temp.start() ->> 'status', 'running', 'and is tried again');
select is(jsonb_array_length(pg_temp.start() -> 'steps'), 2, 'where it stopped');
select lives_ok($$ select public.finish_workflow(tests.id('run'), 'w1', 'succeeded', '{"type": "pipeline_review", "title": "Secret"}', tests.id('action')) $$, 'it ends with its panel and what it proposed');
select lives_ok($$ select public.finish_workflow(tests.id('run'), 'w1', 'failed', '{}') $$, 'ending it again');
select is(
  public.read_workflow(tests.id('run')) - array['started_at', 'finished_at', 'steps'],
  jsonb_build_object(
    'execution_id', tests.id('run'), 'org_id', tests.id('acme'), 'turn_id', tests.id('turn'), 'key', 'seq-pipeline-review', 'version', 1,
    'is_simulation', true, 'simulation_id', null, 'pending_action_id', tests.id('action'), 'status', 'succeeded', 'error_code', null,
    'panel', '{"type": "pipeline_review", "title": "Secret"}'::jsonb
  ), 'changes nothing, and its owner reads it'
);
select is((select position('Secret'::bytea in e.output_sealed) from pg_temp.executions() as e where e.id = tests.id('run')), 0, 'the panel is enciphered');
select is(public.read_workflow(tests.id('run')) -> 'steps' -> 0 ->> 'id', 'brief', 'with its steps');
select ok(not public.read_workflow(tests.id('run')) -> 'steps' -> 0 ? 'output', 'but not all that they found');
select is(pg_temp.start() ->> 'status', 'succeeded', 'what succeeded stays');
select is((select count(*) from public.security_audit_log as a where a.action = 'workflow_executions.read' and a.org_id = tests.id('acme')), 0::bigint, 'a member who is no admin sees no log');
select tests.act_as_owner();
select ok((select count(*) > 0 from public.security_audit_log as a where a.action = 'workflow_executions.read' and a.org_id = tests.id('acme')), 'each reading is logged');

-- A yes.
select is((select count(*) from pg_temp.executions() as e where not e.is_simulation), 0::bigint, 'U60-087: a simulation alone is no run');
select pg_temp.decide('action', 'replaced');
select pg_temp.given_action('edited', tests.id('action'), 'turn', 'k2');
select is((select e.pending_action_id from pg_temp.executions() as e where e.id = tests.id('run')), tests.id('edited'), 'an edited proposal is still the run''s');
select pg_temp.decide('edited', 'executing');
select is(
  (select array[e.simulation_id::text, e.pending_action_id::text, e.status, e.skill_key] from pg_temp.executions() as e where not e.is_simulation),
  array[tests.id('run')::text, tests.id('edited')::text, 'running', 'seq-pipeline-review'], 'U60-088: confirming is the same sequence, not simulated'
);
select pg_temp.note('real run', (select jsonb_build_object('execution_id', e.id) from pg_temp.executions() as e where not e.is_simulation));
select tests.act_as('ana');
select throws_ok($$ select pg_temp.save('{"position": 7, "id": "seven"}', 'w1', tests.id('real run')) $$, 'PT404', 'not_found', 'nobody writes into the real run');
select is(public.read_workflow(tests.id('real run')) ->> 'simulation_id', tests.id('run')::text, 'its owner reads it');
select tests.act_as_owner();
select pg_temp.decide('edited', 'executed');
select is((select array[e.status, (e.finished_at is not null)::text] from pg_temp.executions() as e where not e.is_simulation), array['succeeded', 'true'], 'it ends when its effects do');
select is((select e.status from pg_temp.executions() as e where e.id = tests.id('run')), 'succeeded', 'the simulation stays what it was');
select pg_temp.decide('bens action', 'cancelled');
select is((select count(*) from pg_temp.executions() as e where not e.is_simulation), 1::bigint, 'a no runs nothing');
select pg_temp.decide('edited', 'undone');
select is((select e.status from pg_temp.executions() as e where not e.is_simulation), 'succeeded', 'undoing does not run it again');
select pg_temp.decide('edited', 'failed');
select is((select array[e.status, e.error_code] from pg_temp.executions() as e where not e.is_simulation), array['failed', 'conflict'], 'what failed says so');
select throws_ok($$ update public.workflow_executions set is_simulation = false where id = tests.id('run') $$, '23514', null, 'no real run without its simulation');
select throws_ok($$ update public.workflow_executions set finished_at = null where id = tests.id('run') $$, '23514', null, 'what has ended has a time');

-- Who leaves reads nothing any more.
update public.organization_members set status = 'suspended' where org_id = tests.id('acme') and user_id = tests.id('ana');
select tests.act_as('ana');
select throws_ok($$ select public.read_workflow(tests.id('run')) $$, 'PT404', 'not_found', 'somebody suspended reads no run of theirs');
select tests.act_as_owner();
update public.organization_members set status = 'active' where org_id = tests.id('acme') and user_id = tests.id('ana');

-- Late.
select tests.act_as('ana');
select pg_temp.begin_turn('late talk', 'late turn');
select pg_temp.note('late run', pg_temp.start('late turn'));
select tests.act_as_owner();
update public.copilot_turns set lease_until = clock_timestamp() - interval '1 second' where id = tests.id('late turn');
select tests.act_as('ana');
select throws_ok($$ select pg_temp.save('{}', 'w1', tests.id('late run')) $$, 'PT409', 'turn_not_held', 'a worker whose lease is over keeps nothing');
select lives_ok($$ select public.resume_copilot_turn(tests.id('late turn'), 'w2') $$, 'another takes the turn up');
select lives_ok($$ select pg_temp.save('{}', 'w2', tests.id('late run')) $$, 'and its runs with it');
select throws_ok($$ select pg_temp.save('{"position": 2, "id": "two"}', 'w1', tests.id('late run')) $$, 'PT409', 'turn_not_held', 'the first one is out');
select lives_ok($$ select public.finish_copilot_turn(tests.id('late turn'), 'w2', 'done', '{"text": "x"}') $$, 'the turn ends');
select throws_ok($$ select pg_temp.save('{"position": 3, "id": "three"}', 'w2', tests.id('late run')) $$, 'PT409', 'turn_not_held', 'and nothing of it is written any more');
select throws_ok($$ select pg_temp.start('late turn', 'w2', 'b') $$, 'PT409', 'turn_not_held', 'nor begun');
select lives_ok($$ select public.erase_copilot_conversation(tests.id('talk')) $$, 'erasing the conversation');
select throws_ok($$ select public.read_workflow(tests.id('run')) $$, 'PT404', 'not_found', 'erases its runs');
select tests.act_as_owner();
select is((select count(*) from pg_temp.executions() as e where e.turn_id = tests.id('turn')), 0::bigint, 'all of them');

-- Keys of the tables.
select tests.remember('key run', private.new_id());
insert into public.workflow_executions (org_id, id, user_id, turn_id, skill_key, skill_version, document_sha256, inputs_sha256)
values (tests.id('acme'), tests.id('key run'), tests.id('ana'), tests.id('late turn'), 'seq-a', 1, repeat('1', 64), repeat('1', 64));
select throws_ok($$ insert into public.workflow_executions (org_id, user_id, turn_id, skill_key, skill_version, document_sha256, inputs_sha256)
  values (tests.id('acme'), tests.id('ana'), tests.id('late turn'), 'seq-a', 1, repeat('1', 64), repeat('1', 64)) $$, '23505', null, 'one run a request');
select throws_ok($$ insert into public.workflow_executions (org_id, id, user_id, turn_id, skill_key, skill_version, document_sha256, inputs_sha256)
  values (tests.id('acme'), tests.id('key run'), tests.id('ana'), tests.id('late turn'), 'seq-b', 1, repeat('1', 64), repeat('1', 64)) $$, '23505', null, 'one of an id');
select throws_ok($$ insert into public.workflow_steps (org_id, execution_id, position, step_id, kind, status, output_sealed, started_at, finished_at)
  values (tests.id('acme'), gen_random_uuid(), 1, 'a', 'read', 'succeeded', '\x00', now(), now()) $$, '23503', null, 'a step belongs to a run');

select * from finish();
rollback;
