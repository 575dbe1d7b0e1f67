-- The queue of uploads: who gets a lease and who may write under it, when a failed one is tried again,
-- and what the files of a recording sum up to (U60-111 to U60-121, C-05, C-06, V-07, R-11, R-12).
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'owner');
select tests.given_member('rui', 'rival', 'owner');

-- Waking a worker and giving the meeting its files belong to others: here they only say so.
create table pg_temp.calls (what text);
drop function if exists private.sync_recording(uuid, uuid);
create function private.sync_recording(p_org_id uuid, p_recording_id uuid)
returns boolean language plpgsql security definer as $$
begin insert into pg_temp.calls values ('sync'); return true; end;
$$;
select vault.create_secret('http://127.0.0.1:9/', 'project_url');
select vault.create_secret('sb_secret_test', 'service_role_key');
create or replace function private.call_function(p_function text, p_body jsonb default '{}')
returns bigint language plpgsql security definer as $$
begin insert into pg_temp.calls values (p_function); return 0; end;
$$;

create function pg_temp.given_recording(p_name text, p_kinds text[], p_org text default 'acme', p_owner text default 'ana')
returns uuid language plpgsql as $$
declare
  v_id uuid;
begin
  insert into public.recordings (
    org_id, owner_user_id, storage_user_id, meeting_key, title, meeting_url, platform, scheduled_start_at, status, bot_id
  )
  values (
    tests.id(p_org), tests.id(p_owner), tests.id(p_owner), p_name, p_name, 'https://meet.google.com/abc-defg-hij', 'meet',
    '2026-11-22 10:00+00', 'completed', 'bot-' || p_name
  )
  returning id into v_id;
  insert into private.recording_sources (org_id, recording_id, kind, url, expires_at)
  select tests.id(p_org), v_id, k, 'https://media.test/' || k || '.bin?Signature=secret', now() + interval '4 hours'
  from unnest(p_kinds) as k;
  return tests.remember(p_name, v_id);
end;
$$;
create function pg_temp.start(p_name text, p_org text default 'acme')
returns void language sql as $$ select private.start_recording_uploads(tests.id(p_org), tests.id(p_name)) $$;
create function pg_temp.claim(p_worker text)
returns text language sql as $$
  select (c ->> 'kind') || ' of ' || r.title
  from private.claim_recording_upload(p_worker, 60) as c join public.recordings as r on r.id = (c ->> 'recording_id')::uuid
$$;
create function pg_temp.begin(p_name text, p_kind text, p_worker text, p_mark text, p_bytes bigint default 12, p_upload text default 'up')
returns void language sql as $$
  select private.begin_recording_upload(tests.id('acme'), tests.id(p_name), p_kind, p_worker, p_upload, p_mark, '"tag"', p_bytes, 5, 'source_changed')
$$;
create function pg_temp.part(p_number integer, p_bytes integer)
returns jsonb language sql as $$
  select jsonb_build_object('number', p_number, 'bytes', p_bytes, 'etag', '"p' || p_number || '"', 'checksum', 'AAAAAA==')
$$;
create function pg_temp.checkpoint(p_name text, p_kind text, p_worker text, p_parts jsonb)
returns void language sql as $$
  select private.checkpoint_recording_upload(tests.id('acme'), tests.id(p_name), p_kind, p_worker, p_parts, 60)
$$;
create function pg_temp.fail(p_name text, p_kind text, p_worker text, p_code text, p_is_final boolean default false)
returns jsonb language sql as $$
  select private.fail_recording_upload(tests.id('acme'), tests.id(p_name), p_kind, p_worker, p_code, p_is_final)
$$;
create function pg_temp.complete(p_name text, p_kind text, p_worker text, p_bytes bigint default 12)
returns text language sql as $$
  select private.complete_recording_upload(
    tests.id('acme'), tests.id(p_name), p_kind, p_worker, p_bytes,
    's3://bucket/' || (select u.object_key from private.recording_uploads as u where u.recording_id = tests.id(p_name) and u.kind = p_kind)
  )
$$;
-- The clock of the queue, moved on by moving what it is compared with back.
create function pg_temp.advance(p_name text, p_by interval)
returns void language sql as $$
  update private.recording_uploads set next_attempt_at = next_attempt_at - p_by, leased_until = leased_until - p_by
  where recording_id = tests.id(p_name)
