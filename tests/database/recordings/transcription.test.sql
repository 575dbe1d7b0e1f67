-- From a recording to its transcript: asked for once, by two ways of which either suffices, stored whole
-- or not at all, the same end whatever arrives first (U60-109, U60-110, U60-122 to U60-124, U60-142, C-06).
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'owner');
select tests.given_member('rui', 'rival', 'owner');

-- What follows belongs to others: here it only says that it was called.
create table pg_temp.calls (what text, recording_id uuid);
create or replace function private.start_analysis(p_org_id uuid, p_recording_id uuid)
returns void language plpgsql security definer as $$ begin insert into pg_temp.calls values ('analyze', p_recording_id); end; $$;
create or replace function private.sync_recording(p_org_id uuid, p_recording_id uuid)
returns boolean language plpgsql security definer as $$ begin insert into pg_temp.calls values ('sync', p_recording_id); return false; end; $$;
create or replace function private.wake_function(p_function text)
returns void language plpgsql security definer as $$ begin insert into pg_temp.calls values (p_function, null); end; $$;

create function pg_temp.given_recording(p_name text, p_org text default 'acme', p_owner text default 'ana')
returns uuid language plpgsql as $$
declare
  v_id uuid;
  v_meeting_id uuid;
begin
  insert into public.recordings (
    org_id, owner_user_id, storage_user_id, meeting_key, title, meeting_url, platform, scheduled_start_at, status,
    bot_id, duration_seconds, s3_upload_status, s3_upload_error
  )
  values (
    tests.id(p_org), tests.id(p_owner), tests.id(p_owner), p_name, p_name, 'https://meet.google.com/abc-defg-hij', 'meet',
    '2026-11-22 10:00+00', 'completed', 'bot-' || p_name, 600, 'failed', 'test'
  )
  returning id into v_id;
  insert into public.meetings (org_id, owner_user_id, source_type, external_id, title, started_at)
  values (tests.id(p_org), tests.id(p_owner), '60_notetaker', v_id::text, p_name, '2026-11-22 10:00+00')
  returning id into v_meeting_id;
  update public.recordings set meeting_id = v_meeting_id where id = v_id;
  insert into public.meeting_attendees (org_id, meeting_id, owner_user_id, name, email)
  values (tests.id(p_org), v_meeting_id, tests.id(p_owner), 'Bo Buyer', 'bo@buyer.test');
  return tests.remember(p_name, v_id);
end;
$$;
create function pg_temp.recording(p_name text)
returns public.recordings language sql as $$ select r.* from public.recordings as r where r.id = tests.id(p_name) $$;
create function pg_temp.path(p_name text, p_provider text)
returns private.recording_transcriptions language sql as $$
  select t.* from private.recording_transcriptions as t where t.recording_id = tests.id(p_name) and t.provider = p_provider
$$;
create function pg_temp.begin(p_name text, p_has_gladia boolean, p_worker text default 'w1')
returns jsonb language sql as $$
  select private.begin_transcription(tests.id('acme'), tests.id(p_name), p_has_gladia, p_worker, 120)
$$;
create function pg_temp.started(p_name text, p_has_gladia boolean)
returns jsonb language plpgsql as $$
begin
  perform pg_temp.given_recording(p_name);
  perform private.start_transcription(tests.id('acme'), tests.id(p_name));
  return pg_temp.begin(p_name, p_has_gladia);
end;
$$;
create function pg_temp.store(p_name text, p_provider text, p_word text default 'Zebra')
returns text language sql as $$
  select private.store_recording_transcript(tests.id('acme'), tests.id(p_name), p_provider, 'en', jsonb_build_array(
    jsonb_build_object('seq', 0, 'speaker_name', 'Bo Buyer', 'speaker_email', 'bo@buyer.test', 'start_ms', 1000, 'end_ms', 2500, 'text', p_word || ' crossing'),
    jsonb_build_object('seq', 1, 'speaker_name', null, 'speaker_email', null, 'start_ms', 3000, 'end_ms', null, 'text', 'Second line')
  ))
$$;
create function pg_temp.words(p_name text)
returns text language sql as $$
  select string_agg(s.text, ' / ' order by s.seq) from public.transcript_segments as s
  where s.meeting_id = (pg_temp.recording(p_name)).meeting_id
