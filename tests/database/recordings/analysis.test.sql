-- What is stored of a meeting that was analyzed: from which words, on which evidence, over whose summary.
begin;
select * from no_plan();

-- Workers are called where calls are set up.
delete from vault.secrets where name in ('project_url', 'service_role_key');
select vault.create_secret('http://127.0.0.1:9/', 'project_url');
select vault.create_secret('sb_secret_test', 'service_role_key');

select tests.given_member('ana', 'acme', 'agent');
select tests.given_member('ben', 'acme', 'manager');
select tests.given_member('cy', 'globex', 'owner');
select tests.given_row('demo', 'meetings', 'acme', 'ana');
update public.meetings set source_type = '60_notetaker' where id = tests.id('demo');
insert into public.recordings (
  org_id, owner_user_id, meeting_id, meeting_key, title, meeting_url, platform, scheduled_start_at, storage_user_id,
  status, s3_upload_status, transcript_status
)
select tests.id('acme'), tests.id('ana'), tests.id('demo'), 'key', 'demo', 'https://meet.google.com/x', 'meet', now(),
  tests.id('ana'), 'completed', 'complete', 'complete'
returning tests.remember('recording', id);

create function pg_temp.say(variadic p_lines text[])
returns void language plpgsql as $$
declare
  v_id uuid;
begin
  insert into public.transcripts as t (org_id, meeting_id, owner_user_id, segment_count)
  select m.org_id, m.id, m.owner_user_id, cardinality(p_lines) from public.meetings as m where m.id = tests.id('demo')
  on conflict on constraint transcripts_one_per_meeting do update set segment_count = excluded.segment_count
  returning t.id into v_id;
  delete from public.transcript_segments where transcript_id = v_id;
  insert into public.transcript_segments (org_id, transcript_id, meeting_id, owner_user_id, seq, speaker_name, start_ms, text)
  select m.org_id, v_id, m.id, m.owner_user_id, l.place, 'Ana', (l.place - 1) * 1000, l.text
  from public.meetings as m, unnest(p_lines) with ordinality as l (text, place) where m.id = tests.id('demo');
end;
$$;
create function pg_temp.hash() returns text language sql as $$ select private.transcript_hash(tests.id('acme'), tests.id('demo')) $$;
create function pg_temp.analysis(p_changes jsonb default '{}') returns jsonb language sql as $$
  select '{
    "summary": "They met.", "summary_segments": [1], "sentiment": "positive", "sentiment_segments": [2],
    "is_rule_based": false, "model": "m-1", "dropped_count": 2,
    "insights": [
      {"kind": "action_item", "text": "Send it", "assignee_name": "Ana", "assignee_email": "Ana@Example.test",
       "due_text": "tomorrow", "due_on": "2026-11-23", "segments": [2, 1, 2]},
      {"kind": "competitor", "text": "They use Widget", "subject": "Widget", "segments": [2]}
    ]
  }'::jsonb || p_changes
$$;
create function pg_temp.store(p_hash text, p_analysis jsonb) returns text language sql as $$
  select private.store_meeting_analysis(tests.id('acme'), tests.id('recording'), p_hash, p_analysis)
$$;
create function pg_temp.jobs() returns integer language sql as $$
  select count(*)::integer from private.jobs where kind = 'recording.analyze' and org_id = tests.id('acme')
$$;
create function pg_temp.of_recording(p_column text) returns text language sql as $$
  select to_jsonb(r) ->> p_column from public.recordings as r where r.id = tests.id('recording')
$$;
create function pg_temp.summary() returns text language sql as $$ select summary from public.meetings where id = tests.id('demo') $$;

