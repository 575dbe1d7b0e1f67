-- Whose recordings are taken: of an active connection, of an active member, to a current address, signed with a
-- secret that has not run out.
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'agent');
select tests.given_member('ben', 'acme', 'manager');
select tests.given_member('susi', 'acme', 'manager', 'suspended');
select tests.given_member('cy', 'globex', 'owner');

create function pg_temp.connect(p_org text, p_person text, p_key text, p_covers text default 'own', p_email text default null)
returns uuid language sql as $$
  select private.connect_fathom(
    tests.id(p_org), tests.id(p_person), coalesce(p_email, p_person || '@example.test'), encode(sha256(p_key::bytea), 'hex'), 'whsec_' || p_key, p_covers
  )
$$;
create function pg_temp.secrets(p_key text)
returns jsonb language sql as $$
  select private.find_fathom_connection(encode(sha256(p_key::bytea), 'hex')) -> 'secrets'
$$;
create function pg_temp.outcome(p_connection text, p_recorder text, p_recording text)
returns text language sql as $$
  select private.ingest_fathom_meeting(
    (select a.id from private.accept_webhook('fathom', tests.id(p_connection) || ':' || gen_random_uuid(), '{}', '{}', null) as a),
    jsonb_build_object('recording_id', p_recording, 'recorder_email', p_recorder, 'title', 'x')
  ) ->> 'outcome'
$$;

select throws_ok($$ select pg_temp.connect('acme', 'cy', 'k') $$, 'PT404', 'organization_not_found', 'nobody connects an account to an organization of others');
select throws_ok($$ select pg_temp.connect('acme', 'susi', 'k') $$, 'PT404', 'organization_not_found', 'nor does who is suspended');
select lives_ok($$ select tests.remember('ana''s', pg_temp.connect('acme', 'ana', 'old', 'organization')) $$, 'control: a member does');
select lives_ok($$ select tests.remember('ben''s', pg_temp.connect('acme', 'ben', 'other', 'own')) $$, 'and a colleague');

-- Secrets.
select is(pg_temp.secrets('old'), '["whsec_old"]'::jsonb, 'the address finds its secret');
select is(pg_temp.secrets('nobody''s'), null, 'no other address finds one');
select pg_temp.connect('acme', 'ana', 'new', 'organization');
select is(jsonb_array_length(pg_temp.secrets('new')), 2, 'after a change the one before holds for a while');
select is(jsonb_array_length(pg_temp.secrets('old')), 2, 'at the address before, too');
update private.fathom_connections set previous_secret_until = now() where id = tests.id('ana''s');
select is(pg_temp.secrets('new'), '["whsec_new"]'::jsonb, 'then it is over');
select is(pg_temp.secrets('old'), null, 'and so is the address');
update private.fathom_connections set status = 'disconnected' where id = tests.id('ben''s');
select is(pg_temp.secrets('other'), null, 'a connection that was ended has no secret');
select is(pg_temp.outcome('ben''s', 'ben@example.test', 'r0'), 'not_connected', 'and brings nothing');
select is(pg_temp.outcome('ana''s', 'ben@example.test', 'r1'), 'created', 'control: an open one does');
update public.organization_members set status = 'suspended' where user_id = tests.id('ana');
select is(pg_temp.secrets('new'), null, 'nor has that of a suspended member');
select is(pg_temp.outcome('ana''s', 'ben@example.test', 'r2'), 'not_connected', 'which brings nothing either');
update public.organization_members set status = 'active' where user_id = tests.id('ana');

-- Recorders: by connection, else by verified address; active either way.
select pg_temp.connect('acme', 'ana', 'alias', 'own', 'alias@example.test');
select is(private.find_recorder(tests.id('acme'), 'alias@example.test'), tests.id('ana'), 'a recorder is found by their connection');
update private.fathom_connections set status = 'disconnected' where recorder_email = 'alias@example.test';
select is(private.find_recorder(tests.id('acme'), 'alias@example.test'), null, 'not by one that was ended');
update private.fathom_connections set status = 'active' where recorder_email = 'alias@example.test';
update public.organization_members set status = 'suspended' where user_id = tests.id('ana');
select is(private.find_recorder(tests.id('acme'), 'alias@example.test'), null, 'nor when they are suspended');
select is(private.find_recorder(tests.id('acme'), 'ben@example.test'), tests.id('ben'), 'control: a member is found by address');
select is(private.find_recorder(tests.id('acme'), 'susi@example.test'), null, 'but not a suspended one');
select is(private.find_recorder(tests.id('acme'), 'cy@example.test'), null, 'nor somebody from outside');

select throws_ok($$ select private.ingest_fathom_meeting(gen_random_uuid(), '{}') $$, 'PT404', 'not_found', 'an event that is not there is not applied');
select throws_ok(
  $$ select private.ingest_fathom_meeting((select a.id from private.accept_webhook('another', 'x', '{}', '{}', null) as a), '{}') $$,
  'PT404', 'not_found', 'nor is another provider''s'
);

-- Recordings that waited for their recorder, and no others, are replayed.
insert into private.webhook_events (provider, event_id, payload, org_id, state, last_error, processed_at) values
  ('fathom', 'waiting', '{}', tests.id('acme'), 'dead', 'recorder_unknown', null),
  ('fathom', 'processed', '{}', tests.id('acme'), 'processed', 'recorder_unknown', now());
select is(private.replay_waiting_recordings(tests.id('acme')), 1, 'what died for want of a recorder is replayed');
select is((select e.state from private.webhook_events as e where e.event_id = 'processed'), 'processed', 'what was processed is not');

-- A recording belongs to no event that was cancelled.
insert into public.calendar_events (org_id, user_id, external_id, title, start_time, end_time, status)
values (tests.id('acme'), tests.id('ben'), 'e1', 'x', '2026-11-22 10:00Z', '2026-11-22 11:00Z', 'cancelled')
returning tests.remember('event', id);
insert into public.meetings (org_id, owner_user_id, source_type, external_id, title, started_at, scheduled_start_at)
values (tests.id('acme'), tests.id('ben'), 'fathom', 'linked', 'x', '2026-11-22 10:00Z', '2026-11-22 10:00Z')
returning tests.remember('meeting', id);
select private.link_recorded_meeting(tests.id('acme'), tests.id('meeting'));
select is((select m.calendar_event_id from public.meetings as m where m.id = tests.id('meeting')), null, 'a cancelled event was not recorded');
update public.calendar_events set status = 'confirmed' where id = tests.id('event');
select private.link_recorded_meeting(tests.id('acme'), tests.id('meeting'));
select is((select m.calendar_event_id from public.meetings as m where m.id = tests.id('meeting')), tests.id('event'), 'control: one that took place was');

select * from finish();
rollback;
