-- A recording is applied whole, to the organization of its connection and the member who recorded it,
-- and each field keeps the newest delivery that says anything about it (U60-054, U60-131).
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'agent');
select tests.given_member('ben', 'acme', 'manager');
select tests.given_member('cy', 'globex', 'owner');
select tests.given_org('acme');

create function pg_temp.given_delivery(p_name text, p_connection text, p_seconds integer)
returns uuid language sql as $$
  select tests.remember(p_name, a.id)
  from private.accept_webhook(
    'fathom', tests.id(p_connection) || ':' || p_name, '{}', jsonb_build_object('webhook-timestamp', p_seconds), 'req-1'
  ) as a
$$;
create function pg_temp.recording(p_more jsonb default '{}')
returns jsonb language sql as $$
  select '{
    "recording_id": "r1", "recorder_email": "ana@example.test", "title": "First title",
    "started_at": "2026-11-22T10:00:00Z", "content_created_at": "2026-11-22T11:00:00Z",
    "attendees": [{"name": "Bo", "email": "bo@buyer.test", "is_external": true, "is_organizer": false}],
    "transcript": [{"seq": 0, "speaker_name": "Bo", "start_ms": 1000, "text": "Zebra crossing"},
                   {"seq": 1, "speaker_name": null, "start_ms": null, "text": "Second line"}],
    "action_items": [{"seq": 0, "description": "Send it", "completed": false}], "summary": "Short"
  }'::jsonb || p_more
$$;

select tests.remember('ana''s', private.connect_fathom(
  tests.id('acme'), tests.id('ana'), 'ANA@example.test', encode(sha256('a'), 'hex'), 'whsec_a'));
select tests.remember('everybody''s', private.connect_fathom(
  tests.id('acme'), tests.id('ben'), 'ben@example.test', encode(sha256('b'), 'hex'), 'whsec_b', 'organization'));
select pg_temp.given_delivery('d1', 'ana''s', 1000);
select pg_temp.given_delivery('d2', 'ana''s', 900);
select pg_temp.given_delivery('d3', 'ana''s', 1100);
select pg_temp.given_delivery('d4', 'everybody''s', 1200);
select pg_temp.given_delivery('d5', 'ana''s', 1300);

select is(private.ingest_fathom_meeting(tests.id('d1'), pg_temp.recording()) ->> 'outcome', 'created', 'it is created');
select is(private.ingest_fathom_meeting(tests.id('d1'), pg_temp.recording()) ->> 'outcome', 'unchanged', 'once');
select results_eq(
  $$ select org_id, owner_user_id, source_type, title, summary from public.meetings where external_id = 'r1' $$,
  $$ values (tests.id('acme'), tests.id('ana'), 'fathom', 'First title', 'Short') $$,
  'U60-131 it belongs to the connection''s organization and to who recorded it'
);
select results_eq(
  $$ select seq, start_ms, text from public.transcript_segments where org_id = tests.id('acme') order by seq $$,
  $$ values (1, 1000, 'Zebra crossing'), (2, 1000, 'Second line') $$, 'with all that was said, in order'
);
select results_eq(
  $$ select actor_kind, actor_name, request_id from public.security_audit_log where action = 'meetings.insert' and org_id = tests.id('acme') $$,
  $$ values ('webhook', 'fathom', 'req-1') $$, 'U60-170 one audit row, by the webhook'
);

select is(
  private.ingest_fathom_meeting(tests.id('d2'), pg_temp.recording('{"title": "Older", "transcript": null}')) ->> 'outcome',
  'unchanged', 'what was sent before changes nothing when it comes after'
);
select is(
  private.ingest_fathom_meeting(
    tests.id('d3'), pg_temp.recording('{"title": "Newer", "summary": null, "transcript": null, "attendees": null, "action_items": []}')
  ) ->> 'outcome',
  'updated', 'what was sent later does'
);
select results_eq(
  $$ select m.title, m.summary, (select count(*)::int from public.transcript_segments s where s.meeting_id = m.id),
       (select count(*)::int from public.meeting_action_items i where i.meeting_id = m.id)
     from public.meetings as m where m.external_id = 'r1' $$,
  $$ values ('Newer', 'Short', 2, 0) $$, 'null erases nothing, an empty list does'
);

select is(
  private.ingest_fathom_meeting(tests.id('d5'), pg_temp.recording('{"recording_id": "r2", "recorder_email": "ben@example.test"}')) ->> 'outcome',
  'recorder_unknown', 'a connection of one''s own brings no recordings of a colleague'
);
select is(
  private.ingest_fathom_meeting(tests.id('d4'), pg_temp.recording('{"recording_id": "r2", "recorder_email": "cy@example.test"}')) ->> 'outcome',
  'recorder_unknown', 'T-03 and none brings recordings of somebody from outside'
);
select is(
  private.ingest_fathom_meeting(tests.id('d4'), pg_temp.recording('{"recording_id": "r2"}')) ->> 'outcome',
  'created', 'control: the organization''s brings its members'''
);

delete from public.meetings where external_id = 'r1';
select is(private.ingest_fathom_meeting(tests.id('d5'), pg_temp.recording()) ->> 'outcome', 'deleted', 'what a person deleted stays deleted');

update public.organization_members set status = 'removed' where user_id = tests.id('ana');
select is_empty($$ select from private.fathom_connections where id = tests.id('ana''s') $$, 'who is removed takes their connection along');
select is_empty($$ select from vault.secrets where name like 'fathom:' || tests.id('ana''s') || '%' $$, 'and its secret leaves the vault');
select is(private.ingest_fathom_meeting(tests.id('d5'), pg_temp.recording('{"recording_id": "r3"}')) ->> 'outcome', 'not_connected', 'what came through it is applied no more');

select tests.act_as('ben');
select throws_ok($$ select public.ingest_fathom_meeting(tests.id('d4'), '{}') $$, '42501', null, 'T-04 a person applies no event');
select throws_ok($$ select public.find_fathom_connection('x') $$, '42501', null, 'reads no secret');
select throws_ok('select from private.fathom_connections', '42501', null, 'and no connection');

select * from finish();
rollback;
