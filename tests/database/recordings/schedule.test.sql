-- When the notetaker's jobs run, and that a tick which finds nothing due calls nobody.
begin;
select * from no_plan();

select set_eq(
  $$ select jobname::text, schedule::text from cron.job
     where jobname in (
       'auto-join-scheduler', 'deploy-recording-bot', 'poll-s3-upload-queue', 'process-recording',
       'generate-s3-video-thumbnail', 'reconcile-recordings', 's3-usage-metrics'
     ) $$,
  $$ values ('auto-join-scheduler', '*/2 * * * *'), ('deploy-recording-bot', '* * * * *'),
       ('poll-s3-upload-queue', '* * * * *'), ('process-recording', '* * * * *'),
       ('generate-s3-video-thumbnail', '* * * * *'), ('reconcile-recordings', '*/5 * * * *'),
       ('s3-usage-metrics', '0 0 * * *') $$,
  'U60-104 U60-112 U60-134 bots every two minutes, uploads every minute, figures at midnight UTC'
);
select lives_ok('select private.setup_recording_schedule()', 'scheduling it again is safe');
select is((select count(*)::int from cron.job where jobname = 'process-recording'), 1, 'and makes no second one');

delete from vault.secrets where name in ('project_url', 'service_role_key');
select vault.create_secret('http://127.0.0.1:9/', 'project_url');
select vault.create_secret('sb_secret_canary_0815', 'service_role_key');
create temporary view called as
select substring(q.url from '[^/]+$') as name from net.http_request_queue as q where q.url ~ '^http://127.0.0.1:9/';

select is(private.call_worker('deploy-recording-bot', array['recording.deploy', 'recording.leave']), false, 'nothing is due');
select is(private.call_process_recording(), false, 'no transcript either');
select is_empty('select name from called', 'so nobody is called');

insert into private.jobs (kind, run_at) values ('recording.leave', now() + interval '1 minute');
select is(private.call_worker('deploy-recording-bot', array['recording.deploy', 'recording.leave']), false, 'what is due later is not due');
insert into private.jobs (kind, run_at, state, finished_at) values ('recording.leave', now() - interval '1 minute', 'dead', now());
select is(private.call_worker('deploy-recording-bot', array['recording.deploy', 'recording.leave']), false, 'what is buried is not due');
insert into private.jobs (kind) values ('recording.leave');
select is(private.call_worker('deploy-recording-bot', array['recording.deploy']), false, 'another kind is another worker''s');
select is(private.call_worker('deploy-recording-bot', array['recording.deploy', 'recording.leave']), true, 'a due job is called for');
insert into private.jobs (kind, run_at, state) values ('recording.analyze', now() - interval '1 minute', 'running');
select is(private.call_process_recording(), true, 'a dead worker''s job too, once its lease has run out');
select bag_eq(
  'select name from called', $$ values ('deploy-recording-bot'), ('process-recording') $$, 'U60-143 one signed call each'
);

select * from finish();
rollback;
