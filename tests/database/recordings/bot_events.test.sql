-- What a bot reports: each step of the table of transitions and none besides, the same end whatever
-- order reports come in, and what a finished bot sets going (U60-106 to U60-110, C-07, R-09).
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'owner');
select tests.given_member('rui', 'rival', 'owner');
update public.profiles set first_name = 'Ana', last_name = 'Lee', email = 'ana@acme.test' where id = tests.id('ana');

-- What follows a finished bot belongs to others: here it only says that it was called.
create table pg_temp.calls (what text, recording_id uuid);
drop function if exists private.start_recording_uploads(uuid, uuid);
drop function if exists private.start_transcription(uuid, uuid);
create function private.start_recording_uploads(p_org_id uuid, p_recording_id uuid)
returns void language plpgsql security definer as $$
begin
  insert into pg_temp.calls values ('upload', p_recording_id);
  update public.recordings set s3_upload_status = 'pending' where org_id = p_org_id and id = p_recording_id;
end;
$$;
create function private.start_transcription(p_org_id uuid, p_recording_id uuid)
returns void language plpgsql security definer as $$
begin
  insert into pg_temp.calls values ('transcribe', p_recording_id);
  update public.recordings set transcript_status = 'pending' where org_id = p_org_id and id = p_recording_id;
end;
$$;

create or replace function private.call_function(p_function text, p_body jsonb default '{}')
returns bigint language plpgsql security definer as $$ begin return 0; end; $$;

create function pg_temp.given_recording(p_name text, p_status text default 'joining', p_org text default 'acme', p_owner text default 'ana')
returns uuid language plpgsql as $$
declare
  v_id uuid;
begin
  insert into public.recordings (
    org_id, owner_user_id, storage_user_id, meeting_key, title, meeting_url, platform, scheduled_start_at, scheduled_end_at,
    status, failure_code, bot_id
  )
  values (
    tests.id(p_org), tests.id(p_owner), tests.id(p_owner), p_name, p_name, 'https://meet.google.com/abc-defg-hij', 'meet',
    '2026-11-22 10:00+00', '2026-11-22 10:30+00', p_status,
    case when p_status in ('failed', 'cancelled') then 'test' end,
    case when p_status not in ('scheduled', 'deploying') then 'bot-' || p_name end
  )
  returning id into v_id;
  return tests.remember(p_name, v_id);
end;
$$;

create function pg_temp.recording(p_name text)
returns public.recordings language sql as $$ select r.* from public.recordings as r where r.id = tests.id(p_name) $$;

create function pg_temp.event(p_name text, p_more jsonb)
returns jsonb language sql as $$
  select jsonb_build_object(
    'kind', 'status', 'event', 'bot.status_change', 'bot_id', 'bot-' || p_name, 'recording_id', null, 'code', null,
    'at', null, 'started_at', null, 'joined_at', null, 'exited_at', null, 'duration_seconds', null,
    'is_data_deleted', false, 'sources', '{}'::jsonb, 'sources_live_seconds', 14400, 'participants', '[]'::jsonb,
    'error_code', null, 'is_confirmed', false
  ) || p_more
$$;

create function pg_temp.apply(p_name text, p_more jsonb)
returns text language plpgsql as $$
declare
  v_answer jsonb;
begin
  v_answer := private.apply_bot_event(null, pg_temp.event(p_name, p_more));
  return v_answer ->> 'outcome';
end;
$$;

create function pg_temp.code(p_code text, p_at text)
returns jsonb language sql as $$ select jsonb_build_object('code', p_code, 'at', p_at) $$;

create function pg_temp.completed(p_at text, p_sources jsonb default '{"video": "https://b.test/v", "audio": "https://b.test/a", "transcription": "https://b.test/t"}')
returns jsonb language sql as $$
  select jsonb_build_object(
    'kind', 'completed', 'event', 'bot.completed', 'code', 'completed', 'at', p_at, 'sources', p_sources,
    'joined_at', '2026-11-22T10:01:00Z', 'exited_at', '2026-11-22T10:29:00Z', 'duration_seconds', 1620,
    'participants', '["Ana Lee", "Bo Buyer", "Someone Else"]'::jsonb
  )
$$;

create function pg_temp.failed(p_at text, p_code text)
returns jsonb language sql as $$
  select jsonb_build_object('kind', 'failed', 'event', 'bot.failed', 'code', 'failed', 'at', p_at, 'error_code', p_code)
$$;