$$;
create function pg_temp.row(p_name text)
returns text language sql as $$
  select concat_ws(' ', r.s3_upload_status, r.s3_upload_retry_count, r.s3_upload_error,
    case when r.s3_upload_is_retryable then 'retryable' when r.s3_upload_is_terminal then 'terminal' end, r.s3_file_size_bytes)
  from public.recordings as r where r.id = tests.id(p_name)
$$;
create function pg_temp.events(p_name text)
returns text[] language sql as $$
  select array_agg(e.code order by e.occurred_at, e.id) from public.recording_events as e where e.recording_id = tests.id(p_name) and e.kind = 'upload'
$$;

-- Starting
select pg_temp.given_recording('weekly', '{video,audio,transcription}');
select pg_temp.start('weekly');
select pg_temp.start('weekly');
select is(pg_temp.row('weekly'), 'pending 0', 'U60-115 the upload of a finished recording waits');
select is(pg_temp.events('weekly'), array['pending'], 'once, however often it is started');
select results_eq(
  $$ select replace(u.object_key, r.s3_prefix, '') from private.recording_uploads as u join public.recordings as r on r.id = u.recording_id order by 1 $$,
  array['audio.flac', 'video.mp4'], 'U60-120 under the prefix of the row, by kind'
);
select is(
  (select s3_prefix from public.recordings where id = tests.id('weekly')),
  'meeting-recordings/' || tests.id('acme') || '/' || tests.id('ana') || '/' || tests.id('weekly') || '/',
  'U60-120 and that is made of our own ids'
);
select results_eq('select what from calls', array['upload-recording-to-s3'], 'a worker is woken, once');
select pg_temp.given_recording('silent', '{}');
select pg_temp.start('silent');
select is((select kind from private.recording_uploads where recording_id = tests.id('silent')), 'video', 'without any address the video is asked for');
select pg_temp.given_recording('spoken', '{}');
insert into private.recording_sources (org_id, recording_id, kind, url, expires_at)
values (tests.id('acme'), tests.id('spoken'), 'audio', 'https://media.test/a/Sound.WAV?x=.mp3', now());
select pg_temp.start('spoken');
select alike((select object_key from private.recording_uploads where recording_id = tests.id('spoken')), '%/audio.wav', 'sound keeps its format');
select pg_temp.given_recording('erased', '{video}');
update public.recordings set deleted_at = now() where id = tests.id('erased');
select lives_ok($$ select pg_temp.start('erased') $$, 'a deleted recording');
select is_empty($$ select from private.recording_uploads where recording_id = tests.id('erased') $$, 'is not uploaded');
delete from private.recording_uploads where recording_id in (tests.id('silent'), tests.id('spoken'));

-- Leases
update private.recording_uploads set next_attempt_at = next_attempt_at - interval '1 s' where kind = 'video';
select is(pg_temp.claim('a'), 'video of weekly', 'the one that has been due for longest');
select is(pg_temp.claim('b'), 'audio of weekly', 'another worker gets another file');
select is(pg_temp.claim('c'), null, 'and then there is none');
select pg_temp.begin('weekly', 'video', 'a', 'm1');
select is(pg_temp.row('weekly'), 'uploading 0', 'U60-137 the row says that it is under way');
select pg_temp.checkpoint('weekly', 'video', 'a', jsonb_build_array(pg_temp.part(1, 5), pg_temp.part(2, 5)));
select pg_temp.checkpoint('weekly', 'video', 'a', jsonb_build_array(pg_temp.part(2, 5)));
select results_eq(
  $$ select parts_done, bytes_done, idle_invocations from private.recording_uploads where recording_id = tests.id('weekly') and kind = 'video' $$,
  $$ values (2, 10::bigint, 0) $$, 'a part that is told twice counts once'
);
select pg_temp.advance('weekly', interval '59 s');
select is(pg_temp.claim('c'), null, 'within its lease it is nobody else''s');
select pg_temp.advance('weekly', interval '1 s');
select is(pg_temp.claim('c'), 'audio of weekly', 'a dead worker''s upload comes back to the second');
select is(private.claim_recording_upload('c', 60) -> 'parts' -> 1 ->> 'etag', '"p2"', 'with the parts that were sent');
select throws_ok($$ select pg_temp.begin('weekly', 'video', 'a', 'm1') $$, 'PT409', 'already_running', 'V-07 a zombie begins nothing');
select throws_ok($$ select pg_temp.checkpoint('weekly', 'video', 'a', '[]') $$, 'PT409', 'already_running', 'checkpoints nothing');
select throws_ok($$ select pg_temp.complete('weekly', 'video', 'a') $$, 'PT409', 'already_running', 'completes nothing');
select throws_ok($$ select pg_temp.fail('weekly', 'video', 'a', 'x') $$, 'PT409', 'already_running', 'fails nothing');
select throws_ok(
  $$ select private.yield_recording_upload(tests.id('acme'), tests.id('weekly'), 'video', 'a') $$, 'PT409', 'already_running', 'yields nothing'
);
select throws_ok($$ select pg_temp.checkpoint('weekly', 'audio', 'd', '[]') $$, 'PT409', 'already_running', 'nor does who never held it');
select pg_temp.advance('weekly', interval '60 s');
select throws_ok($$ select pg_temp.checkpoint('weekly', 'audio', 'c', '[]') $$, 'PT409', 'already_running', 'nor who held it until now');
select pg_temp.claim('c'), pg_temp.claim('c');

