-- What a worker is told of a confirmed effect, and what becomes of it: begun by one at a time, done once.
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'manager');
select tests.given_member('ben', 'acme', 'manager');
select tests.given_member('cy', 'globex', 'owner');
insert into private.slack_connections (org_id, team_id, team_name, bot_user_id, bot_token_secret_id)
values (tests.id('acme'), 'T0ACME', 'Acme', 'U1', gen_random_uuid());
insert into private.slack_channels (org_id, channel_id, name, is_open) values (tests.id('acme'), 'COPEN', 'sales', true);
select tests.remember('turn', gen_random_uuid());

create function pg_temp.post(p_text text) returns jsonb language sql as $$
  select jsonb_build_object('kind', 'post_slack_message', 'channel_id', 'COPEN', 'channel_name', 'sales', 'text', p_text)
$$;
create function pg_temp.send(p_key text, p_effects jsonb) returns text language sql as $$
  select public.confirm_pending_action((a ->> 'id')::uuid, a ->> 'payload_sha256') ->> 'outcome'
  from public.propose_action(tests.id('turn'), p_key, 'Does it', p_effects::text, (
    select jsonb_agg(jsonb_build_object('kind', e ->> 'kind', 'summary', 's', 'fields', jsonb_build_array(
      jsonb_build_object('name', 'text', 'value', coalesce(e -> 'text', e -> 'title')))))
    from jsonb_array_elements(p_effects) as e), '[]', false) as a
$$;
create function pg_temp.effect(p_key text, p_position integer) returns uuid language sql as $$
  select o.id from private.outbound_effects as o join private.pending_actions as a on a.id = o.action_id
  where a.key = p_key and o.position = p_position
$$;
create function pg_temp.action(p_key text) returns text language sql as $$
  select concat_ws(' ', status, error_code) from private.pending_actions where key = p_key
$$;
create function pg_temp.begin_(p_key text, p_position integer, p_worker text) returns text language sql as $$
  select private.begin_outbound_effect(pg_temp.effect(p_key, p_position), p_worker) ->> 'status'
$$;
grant execute on function pg_temp.post(text), pg_temp.send(text, jsonb) to authenticated;

select tests.act_as('ana');
select public.begin_copilot_turn(tests.id('acme'), gen_random_uuid(), tests.id('turn'), 'Hello', 'w');
select is(pg_temp.send('one', jsonb_build_array(pg_temp.post('First'))), 'queued', 'control: an effect is queued');
select pg_temp.send('two', jsonb_build_array(pg_temp.post('Second'), pg_temp.post('Third')));
select pg_temp.send('with task', jsonb_build_array('{"kind": "create_task", "title": "Task"}'::jsonb, pg_temp.post('Fourth')));
select pg_temp.send('both fail', jsonb_build_array(pg_temp.post('Fifth'), pg_temp.post('Sixth')));
select pg_temp.send('left', jsonb_build_array(pg_temp.post('Seventh')));
select pg_temp.send('erased', jsonb_build_array(pg_temp.post('Eighth')));
select tests.act_as_owner();

-- Beginning.
select results_eq(
  $$ select b - array['effect_id', 'confirmed_at'] from private.begin_outbound_effect(pg_temp.effect('two', 1), 'w1') as b $$,
  $$ select jsonb_build_object('org_id', tests.id('acme'), 'user_id', tests.id('ana'), 'kind', 'post_slack_message', 'attempt', 1, 'status', 'running', 'last_code', null,
       'payload', pg_temp.post('Third')) $$,
  'R-02 a worker gets the effect as it was confirmed'
);
select is(pg_temp.begin_('two', 1, 'w2'), 'busy', 'one worker at a time');
select is(private.begin_outbound_effect(pg_temp.effect('two', 1), 'w1') ->> 'attempt', '2', 'the same may begin again');
update private.outbound_effects set leased_until = clock_timestamp() where id = pg_temp.effect('two', 1);
select is(private.begin_outbound_effect(pg_temp.effect('two', 1), 'w2') ->> 'attempt', '3', 'and another, when the lease is over');
select is(private.finish_outbound_effect(pg_temp.effect('two', 1), 'w1', 'x', null), false, 'then the first has nothing more to say');
select is(private.fail_outbound_effect(pg_temp.effect('two', 1), 'w1', 'timeout', true), false, 'neither way');
select is(private.begin_outbound_effect(gen_random_uuid(), 'w1') ->> 'status', 'cancelled', 'what was erased is not sent');