-- Who may call it.
select ok(has_function_privilege('service_role', 'public.apply_bot_event(uuid, jsonb)', 'execute'), 'the service applies reports');
select ok(not has_function_privilege(r, f, 'execute'), r || ' does not run ' || f)
from unnest(array['anon', 'authenticated']) as r,
  unnest(array['public.apply_bot_event(uuid, jsonb)', 'private.apply_bot_event(uuid, jsonb)']) as f;
select tests.act_as_service();
select throws_ok(
  $$ select public.apply_bot_event(gen_random_uuid(), '{"kind": "status", "bot_id": "x"}') $$, 'PT404', 'not_found',
  'U60-106 a report is applied from the inbox, and this one is not in it'
);
select is(
  public.apply_bot_event(null, '{"kind": "other", "bot_id": "x"}') ->> 'outcome', 'ignored', 'control: the service runs it'
);
select tests.act_as_owner();
insert into private.webhook_events (provider, event_id, payload) values ('fathom', 'msg_of_fathom', '{}');
select throws_ok(
  $$ select private.apply_bot_event((select id from private.webhook_events where event_id = 'msg_of_fathom'), '{"kind": "other"}') $$,
  'PT404', 'not_found', 'another provider''s event is no report of a bot'
);

-- Each step of the table, and none besides.
create function pg_temp.try_each_step()
returns setof text language plpgsql as $$
declare
  v_from text;
  v_to text;
  v_name text;
  v_more jsonb;
  v_expected text;
begin
  foreach v_from in array array[
    'scheduled', 'deploying', 'joining', 'waiting_room', 'joined', 'recording', 'ended', 'completed', 'failed', 'cancelled'
  ] loop
    foreach v_to in array array['joining', 'waiting_room', 'joined', 'recording', 'ended', 'completed', 'failed'] loop
      v_name := format('%s to %s', v_from, v_to);
      perform pg_temp.given_recording(v_name, v_from);
      update public.recordings set bot_id = 'bot-' || v_name where id = tests.id(v_name);
      v_more := case v_to
        when 'completed' then pg_temp.completed('2026-11-22T10:30:00Z', '{}') || '{"is_confirmed": true}'
        when 'failed' then pg_temp.failed('2026-11-22T10:30:00Z', 'internal_error')
        else (select pg_temp.code(min(c.code), '2026-11-22T10:30:00Z') from private.bot_status_codes as c where c.status = v_to)
      end;
      perform pg_temp.apply(v_name, v_more);
      v_expected := case
        when exists (select from private.bot_transitions where from_status = v_from and to_status = v_to) then v_to
        else v_from
      end;
      return next is((pg_temp.recording(v_name)).status, v_expected, 'U60-107 ' || v_name || ' is ' || v_expected);
    end loop;
  end loop;
end;
$$;
select pg_temp.try_each_step();

select is_empty(
  $$
    select from private.bot_transitions as t
    join unnest(array['scheduled', 'deploying', 'joining', 'waiting_room', 'joined', 'recording', 'ended', 'failed', 'completed'])
      with ordinality as f (status, place) on f.status = t.from_status
    join unnest(array['scheduled', 'deploying', 'joining', 'waiting_room', 'joined', 'recording', 'ended', 'failed', 'completed'])
      with ordinality as u (status, place) on u.status = t.to_status
    where u.place <= f.place
  $$,
  'U60-106 no step leads back'
);
select is(
  (select count(*)::int from private.bot_status_codes where code in (
    'queued', 'pickup_delayed', 'joining_call', 'in_waiting_room', 'in_waiting_for_host', 'in_call_not_recording',
    'in_call_recording', 'recording_paused', 'recording_resumed', 'call_ended', 'recording_succeeded', 'recording_failed',
    'api_request_stop', 'bot_rejected', 'bot_removed', 'bot_removed_too_early', 'waiting_room_timeout', 'invalid_meeting_url',
    'meeting_error', 'transcribing', 'completed', 'failed'
  )),
  (select count(*)::int from private.bot_status_codes), 'R-09 all 22 codes of the provider have a meaning'
);
select throws_ok($$ insert into private.bot_status_codes values ('x', 'completed') $$, '23514', null, 'a code alone completes nothing');
select throws_ok($$ insert into private.bot_status_codes values ('X Y', 'joined') $$, '23514', null, 'codes have one shape');
select throws_ok($$ insert into private.bot_status_codes values ('queued', 'joined') $$, '23505', null, 'a code means one thing');
select throws_ok($$ insert into private.bot_transitions values ('completed', 'failed') $$, '23514', null, 'nothing leads out of completed');
select throws_ok($$ insert into private.bot_transitions values ('joined', 'cancelled') $$, '23514', null, 'no report cancels');
select throws_ok($$ insert into private.bot_transitions values ('joined', 'ended') $$, '23505', null, 'a step is listed once');