$$;
create function pg_temp.timeline(p_name text)
returns text language sql as $$
  select string_agg(e.code || coalesce(':' || (e.detail ->> 'error'), ''), ' ' order by e.occurred_at) from public.recording_events as e
  where e.recording_id = tests.id(p_name) and e.kind = 'transcript'
$$;

-- Asked for.
select pg_temp.given_recording('r1');
select private.start_transcription(tests.id('acme'), tests.id('r1'));
select is((pg_temp.recording('r1')).transcript_status, 'pending', 'U60-110 a transcript is asked for');
select private.start_transcription(tests.id('acme'), tests.id('r1'));
select results_eq(
  $$ select j.idempotency_key, j.payload, j.org_id from private.jobs as j where j.kind = 'recording.transcribe' $$,
  $$ values ('transcribe:' || tests.id('r1'), jsonb_build_object('recording_id', tests.id('r1')), tests.id('acme')) $$,
  'U60-110 by one job, however often it is asked for'
);
select is(pg_temp.timeline('r1'), 'requested', 'and noted once');
select is((select count(*)::int from pg_temp.calls where what = 'process-recording'), 2, 'its worker is woken each time');
select lives_ok($$ select private.start_transcription(tests.id('rival'), tests.id('r1')) $$, 'another organization''s recording');
select is((select count(*)::int from private.jobs where kind = 'recording.transcribe'), 1, 'is not asked for');

-- Begun: which way, the worker's settings decide.
select is(pg_temp.begin('r1', true) ->> 'provider', 'gladia', 'U60-142 with a key the transcriber comes first');
select is(pg_temp.begin('r1', true, 'w2'), null, 'once');
select is((pg_temp.recording('r1')).transcript_status, 'processing', 'it is under way');
select is((pg_temp.path('r1', 'gladia')).status, 'submitting', 'no job is known yet');
select is(pg_temp.started('r2', false) ->> 'provider', 'meetingbaas', 'U60-142 without a key the bot''s provider is asked');
select is((pg_temp.path('r2', 'meetingbaas')).status, 'waiting', 'which needs no job of ours');
insert into private.recording_sources (org_id, recording_id, kind, url, expires_at) values
  (tests.id('acme'), tests.id('r1'), 'audio', 'https://files.test/audio', '2026-11-22 14:00+00'),
  (tests.id('acme'), tests.id('r1'), 'chat', 'https://files.test/chat', '2026-11-22 14:00+00');
select is(
  private.transcription_claim(pg_temp.path('r1', 'gladia')) - array['id', 'org_id', 'recording_id'],
  '{"provider": "gladia", "status": "submitting", "job_id": null, "attempts": 0, "polls": 0, "is_deleted": false, "bot_id": "bot-r1",
    "duration_seconds": 600, "audio_place": null, "sources": {"audio": {"url": "https://files.test/audio", "expires_at": "2026-11-22T14:00:00+00:00"}},
    "attendees": [{"name": "Bo Buyer", "email": "bo@buyer.test"}]}'::jsonb,
  'a worker gets what it needs and no more'
);

select pg_temp.given_recording('r12');
select is(pg_temp.begin('r12', true), null, 'nothing is begun that nobody asked for');

-- Leased, and lost.
select is((select count(*)::int from private.claim_due_transcriptions('w2', 10, 60)), 0, 'what is leased is nobody else''s');
update private.recording_transcriptions set next_poll_at = clock_timestamp() where recording_id = tests.id('r1');
select is((select array_agg(c ->> 'id') from private.claim_due_transcriptions('w2', 10, 60) as c), array[(pg_temp.path('r1', 'gladia')).id::text], 'U60-122 when the lease is over another worker goes on');
select is(private.note_transcription_attempt(tests.id('acme'), (pg_temp.path('r1', 'gladia')).id, 'w1', repeat('a', 64)), false, 'the one that lost it asks for no job');
select is(private.note_transcription_attempt(tests.id('acme'), (pg_temp.path('r1', 'gladia')).id, 'w2', repeat('b', 64)), true, 'control: the one that has it does');
select is((pg_temp.path('r1', 'gladia')).attempts, 1, 'and is counted');
select is(private.find_transcription_callback(repeat('b', 64)), jsonb_build_object('id', (pg_temp.path('r1', 'gladia')).id), 'U60-109 its callback is known before the job is');
select is(private.find_transcription_callback(repeat('a', 64)), null, 'and no other');
select is(private.note_transcription_job(tests.id('acme'), (pg_temp.path('r1', 'gladia')).id, 'w1', 'job-1', 120), false, 'nor does it note one');
select is(private.note_transcription_job(tests.id('acme'), (pg_temp.path('r1', 'gladia')).id, 'w2', 'job-1', 120), true, 'the job is noted');
select is(private.note_transcription_job(tests.id('acme'), (pg_temp.path('r1', 'gladia')).id, 'w2', 'job-2', 120), false, 'once');
select is(private.note_transcription_attempt(tests.id('acme'), (pg_temp.path('r1', 'gladia')).id, 'w2', repeat('c', 64)), false, 'and no second one is asked for');
select results_eq(
  $$ select (p).status, (p).job_id, (p).locked_by, (p).next_poll_at > clock_timestamp() + interval '110 seconds' from (select pg_temp.path('r1', 'gladia') as p) as x $$,
  $$ values ('waiting', 'job-1', null::text, true) $$, 'U60-109 somebody looks again should the callback never come'
);
select is(private.read_transcription((pg_temp.path('r1', 'gladia')).id) ->> 'job_id', 'job-1', 'a callback finds it');
select is(private.read_transcription(gen_random_uuid()), null, 'and nothing that is not there');

