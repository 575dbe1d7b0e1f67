-- Adds recordings to the measured world: 20,000, of which the first organization has a tenth, nearly all
-- long done and a few hundred in each state that somebody asks for, as it is after a year. Run by the
-- superuser; triggers and constraints sleep, as in load_world.sql.
set session_replication_role = replica;

insert into public.recordings (
  org_id, id, owner_user_id, storage_user_id, meeting_key, title, meeting_url, platform, scheduled_start_at,
  scheduled_end_at, status, bot_id, deploy_attempts, joined_at, ended_at, s3_upload_status, transcript_status,
  outcome, outcome_reason, settled_at, meeting_id, updated_at
)
select o.org_id, bench.id('recording', r), o.user_id, o.user_id, 'meeting ' || r, 'Recording ' || r,
  'https://meet.google.com/bench-' || r, 'meet', t.at, t.at + interval '30 minutes',
  case when r > 300 then 'completed' else (array['scheduled', 'joining', 'recording', 'ended'])[1 + (r / 10) % 4] end,
  case when r > 300 or (r / 10) % 4 > 0 then 'bot ' || r end, 1, t.at, t.at + interval '30 minutes',
  case when r > 300 then 'complete' else 'pending' end, case when r > 300 then 'complete' else 'processing' end,
  case when r > 300 then case when (r / 10) % 50 = 1 then 'failed' else 'complete' end end,
  case when r > 300 and (r / 10) % 50 = 1 then 'transcription_failed' end, case when r > 300 then t.at end,
  -- What is only planned has none yet, and is its owner's alone.
  case when r > 300 then bench.id('meeting', r) end, t.at
from generate_series(1, 20000) as r
join bench.owners as o on o.person = bench.person_of(r)
cross join lateral (select now() - r * interval '7 minutes' as at) as t;

insert into public.recording_events (org_id, recording_id, owner_user_id, kind, code, occurred_at)
select r.org_id, r.id, r.owner_user_id, 'bot', 'joined', r.scheduled_start_at + n * interval '1 minute'
from public.recordings as r cross join generate_series(1, 10) as n;

insert into private.recording_uploads (
  org_id, recording_id, kind, object_key, state, source_bytes, bytes_done, next_attempt_at
)
select r.org_id, r.id, k.kind, r.s3_prefix || k.kind, case when r.outcome is null then 'pending' else 'complete' end,
  1000, case when r.outcome is null then 0 else 1000 end, r.ended_at
from public.recordings as r cross join unnest(array['video', 'audio']) as k (kind);

insert into private.recording_transcriptions (org_id, recording_id, provider, status, job_id, next_poll_at, give_up_at)
select r.org_id, r.id, 'gladia', case when r.outcome is null then 'waiting' else 'complete' end, 'job ' || r.id,
  case when r.outcome is null then r.ended_at end, now() + interval '6 hours'
from public.recordings as r;

-- A morning's backlog, and a year of what nobody could do.
insert into private.jobs (id, org_id, kind, payload, state, run_at, attempts, finished_at)
select bench.id('job', j), bench.id('org', 1 + j % 100),
  (array['recording.deploy', 'recording.transcribe', 'recording.thumbnail', 'send.brief'])[1 + j % 4],
  jsonb_build_object('recording_id', bench.id('recording', 1 + j % 20000)),
  case when j <= 5000 then 'dead' else 'ready' end,
  case when j <= 5000 then 'infinity' else now() - j * interval '1 second' end, 0, case when j <= 5000 then now() end
from generate_series(1, 25000) as j;
insert into private.job_keys (key, job_id)
select 'key ' || j, bench.id('job', j) from generate_series(1, 50000) as j;

update public.calendar_events set meeting_url = 'https://meet.google.com/event-' || external_id, attendees_count = 2;
-- Fifty begin now.
update public.calendar_events set start_time = now() + interval '1 minute', end_time = now() + interval '31 minutes'
where external_id in (select 'event' || e * 100 from generate_series(1, 50) as e);

insert into private.superadmins (user_id, granted_by) values (bench.id('person', 101), 'the plan lint');

set session_replication_role = origin;
vacuum analyze public.recordings, public.recording_events, public.calendar_events;
vacuum analyze private.recording_uploads, private.recording_transcriptions, private.jobs, private.job_keys;
