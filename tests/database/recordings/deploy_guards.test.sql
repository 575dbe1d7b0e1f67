-- What keeps bots from going twice, or to whom they should not: each condition by itself, also where
-- rows stand as nobody should have left them.
begin;
select * from no_plan();

create or replace function private.call_function(p_function text, p_body jsonb default '{}')
returns bigint language plpgsql security definer as $$ begin return 0; end; $$;

select tests.given_member('ana', 'acme', 'owner');
select tests.given_member('ben', 'acme', 'manager');
select tests.given_member('ada', 'acme', 'agent');
select tests.given_member('vic', 'acme', 'viewer');
select tests.given_member('rui', 'rival', 'owner');
update private.plan_limits set daily_bots = 1000;

create function pg_temp.given_event(p_name text, p_in interval default '1 minute', p_url text default null)
returns void language plpgsql as $$
begin
  perform tests.remember(p_name || ' event', gen_random_uuid());
  insert into public.calendar_events (org_id, id, user_id, external_id, ical_uid, title, start_time, end_time, attendees_count, meeting_url)
  values (
    tests.id('acme'), tests.id(p_name || ' event'), tests.id('ana'), p_name, p_name, p_name, now() + p_in, now() + p_in + interval '30 minutes', 2,
    coalesce(p_url, 'https://meet.google.com/' || md5(p_name))
  );
end;
$$;
create function pg_temp.given_planned(p_name text)
returns void language plpgsql as $$
begin
  perform pg_temp.given_event(p_name);
  perform public.claim_due_meetings();
  perform tests.remember(p_name, (select id from public.recordings where title = p_name));
  update private.jobs set state = 'running', attempts = 1, locked_by = 'w', locked_until = clock_timestamp() + interval '1 minute'
  where payload ->> 'recording_id' = tests.id(p_name)::text;
  perform tests.remember(p_name || ' job', (select id from private.jobs where payload ->> 'recording_id' = tests.id(p_name)::text));
end;
$$;
create function pg_temp.begin(p_name text, p_known boolean default false, p_worker text default 'w')
returns jsonb language sql as $$
  select public.begin_bot_deployment(tests.id('acme'), tests.id(p_name), tests.id(p_name || ' job'), p_worker, p_known)
$$;
create function pg_temp.recording(p_name text)
returns public.recordings language sql as $$ select r from public.recordings as r where r.id = tests.id(p_name) $$;
create function pg_temp.timeline(p_name text)
returns setof text language sql as $$
  select e.kind || ' ' || e.code from public.recording_events as e where e.recording_id = tests.id(p_name) order by e.occurred_at, e.id
$$;


create function pg_temp.given_recording(p_name text, p_key text, p_url text, p_status text, p_change jsonb default '{}')
returns void language plpgsql as $$
begin
  insert into public.recordings (
    org_id, id, owner_user_id, storage_user_id, meeting_key, requested_by, title, meeting_url, platform, scheduled_start_at,
    status, failure_code, bot_id, outcome, outcome_reason, settled_at, deleted_at
  )
  select tests.id('acme'), tests.remember(p_name, gen_random_uuid()), tests.id('ana'), tests.id('ana'), p_key, 'person', p_name, p_url, 'meet',
    coalesce(c.scheduled_start_at, now()), p_status, c.failure_code, c.bot_id, c.outcome, c.failure_code,
    case when c.outcome is not null then now() end, c.deleted_at
  from jsonb_to_record(p_change) as c (
    scheduled_start_at timestamptz, failure_code text, bot_id text, outcome text, deleted_at timestamptz
  );
end;
$$;
create function pg_temp.key_of(p_event text)
returns text language sql as $$ select private.meeting_key(e) from public.calendar_events as e where e.id = tests.id(p_event || ' event') $$;
create function pg_temp.claimed() returns integer language sql as $$ select (public.claim_due_meetings() ->> 'claimed')::int $$;