-- Ending.
select is(private.finish_outbound_effect(pg_temp.effect('two', 0), 'w1', 'x', null), false, 'what was not begun is not finished');
select is(private.fail_outbound_effect(pg_temp.effect('two', 0), 'w1', 'x', true), false, 'nor failed');
select is(private.finish_outbound_effect(pg_temp.effect('two', 1), 'w2', '1763.1', '{"team": "T0ACME"}'), true, 'the holder finishes');
select is(pg_temp.action('two'), 'executing', 'while another effect is under way');
select is(pg_temp.begin_('two', 1, 'w3'), 'done', 'what is done is not begun again');
select is(private.finish_outbound_effect(pg_temp.effect('two', 1), 'w2', '1763.2', null), false, 'nor finished');
select is(private.fail_outbound_effect(pg_temp.effect('two', 1), 'w2', 'late', true), false, 'nor failed');
select results_eq(
  $$ select status, external_id, result, error_code, worker, finished_at is not null from private.outbound_effects where id = pg_temp.effect('two', 1) $$,
  $$ values ('done', '1763.1', '{"team": "T0ACME"}'::jsonb, null, null, true) $$, 'it keeps what it was'
);
select pg_temp.begin_('two', 0, 'w1');
select is(private.fail_outbound_effect(pg_temp.effect('two', 0), 'w1', 'rate_limited', false), true, 'an attempt fails');
select results_eq(
  $$ select status, error_code, worker, leased_until, finished_at from private.outbound_effects where id = pg_temp.effect('two', 0) $$,
  $$ values ('queued', 'rate_limited', null::text, null::timestamptz, null::timestamptz) $$, 'and is to be tried again'
);
select is(private.begin_outbound_effect(pg_temp.effect('two', 0), 'w2') ->> 'last_code', 'rate_limited', 'at once, by anybody, who is told why');
select is(private.begin_outbound_effect(pg_temp.effect('two', 0), 'w2') ->> 'last_code', null, 'or that the last one left no word');
select is(private.finish_outbound_effect(pg_temp.effect('two', 0), 'w2', '1763.3', null), true, 'and done');
select is(pg_temp.action('two'), 'executed', 'with the last the action is executed');
select pg_temp.begin_('with task', 1, 'w1');
select private.fail_outbound_effect(pg_temp.effect('with task', 1), 'w1', 'reconnect_required', true);
select is(pg_temp.action('with task'), 'partly_failed reconnect_required', 'what failed outside beside something inside is a part');
select is(pg_temp.begin_('with task', 1, 'w1'), 'failed', 'and final');
select pg_temp.begin_('both fail', 0, 'w1'), pg_temp.begin_('both fail', 1, 'w1');
select private.fail_outbound_effect(pg_temp.effect('both fail', 0), 'w1', 'reconnect_required', true);
select is(pg_temp.action('both fail'), 'executing', 'while there is hope');
select private.fail_outbound_effect(pg_temp.effect('both fail', 1), 'w1', 'reconnect_required', true);
select is(pg_temp.action('both fail'), 'failed reconnect_required', 'without any the action has failed');
select pg_temp.begin_('one', 0, 'w1');
select private.fail_outbound_effect(pg_temp.effect('one', 0), 'w1', 'channel_not_found', true);
select is(pg_temp.action('one'), 'failed channel_not_found', 'so has one of one effect');
select tests.act_as('ana');
select results_eq(
  $$ select r ->> 'status', r ->> 'external_id', r ->> 'error_code'
     from jsonb_array_elements(public.read_pending_action((select (l ->> 'id')::uuid from jsonb_array_elements(public.list_pending_actions(
       (select (a ->> 'conversation_id')::uuid from public.propose_action(tests.id('turn'), 'two', null, null, null, null, null) as a))) as l
       where l ->> 'status' = 'executed')) -> 'results') as r $$,
  $$ values ('done', '1763.3', null), ('done', '1763.1', null) $$, 'its owner sees what came of each'
);
select throws_ok($$ select public.begin_outbound_effect(gen_random_uuid(), 'w') $$, '42501', null, 'a person is no worker');
select throws_ok($$ select public.finish_outbound_effect(gen_random_uuid(), 'w', 'x', null) $$, '42501', null, 'none of it');
select throws_ok($$ select public.fail_outbound_effect(gen_random_uuid(), 'w', 'x', true) $$, '42501', null, 'not this');
select throws_ok($$ select o.id from private.outbound_effects as o $$, '42501', null, 'nor reads the outbox');
select throws_ok($$ select i.kind from private.inside_effects as i $$, '42501', null, 'or what was done');
select tests.act_as_service();
select throws_ok($$ select o.id from private.outbound_effects as o $$, '42501', null, 'and a worker only what it begins');
select tests.act_as_owner();

-- A worker acts for who may still act.
create function pg_temp.tried(p_role text, p_status text) returns text language plpgsql as $$
declare v text;
begin
  update public.organization_members set role = p_role, status = p_status where org_id = tests.id('acme') and user_id = tests.id('ana');
  begin
    v := pg_temp.begin_('left', 0, 'w1') || ' ' || pg_temp.action('left');
    raise sqlstate 'PT500' using message = v;
  exception when sqlstate 'PT500' then return sqlerrm;
  end;
end;
$$;
select is(pg_temp.tried('manager', 'removed'), 'failed failed forbidden', 'for who has left nothing is sent');
select is(pg_temp.tried('viewer', 'active'), 'failed failed forbidden', 'nor for who may only read');
select is(pg_temp.tried('manager', 'active'), 'running executing', 'control: for who stays it is');
delete from public.copilot_conversations where user_id = tests.id('ana');
select is((select count(*)::integer from private.outbound_effects), 0, 'what was erased before it left does not leave');

select * from finish();
rollback;
