-- From stored files to the meeting: in whatever order, once, with one preview picture (U60-123 to U60-129).
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'owner');

select vault.create_secret('http://127.0.0.1:9/', 'project_url');
select vault.create_secret('sb_secret_test', 'service_role_key');
create table pg_temp.calls (what text);
create or replace function private.call_function(p_function text, p_body jsonb default '{}')
returns bigint language plpgsql security definer as $$ begin insert into pg_temp.calls values (p_function); return 0; end; $$;

-- A recording whose meeting took place; its upload as it is given.
create function pg_temp.given_recording(p_name text, p_upload text default null, p_has_video boolean default true)
returns uuid language plpgsql as $$
declare
  v_meeting uuid;
  v_id uuid := gen_random_uuid();
begin
  insert into public.meetings (org_id, owner_user_id, source_type, external_id, title, started_at)
  values (tests.id('acme'), tests.id('ana'), '60_notetaker', v_id::text, p_name, now())
  returning tests.remember(p_name || ' meeting', id) into v_meeting;
  insert into public.recordings (
    org_id, id, owner_user_id, storage_user_id, meeting_key, title, meeting_url, platform, scheduled_start_at, status,
    bot_id, meeting_id, s3_upload_status, s3_video_url, s3_audio_url, transcript_status
  )
  values (
    tests.id('acme'), v_id, tests.id('ana'), tests.id('ana'), p_name, p_name, 'https://meet.google.com/abc-defg-hij', 'meet', now(),
    'completed', 'bot-' || p_name, v_meeting, p_upload,
    case when p_has_video then 's3://bucket/meeting-recordings/' || p_name || '/video.mp4' end,
    's3://bucket/meeting-recordings/' || p_name || '/audio.flac', 'complete'
  );
  return tests.remember(p_name, v_id);
end;
$$;
create function pg_temp.recording(p_name text)
returns public.recordings language sql as $$ select r.* from public.recordings as r where r.id = tests.id(p_name) $$;
create function pg_temp.meeting(p_name text)
returns public.meetings language sql as $$ select m.* from public.meetings as m where m.id = tests.id(p_name || ' meeting') $$;
create function pg_temp.events(p_name text)
returns text language sql as $$
  select string_agg(e.kind || '.' || e.code, ' ' order by e.occurred_at, e.id) from public.recording_events as e where e.recording_id = tests.id(p_name)
$$;
create function pg_temp.jobs(p_name text)
returns integer language sql as $$
  select count(*)::int from private.jobs as j where j.kind = 'recording.thumbnail' and j.payload ->> 'recording_id' = tests.id(p_name)::text
$$;
create function pg_temp.sync(p_name text)
returns boolean language sql as $$ select private.sync_recording(tests.id('acme'), tests.id(p_name)) $$;

-- Who may call it.
select ok(has_function_privilege('service_role', f, 'execute') and not has_function_privilege('authenticated', f, 'execute')
  and not has_function_privilege('anon', f, 'execute'), 'only the service runs ' || f)
from unnest(array[
  'public.sync_recording_to_meeting(uuid, text)', 'private.sync_recording_to_meeting(uuid, text)',
  'public.begin_thumbnail(uuid, uuid)', 'private.begin_thumbnail(uuid, uuid)',
  'public.store_thumbnail(uuid, uuid, text, text)', 'private.store_thumbnail(uuid, uuid, text, text)',
  'public.fail_thumbnail(uuid, uuid, text, boolean)', 'private.fail_thumbnail(uuid, uuid, text, boolean)'
]) as f;
select ok(not has_function_privilege('service_role', f, 'execute'), 'nobody runs ' || f || ' from outside')
from unnest(array['private.sync_recording(uuid, uuid)', 'private.request_thumbnail(public.recordings)']) as f;

