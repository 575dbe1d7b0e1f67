-- The sweep: every part that nobody works on is taken up again, three times at most, and then ends with
-- a reason; silent bots are asked for; what a person deleted is erased.
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'owner');

create table pg_temp.calls (what text);
create or replace function private.call_function(p_function text, p_body jsonb default '{}')
returns bigint language plpgsql security definer as $$ begin insert into pg_temp.calls values (p_function); return 0; end; $$;

create function pg_temp.given_recording(p_name text, p_status text, p_more jsonb default '{}')
returns uuid language plpgsql as $$
declare
  v_id uuid := gen_random_uuid();
  v_row public.recordings;
begin
  v_row := jsonb_populate_record(null::public.recordings, jsonb_build_object(
    'org_id', tests.id('acme'), 'id', v_id, 'owner_user_id', tests.id('ana'), 'storage_user_id', tests.id('ana'),
    'meeting_key', p_name, 'title', p_name, 'meeting_url', 'https://meet.google.com/abc-defg-hij', 'platform', 'meet',
    'scheduled_start_at', now() - interval '20 minutes', 'scheduled_end_at', now() + interval '20 minutes', 'status', p_status,
    'bot_id', case when p_status not in ('scheduled', 'deploying') then 'bot-' || p_name end, 'deploy_attempts', 1
  ) || p_more);
  -- The trigger keeps updated_at of an insert: these have not moved for a while.
  insert into public.recordings (
    org_id, id, owner_user_id, storage_user_id, meeting_key, title, meeting_url, platform, scheduled_start_at, scheduled_end_at,
    status, failure_code, bot_id, deploy_attempts, joined_at, ended_at, meeting_id, s3_upload_status, s3_video_url,
    s3_upload_error, transcript_status, analysis_status, thumbnail_status, deleted_at, updated_at
  )
  values (
    v_row.org_id, v_row.id, v_row.owner_user_id, v_row.storage_user_id, v_row.meeting_key, v_row.title, v_row.meeting_url,
    v_row.platform, v_row.scheduled_start_at, v_row.scheduled_end_at, v_row.status, v_row.failure_code, v_row.bot_id,
    v_row.deploy_attempts, v_row.joined_at, v_row.ended_at, v_row.meeting_id, v_row.s3_upload_status, v_row.s3_video_url,
    v_row.s3_upload_error, v_row.transcript_status, v_row.analysis_status, v_row.thumbnail_status, v_row.deleted_at,
    coalesce(v_row.updated_at, now() - interval '15 minutes')
  );
  return tests.remember(p_name, v_id);
end;
$$;
create function pg_temp.recording(p_name text)
returns public.recordings language sql as $$ select r.* from public.recordings as r where r.id = tests.id(p_name) $$;
create function pg_temp.idle(p_name text)
returns void language plpgsql as $$
begin
  alter table public.recordings disable trigger touch_updated_at;
  update public.recordings set updated_at = now() - interval '15 minutes' where id = tests.id(p_name);
  alter table public.recordings enable trigger touch_updated_at;
end;
$$;
create function pg_temp.lost(p_name text)
returns text language sql as $$
  select string_agg(f.part, ' ' order by f.part) from private.find_lost_parts(1000) as f where f.recording_id = tests.id(p_name)
$$;
create function pg_temp.jobs(p_name text, p_kind text)
returns integer language sql as $$
  select count(*)::int from private.jobs as j
  where j.kind = 'recording.' || p_kind and j.state = 'ready' and j.payload ->> 'recording_id' = tests.id(p_name)::text
$$;
create function pg_temp.events(p_name text)
returns text language sql as $$
  select string_agg(e.code, ' ' order by e.occurred_at, e.id) from public.recording_events as e
  where e.recording_id = tests.id(p_name) and e.kind = 'reconcile'
$$;
create function pg_temp.bury(p_name text)
returns void language sql as $$
  update private.jobs set state = 'dead', finished_at = now() where payload ->> 'recording_id' = tests.id(p_name)::text
$$;
create function pg_temp.heal(p_name text, p_part text)
returns text language sql as $$ select private.heal_recording(tests.id('acme'), tests.id(p_name), p_part) $$;
create function pg_temp.sweep()
returns jsonb language sql as $$ select private.sweep_recordings(3, 500) $$;

