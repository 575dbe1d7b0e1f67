-- Which meetings the notetaker goes to: the due ones, once per organization, up to the plan's day.
begin;
select * from no_plan();

create or replace function private.call_function(p_function text, p_body jsonb default '{}')
returns bigint language plpgsql security definer as $$ begin return 0; end; $$;

select tests.given_member('ana', 'acme', 'owner');
select tests.given_member('ben', 'acme', 'agent');
select tests.given_member('vic', 'acme', 'viewer');
select tests.given_member('rui', 'rival', 'owner');
update public.organizations set plan = 'team' where id in (tests.id('acme'), tests.id('rival'));

create function pg_temp.given_event(
  p_name text, p_owner text default 'ana', p_org text default 'acme', p_in interval default '1 minute',
  p_change jsonb default '{}'
)
returns uuid language plpgsql as $$
declare
  v_id uuid;
begin
  insert into public.calendar_events as e (
    org_id, user_id, external_id, ical_uid, recurring_event_id, title, start_time, end_time, attendees, attendees_count, meeting_url,
    status, response_status, all_day, auto_join_enabled, calendar_id
  )
  select tests.id(p_org), tests.id(p_owner), coalesce(c.external_id, p_name), coalesce(c.ical_uid, p_name || '@uid'), c.recurring_event_id,
    p_name, now() + p_in, now() + p_in + coalesce(c.lasts, interval '30 minutes'), coalesce(c.attendees, '[]'), coalesce(c.attendees_count, 2),
    case when p_change ? 'meeting_url' then c.meeting_url else 'https://meet.google.com/' || md5(p_name) end,
    coalesce(c.status, 'confirmed'), c.response_status, coalesce(c.all_day, false), coalesce(c.auto_join_enabled, true),
    coalesce(c.calendar_id, 'primary')
  from jsonb_to_record(p_change) as c (
    external_id text, ical_uid text, recurring_event_id text, lasts interval, attendees jsonb, attendees_count integer, meeting_url text,
    status text, response_status text, all_day boolean, auto_join_enabled boolean, calendar_id text
  )
  returning e.id into v_id;
  return tests.remember(p_name || ' of ' || p_owner, v_id);
end;
$$;
create function pg_temp.planned()
returns setof text language sql as $$
  select title from public.recordings where status = 'scheduled' and deleted_at is null order by title
$$;
create function pg_temp.claim() returns jsonb language sql as $$ select public.claim_due_meetings() $$;

select is(pg_temp.claim(), '{"claimed": 0, "refused": 0}', 'U60-104 nothing is due');

