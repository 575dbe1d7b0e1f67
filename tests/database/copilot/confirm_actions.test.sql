-- A yes executes the stored text, once, with the rights of who says it; undoing puts back what nobody has
-- changed since.
begin;
select * from no_plan();

delete from vault.secrets where name in ('project_url', 'service_role_key');
select vault.create_secret('http://127.0.0.1:9/', 'project_url');
select vault.create_secret('sb_secret_test', 'service_role_key');

select tests.given_member('ana', 'acme', 'manager');
select tests.given_member('ben', 'acme', 'manager');
select tests.given_member('gus', 'acme', 'agent', 'removed');
select tests.given_member('cy', 'globex', 'owner');
select tests.given_row('chore', 'tasks', 'acme', 'ana');
select tests.given_row('bens chore', 'tasks', 'acme', 'ben');
select tests.given_row('deal', 'deals', 'acme', 'ben');
select tests.given_row('dana', 'contacts', 'acme', 'ben');
select tests.given_row('firm', 'companies', 'acme', 'ben');
select tests.given_row('call', 'meetings', 'acme', 'ben');
select tests.given_row('their firm', 'companies', 'globex', 'cy');
insert into private.slack_connections (org_id, team_id, team_name, bot_user_id, bot_token_secret_id)
values (tests.id('acme'), 'T0ACME', 'Acme', 'U1', gen_random_uuid());
insert into private.slack_channels (org_id, channel_id, name, is_open) values (tests.id('acme'), 'COPEN', 'sales', true);
select tests.remember('turn', gen_random_uuid());
select tests.remember('won', (select id from public.deal_stages where org_id = tests.id('acme') and kind = 'won')),
  tests.remember('lost', (select id from public.deal_stages where org_id = tests.id('acme') and kind = 'lost'));

create function pg_temp.propose(p_key text, p_effects jsonb) returns uuid language sql as $$
  select (public.propose_action(tests.id('turn'), p_key, 'Does it', p_effects::text, (
    select jsonb_agg(jsonb_build_object('kind', e ->> 'kind', 'summary', 's', 'fields', (
      select coalesce(jsonb_agg(jsonb_build_object('name', f.key, 'value', f.value)), '[]') from (
        select w.key, w.value from jsonb_each(e || coalesce(e -> 'changes', '{}')) as w
        union all select s.key, s.value from jsonb_each(private.shown_fields(tests.id('acme'), e)) as s
      ) as f where jsonb_typeof(f.value) = 'string')))
    from jsonb_array_elements(p_effects) as e), '[]', false) ->> 'id')::uuid
$$;
create function pg_temp.hash(p_id uuid) returns text language sql as $$
  select public.read_pending_action(p_id) -> 'action' ->> 'payload_sha256'
$$;
create function pg_temp.confirm(p_id uuid) returns jsonb language sql as $$ select public.confirm_pending_action(p_id, pg_temp.hash(p_id)) $$;
create function pg_temp.run(p_key text, p_effects jsonb) returns jsonb language sql as $$ select pg_temp.confirm(pg_temp.propose(p_key, p_effects)) $$;
create function pg_temp.id_of(p_key text) returns uuid language sql security definer as $$ select id from private.pending_actions where key = p_key $$;
-- As if they had been proposed when all of it was there.
create function pg_temp.given_effects(p_action_id uuid, p_effects jsonb) returns uuid language sql security definer as $$
  update private.pending_actions as a
  set effects_sealed = private.seal(private.copilot_key(a.org_id, a.user_id), 'action_effects:' || a.id, p_effects::text),
    payload_sha256 = encode(sha256(convert_to(p_effects::text, 'UTF8')), 'hex')
  where a.id = p_action_id
  returning a.id
