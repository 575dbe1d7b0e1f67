-- What people may do with recordings: list, timeline, playback, retry, delete. Who may not read one is
-- told that it does not exist (C-04): require_readable_recording and require_editable_recording are tried
-- through everything that asks them.
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'owner');
select tests.given_member('max', 'acme', 'manager');
select tests.given_member('vic', 'acme', 'viewer');
select tests.given_member('abe', 'acme', 'agent');
select tests.given_member('rui', 'rival', 'owner');
update public.profiles set active_org_id = tests.id('acme') where id in (tests.id('ana'), tests.id('max'), tests.id('vic'), tests.id('abe'));
update public.profiles set active_org_id = tests.id('rival') where id = tests.id('rui');
select tests.given_person('ops');
insert into private.superadmins (user_id, granted_by) values (tests.id('ops'), 'test');

create or replace function private.call_function(p_function text, p_body jsonb default '{}')
returns bigint language plpgsql security definer as $$ begin return 0; end; $$;
-- What sending a bot again means belongs to another part: here it says what it is told to say.
create or replace function private.reopen_deployment(p_recording public.recordings)
returns boolean language plpgsql security definer as $$
begin
  if p_recording.failure_code <> 'can_be_sent' then
    return false;
  end if;
  update public.recordings set status = 'scheduled', failure_code = null where id = p_recording.id;
  return true;
end;
$$;

create function pg_temp.given_recording(p_name text, p_more jsonb default '{}', p_org text default 'acme', p_owner text default 'ana')
returns uuid language plpgsql as $$
declare
  v_row public.recordings;
  v_id uuid := gen_random_uuid();
  v_meeting uuid;
begin
  insert into public.meetings (org_id, owner_user_id, source_type, external_id, title, started_at)
  values (tests.id(p_org), tests.id(p_owner), '60_notetaker', v_id::text, p_name, now()) returning tests.remember(p_name || ' meeting', id) into v_meeting;
  v_row := jsonb_populate_record(null::public.recordings, jsonb_build_object(
    'status', 'completed', 's3_upload_status', 'complete', 'transcript_status', 'complete', 'outcome', 'complete', 'settled_at', now(),
    's3_video_url', 's3://bucket/meeting-recordings/x/video.mp4', 'scheduled_start_at', now() - interval '1 day',
    'bot_id', 'bot-' || p_name, 'meeting_id', v_meeting
  ) || p_more);
  insert into public.recordings (
    org_id, id, owner_user_id, storage_user_id, meeting_key, title, meeting_url, platform, scheduled_start_at, scheduled_end_at,
    status, failure_code, bot_id, meeting_id, s3_upload_status, s3_upload_error, s3_upload_next_attempt_at, s3_video_url,
    transcript_status, transcript_error, analysis_status, analysis_error, thumbnail_status, thumbnail_error, outcome,
    outcome_reason, settled_at, updated_at
  )
  values (
    tests.id(p_org), v_id, tests.id(p_owner), tests.id(p_owner), p_name, p_name, 'https://meet.google.com/abc-defg-hij', 'meet',
    v_row.scheduled_start_at, v_row.scheduled_end_at, v_row.status, v_row.failure_code, v_row.bot_id, v_row.meeting_id,
    v_row.s3_upload_status, v_row.s3_upload_error, v_row.s3_upload_next_attempt_at, v_row.s3_video_url, v_row.transcript_status,
    v_row.transcript_error, v_row.analysis_status, v_row.analysis_error, v_row.thumbnail_status, v_row.thumbnail_error,
    v_row.outcome, v_row.outcome_reason, v_row.settled_at, coalesce(v_row.updated_at, now())
  );
  return tests.remember(p_name, v_id);
end;
$$;
create function pg_temp.recording(p_name text)
returns public.recordings language sql as $$ select r.* from public.recordings as r where r.id = tests.id(p_name) $$;
create function pg_temp.events(p_name text)
returns text language sql as $$
  select string_agg(e.kind || '.' || e.code, ' ' order by e.occurred_at, e.id) from public.recording_events as e where e.recording_id = tests.id(p_name)
$$;

select pg_temp.given_recording('demo');
select private.note_recording_event(pg_temp.recording('demo'), 'bot', 'in_call_recording', '{"at": null}');
select private.note_recording_event(pg_temp.recording('demo'), 'upload', 'stored', '{"bytes": 5}');
insert into private.recording_uploads (org_id, recording_id, kind, object_key, state, source_bytes, bytes_done)
values (tests.id('acme'), tests.id('demo'), 'video', 'k/demo', 'complete', 5, 5);