-- Who may call it.
select ok(has_function_privilege('service_role', f, 'execute') and not has_function_privilege('authenticated', f, 'execute')
  and not has_function_privilege('anon', f, 'execute'), 'only the service runs ' || f)
from unnest(array[
  'public.sweep_recordings(integer, integer)', 'public.claim_recordings_to_check(integer, integer)',
  'public.note_recording_check(uuid, uuid, text, text)', 'public.read_erasure(uuid, uuid)', 'public.finish_erasure(uuid, uuid, integer)'
]) as f;
select throws_ok(
  $$ insert into private.recording_checks (org_id, recording_id, next_check_at, checks, misses) values (tests.id('acme'), gen_random_uuid(), now(), 1, 2) $$,
  '23514', null, 'a check that was missed was made'
);

-- Nothing is lost.
select pg_temp.given_recording('planned', 'scheduled', jsonb_build_object('scheduled_start_at', now() + interval '1 hour', 'scheduled_end_at', now() + interval '2 hours'));
select private.enqueue_job('recording.deploy', jsonb_build_object('recording_id', tests.id('planned')), tests.id('acme'), 'deploy:x', null, null, null, null);
select is(pg_temp.lost('planned'), null, 'a recording whose bot is in the queue is not lost');
select pg_temp.given_recording('in call', 'recording');
select is(pg_temp.lost('in call'), null, 'nor one that is being made');
select pg_temp.given_recording('fresh', 'deploying', jsonb_build_object('updated_at', now()));
select is(pg_temp.lost('fresh'), null, 'nor one that moved just now');

-- The bot.
select pg_temp.given_recording('unsent', 'deploying');
select is(pg_temp.lost('unsent'), 'bot', 'a bot that nobody sends is lost');
select is(pg_temp.heal('unsent', 'bot'), 'bot_restarted', 'it is sent again');
select is(pg_temp.jobs('unsent', 'deploy'), 1, 'by a job of its own');
select pg_temp.idle('unsent');
select is(pg_temp.lost('unsent'), null, 'while that job lives nothing is lost');
select pg_temp.bury('unsent');
select is(pg_temp.lost('unsent'), 'bot', 'a job that was buried does nothing any more');
select pg_temp.heal('unsent', 'bot'), pg_temp.heal('unsent', 'bot');
select is(pg_temp.heal('unsent', 'bot'), 'bot_given_up', 'after three times it is given up');
select row_eq(
  $$ select status, failure_code, outcome, outcome_reason from pg_temp.recording('unsent') $$,
  row('failed'::text, 'deploy_lost'::text, 'failed'::text, 'deploy_lost'::text), 'with an end and a reason'
);
select is(pg_temp.events('unsent'), 'bot_restarted bot_restarted bot_restarted bot_given_up', 'the timeline tells it all');
select pg_temp.given_recording('over', 'scheduled', jsonb_build_object('scheduled_end_at', now() - interval '1 minute'));
select is(pg_temp.heal('over', 'bot'), 'bot_given_up', 'C-10 no bot is sent to a meeting that is over');
select is((pg_temp.recording('over')).failure_code, 'too_late', 'C-10 and that is why');
select is(pg_temp.jobs('over', 'deploy'), 0, 'C-10 nothing is enqueued');
select pg_temp.given_recording('queue stands', 'scheduled', jsonb_build_object('scheduled_start_at', now() - interval '3 days', 'scheduled_end_at', now() - interval '2 days'));
select private.enqueue_job('recording.deploy', jsonb_build_object('recording_id', tests.id('queue stands')), tests.id('acme'), 'deploy:y', null, null, null, null);
select is(pg_temp.lost('queue stands'), 'bot', 'a day after its end a live job is no excuse');

select pg_temp.given_recording('refused', 'failed', '{"failure_code": "x", "bot_id": null}');
select is(pg_temp.lost('refused'), 'outcome', 'a bot that failed is not sent again by the sweep');
select pg_temp.given_recording('there after all', 'completed');
select private.give_up_bot(pg_temp.recording('there after all'), 'deploy_lost');
select is((pg_temp.recording('there after all')).status, 'completed', 'give_up_bot() ends nothing that has ended');

