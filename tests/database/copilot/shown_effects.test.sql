-- A preview says the times and rows of its effect, each once, by names that its owner can read; an email
-- answers messages of its own thread.
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'manager');
select tests.given_member('ana', 'second', 'manager');
select tests.given_member('ben', 'acme', 'manager');
select tests.given_member('gus', 'acme', 'agent', 'removed');
select tests.given_member('cy', 'globex', 'owner');
select tests.given_member('sue', 'second', 'manager');
update public.profiles set first_name = null, last_name = null where id = tests.id('sue');
update public.profiles set time_zone = 'Europe/Madrid', first_name = 'Ana', last_name = 'Lopez' where id = tests.id('ana');
update public.profiles set first_name = 'Ben', last_name = 'Oak' where id = tests.id('ben');
select tests.given_row(t || ' ' || o, t, o, 'ana') from unnest(array['companies', 'contacts', 'deals', 'tasks', 'meetings']) as t, unnest(array['acme', 'second']) as o;
select tests.given_row('their firm', 'companies', 'globex', 'cy');
select tests.given_row('bens todo', 'tasks', 'acme', 'ben');
update public.contacts set first_name = 'Dana', last_name = 'Reeves' where id = tests.id('contacts acme');
update public.contacts set first_name = '' where id = tests.id('contacts second');
select tests.remember('won', (select id from public.deal_stages where org_id = tests.id('acme') and kind = 'won')),
  tests.remember('won second', (select id from public.deal_stages where org_id = tests.id('second') and kind = 'won')),
  tests.remember('turn', gen_random_uuid());
select tests.given_row(m, 'emails', 'acme', 'ana') from unnest(array['mail 1', 'mail 2', 'mail 3']) as m;
select tests.given_row('bens mail', 'emails', 'acme', 'ben');
select tests.given_row('second mail', 'emails', 'second', 'ana');
update public.emails set thread_id = 't1', subject = 'The pilot', sent_at = '2026-11-20', message_id = '<one@outside.test>' where id = tests.id('mail 1');
update public.emails set thread_id = 't1', subject = 'Re: The pilot', sent_at = '2026-11-21', message_id = '<two@outside.test>' where id = tests.id('mail 2');
update public.emails set thread_id = 't2', message_id = '<other@outside.test>' where id = tests.id('mail 3');
update public.emails set thread_id = 't3', subject = 'Secret', message_id = '<ben@outside.test>' where id = tests.id('bens mail');
update public.emails set thread_id = 't1', message_id = '<second@outside.test>' where id = tests.id('second mail');
insert into public.calendar_connections (org_id, user_id, account_email, status) values (tests.id('acme'), tests.id('ana'), 'ana@mail.test', 'active');

create function pg_temp.propose(p_effect jsonb, p_fields jsonb) returns text language plpgsql as $$
begin
  return public.propose_action(tests.id('turn'), gen_random_uuid()::text, 'Does it', jsonb_build_array(p_effect)::text, jsonb_build_array(jsonb_build_object(
    'kind', p_effect ->> 'kind', 'summary', 's', 'fields', p_fields || (
      select coalesce(jsonb_agg(jsonb_build_object('name', 'word', 'value', w.value)), '[]')
      from jsonb_each(p_effect || coalesce(p_effect -> 'changes', '{}')) as w where w.key in ('title', 'subject', 'body'))
  )), '[]', false) ->> 'status';
exception when sqlstate 'PT409' or sqlstate 'PT404' or sqlstate 'PT400' then return sqlerrm;
end;
$$;
create function pg_temp.fields(p_fields jsonb) returns jsonb language sql as $$
  select coalesce(jsonb_agg(jsonb_build_object('name', f.key, 'value', f.value)), '[]') from jsonb_each(p_fields) as f
$$;
create function pg_temp.email(p_changes jsonb, p_head text default null) returns jsonb language plpgsql as $$
declare
  v jsonb := '{"kind": "send_email", "to": ["dana@customer.test"], "cc": [], "subject": "Re: The pilot", "body": "Yes", "message_id": "<a1@mail.test>"}'::jsonb || p_changes;
  v_ids text[] := array(select jsonb_array_elements_text(coalesce(v -> 'references', '[]')));
