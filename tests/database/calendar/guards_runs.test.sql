-- The guards of calendar synchronization that a healthy run never meets: another person's copies, an
-- ended membership, a worker that comes too late.
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'manager');
select tests.given_member('ben', 'acme', 'manager');
select tests.given_member('susi', 'acme', 'manager', 'suspended');
select tests.given_member('cy', 'globex', 'manager');
update public.profiles set time_zone = 'America/New_York' where id = tests.id('ana');
update public.profiles set time_zone = 'Asia/Tokyo' where id = tests.id('ben');

create function pg_temp.connect(p_org text, p_person text)
returns uuid language sql as $$
  select private.connect_calendar(tests.id(p_org), tests.id(p_person), p_person || '@example.test', 'primary', 'refresh')
$$;
create function pg_temp.apply(p_events jsonb, p_token text default 'token')
returns jsonb language sql as $$
  select private.claim_calendar_sync(tests.id('acme'), tests.id('calendar'), 'w', 60);
  select private.apply_calendar_page(tests.id('acme'), tests.id('calendar'), 'w', p_events, null, p_token)
$$;
create function pg_temp.event(p_id text, p_more jsonb default '{}')
returns jsonb language sql as $$
  select jsonb_build_array(jsonb_build_object(
    'external_id', p_id, 'status', 'confirmed', 'title', p_id, 'all_day', false, 'attendees', '[]'::jsonb, 'attendees_count', 2,
    'start', jsonb_build_object('at', now()), 'end', jsonb_build_object('at', now() + interval '1 hour')
  ) || p_more)
$$;

-- Who may connect one.
select throws_ok($$ select pg_temp.connect('acme', 'cy') $$, 'PT404', 'organization_not_found', 'nobody connects a calendar to an organization of others');
select throws_ok($$ select pg_temp.connect('acme', 'susi') $$, 'PT404', 'organization_not_found', 'nor does who is suspended');
select lives_ok($$ select tests.remember('calendar', pg_temp.connect('acme', 'ana')) $$, 'control: a member does');

-- Pages touch the copies of this connection's owner only.
select is((pg_temp.apply(pg_temp.event('shared')) ->> 'created')::int, 1, 'an event is copied');
insert into public.calendar_events (org_id, user_id, calendar_id, external_id, start_time, end_time) values
  (tests.id('acme'), tests.id('ben'), 'ana@example.test', 'shared', now(), now()),
  (tests.id('acme'), tests.id('ben'), 'ana@example.test', 'ben''s own', now(), now());
select is((pg_temp.apply(pg_temp.event('shared', '{"status": "cancelled"}')) ->> 'cancelled')::int, 1, 'a cancellation is applied once');
select is((pg_temp.apply(pg_temp.event('shared', '{"status": "cancelled"}')) ->> 'cancelled')::int, 0, 'and not again');
select is(
  pg_temp.apply(pg_temp.event('never seen', '{"status": "cancelled"}')) - 'removed', '{"created": 0, "updated": 0, "cancelled": 0}'::jsonb,
  'a cancelled event that was never copied is not worth a row, even with its times'
);
select private.claim_calendar_sync(tests.id('acme'), tests.id('calendar'), 'w', 60);
select private.restart_calendar_sync(tests.id('acme'), tests.id('calendar'), 'w');
select is(
  (private.apply_calendar_page(tests.id('acme'), tests.id('calendar'), 'w', '[]', null, 'token') ->> 'removed')::int, 1, 'a full run removes its own copy'
);
select results_eq(
  $$ select e.status from public.calendar_events as e where e.user_id = tests.id('ben') order by e.external_id $$,
  array['confirmed', 'confirmed'], 'and none of a colleague''s, who has the same calendar'
);

-- Days in a zone that nobody knows are days where the owner is.
select pg_temp.apply(pg_temp.event('day', '{"all_day": true, "time_zone": "Nowhere/Else", "start": {"on": "2026-06-01"}, "end": {"on": "2026-06-02"}}'));
select is(
  (select e.start_time from public.calendar_events as e where e.external_id = 'day'), timestamptz '2026-06-01 04:00Z',
  'a whole day begins when it does for the owner'
);