-- The transcript.
select pg_temp.given_recording('mute', 'completed', '{"transcript_status": "processing", "s3_upload_status": "failed", "s3_upload_error": "source_gone"}');
insert into private.recording_transcriptions (org_id, recording_id, provider, status) values (tests.id('acme'), tests.id('mute'), 'gladia', 'failed');
select is(pg_temp.lost('mute'), 'transcript', 'a transcript that nobody waits for is lost');
select is(pg_temp.heal('mute', 'transcript'), 'transcript_restarted', 'it is asked for again');
select row_eq(
  $$ select transcript_status, transcript_error, pg_temp.jobs('mute', 'transcribe') from pg_temp.recording('mute') $$,
  row('pending'::text, null::text, 1), 'from the beginning'
);
select is_empty($$ select from private.recording_transcriptions where recording_id = tests.id('mute') $$, 'the path that led nowhere is forgotten');
select pg_temp.idle('mute');
select is(pg_temp.lost('mute'), null, 'and now somebody waits');
select pg_temp.bury('mute');
select pg_temp.heal('mute', 'transcript'), pg_temp.bury('mute'), pg_temp.heal('mute', 'transcript'), pg_temp.bury('mute');
select is(pg_temp.heal('mute', 'transcript'), 'transcript_given_up', 'after three times it is given up');
select row_eq(
  $$ select transcript_status, transcript_error, outcome, outcome_reason from pg_temp.recording('mute') $$,
  row('failed'::text, 'transcript_lost'::text, 'failed'::text, 'source_gone'::text), 'with a reason, and the recording is settled'
);
-- A person who asks again is given three more.
update public.recordings set transcript_status = 'pending' where id = tests.id('mute');
select private.note_recording_event(pg_temp.recording('mute'), 'person', 'retried');
select is(pg_temp.heal('mute', 'transcript'), 'transcript_restarted', 'a person who asks again is given all of it again');

-- The upload.
select pg_temp.given_recording('unstored', 'completed', '{"s3_upload_status": "pending"}');
select is(pg_temp.lost('unstored'), 'upload', 'U60-115 an upload without files to upload is lost');
select is(pg_temp.heal('unstored', 'upload'), 'upload_restarted', 'it is begun');
select is(
  (select count(*)::int from private.recording_uploads where recording_id = tests.id('unstored')), 1,
  'without an address the worker asks the provider for one'
);
select pg_temp.idle('unstored');
select is(pg_temp.lost('unstored'), null, 'its own due time brings it back from now on');
select pg_temp.given_recording('unbegun', 'completed');
select is(pg_temp.lost('unbegun'), 'outcome', 'a bot that recorded nothing has nothing to upload');
insert into private.recording_sources (org_id, recording_id, kind, url, expires_at) values (tests.id('acme'), tests.id('unbegun'), 'video', 'https://b.test/v', now());
select is(pg_temp.lost('unbegun'), 'outcome upload', 'one with a file has');
select pg_temp.given_recording('unsummed', 'completed', '{"s3_upload_status": "uploading"}');
insert into private.recording_uploads (org_id, recording_id, kind, object_key, state, source_bytes, bytes_done)
values (tests.id('acme'), tests.id('unsummed'), 'video', 'k/unsummed', 'complete', 7, 7);
select is(pg_temp.lost('unsummed'), 'upload', 'files that are all stored make a stored recording');
select pg_temp.heal('unsummed', 'upload');
select row_eq(
  $$ select s3_upload_status, s3_file_size_bytes from pg_temp.recording('unsummed') $$, row('complete'::text, 7::bigint), 'U60-121 their sum is written'
);