-- Codes and times.
select pg_temp.given_recording('codes');
select is(pg_temp.apply('codes', pg_temp.code('in_call_not_recording', '2026-11-22T10:01:00Z')), 'applied', 'U60-107 the bot was let in');
select is((pg_temp.recording('codes')).joined_at, '2026-11-22T10:01:00Z', 'U60-107 at the time that the provider names');
select is(pg_temp.apply('codes', pg_temp.code('in_call_not_recording', '2026-11-22T10:01:00Z')), 'unchanged', 'told again it changes nothing');
select is(pg_temp.apply('codes', pg_temp.code('warming_up', '2026-11-22T10:02:00Z')), 'applied', 'R-09 an unknown code is taken');
select row_eq(
  $$ select status, bot_code, bot_code_at from pg_temp.recording('codes') $$,
  row('joined'::text, 'warming_up'::text, '2026-11-22T10:02:00Z'::timestamptz), 'R-09 stored, and moves nothing'
);
select pg_temp.apply('codes', pg_temp.code('in_waiting_room', '2026-11-22T10:00:30Z'));
select row_eq(
  $$ select status, bot_code from pg_temp.recording('codes') $$, row('joined'::text, 'warming_up'::text),
  'a report of an earlier moment moves neither status nor code'
);
select pg_temp.apply('codes', pg_temp.code('in_waiting_room', '2026-11-22T10:03:00Z'));
select row_eq(
  $$ select status, bot_code from pg_temp.recording('codes') $$, row('joined'::text, 'in_waiting_room'::text),
  'a bot that is sent out again: the code says so, the status does not go back'
);
select pg_temp.apply('codes', pg_temp.code('in_call_recording', '2026-11-22T10:04:00Z') || '{"started_at": "2026-11-22T10:03:58Z"}');
select pg_temp.apply('codes', pg_temp.code('call_ended', '2026-11-22T10:20:00Z'));
select pg_temp.apply('codes', pg_temp.code('call_ended', '2026-11-22T10:25:00Z'));
select row_eq(
  $$ select recording_started_at, ended_at from pg_temp.recording('codes') $$,
  row('2026-11-22T10:03:58Z'::timestamptz, '2026-11-22T10:20:00Z'::timestamptz), 'of each time the earliest'
);
select pg_temp.apply('codes', '{"code": "zzz"}');
select is((pg_temp.recording('codes')).bot_code, 'call_ended', 'a code without a time is older than all that have one');
select is(
  (select count(*)::int from public.recording_events where recording_id = tests.id('codes') and kind = 'bot' and code = 'in_call_not_recording'),
  1, 'U60-106 the timeline has each report once'
);
select is(
  (select detail from public.recording_events where recording_id = tests.id('codes') and code = 'in_call_not_recording'),
  '{"at": "2026-11-22T10:01:00Z"}', 'with the provider''s time'
);
select pg_temp.apply('codes', jsonb_build_object('code', 'Odd Code!', 'at', '2026-11-22T10:26:00Z'));
select ok(
  exists (select from public.recording_events where recording_id = tests.id('codes') and code = 'odd_code_'),
  'a code that is none is made one for the timeline'
);
select pg_temp.given_recording('asked');
select pg_temp.apply('asked', '{"code": "in_call_recording", "event": "bot.read", "is_confirmed": true}') from generate_series(1, 3);
select pg_temp.apply('asked', pg_temp.failed('2026-11-22T10:3' || n || ':00Z', 'internal_error') || '{"is_confirmed": true}') from generate_series(1, 3) as n;
select results_eq(
  $$ select code, count(*)::int from public.recording_events where recording_id = tests.id('asked') and kind = 'bot' group by code order by code $$,
  $$ values ('failed', 1), ('in_call_recording', 1) $$, 'what the provider answers again and again is in the timeline once'
);
select pg_temp.given_recording('flood');
select pg_temp.apply('flood', pg_temp.code('c' || n, '2026-11-22T10:00:00Z')) from generate_series(1, 510) as n;
select is((select count(*)::int from public.recording_events where recording_id = tests.id('flood')), 500, 'a sender gone mad does not fill the timeline');
select is((pg_temp.recording('flood')).bot_code, 'c99', 'of codes at one instant it is always the same one');