-- One lease for the run, one for the token.
select is(private.claim_calendar_sync(tests.id('acme'), tests.id('calendar'), 'w', 60) ->> 'status', 'claimed', 'a worker takes the run');
select throws_ok(
  $$ select private.apply_calendar_page(tests.id('acme'), tests.id('calendar'), 'other', '[]', null, 'stolen') $$, 'PT409', 'already_running', 'no other applies a page'
);
select throws_ok(
  $$ select private.restart_calendar_sync(tests.id('acme'), tests.id('calendar'), 'other') $$, 'PT409', 'already_running', 'or starts it over'
);
update private.calendar_sync_runs set leased_until = now();
select throws_ok(
  $$ select private.apply_calendar_page(tests.id('acme'), tests.id('calendar'), 'w', '[]', null, 'late') $$, 'PT409', 'already_running', 'nor does the worker itself when its time is up'
);
update private.calendar_sync_runs set next_sync_at = now() - interval '1 minute';
update public.calendar_connections set status = 'needs_reconnect' where id = tests.id('calendar');
select is(private.claim_due_calendar_syncs('c', 10, 60), '[]'::jsonb, 'a calendar without a grant is not due');
update public.calendar_connections set status = 'active' where id = tests.id('calendar');
select is(jsonb_array_length(private.claim_due_calendar_syncs('c', 10, 60)), 1, 'control: with one it is');

create function pg_temp.access(p_worker text)
returns text language sql as $$
  select private.begin_calendar_access(tests.id('acme'), tests.id('calendar'), p_worker, null) ->> 'status'
$$;
select is(pg_temp.access('w'), 'refresh', 'a worker may refresh the token');
select is(pg_temp.access('w'), 'refresh', 'and asks twice without waiting for itself');
select private.fail_calendar_refresh(tests.id('acme'), tests.id('calendar'), 'late', 'grant_revoked', true);
select is((select c.status from public.calendar_connections as c where c.id = tests.id('calendar')), 'active', 'who lost the right to refresh disconnects nobody');
select is(pg_temp.access('other'), 'wait', 'nor frees the token');
update public.calendar_connections set status = 'disconnected' where id = tests.id('calendar');
select private.fail_calendar_refresh(tests.id('acme'), tests.id('calendar'), 'w', 'grant_revoked', true);
select is(
  (select c.status from public.calendar_connections as c where c.id = tests.id('calendar')), 'disconnected',
  'a failure asks nobody to reconnect what they disconnected'
);
update private.calendar_sync_runs set worker = 'w', leased_until = now() + interval '1 minute';
select private.release_calendar_sync(tests.id('acme'), tests.id('calendar'), 'w', 'grant_revoked', null);
select is((select c.status from public.calendar_connections as c where c.id = tests.id('calendar')), 'disconnected', 'whichever way it comes');

-- Two people in two zones: whoever's is taken for everybody, one of the two is wrong.
select tests.remember('second calendar', pg_temp.connect('acme', 'ben'));
select private.claim_calendar_sync(tests.id('acme'), tests.id('second calendar'), 'w', 60);
select private.apply_calendar_page(
  tests.id('acme'), tests.id('second calendar'), 'w',
  pg_temp.event('his day', '{"all_day": true, "time_zone": "Nowhere/Else", "start": {"on": "2026-06-01"}, "end": {"on": "2026-06-02"}}'), null, 'token'
);
select is(
  (select e.start_time from public.calendar_events as e where e.external_id = 'his day'), timestamptz '2026-05-31 15:00Z',
  'a colleague''s whole day begins when it does for the colleague'
);

-- Of what was disconnected before, removing the member says nothing new.
insert into public.calendar_connections (org_id, user_id, account_email, status, updated_at)
values (tests.id('acme'), tests.id('ben'), 'old@example.test', 'disconnected', '2020-01-01');
update public.organization_members set status = 'removed' where user_id in (tests.id('ana'), tests.id('ben'));
select bag_eq(
  $$ select c.status from public.calendar_connections as c where c.org_id = tests.id('acme') $$, array['disconnected', 'disconnected', 'disconnected'],
  'who is removed is disconnected'
);
select is(
  (select c.updated_at from public.calendar_connections as c where c.account_email = 'old@example.test'), timestamptz '2020-01-01',
  'and the time at which a calendar was disconnected before stays true'
);

select * from finish();
rollback;