-- Planning.
select pg_temp.given_event('going on', p_url => 'https://meet.google.com/new-room');
select pg_temp.given_recording('going on', pg_temp.key_of('going on'), 'https://meet.google.com/old-room', 'recording', jsonb_build_object('scheduled_start_at', now() - interval '3 hours', 'bot_id', 'b1'));
select is(pg_temp.claimed(), 0, 'U60-104 a meeting that goes on is not planned again because it was moved');
update public.recordings set status = 'ended' where id = tests.id('going on');
select is(pg_temp.claimed(), 1, 'control: one that has ended is');

select pg_temp.given_event('next door', p_url => 'https://meet.google.com/door');
select pg_temp.given_recording('in the room', 'k1', 'https://meet.google.com/door', 'recording', '{"bot_id": "b2"}');
select is(pg_temp.claimed(), 0, 'U60-104 a room that a bot is in gets no second one');
update public.recordings set deleted_at = now() where id = tests.id('in the room');
select is(pg_temp.claimed(), 1, 'one that was deleted does not count');
select pg_temp.given_event('after', p_url => 'https://meet.google.com/after');
select pg_temp.given_recording('left the room', 'k2', 'https://meet.google.com/after', 'ended', '{"bot_id": "b3"}');
select is(pg_temp.claimed(), 1, 'nor does one that has left, while its files are fetched');
select pg_temp.given_event('tonight', p_url => 'https://meet.google.com/tonight');
select pg_temp.given_recording('comes tonight', 'k3', 'https://meet.google.com/tonight', 'scheduled', jsonb_build_object('scheduled_start_at', now() + interval '8 hours'));
select is(pg_temp.claimed(), 1, 'nor does one that comes tonight');
select pg_temp.given_event('deleted once');
select pg_temp.given_recording('deleted once', pg_temp.key_of('deleted once'), 'https://meet.google.com/x1', 'cancelled', '{"failure_code": "event_cancelled", "outcome": "cancelled", "deleted_at": "2026-01-01T00:00:00Z"}');
select is(pg_temp.claimed(), 0, 'what a person deleted is not planned again, whatever it had come to');

select pg_temp.given_planned('at work');
update private.jobs set run_at = now() + interval '1 hour' where id = tests.id('at work job');
select pg_temp.claimed();
select ok((select run_at > now() + interval '30 minutes' from private.jobs where id = tests.id('at work job')), 'a job that a worker has is not made due');

-- Sending.
select pg_temp.given_planned('buried');
update private.jobs set state = 'dead', run_at = 'infinity' where id = tests.id('buried job');
select is(pg_temp.begin('buried'), '{"step": "lost"}', 'a buried job sends nobody, whatever its lease says');
select is(private.renew_jobs(array[tests.id('buried job')], 'w', 60), '{}', 'nor is its lease renewed');
select is(private.postpone_jobs(array[tests.id('buried job')], 'w', null), '{}', 'nor does it come back');
select pg_temp.given_planned('called off');
select private.end_unsent_recording(r, 'cancelled', 'called_off', 'deploy') from public.recordings as r where r.id = tests.id('called off');
update public.recordings set requested_by = 'person' where id = tests.id('called off');
select is(pg_temp.begin('called off', true), '{"step": "over"}', 'what was called off is not sent, even if nothing was ever sent for it');
insert into public.calendar_connections (org_id, user_id, account_email) values (tests.id('acme'), tests.id('ana'), 'ana@acme.test');
update public.recordings set requested_by = 'schedule' where id = tests.id('called off');
select is(public.list_deploy_calendars(tests.id('acme'), tests.id('called off')), '{}', 'and nobody reads a calendar for it');
insert into public.calendar_connections (org_id, user_id, account_email, status) values (tests.id('acme'), tests.id('ben'), 'ben@acme.test', 'disconnected');
select pg_temp.given_planned('connected');
select isnt(public.list_deploy_calendars(tests.id('acme'), tests.id('connected')), '{}', 'control: for one that is to be sent somebody does');
select is(pg_temp.begin('connected') ->> 'step', 'send', 'a calendar that is connected sends, whatever a colleague has disconnected');