-- Which meetings.
select pg_temp.given_event('due');
select pg_temp.given_event('running', p_in => '-10 minutes');
select pg_temp.given_event('later', p_in => '3 minutes');
select pg_temp.given_event('missed', p_in => '-16 minutes');
select pg_temp.given_event('short and over', p_in => '-10 minutes', p_change => '{"lasts": "5 minutes"}');
select pg_temp.given_event('alone', p_change => '{"attendees_count": 1}');
select pg_temp.given_event('all day', p_change => '{"all_day": true}');
select is(private.meeting_platform(u), p, u) from (values
  ('https://meet.google.com/abc-defg-hij', 'meet'), ('https://meet.google.com:443/abc', 'meet'), ('https://acme.zoom.us?x', 'zoom'),
  ('https://meet.google.com:x@evil.test/abc', null), ('https://zoom.us:443@evil.test/j/1', null), ('https://zoom.us:@evil.test/', null)
) as t (u, p);
select pg_temp.given_event('cancelled', p_change => '{"status": "cancelled"}');
select pg_temp.given_event('declined', p_change => '{"response_status": "declined"}');
select pg_temp.given_event('tentative', p_change => '{"response_status": "tentative", "status": "tentative"}');
select pg_temp.given_event('switched off', p_change => '{"auto_join_enabled": false}');
select pg_temp.given_event('without a link', p_change => '{"meeting_url": null}');
select pg_temp.given_event('elsewhere', p_change => '{"meeting_url": "https://whereby.com/acme"}');
select pg_temp.given_event('in the clear', p_change => '{"meeting_url": "http://meet.google.com/abc"}');
select pg_temp.given_event('zoom', p_change => '{"meeting_url": "https://acme.zoom.us/j/123?pwd=x"}');
select pg_temp.given_event('teams', p_change => '{"meeting_url": "https://teams.microsoft.com/l/meetup-join/19%3ax"}');
select pg_temp.given_event('of a viewer', 'vic');
select results_eq('select public.claim_due_meetings() ->> ''claimed''', array['5'], 'U60-101 U60-104 real meetings that begin within 150 s, or began up to 15 minutes ago');
select results_eq('select pg_temp.planned()', array['due', 'running', 'teams', 'tentative', 'zoom'], 'U60-103 where a bot can go, and nobody else');
select is(pg_temp.claim(), '{"claimed": 0, "refused": 0}', 'U60-104 once, however often somebody looks');
select set_eq(
  $$ select platform from public.recordings $$, array['meet', 'teams', 'zoom'], 'U60-103 Zoom, Google Meet and Teams'
);
select results_eq(
  $$ select j.kind, j.org_id, j.acting_user_id, j.idempotency_key, j.run_at <= clock_timestamp()
     from private.jobs as j join public.recordings as r on (j.payload ->> 'recording_id')::uuid = r.id where r.title = 'due' $$,
  $$ select 'recording.deploy', tests.id('acme'), tests.id('ana'), 'deploy:' || id, true from public.recordings where title = 'due' $$,
  'U60-105 with a job that sends the bot'
);
select results_eq(
  $$ select e.kind, e.code from public.recording_events as e join public.recordings as r on r.id = e.recording_id where r.title = 'due' $$,
  $$ values ('schedule', 'planned') $$, 'and the timeline says so'
);
select results_eq(
  $$ select scheduled_start_at, scheduled_end_at, owner_user_id, storage_user_id, calendar_event_id, requested_by from public.recordings where title = 'due' $$,
  $$ select start_time, end_time, user_id, user_id, id, 'schedule' from public.calendar_events where id = tests.id('due of ana') $$,
  'it knows its event'
);
select isnt_empty(
  $$ select from public.security_audit_log where entity_table = 'recordings' and actor_name = 'auto-join-scheduler' $$, 'and the audit log who planned it'
);

-- One bot per meeting and organization.
delete from public.recordings;
delete from public.calendar_events;
select pg_temp.given_event('shared');
select pg_temp.given_event('shared', 'ben', p_change => '{"attendees": [{"self": true, "organizer": true}]}');
select pg_temp.given_event('shared', 'rui', 'rival');
select results_eq('select public.claim_due_meetings() ->> ''claimed''', array['2'], 'U60-104 one bot per organization, whoever holds the event');
select results_eq(
  $$ select owner_user_id from public.recordings where org_id = tests.id('acme') $$, $$ values (tests.id('ben')) $$, 'for the organizer, where they are one of us'
);
select pg_temp.given_event('copied', p_change => '{"meeting_url": "https://acme.zoom.us/j/77?pwd=a"}');
select pg_temp.given_event('copied by hand', 'ben', p_change => '{"meeting_url": "https://ACME.zoom.us/j/77"}');
select results_eq('select public.claim_due_meetings() ->> ''claimed''', array['1'], 'U60-104 nor do two go to one room');
select is(pg_temp.claim(), '{"claimed": 0, "refused": 0}', 'not later either');
select pg_temp.given_event('weekly', p_in => '1 minute', p_change => '{"ical_uid": "w@uid", "recurring_event_id": "w", "external_id": "w_20261122T090000Z"}');
select pg_temp.given_event('weekly', 'ben', p_in => '2 minutes', p_change => '{"ical_uid": "w@uid", "recurring_event_id": "w", "external_id": "w_20261122T090000Z", "meeting_url": "https://meet.google.com/moved"}');
select results_eq('select public.claim_due_meetings() ->> ''claimed''', array['1'], 'U60-104 C-10 a copy that has not heard of the move is the same meeting');
select pg_temp.given_event('weekly again', p_change => '{"ical_uid": "w@uid", "recurring_event_id": "w", "external_id": "w_20261129T090000Z"}');
select results_eq('select public.claim_due_meetings() ->> ''claimed''', array['1'], 'the next one of the series is another');