-- What is stored is not kept back because something else can't be.
select pg_temp.given_recording('half', 'failed');
update public.recordings set s3_audio_url = null, s3_upload_error = 'source_missing', s3_upload_next_attempt_at = now() where id = tests.id('half');
select is(pg_temp.sync('half'), false, 'C-05 nothing is synced while another try is due');
update public.recordings set s3_upload_next_attempt_at = null where id = tests.id('half');
select is(pg_temp.sync('half'), true, 'U60-124 what is stored is synced when the rest was given up');
select row_eq(
  $$ select video_url, audio_url from pg_temp.meeting('half') $$, row('s3://bucket/meeting-recordings/half/video.mp4'::text, null::text),
  'U60-125 the meeting has the video without the sound'
);
select is(pg_temp.jobs('half'), 1, 'U60-126 and its picture is asked for');
select pg_temp.given_recording('none', 'failed', false);
update public.recordings set s3_audio_url = null, s3_upload_error = 'source_missing' where id = tests.id('none');
select is(pg_temp.sync('none'), false, 'control: where nothing is stored there is nothing to sync');
truncate pg_temp.calls;

-- Sync.
select pg_temp.given_recording('early', 'uploading');
select is(pg_temp.sync('early'), false, 'U60-124 nothing is synced before the upload is complete');
select row_eq($$ select video_url, audio_url from pg_temp.meeting('early') $$, row(null::text, null::text), 'U60-124 the meeting is as it was');
select is(pg_temp.jobs('early'), 0, 'U60-126 and no picture is asked for');
update public.recordings set s3_upload_status = 'complete' where id = tests.id('early');
select is(pg_temp.sync('early'), true, 'U60-124 C-06 once it is complete, whoever calls syncs');
select row_eq(
  $$ select video_url, audio_url from pg_temp.meeting('early') $$,
  row('s3://bucket/meeting-recordings/early/video.mp4'::text, 's3://bucket/meeting-recordings/early/audio.flac'::text),
  'U60-125 the meeting has both places'
);
select row_eq(
  $$ select thumbnail_status, pg_temp.jobs('early') from pg_temp.recording('early') $$, row('pending'::text, 1), 'U60-126 a picture is asked for'
);
select is(pg_temp.sync('early'), true, 'U60-123 the other path syncs as well');
select row_eq(
  $$ select pg_temp.jobs('early'), pg_temp.events('early') $$,
  row(1, 'sync.meeting_linked thumbnail.requested'::text), 'U60-126 and changes nothing: one picture, one entry each'
);
select is((select count(*)::int from pg_temp.calls where what = 'generate-s3-video-thumbnail'), 1, 'the worker is woken once');

select pg_temp.given_recording('sound', 'complete', false);
select is(pg_temp.sync('sound'), true, 'U60-125 a recording without a picture is synced');
select row_eq(
  $$ select video_url, audio_url, pg_temp.jobs('sound') from pg_temp.meeting('sound') $$,
  row(null::text, 's3://bucket/meeting-recordings/sound/audio.flac'::text, 0), 'U60-126 but no preview is made of sound'
);
select pg_temp.given_recording('no meeting', 'complete');
update public.recordings set meeting_id = null where id = tests.id('no meeting');
select is(pg_temp.sync('no meeting'), false, 'without a meeting there is nothing to give it to');

-- The exported verb.
select tests.act_as_service();
select throws_ok(
  $$ select public.sync_recording_to_meeting(tests.id('sound'), 'bot-early') $$, 'PT404', 'not_found',
  'U60-123 bot and recording must belong together'
);
select is(public.sync_recording_to_meeting(tests.id('sound'), 'bot-sound'), true, 'control: they do');
select tests.act_as_owner();
select is((pg_temp.recording('sound')).outcome, 'complete', 'what is whole after it is settled');
update public.recordings set deleted_at = now() where id = tests.id('sound');
select tests.act_as_service();
select throws_ok(
  $$ select public.sync_recording_to_meeting(tests.id('sound'), 'bot-sound') $$, 'PT404', 'not_found',
  'a recording that a person deleted is not synced'
);