-- Going on, and beginning anew
select pg_temp.begin('weekly', 'video', 'c', 'm1');
select is((select bytes_done from private.recording_uploads where recording_id = tests.id('weekly') and kind = 'video'), 10::bigint, 'the same mark goes on');
select pg_temp.begin('weekly', 'video', 'c', 'm2');
select results_eq(
  $$ select parts_done, bytes_done, restarts, mark from private.recording_uploads where recording_id = tests.id('weekly') and kind = 'video' $$,
  $$ values (0, 0::bigint, 1, 'm2') $$, 'another one begins anew'
);
select is_empty($$ select from private.recording_upload_parts where recording_id = tests.id('weekly') and kind = 'video' $$, 'and forgets the parts');
select results_eq(
  $$ select e.code, e.detail ->> 'reason' from public.recording_events as e where e.recording_id = tests.id('weekly') and e.code like '%started' order by e.occurred_at, e.id $$,
  $$ values ('started', null), ('restarted', 'source_changed') $$, 'visibly'
);
truncate pg_temp.calls;
select private.yield_recording_upload(tests.id('acme'), tests.id('weekly'), 'video', 'c');
select results_eq('select what from calls', array['upload-recording-to-s3'], 'whose budget is spent wakes the next');
select is(
  (select e.detail ->> 'of' from public.recording_events as e where e.recording_id = tests.id('weekly') and e.code = 'paused'), '12', 'and says how far it is'
);
select is(pg_temp.claim('d'), 'video of weekly', 'which may begin at once');

-- C-05: one try and three more, 2, 5 and 10 minutes after each failure
create function pg_temp.fail_and_wait(p_delay interval)
returns text language plpgsql as $$
declare
  v_answer jsonb := pg_temp.fail('weekly', 'video', 'd', 'source_unavailable');
  v_wait interval := (v_answer ->> 'next_attempt_at')::timestamptz - clock_timestamp();
  v_early text;
begin
  if v_wait not between p_delay - interval '0.5 s' and p_delay then
    return 'waits ' || v_wait;
  end if;
  perform pg_temp.advance('weekly', p_delay - interval '1 s');
  v_early := pg_temp.claim('d');
  perform pg_temp.advance('weekly', interval '1 s');
  return pg_temp.row('weekly') || ', a second early: ' || coalesce(v_early, 'nothing') || ', then: ' || pg_temp.claim('d');