$$;
create function pg_temp.of_task(p_name text, p_column text) returns text language sql as $$ select to_jsonb(t) ->> p_column from public.tasks as t where t.id = tests.id(p_name) $$;
create function pg_temp.of_deal(p_column text) returns text language sql as $$ select to_jsonb(d) ->> p_column from public.deals as d where d.id = tests.id('deal') $$;
create function pg_temp.of_dana(p_column text) returns text language sql as $$ select to_jsonb(c) ->> p_column from public.contacts as c where c.id = tests.id('dana') $$;
create function pg_temp.task(p_title text, p_more jsonb default '{}') returns jsonb language sql as $$
  select jsonb_build_array(jsonb_build_object('kind', 'create_task', 'title', p_title, 'details', null, 'due_at', null, 'priority', 'high',
    'assigned_to', null, 'company_id', null, 'contact_id', null, 'deal_id', null, 'meeting_id', null) || p_more)
$$;
create function pg_temp.tasks(p_title text) returns integer language sql as $$ select count(*)::integer from public.tasks where title = p_title $$;
grant execute on function pg_temp.propose(text, jsonb), pg_temp.given_effects(uuid, jsonb), pg_temp.hash(uuid), pg_temp.confirm(uuid), pg_temp.run(text, jsonb), pg_temp.id_of(text), pg_temp.tasks(text),
  pg_temp.of_task(text, text), pg_temp.of_deal(text), pg_temp.of_dana(text), pg_temp.task(text, jsonb) to authenticated;

select tests.act_as('ana');
select public.begin_copilot_turn(tests.id('acme'), gen_random_uuid(), tests.id('turn'), 'Hello', 'w');

-- One yes.
select pg_temp.propose('call', pg_temp.task('Call', '{"due_at": "2026-12-01T09:00:00+01:00"}'));
select is(public.confirm_pending_action(pg_temp.id_of('call'), repeat('0', 64)) ->> 'outcome', 'changed', 'another hash is a yes to something else');
select is(public.confirm_pending_action(pg_temp.id_of('call'), null) ->> 'outcome', 'changed', 'so is none');
select is(pg_temp.tasks('Call'), 0, 'and nothing happens');
select is(public.read_pending_action(pg_temp.id_of('call')) -> 'action' ->> 'status', 'open', 'it waits on');
create temporary table yes as select pg_temp.confirm(pg_temp.id_of('call')) as answer;
select results_eq(
  $$ select answer ->> 'outcome', answer -> 'action' ->> 'status', answer ->> 'error_code', answer -> 'results' -> 0 ->> 'table', answer -> 'results' -> 0 ->> 'status' from yes $$,
  $$ values ('executed', 'executed', null, 'tasks', 'done') $$, 'U60-088 the yes executes it'
);
select results_eq(
  $$ select t.user_id, t.title, t.priority, t.status, t.due_at, t.id from public.tasks as t where t.title = 'Call' $$,
  $$ select tests.id('ana'), 'Call', 'high', 'open', '2026-12-01T08:00:00Z'::timestamptz, (answer -> 'results' -> 0 ->> 'id')::uuid from yes $$,
  'R-02 exactly what it said, for who said it'
);
select is(pg_temp.confirm(pg_temp.id_of('call')) ->> 'outcome', 'already_decided', 'a second yes comes too late');
select is(pg_temp.tasks('Call'), 1, 'and does nothing');
select is(public.cancel_pending_action(pg_temp.id_of('call')) ->> 'outcome', 'already_decided', 'nor is it cancelled then');
select is(pg_temp.tasks('Call'), 1, 'or half so');
select pg_temp.propose('dropped', pg_temp.task('Dropped'));
select public.cancel_pending_action(pg_temp.id_of('dropped'));
select is(pg_temp.confirm(pg_temp.id_of('dropped')) ->> 'outcome', 'already_decided', 'what was cancelled stays so');
select is(pg_temp.tasks('Dropped'), 0, 'and undone');
select pg_temp.propose('late', pg_temp.task('Late'));
select tests.act_as_owner();
update private.pending_actions set expires_at = clock_timestamp() where key = 'late';
select tests.act_as('ana');
select is(pg_temp.confirm(pg_temp.id_of('late')) ->> 'outcome', 'expired', 'a late yes is none');
select is(pg_temp.confirm(pg_temp.id_of('late')) ->> 'outcome', 'already_decided', 'however often');
select is(pg_temp.tasks('Late'), 0, 'nothing happens');
select pg_temp.propose('hers', pg_temp.task('Hers'));
select tests.act_as('ben');
select throws_ok(format('select public.confirm_pending_action(%L, %L)', pg_temp.id_of('hers'), repeat('0', 64)), 'PT404', 'not_found', 'a colleague''s yes is for nothing that exists');
select throws_ok(format('select public.undo_action(%L)', pg_temp.id_of('call')), 'PT404', 'not_found', 'nor do they take anything back');
select tests.act_as('cy');
select throws_ok(format('select public.confirm_pending_action(%L, %L)', pg_temp.id_of('hers'), repeat('0', 64)), 'PT404', 'not_found', 'nor anybody elsewhere');
select tests.act_as('ana');
select throws_ok(format('select public.confirm_pending_action(%L, %L)', gen_random_uuid(), repeat('0', 64)), 'PT404', 'not_found', 'nor a guess');
select throws_ok(format('select private.settle_action(%L, ''[]'', null)', pg_temp.id_of('hers')), 'PT409', 'conflict', 'what nobody claimed is not settled');

