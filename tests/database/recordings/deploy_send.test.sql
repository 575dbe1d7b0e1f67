-- Sending a planned bot: what the worker may do next, and what people may have done meanwhile.
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

-- The usual way.
select pg_temp.given_planned('usual');
select is(pg_temp.begin('usual') - 'give_up_at', jsonb_build_object(
  'step', 'send', 'meeting_url', 'https://meet.google.com/' || md5('usual'), 'planned_minutes', 30.0, 'unclear_since', null
), 'U60-105 a planned bot is sent');
select is((pg_temp.recording('usual')).status, 'deploying', 'what is about to be done is written down before');
select is((pg_temp.recording('usual')).deploy_attempts, 1, 'and counted');
select is(public.finish_bot_deployment(tests.id('acme'), tests.id('usual'), 'bot-usual'), 'sent', 'the answer is stored');
select results_eq(
  $$ select bot_id, status, outcome from pg_temp.recording('usual') $$, $$ values ('bot-usual', 'joining', null::text) $$, 'the bot is on its way'
);
select is(public.finish_bot_deployment(tests.id('acme'), tests.id('usual'), 'bot-usual'), 'sent', 'stored twice is stored once');
select is(public.finish_bot_deployment(tests.id('acme'), tests.id('usual'), 'bot-other'), 'unwanted', 'U60-104 a second bot is not wanted');
select is(pg_temp.begin('usual'), '{"step": "over"}', 'and none is sent');
select results_eq($$ select pg_temp.timeline('usual') $$, array['schedule planned', 'deploy sending', 'deploy sent'], 'the timeline tells');

-- Leases.
select pg_temp.given_planned('zombie');
select is(pg_temp.begin('zombie', false, 'another'), '{"step": "lost"}', 'who does not hold the job sends nobody');
update private.jobs set locked_until = clock_timestamp() - interval '1 second' where id = tests.id('zombie job');
select is(pg_temp.begin('zombie'), '{"step": "lost"}', 'nor who slept past the lease');
select is((pg_temp.recording('zombie')).deploy_attempts, 0, 'nothing was written down');

-- A try that was not heard of again.
select pg_temp.given_planned('silent');
select pg_temp.begin('silent');
select is(pg_temp.begin('silent'), '{"step": "look"}', 'U60-105 a try without an end is looked into before the next');
select is(pg_temp.begin('silent', true) ->> 'step', 'send', 'when there is no bot, another is sent');
select is((pg_temp.recording('silent')).deploy_attempts, 2, 'and counted');
select is(
  (pg_temp.begin('silent', true) ->> 'unclear_since')::timestamptz,
  (select max(occurred_at) from public.recording_events where recording_id = tests.id('silent') and code = 'sending' and detail -> 'attempt' = '2'),
  'U60-105 it is known since when a bot of ours may be there'
);
select pg_temp.given_planned('certain');
select pg_temp.begin('certain');
select public.fail_bot_deployment(tests.id('acme'), tests.id('certain'), 'rate_limited', now() + interval '5 seconds', 429, true);
select is(pg_temp.begin('certain', true) -> 'unclear_since', 'null', 'a try that the provider surely made no bot in is clear');
select public.fail_bot_deployment(tests.id('acme'), tests.id('certain'), 'key_rejected', now() + interval '5 seconds', 403);
select isnt(pg_temp.begin('certain', true) -> 'unclear_since', 'null', 'a lookup that was refused makes no earlier try clear');
update public.recordings set deleted_at = now() where id = tests.id('silent');
select is(pg_temp.begin('silent'), '{"step": "look"}', 'deleted meanwhile: its bot must be found all the same');
select is(public.finish_bot_deployment(tests.id('acme'), tests.id('silent'), 'bot-silent'), 'unwanted', 'it is not wanted');
select is(pg_temp.begin('silent', true), '{"step": "over"}', 'and when there is none, nothing is left to do');

