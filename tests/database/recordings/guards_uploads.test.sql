-- What the queue of uploads never does: work for deleted recordings, try for ever what kills its
-- worker, keep what nobody goes on with, or hold what cannot be (U60-118, V-07, R-11).
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'owner');
create table pg_temp.calls (what text);
drop function if exists private.sync_recording(uuid, uuid);
create function private.sync_recording(p_org_id uuid, p_recording_id uuid)
returns boolean language plpgsql security definer as $$ begin insert into pg_temp.calls values ('sync'); return true; end; $$;
select vault.create_secret('http://127.0.0.1:9/', 'project_url');
select vault.create_secret('sb_secret_test', 'service_role_key');
create or replace function private.call_function(p_function text, p_body jsonb default '{}')
returns bigint language plpgsql security definer as $$ begin insert into pg_temp.calls values (p_function); return 7; end; $$;

create function pg_temp.given_upload(p_name text, p_state text, p_more jsonb default '{}')
returns void language plpgsql as $$
declare
  v_id uuid;
begin
  insert into public.recordings (
    org_id, owner_user_id, storage_user_id, meeting_key, title, meeting_url, platform, scheduled_start_at, status, bot_id, s3_upload_status
  )
  values (
    tests.id('acme'), tests.id('ana'), tests.id('ana'), p_name, p_name, 'https://meet.google.com/abc-defg-hij', 'meet', now(), 'completed',
    'bot-' || p_name, 'pending'
  )
  returning tests.remember(p_name, id) into v_id;
  insert into private.recording_uploads (org_id, recording_id, kind, object_key, state, worker, leased_until, upload_id, last_error,
    source_bytes, bytes_done, idle_invocations, next_attempt_at)
  select tests.id('acme'), v_id, coalesce(m.kind, 'video'), p_name, p_state, m.worker, m.leased_until, m.upload_id, 'x', 5,
    case p_state when 'complete' then 5 else 0 end, coalesce(m.idle_invocations, 0), coalesce(m.next_attempt_at, clock_timestamp() - interval '1 hour')
  from jsonb_to_record(p_more) as m (kind text, worker text, leased_until timestamptz, upload_id text, idle_invocations integer, next_attempt_at timestamptz);
end;
$$;
create function pg_temp.claimed(p_worker text)
returns text language sql as $$ select private.claim_recording_upload(p_worker, 60) ->> 'object_key' $$;
create function pg_temp.hold(p_name text)
returns void language sql as $$
  update private.recording_uploads set worker = 'w', leased_until = 'infinity', next_attempt_at = 'infinity' where recording_id = tests.id(p_name)
$$;

-- Claims
select pg_temp.given_upload('stored', 'complete');
select pg_temp.given_upload('given up', 'failed');
select pg_temp.given_upload('later', 'waiting', jsonb_build_object('next_attempt_at', clock_timestamp() + interval '1 minute'));
select pg_temp.given_upload('deadly', 'uploading', '{"idle_invocations": 5}');
select pg_temp.given_upload('deleted', 'pending');
update public.recordings set deleted_at = now() where id = tests.id('deleted');
select is(pg_temp.claimed('a'), null, 'stored, given up, not due, deadly, deleted: none of them is leased');
select pg_temp.given_upload('due', 'waiting');
select is(pg_temp.claimed('a'), 'due', 'control: what failed once and is due is');

-- Dispatch
truncate pg_temp.calls;
select is(private.dispatch_recording_uploads(10), '{"woken": 0, "failed": 1}', 'what killed five workers in a row counts as failed');
select is((select s3_upload_error from public.recordings where id = tests.id('deadly')), 'no_progress', 'visibly');
select results_eq($$ select state, idle_invocations from private.recording_uploads where object_key = 'deadly' $$, $$ values ('waiting', 0) $$, 'and is tried again later');
select is_empty('select from calls', 'nobody is woken for nothing');
select pg_temp.given_upload('deadly and deleted', 'uploading', '{"idle_invocations": 5}');
update public.recordings set deleted_at = now() where id = tests.id('deadly and deleted');
select pg_temp.given_upload('deadly but leased', 'uploading', jsonb_build_object('idle_invocations', 5, 'next_attempt_at', clock_timestamp() + interval '1 minute'));
select pg_temp.given_upload('deadly but stored', 'complete', '{"idle_invocations": 5}');
select is(private.dispatch_recording_uploads(10), '{"woken": 0, "failed": 0}', 'not while it is leased, deleted or stored');
select pg_temp.given_upload('one', 'pending');
select pg_temp.given_upload('two', 'waiting');
select pg_temp.given_upload('three', 'uploading');
select is(private.dispatch_recording_uploads(2), '{"woken": 2, "failed": 0}', 'U60-112 one worker for each that is due, so many at most');
select is((select count(*)::int from calls where what = 'upload-recording-to-s3'), 2, 'each by a signed call');
select is(private.dispatch_recording_uploads(-1), '{"woken": 0, "failed": 0}', 'a limit below nothing is nothing');
select is(private.call_poll_s3_upload_queue(), 7::bigint, 'U60-112 the schedule calls the poller');
select is((select count(*)::int from calls where what = 'poll-s3-upload-queue'), 1, 'by its name');