select pg_temp.given_recording('in transit', 'ended');
insert into private.recording_sources (org_id, recording_id, kind, url, expires_at) values (tests.id('acme'), tests.id('in transit'), 'video', 'https://b.test/v', now());
select is(pg_temp.lost('in transit'), null, 'a bot that is not done has nothing to upload');
select pg_temp.given_recording('stored', 'completed', '{"s3_upload_status": "complete", "transcript_status": "processing", "analysis_status": "pending"}');
insert into private.recording_uploads (org_id, recording_id, kind, object_key, state, source_bytes, bytes_done)
values (tests.id('acme'), tests.id('stored'), 'video', 'k/stored', 'complete', 7, 7);
select is(pg_temp.lost('stored'), 'transcript', 'what is stored is not uploaded again, and words that are not there are not analyzed');
select tests.given_row('halfway', 'meetings', 'acme', 'ana');
select pg_temp.given_recording('half stored', 'completed', jsonb_build_object('s3_upload_status', 'uploading', 's3_video_url', 's3://b/meeting-recordings/h', 'meeting_id', tests.id('halfway')));
insert into private.recording_uploads (org_id, recording_id, kind, object_key) values (tests.id('acme'), tests.id('half stored'), 'audio', 'k/half');
select is(pg_temp.lost('half stored'), null, 'U60-124 a meeting gets nothing before all of it is stored');

-- The analysis, the picture, the meeting.
select tests.given_row('talk', 'meetings', 'acme', 'ana');
select tests.given_transcript('talk', 'acme', 'We decided to go on.');
select pg_temp.given_recording('unread', 'completed', jsonb_build_object(
  'transcript_status', 'complete', 'analysis_status', 'pending', 's3_upload_status', 'failed', 's3_upload_error', 'x', 'meeting_id', tests.id('talk')
));
select is(pg_temp.lost('unread'), 'analysis', 'an analysis that nobody makes is lost');
select is(pg_temp.heal('unread', 'analysis'), 'analysis_restarted', 'it is asked for again');
select row_eq(
  $$ select analysis_status, pg_temp.jobs('unread', 'analyze') from pg_temp.recording('unread') $$, row('pending'::text, 1), 'by a job'
);
select pg_temp.bury('unread');
select is(pg_temp.heal('unread', 'analysis'), 'analysis_restarted', 'and again when that is buried');
select is(pg_temp.jobs('unread', 'analyze'), 1, 'by another one');
select pg_temp.bury('unread');
select pg_temp.heal('unread', 'analysis'), pg_temp.bury('unread');
select is(pg_temp.heal('unread', 'analysis'), 'analysis_given_up', 'after three times it is given up');
select is((pg_temp.recording('unread')).analysis_error, 'analysis_lost', 'with a reason');
select pg_temp.given_recording('wordless', 'completed', '{"transcript_status": "complete", "analysis_status": "pending", "s3_upload_status": "complete"}');
select is(pg_temp.heal('wordless', 'analysis'), 'analysis_restarted', 'where there are no words');
select row_eq(
  $$ select analysis_status, analysis_error, outcome from pg_temp.recording('wordless') $$, row('failed'::text, 'analysis_lost'::text, 'partial'::text),
  'there is nothing to analyze, and that is an end'
);

select tests.given_row('seen', 'meetings', 'acme', 'ana');
select pg_temp.given_recording('unseen', 'completed', jsonb_build_object(
  'thumbnail_status', 'pending', 's3_upload_status', 'complete', 's3_video_url', 's3://b/meeting-recordings/v', 'transcript_status', 'complete',
  'meeting_id', tests.id('seen')
));
select is(pg_temp.lost('unseen'), 'sync thumbnail', 'a picture that nobody makes is lost, and a meeting without its video');
select is(pg_temp.heal('unseen', 'sync'), 'synced', 'C-06 the meeting gets it');
select is((select video_url from public.meetings where id = tests.id('seen')), 's3://b/meeting-recordings/v', 'C-06 U60-125 there it is');
select is(pg_temp.heal('unseen', 'thumbnail'), 'thumbnail_restarted', 'U60-126 the picture is asked for again');
select pg_temp.idle('unseen');
select is(pg_temp.lost('unseen'), null, 'nothing is lost any more');
select pg_temp.bury('unseen');
select pg_temp.heal('unseen', 'thumbnail'), pg_temp.heal('unseen', 'thumbnail');
select is(pg_temp.heal('unseen', 'thumbnail'), 'thumbnail_given_up', 'after three times it is given up');
select row_eq(
  $$ select thumbnail_status, outcome, outcome_reason from pg_temp.recording('unseen') $$, row('failed'::text, 'partial'::text, 'thumbnail_lost'::text),
  'with a reason'
);
select pg_temp.given_recording('gone', 'completed', jsonb_build_object('deleted_at', now(), 's3_upload_status', 'pending'));
select is(pg_temp.heal('gone', 'upload'), null, 'what a person deleted is not healed');
select is(pg_temp.lost('gone'), null, 'nor lost');