begin
  return v || jsonb_build_object('raw', rtrim(translate(replace(encode(convert_to(concat_ws(E'\r\n', 'From: ana@mail.test', 'To: dana@customer.test', 'Subject: Re: The pilot',
    coalesce(p_head, 'In-Reply-To: ' || v_ids[cardinality(v_ids)] || E'\r\nReferences: ' || array_to_string(v_ids, E'\r\n ')),
    'Message-ID: <a1@mail.test>', 'X-Sixty-Message-ID: <a1@mail.test>', 'Date: Sun, 22 Nov 2026 16:00:00 +0000', 'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: base64', '', encode('Yes', 'base64')), 'UTF8'), 'base64'), E'\n', ''), '+/', '-_'), '='));
end;
$$;
grant execute on function pg_temp.propose(jsonb, jsonb), pg_temp.fields(jsonb), pg_temp.email(jsonb, text) to authenticated;
select tests.act_as('ana');
select public.begin_copilot_turn(tests.id('acme'), gen_random_uuid(), tests.id('turn'), 'Write to dana@customer.test', 'w');

-- In words.
select is(private.say_moment('2026-11-27T16:00:00Z', 'America/New_York'), 'Fri 27 Nov 2026, 11:00 (America/New_York)', 'a moment is said by the clock of its zone');
select is(private.say_moment('2026-09-06T23:30:00Z', 'Asia/Kathmandu'), 'Mon 7 Sep 2026, 05:15 (Asia/Kathmandu)', 'on the day that it is there');
select is(private.name_person('Ana', null, 'a@b.test'), 'Ana', 'a person is called by what is known of their name');
select is(private.name_person('', '', 'a@b.test'), 'a@b.test', 'or by their address');
select is(private.name_person(null, null, ''), 'somebody without a name', 'or by neither');

-- Rows, by their names.
select is(private.name_row(tests.id('acme'), v.kind, tests.id(v.row)), v.name, 'it is shown by its name: ' || v.kind)
from (values ('company', 'companies acme', 'companies acme'), ('contact', 'contacts acme', 'Dana Reeves'), ('deal', 'deals acme', 'deals acme'),
  ('meeting', 'meetings acme', 'meetings acme'), ('task', 'tasks acme', 'tasks acme'), ('colleague', 'ben', 'Ben Oak')) as v (kind, row, name);
select is(private.name_row(tests.id('acme'), 'stage', tests.id('won')), (select name from public.deal_stages where id = tests.id('won')), 'it is shown by its name: stage');
select is(private.name_row(tests.id('second'), 'contact', tests.id('contacts second')), 'contacts.second@customer.test', 'a contact without a name by the address');
select is(private.name_row(tests.id('acme'), 'deal', null), null, 'none is none');
select throws_ok(
  format('select private.name_row(%L, %L, %L)', tests.id('acme'), v.kind, tests.id(v.row)), 'PT404', 'not_found', 'one of another organization of theirs is not there: ' || v.kind
)
from (values ('company', 'companies second'), ('contact', 'contacts second'), ('deal', 'deals second'), ('stage', 'won second'), ('meeting', 'meetings second'),
  ('task', 'tasks second'), ('colleague', 'sue')) as v (kind, row);
select throws_ok(
  format('select private.name_row(%L, %L, %L)', tests.id('acme'), v.kind, tests.id(v.row)), 'PT404', 'not_found', 'what they can''t see has no name: ' || v.row
)
from (values ('task', 'bens todo'), ('company', 'their firm'), ('colleague', 'gus'), ('colleague', 'cy')) as v (kind, row);
select is(private.name_thread(tests.id('acme'), 't1'), 'Re: The pilot', 'a thread is called by its latest subject');
select is(private.name_thread(tests.id('acme'), 't2'), '(no subject)', 'or by none');
select is(private.name_thread(tests.id('acme'), null), null, 'none is none');
select throws_ok(format('select private.name_thread(%L, ''t3'')', tests.id('acme')), 'PT404', 'not_found', 'a colleague''s has no name');