-- Stored.
select is(pg_temp.store('r1', 'gladia'), 'stored', 'U60-109 the transcript is stored');
select results_eq(
  $$ select s.seq, s.speaker_name, s.speaker_email, s.start_ms, s.end_ms, s.text from public.transcript_segments as s
     where s.meeting_id = (pg_temp.recording('r1')).meeting_id order by s.seq $$,
  $$ values (1, 'Bo Buyer', 'bo@buyer.test', 1000, 2500, 'Zebra crossing'), (2, null, null, 3000, null, 'Second line') $$,
  'with speakers and times'
);
select results_eq(
  $$ select (r).transcript_status, (r).transcript_provider, (r).transcript_error, (r).outcome from (select pg_temp.recording('r1') as r) as x $$,
  $$ values ('complete', 'gladia', null::text, 'partial') $$, 'U60-122 the recording knows, and is settled'
);
select is((select language from public.meetings where id = (pg_temp.recording('r1')).meeting_id), 'en', 'so does the meeting');
select is((select count(*)::int from pg_temp.calls where recording_id = tests.id('r1') and what = 'analyze'), 1, 'U60-110 an analysis is asked for');
select is((select count(*)::int from pg_temp.calls where recording_id = tests.id('r1') and what = 'sync'), 1, 'U60-123 and the meeting gets its stored files');
select is((pg_temp.path('r1', 'gladia')).next_poll_at > clock_timestamp(), true, 'U60-109 what is stored here is forgotten there: somebody sees to it');
select private.note_transcription_forgotten(tests.id('acme'), (pg_temp.path('r1', 'gladia')).id, true);
select is((pg_temp.path('r1', 'gladia')).next_poll_at, null, 'and then nothing is due');
select is(pg_temp.store('r1', 'gladia'), 'unchanged', 'the same again changes nothing');
select is((select count(*)::int from pg_temp.calls where recording_id = tests.id('r1')), 2, 'and asks for nothing');
select is(pg_temp.store('r1', 'meetingbaas', 'Yak'), 'outranked', 'U60-122 the other way''s comes too late');
select is(pg_temp.words('r1'), 'Zebra crossing / Second line', 'and replaces nothing');
select is((pg_temp.path('r1', 'gladia')).status || (pg_temp.path('r1', 'meetingbaas')).status, 'completecomplete', 'both ways have ended');
select is(private.fail_transcription(tests.id('acme'), (pg_temp.path('r1', 'gladia')).id, null, 'job-1', 'late'), false, 'what has ended does not fail afterwards');
select is(
  (select actor_kind || ' ' || actor_name from public.security_audit_log where action = 'transcripts.insert' and org_id = tests.id('acme') limit 1),
  'job process-recording', 'U60-170 the audit row says who'
);