-- A sweep as a whole.
select pg_temp.given_recording('unsettled', 'failed', '{"failure_code": "bot_not_accepted"}');
select pg_temp.given_recording('silent for days', 'recording', jsonb_build_object('scheduled_start_at', now() - interval '6 days', 'scheduled_end_at', now() - interval '5 days'));
select pg_temp.given_recording('silent for hours', 'recording', jsonb_build_object('scheduled_start_at', now() - interval '6 hours', 'scheduled_end_at', now() - interval '5 hours'));
select pg_temp.given_recording('expires', 'completed', jsonb_build_object('s3_upload_status', 'failed', 's3_upload_error', 'source_unavailable', 'transcript_status', 'complete', 'ended_at', now() - interval '2 days 6 hours'));
insert into private.recording_uploads (org_id, recording_id, kind, object_key, state, last_error, failures)
values (tests.id('acme'), tests.id('expires'), 'video', 'k/expires', 'failed', 'source_unavailable', 4);
select private.note_recording_event(pg_temp.recording('expires'), 'reconcile', 'bot_moved');
select pg_temp.given_recording('expires under way', 'completed', jsonb_build_object('s3_upload_status', 'uploading', 'ended_at', now() - interval '2 days 5 hours'));
insert into private.recording_uploads (org_id, recording_id, kind, object_key, state, next_attempt_at)
values (tests.id('acme'), tests.id('expires under way'), 'video', 'k/under way', 'uploading', now() + interval '1 minute');
select pg_temp.given_recording('expires stored', 'completed', jsonb_build_object('s3_upload_status', 'complete', 'ended_at', now() - interval '2 days 6 hours'));
select pg_temp.given_recording('expires deleted', 'completed', jsonb_build_object('s3_upload_status', 'failed', 's3_upload_error', 'x', 'ended_at', now() - interval '2 days 6 hours', 'deleted_at', now()));
select pg_temp.given_recording('deleted for days', 'recording', jsonb_build_object('scheduled_start_at', now() - interval '6 days', 'scheduled_end_at', now() - interval '5 days', 'deleted_at', now()));
select pg_temp.given_recording('uploads for days', 'completed', jsonb_build_object('scheduled_start_at', now() - interval '6 days', 'scheduled_end_at', now() - interval '5 days', 's3_upload_status', 'uploading'));
insert into private.recording_uploads (org_id, recording_id, kind, object_key) values (tests.id('acme'), tests.id('uploads for days'), 'video', 'k/for days');
select pg_temp.given_recording('expires later', 'completed', jsonb_build_object('s3_upload_status', 'failed', 's3_upload_error', 'source_unavailable', 'ended_at', now() - interval '1 day'));
select private.enqueue_job('recording.erase', jsonb_build_object('recording_id', tests.id('gone')), tests.id('acme'), 'erase:z', null, 20, null, null);
update private.jobs set state = 'dead', finished_at = now() - interval '2 hours' where kind = 'recording.erase';
create table pg_temp.swept as select pg_temp.sweep() as answer;
select is((select answer -> 'counts' ->> 'bots_lost' from pg_temp.swept), '1', 'a bot that nobody can be asked about any more has an end');
select is((pg_temp.recording('silent for days')).failure_code, 'bot_lost', 'with a reason');
select is((pg_temp.recording('silent for hours')).status, 'recording', 'one that can be asked about is left to asking');
select is((pg_temp.recording('unsettled')).outcome, 'failed', 'an end that was not written down is written down');
select is((select answer -> 'counts' ->> 'erasures_restarted' from pg_temp.swept), '1', 'erasing is taken up for ever');
select is(
  (select answer -> 'expiring' from pg_temp.swept),
  jsonb_build_array(
    jsonb_build_object('org_id', tests.id('acme'), 'recording_id', tests.id('expires')),
    jsonb_build_object('org_id', tests.id('acme'), 'recording_id', tests.id('expires under way'))
  ),
  'R-11 what the provider is about to throw away is reported'
);
select row_eq(
  $$ select u.state, u.failures, r.s3_upload_status, r.outcome from private.recording_uploads as u join public.recordings as r on r.id = u.recording_id where u.recording_id = tests.id('expires') $$,
  row('pending'::text, 0, 'pending'::text, null::text), 'R-11 and tried again, although it was given up'
);
select is(pg_temp.events('expires'), 'bot_moved provider_data_expires', 'R-11 its timeline says why');
select ok((select next_attempt_at > now() from private.recording_uploads where recording_id = tests.id('expires under way')), 'what a worker holds is left to it');
select is(pg_temp.sweep() -> 'expiring', '[]', 'once');
select is(pg_temp.events('expires later'), null, 'what has days left has them');
select is(
  (select count(*)::int from public.recordings where org_id = tests.id('acme') and outcome is null and deleted_at is null and status = 'completed'
    and s3_upload_status is null), 0, 'after a sweep nothing completed is without a part or an end'
);