end;
$$;
update private.recording_uploads set next_attempt_at = 'infinity' where recording_id = tests.id('weekly') and kind = 'audio';
update private.recording_uploads set state = 'complete', source_bytes = 3, bytes_done = 3 where recording_id = tests.id('weekly') and kind = 'audio';
select is(
  pg_temp.fail_and_wait(interval '2 minutes'), 'failed 1 source_unavailable retryable 3, a second early: nothing, then: video of weekly',
  'C-05 U60-117 R-12 two minutes after the first failure'
);
select is(
  pg_temp.fail_and_wait(interval '5 minutes'), 'failed 2 source_unavailable retryable 3, a second early: nothing, then: video of weekly',
  'C-05 U60-117 five after the second'
);
select is(
  pg_temp.fail_and_wait(interval '10 minutes'), 'failed 3 source_unavailable retryable 3, a second early: nothing, then: video of weekly',
  'C-05 U60-117 ten after the third'
);
select is(
  pg_temp.fail('weekly', 'video', 'd', 'source_unavailable') - 'object_key', '{"state": "failed", "upload_id": "up", "next_attempt_at": null}',
  'C-05 U60-118 the fourth is the last, and the caller is told what to abort'
);
select is(pg_temp.row('weekly'), 'failed 4 source_unavailable terminal 3', 'C-06 the row says so');
select pg_temp.advance('weekly', interval '1 year');
select is(pg_temp.claim('d'), null, 'U60-118 it is never tried again by itself');
select is(private.dispatch_recording_uploads(10), '{"woken": 0, "failed": 0}', 'nor called for');
select is(
  (select outcome || ' ' || outcome_reason from public.recordings where id = tests.id('weekly')), 'failed source_unavailable', 'and the recording is settled'
);
select results_eq(
  $$ select e.code, (e.detail ->> 'failures')::int from public.recording_events as e
     where e.recording_id = tests.id('weekly') and e.detail ->> 'error' is not null order by 2 $$,
  $$ values ('retry_scheduled', 1), ('retry_scheduled', 2), ('retry_scheduled', 3), ('failed', 4) $$, 'each failure is on the timeline'
);

-- A person asks for more
truncate pg_temp.calls;
select ok(private.retry_recording_upload(tests.id('acme'), tests.id('weekly')), 'a person may ask for more');
select is(pg_temp.row('weekly'), 'pending 0 3', 'and it begins to count anew');
select is((select outcome from public.recordings where id = tests.id('weekly')), null, 'the recording is open again');
select results_eq('select what from calls', array['upload-recording-to-s3'], 'a worker is woken');
select is(private.retry_recording_upload(tests.id('acme'), tests.id('weekly')), false, 'what has not failed is not retried');
select is(private.retry_recording_upload(tests.id('rival'), tests.id('weekly')), false, 'nor another organization''s');
select is(pg_temp.claim('e'), 'video of weekly', 'it is due at once');
select is(pg_temp.fail('weekly', 'video', 'e', 'provider_data_deleted', true) ->> 'state', 'failed', 'what no try can help ends with the first');
select private.retry_recording_upload(tests.id('acme'), tests.id('weekly'));
select is(pg_temp.claim('e'), 'video of weekly', 'and also goes on when asked');

-- Completing
select pg_temp.begin('weekly', 'video', 'e', 'm3');
select pg_temp.checkpoint('weekly', 'video', 'e', jsonb_build_array(pg_temp.part(1, 12)));
select throws_ok($$ select pg_temp.complete('weekly', 'video', 'e', 11) $$, 'PT409', 'conflict', 'U60-121 an object of another size is not the recording');
select throws_ok(
  $$ select private.complete_recording_upload(tests.id('acme'), tests.id('weekly'), 'video', 'e', 12, 's3://bucket/elsewhere/video.mp4') $$,
  'PT409', 'conflict', 'U60-120 nor is one at another place'
);
truncate pg_temp.calls;
select is(pg_temp.complete('weekly', 'video', 'e'), 'complete', 'the last file completes the recording');
select is(pg_temp.row('weekly'), 'complete 0 15', 'U60-121 size of all files');
select ok(
  (select s3_video_url = 's3://bucket/' || s3_prefix || 'video.mp4' and s3_audio_url is null from public.recordings where id = tests.id('weekly')),
  'U60-121 and where it lies'
);
select results_eq('select what from calls', array['sync'], 'U60-124 C-06 the meeting gets its files');
select is_empty($$ select from private.recording_upload_parts $$, 'the parts are forgotten');
select throws_ok($$ select pg_temp.complete('weekly', 'video', 'e') $$, 'PT409', 'already_running', 'completing is done once');
select is((select upload_id from private.recording_uploads where recording_id = tests.id('weekly') and kind = 'video'), null, 'nothing is open at the store');
select is(private.retry_recording_upload(tests.id('acme'), tests.id('weekly')), false, 'a stored recording is not retried');
select is(
  (select x ->> 'state' || ' ' || (x ->> 'bytes_done') from jsonb_array_elements(private.describe_recording_uploads(tests.id('acme'), tests.id('weekly'))) as x limit 1),
  'complete 12', 'the timeline shows it'
);
select is(private.describe_recording_uploads(tests.id('rival'), tests.id('weekly')), '[]', 'and not to another organization');

select * from finish();
rollback;