-- A finished bot.
-- A member under another domain, and one who has left and is called like somebody in the meeting.
select tests.given_member('max', 'acme', 'agent');
update public.profiles set email = 'max@elsewhere.test' where id = tests.id('max');
select tests.given_member('sue', 'acme', 'agent', 'suspended');
update public.profiles set first_name = 'Someone', last_name = 'Else' where id = tests.id('sue');
select tests.given_row('kickoff', 'calendar_events', 'acme', 'ana');
update public.calendar_events set start_time = '2026-11-22 10:00+00', end_time = '2026-11-22 10:30+00', attendees = '[
  {"email": "ANA@acme.test", "name": null, "organizer": true},
  {"email": "bo.buyer@buyer.test", "name": null}, {"email": "absent@buyer.test", "name": "Not There"},
  {"email": "room@acme.test", "name": "Big Room", "resource": true}, {"email": "nonsense", "name": "Nonsense"},
  {"email": "guest@acme.test", "name": "Guest"}, {"email": "max@elsewhere.test", "name": "Max"}
]' where id = tests.id('kickoff');
insert into public.companies (org_id, user_id, name) values (tests.id('acme'), tests.id('ana'), 'Buyer') returning tests.remember('buyer', id);
insert into public.contacts (org_id, user_id, first_name, email, company_id)
values (tests.id('acme'), tests.id('ana'), 'Bo', 'bo.buyer@buyer.test', tests.id('buyer'));
select pg_temp.given_recording('done', 'recording');
update public.recordings set calendar_event_id = tests.id('kickoff') where id = tests.id('done');
select is(pg_temp.apply('done', pg_temp.completed('2026-11-22T10:30:00Z')), 'applied', 'U60-108 the bot completed');
select row_eq(
  $$ select status, failure_code, s3_upload_status, transcript_status, duration_seconds, outcome from pg_temp.recording('done') $$,
  row('completed'::text, null::text, 'pending'::text, 'pending'::text, 1620, null::text),
  'U60-108 the upload is pending and the transcript too, in the same transaction'
);
select results_eq(
  $$ select kind, url, expires_at from private.recording_sources where recording_id = tests.id('done') order by kind $$,
  $$ values ('audio', 'https://b.test/a', '2026-11-22T14:30:00Z'::timestamptz), ('transcription', 'https://b.test/t', '2026-11-22T14:30:00Z'),
    ('video', 'https://b.test/v', '2026-11-22T14:30:00Z') $$,
  'U60-108 R-11 the addresses are kept with their end, four hours from the event'
);
select row_eq(
  $$
    select source_type, external_id, title, started_at, ended_at, scheduled_start_at, calendar_event_id, company_id
    from public.meetings where id = (pg_temp.recording('done')).meeting_id
  $$,
  row(
    '60_notetaker'::text, tests.id('done')::text, 'done'::text, '2026-11-22T10:01:00Z'::timestamptz, '2026-11-22T10:29:00Z'::timestamptz,
    '2026-11-22 10:00+00'::timestamptz, tests.id('kickoff'), tests.id('buyer')
  ),
  'U60-131 the meeting is there, with its event and the one company it was held with'
);
select results_eq(
  $$
    select name, email, is_external, is_organizer, contact_id is not null from public.meeting_attendees
    where meeting_id = (pg_temp.recording('done')).meeting_id order by email nulls last
  $$,
  $$ values ('Not There', 'absent@buyer.test', true, false, false), ('Ana Lee', 'ana@acme.test', false, true, false),
    ('Bo Buyer', 'bo.buyer@buyer.test', true, false, true), ('Guest', 'guest@acme.test', false, false, false),
    ('Max', 'max@elsewhere.test', false, false, false), ('Someone Else', null, true, false, false) $$,
  'who was invited and who was there, each once: names find their addresses, rooms are nobody'
);
select is(pg_temp.apply('done', pg_temp.completed('2026-11-22T10:30:00Z')), 'unchanged', 'told again it changes nothing');
select results_eq(
  $$ select what, count(*)::int from pg_temp.calls where recording_id = tests.id('done') group by what order by what $$,
  $$ values ('transcribe', 1), ('upload', 1) $$, 'and sets nothing going again'
);
select is((select count(*)::int from public.meetings where external_id = tests.id('done')::text), 1, 'U60-108 one meeting');