-- What happened before.
update public.recordings set status = 'failed', failure_code = 'bot_not_accepted', bot_id = 'bot-1' where title = 'weekly again';
select is(pg_temp.claim(), '{"claimed": 0, "refused": 0}', 'a bot that was not let in is not sent again');
update public.recordings set status = 'cancelled', failure_code = 'called_off', bot_id = null where title = 'weekly again';
select is(pg_temp.claim(), '{"claimed": 0, "refused": 0}', 'nor one that a person called off');
update public.recordings set deleted_at = now() where title = 'weekly again';
select is(pg_temp.claim(), '{"claimed": 0, "refused": 0}', 'or whose recording they deleted');
update public.recordings set deleted_at = null, failure_code = 'event_cancelled', outcome = 'cancelled', settled_at = now() where title = 'weekly again';
select results_eq('select public.claim_due_meetings() ->> ''claimed''', array['1'], 'C-10 a cancelled event that is on again is planned again');
update public.recordings
set status = 'completed', outcome = 'complete', settled_at = now(), scheduled_start_at = now() - interval '3 hours'
where title = 'weekly again' and status = 'scheduled';
select results_eq('select public.claim_due_meetings() ->> ''claimed''', array['1'], 'C-10 an event that was held, and then moved to now, is held again');
select is(pg_temp.claim(), '{"claimed": 0, "refused": 0}', 'once');

-- A bot that waits goes when the meeting is moved back.
delete from public.recordings;
delete from private.jobs;
delete from private.job_keys;
delete from public.calendar_events;
select pg_temp.given_event('back and forth');
select pg_temp.claim();
update private.jobs set run_at = now() + interval '3 hours';
select pg_temp.claim();
select ok((select run_at <= clock_timestamp() from private.jobs), 'C-10 a bot that waits for a moved meeting goes at once when that is moved back');
update public.recordings set status = 'deploying';
update private.jobs set run_at = now() + interval '3 hours';
select pg_temp.claim();
select ok((select run_at > clock_timestamp() from private.jobs), 'control: one that waits for its next try waits');

-- Calendars and people that are gone.
delete from public.recordings;
delete from public.calendar_events;
insert into public.calendar_connections (org_id, user_id, account_email, status)
values (tests.id('acme'), tests.id('ana'), 'ana@acme.test', 'disconnected'), (tests.id('acme'), tests.id('ben'), 'ben@acme.test', 'needs_reconnect');
select pg_temp.given_event('disconnected', p_change => '{"calendar_id": "ana@acme.test"}');
select pg_temp.given_event('another calendar', p_change => '{"calendar_id": "team@acme.test"}');
select pg_temp.given_event('out of reach', 'ben', p_change => '{"calendar_id": "ben@acme.test"}');
select pg_temp.claim();
select results_eq('select pg_temp.planned()', array['another calendar', 'out of reach'], 'a calendar that was disconnected sends nobody; one we cannot read for a while does');
update public.organization_members set status = 'suspended' where user_id = tests.id('ben');
select pg_temp.given_event('suspended', 'ben');
select is(pg_temp.claim(), '{"claimed": 0, "refused": 0}', 'nor does one of somebody who is suspended');

