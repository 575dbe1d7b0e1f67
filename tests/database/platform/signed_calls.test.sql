-- Scheduled calls: signed without showing the key, answered once, and the housekeeping around them.
begin;
select * from no_plan();

create temporary view this_minute as select floor(extract(epoch from clock_timestamp()) / 60)::bigint as minute;
grant select on this_minute to service_role, authenticated;
select tests.remember('nonce', gen_random_uuid());
select tests.act_as_service();
select is(public.consume_cron_nonce('calendar-sync', tests.id('nonce'), (select minute from this_minute)), true, 'a call is answered');
select is(public.consume_cron_nonce('calendar-sync', tests.id('nonce'), (select minute from this_minute)), false, 'once');
select is(public.consume_cron_nonce('another', tests.id('nonce'), (select minute from this_minute)), false, 'nor by another function');
select is(public.consume_cron_nonce('calendar-sync', gen_random_uuid(), (select minute from this_minute) - 3), false, 'not when it is old');
select is(public.consume_cron_nonce('calendar-sync', gen_random_uuid(), (select minute from this_minute) + 3), false, 'not when it is from the future');
select is(public.consume_cron_nonce('calendar-sync', gen_random_uuid(), (select minute from this_minute) - 2), true, 'control: two minutes are allowed');
select tests.act_as_owner();
select is(
  (select count(*)::int from public.security_audit_log where action = 'functions.called' and actor_name = 'calendar-sync'), 2,
  'U60-170 each call that is answered leaves an audit row'
);

-- Signing. What is posted is what was signed, and the key is not in it.
delete from vault.secrets where name in ('project_url', 'service_role_key');
select throws_ok(
  $$ select private.call_function('calendar-sync') $$, 'P0001', 'call_function: the vault lacks project_url or service_role_key',
  'U60-143 without the secret nothing is called'
);
select lives_ok($$ select private.wake_function('process-recording') $$, 'a mere hint does not fail for lack of it');
select vault.create_secret('http://127.0.0.1:9/', 'project_url');
select vault.create_secret('sb_secret_canary_0815', 'service_role_key');
select throws_ok(
  $$ select private.call_function('../../auth/v1/admin/users') $$, 'P0001', null, 'only a function''s name is called'
);
select isnt(private.call_function('calendar-sync', '{"b": [1, 2], "a": "ü"}'), null, 'control: then it is');
create temporary view calls as
select q.url, convert_from(q.body, 'UTF8') as body, q.headers from net.http_request_queue as q order by q.id desc limit 1;
select is((select url from calls), 'http://127.0.0.1:9/functions/v1/calendar-sync', 'at its address');
select is(
  (select headers ->> 'x-cron-signature' from calls),
  (select 'v1,' || encode(extensions.hmac(
    convert_to('calendar-sync.' || (headers ->> 'x-cron-minute') || '.' || (headers ->> 'x-cron-nonce') || '.' || body, 'UTF8'),
    convert_to('sb_secret_canary_0815', 'UTF8'), 'sha256'), 'hex') from calls),
  'U60-143 signed over function, minute, nonce and the very bytes of the body'
);
select is_empty(
  $$ select from net.http_request_queue as q where q.headers::text || convert_from(q.body, 'UTF8') || q.url ~ 'canary_0815' $$,
  'U60-143 the key is in no header, body or address'
);
select lives_ok($$ select private.call_function('calendar-sync') from generate_series(1, 2) $$, 'two more calls');
select is(
  (select count(distinct q.headers ->> 'x-cron-nonce')::int from net.http_request_queue as q where q.url ~ '127.0.0.1:9/'), 3,
  'each has a nonce of its own'
);

select private.wake_function('process-recording');
select is(
  (select count(*)::int from net.http_request_queue as q where q.url = 'http://127.0.0.1:9/functions/v1/process-recording'), 1,
  'and is a signed call where calls are set up'
);

-- Housekeeping.
select set_eq(
  $$ select jobname::text, schedule::text from cron.job where jobname in ('prune-operational-data', 'bury-exhausted') $$,
  $$ values ('prune-operational-data', '17 * * * *'), ('bury-exhausted', '* * * * *') $$, 'the housekeeping is scheduled'
);
select lives_ok('select private.setup_housekeeping()', 'scheduling it again is safe');
select is((select count(*)::int from cron.job where jobname in ('prune-operational-data', 'bury-exhausted')), 2, 'and makes no second one');
update private.cron_nonces set consumed_at = now() - interval '2 hours' where nonce = tests.id('nonce');
insert into private.webhook_events (provider, event_id, payload, state, received_at, processed_at)
values ('old', 'processed', '{}', 'processed', now() - interval '31 days', now()), ('old', 'received', '{}', 'received', now() - interval '31 days', null),
  ('old', 'dead', '{}', 'dead', now() - interval '31 days', null);
select lives_ok('select private.prune_operational_data()', 'it runs');
select is_empty($$ select from private.cron_nonces where nonce = tests.id('nonce') $$, 'spent nonces are forgotten');
select set_eq(
  $$ select state from private.webhook_events where provider = 'old' $$, array['received', 'dead'], 'so are processed events; what needs somebody stays'
);

select tests.given_member('olga', 'acme', 'owner');
select tests.act_as('olga');
select throws_ok(
  $$ select public.consume_cron_nonce('x', gen_random_uuid(), 1) $$, '42501', null, 'a person uses up no nonce'
);

select * from finish();
rollback;