-- However many parts are taken up, each worker is woken once.
select vault.create_secret('http://127.0.0.1:9/', 'project_url');
select vault.create_secret('sb_secret_test', 'service_role_key');
select pg_temp.given_recording('unseen ' || n, 'completed', '{"thumbnail_status": "pending", "s3_upload_status": "complete", "transcript_status": "complete"}')
from generate_series(1, 5) as n;
delete from pg_temp.calls;
select is(pg_temp.sweep() -> 'counts' -> 'thumbnail_restarted', '5', 'five pictures are asked for again');
select results_eq(
  $$ select what, count(*)::int from pg_temp.calls group by what $$, $$ values ('generate-s3-video-thumbnail', 1) $$,
  'and their worker is woken once'
);
select set_config('sixty.wakes_once', '', true);
select private.wake_function('generate-s3-video-thumbnail') from generate_series(1, 2);
select is((select count(*)::int from pg_temp.calls), 3, 'control: wake_function() calls each time otherwise');

-- Silent bots.
create function pg_temp.claimed(p_name text)
returns boolean language plpgsql as $$
begin
  return exists (select from pg_temp.claims as c where c.recording_id = tests.id(p_name));
end;
$$;
select pg_temp.given_recording('waits', 'waiting_room');
select pg_temp.given_recording('waits not long', 'waiting_room', jsonb_build_object('scheduled_start_at', now() - interval '5 minutes'));
select pg_temp.given_recording('long call', 'recording', jsonb_build_object('joined_at', now() - interval '5 hours', 'scheduled_end_at', now() + interval '5 hours'));
select pg_temp.given_recording('overrun', 'joined', jsonb_build_object('scheduled_end_at', now() - interval '5 minutes'));
select pg_temp.given_recording('ended', 'ended');
select pg_temp.given_recording('ended just now', 'ended', jsonb_build_object('updated_at', now()));
select pg_temp.given_recording('answer lost', 'deploying');
select pg_temp.given_recording('never tried', 'deploying', '{"deploy_attempts": 0}');
select pg_temp.given_recording('erased', 'recording', jsonb_build_object('deleted_at', now(), 'scheduled_end_at', now() - interval '1 hour'));
create table pg_temp.claims as select * from private.claim_recordings_to_check(100, 600);
select ok(pg_temp.claimed(n), 'the provider is asked about: ' || n)
from unnest(array['silent for hours', 'waits', 'long call', 'ended', 'answer lost']) as n;
select ok(not pg_temp.claimed(n), 'and not about: ' || n)
from unnest(array['in call', 'waits not long', 'overrun', 'ended just now', 'never tried', 'erased', 'silent for days', 'planned']) as n;
select is_empty($$ select * from private.claim_recordings_to_check(100, 600) $$, 'nobody is asked for twice within the pause');
update private.recording_checks set next_check_at = now() where recording_id = tests.id('waits');
select results_eq(
  $$ select recording_id, bot_id, status from private.claim_recordings_to_check(100, 600) $$,
  $$ values (tests.id('waits'), 'bot-waits', 'waiting_room') $$, 'after it, again'
);
select is((select checks from private.recording_checks where recording_id = tests.id('waits')), 2, 'and counted');