-- Asking for one.
select private.start_analysis(tests.id('acme'), tests.id('recording'));
select is(pg_temp.jobs(), 0, 'without a transcript there is nothing to analyze');
select pg_temp.say('Hello', 'I will send it tomorrow');
select private.start_analysis(tests.id('acme'), tests.id('recording'));
select private.start_analysis(tests.id('acme'), tests.id('recording'));
select is(pg_temp.jobs(), 1, 'U60-110 a stored transcript is analyzed, once for the same words');
select is(pg_temp.of_recording('analysis_status'), 'pending', 'and the recording says that it is under way');
select is(pg_temp.of_recording('outcome'), null, 'so that it is not at its end');
select is(
  (select idempotency_key from private.jobs where kind = 'recording.analyze'),
  'analyze:' || tests.id('recording') || ':' || pg_temp.hash(), 'the job is named after the words'
);
select is(
  (select count(*)::integer from public.recording_events where recording_id = tests.id('recording') and code = 'requested'), 1,
  'the timeline says it once'
);
select private.start_analysis(tests.id('globex'), tests.id('recording'));
select is(pg_temp.jobs(), 1, 'nobody else''s organization starts one');

-- What a worker reads.
select is(private.read_analysis_source(tests.id('globex'), tests.id('recording')), null, 'a worker reads in the recording''s organization only');
select is(
  private.read_analysis_source(tests.id('acme'), tests.id('recording')) -> 'segments' -> 1,
  '{"seq": 2, "text": "I will send it tomorrow", "speaker_name": "Ana", "speaker_email": null}'::jsonb, 'control: it reads the words'
);
select is(
  private.read_analysis_source(tests.id('acme'), tests.id('recording')) ->> 'transcript_hash', pg_temp.hash(), 'with their hash'
);

-- Storing it.
select throws_ok(
  format('select pg_temp.store(%L, %L)', pg_temp.hash(), pg_temp.analysis('{"summary_segments": [3]}')),
  'PT400', 'invalid_request', 'evidence that does not exist is refused'
);
select throws_ok(
  format('select pg_temp.store(%L, %L)', pg_temp.hash(), pg_temp.analysis('{"summary_segments": []}')),
  '23514', null, 'a summary without evidence is refused'
);
select throws_ok(
  format('select pg_temp.store(%L, %L)', pg_temp.hash(), pg_temp.analysis('{"sentiment_segments": []}')),
  '23514', null, 'so is a mood'
);
select throws_ok(
  format('select pg_temp.store(%L, %L)', pg_temp.hash(), pg_temp.analysis('{"insights": [{"kind": "objection", "text": "x", "segments": []}]}')),
  '23514', null, 'and whatever else was found'
);
select throws_ok(
  format('select pg_temp.store(%L, %L)', pg_temp.hash(),
    pg_temp.analysis('{"insights": [{"kind": "action_item", "text": "x", "due_on": "2026-12-01", "segments": [1]}]}')),
  '23514', null, 'a day without the words that name it is refused'
);
select throws_ok(
  format('select pg_temp.store(%L, %L)', pg_temp.hash(), pg_temp.analysis('{"model": null}')),
  '23514', null, 'an analysis by a model names it'
);
select is(pg_temp.store(repeat('0', 64), pg_temp.analysis()), 'stale', 'the analysis of other words is not stored');
select is(pg_temp.of_recording('analysis_status'), 'pending', 'and changes nothing');
select is(pg_temp.store(pg_temp.hash(), pg_temp.analysis('{"is_rule_based": true, "model": null, "summary": "By rule."}')), 'stored', 'control: that of these words is');
select is(pg_temp.summary(), 'By rule.', 'U60-110 the meeting gets its summary');
select is(pg_temp.of_recording('analysis_status'), 'complete', 'the recording its status');
select is(pg_temp.of_recording('outcome'), 'complete', 'and its end');
select is(pg_temp.store(pg_temp.hash(), pg_temp.analysis('{"is_rule_based": true, "model": null, "summary": "Again."}')), 'unchanged', 'the same words are analyzed once');
select is(pg_temp.store(pg_temp.hash(), pg_temp.analysis()), 'stored', 'but a model takes the place of rules');
select is(pg_temp.summary(), 'They met.', 'in the meeting, too');
select is(pg_temp.store(pg_temp.hash(), pg_temp.analysis('{"is_rule_based": true, "model": null, "summary": "Rules."}')), 'unchanged', 'rules not that of a model');
select is(pg_temp.store(pg_temp.hash(), pg_temp.analysis('{"summary": "Another draw."}')), 'unchanged', 'nor a second answer that of the first');
select is(pg_temp.summary(), 'They met.', 'so a job that runs twice changes nothing');
select results_eq(
  $$ select kind, text, subject, assignee_name, assignee_email, due_text, due_on, evidence_seqs, recorded_at_ms
     from public.meeting_insights where meeting_id = tests.id('demo') order by seq $$,
  $$ values
    ('action_item', 'Send it', null, 'Ana', 'ana@example.test', 'tomorrow', '2026-11-23'::date, array[1, 2], 0),
    ('competitor', 'They use Widget', 'Widget', null, null, null, null, array[2], 1000) $$,
  'what was found is stored with its evidence, each segment once'
);
select ok(
  (select bool_and(i.evidence = array(
     select s.id from public.transcript_segments as s where s.meeting_id = i.meeting_id and s.seq = any(i.evidence_seqs) order by s.seq
   )) from public.meeting_insights as i where i.meeting_id = tests.id('demo')),
  'evidence are the ids of the segments'
);
select is((select count(*)::integer from public.tasks where org_id = tests.id('acme')), 0, 'tasks are proposed, not created');
select results_eq(
  $$ select description, assignee_name, origin, is_completed, recorded_at_ms from public.meeting_action_items where meeting_id = tests.id('demo') $$,
  $$ values ('Send it', 'Ana', 'worker', false, 0) $$, 'an action item stands with those of the meeting'
);