-- The other order ends the same.
select pg_temp.started('r3', true);
select is(pg_temp.store('r3', 'meetingbaas', 'Yak'), 'stored', 'U60-122 the provider''s alone suffices');
select is((pg_temp.recording('r3')).transcript_provider, 'meetingbaas', 'and is named');
select is(pg_temp.store('r3', 'gladia'), 'replaced', 'the transcriber''s replaces it');
select is(pg_temp.words('r3'), pg_temp.words('r1'), 'U60-122 and the end is the same in both orders');
select is((pg_temp.recording('r3')).transcript_provider, 'gladia', 'down to the provider');
select is((select count(*)::int from public.transcripts where meeting_id = (pg_temp.recording('r3')).meeting_id), 1, 'with one transcript');
select is((select count(*)::int from pg_temp.calls where recording_id = tests.id('r3') and what = 'analyze'), 2, 'which is analysed again');

select is((pg_temp.path('r3', 'meetingbaas')).status, 'complete', 'what was stored was not in vain');
-- What fails after something was stored takes nothing away.
select pg_temp.started('r13', true);
select pg_temp.store('r13', 'meetingbaas', 'Yak');
select is(private.fail_transcription(tests.id('acme'), (pg_temp.path('r13', 'gladia')).id, 'w1', null, 'gladia_refused'), true, 'the transcriber may fail');
select is((pg_temp.recording('r13')).transcript_status, 'complete', 'U60-122 after the provider''s was stored');

-- One way fails, then the other.
select pg_temp.started('r4', true);
select is(private.fail_transcription(tests.id('acme'), (pg_temp.path('r4', 'gladia')).id, 'w9', null, 'audio_too_long'), false, 'who holds no lease ends nothing');
select is(private.fail_transcription(tests.id('acme'), (pg_temp.path('r4', 'gladia')).id, 'w1', null, 'audio_too_long'), true, 'a way can end');
select is((pg_temp.recording('r4')).transcript_status, 'processing', 'U60-122 that is not the end');
select is((pg_temp.path('r4', 'meetingbaas')).status, 'waiting', 'the provider''s own transcript is waited for');
select is((select array_agg(c ->> 'provider') from private.claim_due_transcriptions('w2', 10, 60) as c where c ->> 'recording_id' = tests.id('r4')::text), array['meetingbaas'], 'at once');
select is(private.fail_transcription(tests.id('acme'), (pg_temp.path('r4', 'meetingbaas')).id, 'w2', null, 'no_speech'), true, 'when that ends too');
select results_eq(
  $$ select (r).transcript_status, (r).transcript_error, (r).outcome from (select pg_temp.recording('r4') as r) as x $$,
  $$ values ('failed', 'no_speech', 'failed') $$, 'U60-122 the transcript has failed, and the reason is there'
);
select is(
  pg_temp.timeline('r4'), 'requested started gladia_failed:audio_too_long started meetingbaas_failed:no_speech failed:no_speech',
  'the timeline tells it all'
);
select is(pg_temp.store('r4', 'gladia'), 'stored', 'what comes after all is not thrown away');
select is((pg_temp.recording('r4')).outcome, 'partial', 'and settled anew');

-- A provider that was not asked to transcribe explains nothing: the reason is what the other way ended by.
select pg_temp.started('r14', true);
select private.fail_transcription(tests.id('acme'), (pg_temp.path('r14', 'gladia')).id, 'w1', null, 'audio_too_long');
select private.fail_transcription(tests.id('acme'), (pg_temp.path('r14', 'meetingbaas')).id, null, null, 'provider_not_transcribed');
select is((pg_temp.recording('r14')).transcript_error, 'audio_too_long', 'U60-122 who has no transcript is told the reason that explains it');
select matches(pg_temp.timeline('r14'), 'meetingbaas_failed:provider_not_transcribed failed:audio_too_long$', 'the timeline has both');
select pg_temp.started('r15', false);
select private.fail_transcription(tests.id('acme'), (pg_temp.path('r15', 'meetingbaas')).id, 'w1', null, 'provider_not_transcribed');
select is((pg_temp.recording('r15')).transcript_error, 'provider_not_transcribed', 'control: where there is no other way it is the reason');