-- What each effect must show, and that nothing else goes by that name.
create temporary table effects (what text, effect jsonb, fields jsonb);
grant select on effects to authenticated;
select tests.act_as_owner();
insert into effects values
  ('a task', jsonb_build_object('kind', 'create_task', 'title', 'x', 'due_at', '2026-12-01T09:00:00Z', 'assigned_to', tests.id('ben'), 'company_id', tests.id('companies acme'),
    'contact_id', tests.id('contacts acme'), 'deal_id', tests.id('deals acme'), 'meeting_id', tests.id('meetings acme')),
    '{"Due": "Tue 1 Dec 2026, 10:00 (Europe/Madrid)", "Assigned to": "Ben Oak", "Company": "companies acme", "Contact": "Dana Reeves", "Deal": "deals acme", "Meeting": "meetings acme"}'),
  ('a changed task', jsonb_build_object('kind', 'update_task', 'task_id', tests.id('tasks acme'), 'changes', jsonb_build_object('due_at', '2026-12-01T09:00:00Z', 'assigned_to', tests.id('ben'))),
    '{"Task": "tasks acme", "Due": "Tue 1 Dec 2026, 10:00 (Europe/Madrid)", "Assigned to": "Ben Oak"}'),
  ('a task that loses both', jsonb_build_object('kind', 'update_task', 'task_id', tests.id('tasks acme'), 'changes', '{"due_at": null, "assigned_to": null}'::jsonb),
    '{"Task": "tasks acme", "Due": "none", "Assigned to": "none"}'),
  ('a task that keeps both', jsonb_build_object('kind', 'update_task', 'task_id', tests.id('tasks acme'), 'changes', '{"priority": "low"}'::jsonb), '{"Task": "tasks acme"}'),
  ('a task ticked off', jsonb_build_object('kind', 'complete_task', 'task_id', tests.id('tasks acme')), '{"Task": "tasks acme"}'),
  ('an activity', jsonb_build_object('kind', 'create_activity', 'subject', 'x', 'occurred_at', '2026-11-01T09:00:00Z', 'deal_id', tests.id('deals acme')),
    '{"When": "Sun 1 Nov 2026, 10:00 (Europe/Madrid)", "Deal": "deals acme"}'),
  ('an activity of now', '{"kind": "create_activity", "subject": "x"}', '{"When": "now"}'),
  ('a deal', jsonb_build_object('kind', 'update_deal_stage', 'deal_id', tests.id('deals acme'), 'stage_id', tests.id('won')),
    jsonb_build_object('Deal', 'deals acme', 'Stage', (select name from public.deal_stages where id = tests.id('won')))),
  ('a contact', jsonb_build_object('kind', 'update_contact', 'contact_id', tests.id('contacts acme'), 'changes', jsonb_build_object('company_id', tests.id('companies acme'))),
    '{"Contact": "Dana Reeves", "Company": "companies acme"}'),
  ('a contact without a company', jsonb_build_object('kind', 'update_contact', 'contact_id', tests.id('contacts acme'), 'changes', '{"company_id": null}'::jsonb),
    '{"Contact": "Dana Reeves", "Company": "none"}'),
  ('a contact that stays there', jsonb_build_object('kind', 'update_contact', 'contact_id', tests.id('contacts acme'), 'changes', '{"phone": null}'::jsonb), '{"Contact": "Dana Reeves"}'),
  ('an answer', pg_temp.email('{"thread_id": "t1"}'), '{"Thread": "Re: The pilot"}'),
  ('an email', pg_temp.email('{}'), '{}');
-- Contacts may be written to; the meeting needs nobody.
insert into effects values ('a meeting', '{"kind": "schedule_meeting", "title": "x", "starts_at": "2026-12-01T09:00:00Z", "ends_at": "2026-12-01T10:00:00Z", "time_zone": "Europe/Madrid", "attendees": []}',
  '{"Starts": "Tue 1 Dec 2026, 10:00 (Europe/Madrid)", "Ends": "Tue 1 Dec 2026, 11:00 (Europe/Madrid)"}');