-- Anyone who is nobody.
select ok(not has_function_privilege('anon', f, 'execute'), 'nobody signed in does not run ' || f)
from unnest(array[
  'public.list_recordings(uuid, text, text, timestamptz, timestamptz, timestamptz, uuid, integer)', 'public.get_recording(uuid, uuid)',
  'public.get_recording_timeline(uuid, uuid)', 'public.authorize_playback(uuid, text, uuid)', 'public.retry_recording(uuid, uuid)',
  'public.retry_all_recordings(uuid, integer)', 'public.delete_recording(uuid, uuid)',
  'public.list_stuck_recordings(uuid, integer)', 'public.list_stuck_recordings_of_platform(integer)'
]) as f;

-- Each call, by who must not know of it.
create function pg_temp.try_as_stranger(p_person text, p_why text, p_code text)
returns setof text language plpgsql as $$
begin
  perform tests.act_as(p_person);
  return next throws_ok(format('select public.get_recording(%L, %L)', tests.id('demo'), tests.id('acme')), 'PT404', p_code, p_why || ' does not get it');
  return next throws_ok(format('select public.get_recording_timeline(%L, %L)', tests.id('demo'), tests.id('acme')), 'PT404', p_code, p_why || ' does not get its timeline');
  return next throws_ok(format('select public.authorize_playback(%L, %L, %L)', tests.id('demo'), 'video', tests.id('acme')), 'PT404', p_code, 'C-04 ' || p_why || ' does not play it');
  return next throws_ok(format('select public.retry_recording(%L, %L)', tests.id('demo'), tests.id('acme')), 'PT404', p_code, p_why || ' does not retry it');
  return next throws_ok(format('select public.delete_recording(%L, %L)', tests.id('demo'), tests.id('acme')), 'PT404', p_code, p_why || ' does not delete it');
  return next is_empty(format('select from public.recordings where id = %L', tests.id('demo')), p_why || ' has no row of it');
  return next is_empty(format('select from public.recording_events where recording_id = %L', tests.id('demo')), p_why || ' has no event of it');
  perform tests.act_as_owner();
end;
$$;
select pg_temp.try_as_stranger('rui', 'another organization', 'organization_not_found');
select pg_temp.try_as_stranger('abe', 'an agent to whom it is not assigned', 'not_found');
select tests.act_as('rui');
select throws_ok($$ select public.get_recording(tests.id('demo')) $$, 'PT404', 'not_found', 'nor through their own organization');
select tests.act_as_owner();
select tests.set_setting('acme', 'enable_meeting_sharing', 'false');
select pg_temp.try_as_stranger('max', 'a colleague without sharing', 'not_found');
select tests.act_as('max');
select is(public.list_recordings(tests.id('acme')), '[]', 'and lists nothing');
select is(public.list_stuck_recordings(tests.id('acme')), '[]', 'not even what is stuck');
select tests.act_as_owner();
select tests.set_setting('acme', 'enable_meeting_sharing', 'true');
select is((select count(*)::int from public.security_audit_log where action = 'recordings.played'), 0, 'none of it was logged as played');

-- Who owned it and works here no more.
update public.organization_members set status = 'suspended' where user_id = tests.id('ana');
select pg_temp.try_as_stranger('ana', 'a suspended owner', 'organization_not_found');
update public.organization_members set status = 'active' where user_id = tests.id('ana');
update public.profiles set active_org_id = tests.id('acme') where id = tests.id('ana');