-- C-10: what happened to the event.
select pg_temp.given_planned('moved');
update public.calendar_events set start_time = start_time + interval '2 hours', end_time = end_time + interval '2 hours', meeting_url = 'https://zoom.us/j/5'
where id = tests.id('moved event');
select is(pg_temp.begin('moved'), jsonb_build_object('step', 'wait', 'until', now() + interval '119 minutes'), 'C-10 a meeting that was moved is not joined at the old time');
select results_eq(
  $$ select status, scheduled_start_at, scheduled_end_at, meeting_url, platform, deploy_attempts from pg_temp.recording('moved') $$,
  $$ values ('scheduled', now() + interval '121 minutes', now() + interval '151 minutes', 'https://zoom.us/j/5', 'zoom', 0) $$, 'the recording follows it'
);
select results_eq($$ select pg_temp.timeline('moved') $$, array['schedule planned', 'schedule moved'], 'and says so');
update public.calendar_events set start_time = now() + interval '2 minutes', end_time = now() + interval '1 hour' where id = tests.id('moved event');
select is(pg_temp.begin('moved') ->> 'step', 'send', 'when it is time, it is sent');

create function pg_temp.cancelled_by(p_name text, p_change text)
returns text language plpgsql as $$
begin
  perform pg_temp.given_planned(p_name);
  execute format(p_change, tests.id(p_name || ' event'));
  perform pg_temp.begin(p_name);
  return (select r.status || ' ' || r.failure_code || ' ' || r.outcome from public.recordings as r where r.id = tests.id(p_name));
end;
$$;
select is(pg_temp.cancelled_by('c1', $$ update public.calendar_events set status = 'cancelled' where id = %L $$), 'cancelled event_cancelled cancelled', 'C-10 a cancelled meeting is not joined');
select is(pg_temp.cancelled_by('c2', $$ delete from public.calendar_events where id = %L $$), 'cancelled event_cancelled cancelled', 'nor one that is gone from the calendar');
select is(pg_temp.cancelled_by('c3', $$ update public.calendar_events set auto_join_enabled = false where id = %L $$), 'cancelled auto_join_disabled cancelled', 'U60-104 nor one that was switched off');
select is(pg_temp.cancelled_by('c4', $$ update public.calendar_events set response_status = 'declined' where id = %L $$), 'cancelled event_declined cancelled', 'nor one that was declined');
select is(pg_temp.cancelled_by('c5', $$ update public.calendar_events set meeting_url = 'https://whereby.com/x' where id = %L $$), 'cancelled meeting_link_removed cancelled', 'nor one that moved where no bot can go');
select is(pg_temp.cancelled_by('c6', $$ update public.calendar_events set attendees_count = 1 where id = %L $$), 'cancelled not_a_meeting cancelled', 'U60-101 nor one that nobody else attends');
select is(
  pg_temp.cancelled_by('c7', $$ insert into public.calendar_connections (org_id, user_id, account_email, status)
    select org_id, user_id, 'ana@acme.test', 'disconnected' from public.calendar_events where id = %L $$),
  'cancelled calendar_disconnected cancelled', 'nor one of a calendar that was disconnected'
);
delete from public.calendar_connections;
select is(
  pg_temp.cancelled_by('c8', $$ update public.organization_members set status = 'suspended' where user_id = (select user_id from public.calendar_events where id = %L) $$),
  'cancelled owner_left cancelled', 'nor one of somebody who is suspended'
);
update public.organization_members set status = 'active' where user_id = tests.id('ana');
select is(
  pg_temp.cancelled_by('c9', $$ update public.calendar_events set start_time = now() - interval '2 hours', end_time = now() - interval '1 hour' where id = %L $$),
  'failed too_late failed', 'U60-105 a meeting that is over is not joined, and that is a failure'
);
select is(pg_temp.begin('c9'), '{"step": "over"}', 'an end is an end');
select is(public.claim_due_meetings() ->> 'claimed', '0', 'and nothing of it is due again');