-- The picture.
select is(
  public.begin_thumbnail(tests.id('acme'), tests.id('early')), 's3://bucket/meeting-recordings/early/video.mp4', 'U60-127 the video it is made of'
);
select is(
  public.store_thumbnail(tests.id('acme'), tests.id('early'), 'https://pictures.test/1.png', 's3://pictures/1.png'), true, 'U60-129 it is stored'
);
select tests.act_as_owner();
select row_eq(
  $$ select thumbnail_status, thumbnail_s3_location, (pg_temp.meeting('early')).thumbnail_url, outcome from pg_temp.recording('early') $$,
  row('complete'::text, 's3://pictures/1.png'::text, 'https://pictures.test/1.png'::text, 'complete'::text),
  'U60-129 at the meeting, and the recording is complete'
);
select tests.act_as_service();
select is(
  public.store_thumbnail(tests.id('acme'), tests.id('early'), 'https://pictures.test/2.png', 's3://pictures/2.png'), false,
  'U60-126 a second picture is not stored'
);
select is(public.begin_thumbnail(tests.id('acme'), tests.id('early')), null, 'U60-126 nor begun');
select lives_ok($$ select public.fail_thumbnail(tests.id('acme'), tests.id('early'), 'late', true) $$, 'a late failure is taken');
select tests.act_as_owner();
select row_eq(
  $$ select thumbnail_status, thumbnail_error, (pg_temp.meeting('early')).thumbnail_url from pg_temp.recording('early') $$,
  row('complete'::text, null::text, 'https://pictures.test/1.png'::text), 'and changes nothing: the first picture stays'
);

select pg_temp.given_recording('blurred', 'complete');
select pg_temp.sync('blurred');
select private.fail_thumbnail(tests.id('acme'), tests.id('blurred'), 'thumbnail_unavailable', false);
select row_eq(
  $$ select thumbnail_status, thumbnail_error, outcome from pg_temp.recording('blurred') $$,
  row('pending'::text, 'thumbnail_unavailable'::text, null::text), 'a failure for now keeps it waiting'
);
select private.fail_thumbnail(tests.id('acme'), tests.id('blurred'), 'thumbnail_rejected', true);
select row_eq(
  $$ select thumbnail_status, outcome, outcome_reason from pg_temp.recording('blurred') $$,
  row('failed'::text, 'partial'::text, 'thumbnail_rejected'::text), 'a final one settles the recording, with the reason'
);
select pg_temp.sync('blurred');
select is(pg_temp.jobs('blurred'), 1, 'U60-126 syncing again does not ask for the picture again');
select is(private.store_thumbnail(tests.id('acme'), tests.id('blurred'), 'https://p.test/x', 's3://p/x'), false, 'what was given up is not stored');
select private.request_thumbnail(pg_temp.recording('blurred'));
select row_eq(
  $$ select thumbnail_status, thumbnail_error, pg_temp.jobs('blurred') from pg_temp.recording('blurred') $$,
  row('pending'::text, null::text, 2), 'asked for again it is a job of its own'
);
select is(private.store_thumbnail(tests.id('rival'), tests.id('blurred'), 'https://p.test/x', 's3://p/x'), false, 'another organization''s id finds nothing');
select is(private.begin_thumbnail(tests.id('acme'), gen_random_uuid()), null, 'nor does an unknown one');

-- A wake-up that can't be made undoes nothing.
delete from vault.secrets;
create or replace function private.call_function(p_function text, p_body jsonb default '{}')
returns bigint language plpgsql security definer as $$ begin raise exception 'the vault is empty'; end; $$;
select pg_temp.given_recording('asleep', 'complete');
select is(pg_temp.sync('asleep'), true, 'U60-143 a lost call costs no work');
select is(pg_temp.jobs('asleep'), 1, 'U60-143 what is to be done is written down');

select * from finish();
rollback;