select tests.act_as('ana');
select is(pg_temp.propose(effect, pg_temp.fields(fields)), 'open', 'U60-088 control: as it is shown, it is proposed: ' || what) from effects;
select is(pg_temp.propose(e.effect, pg_temp.fields(e.fields - f.name)), 'conflict', 'U60-088 nobody says yes to what they were not shown: ' || e.what || ', ' || f.name)
from effects as e, jsonb_object_keys(e.fields) as f (name);
select is(
  pg_temp.propose(e.effect, pg_temp.fields(e.fields || jsonb_build_object(f.name, 'Wed 2 Dec 2026, 10:00 (Europe/Madrid)'))), 'conflict',
  'U60-088 nor to something else than they were shown: ' || e.what || ', ' || f.name
)
from effects as e, jsonb_object_keys(e.fields) as f (name);
select is(
  pg_temp.propose(e.effect, pg_temp.fields(e.fields) || pg_temp.fields(jsonb_build_object(f.name, 'Wed 2 Dec 2026, 10:00 (Europe/Madrid)'))), 'conflict',
  'U60-088 nor to the one of two: ' || e.what || ', ' || f.name
)
from effects as e, jsonb_object_keys(e.fields) as f (name);
select is(
  pg_temp.propose(e.effect, pg_temp.fields(e.fields || jsonb_build_object(s.name, 'made up'))), 'conflict', 'U60-088 nothing is shown that is not: ' || e.what || ', ' || s.name
)
from effects as e, jsonb_object_keys(private.shown_fields(tests.id('acme'), e.effect)) as s (name) where not e.fields ? s.name;
select is(pg_temp.propose(e.effect || '{"time_zone": "Asia/Tokyo"}', pg_temp.fields(e.fields)), 'conflict', 'U60-088 a meeting is in the zone that its hours are shown in')
from effects as e where e.what = 'a meeting';
select is(pg_temp.propose(e.effect - 'time_zone', pg_temp.fields(e.fields)), 'conflict', 'U60-088 and in one') from effects as e where e.what = 'a meeting';
select is(
  pg_temp.propose(jsonb_build_object('kind', 'create_task', 'title', 'x', 'company_id', tests.id('their firm')), '[]'), 'not_found', 'U60-088 what they can''t see is not proposed'
);
select is(
  (public.propose_action(tests.id('turn'), 'two', 'Does it', jsonb_build_array(a.effect, b.effect)::text, jsonb_build_array(
    jsonb_build_object('kind', 'complete_task', 'fields', pg_temp.fields(a.fields)), jsonb_build_object('kind', 'update_contact', 'fields', pg_temp.fields(b.fields))
  ), '[]', false)) ->> 'status', 'open', 'U60-088 each effect by its own preview'
)
from effects as a, effects as b where a.what = 'a task ticked off' and b.what = 'a contact';

-- Answers.
create function pg_temp.answer(p_ids text[], p_thread text default 't1', p_head text default null) returns text language sql as $$
  select pg_temp.propose(pg_temp.email(jsonb_build_object('thread_id', p_thread, 'references', p_ids), p_head), pg_temp.fields('{"Thread": "Re: The pilot"}'))
$$;
grant execute on function pg_temp.answer(text[], text, text) to authenticated;
select is(pg_temp.answer(array['<one@outside.test>', '<two@outside.test>']), 'open', 'an answer names what it answers');
select is(pg_temp.answer(array['<one@outside.test>', '<other@outside.test>']), 'conflict', 'nothing of another thread');
select is(pg_temp.answer(array['<second@outside.test>']), 'conflict', 'nor of another organization');
select is(pg_temp.answer(array['<ben@outside.test>']), 'conflict', 'nor of a colleague''s mailbox');
select is(pg_temp.answer(array['<two@outside.test>'], 't1', E'In-Reply-To: <one@outside.test>\r\nReferences: <two@outside.test>'), 'invalid_request', 'its bytes answer what its fields answer');
select is(pg_temp.answer(array['<two@outside.test>'], 't1', E'In-Reply-To: <two@outside.test>\r\nReferences: <one@outside.test>\r\n <two@outside.test>'), 'invalid_request', 'by the way that they say');
select is(pg_temp.answer(array['<two@outside.test>'], 't1', 'In-Reply-To: <two@outside.test>'), 'invalid_request', 'by both headers');
select is(pg_temp.answer(array[]::text[], 't1', E'In-Reply-To: <two@outside.test>\r\nReferences: <two@outside.test>'), 'invalid_request', 'and neither where nothing is answered');
select tests.act_as_owner();
select throws_ok(format('update public.emails set message_id = %L where id = %L', bad, tests.id('mail 1')), '23514', null, 'what could begin a header is no Message-ID')
from unnest(array[E'<a@b>\r\nBcc: <c@d>', '<a b@c>', 'a@b', '<a>', '<a@b><c@d>', '<' || repeat('a', 250) || '@b>', '<ä@b>']) as b (bad);

select * from finish();
rollback;
