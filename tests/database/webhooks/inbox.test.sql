-- The inbox: accepted once, leased to one worker at a time, retried, buried, replayed.
begin;
select * from no_plan();

select tests.act_as_service();
select results_eq(
  $$ select is_duplicate from public.accept_webhook('fathom', 'msg_1', '{"recording_id": 1}', '{"webhook-id": "msg_1"}', 'req-1') $$,
  array[false], 'a new event is stored'
);
select results_eq(
  $$ select is_duplicate from public.accept_webhook('fathom', 'msg_1', '{"recording_id": 1}', '{}', 'req-2') $$,
  array[true], 'the same event again is a duplicate'
);
select results_eq(
  $$ select is_duplicate from public.accept_webhook('slack', 'msg_1', '{}') $$, array[false], 'another provider has ids of its own'
);
select is((select count(*)::int from public.claim_webhook_events('nobody', 10, 60, 'w')), 0, 'a provider without events has none due');

select tests.act_as_owner();
select tests.remember('event', id) from private.webhook_events where provider = 'fathom';
select is((select count(*)::int from private.webhook_events where provider = 'fathom'), 1, 'one row');
select results_eq(
  $$ select actor_kind, actor_name, request_id from public.security_audit_log where entity_id = tests.id('event') $$,
  $$ values ('webhook', 'fathom', 'req-1') $$, 'U60-170 one audit row for its arrival'
);

select tests.act_as_service();
select results_eq(
  $$ select id, attempts from public.claim_webhook_events('fathom', 10, 60, 'worker-a') $$,
  $$ values (tests.id('event'), 1) $$, 'a worker leases it'
);
select is_empty($$ select from public.claim_webhook_events('fathom', 10, 60, 'worker-b') $$, 'and no other worker does');
select is(public.complete_webhook_event(tests.id('event'), 'worker-b'), false, 'who holds no lease completes nothing');
select is(public.fail_webhook_event(tests.id('event'), 'worker-b', 'x'), null, 'nor fails it');
select is(public.complete_webhook_event(tests.id('event'), 'worker-a'), true, 'who holds it does');
select is(public.complete_webhook_event(tests.id('event'), 'worker-a'), false, 'once');
select is_empty($$ select from public.claim_webhook_events('fathom', 10, 60, 'worker-b') $$, 'then it is due no more');
select results_eq(
  $$ select is_duplicate from public.accept_webhook('fathom', 'msg_1', '{}') $$, array[true], 'nor when it is sent again'
);

-- A worker that died.
select results_eq(
  $$ select is_duplicate from public.accept_webhook('fathom', 'msg_2', '{}') $$, array[false], 'a second event'
);
select is((select attempts from public.claim_webhook_events('fathom', 10, 60, 'worker-dead')), 1, 'leased by a worker that dies');
select tests.act_as_owner();
select tests.remember('second', id) from private.webhook_events where event_id = 'msg_2';
update private.webhook_events
set locked_until = now() - interval '1 second', next_attempt_at = now() - interval '1 second' where id = tests.id('second');
select tests.act_as_service();
select is(public.complete_webhook_event(tests.id('second'), 'worker-dead'), false, 'a lease that ran out completes nothing');
select is((select attempts from public.claim_webhook_events('fathom', 10, 60, 'worker-c')), 2, 'another worker gets it');
select is(public.complete_webhook_event(tests.id('second'), 'worker-dead'), false, 'and the dead one, back again, has no say');

-- Failing: later and later, and dead in the end.
create function pg_temp.fail_until_dead()
returns setof text language plpgsql as $$
declare
  v_state text;
  v_wait double precision;
begin
  for v_attempt in 2..8 loop
    v_state := public.fail_webhook_event(tests.id('second'), 'worker-c', 'upstream_unavailable');
    perform tests.act_as_owner();
    select extract(epoch from next_attempt_at - clock_timestamp()) into v_wait
    from private.webhook_events where id = tests.id('second');
    if v_attempt < 8 then
      return next is(v_state, 'received', format('attempt %s fails: it comes back', v_attempt));
      return next ok(
        v_wait between least(10 * 2 ^ (v_attempt - 1), 3600) * 0.95 and least(10 * 2 ^ (v_attempt - 1), 3600) * 1.21,
        format('after some %s s', 10 * 2 ^ (v_attempt - 1))
      );
      update private.webhook_events set next_attempt_at = now() - interval '1 second' where id = tests.id('second');
      perform tests.act_as_service();
      perform public.claim_webhook_events('fathom', 10, 60, 'worker-c');
    else
      return next is(v_state, 'dead', 'after its last attempt it is buried');
    end if;
  end loop;
  perform tests.act_as_service();
end
$$;
select tests.act_as_owner();
grant execute on function pg_temp.fail_until_dead() to service_role;
select tests.act_as_service();
select pg_temp.fail_until_dead();
select is_empty($$ select from public.claim_webhook_events('fathom', 10, 60, 'worker-d') $$, 'a dead event is not leased');
select is(public.replay_webhook_event(tests.id('second')), true, 'an operator replays it');
select is(public.replay_webhook_event(gen_random_uuid()), false, 'but not what is not there');
select is(public.replay_webhook_event(tests.id('second')), false, 'nor what is due already');
select is((select attempts from public.claim_webhook_events('fathom', 10, 60, 'worker-e')), 1, 'and it is due again, with all its attempts');
select tests.act_as_owner();
select isnt_empty(
  $$ select from public.security_audit_log where action = 'webhook_events.replayed' and entity_id = tests.id('second') $$, 'which is logged'
);

-- What kills its worker each time is not stuck unseen.
update private.webhook_events
set attempts = max_attempts, next_attempt_at = now() - interval '1 second' where id = tests.id('second');
select tests.act_as_service();
select is_empty($$ select from public.claim_webhook_events('fathom', 10, 60, 'worker-f') $$, 'an event without attempts left is not leased');
select tests.act_as_owner();
select is(private.bury_exhausted(), 1, 'but buried');
select is((select state || ' ' || last_error from private.webhook_events where id = tests.id('second')), 'dead upstream_unavailable', 'with its last error');

-- Order and batches.
select tests.act_as_service();
select public.accept_webhook('batch', 'e' || n, '{}') from generate_series(1, 25) as n;
select results_eq(
  $$ select count(*)::int from public.claim_webhook_events('batch', 10, 60, 'w1') union all
     select count(*)::int from public.claim_webhook_events('batch', 10, 60, 'w2') union all
     select count(*)::int from public.claim_webhook_events('batch', 10, 60, 'w3') $$,
  $$ values (10), (10), (5) $$, 'three workers share what is due, and nothing twice'
);

-- Nobody else.
select tests.act_as_owner();
select tests.given_member('olga', 'acme', 'owner');
select tests.act_as('olga');
select throws_ok($$ select public.accept_webhook('fathom', 'x', '{}') $$, '42501', null, 'a person accepts no webhook');
select throws_ok($$ select public.claim_webhook_events('fathom') $$, '42501', null, 'leases none');
select throws_ok($$ select public.replay_webhook_event(tests.id('event')) $$, '42501', null, 'and replays none');
select throws_ok('select from private.webhook_events', '42501', null, 'nor reads the inbox');
select tests.act_as_service();
select throws_ok('select from private.webhook_events', '42501', null, 'TEL-017 the service role reads it through the functions only');

select * from finish();
rollback;