-- Refusals.
select pg_temp.given_planned('refused');
select pg_temp.begin('refused');
select public.fail_bot_deployment(tests.id('acme'), tests.id('refused'), 'rate_limited', now() + interval '5 seconds', 429);
select results_eq($$ select status, failure_code from pg_temp.recording('refused') $$, $$ values ('deploying', null::text) $$, 'U60-105 what is tried again has not failed');
select is(
  (select detail - 'retry_at' from public.recording_events where recording_id = tests.id('refused') and code = 'refused'),
  '{"reason": "rate_limited", "upstream_status": 429}', 'but the timeline has it'
);
select public.fail_bot_deployment(tests.id('acme'), tests.id('refused'), 'insufficient_tokens', null, 402);
select results_eq(
  $$ select status, failure_code, outcome, outcome_reason from pg_temp.recording('refused') $$,
  $$ values ('failed', 'insufficient_tokens', 'failed', 'insufficient_tokens') $$, 'what is not has failed, with its reason'
);
select public.fail_bot_deployment(tests.id('acme'), tests.id('usual'), 'insufficient_tokens', null, 402);
select is((pg_temp.recording('usual')).status, 'joining', 'nothing fails that has its bot');
select is(public.finish_bot_deployment(tests.id('acme'), tests.id('refused'), 'bot-late'), 'sent', 'a bot that is there after all is not thrown away');
select results_eq($$ select status, bot_id, outcome from pg_temp.recording('refused') $$, $$ values ('joining', 'bot-late', null::text) $$, 'and the recording goes on');
select is(public.claim_due_meetings() ->> 'claimed', '0', 'U60-104 what failed is not planned anew by itself');

-- Trying again.
select pg_temp.given_planned('again');
select pg_temp.begin('again');
select public.fail_bot_deployment(tests.id('acme'), tests.id('again'), 'key_rejected', null, 403);
select ok(private.reopen_deployment(pg_temp.recording('again')), 'U60-105 what failed can be tried again by a person');
select results_eq(
  $$ select status, failure_code from pg_temp.recording('again') $$, $$ values ('scheduled', null::text) $$, 'it is planned again'
);
select is((select count(*)::int from private.jobs where payload ->> 'recording_id' = tests.id('again')::text and state = 'ready'), 1, 'with a job of its own');
select pg_temp.given_planned('late');
select pg_temp.begin('late');
select public.fail_bot_deployment(tests.id('acme'), tests.id('late'), 'key_rejected', null, 403);
select is(private.reopen_deployment((select r from public.recordings as r where r.id = tests.id('usual'))), false, 'one that had its bot is not');
update private.plan_limits set daily_bots = 0;
select is(private.reopen_deployment(pg_temp.recording('late')), false, 'nor beyond the plan''s day');
update private.plan_limits set daily_bots = 1000;
update public.recordings set scheduled_end_at = now() - interval '1 second' where id = tests.id('late');
select is(private.reopen_deployment(pg_temp.recording('late')), false, 'nor when the meeting is over');
update public.recordings set scheduled_end_at = now() + interval '1 hour' where id = tests.id('late');
insert into public.recordings (org_id, owner_user_id, storage_user_id, meeting_key, title, meeting_url, platform, scheduled_start_at)
select org_id, owner_user_id, storage_user_id, meeting_key, 'sent meanwhile', meeting_url, platform, scheduled_start_at from pg_temp.recording('late');
select is(private.reopen_deployment(pg_temp.recording('late')), false, 'nor when another is on its way');
select is(public.finish_bot_deployment(tests.id('acme'), tests.id('late'), 'bot-too-many'), 'unwanted', 'U60-104 and then a bot that turns up is one too many');

-- Calendars to read first.
insert into public.calendar_connections (org_id, id, user_id, account_email, last_synced_at)
values (tests.id('acme'), tests.remember('calendar', gen_random_uuid()), tests.id('ana'), 'ana@acme.test', now() - interval '5 minutes');
select pg_temp.given_planned('fresh');
select is(public.list_deploy_calendars(tests.id('acme'), tests.id('fresh')), array[tests.id('calendar')], 'C-10 the owner''s calendar is read before');
update public.calendar_connections set last_synced_at = clock_timestamp();
select is(public.list_deploy_calendars(tests.id('acme'), tests.id('fresh')), '{}', 'unless that was just done');
update public.calendar_connections set last_synced_at = null, status = 'needs_reconnect';
select is(public.list_deploy_calendars(tests.id('acme'), tests.id('fresh')), '{}', 'or cannot be');
update public.calendar_connections set status = 'active', calendar_id = 'other';
select is(public.list_deploy_calendars(tests.id('acme'), tests.id('fresh')), '{}', 'or it is another calendar');