-- Asked for again after it failed.
select pg_temp.started('r5', false);
select private.fail_transcription(tests.id('acme'), (pg_temp.path('r5', 'meetingbaas')).id, 'w1', null, 'no_speech');
delete from private.jobs where kind = 'recording.transcribe';
select private.start_transcription(tests.id('acme'), tests.id('r5'));
select results_eq(
  $$ select (r).transcript_status, (r).transcript_error, (r).outcome from (select pg_temp.recording('r5') as r) as x $$,
  $$ values ('pending', null::text, null::text) $$, 'a person may ask again'
);
select is(
  (select idempotency_key from private.jobs where kind = 'recording.transcribe' and state = 'ready'), 'transcribe:' || tests.id('r5') || ':2',
  'by a job of its own'
);
select is(pg_temp.begin('r5', false, 'w3') ->> 'provider', 'meetingbaas', 'and the way is gone again');
-- The provider says that it is ready: nobody waits for the next look.
update private.recording_transcriptions set next_poll_at = clock_timestamp() + interval '5 minutes', locked_by = null, locked_until = null where recording_id = tests.id('r5');
select private.start_transcription(tests.id('acme'), tests.id('r5'));
select is((select count(*)::int from private.claim_due_transcriptions('w4', 10, 60) as c where c ->> 'recording_id' = tests.id('r5')::text), 1, 'U60-110 transcript.ready brings it forward');
select private.start_transcription(tests.id('acme'), tests.id('r5'));
select is((select count(*)::int from private.claim_due_transcriptions('w5', 10, 60) as c where c ->> 'recording_id' = tests.id('r5')::text), 0, 'but takes it from nobody');
-- A job that was buried before it began.
select pg_temp.given_recording('r6');
select private.start_transcription(tests.id('acme'), tests.id('r6'));
update private.jobs set state = 'dead', finished_at = now() where payload ->> 'recording_id' = tests.id('r6')::text;
select private.start_transcription(tests.id('acme'), tests.id('r6'));
select is((select count(*)::int from private.jobs where payload ->> 'recording_id' = tests.id('r6')::text and state = 'ready'), 1, 'a buried job does not stop another one');

-- One that has a job elsewhere is begun anew under the same reference.
select pg_temp.started('r11', true);
select private.note_transcription_attempt(tests.id('acme'), (pg_temp.path('r11', 'gladia')).id, 'w1', repeat('f', 64));
select tests.remember('r11 gladia', (pg_temp.path('r11', 'gladia')).id);
select private.fail_transcription(tests.id('acme'), tests.id('r11 gladia'), 'w1', null, 'gladia_refused');
select private.fail_transcription(tests.id('acme'), (pg_temp.path('r11', 'meetingbaas')).id, null, null, 'no_speech');
select private.start_transcription(tests.id('acme'), tests.id('r11'));
select results_eq(
  $$ select (p).id, (p).status, (p).attempts, (p).error, (p).is_job_kept from (select pg_temp.path('r11', 'gladia') as p) as x $$,
  $$ values (tests.id('r11 gladia'), 'submitting', 0, null::text, true) $$, 'so that no job of it is lost sight of'
);
select is((pg_temp.recording('r11')).transcript_status, 'processing', 'and is under way at once');
select is((pg_temp.path('r11', 'meetingbaas')).id, null, 'what has nothing elsewhere begins from nothing');