-- The bytes.
select pg_temp.propose('tampered', pg_temp.task('As shown'));
create temporary table shown as select pg_temp.hash(pg_temp.id_of('tampered')) as hash;
select tests.act_as_owner();
update private.pending_actions as a
set effects_sealed = private.seal(private.copilot_key(a.org_id, a.user_id), 'action_effects:' || a.id, replace(private.effects_text(a), 'As shown', 'Otherwise'))
where a.key = 'tampered';
grant select on table shown to authenticated;
select tests.act_as('ana');
select is(public.confirm_pending_action(pg_temp.id_of('tampered'), (select hash from shown)) ->> 'outcome', 'changed', 'R-02 the text itself is compared, not what the row says of it');
select is(pg_temp.tasks('Otherwise') + pg_temp.tasks('As shown'), 0, 'R-02 nothing else is executed in its place');
select tests.act_as_owner();
update private.pending_actions as a set effects_sealed = b.effects_sealed
from private.pending_actions as b where a.key = 'tampered' and b.key = 'hers';
select tests.act_as('ana');
select throws_ok(format('select pg_temp.confirm(%L)', pg_temp.id_of('tampered')), 'P0001', null, 'R-02 nor another''s text');

-- Each effect, and back.
select is(
  pg_temp.run('edit', jsonb_build_array(jsonb_build_object('kind', 'update_task', 'task_id', tests.id('chore'),
    'changes', jsonb_build_object('title', 'Better', 'due_at', '2026-12-24T00:00:00Z', 'details', 'More', 'priority', 'low', 'status', 'in_progress',
      'assigned_to', tests.id('ben'))))) ->> 'outcome', 'executed', 'a task is changed'
);
select results_eq(
  $$ select title, details, priority, status, due_at, assigned_to from public.tasks where id = tests.id('chore') $$,
  $$ values ('Better', 'More', 'low', 'in_progress', '2026-12-24T00:00:00Z'::timestamptz, tests.id('ben')) $$, 'as it says'
);
select is(public.undo_action(pg_temp.id_of('edit')) ->> 'outcome', 'undone', 'and changed back');
select results_eq(
  $$ select title, details, priority, status, due_at, assigned_to from public.tasks where id = tests.id('chore') $$,
  $$ values ('chore', null::text, 'normal', 'open', null::timestamptz, null::uuid) $$, 'all of it'
);
select is(public.undo_action(pg_temp.id_of('edit')) ->> 'outcome', 'already_undone', 'once');
select is(pg_temp.confirm(pg_temp.id_of('edit')) ->> 'outcome', 'already_decided', 'and no yes brings it again');
select is(pg_temp.run('tick', jsonb_build_array(jsonb_build_object('kind', 'complete_task', 'task_id', tests.id('chore')))) ->> 'outcome', 'executed', 'a task is ticked off');
select isnt(pg_temp.of_task('chore', 'completed_at'), null, 'then');
select is(public.undo_action(pg_temp.id_of('tick')) ->> 'outcome', 'undone', 'and open again');
select is(pg_temp.of_task('chore', 'status'), 'open', 'as before');
select is(pg_temp.run('lose', jsonb_build_array(jsonb_build_object('kind', 'update_deal_stage', 'deal_id', tests.id('deal'), 'stage_id', tests.id('lost'), 'lost_reason', 'Price'))) ->> 'outcome', 'executed', 'a deal is moved');
select is(pg_temp.of_deal('status') || pg_temp.of_deal('lost_reason'), 'lostPrice', 'its status follows');
select is(public.undo_action(pg_temp.id_of('lose')) ->> 'outcome', 'undone', 'and moved back');
select is(pg_temp.of_deal('status') || coalesce(pg_temp.of_deal('lost_reason'), ''), 'open', 'all of it');
select is(pg_temp.run('win', jsonb_build_array(jsonb_build_object('kind', 'update_deal_stage', 'deal_id', tests.id('deal'), 'stage_id', tests.id('won'), 'lost_reason', null))) ->> 'outcome', 'executed', 'without a reason');
select is(
  pg_temp.run('person', jsonb_build_array(jsonb_build_object('kind', 'update_contact', 'contact_id', tests.id('dana'), 'changes', jsonb_build_object(
    'first_name', 'Dana', 'last_name', 'Reyes', 'email', 'dana@new.test', 'phone', '1', 'job_title', 'CFO', 'notes', 'n', 'company_id', tests.id('firm'))))) ->> 'outcome',
  'executed', 'a contact is changed'
);
select results_eq(
  $$ select first_name, last_name, email, phone, job_title, notes, company_id from public.contacts where id = tests.id('dana') $$,
  $$ values ('Dana', 'Reyes', 'dana@new.test', '1', 'CFO', 'n', tests.id('firm')) $$, 'as it says'
);
select is(public.undo_action(pg_temp.id_of('person')) ->> 'outcome', 'undone', 'and changed back');
select results_eq(
  $$ select first_name, last_name, email, phone, job_title, notes, company_id from public.contacts where id = tests.id('dana') $$,
  $$ values ('dana', null::text, 'dana@customer.test', null::text, null::text, null::text, null::uuid) $$, 'all of it'
);
select is(
  pg_temp.run('note', jsonb_build_array(jsonb_build_object('kind', 'create_activity', 'activity_kind', 'call', 'subject', 'Rang', 'details', 'Long',
    'occurred_at', '2026-11-20T10:00:00Z', 'company_id', tests.id('firm'), 'contact_id', tests.id('dana'), 'deal_id', tests.id('deal'), 'meeting_id', tests.id('call')))) ->> 'outcome',
  'executed', 'an activity is written down'
);
select results_eq(
  $$ select user_id, kind, details, occurred_at, company_id, contact_id, deal_id, meeting_id from public.activities where subject = 'Rang' $$,
  $$ values (tests.id('ana'), 'call', 'Long', '2026-11-20T10:00:00Z'::timestamptz, tests.id('firm'), tests.id('dana'), tests.id('deal'), tests.id('call')) $$, 'as it says'
);
select is(public.undo_action(pg_temp.id_of('note')) ->> 'outcome', 'undone', 'and struck out');
select is((select count(*)::integer from public.activities where subject = 'Rang'), 0, 'all of it');
select is(public.undo_action(pg_temp.id_of('call')) ->> 'outcome', 'undone', 'a task that was made is taken back');
select is(pg_temp.tasks('Call'), 0, 'and gone');
select is(
  pg_temp.run('linked', pg_temp.task('Linked', jsonb_build_object('company_id', tests.id('firm'), 'contact_id', tests.id('dana'), 'deal_id', tests.id('deal'),
    'meeting_id', tests.id('call'), 'assigned_to', tests.id('ben'), 'details', 'd'))) ->> 'outcome', 'executed', 'a task with all it can point to'
);
select is((select count(*)::integer from public.tasks where title = 'Linked' and company_id = tests.id('firm') and contact_id = tests.id('dana')
  and deal_id = tests.id('deal') and meeting_id = tests.id('call') and assigned_to = tests.id('ben') and details = 'd'), 1, 'points to it');