-- People.
update public.profiles set active_org_id = case when id = tests.id('rui') then tests.id('rival') else tests.id('acme') end
where id in (tests.id('ana'), tests.id('ben'), tests.id('ada'), tests.id('vic'), tests.id('rui'));
select pg_temp.given_event('manual', '-20 minutes');
select pg_temp.given_event('no link', '1 minute', 'https://example.test/x');
update public.calendar_events set auto_join_enabled = false where id in (tests.id('manual event'), tests.id('no link event'));
select tests.act_as('ana');
select is(
  public.request_recording_bot(p_calendar_event_id => tests.id('manual event')) - 'recording_id', '{"status": "scheduled", "is_new": true}',
  'U60-103 a person sends the bot now, switched off and late as it may be'
);
select is(public.request_recording_bot(p_calendar_event_id => tests.id('manual event')) ->> 'is_new', 'false', 'U60-104 once');
select tests.act_as_owner();
select tests.remember('manual', (select id from public.recordings where title = 'manual'));
update private.jobs set state = 'running', locked_by = 'w', locked_until = clock_timestamp() + interval '1 minute' where payload ->> 'recording_id' = tests.id('manual')::text;
select tests.remember('manual job', (select id from private.jobs where payload ->> 'recording_id' = tests.id('manual')::text));
select results_eq(
  $$ select requested_by, owner_user_id, idempotency_key from pg_temp.recording('manual') as r join private.jobs as j on j.id = tests.id('manual job') $$,
  $$ select 'person', tests.id('ana'), 'deploy:' || tests.id('manual') $$, 'it is theirs'
);
select is(pg_temp.begin('manual') ->> 'step', 'send', 'and nobody asks the calendar');
select tests.act_as('ana');
select throws_ok($$ select public.request_recording_bot(p_calendar_event_id => tests.id('no link event')) $$, 'PT400', 'unsupported_meeting_url', 'where no bot can go, none is sent');
select throws_ok($$ select public.request_recording_bot(p_meeting_url => 'https://zoom.us@evil.test/j/1') $$, 'PT400', 'unsupported_meeting_url', 'whatever the address looks like');
select throws_ok($$ select public.request_recording_bot() $$, 'PT400', 'invalid_request', 'nor to nowhere');
select throws_ok(
  $$ select public.request_recording_bot(p_calendar_event_id => tests.id('manual event'), p_meeting_url => 'https://zoom.us/j/1') $$,
  'PT400', 'invalid_request', 'nor to two places'
);
select throws_ok($$ select public.request_recording_bot(p_calendar_event_id => tests.id('c1 event')) $$, 'PT409', 'meeting_is_over', 'nor to a meeting that was cancelled');
select throws_ok($$ select public.request_recording_bot(p_calendar_event_id => tests.id('c9 event')) $$, 'PT409', 'meeting_is_over', 'or is over');
select is(
  public.request_recording_bot(p_meeting_url => ' https://zoom.us/j/42?pwd=x ', p_title => 'Ad hoc') - 'recording_id', '{"status": "scheduled", "is_new": true}',
  'U60-103 to any address'
);
select is(public.request_recording_bot(p_meeting_url => 'https://ZOOM.us/j/42') ->> 'is_new', 'false', 'U60-104 once to a room');
select tests.act_as('ben');
select is(public.request_recording_bot(p_meeting_url => 'https://zoom.us/j/42') ->> 'is_new', 'false', 'whoever asks');
select throws_ok($$ select public.request_recording_bot(p_calendar_event_id => tests.id('manual event')) $$, 'PT404', 'not_found', 'another''s calendar is not there');
select tests.act_as('vic');
select throws_ok($$ select public.request_recording_bot(p_meeting_url => 'https://zoom.us/j/43') $$, 'PT403', 'forbidden', 'a viewer sends nobody');
select tests.act_as('rui');
select is(public.request_recording_bot(p_meeting_url => 'https://zoom.us/j/42') ->> 'is_new', 'true', 'another organization has bots of its own');
select throws_ok($$ select public.request_recording_bot(p_org_id => tests.id('acme'), p_meeting_url => 'https://zoom.us/j/44') $$, 'PT404', 'organization_not_found', 'and not those of others');
select tests.act_as_owner();
update private.plan_limits set daily_bots = 0;
select tests.act_as('ana');
select throws_ok($$ select public.request_recording_bot(p_meeting_url => 'https://zoom.us/j/45') $$, 'PT429', 'daily_cap_reached', 'U60-104 the plan''s day holds for people too');