-- Late, and over.
select pg_temp.started('r7', true);
select is(private.postpone_transcription(tests.id('acme'), (pg_temp.path('r7', 'gladia')).id, 'w9', null, 60), null, 'who lost the lease says nothing');
select is(private.postpone_transcription(tests.id('acme'), (pg_temp.path('r7', 'gladia')).id, 'w1', 'gladia_unavailable', 60), 'submitting', 'somebody looks again');
select results_eq(
  $$ select (p).polls, (p).error, (p).locked_by, (p).next_poll_at > clock_timestamp() + interval '50 seconds' from (select pg_temp.path('r7', 'gladia') as p) as x $$,
  $$ values (1, 'gladia_unavailable', null::text, true) $$, 'at its time'
);
select is((pg_temp.path('r7', 'meetingbaas')).id, null, 'one way at a time');
select private.note_transcription_forgotten(tests.id('acme'), (pg_temp.path('r7', 'gladia')).id, true);
select is((pg_temp.path('r7', 'gladia')).status, 'submitting', 'what goes on is not forgotten');
update private.recording_transcriptions set created_at = now() - interval '31 minutes', next_poll_at = now(), status = 'waiting', job_id = 'job-7' where recording_id = tests.id('r7');
select count(*) from private.claim_due_transcriptions('w5', 10, 60);
select private.postpone_transcription(tests.id('acme'), (pg_temp.path('r7', 'gladia')).id, 'w5', null, 60);
select is((pg_temp.path('r7', 'meetingbaas')).status, 'waiting', 'U60-122 who is late is not waited for');
select is((pg_temp.path('r7', 'gladia')).status, 'waiting', 'but not given up either');
select is(pg_temp.timeline('r7'), 'requested started started gladia_overdue', 'and that is seen');
select is(private.resubmit_transcription(tests.id('acme'), (pg_temp.path('r7', 'gladia')).id, 'job-6', 'gladia_job_failed', 60), false, 'the end of another job says nothing');
select is(private.resubmit_transcription(tests.id('acme'), (pg_temp.path('r7', 'gladia')).id, 'job-7', 'gladia_job_failed', 60), true, 'a job may be asked for again');
select results_eq(
  $$ select (p).status, (p).job_id, (p).error from (select pg_temp.path('r7', 'gladia') as p) as x $$,
  $$ values ('submitting', null::text, 'gladia_job_failed') $$, 'as if there had been none'
);
select is(private.resubmit_transcription(tests.id('acme'), (pg_temp.path('r7', 'gladia')).id, null, 'gladia_job_failed', 60), false, 'once');
update private.recording_transcriptions set give_up_at = now(), next_poll_at = now() where recording_id = tests.id('r7');
select count(*) from private.claim_due_transcriptions('w6', 10, 60);
select is(private.postpone_transcription(tests.id('acme'), (pg_temp.path('r7', 'gladia')).id, 'w6', null, 60), 'failed', 'in the end it is given up');
select is((pg_temp.path('r7', 'gladia')).error, 'gladia_timeout', 'with a reason');
select is(private.postpone_transcription(tests.id('acme'), (pg_temp.path('r7', 'meetingbaas')).id, 'w6', 'transcript_not_ready', 60), 'failed', 'both ways');
select is((pg_temp.recording('r7')).transcript_error, 'transcript_not_ready', 'U60-122 so that every transcript ends');
select is((select count(*)::int from private.recording_transcriptions where recording_id = tests.id('r7') and next_poll_at is not null), 0, 'and nothing is due any more');

-- When the better one is stored, the other way is left.
select pg_temp.started('r8', true);
update private.recording_transcriptions set created_at = now() - interval '31 minutes' where recording_id = tests.id('r8');
select private.postpone_transcription(tests.id('acme'), (pg_temp.path('r8', 'gladia')).id, 'w1', null, 60);
select pg_temp.store('r8', 'gladia');
select is((pg_temp.path('r8', 'meetingbaas')).status, 'dropped', 'nobody goes on asking for what is not needed');

-- The meeting or the recording is gone.
select pg_temp.started('r9', false);
update public.recordings set meeting_id = null where id = tests.id('r9');
select is(pg_temp.store('r9', 'meetingbaas'), 'gone', 'without its meeting there is no place for it');
select is((pg_temp.recording('r9')).transcript_error, 'meeting_deleted', 'and that is the reason');
select pg_temp.started('r10', true);
select private.note_transcription_attempt(tests.id('acme'), (pg_temp.path('r10', 'gladia')).id, 'w1', repeat('d', 64));
update public.recordings set deleted_at = now() where id = tests.id('r10');
update private.recording_transcriptions set next_poll_at = clock_timestamp() where recording_id = tests.id('r10');
select is((select c ->> 'is_deleted' from private.claim_due_transcriptions('w7', 10, 60) as c where c ->> 'recording_id' = tests.id('r10')::text), 'true', 'of a deleted recording only the job is left to be forgotten');
select is(private.note_transcription_job(tests.id('acme'), (pg_temp.path('r10', 'gladia')).id, 'w7', 'job-10', 60), false, 'it is not transcribed');
select private.note_transcription_forgotten(tests.id('acme'), (pg_temp.path('r10', 'gladia')).id, false);
select results_eq(
  $$ select (p).status, (p).error, (p).next_poll_at > clock_timestamp() + interval '10 minutes' from (select pg_temp.path('r10', 'gladia') as p) as x $$,
  $$ values ('failed', 'recording_deleted', true) $$, 'its way has ended, and the provider is told again'
);
select private.note_transcription_forgotten(tests.id('acme'), (pg_temp.path('r10', 'gladia')).id, true);
select is((pg_temp.path('r10', 'gladia')).next_poll_at, null, 'until it has forgotten');
select is(private.find_transcription_callback(repeat('d', 64)), null, 'its callback is nobody''s');
select is(private.read_transcription((pg_temp.path('r10', 'gladia')).id), null, 'nor is it read');
select is(pg_temp.store('r10', 'gladia'), 'gone', 'nor stored');
select lives_ok($$ select private.start_transcription(tests.id('acme'), tests.id('r10')) $$, 'nor asked for');
select is(pg_temp.store('r1', 'gladia') is not null and private.store_recording_transcript(tests.id('rival'), tests.id('r1'), 'gladia', 'en', '[{"seq": 0, "text": "x", "start_ms": 0}]') = 'gone', true, 'another organization stores nothing');