-- Only what nobody has changed since, and not for ever.
select pg_temp.run('both', pg_temp.task('Both') || jsonb_build_array(jsonb_build_object('kind', 'update_task', 'task_id', tests.id('chore'), 'changes', '{"title": "Other"}'::jsonb)));
update public.tasks set details = 'Mine now' where title = 'Both';
select results_eq(
  $$ select u ->> 'outcome', u -> 'action' ->> 'status' from public.undo_action(pg_temp.id_of('both')) as u $$, $$ values ('changed_since', 'executed') $$,
  'what was worked on is not taken away'
);
select is(pg_temp.of_task('chore', 'title'), 'Other', 'nor the rest without it');
update public.tasks set details = null where title = 'Both';
update public.tasks set details = 'Unrelated' where id = tests.id('chore');
select is(public.undo_action(pg_temp.id_of('both')) ->> 'outcome', 'undone', 'control: as it was, it is; other columns are no hindrance');
select is(pg_temp.of_task('chore', 'title') || pg_temp.of_task('chore', 'details') || pg_temp.tasks('Both'), 'choreUnrelated0', 'all of it');
select pg_temp.run('name', jsonb_build_array(jsonb_build_object('kind', 'update_task', 'task_id', tests.id('chore'), 'changes', '{"title": "A"}'::jsonb)));
update public.tasks set title = 'B' where id = tests.id('chore');
select is(public.undo_action(pg_temp.id_of('name')) ->> 'outcome', 'changed_since', 'what somebody renamed keeps its name');
select is(pg_temp.of_task('chore', 'title'), 'B', 'that one');
select pg_temp.run('old', pg_temp.task('Old'));
select tests.act_as_owner();
update private.pending_actions set decided_at = clock_timestamp() - interval '24 hours' where key = 'old';
select tests.act_as('ana');
select is(public.undo_action(pg_temp.id_of('old')) ->> 'outcome', 'too_late', 'after a day it stays');
select is(pg_temp.tasks('Old'), 1, 'as it is');
select pg_temp.propose('waiting', pg_temp.task('Waiting'));
select is(public.undo_action(pg_temp.id_of('waiting')) ->> 'outcome', 'not_reversible', 'what was not done is not undone');
select is(public.read_pending_action(pg_temp.id_of('waiting')) -> 'action' ->> 'status', 'open', 'it waits on');