select pg_temp.apply('done', pg_temp.completed('2026-11-22T10:20:00Z', '{"video": "https://b.test/older"}'));
select is((select url from private.recording_sources where recording_id = tests.id('done') and kind = 'video'), 'https://b.test/v', 'an older address does not replace a newer one');
select pg_temp.apply('done', pg_temp.completed('2026-11-22T11:00:00Z', '{"video": "https://b.test/newer", "poster": "https://b.test/p"}'));
select results_eq(
  $$ select kind, url from private.recording_sources where recording_id = tests.id('done') and kind in ('video', 'poster') $$,
  $$ values ('video', 'https://b.test/newer') $$, 'a newer one does, and unknown files are none'
);
select is((select count(*)::int from pg_temp.calls where recording_id = tests.id('done')), 2, 'the same files under fresh addresses start nothing');
select pg_temp.apply('done', '{"kind": "transcript", "event": "transcript.ready"}');
select results_eq(
  $$ select what, count(*)::int from pg_temp.calls where recording_id = tests.id('done') group by what order by what $$,
  $$ values ('transcribe', 2), ('upload', 1) $$, 'U60-110 a transcript that is ready is fetched'
);
select pg_temp.apply('done', pg_temp.code('call_ended', '2026-11-22T10:28:00Z'));
select is(
  (select ended_at from public.meetings where id = (pg_temp.recording('done')).meeting_id), '2026-11-22T10:28:00Z', 'a late report corrects the times'
);
delete from public.meetings where id = (pg_temp.recording('done')).meeting_id;
select pg_temp.apply('done', pg_temp.completed('2026-11-22T12:00:00Z'));
select is((select count(*)::int from public.meetings where external_id = tests.id('done')::text), 0, 'a meeting that a person deleted does not come back');

select pg_temp.given_recording('early', 'recording');
select pg_temp.apply('early', '{"kind": "transcript", "event": "transcript.ready", "sources": {"transcription": "https://b.test/t"}}');
select is((select count(*)::int from pg_temp.calls where recording_id = tests.id('early')), 0, 'U60-110 a transcript before the end waits for it');
select pg_temp.apply('early', pg_temp.completed('2026-11-22T10:30:00Z', '{}') || '{"is_confirmed": true}');
select results_eq(
  $$ select what from pg_temp.calls where recording_id = tests.id('early') $$, $$ values ('transcribe') $$,
  'U60-110 and is fetched then; there is nothing to upload'
);

-- Times that nobody can believe.
select pg_temp.given_recording('fast clock', 'recording');
select pg_temp.apply('fast clock', pg_temp.completed('2099-01-01T00:00:00Z') || '{"joined_at": "2099-01-01T00:00:00Z", "exited_at": "2026-11-22T10:29:00Z", "sources_live_seconds": 999999}');
select ok(
  (select max(expires_at) < now() + interval '4 hours 1 minute' from private.recording_sources where recording_id = tests.id('fast clock')),
  'R-11 a clock that is ahead gives no address a longer life'
);
select is((select ended_at from public.meetings where id = (pg_temp.recording('fast clock')).meeting_id), null, 'a meeting that ends before it starts has no end');

-- Nothing was recorded.
select pg_temp.given_recording('gone', 'ended');
select pg_temp.apply('gone', pg_temp.completed('2026-11-22T10:30:00Z', '{}') || '{"is_data_deleted": true}');
select row_eq(
  $$ select status, outcome, outcome_reason, meeting_id from pg_temp.recording('gone') $$,
  row('completed'::text, 'failed'::text, 'provider_data_deleted'::text, null::uuid), 'what the provider threw away has an end and a reason'
);
select pg_temp.apply('gone', pg_temp.completed('2026-11-22T10:31:00Z'));
select row_eq(
  $$ select s3_upload_status, s3_upload_error, transcript_status, outcome from pg_temp.recording('gone') $$,
  row('pending'::text, null::text, 'pending'::text, null::text), 'and another beginning when files turn up after all'
);
select pg_temp.apply('gone', pg_temp.completed('2026-11-22T10:32:00Z', '{}') || '{"is_data_deleted": true}');
select is((pg_temp.recording('gone')).s3_upload_status, 'pending', 'that it was thrown away later takes nothing back');
select pg_temp.given_recording('asked for', 'completed');
update public.recordings set s3_upload_status = 'pending' where id = tests.id('asked for');
select pg_temp.apply('asked for', pg_temp.completed('2026-11-22T10:30:00Z', '{}') || '{"is_data_deleted": true}');
select is((pg_temp.recording('asked for')).s3_upload_status, 'pending', 'an upload that goes on comes to its own end');
select pg_temp.given_recording('empty', 'recording');
select pg_temp.apply('empty', pg_temp.completed('2026-11-22T10:30:00Z', '{}'));
select row_eq(
  $$ select status, outcome from pg_temp.recording('empty') $$, row('ended'::text, null::text),
  'U60-108 R-09 a report that names no file does not say that there is none: the provider is asked first'
);
select pg_temp.apply('empty', pg_temp.completed('2026-11-22T10:45:00Z', '{}') || '{"is_confirmed": true}');
select row_eq(
  $$ select outcome, outcome_reason, meeting_id from pg_temp.recording('empty') $$,
  row('failed'::text, 'nothing_recorded'::text, null::uuid), 'a bot that recorded nothing has a final, explained state'
);
select is((select count(*)::int from pg_temp.calls where recording_id = tests.id('empty')), 0, 'and sets nothing going');

