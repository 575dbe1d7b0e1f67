-- What keeps finished work finished: each state is asked for by itself, also where an operator has
-- changed one by hand and left the lease behind.
begin;
select * from no_plan();

create function pg_temp.given_job(p_name text, p_state text, p_attempts integer default 0, p_worker text default null)
returns uuid language sql as $$
  insert into private.jobs (kind, state, attempts, max_attempts, run_at, locked_by, locked_until, finished_at)
  values (
    'guard', p_state, p_attempts, 3, now() - interval '1 hour', p_worker, clock_timestamp() + interval '1 hour',
    case when p_state = 'dead' then now() - interval '1 year' end
  )
  returning tests.remember(p_name, id)
$$;
create function pg_temp.given_event(p_name text, p_state text, p_attempts integer default 0, p_worker text default null)
returns uuid language sql as $$
  insert into private.webhook_events (
    provider, event_id, payload, state, attempts, max_attempts, next_attempt_at, locked_by, locked_until, processed_at, received_at
  )
  values (
    'guard', p_name, '{}', p_state, p_attempts, 3, now() - interval '1 hour', p_worker, clock_timestamp() + interval '1 hour',
    case when p_state = 'processed' then now() end, now() - interval '1 year'
  )
  returning tests.remember(p_name, id)
$$;

select pg_temp.given_job('ready job', 'ready');
select pg_temp.given_job('dead job', 'dead');
select pg_temp.given_job('spent job', 'ready', 3);
select results_eq(
  $$ select j.id from private.claim_jobs('guard', 10, 60, 'w') as j $$, $$ values (tests.id('ready job')) $$,
  'only a job that is ready, and has an attempt left, is leased'
);
select pg_temp.given_event('received event', 'received');
select pg_temp.given_event('processed event', 'processed');
select pg_temp.given_event('dead event', 'dead');
select pg_temp.given_event('spent event', 'received', 3);
select results_eq(
  $$ select e.id from private.claim_webhook_events('guard', 10, 60, 'w') as e $$, $$ values (tests.id('received event')) $$,
  'only an event that waits, and has an attempt left, is leased'
);

select pg_temp.given_job('buried job', 'dead', 1, 'w');
select is(private.complete_job(tests.id('buried job'), 'w'), false, 'a job that was buried meanwhile is not completed');
select is(private.fail_job(tests.id('buried job'), 'w', 'x'), null, 'nor comes back');
select is(private.complete_job(tests.id('ready job'), 'w'), true, 'control: one that was not is');
select pg_temp.given_event('buried event', 'dead', 1, 'w');
select is(private.complete_webhook_event(tests.id('buried event'), 'w', null), false, 'nor is an event completed that was buried');
select is(private.fail_webhook_event(tests.id('buried event'), 'w', 'x'), null, 'nor comes that back');
select is(private.complete_webhook_event(tests.id('received event'), 'w', null), true, 'control: one that was not is');

select pg_temp.given_job('last attempt', 'running', 3, 'w');
select pg_temp.given_job('first attempt', 'running', 1, 'w');
select pg_temp.given_job('buried before', 'dead', 3);
select pg_temp.given_event('processed at last', 'processed', 3);
select is(private.bury_exhausted(), 2, 'what is on its last attempt and late is buried, nothing else');
select results_eq(
  $$ select j.state from private.jobs as j
     where j.id in (tests.id('last attempt'), tests.id('first attempt')) order by 1 $$,
  array['dead', 'running'], 'and what has attempts left goes on'
);

select is((select run_at from private.jobs where id = tests.id('last attempt')), 'infinity', 'nor is it in the way of those that are due');
insert into private.job_keys (key, job_id, created_at)
values
  ('old and done', gen_random_uuid(), now() - interval '1 year'), ('new and done', gen_random_uuid(), now()),
  ('old and dead', tests.id('buried before'), now() - interval '1 year');
select private.prune_operational_data();
select results_eq(
  $$ select count(*)::int from private.jobs as j where j.kind = 'guard' and j.finished_at < now() - interval '300 days' $$,
  $$ values (3) $$, 'dead jobs stay until somebody looks'
);
select results_eq(
  $$ select key collate "default" from private.job_keys order by 1 $$, array['new and done', 'old and dead'],
  'a key is forgotten long after its job was done, not while there is one'
);
select results_eq(
  $$ select e.state from private.webhook_events as e where e.provider = 'guard' group by 1 order by 1 $$,
  array['dead'], 'and of old events'
);

select * from finish();
rollback;
