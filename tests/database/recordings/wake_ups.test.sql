-- Waking a worker is a hint: where nothing can be called (no vault, as in a restored copy), what a
-- transaction did stays done, and the schedule does the rest (U60-112, U60-143).
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'owner');
delete from vault.secrets where name in ('project_url', 'service_role_key');
select throws_like($$ select private.call_function('upload-recording-to-s3') $$, '%vault lacks%', 'control: nothing can be called');

insert into public.recordings (
  org_id, owner_user_id, storage_user_id, meeting_key, title, meeting_url, platform, scheduled_start_at, status, bot_id
)
select tests.id('acme'), tests.id('ana'), tests.id('ana'), 'unwoken', 'unwoken', 'https://meet.google.com/abc-defg-hij', 'meet', now(), 'joining', 'bot-unwoken';
select tests.remember('unwoken', (select r.id from public.recordings as r where r.meeting_key = 'unwoken'));

select lives_ok(
  $$ select public.apply_bot_event(null, '{
    "kind": "completed", "event": "bot.completed", "bot_id": "bot-unwoken", "code": "completed", "at": "2026-11-22T11:00:00Z",
    "is_data_deleted": false, "sources": {"video": "https://b.test/v"}, "sources_live_seconds": 14400, "participants": [],
    "is_confirmed": false
  }') $$,
  'U60-108 a completed bot is stored although no worker can be woken'
);
select is(
  (select s3_upload_status from public.recordings where id = tests.id('unwoken')), 'pending', 'and its upload waits for the schedule'
);
select lives_ok($$ select public.claim_recording_upload('w', 60) $$, 'control: a worker takes it');
select lives_ok(
  $$ select public.yield_recording_upload(tests.id('acme'), tests.id('unwoken'), 'video', 'w') $$, 'V-07 a worker gives it back'
);
select public.claim_recording_upload('x', 60);
select public.fail_recording_upload(tests.id('acme'), tests.id('unwoken'), 'video', 'x', 'source_refused', true);
select ok(private.retry_recording_upload(tests.id('acme'), tests.id('unwoken')), 'C-05 a person has it tried again');

select * from finish();
rollback;