-- Whom nobody wants any more.
select pg_temp.given_recording('called off', 'cancelled');
update public.recordings set bot_id = null where id = tests.id('called off');
select pg_temp.apply('called off', pg_temp.code('joining_call', '2026-11-22T10:00:30Z') || jsonb_build_object('recording_id', tests.id('called off')));
select row_eq(
  $$ select status, bot_id from pg_temp.recording('called off') $$, row('cancelled'::text, 'bot-called off'::text),
  'U60-103 a bot that reports after it was called off is known'
);
select is(
  (select count(*)::int from private.jobs where kind = 'recording.leave' and payload ->> 'recording_id' = tests.id('called off')::text), 1,
  'U60-103 and has to leave'
);
select pg_temp.apply('called off', pg_temp.code('in_waiting_room', '2026-11-22T10:00:40Z') || jsonb_build_object('recording_id', tests.id('called off')));
select is(
  (select count(*)::int from private.jobs where kind = 'recording.leave' and payload ->> 'recording_id' = tests.id('called off')::text), 1, 'by one job'
);

-- A bot that failed.
select pg_temp.given_recording('refused', 'waiting_room');
select pg_temp.apply('refused', pg_temp.failed('2026-11-22T10:10:00Z', 'bot_not_accepted'));
select row_eq(
  $$ select status, failure_code, outcome, outcome_reason from pg_temp.recording('refused') $$,
  row('failed'::text, 'bot_not_accepted'::text, 'failed'::text, 'bot_not_accepted'::text), 'U60-106 a bot that was not let in ends failed, with the reason'
);
select pg_temp.apply('refused', pg_temp.failed('2026-11-22T10:11:00Z', 'internal_error'));
select is((pg_temp.recording('refused')).failure_code, 'bot_not_accepted', 'the first reason stays');
select pg_temp.apply('refused', pg_temp.completed('2026-11-22T10:12:00Z'));
select row_eq(
  $$ select status, failure_code, outcome from pg_temp.recording('refused') $$, row('completed'::text, null::text, null::text),
  'what was recorded wins over a failure that was told before'
);
select pg_temp.apply('refused', pg_temp.failed('2026-11-22T10:13:00Z', 'internal_error'));
select is((pg_temp.recording('refused')).status, 'completed', 'and over one that is told after');
select pg_temp.given_recording('odd reason');
select pg_temp.apply('odd reason', pg_temp.failed('2026-11-22T10:10:00Z', 'zoom.error:12'));
select is((pg_temp.recording('odd reason')).failure_code, 'zoom_error_12', 'a reason of another shape is made one of ours');
select pg_temp.given_recording('no reason');
select pg_temp.apply('no reason', pg_temp.failed('2026-11-22T10:10:00Z', null));
select is((pg_temp.recording('no reason')).failure_code, 'unknown_error', 'no reason is one too');

select pg_temp.given_recording('half', 'ended');
select pg_temp.apply('half', pg_temp.failed('2026-11-22T10:10:00Z', 'transcription_failed'));
select is((pg_temp.recording('half')).status, 'ended', 'a transcription that failed does not take back the recording');
select pg_temp.apply('half', pg_temp.failed('2026-11-22T10:12:00Z', 'transcription_failed') || '{"is_confirmed": true}');
select is((pg_temp.recording('half')).status, 'failed', 'unless the provider, asked for it, has none');