-- The plan's day.
delete from public.recordings;
delete from public.calendar_connections;
delete from public.calendar_events;
update private.plan_limits set daily_bots = 3 where plan = 'team';
update public.organizations set time_zone = 'Pacific/Kiritimati' where id = tests.id('acme');
insert into public.recordings (org_id, owner_user_id, storage_user_id, meeting_key, requested_by, title, meeting_url, platform, scheduled_start_at, status, failure_code, bot_id)
values
  (tests.id('acme'), tests.id('ana'), tests.id('ana'), 'by hand', 'person', 'by hand', 'https://meet.google.com/x', 'meet', now(), 'completed', null, 'b1'),
  (tests.id('acme'), tests.id('ana'), tests.id('ana'), 'rejected', 'person', 'rejected', 'https://meet.google.com/y', 'meet', now(), 'failed', 'bot_not_accepted', 'b2'),
  (tests.id('acme'), tests.id('ana'), tests.id('ana'), 'never sent', 'person', 'never sent', 'https://meet.google.com/z', 'meet', now(), 'failed', 'insufficient_tokens', null),
  (tests.id('acme'), tests.id('ana'), tests.id('ana'), 'yesterday', 'person', 'yesterday', 'https://meet.google.com/q', 'meet', now() - interval '26 hours', 'completed', null, 'b3');
select is(private.bots_left(tests.id('acme'), now()), 1, 'U60-104 those that people sent count, and those that were turned away; those that never went do not');
select pg_temp.given_event('first', p_in => '30 seconds');
select pg_temp.given_event('second', p_in => '60 seconds');
select pg_temp.given_event('third', 'rui', 'rival', p_in => '60 seconds');
select is(pg_temp.claim(), '{"claimed": 2, "refused": 1}', 'U60-104 the cap holds to the bot, per organization');
select results_eq(
  $$ select title, status, failure_code, outcome, outcome_reason, settled_at is not null from public.recordings where failure_code = 'daily_cap_reached' $$,
  $$ values ('second', 'failed', 'daily_cap_reached', 'failed', 'daily_cap_reached', true) $$, 'what is beyond it says so'
);
select is_empty($$ select from private.jobs as j join public.recordings as r on (j.payload ->> 'recording_id')::uuid = r.id where r.title = 'second' $$, 'and sends nobody');
select is(pg_temp.claim(), '{"claimed": 0, "refused": 0}', 'said once');
update private.plan_limits set daily_bots = 4 where plan = 'team';
select is(pg_temp.claim(), '{"claimed": 1, "refused": 0}', 'a larger plan takes it up while it is due');
select is(private.bots_left(tests.id('acme'), now() + interval '30 hours'), 4, 'another day has its own');
update public.organizations set time_zone = 'UTC' where id = tests.id('acme');
select is(
  private.bots_left(tests.id('acme'), '2030-01-01T23:59:59Z'), 4, 'a day to come is whole'
);
insert into public.recordings (org_id, owner_user_id, storage_user_id, meeting_key, title, meeting_url, platform, scheduled_start_at)
values (tests.id('acme'), tests.id('ana'), tests.id('ana'), 'k', 'eve', 'https://meet.google.com/e', 'meet', '2030-01-01T23:59:59Z');
select is(private.bots_left(tests.id('acme'), '2030-01-01T00:00:00Z'), 3, 'a day ends at midnight');
select is(private.bots_left(tests.id('acme'), '2030-01-02T00:00:00Z'), 4, 'of the organization');
update public.organizations set time_zone = 'Asia/Tokyo' where id = tests.id('acme');
select is(private.bots_left(tests.id('acme'), '2030-01-02T00:00:00Z'), 3, 'wherever that is');

select throws_ok($$ insert into private.plan_limits values ('gold', 1) $$, '23514', null, 'a plan is one we know');
select throws_ok($$ update private.plan_limits set daily_bots = -1 $$, '23514', null, 'and includes no less than nothing');
select tests.act_as('ana');
select throws_ok('select public.claim_due_meetings()', '42501', null, 'TEL-017 a person plans nobody''s recordings');
select tests.act_as_service();
select lives_ok('select public.claim_due_meetings()', 'control: the scheduler does');
select throws_ok('select private.lock_planning()', '42501', null, 'TEL-017 and holds nobody back for nothing');

select * from finish();
rollback;