-- Who may read.
select tests.act_as('vic');
select is(public.get_recording(tests.id('demo')) ->> 'title', 'demo', 'control: a viewer of a sharing organization reads it');
select is(public.get_recording(tests.id('demo')) -> 'files', '["video"]', 'and what of it can be played');
select ok(not public.get_recording(tests.id('demo'))::text like '%s3://%', 'but not where it lies');
select is(
  jsonb_path_query_array(public.get_recording_timeline(tests.id('demo')), '$.events[*].code'), '["in_call_recording", "stored"]',
  'the timeline has every event, in order'
);
select is(public.get_recording_timeline(tests.id('demo')) #>> '{uploads,0,state}', 'complete', 'and how far the files are');
select throws_ok($$ select public.get_recording(gen_random_uuid()) $$, 'PT404', 'not_found', 'what does not exist is the same');

-- Playback.
select is(
  public.authorize_playback(tests.id('demo'), 'video'),
  jsonb_build_object('place', 's3://bucket/meeting-recordings/x/video.mp4', 'meeting_id', tests.id('demo meeting')),
  'C-04 U60-130 who may read may play'
);
select throws_ok($$ select public.authorize_playback(tests.id('demo'), 'audio') $$, 'PT409', 'recording_not_stored', 'what is not stored cannot be played');
select throws_ok($$ select public.authorize_playback(tests.id('demo'), '../x') $$, 'PT409', 'recording_not_stored', 'nor what is no file');
select tests.act_as_owner();
select results_eq(
  $$ select actor_id, entity_id, changed_columns from public.security_audit_log where action = 'recordings.played' $$,
  $$ values (tests.id('vic'), tests.id('demo'), array['video']) $$, 'C-04 each playback is logged, with who'
);

-- List.
select pg_temp.given_recording('old', jsonb_build_object('scheduled_start_at', now() - interval '3 days', 'status', 'failed', 'failure_code', 'x', 'outcome', 'failed', 'outcome_reason', 'x'));
select pg_temp.given_recording('older', jsonb_build_object('scheduled_start_at', now() - interval '4 days'));
select pg_temp.given_recording('of another', '{}', 'rival', 'rui');
create function pg_temp.titles(p_list jsonb)
returns text language sql as $$ select string_agg(l ->> 'title', ' ') from jsonb_array_elements(p_list) as l $$;
grant execute on all functions in schema pg_temp to authenticated;
select tests.act_as('ana');
select is(pg_temp.titles(public.list_recordings()), 'demo old older', 'the latest first, of the own organization only');
select is(pg_temp.titles(public.list_recordings(p_limit => 1)), 'demo', 'a page');
select is(
  pg_temp.titles(public.list_recordings(p_after_start => (l ->> 'scheduled_start_at')::timestamptz, p_after_id => (l ->> 'id')::uuid)),
  'old older', 'begins after the last row of the one before'
) from (select public.list_recordings(p_limit => 1) -> 0 as l) as l;
select is(pg_temp.titles(public.list_recordings(p_bot_status => 'failed')), 'old', 'by status');
select is(pg_temp.titles(public.list_recordings(p_outcome => 'complete')), 'demo older', 'by outcome');
select is(pg_temp.titles(public.list_recordings(p_starts_from => now() - interval '3 days', p_starts_before => now() - interval '2 days')), 'old', 'by time');
select throws_ok($$ select public.list_recordings(tests.id('rival')) $$, 'PT404', 'organization_not_found', 'another organization is none');

-- Retry.
select tests.act_as_owner();
select pg_temp.given_recording('broken', '{"s3_upload_status": "failed", "s3_upload_error": "source_gone", "transcript_status": "failed", "transcript_error": "x",
  "thumbnail_status": "failed", "thumbnail_error": "y", "outcome": "failed", "outcome_reason": "source_gone"}');
insert into private.recording_uploads (org_id, recording_id, kind, object_key, state, last_error, failures)
values (tests.id('acme'), tests.id('broken'), 'video', 'k/broken', 'failed', 'source_gone', 4);
select tests.act_as('vic');
select throws_ok($$ select public.retry_recording(tests.id('broken')) $$, 'PT403', 'forbidden', 'a viewer does not retry');
select tests.act_as_owner();
update public.organization_members set role = 'viewer' where user_id = tests.id('ana');
select tests.act_as('ana');
select throws_ok($$ select public.retry_recording(tests.id('broken')) $$, 'PT403', 'forbidden', 'not even the owner of a recording, once a viewer');
select tests.act_as_owner();
update public.organization_members set role = 'owner' where user_id = tests.id('ana');
delete from private.role_permissions where role = 'manager' and permission = 'crm.write_shared';
select tests.act_as('max');
select throws_ok($$ select public.retry_recording(tests.id('broken')) $$, 'PT403', 'forbidden', 'nor who may only change what is theirs');
select tests.act_as_owner();
insert into private.role_permissions (role, permission) values ('manager', 'crm.write_shared');
select tests.act_as('max');
select is(public.retry_recording(tests.id('broken')) -> 'parts', '["upload", "transcript", "thumbnail"]', 'C-05 a colleague who may change meetings does');
select tests.act_as_owner();
select row_eq(
  $$ select s3_upload_status, transcript_status, transcript_error, thumbnail_status, thumbnail_error, outcome from pg_temp.recording('broken') $$,
  row('pending'::text, 'pending'::text, null::text, 'pending'::text, null::text, null::text), 'what had failed is under way, and nothing is settled'
);
select is(
  (select count(*)::int from private.jobs where payload ->> 'recording_id' = tests.id('broken')::text and state = 'ready'), 2,
  'each with work in the queue'
);
select is((select failures from private.recording_uploads where recording_id = tests.id('broken')), 0, 'C-05 with all its tries');
select tests.act_as('ana');
select is(public.retry_recording(tests.id('broken')) -> 'parts', '[]', 'what goes on is not taken up twice');
select is(public.retry_recording(tests.id('demo')) -> 'parts', '[]', 'nor what is complete');
select tests.act_as_owner();
select ok(pg_temp.events('broken') like '%person.retried%', 'the timeline says that somebody asked');
select is(pg_temp.events('demo'), 'bot.in_call_recording upload.stored', 'and nothing where nothing was done');
select pg_temp.given_recording('unsent', '{"status": "failed", "failure_code": "can_be_sent", "s3_upload_status": null, "transcript_status": null, "outcome": "failed", "outcome_reason": "can_be_sent", "bot_id": null, "meeting_id": null}');
select pg_temp.given_recording('unsendable', '{"status": "failed", "failure_code": "too_late", "s3_upload_status": null, "transcript_status": null, "outcome": "failed", "outcome_reason": "too_late", "bot_id": null, "meeting_id": null}');
select tests.act_as('ana');
select is(public.retry_recording(tests.id('unsent')) -> 'parts', '["bot"]', 'a bot that can still be sent is');
select is(public.retry_recording(tests.id('unsendable')) -> 'parts', '[]', 'one that cannot is not');
select tests.act_as_owner();
select is((pg_temp.recording('unsent')).outcome, null, 'the recording is open again');
select tests.given_transcript('demo meeting', 'acme', 'We will see.');
update public.recordings set analysis_status = 'failed', analysis_error = 'z' where id = tests.id('demo');
select tests.act_as('ana');
select is(public.retry_recording(tests.id('demo')) -> 'parts', '["analysis"]', 'an analysis that failed is made again');
select tests.act_as_owner();
update public.recordings set analysis_status = 'failed', analysis_error = 'z' where id = tests.id('older');
select tests.act_as('ana');
select is(public.retry_recording(tests.id('older')) -> 'parts', '[]', 'where there are no words there is none');
select tests.act_as_owner();
select is((pg_temp.recording('older')).analysis_status, 'failed', 'and it stays failed');

-- Retry all.
select pg_temp.given_recording('broken too', '{"thumbnail_status": "failed", "thumbnail_error": "y", "outcome": "partial", "outcome_reason": "y"}');
select pg_temp.given_recording('broken elsewhere', '{"thumbnail_status": "failed", "thumbnail_error": "y", "outcome": "partial", "outcome_reason": "y"}', 'rival', 'rui');
select tests.act_as('max');
select throws_ok($$ select public.retry_all_recordings() $$, 'PT403', 'forbidden', 'only admins have all of it tried again');
select tests.act_as('ana');
select throws_ok($$ select public.retry_all_recordings(tests.id('rival')) $$, 'PT404', 'organization_not_found', 'and not another organization''s');
select ok(
  public.retry_all_recordings() @> jsonb_build_array(jsonb_build_object('recording_id', tests.id('broken too'), 'parts', '["thumbnail"]'::jsonb)),
  'control: an admin does'
);
select tests.act_as_owner();
select is((pg_temp.recording('broken elsewhere')).thumbnail_status, 'failed', 'others'' recordings stay as they are');
select pg_temp.given_recording('broken of max', '{"thumbnail_status": "failed", "thumbnail_error": "y", "outcome": "partial", "outcome_reason": "y"}', 'acme', 'max');
select tests.set_setting('acme', 'enable_meeting_sharing', 'false');
select tests.act_as('ana');
select ok(not public.retry_all_recordings()::text like '%' || tests.id('broken of max') || '%', 'what is not shared is not even an admin''s');
select tests.act_as_owner();
select tests.set_setting('acme', 'enable_meeting_sharing', 'true');
select tests.act_as('ana');
select ok(public.retry_all_recordings()::text like '%' || tests.id('broken of max') || '%', 'control: shared it is');
select tests.act_as_owner();
-- What nothing can be done about, and newer than all the rest.
select pg_temp.given_recording('hopeless ' || n, jsonb_build_object(
  'status', 'failed', 'failure_code', 'bot_not_accepted', 's3_upload_status', null, 'transcript_status', null, 'outcome', 'failed',
  'outcome_reason', 'bot_not_accepted', 'scheduled_start_at', now() + interval '1 hour'
)) from generate_series(1, 3) as n;
select pg_temp.given_recording('too late', jsonb_build_object(
  'status', 'failed', 'failure_code', 'can_be_sent', 's3_upload_status', null, 'transcript_status', null, 'outcome', 'failed',
  'outcome_reason', 'too_late', 'scheduled_start_at', now() - interval '3 hours'
));
update public.recordings set bot_id = null where id = tests.id('too late');
select pg_temp.given_recording('mendable', jsonb_build_object(
  'thumbnail_status', 'failed', 'thumbnail_error', 'y', 'outcome', 'partial', 'outcome_reason', 'y', 'scheduled_start_at', now() - interval '2 hours'
));
select pg_temp.given_recording('mendable too', jsonb_build_object(
  'thumbnail_status', 'failed', 'thumbnail_error', 'y', 'outcome', 'partial', 'outcome_reason', 'y', 'scheduled_start_at', now() - interval '4 hours'
));
select tests.act_as('ana');
select is(
  (select jsonb_agg(r ->> 'recording_id') from jsonb_array_elements(public.retry_all_recordings(p_limit => 1)) as r),
  jsonb_build_array(tests.id('mendable')), 'what nothing can be done about takes no place of what can be retried'
);
select is(
  (select jsonb_agg(r ->> 'recording_id') from jsonb_array_elements(public.retry_all_recordings(p_limit => 1)) as r),
  jsonb_build_array(tests.id('mendable too')), 'so that asking again goes on with the next'
);
select tests.act_as('ops', 'aal2');
select throws_ok($$ select public.retry_all_recordings() $$, 'PT409', 'no_active_organization', 'without an organization there is nothing to retry');
select tests.act_as_owner();

-- Stuck.
select pg_temp.given_recording('stands', jsonb_build_object('s3_upload_status', 'uploading', 'outcome', null, 'settled_at', null, 'updated_at', now() - interval '2 hours'));
select pg_temp.given_recording('moves', jsonb_build_object('s3_upload_status', 'uploading', 'outcome', null, 'settled_at', null));
select pg_temp.given_recording('silent', jsonb_build_object('status', 'recording', 's3_upload_status', null, 'transcript_status', null, 'outcome', null, 'settled_at', null, 'updated_at', now() - interval '5 hours', 'scheduled_end_at', now() - interval '2 hours'));
select pg_temp.given_recording('long call', jsonb_build_object('status', 'recording', 's3_upload_status', null, 'transcript_status', null, 'outcome', null, 'settled_at', null, 'updated_at', now() - interval '5 hours', 'scheduled_end_at', now() + interval '1 hour'));
select pg_temp.given_recording('not sent', jsonb_build_object('status', 'deploying', 's3_upload_status', null, 'transcript_status', null, 'outcome', null, 'settled_at', null, 'scheduled_start_at', now() - interval '1 hour'));
select pg_temp.given_recording('done long ago', jsonb_build_object('updated_at', now() - interval '5 hours'));
select pg_temp.given_recording('half', jsonb_build_object('outcome', 'partial', 'outcome_reason', 'no_transcript', 'transcript_status', 'failed'));
create function pg_temp.reason(p_list jsonb, p_name text)
returns text language sql as $$ select l ->> 'reason' from jsonb_array_elements(p_list) as l where l ->> 'recording_id' = tests.id(p_name)::text $$;
grant execute on all functions in schema pg_temp to authenticated;
select tests.act_as('ana');
select is(pg_temp.reason(public.list_stuck_recordings(), n), r, n || ': ' || coalesce(r, 'is not stuck'))
from (values
  ('stands', 'not_moving'), ('moves', null), ('silent', 'no_news_from_bot'), ('long call', null), ('not sent', 'not_deployed'),
  ('half', 'no_transcript'), ('demo', null), ('done long ago', null), ('unsendable', null)
) as v (n, r);
select throws_ok($$ select public.list_stuck_recordings(tests.id('rival')) $$, 'PT404', 'organization_not_found', 'another organization is none');
select throws_ok($$ select public.list_stuck_recordings_of_platform() $$, 'PT403', 'forbidden', 'the platform''s are its operators''');
select tests.act_as('ops', 'aal2');
select is(pg_temp.reason(public.list_stuck_recordings_of_platform(), 'broken elsewhere'), 'y', 'control: an operator sees every organization''s');
select ok(not public.list_stuck_recordings_of_platform()::text like '%half%', 'without contents');
select is(pg_temp.reason(public.list_stuck_recordings_of_platform(), 'done long ago'), null, 'and not what is complete');

-- Delete.
select tests.act_as('max');
select throws_ok($$ select public.delete_recording(tests.id('half')) $$, 'PT403', 'forbidden', 'a colleague may change a shared one, not delete it');
select tests.act_as('vic');
select throws_ok($$ select public.delete_recording(tests.id('half')) $$, 'PT403', 'forbidden', 'a viewer even less');
select tests.act_as_owner();
insert into private.recording_sources (org_id, recording_id, kind, url, expires_at) values (tests.id('acme'), tests.id('half'), 'video', 'https://b.test/v', now());
select tests.act_as('ana');
select is(public.delete_recording(tests.id('half')), true, 'its owner does');
select throws_ok($$ select public.get_recording(tests.id('half')) $$, 'PT404', 'not_found', 'and then it is gone');
select throws_ok($$ select public.authorize_playback(tests.id('half')) $$, 'PT404', 'not_found', 'C-04 for playing too');
select throws_ok($$ select public.delete_recording(tests.id('half')) $$, 'PT404', 'not_found', 'deleting it again finds nothing');
select is_empty($$ select from public.recordings where id = tests.id('half') $$, 'no row is left to read');
select ok(not public.retry_all_recordings()::text like '%' || tests.id('half') || '%', 'nothing of it is retried');
select is(pg_temp.reason(public.list_stuck_recordings(), 'half'), null, 'nor listed as stuck');
select tests.act_as('ops', 'aal2');
select is(pg_temp.reason(public.list_stuck_recordings_of_platform(), 'half'), null, 'not for operators either');
select tests.act_as_owner();
select is_empty($$ select from public.meetings where id = tests.id('half meeting') $$, 'its meeting is gone');
select is(pg_temp.events('half'), 'person.deleted', 'that is written down once: forget_recordings_of_meeting leaves it alone');
select is_empty($$ select from private.recording_sources where recording_id = tests.id('half') $$, 'and the provider''s addresses');
select row_eq(
  $$ select title, meeting_url, status, outcome_reason, meeting_id from pg_temp.recording('half') $$,
  row('Deleted recording'::text, 'https://deleted.invalid/'::text, 'completed'::text, 'deleted'::text, null::uuid), 'what stays says nothing of it'
);
select is(
  (select count(*)::int from private.jobs where kind = 'recording.erase' and payload ->> 'recording_id' = tests.id('half')::text), 1,
  'its files are to be erased'
);
select is(
  private.apply_bot_event(null, jsonb_build_object('kind', 'completed', 'bot_id', 'bot-half', 'recording_id', tests.id('half'), 'sources', '{"video": "https://b.test/v"}'::jsonb)) ->> 'outcome',
  'deleted', 'a late report of its bot does not bring it back'
);
select is((select count(*)::int from public.meetings where external_id = tests.id('half')::text), 0, 'nor its meeting');

select tests.act_as('ana');
delete from public.meetings where id = tests.id('silent meeting');
select tests.act_as_owner();
select row_eq(
  $$ select deleted_at is not null, status, failure_code, outcome from pg_temp.recording('silent') $$,
  row(true, 'cancelled'::text, 'deleted'::text, 'cancelled'::text), 'with a meeting that is deleted its recording goes, a running bot too'
);
select is(
  (select count(*)::int from private.jobs where kind = 'recording.erase' and payload ->> 'recording_id' = tests.id('silent')::text), 1,
  'files included'
);
select tests.act_as('max');
delete from public.meetings where id = tests.id('demo meeting');
select tests.act_as_owner();
select is((pg_temp.recording('demo')).deleted_at, null, 'a meeting that may not be deleted keeps its recording');

select * from finish();
rollback;