-- With the rights there are at the yes, all or nothing.
create function pg_temp.failed(p_key text, p_effects jsonb) returns text language sql as $$
  select concat_ws(' ', a ->> 'outcome', a -> 'action' ->> 'status', a ->> 'error_code', a ->> 'results')
  from pg_temp.confirm(pg_temp.given_effects(pg_temp.propose(p_key, pg_temp.task('x')), p_effects)) as a
$$;
grant execute on function pg_temp.failed(text, jsonb) to authenticated;
select is(
  pg_temp.failed('half', pg_temp.task('Half') || jsonb_build_array(jsonb_build_object('kind', 'complete_task', 'task_id', tests.id('bens chore')))),
  'failed failed not_found []', 'a colleague''s own task is out of reach'
);
select is(pg_temp.tasks('Half'), 0, 'and nothing is half done');
select is(pg_temp.confirm(pg_temp.id_of('half')) ->> 'outcome', 'already_decided', 'a failure is final');
select is(pg_temp.failed('firm', pg_temp.task('x', jsonb_build_object('company_id', tests.id('their firm')))), 'failed failed not_found []', 'nothing points into another organization');
select is(pg_temp.failed('none', pg_temp.task('x', jsonb_build_object('contact_id', gen_random_uuid()))), 'failed failed not_found []', 'or at no contact');
select is(pg_temp.failed('no deal', pg_temp.task('x', jsonb_build_object('deal_id', gen_random_uuid()))), 'failed failed not_found []', 'no deal');
select is(pg_temp.failed('no call', pg_temp.task('x', jsonb_build_object('meeting_id', gen_random_uuid()))), 'failed failed not_found []', 'no meeting');
select is(pg_temp.failed('gone', pg_temp.task('x', jsonb_build_object('assigned_to', tests.id('gus')))), 'failed failed not_found []', 'nobody who left');
select is(
  pg_temp.failed('no note', jsonb_build_array(jsonb_build_object('kind', 'create_activity', 'activity_kind', 'note', 'subject', 'x', 'deal_id', gen_random_uuid()))),
  'failed failed not_found []', 'of an activity neither'
);
select is(
  pg_temp.failed('no one', jsonb_build_array(jsonb_build_object('kind', 'update_contact', 'contact_id', gen_random_uuid(), 'changes', '{"notes": "x"}'::jsonb))),
  'failed failed not_found []', 'a contact that is not there'
);
select is(
  pg_temp.failed('moved', jsonb_build_array(jsonb_build_object('kind', 'update_contact', 'contact_id', tests.id('dana'), 'changes', jsonb_build_object('company_id', tests.id('their firm'))))),
  'failed failed not_found []', 'or one that would point elsewhere'
);
select is(
  pg_temp.failed('handed', jsonb_build_array(jsonb_build_object('kind', 'update_task', 'task_id', tests.id('chore'), 'changes', jsonb_build_object('assigned_to', tests.id('gus'))))),
  'failed failed not_found []', 'a task for somebody who left'
);
select is(
  pg_temp.failed('no stage', jsonb_build_array(jsonb_build_object('kind', 'update_deal_stage', 'deal_id', tests.id('deal'), 'stage_id', gen_random_uuid()))),
  'failed failed invalid_request []', 'a stage that there is not'
);
select is(
  pg_temp.failed('no pipeline', jsonb_build_array(jsonb_build_object('kind', 'update_deal_stage', 'deal_id', gen_random_uuid(), 'stage_id', tests.id('won')))),
  'failed failed not_found []', 'a deal that there is not'
);
select is(
  pg_temp.failed('no priority', jsonb_build_array(jsonb_build_object('kind', 'update_task', 'task_id', tests.id('chore'), 'changes', '{"priority": "whenever"}'::jsonb))),
  'failed failed invalid_request []', 'what the table refuses'
);
select is(
  pg_temp.failed('no day', pg_temp.task('x', '{"due_at": "someday"}')), 'failed failed invalid_request []', 'and what is no date'
);
select pg_temp.run('taken', jsonb_build_array(jsonb_build_object('kind', 'update_task', 'task_id', tests.id('chore'), 'changes', jsonb_build_object('assigned_to', null, 'title', 'C'))));
select pg_temp.propose('unshared', jsonb_build_array(jsonb_build_object('kind', 'update_deal_stage', 'deal_id', tests.id('deal'), 'stage_id', tests.id('lost'))));
select pg_temp.run('told', jsonb_build_array(jsonb_build_object('kind', 'update_contact', 'contact_id', tests.id('dana'), 'changes', '{"notes": "told"}'::jsonb)));
select pg_temp.propose('posted', '[{"kind": "post_slack_message", "channel_id": "COPEN", "channel_name": "sales", "text": "Hi"}]');
select pg_temp.propose('mixed', pg_temp.task('Mixed') || '[{"kind": "post_slack_message", "channel_id": "COPEN", "channel_name": "sales", "text": "Ho"}]');
select tests.act_as_owner();
select tests.set_setting('acme', 'enable_crm_sharing', 'false');
update private.slack_channels set is_open = false where org_id = tests.id('acme');
select tests.act_as('ana');
select is(
  (select concat_ws(' ', a ->> 'outcome', a ->> 'error_code') from pg_temp.confirm(pg_temp.id_of('unshared')) as a), 'failed not_found',
  'what is shared no more by the time of the yes is out of reach'
);
select is(public.undo_action(pg_temp.id_of('told')) ->> 'outcome', 'failed', 'also to take back');
select is(
  (select concat_ws(' ', a ->> 'outcome', a ->> 'error_code') from pg_temp.confirm(pg_temp.id_of('posted')) as a), 'failed recipient_not_allowed',
  'so is a channel that was closed meanwhile'
);
select is(
  (select concat_ws(' ', a ->> 'outcome', a ->> 'error_code') from pg_temp.confirm(pg_temp.id_of('mixed')) as a), 'failed recipient_not_allowed',
  'and what stays inside does not happen without it'
);
select is(pg_temp.tasks('Mixed'), 0, 'not a part');
select tests.act_as_owner();
select is((select count(*)::integer from private.outbound_effects), 0, 'nothing of that is in the outbox');
select is((select count(*)::integer from private.pending_actions where status = 'confirmed'), 0, 'nothing stays claimed');
update private.slack_channels set is_open = true where org_id = tests.id('acme');
select is((select status from private.pending_actions where key = 'told'), 'executed', 'what could not be taken back stays done');