-- Deleted while it is sent
select pg_temp.hold('one');
update public.recordings set deleted_at = now() where id = tests.id('one');
select throws_ok(
  $$ select private.begin_recording_upload(tests.id('acme'), tests.id('one'), 'video', 'w', 'u', 'm', null, 5, 5, null) $$,
  'PT409', 'already_running', 'a recording that was deleted is not begun'
);
select throws_ok(
  $$ select private.complete_recording_upload(tests.id('acme'), tests.id('one'), 'video', 'w', 5, 's3://b/one') $$, 'PT409', 'already_running', 'nor completed'
);
select throws_ok(
  $$ select private.fail_recording_upload(tests.id('acme'), tests.id('one'), 'video', 'w', 'x', false) $$, 'PT409', 'already_running', 'nor failed'
);
truncate pg_temp.calls;
select lives_ok($$ select private.yield_recording_upload(tests.id('acme'), tests.id('one'), 'video', 'w') $$, 'its lease may be given back');
select is_empty('select from calls', 'and nobody is woken for it');
select lives_ok($$ select private.renew_recording_sources(tests.id('acme'), tests.id('one'), '{"video": "https://x.test/"}', now()) $$, 'its addresses');
select is_empty($$ select from private.recording_sources where recording_id = tests.id('one') $$, 'are not renewed');
select is(private.retry_recording_upload(tests.id('acme'), tests.id('one')), false, 'it is not retried');
select pg_temp.given_upload('failed and deleted', 'failed');
update public.recordings set deleted_at = now() where id = tests.id('failed and deleted');
select is(private.retry_recording_upload(tests.id('acme'), tests.id('failed and deleted')), false, 'nor is one that had failed');

-- Renewed addresses
select private.renew_recording_sources(tests.id('acme'), tests.id('two'), '{"video": "https://x.test/1", "audio": null}', now() + interval '4 hours');
select private.renew_recording_sources(tests.id('acme'), tests.id('two'), '{"video": "https://x.test/2"}', now() + interval '3 hours');
select results_eq($$ select kind, url from private.recording_sources where recording_id = tests.id('two') $$, $$ values ('video', 'https://x.test/1') $$, 'R-11 the address that lives longest stays');
select private.renew_recording_sources(tests.id('acme'), tests.id('two'), '{"video": "https://x.test/3"}', now() + interval '4 hours');
select is((select url from private.recording_sources where recording_id = tests.id('two')), 'https://x.test/3', 'of two as good the newer');
select is((select count(*)::int from public.recording_events where recording_id = tests.id('two') and code = 'sources_renewed'), 3, 'it is on the timeline');
select is_empty($$ select from public.recording_events where detail::text like '%x.test%' $$, 'without the address');

-- Open at the store
update private.recording_uploads set upload_id = 'id of ' || object_key;
select results_eq(
  $$ select unnest(private.unknown_recording_uploads(array['id of three', 'id of two', 'id of stored', 'id of given up', 'id of deleted', 'another'])) order by 1 $$,
  array['another', 'id of deleted', 'id of given up', 'id of stored'], 'what nobody goes on with may be aborted, what somebody does may not'
);

-- Sums
create function pg_temp.sum_of(p_video text, p_audio text)
returns text language plpgsql as $$
declare
  v_name text := p_video || p_audio;