select pg_temp.given_recording('given up', 'failed');
select pg_temp.given_recording('sent again', 'joined');
update public.recordings set meeting_key = 'given up' where id = tests.id('sent again');
select pg_temp.apply('given up', pg_temp.completed('2026-11-22T10:30:00Z'));
select results_eq(
  $$ select status, meeting_key = 'given up' from public.recordings where id in (tests.id('given up'), tests.id('sent again')) order by status $$,
  $$ values ('completed', false), ('joined', true) $$, 'a first bot that recorded after all stands beside the second'
);
select pg_temp.given_recording('first of two', 'failed');
select pg_temp.given_recording('second of two', 'failed');
select pg_temp.given_recording('third, deleted', 'joined');
update public.recordings set deleted_at = now() where id = tests.id('third, deleted');
update public.recordings set meeting_key = 'first of two' where id in (tests.id('second of two'), tests.id('third, deleted'));
select pg_temp.apply('first of two', pg_temp.completed('2026-11-22T10:30:00Z'));
select is((pg_temp.recording('first of two')).meeting_key, 'first of two', 'beside one that failed and one that is deleted it keeps its key');
select pg_temp.given_recording('alone', 'failed');
select pg_temp.apply('alone', pg_temp.completed('2026-11-22T10:30:00Z'));
select is((pg_temp.recording('alone')).meeting_key, 'alone', 'control: alone it keeps its key');

-- Whose bot it is.
select is(pg_temp.apply('nobody', pg_temp.code('joining_call', '2026-11-22T10:00:00Z')), 'bot_unknown', 'a bot that no row names may yet be ours');
select is(
  pg_temp.apply('nobody', pg_temp.code('joining_call', '2026-11-22T10:00:00Z') || jsonb_build_object('recording_id', gen_random_uuid())),
  'ignored', 'one that says it records what we do not have is not'
);
select is(private.apply_bot_event(null, pg_temp.event('x', '{"bot_id": null}')) ->> 'outcome', 'ignored', 'a report about no bot moves nothing');
select pg_temp.given_recording('slow answer', 'deploying');
select is(
  pg_temp.apply('slow answer', pg_temp.code('joining_call', '2026-11-22T10:00:00Z') || jsonb_build_object('recording_id', tests.id('slow answer'))),
  'applied', 'U60-105 a bot whose creation was not answered says itself whose it is'
);
select row_eq(
  $$ select status, bot_id from pg_temp.recording('slow answer') $$, row('joining'::text, 'bot-slow answer'::text), 'and is taken'
);
select is(
  private.apply_bot_event(null, pg_temp.event('second', pg_temp.completed('2026-11-22T10:30:00Z') || jsonb_build_object('recording_id', tests.id('slow answer')))) ->> 'outcome',
  'stray_bot', 'a second bot for the same recording moves nothing'
);
select row_eq(
  $$ select status, bot_id from pg_temp.recording('slow answer') $$, row('joining'::text, 'bot-slow answer'::text), 'and replaces nobody'
);
select is(
  (select detail ->> 'bot_id' from public.recording_events where recording_id = tests.id('slow answer') and code = 'stray_bot'),
  'bot-second', 'but is seen in the timeline'
);
select is((select count(*)::int from private.recording_sources where recording_id = tests.id('slow answer')), 0, 'its files are not taken for ours');
select pg_temp.given_recording('theirs', 'joining', 'rival', 'rui');
select pg_temp.given_recording('ours');
select pg_temp.apply('ours', pg_temp.code('in_call_recording', '2026-11-22T10:05:00Z') || jsonb_build_object('recording_id', tests.id('theirs')));
select results_eq(
  $$ select (pg_temp.recording('ours')).status, (pg_temp.recording('theirs')).status $$, $$ values ('recording', 'joining') $$,
  'whose report it is our row of the bot says, whatever the payload claims'
);
select throws_ok(
  $$ update public.recordings set id = tests.id('theirs') where id = tests.id('ours') $$, '23505', null,
  'one id does not stand in two organizations'
);

select pg_temp.given_recording('deleted', 'recording');
update public.recordings set deleted_at = now() where id = tests.id('deleted');
select is(pg_temp.apply('deleted', pg_temp.completed('2026-11-22T10:30:00Z')), 'deleted', 'a deleted recording stays deleted');
select row_eq(
  $$ select status, (select count(*)::int from private.recording_sources as s where s.recording_id = r.id), (select count(*)::int from public.recording_events as e where e.recording_id = r.id) from pg_temp.recording('deleted') as r $$,
  row('recording'::text, 0, 0), 'and nothing of it is kept'
);
insert into private.webhook_events (provider, event_id, payload) values ('meetingbaas', 'late', '{"data": {"transcript": "what was said"}}');
select is(
  (select private.apply_bot_event(e.id, pg_temp.event('deleted', pg_temp.completed('2026-11-22T10:31:00Z'))) ->> 'outcome'
   from private.webhook_events as e where e.event_id = 'late'),
  'deleted', 'nor when it comes through the inbox'
);
select is(
  (select e.payload from private.webhook_events as e where e.event_id = 'late'), '{"erased": true}',
  'COP-021 where it is not kept either'
);
select pg_temp.given_recording('deleted early', 'deploying');
update public.recordings set deleted_at = now() where id = tests.id('deleted early');
select pg_temp.apply('deleted early', pg_temp.code('joining_call', '2026-11-22T10:00:00Z') || jsonb_build_object('recording_id', tests.id('deleted early')));
select is((pg_temp.recording('deleted early')).bot_id, null, 'nor does it take a bot');