-- Leaving.
select tests.act_as_owner();
select tests.remember('ad hoc', (select id from public.recordings where title = 'Ad hoc'));
select tests.act_as('vic');
select throws_ok($$ select public.request_bot_leave(tests.id('usual')) $$, 'PT404', 'not_found', 'U60-051 before there is a meeting it is an entry of a calendar: no colleague ends it');
select is_empty($$ select from public.recordings where id = tests.id('usual') $$, 'U60-051 nor sees its title');
select is(public.list_recordings(tests.id('acme'))::text like '%' || tests.id('usual') || '%', false, 'U60-051 nor lists it');
select tests.act_as('ada');
select throws_ok($$ select public.request_bot_leave(tests.id('usual')) $$, 'PT404', 'not_found', 'to an agent whom it was not assigned to it is not there');
select tests.act_as('rui');
select throws_ok($$ select public.request_bot_leave(tests.id('usual')) $$, 'PT404', 'not_found', 'and another''s is not there');
select tests.act_as('ana');
select is(public.request_bot_leave(tests.id('ad hoc')) ->> 'status', 'cancelled', 'a bot that was not sent yet does not go');
select is(public.request_bot_leave(tests.id('usual')) ->> 'status', 'joining', 'one that is there is asked to leave');
select is(public.request_bot_leave(tests.id('usual')) ->> 'status', 'joining', 'as often as you like');
select throws_ok($$ select public.request_bot_leave(tests.id('ad hoc')) $$, 'PT409', 'meeting_is_over', 'what is over is over');
select tests.act_as('ben');
select throws_ok($$ select public.request_bot_leave(tests.id('manual')) $$, 'PT404', 'not_found', 'U60-051 not even one who may change what is shared');
select tests.act_as('ana');
select lives_ok($$ select public.request_bot_leave(tests.id('manual')) $$, 'its owner may');
select tests.act_as_owner();
select is((select count(*)::int from private.jobs where kind = 'recording.leave'), 1, 'by one job');
select results_eq(
  $$ select status, failure_code, outcome from pg_temp.recording('manual') $$, $$ values ('cancelled', 'called_off', 'cancelled') $$,
  'a bot that is being made at this moment is called off'
);
select is(pg_temp.begin('manual'), '{"step": "look"}', 'its worker looks for it');
select is(public.finish_bot_deployment(tests.id('acme'), tests.id('manual'), 'bot-manual'), 'unwanted', 'and has it leave');
select is(public.read_leaving_bot(tests.id('acme'), tests.id('usual')), 'bot-usual', 'who leaves is known');
select lives_ok($$ select public.note_bot_leave(tests.id('acme'), tests.id('usual'), 'leaving') $$, 'and what came of it is noted');
select is((select max(code) from public.recording_events where recording_id = tests.id('usual') and kind = 'deploy' and code = 'leaving'), 'leaving', 'on the timeline');

-- Whose these are.
select tests.act_as('ana');
select throws_ok($$ select public.begin_bot_deployment(tests.id('acme'), tests.id('usual'), tests.id('usual job'), 'w') $$, '42501', null, 'TEL-017 a person does no worker''s work');
select throws_ok($$ select public.finish_bot_deployment(tests.id('acme'), tests.id('usual'), 'x') $$, '42501', null, 'TEL-017 nor says it was done');
select throws_ok($$ select public.fail_bot_deployment(tests.id('acme'), tests.id('usual'), 'x') $$, '42501', null, 'TEL-017 nor that it was not');
select throws_ok($$ select public.list_deploy_calendars(tests.id('acme'), tests.id('usual')) $$, '42501', null, 'TEL-017 nor asks for calendars');
select throws_ok($$ select public.read_leaving_bot(tests.id('acme'), tests.id('usual')) $$, '42501', null, 'TEL-017 or bots');
select throws_ok($$ select public.note_bot_leave(tests.id('acme'), tests.id('usual'), 'x') $$, '42501', null, 'TEL-017 or writes timelines');

select * from finish();
rollback;
