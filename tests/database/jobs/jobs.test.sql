-- The outbox: enqueued once, leased to one worker at a time, retried, buried.
begin;
select * from no_plan();

select tests.given_member('olga', 'acme', 'owner');
select tests.given_member('rita', 'rival', 'owner');
select tests.act_as_service();
select is(
  public.enqueue_job('send.brief', '{"n": 1}', tests.id('acme'), 'brief-1'),
  public.enqueue_job('send.brief', '{"n": 2}', tests.id('acme'), 'brief-1'),
  'a key is enqueued once'
);
select isnt(
  public.enqueue_job('send.brief', '{"n": 3}', tests.id('acme')), public.enqueue_job('send.brief', '{"n": 4}', tests.id('acme')),
  'without a key, each time'
);
select throws_ok(
  $$ select public.enqueue_job('send.brief', '{}', tests.id('acme'), null, null, 5, tests.id('rita')) $$,
  '23503', null, 'C-30 a job acts for a member of its organization only'
);
select lives_ok(
  $$ select public.enqueue_job('send.brief', '{"n": 5}', tests.id('acme'), null, null, 5, tests.id('olga')) $$,
  'C-30 control: for one it does'
);
select lives_ok(
  $$ select public.enqueue_job('send.brief', '{"n": 6}', tests.id('acme'), 'later', now() + interval '1 hour') $$, 'one for later'
);
select results_eq(
  $$ select (payload ->> 'n')::int from public.claim_jobs('send.brief', 10, 60, 'worker-a') order by 1 $$,
  $$ values (1), (3), (4), (5) $$, 'what is due is leased'
);
select is_empty($$ select from public.claim_jobs('send.brief', 10, 60, 'worker-b') $$, 'to one worker');
select is_empty($$ select from public.claim_jobs('other.kind', 10, 60, 'worker-b') $$, 'FLW-004 of its kind');
select tests.act_as_owner();
select tests.remember('job ' || (payload ->> 'n'), id) from private.jobs;
select tests.act_as_service();
select is(public.complete_job(tests.id('job 1'), 'worker-b'), false, 'who holds no lease completes nothing');
select is(public.complete_job(tests.id('job 1'), 'worker-a'), true, 'who holds it does');
select is(public.complete_job(tests.id('job 1'), 'worker-a'), false, 'once');
select is(public.enqueue_job('send.brief', '{"n": 9}', tests.id('acme'), 'brief-1'), tests.id('job 1'), 'and its key stays: it is not done again');
select is_empty($$ select from public.claim_jobs('send.brief', 10, 60, 'worker-b') $$, 'whoever asks');
select is(public.fail_job(tests.id('job 3'), 'worker-b', 'x'), null, 'nor does another fail it');
select is(public.fail_job(tests.id('job 3'), 'worker-a', 'upstream_timeout'), 'ready', 'a failed one comes back');
select is_empty($$ select from public.claim_jobs('send.brief', 10, 60, 'worker-b') $$, 'but not at once');

select tests.act_as_owner();
update private.jobs set run_at = now() - interval '1 second', locked_until = now() - interval '1 second' where id = tests.id('job 4');
select tests.act_as_service();
select is(public.complete_job(tests.id('job 4'), 'worker-a'), false, 'a lease that ran out completes nothing');
select is((select attempts from public.claim_jobs('send.brief', 10, 60, 'worker-c')), 2, 'the job of a dead worker goes to another');

select tests.act_as_owner();
update private.jobs set attempts = max_attempts where id = tests.id('job 4');
select tests.act_as_service();
select is(public.fail_job(tests.id('job 4'), 'worker-c', 'upstream_timeout'), 'dead', 'after the last attempt it is buried');
select tests.act_as_owner();
select is((select last_error from private.jobs where id = tests.id('job 4')), 'upstream_timeout', 'with its error');
update private.jobs set attempts = max_attempts, run_at = now() - interval '1 second' where id = tests.id('job 5');
select is(private.bury_exhausted(), 1, 'so is what killed its last worker');

-- A job is part of the transaction that calls for it.
do $$
begin
  perform private.enqueue_job('send.brief', '{}', null, 'rolled-back', null, 5, null, null);
  raise exception using errcode = 'P0999';
exception when sqlstate 'P0999' then null;
end
$$;
select is_empty($$ select from private.jobs where idempotency_key = 'rolled-back' $$, 'no effect without its cause');

select tests.act_as('olga');
select throws_ok($$ select public.enqueue_job('send.brief') $$, '42501', null, 'a person enqueues nothing');
select throws_ok($$ select public.claim_jobs('send.brief') $$, '42501', null, 'and leases nothing');
select tests.act_as_service();
select throws_ok('select from private.jobs', '42501', null, 'TEL-017 the service role reads jobs through the functions only');

select * from finish();
rollback;