begin
  perform pg_temp.given_upload(v_name, p_video);
  insert into private.recording_uploads (org_id, recording_id, kind, object_key, state, source_bytes, bytes_done, last_error, next_attempt_at, failures)
  values (tests.id('acme'), tests.id(v_name), 'audio', v_name || 'a', p_audio, 2, case p_audio when 'complete' then 2 else 0 end, 'y', now() + interval '9 minutes', 2);
  truncate pg_temp.calls;
  perform private.refresh_recording_upload(tests.id('acme'), tests.id(v_name));
  return (
    select concat_ws(' ', s3_upload_status, s3_upload_error, s3_upload_next_attempt_at - now(), s3_file_size_bytes, s3_upload_retry_count)
    from public.recordings where id = tests.id(v_name)
  ) || coalesce(' ' || (select string_agg(what, ' ') from pg_temp.calls), '');
end;
$$;
select is(pg_temp.sum_of('complete', 'complete'), 'complete 7 2 sync', 'all stored');
select is(pg_temp.sum_of('complete', 'uploading'), 'uploading 5 2', 'one under way');
select is(pg_temp.sum_of('failed', 'uploading'), 'uploading x 2', 'one given up, one under way');
select is(pg_temp.sum_of('complete', 'pending'), 'pending 5 2', 'one still to begin');
select is(pg_temp.sum_of('complete', 'waiting'), 'failed y 00:09:00 5 2', 'C-06 one that will be tried again: failed, and retryable');
select is(pg_temp.sum_of('failed', 'waiting'), 'failed x 00:09:00 2', 'what is given up explains more than what waits');
select is(pg_temp.sum_of('complete', 'failed'), 'failed y 5 2 sync', 'C-06 one given up: failed and terminal, and the meeting gets the other');
truncate pg_temp.calls;
create temporary table places as select id, ctid::text as place from public.recordings;
select is(private.refresh_recording_upload(tests.id('acme'), tests.id('completecomplete')), 'complete', 'summing up again');
select is(
  (select ctid::text from public.recordings where id = tests.id('completecomplete')), (select place from places where id = tests.id('completecomplete')),
  'writes nothing'
);
select is_empty('select from calls', 'gives the meeting its files no second time');

-- What failed before there was anything to upload
insert into public.recordings (
  org_id, owner_user_id, storage_user_id, meeting_key, title, meeting_url, platform, scheduled_start_at, status, bot_id, s3_upload_status, s3_upload_error
)
values (
  tests.id('acme'), tests.id('ana'), tests.id('ana'), 'bare', 'bare', 'https://meet.google.com/abc-defg-hij', 'meet', now(), 'completed', 'bot-bare', 'failed', 'provider_data_deleted'
)
returning tests.remember('bare', id);
select ok(private.retry_recording_upload(tests.id('acme'), tests.id('bare')), 'is asked for when a person wants it');
select is((select state from private.recording_uploads where recording_id = tests.id('bare')), 'pending', 'and then it is uploaded');

-- Shapes
select throws_ok(format($$ update private.recording_uploads set %s where object_key = 'two' $$, change), '23514', null, change)
from unnest(array[
  $$state = 'lost'$$, $$last_error = 'Not a code!'$$, $$last_error = null$$, 'parts_done = -1', 'parts_done = 10001', 'bytes_done = -1', 'bytes_done = 6',
  $$state = 'complete'$$, $$state = 'complete', source_bytes = null$$, $$kind = 'chat'$$
]) as change;
select throws_ok(
  format($$ insert into private.recording_upload_parts values (tests.id('acme'), tests.id('two'), 'video', %s, %s, 'e', 'c') $$, number, bytes), '23514', null,
  format('part %s of %s bytes', number, bytes)
)
from (values (0, 1), (10001, 1), (1, 0)) as v (number, bytes);
select lives_ok($$ insert into private.recording_upload_parts values (tests.id('acme'), tests.id('two'), 'video', 10000, 1, 'e', 'c') $$, 'control: the last possible part');
select throws_ok(
  $$ insert into private.recording_upload_parts values (tests.id('acme'), tests.id('two'), 'video', 10000, 1, 'e', 'c') $$, '23505', null, 'once'
);
delete from private.recording_uploads where object_key = 'two';
select is_empty($$ select from private.recording_upload_parts where recording_id = tests.id('two') $$, 'parts go with their upload');

select * from finish();
rollback;