-- The same words under new ids, other words, and these again.
select pg_temp.say('Hello', 'I will send it tomorrow');
select private.start_analysis(tests.id('acme'), tests.id('recording'));
select is(pg_temp.jobs(), 1, 'words that were analyzed are not analyzed again');
select ok(
  (select bool_and(i.evidence <@ array(select s.id from public.transcript_segments as s where s.meeting_id = i.meeting_id))
   from public.meeting_insights as i where i.meeting_id = tests.id('demo')),
  'their evidence follows them'
);
delete from private.jobs where kind = 'recording.analyze';
create temporary table old as select pg_temp.hash() as hash;
update public.meeting_action_items set is_completed = true where meeting_id = tests.id('demo');
insert into public.meeting_action_items (org_id, meeting_id, owner_user_id, seq, description)
values (tests.id('acme'), tests.id('demo'), tests.id('ana'), 7, 'From elsewhere');
select pg_temp.say('Goodbye', 'I will call you');
select private.start_analysis(tests.id('acme'), tests.id('recording'));
select is(pg_temp.jobs(), 1, 'other words are');
select is(pg_temp.of_recording('analysis_status'), 'pending', 'and the recording is open again');
select is(pg_temp.store((select hash from old), pg_temp.analysis('{"is_rule_based": false}')), 'stale', 'a late answer about the words before is dropped');
update public.meetings set summary = 'My own words.' where id = tests.id('demo');
select is(pg_temp.store(pg_temp.hash(), pg_temp.analysis('{"summary": "They parted.", "insights": [{"kind": "action_item", "text": "Call", "segments": [2]}]}')), 'stored', 'the answer about these is stored');
select is(pg_temp.summary(), 'My own words.', 'a person''s summary is not overwritten');
select results_eq(
  $$ select description, is_completed from public.meeting_action_items where meeting_id = tests.id('demo') order by seq $$,
  $$ values ('Send it', true), ('From elsewhere', false), ('Call', false) $$, 'nor what a person has ticked off, or the source has brought'
);
delete from private.jobs where kind = 'recording.analyze';
select pg_temp.say('Hello', 'I will send it tomorrow');
select private.start_analysis(tests.id('acme'), tests.id('recording'));
select private.start_analysis(tests.id('acme'), tests.id('recording'));
select is(pg_temp.jobs(), 1, 'words that come back are analyzed again, once');
select is(pg_temp.store(pg_temp.hash(), pg_temp.analysis()), 'stored', 'and stored');
update public.meetings set summary = null where id = tests.id('demo');
update public.meeting_analyses set published_summary = 'They met.' where meeting_id = tests.id('demo');
select pg_temp.say('Third');
select is(pg_temp.store(pg_temp.hash(), pg_temp.analysis('{"summary": "Third.", "sentiment": null, "sentiment_segments": [], "insights": []}')), 'stored', 'a third one is stored');
select is(pg_temp.summary(), null, 'a summary that a person has emptied stays empty');