-- What must not be stored.
select throws_ok($$ select private.store_recording_transcript(tests.id('acme'), tests.id('r1'), 'whisper', 'en', '[{"seq": 0, "text": "x", "start_ms": 0}]') $$, 'PT400', 'invalid_request', 'an unknown provider');
select throws_ok($$ select private.store_recording_transcript(tests.id('acme'), tests.id('r1'), 'gladia', 'en', '[]') $$, 'PT400', 'invalid_request', 'no words');
select throws_ok($$ select private.store_recording_transcript(tests.id('acme'), tests.id('r1'), 'gladia', 'en', '{}') $$, 'PT400', 'invalid_request', 'no list');

-- What the table holds to.
select throws_ok($$ insert into private.recording_transcriptions (org_id, recording_id, provider, status) values (tests.id('acme'), tests.id('r1'), 'gladia', 'complete') $$, '23505', null, 'one row for each way');
select throws_ok($$ update private.recording_transcriptions set provider = 'whisper' where recording_id = tests.id('r2') $$, '23514', null, 'two ways');
select throws_ok($$ update private.recording_transcriptions set status = 'lost' where recording_id = tests.id('r2') $$, '23514', null, 'closed states');
select throws_ok($$ update private.recording_transcriptions set next_poll_at = null where recording_id = tests.id('r2') $$, '23514', null, 'what goes on is due');
select throws_ok($$ update private.recording_transcriptions set next_poll_at = now(), is_job_kept = false where recording_id = tests.id('r1') and provider = 'gladia' $$, '23514', null, 'what has ended is not');
select throws_ok($$ update private.recording_transcriptions set callback_token_hash = 'token' where recording_id = tests.id('r2') $$, '23514', null, 'a hash, never a token');
select throws_ok($$ update private.recording_transcriptions set callback_token_hash = repeat('b', 64) where recording_id = tests.id('r2') $$, '23505', null, 'a token is one job''s');
select throws_ok($$ update private.recording_transcriptions set job_id = '' where recording_id = tests.id('r2') $$, '23514', null, 'a job has a name');
select throws_ok($$ update private.recording_transcriptions set error = 'He said: "no"' where recording_id = tests.id('r2') $$, '23514', null, 'codes, never contents');
select throws_ok($$ update private.recording_transcriptions set id = (pg_temp.path('r1', 'gladia')).id where recording_id = tests.id('r2') $$, '23505', null, 'an id is one row''s');
select throws_ok($$ update public.transcript_segments set end_ms = start_ms - 1 $$, '23514', null, 'no segment ends before it starts');

-- Doors: the service role by name, nobody else.
select tests.act_as_service();
select is(public.find_transcription_callback(repeat('e', 64)), null, 'the service role may ask');
select throws_ok($$ select from private.recording_transcriptions $$, '42501', null, 'but reads no table');
select throws_ok($$ select private.start_transcription(tests.id('acme'), tests.id('r1')) $$, '42501', null, 'nor does what is the database''s own');
select tests.act_as('ana');
select throws_ok($$ select public.read_transcription(tests.id('r1')) $$, '42501', null, 'members may not');
select throws_ok($$ select public.store_recording_transcript(tests.id('acme'), tests.id('r1'), 'gladia', 'en', '[{"seq": 0, "text": "x", "start_ms": 0}]') $$, '42501', null, 'nobody puts words into a meeting');
select throws_ok($$ select public.claim_due_transcriptions('w', 1, 1) $$, '42501', null, 'nor takes work');
select is(jsonb_array_length(public.search_transcripts(tests.id('acme'), 'zebra', 'recent', 20, null) -> 'results'), 4, 'U60-122 control: what was stored is found');
select tests.act_as('rui');
select is(jsonb_array_length(public.search_transcripts(tests.id('rival'), 'zebra', 'recent', 20, null) -> 'results'), 0, 'by its own organization');

select tests.act_as_owner();
select * from finish();
rollback;