select pg_temp.given_recording('given up', 'k4', 'https://meet.google.com/k4', 'failed', '{"failure_code": "unavailable", "outcome": "failed"}');
select pg_temp.given_recording('given up too', 'k4', 'https://meet.google.com/k4', 'failed', '{"failure_code": "unavailable", "outcome": "failed"}');
select pg_temp.given_recording('deleted too', 'k4', 'https://meet.google.com/k4', 'scheduled', '{"deleted_at": "2026-01-01T00:00:00Z"}');
select is(public.finish_bot_deployment(tests.id('acme'), tests.id('given up'), 'b5'), 'sent', 'a bot that turns up is kept: no other is on its way');
select pg_temp.given_recording('to reopen', 'k5', 'https://meet.google.com/k5', 'failed', '{"failure_code": "unavailable", "outcome": "failed"}');
select pg_temp.given_recording('failed beside', 'k5', 'https://meet.google.com/k5', 'failed', '{"failure_code": "unavailable", "outcome": "failed"}');
select pg_temp.given_recording('deleted beside', 'k5', 'https://meet.google.com/k5', 'scheduled', '{"deleted_at": "2026-01-01T00:00:00Z"}');
select ok(private.reopen_deployment(pg_temp.recording('to reopen')), 'and what failed can be tried again');

-- People.
update public.profiles set active_org_id = case when id = tests.id('ben') then null else tests.id('acme') end
where id in (tests.id('ana'), tests.id('ben'));
select pg_temp.given_event('knocked');
select pg_temp.given_recording('knocked', pg_temp.key_of('knocked'), 'https://meet.google.com/r1', 'failed', '{"failure_code": "bot_not_accepted", "bot_id": "b6", "outcome": "failed"}');
select pg_temp.given_recording('old', 'k6', 'https://meet.google.com/r2', 'ended', '{"bot_id": "b7"}');
select pg_temp.given_recording('far', 'k7', 'https://meet.google.com/r3', 'scheduled', jsonb_build_object('scheduled_start_at', now() + interval '8 hours'));
select pg_temp.given_recording('gone', 'k8', 'https://meet.google.com/r4', 'recording', '{"bot_id": "b8", "deleted_at": "2026-01-01T00:00:00Z"}');
select pg_temp.given_recording('here', 'k9', 'https://meet.google.com/r5', 'recording', '{"bot_id": "b9"}');
select tests.act_as('ana');
select is(public.request_recording_bot(p_calendar_event_id => tests.id('knocked event')) ->> 'is_new', 'true', 'a person may send another bot after one was not let in');
select is(public.request_recording_bot(p_meeting_url => 'https://meet.google.com/r2') ->> 'is_new', 'true', 'and to a room that one has left');
select is(public.request_recording_bot(p_meeting_url => 'https://meet.google.com/r3') ->> 'is_new', 'true', 'or comes to tonight');
select is(public.request_recording_bot(p_meeting_url => 'https://meet.google.com/r4') ->> 'is_new', 'true', 'or was deleted');
select is(public.request_recording_bot(p_meeting_url => 'https://meet.google.com/r5') ->> 'is_new', 'false', 'U60-104 control: where one is it is answered');
select tests.act_as('ben');
select throws_ok($$ select public.request_recording_bot(p_meeting_url => 'https://meet.google.com/r6') $$, 'PT409', 'no_active_organization', 'who works nowhere sends nobody');
select tests.act_as('ana');
select lives_ok($$ select public.request_bot_leave(tests.id('here')) $$, 'a bot is asked to leave');
select tests.act_as_owner();
update private.jobs set state = 'dead' where kind = 'recording.leave';
select tests.act_as('ana');
select lives_ok($$ select public.request_bot_leave(tests.id('here')) $$, 'and again when nobody could');
select tests.act_as_owner();
select is((select count(*)::int from private.jobs where kind = 'recording.leave' and state = 'ready'), 1, 'by another job');

select * from finish();
rollback;