-- From the inbox.
insert into private.webhook_events (provider, event_id, payload, request_id, received_at)
values ('meetingbaas', 'msg_1', '{}', 'req-bot-1', '2026-11-22 10:31+00') returning tests.remember('stored', id);
select pg_temp.given_recording('stored bot', 'recording');
select tests.act_as_service();
select is(
  public.apply_bot_event(tests.id('stored'), '{"kind": "status", "event": "bot.status_change", "bot_id": "bot-stored bot", "code": "call_ended", "at": "2026-11-22T10:30:00Z", "sources": {"chat": "https://b.test/c"}, "sources_live_seconds": 7200}') - 'recording_id',
  jsonb_build_object('outcome', 'applied', 'org_id', tests.id('acme'), 'status', 'ended'), 'a stored report is applied'
);
select tests.act_as_owner();
select is((select org_id from private.webhook_events where id = tests.id('stored')), tests.id('acme'), 'the inbox knows whose it was');
select is(
  (select actor_kind || ' ' || actor_name || ' ' || request_id from public.security_audit_log where entity_id = tests.id('stored bot') and action = 'recordings.update'),
  'webhook meetingbaas req-bot-1', 'U60-170 the audit says who moved it'
);
select is(
  (select expires_at from private.recording_sources where recording_id = tests.id('stored bot')), '2026-11-22T12:30:00Z', 'version 1 promises two hours'
);

-- Four reports in each of their 24 orders, each five times: one end.
create function pg_temp.end_of_each_order()
returns setof jsonb language plpgsql as $$
declare
  v_reports constant jsonb[] := array[
    pg_temp.code('joining_call', '2026-11-22T10:00:00Z'),
    pg_temp.code('in_call_recording', '2026-11-22T10:02:00Z') || '{"started_at": "2026-11-22T10:02:00Z"}',
    pg_temp.code('call_ended', '2026-11-22T10:29:00Z'),
    pg_temp.completed('2026-11-22T10:30:00Z')
  ];
  v_order integer[];
  v_name text;
  v_n integer;
begin
  for v_order in
    select array[a, b, c, d]
    from generate_series(1, 4) as a, generate_series(1, 4) as b, generate_series(1, 4) as c, generate_series(1, 4) as d
    where a <> b and a <> c and a <> d and b <> c and b <> d and c <> d
  loop
    v_name := 'order ' || array_to_string(v_order, '');
    perform pg_temp.given_recording(v_name);
    foreach v_n in array v_order loop
      perform pg_temp.apply(v_name, v_reports[v_n]) from generate_series(1, 5);
    end loop;
    -- And the first of them once more, as late as can be.
    perform pg_temp.apply(v_name, v_reports[v_order[1]]);
    return query
    select to_jsonb(r) - '{id,meeting_id,meeting_key,title,bot_id,s3_prefix,created_at,updated_at}'::text[] || jsonb_build_object(
      'meetings', (
        select jsonb_agg(jsonb_build_array(m.started_at, m.ended_at, (select count(*) from public.meeting_attendees as a where a.meeting_id = m.id)))
        from public.meetings as m where m.external_id = r.id::text
      ),
      'sources', (select jsonb_object_agg(s.kind, s.url || s.expires_at) from private.recording_sources as s where s.recording_id = r.id),
      'timeline', (select jsonb_agg(e.kind || ' ' || e.code order by e.kind, e.code) from public.recording_events as e where e.recording_id = r.id),
      'calls', (select jsonb_agg(c.what order by c.what) from pg_temp.calls as c where c.recording_id = r.id)
    )
    from public.recordings as r where r.id = tests.id(v_name);
  end loop;
end;
$$;
create table pg_temp.ends as select end_of_each_order as state from pg_temp.end_of_each_order();
select is((select count(*)::int from pg_temp.ends), 24, 'U60-108 24 orders');
select is((select count(distinct state)::int from pg_temp.ends), 1, 'U60-108 of four reports, each five times and late: one end');
select is(
  (select distinct state ->> 'status' || ' ' || (state ->> 'calls') from pg_temp.ends), 'completed ["transcribe", "upload"]',
  'U60-108 and each consequence once'
);

select * from finish();
rollback;