select tests.act_as_service();
select is(public.note_recording_check(tests.id('acme'), tests.id('waits'), 'waiting_room', 'upstream_unavailable'), false, 'a provider that does not answer moves nothing');
select is(public.note_recording_check(tests.id('acme'), tests.id('waits'), 'waiting_room', 'upstream_unavailable'), false, 'nor the second time');
select is(public.note_recording_check(tests.id('acme'), tests.id('waits'), 'joining', null), true, 'what moved is told');
select is(public.note_recording_check(tests.id('acme'), tests.id('waits'), 'waiting_room', null), false, 'what did not is not');
select is(public.note_recording_check(tests.id('acme'), gen_random_uuid(), 'joining', null), false, 'nor what does not exist');
select tests.act_as_owner();
select is(pg_temp.events('waits'), 'bot_not_reached bot_moved', 'the timeline has each once');
select is((select misses from private.recording_checks where recording_id = tests.id('waits')), 0, 'an answer ends the count of misses');

-- Erasing.
insert into private.recording_uploads (org_id, recording_id, kind, object_key, leased_until)
values (tests.id('acme'), tests.id('erased'), 'audio', 'k/erased audio', now() - interval '1 minute');
select is(private.read_erasure(tests.id('acme'), tests.id('erased')) -> 'leased_until', 'null', 'a lease that ran out is no reason to wait');
select tests.act_as_service();
select is(public.read_erasure(tests.id('acme'), tests.id('waits')), null, 'what nobody deleted is not erased');
select is(public.finish_erasure(tests.id('acme'), tests.id('waits'), 1), false, 'nor forgotten');
select is(public.read_erasure(tests.id('acme'), tests.id('erased')) ->> 'bot_id', 'bot-erased', 'control: what was deleted is');
select tests.act_as_owner();
insert into private.recording_uploads (org_id, recording_id, kind, object_key, leased_until)
values (tests.id('acme'), tests.id('erased'), 'video', 'k/erased', now() + interval '1 minute');
insert into private.recording_sources (org_id, recording_id, kind, url, expires_at) values (tests.id('acme'), tests.id('erased'), 'video', 'https://b.test/v', now());
update public.recordings set s3_video_url = 's3://b/v', s3_file_size_bytes = 5, thumbnail_s3_location = 's3://t' where id = tests.id('erased');
insert into private.recording_transcriptions (org_id, recording_id, provider, status) values (tests.id('acme'), tests.id('erased'), 'gladia', 'complete');
insert into private.webhook_events (provider, event_id, payload, org_id)
values ('meetingbaas', 'told-1', '{"event": "complete", "data": {"bot_id": "bot-erased", "transcript": [{"words": "what was said"}]}}', tests.id('acme')),
  ('meetingbaas', 'told-2', '{"event": "complete", "data": {"bot_id": "bot-waits", "transcript": [{"words": "what was said"}]}}', tests.id('acme'));
insert into private.webhook_events (provider, event_id, payload, org_id)
select 'gladia', t.id || ':done', '{"payload": "what was said"}', t.org_id from private.recording_transcriptions as t where t.recording_id = tests.id('erased');
select ok(private.read_erasure(tests.id('acme'), tests.id('erased')) ->> 'leased_until' is not null, 'a worker that still holds a lease is waited for');
select is(private.finish_erasure(tests.id('acme'), tests.id('erased'), 2), true, 'then all of it is forgotten');
select results_eq(
  $$ select e.provider, e.event_id = 'told-2', e.payload::text ~ 'what was said' from private.webhook_events as e
     where e.event_id ~ '^told-' or e.provider = 'gladia' order by e.provider, e.event_id $$,
  $$ values ('gladia', false, false), ('meetingbaas', false, false), ('meetingbaas', true, true) $$,
  'COP-021 what its bot and its transcriber told leaves the inbox, and what others told stays'
);
select row_eq(
  $$ select s3_video_url, s3_audio_url, s3_file_size_bytes, thumbnail_s3_location from pg_temp.recording('erased') $$,
  row(null::text, null::text, null::bigint, null::text), 'where the files were'
);
select is_empty($$
  select from private.recording_uploads where recording_id = tests.id('erased')
  union all select from private.recording_sources where recording_id = tests.id('erased')
$$, 'how they came there');
select is(pg_temp.events('erased'), 'erased', 'its timeline ends with that');

select * from finish();
rollback;