-- Leaving goes through the outbox.
select tests.act_as('ana');
select pg_temp.propose('demoted', '[{"kind": "post_slack_message", "channel_id": "COPEN", "channel_name": "sales", "text": "Bye"}]');
select results_eq(
  $$ select a ->> 'outcome', a -> 'action' ->> 'status', a -> 'results' -> 0 ->> 'status', a -> 'results' -> 1 ->> 'status'
     from pg_temp.run('leaves', pg_temp.task('Stays') || '[{"kind": "post_slack_message", "channel_id": "COPEN", "channel_name": "sales", "text": "Hey"}]') as a $$,
  $$ values ('queued', 'executing', 'done', 'queued') $$, 'U60-089 what leaves is queued'
);
select is(pg_temp.tasks('Stays'), 1, 'what stays is done');
select is(pg_temp.confirm(pg_temp.id_of('leaves')) ->> 'outcome', 'already_decided', 'once');
select is(public.undo_action(pg_temp.id_of('leaves')) ->> 'outcome', 'not_reversible', 'what has left is not taken back');
select tests.act_as_owner();
select results_eq(
  $$ select j.org_id, j.payload, j.idempotency_key, j.acting_user_id, j.max_attempts
     from private.jobs as j where j.kind = 'action.execute' $$,
  $$ select e.org_id, jsonb_build_object('effect_id', e.id), 'effect:' || e.id, tests.id('ana'), 8 from private.outbound_effects as e $$,
  'with one job, that names it and holds nothing of it'
);
select is((select count(*)::integer from net.http_request_queue where url like '%execute-confirmed-actions%'), 1, 'whose worker is called at once');
update public.organization_members set role = 'viewer' where org_id = tests.id('acme') and user_id = tests.id('ana');
select tests.act_as('ana');
select is(
  (select concat_ws(' ', a ->> 'outcome', a ->> 'error_code') from pg_temp.confirm(pg_temp.id_of('demoted')) as a), 'failed forbidden',
  'who may only read by the time of the yes sends nothing'
);
select is(
  (select concat_ws(' ', a ->> 'outcome', a ->> 'error_code') from pg_temp.confirm(pg_temp.id_of('waiting')) as a), 'failed forbidden', 'and changes nothing'
);
select is(pg_temp.tasks('Waiting'), 0, 'really');
select is(public.undo_action(pg_temp.id_of('taken')) ->> 'outcome', 'failed', 'nor takes anything back');
select is(pg_temp.of_task('chore', 'title'), 'C', 'at all');
select tests.act_as_owner();
update public.organization_members set role = 'manager', status = 'removed' where org_id = tests.id('acme') and user_id = tests.id('ana');
select tests.act_as('ana');
select throws_ok(format('select public.confirm_pending_action(%L, %L)', pg_temp.id_of('hers'), repeat('0', 64)), 'PT404', 'not_found', 'who left finds nothing to confirm');
select throws_ok(format('select public.cancel_pending_action(%L)', pg_temp.id_of('hers')), 'PT404', 'not_found', 'or to cancel');
select throws_ok(format('select public.read_pending_action(%L)', pg_temp.id_of('hers')), 'PT404', 'not_found', 'or to read');
select tests.act_as_service();
select throws_ok($$ select public.confirm_pending_action(gen_random_uuid(), 'x') $$, '42501', null, 'U60-008 nobody confirms with the service role');

select * from finish();
rollback;