-- An end without an analysis.
select is(private.fail_meeting_analysis(tests.id('acme'), tests.id('recording'), pg_temp.hash(), 'boom'), false, 'what is complete does not fail');
update public.recordings set analysis_status = 'pending' where id = tests.id('recording');
select is(private.fail_meeting_analysis(tests.id('acme'), tests.id('recording'), (select hash from old), 'boom'), false, 'nor for words that are gone');
select is(private.fail_meeting_analysis(tests.id('globex'), tests.id('recording'), pg_temp.hash(), 'boom'), false, 'nor from another organization');
select is(private.fail_meeting_analysis(tests.id('acme'), tests.id('recording'), pg_temp.hash(), 'boom'), true, 'control: what is under way does');
select is(pg_temp.of_recording('outcome_reason'), 'boom', 'and the recording says why');
update public.recordings set analysis_status = 'pending' where id = tests.id('recording');
select is(private.fail_meeting_analysis(tests.id('acme'), tests.id('recording'), null, 'unread'), true, 'so does what could not even be read');
update public.recordings set deleted_at = now() where id = tests.id('recording');
select is(private.read_analysis_source(tests.id('acme'), tests.id('recording')), null, 'a deleted recording is not read');
select is(pg_temp.store(pg_temp.hash(), pg_temp.analysis()), 'gone', 'nor written');
update public.recordings set deleted_at = null where id = tests.id('recording');

-- Who reads it.
select tests.act_as('ana');
select is((select count(*)::integer from public.meeting_analyses), 1, 'control: its owner reads an analysis');
select throws_ok($$ update public.meeting_analyses set summary = 'x' $$, '42501', null, 'and changes none');
select throws_ok($$ delete from public.meeting_insights $$, '42501', null, 'nor what was found');
select throws_ok($$ select public.read_analysis_source(tests.id('acme'), tests.id('recording')) $$, '42501', null, 'a worker''s functions are not for members');
select throws_ok($$ select public.store_meeting_analysis(tests.id('acme'), tests.id('recording'), 'x', '{}') $$, '42501', null, 'none of them');
select throws_ok($$ select public.fail_meeting_analysis(tests.id('acme'), tests.id('recording'), 'x', 'x') $$, '42501', null, 'not one');
select tests.act_as('ben');
select is((select count(*)::integer from public.meeting_analyses), 1, 'control: a colleague does while meetings are shared');
select tests.act_as_owner();
select tests.set_setting('acme', 'enable_meeting_sharing', 'false');
select tests.act_as('ben');
select is_empty($$ select id from public.meeting_analyses $$, 'and not when they are not');
select is_empty($$ select id from public.meeting_insights $$, 'nor what was found');
select tests.act_as('cy');
select is_empty($$ select id from public.meeting_analyses $$, 'another organization reads none');
select tests.act_as_owner();
update public.meetings set owner_user_id = tests.id('ben') where id = tests.id('demo');
select is((select owner_user_id from public.meeting_analyses where org_id = tests.id('acme')), tests.id('ben'), 'an analysis is handed over with its meeting');
delete from public.meetings where id = tests.id('demo');
select is_empty($$ select id from public.meeting_analyses where org_id = tests.id('acme') $$, 'an analysis goes with its meeting');

select * from finish();
rollback;
