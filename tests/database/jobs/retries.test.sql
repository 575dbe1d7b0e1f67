-- What a worker may say about the jobs it holds: done in batches, again at a time, not yet, never.
begin;
select * from no_plan();

select tests.given_member('olga', 'acme', 'owner');
create function pg_temp.given_job(p_name text, p_worker text, p_attempts integer default 1, p_lease interval default '1 hour')
returns uuid language sql as $$
  insert into private.jobs (org_id, kind, state, attempts, max_attempts, run_at, locked_by, locked_until, request_id)
  values (
    tests.id('acme'), 'recording.deploy', 'running', p_attempts, 3, clock_timestamp() + p_lease, p_worker,
    clock_timestamp() + p_lease, 'request-' || p_name
  )
  returning tests.remember(p_name, id)
$$;
create function pg_temp.job(p_name text)
returns private.jobs language sql as $$ select j from private.jobs as j where j.id = tests.id(p_name) $$;

select pg_temp.given_job('one', 'a');
select pg_temp.given_job('two', 'a');
select pg_temp.given_job('theirs', 'b');
select pg_temp.given_job('lapsed', 'a', 1, '-1 second');
select set_eq(
  $$ select unnest(private.complete_jobs(array[tests.id('one'), tests.id('two'), tests.id('theirs'), tests.id('lapsed')], 'a')) $$,
  $$ values (tests.id('one')), (tests.id('two')) $$,
  'a batch ticks off what the worker holds, and names it'
);
select is((pg_temp.job('one')).id, null, 'what is done is gone');
select is((pg_temp.job('theirs')).state, 'running', 'another worker''s job goes on');
select is((pg_temp.job('lapsed')).state, 'running', 'and one whose lease ran out is not done: it may be going on elsewhere');
select is(private.complete_jobs(array[tests.id('one')], 'a'), '{}', 'once');
select is(private.complete_jobs('{}', 'a'), '{}', 'an empty batch is one');

select set_eq(
  $$ select unnest(private.renew_jobs(array[tests.id('theirs'), tests.id('lapsed'), tests.id('one')], 'b', 7200)) $$,
  $$ values (tests.id('theirs')) $$, 'a lease is renewed by who holds it'
);
select ok((pg_temp.job('theirs')).locked_until > clock_timestamp() + interval '110 minutes', 'from now on');
select is((pg_temp.job('theirs')).run_at >= (pg_temp.job('theirs')).locked_until - interval '1 second', true, 'and it is not due before');
select is(private.renew_jobs(array[tests.id('lapsed')], 'a', 60), '{}', 'a lease that ran out is not renewed: it may be another''s');

select pg_temp.given_job('limited', 'a');
select is(private.fail_job(tests.id('limited'), 'a', 'rate_limited', '2030-01-01Z'), 'ready', 'a failed job comes back');
select is((pg_temp.job('limited')).run_at, '2030-01-01Z', 'when the worker says');
select is((pg_temp.job('limited')).attempts, 1, 'and it was an attempt');
select pg_temp.given_job('last', 'a', 3);
select is(private.fail_job(tests.id('last'), 'a', 'rate_limited', now() + interval '1 hour'), 'dead', 'the last one, whatever the worker says');
select pg_temp.given_job('hopeless', 'a');
select is(private.fail_job(tests.id('hopeless'), 'a', 'no_tokens', null, true), 'dead', 'what cannot be done is buried at once');
select is((pg_temp.job('hopeless')).run_at, 'infinity', 'out of the way of those that are due');
select is((pg_temp.job('hopeless')).last_error, 'no_tokens', 'with its reason');
select isnt((pg_temp.job('hopeless')).finished_at, null, 'and its end');
select is(private.fail_job(tests.id('theirs'), 'a', 'x', null, true), null, 'nobody buries another''s');

select pg_temp.given_job('early', 'a', 2);
select is(private.postpone_jobs(array[tests.id('early'), tests.id('theirs')], 'a', '2030-01-01Z'), array[tests.id('early')], 'not yet: it goes back');
select is((pg_temp.job('early')).run_at, '2030-01-01Z', 'until its time');
select is((pg_temp.job('early')).attempts, 1, 'and that was no attempt');
select is((pg_temp.job('early')).state, 'ready', 'it waits');
select pg_temp.given_job('unbegun', 'a', 1);
select is(private.postpone_jobs(array[tests.id('unbegun')], 'a', null), array[tests.id('unbegun')], 'one that was not begun goes back');
select ok((pg_temp.job('unbegun')).run_at <= clock_timestamp(), 'at once');
select is((pg_temp.job('unbegun')).attempts, 0, 'unspent');

select is(private.redrive_job(tests.id('hopeless')), true, 'an operator digs a buried job up');
select is((pg_temp.job('hopeless')).attempts, 0, 'with all its attempts');
select is((pg_temp.job('hopeless')).finished_at, null, 'and it is not over');
select is(private.redrive_job(tests.id('hopeless')), false, 'once');
select is(private.redrive_job(tests.id('two')), false, 'what is done stays done');
select is(private.next_job_key('redo:1'), 'redo:1', 'work is asked for under its key');
select lives_ok($$ select private.enqueue_job('recording.deploy', '{}', null, 'redo:1', null, null, null, null) $$, 'once');
select is(private.next_job_key('redo:1'), 'redo:1:2', 'and again under another');
select lives_ok($$ select private.enqueue_job('recording.deploy', '{}', null, private.next_job_key('redo:1'), null, null, null, null) $$, 'twice');
select is(private.next_job_key('redo:1'), 'redo:1:3', 'and again');
select lives_ok($$ select private.enqueue_job('recording.deploy', '{}', null, 'redo:10', null, null, null, null) $$, 'another piece of work');
select is(private.next_job_key('redo:1'), 'redo:1:3', 'is another');
select private.enqueue_job('recording.deploy', '{}', null, private.next_job_key('redo:1'), null, null, null, null);
delete from private.job_keys where key = 'redo:1';
select is(private.next_job_key('redo:1'), 'redo:1:4', 'keys that were forgotten give none of the later ones again');
select is(private.redrive_job(tests.id('theirs')), false, 'and what goes on is left alone');
select isnt_empty(
  $$ select from public.security_audit_log where action = 'jobs.redriven' and entity_id = tests.id('hopeless') and org_id = tests.id('acme') $$,
  'digging up is logged'
);

select tests.act_as_service();
select lives_ok($$ select public.claim_jobs('recording.deploy', 1, 60, 'w') $$, 'control: the service role works');
select is(public.complete_jobs(array[tests.id('theirs')], 'w'), '{}', 'it completes');
select is(public.renew_jobs(array[tests.id('theirs')], 'w', 60), '{}', 'renews');
select is(public.postpone_jobs(array[tests.id('theirs')], 'w'), '{}', 'postpones');
select is(public.fail_job(tests.id('theirs'), 'w', 'x', now(), true), null, 'fails');
select is(public.redrive_job(tests.id('theirs')), false, 'and redrives');
select tests.act_as('olga');
select throws_ok($$ select public.complete_jobs('{}', 'w') $$, '42501', null, 'TEL-017 a person completes nothing');
select throws_ok($$ select public.renew_jobs('{}', 'w', 1) $$, '42501', null, 'TEL-017 renews nothing');
select throws_ok($$ select public.postpone_jobs('{}', 'w') $$, '42501', null, 'TEL-017 postpones nothing');
select throws_ok($$ select public.redrive_job(tests.id('theirs')) $$, '42501', null, 'TEL-017 and digs up nothing');

select * from finish();
rollback;
