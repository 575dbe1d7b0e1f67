-- One worker at a calendar, one at its access token; a page is applied once however often it comes;
-- a full run removes what is gone and leaves what it did not ask about (U60-056, C-10).
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'manager');
select tests.given_member('cy', 'globex', 'manager');
select tests.remember('calendar', private.connect_calendar(tests.id('acme'), tests.id('ana'), 'Ana@example.test', 'primary', 'refresh-1'));

create function pg_temp.claim(p_worker text)
returns text language sql as $$
  select private.claim_calendar_sync(tests.id('acme'), tests.id('calendar'), p_worker, 60) ->> 'status'
$$;
create function pg_temp.apply(p_worker text, p_events jsonb, p_page text, p_token text)
returns jsonb language sql as $$
  select private.apply_calendar_page(tests.id('acme'), tests.id('calendar'), p_worker, p_events, p_page, p_token)
$$;
create function pg_temp.event(p_id text, p_start timestamptz, p_more jsonb default '{}')
returns jsonb language sql as $$
  select jsonb_build_object(
    'external_id', p_id, 'status', 'confirmed', 'title', p_id, 'all_day', false, 'attendees', '[]'::jsonb, 'attendees_count', 2,
    'start', jsonb_build_object('at', p_start), 'end', jsonb_build_object('at', p_start + interval '1 hour')
  ) || p_more
$$;

select is(pg_temp.claim('a'), 'claimed', 'a worker takes it');
select is(pg_temp.claim('b'), 'busy', 'and no other');
select is(private.claim_due_calendar_syncs('c', 10, 60), '[]'::jsonb, 'nor does the schedule');
select results_eq(
  $$ select pg_temp.apply('a', jsonb_build_array(pg_temp.event('one', now()), pg_temp.event('one', now(), '{"title": "again"}')), 'p2', null) $$,
  $$ values ('{"created": 1, "updated": 0, "cancelled": 0, "removed": 0}'::jsonb) $$, 'an event twice on a page is one'
);
select is((select sync_token from private.calendar_credentials where connection_id = tests.id('calendar')), null, 'no token before the last page');
select is((pg_temp.apply('a', jsonb_build_array(pg_temp.event('one', now(), '{"title": "again"}')), null, 'token-1') ->> 'updated')::int, 0, 'a repeated page changes nothing');
select is((select sync_token from private.calendar_credentials where connection_id = tests.id('calendar')), 'token-1', 'the token comes with the last');
select throws_ok($$ select pg_temp.apply('a', '[]', null, 'token-2') $$, 'PT409', 'already_running', 'and then the lease is over');

select is(pg_temp.claim('a'), 'claimed', 'again, from the token on');
select is(
  (pg_temp.apply('a', '[{"external_id": "one", "status": "cancelled", "attendees": []}, {"external_id": "never", "status": "cancelled", "attendees": []}]', null, 'token-2') ->> 'cancelled')::int,
  1, 'C-10 a cancelled event that is only an id is marked; an unknown one is not worth a row'
);

-- The provider forgot our token.
insert into public.calendar_events (org_id, user_id, calendar_id, external_id, start_time, end_time) values
  (tests.id('acme'), tests.id('ana'), 'ana@example.test', 'gone', now(), now()),
  (tests.id('acme'), tests.id('ana'), 'ana@example.test', 'history', now() - interval '90 days', now() - interval '90 days'),
  (tests.id('acme'), tests.id('ana'), 'another', 'other calendar', now(), now());
select is(pg_temp.claim('a'), 'claimed', 'a third run');
select private.restart_calendar_sync(tests.id('acme'), tests.id('calendar'), 'a');
select is((select sync_token from private.calendar_credentials where connection_id = tests.id('calendar')), null, '410: the token is forgotten');
select is((pg_temp.apply('a', jsonb_build_array(pg_temp.event('two', now())), null, 'token-3') ->> 'removed')::int, 2, 'and so are the copies it did not meet');
select bag_eq(
  $$ select external_id from public.calendar_events where user_id = tests.id('ana') $$,
  array['two', 'history', 'other calendar'], 'but neither history nor another calendar'
);

-- A whole day, in the calendar's zone.
select pg_temp.claim('a');
select pg_temp.apply('a', jsonb_build_array(pg_temp.event('day', now(), '{"all_day": true, "time_zone": "Europe/Berlin", "start": {"on": "2026-03-29"}, "end": {"on": "2026-03-30"}}')), null, 'token-4');
select results_eq(
  $$ select start_time, end_time from public.calendar_events where external_id = 'day' $$,
  $$ values (timestamptz '2026-03-28 23:00Z', timestamptz '2026-03-29 22:00Z') $$, 'C-24 the day on which clocks go forward has 23 hours'
);

-- A worker that died, and one that failed.
select pg_temp.claim('dead');
update private.calendar_sync_runs set leased_until = now() where connection_id = tests.id('calendar');
select is(pg_temp.claim('b'), 'claimed', 'the lease of a dead worker is free again');
select private.release_calendar_sync(tests.id('acme'), tests.id('calendar'), 'dead', 'unavailable', null);
select is((select worker from private.calendar_sync_runs where connection_id = tests.id('calendar')), 'b', 'and not its to give back');
select private.release_calendar_sync(tests.id('acme'), tests.id('calendar'), 'b', 'unavailable', null);
select is((select status || ' ' || last_error from public.calendar_connections where id = tests.id('calendar')), 'active unavailable', 'a passing failure is noted');
select is(private.claim_due_calendar_syncs('c', 10, 60), '[]'::jsonb, 'and waited out');

-- The access token.
create function pg_temp.access(p_worker text, p_rejected text default null)
returns text language sql as $$
  select private.begin_calendar_access(tests.id('acme'), tests.id('calendar'), p_worker, p_rejected) ->> 'status'
$$;
select is(pg_temp.access('a'), 'refresh', 'one worker may refresh');
select is(pg_temp.access('b'), 'wait', 'the other waits');
select is(private.complete_calendar_refresh(tests.id('acme'), tests.id('calendar'), 'b', 'stolen', 3600, null), false, 'who may not refresh stores nothing');
select is(private.complete_calendar_refresh(tests.id('acme'), tests.id('calendar'), 'a', 'access-1', 3600, null), true, 'who may does');
select is(pg_temp.access('b'), 'fresh', 'then there is a good one');
select is(pg_temp.access('b', 'access-1'), 'refresh', 'until the provider refuses it');
select private.fail_calendar_refresh(tests.id('acme'), tests.id('calendar'), 'b', 'grant_revoked', true);
select is(pg_temp.access('a'), 'needs_reconnect', 'a dead grant is the person''s to mend');
select is(pg_temp.claim('a'), 'needs_reconnect', 'and nobody syncs till then');
select private.connect_calendar(tests.id('acme'), tests.id('ana'), 'ana@example.test', 'primary', 'refresh-2');
select is(pg_temp.claim('a'), 'claimed', 'which they did');

select tests.act_as('ana');
select is(jsonb_array_length(public.my_calendar_connections(tests.id('acme')) -> 'connections'), 1, 'a person sees their own connection');
select throws_ok($$ select public.begin_calendar_access(tests.id('acme'), tests.id('calendar'), 'x', null) $$, '42501', null, 'T-04 and never a token, not even their own');
select tests.act_as('cy');
select throws_ok($$ select public.my_calendar_connections(tests.id('acme')) $$, 'PT404', 'organization_not_found', 'T-03 an outsider is told nothing');
select is(jsonb_array_length(public.my_calendar_connections(tests.id('globex')) -> 'connections'), 0, 'control: in their own there is none');

select * from finish();
rollback;
