-- What people do with their own conversations, and what is logged of it: list, read, put away, export,
-- erase; and what happens by itself after a day and after a year.
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'agent');
select tests.given_member('olga', 'acme', 'owner');
select tests.given_member('ana', 'second', 'owner');
select tests.given_member('rui', 'rival', 'owner');
select tests.given_member('leo', 'acme', 'agent');
update public.profiles set active_org_id = tests.id('acme') where id in (tests.id('ana'), tests.id('olga'), tests.id('leo'));
select tests.remember(n, gen_random_uuid()) from unnest(array['one', 'two', 'three', 'elsewhere', 'of olga', 'of leo', 'of leo 2', 'running']) as n;

create function pg_temp.talk(p_talk text, p_text text, p_org text default 'acme')
returns void language plpgsql as $$
declare
  v_turn constant uuid := gen_random_uuid();
begin
  perform public.begin_copilot_turn(tests.id(p_org), tests.id(p_talk), v_turn, p_text, 'w');
  perform public.save_copilot_turn(
    v_turn, 'w', '[{"seq": 1, "event": "text", "data": {"text": "x"}}]',
    jsonb_build_array(jsonb_build_object('id', gen_random_uuid(), 'tool', 'list_skills', 'status', 'succeeded', 'started_at', now())),
    '{"from": 0, "turns": [{"role": "model", "parts": []}]}'
  );
  perform public.finish_copilot_turn(v_turn, 'w', 'done', jsonb_build_object('text', 'About ' || p_text));
end;
$$;
create function pg_temp.titles(p_list jsonb)
returns text language sql as $$
  select string_agg(c ->> 'title', ', ' order by n) from jsonb_array_elements(p_list -> 'conversations') with ordinality as e (c, n)
$$;
-- Ids of one millisecond are in no order; places in a table that only grows are.
create function pg_temp.logged(p_action text)
returns text language sql security definer as $$
  select string_agg(concat_ws(' ', (select t.name from tests.things as t where t.id = l.actor_id), l.outcome, l.reason, l.severity,
    (select t.name from tests.things as t where t.id = l.entity_id)), ', ' order by l.ctid)
  from public.security_audit_log as l where l.action = p_action
$$;
create function pg_temp.left_of(p_person text, p_org text)
returns bigint language sql security definer as $$
  select
    (select count(*) from public.copilot_conversations where org_id = tests.id(p_org) and user_id = tests.id(p_person))
    + (select count(*) from public.copilot_turns where org_id = tests.id(p_org) and user_id = tests.id(p_person))
    + (select count(*) from public.tool_executions where org_id = tests.id(p_org) and user_id = tests.id(p_person))
    + (select count(*) from private.copilot_keys where org_id = tests.id(p_org) and user_id = tests.id(p_person))
$$;
grant execute on all functions in schema pg_temp to authenticated;

-- Listing.
select tests.act_as('ana');
select pg_temp.talk('one', 'First');
select pg_temp.talk('two', E'  Second\n talk ');
select pg_temp.talk('three', repeat('Third ', 100));
select pg_temp.talk('elsewhere', 'Elsewhere', 'second');
select is(
  pg_temp.titles(public.list_copilot_conversations()), btrim(left(repeat('Third ', 100), 80)) || ', Second talk, First',
  'U60-161 a person lists their conversations, newest first, by how they began'
);
select is(pg_temp.titles(public.list_copilot_conversations(tests.id('second'))), 'Elsewhere', 'in the organization that they name');
select throws_ok($$ select public.list_copilot_conversations(tests.id('rival')) $$, 'PT404', 'organization_not_found', 'which must be theirs');
select is(pg_temp.titles(public.list_copilot_conversations(p_limit => 2)), btrim(left(repeat('Third ', 100), 80)) || ', Second talk', 'page by page');
select is(
  pg_temp.titles(public.list_copilot_conversations(
    p_limit => 2, p_before => (public.list_copilot_conversations(p_limit => 2) ->> 'next_before')::timestamptz
  )), 'First', 'to the last'
);
select is(public.list_copilot_conversations(p_limit => 4) -> 'next_before', 'null', 'after which there is none');
select is(jsonb_array_length(public.list_copilot_conversations(p_limit => 0) -> 'conversations'), 1, 'a page has one conversation at least');
select pg_temp.talk('one', 'again');
select is((pg_temp.titles(public.list_copilot_conversations()) like 'First, %'), true, 'writing on brings one to the top');

-- Reading.
create temp table read as select public.read_copilot_conversation(tests.id('one')) as page;
select is(
  jsonb_path_query_array(page -> 'messages', '$[*].text'), '["First", "About First", "again", "About again"]', 'U60-161 and reads what was said, in order'
) from read;
select is(page #> '{messages,1,answer}', '{"text": "About First"}', 'with the answers as they were') from read;
select is(page #>> '{last_turn,status}', 'done', 'and how far the last one is') from read;
select is(page -> 'next_before', 'null', 'to its beginning') from read;
select is(
  jsonb_path_query_array(public.read_copilot_conversation(tests.id('one'), p_limit => 3) -> 'messages', '$[*].seq'), '[2, 3, 4]', 'a page is the last of it'
);
select is(public.read_copilot_conversation(tests.id('one'), p_limit => 3) -> 'next_before', '2', 'which says where the one before begins');
select is(jsonb_path_query_array(public.read_copilot_conversation(tests.id('one'), 2, 3) -> 'messages', '$[*].text'), '["First"]', 'and so on');
select throws_ok($$ select public.read_copilot_conversation(gen_random_uuid()) $$, 'PT404', 'not_found', 'what does not exist is not there');
select throws_ok($$ select public.read_copilot_conversation(null) $$, 'PT404', 'not_found', 'nor is nothing');

-- What is logged.
select tests.act_as_owner();
select is(pg_temp.logged('copilot_conversations.read'), repeat('ana success info one, ', 3) || 'ana success info one', 'U60-165 each reading is logged, with who and what');
select matches(pg_temp.logged('copilot_conversations.listed'), '^(ana success info, ){6}', 'each listing too');
select is(pg_temp.logged('copilot_turns.begun'), 'ana success info one, ana success info two, ana success info three, ana success info elsewhere, ana success info one', 'and each message, which reads what was said before');
create function pg_temp.fail() returns trigger language plpgsql as $$ begin raise exception 'the log is full'; end; $$;
create trigger fail before insert on public.security_audit_log for each row execute function pg_temp.fail();
select tests.act_as('ana');
select throws_ok(s, 'P0001', 'the log is full', 'C-18 what cannot be logged is not read: ' || s)
from unnest(array[
  'select public.read_copilot_conversation(tests.id(''one''))', 'select public.list_copilot_conversations()',
  'select public.export_copilot_conversations()', 'select public.begin_copilot_turn(tests.id(''acme''), tests.id(''one''), gen_random_uuid(), ''x'', ''w'')',
  'select public.read_copilot_turn((public.read_copilot_conversation(tests.id(''one'')) #>> ''{last_turn,id}'')::uuid)'
]) as s;
select tests.act_as_owner();
select throws_ok(
  format('select private.read_copilot_turn(%L, 0)', (select id from public.copilot_turns where conversation_id = tests.id('one') limit 1)), 'PT404', 'not_found', 'control: nobody reads nothing'
);
create temp table a_turn as select id from public.copilot_turns where conversation_id = tests.id('one') limit 1;
grant select on a_turn to authenticated;
select tests.act_as('ana');
select throws_ok('select public.read_copilot_turn(id) from a_turn', 'P0001', 'the log is full', 'C-18 a turn is no exception');
select tests.act_as_owner();
update public.copilot_turns set status = 'running', finished_at = null, lease_until = now() - interval '1 minute' where id = (select id from a_turn);
select tests.act_as('ana');
select throws_ok($$ select public.resume_copilot_turn(id, 'w2') from a_turn $$, 'P0001', 'the log is full', 'C-18 nor is taking one up');
select tests.act_as_owner();
drop trigger fail on public.security_audit_log;
update public.copilot_turns set status = 'done', finished_at = now() where id = (select id from a_turn);

-- Fifty conversations an hour.
select tests.act_as('leo');
select tests.act_as_owner();
insert into private.copilot_accesses (user_id, kind, subject_id, at) select tests.id('leo'), 'read', gen_random_uuid(), clock_timestamp() from generate_series(1, 49);
insert into private.copilot_accesses (user_id, kind, subject_id, at) select tests.id('olga'), 'read', gen_random_uuid(), clock_timestamp() from generate_series(1, 60);
insert into private.copilot_accesses (user_id, kind, subject_id, at) select tests.id('leo'), 'read', gen_random_uuid(), clock_timestamp() - interval '61 minutes' from generate_series(1, 60);
select tests.act_as('leo');
select pg_temp.talk('of leo', 'hi');
select public.read_copilot_conversation(tests.id('of leo')) from generate_series(1, 60);
select tests.act_as_owner();
select is(pg_temp.logged('copilot_conversations.read_too_many'), null, 'C-19 fifty conversations in an hour are no alarm, nor are sixty readings of one');
select is((select count(*)::int from public.security_audit_log where action = 'copilot_conversations.read' and entity_id = tests.id('of leo')), 60, 'control: each of the sixty is logged');
update private.copilot_accesses set at = at - interval '2 minutes' where subject_id = tests.id('of leo');
select tests.act_as('leo');
select public.read_copilot_conversation(tests.id('of leo'));
select pg_temp.talk('of leo 2', 'hi');
select public.read_copilot_conversation(tests.id('of leo 2'));
select tests.act_as_owner();
select is(
  pg_temp.logged('copilot_conversations.read_too_many'), 'leo success over_50_conversations_in_an_hour critical', 'C-19 U60-174 the fifty-first is critical, once'
);

select ok(private.note_copilot_access(tests.id('olga'), 'read', tests.id('of leo')), 'each person''s readings are counted by themselves');
create temp table noted as select at from private.copilot_accesses where user_id = tests.id('olga') and subject_id = tests.id('of leo');
select ok(not private.note_copilot_access(tests.id('olga'), 'read', tests.id('of leo')), 'once an hour');
select is((select at from private.copilot_accesses where user_id = tests.id('olga') and subject_id = tests.id('of leo')), at, 'and written once a minute') from noted;

-- Exporting: the tenth and the eleventh of an hour, the fifth and the sixth of ten minutes.
create function pg_temp.exports_moved(p_by interval)
returns void language sql security definer as $$
  update private.copilot_exports set started_at = started_at - p_by where user_id = tests.id('ana')
$$;
grant execute on all functions in schema pg_temp to authenticated;
select tests.act_as('ana');
create temp table exported as select public.export_copilot_conversations() as page;
select bag_eq(
  $$ select c ->> 'title', jsonb_path_query_array(c, '$.messages[*].text') from exported, jsonb_array_elements(page -> 'conversations') as c $$,
  $$ values ('First', '["First", "About First", "again", "About again"]'::jsonb), ('Second talk', jsonb_build_array(E'  Second\n talk ', E'About   Second\n talk ')),
    (btrim(left(repeat('Third ', 100), 80)), jsonb_build_array(repeat('Third ', 100), 'About ' || repeat('Third ', 100))) $$,
  'an export is everything that was said in an organization'
);
select is(page -> 'next', 'null', 'in one page, if it is not much') from exported;
select throws_ok(
  format('select public.export_copilot_conversations(null, %L)', page ->> 'export_id'), 'PT404', 'not_found', 'it is not fetched again under its name'
) from exported;
select public.export_copilot_conversations() from generate_series(1, 4);
select is(pg_temp.logged('copilot_conversations.exported_too_often'), null, 'U60-175 C-21 five exports in ten minutes are no alarm');
select ok(public.export_copilot_conversations() ? 'conversations', 'C-21 the sixth is made');
select is(pg_temp.logged('copilot_conversations.exported_too_often'), 'ana success over_5_exports_in_10_minutes critical', 'U60-175 C-21 and is critical');
select is(public.export_copilot_conversations() ->> 'message', 'rate_limited', 'C-21 from then on a minute lies between two');
select is(current_setting('response.status') || current_setting('response.headers'), '429[{"Retry-After": "60"}]', 'as the answer says');
select pg_temp.exports_moved('1 minute');
select ok(public.export_copilot_conversations() ? 'conversations', 'C-21 after which there is another');
select pg_temp.exports_moved('10 minutes');
select ok(public.export_copilot_conversations() ? 'conversations', 'ten minutes later they are made as before') from generate_series(1, 3);
select is(pg_temp.logged('copilot_conversations.exported'), repeat('ana success info, ', 6) || 'ana refused rate_limited info' || repeat(', ana success info', 4), 'each is logged, and the refused one');
create temp table eleventh as select public.export_copilot_conversations() as answer;
select is(answer - 'details', '{"code": "PT429", "message": "export_limit_reached", "hint": null}', 'U60-164 the eleventh in an hour is refused') from eleventh;
select ok(current_setting('response.headers')::jsonb #>> '{0,Retry-After}' between '2900' and '2940', 'until the first is an hour ago');
select is(answer ->> 'details', current_setting('response.headers')::jsonb #>> '{0,Retry-After}', 'as it says') from eleventh;
select matches(pg_temp.logged('copilot_conversations.exported'), 'ana refused export_limit_reached info$', 'U60-164 and that is logged');
select is(public.export_copilot_conversations(tests.id('second')) ->> 'message', 'export_limit_reached', 'the limit is the person''s, wherever they are');
select tests.act_as('olga');
select ok(public.export_copilot_conversations() ? 'conversations', 'and nobody else''s');
select tests.act_as('ana');
select pg_temp.exports_moved('49 minutes 1 second');
select ok(public.export_copilot_conversations() ? 'conversations', 'U60-164 C-21 it is a window that moves');
-- An export of several pages.
select tests.act_as_owner();
delete from private.copilot_exports;
create function pg_temp.fill(p_talk text, p_count integer)
returns void language plpgsql security definer as $$
begin
  insert into public.copilot_turns (org_id, id, conversation_id, user_id, worker, status, lease_until, finished_at)
  select tests.id('acme'), gen_random_uuid(), tests.id(p_talk), tests.id('ana'), 'w', 'done', now(), now() from generate_series(1, p_count);
  insert into public.copilot_messages (org_id, conversation_id, turn_id, seq, role, text_sealed, id)
  select t.org_id, t.conversation_id, t.id, row_number() over () + c.message_count, 'assistant',
    private.seal(private.copilot_key(t.org_id, t.user_id), 'text:' || m.id, 'filler'), m.id
  from public.copilot_turns as t
  join public.copilot_conversations as c on c.id = t.conversation_id
  cross join lateral (select gen_random_uuid() as id where t.id is not null) as m
  where t.conversation_id = tests.id(p_talk)
    and not exists (select from public.copilot_messages as k where k.turn_id = t.id);
  update public.copilot_conversations set message_count = message_count + p_count where id = tests.id(p_talk);
end;
$$;
select pg_temp.fill('one', 1500);
create table pg_temp.pages (n serial, page jsonb);
grant all on pg_temp.pages, pages_n_seq to authenticated;
select tests.act_as('ana');
insert into pages (page) select public.export_copilot_conversations();
insert into pages (page)
select public.export_copilot_conversations(null, (page ->> 'export_id')::uuid, (page #>> '{next,conversation_id}')::uuid, (page #>> '{next,seq}')::int) from pages where n = 1;
select is(page -> 'next', 'null', 'the rest is on the next page') from pages where n = 2;
select is((select count(*)::int from pages, jsonb_path_query(page, '$.conversations[*].messages[*]')), 1508, 'no message is missing');
select is((select count(distinct m ->> 'id')::int from pages, jsonb_path_query(page, '$.conversations[*].messages[*]') as m), 1508, 'none is there twice');
select is((select count(*)::int from pages, jsonb_path_query(page, '$.conversations[*].messages[*]') where n = 1), 1000, 'a page has a thousand');
select throws_ok(
  format('select public.export_copilot_conversations(null, %L, %L, %s)', page ->> 'export_id', page #>> '{next,conversation_id}', page #>> '{next,seq}'),
  'PT404', 'not_found', 'a page that was fetched is not fetched again: that would be another export'
) from pages where n = 1;
insert into pages (page) select public.export_copilot_conversations();
select tests.act_as('olga');
select throws_ok(
  format('select public.export_copilot_conversations(null, %L, %L, %s)', page ->> 'export_id', page #>> '{next,conversation_id}', page #>> '{next,seq}'),
  'PT404', 'not_found', 'nobody goes on with another''s export'
) from pages where n = 3;
select tests.act_as_owner();
update private.copilot_exports set started_at = started_at - interval '1 hour';
select tests.act_as('ana');
select throws_ok(
  format('select public.export_copilot_conversations(null, %L, %L, %s)', page ->> 'export_id', page #>> '{next,conversation_id}', page #>> '{next,seq}'),
  'PT404', 'not_found', 'nor is one of an hour ago'
) from pages where n = 3;

-- Putting away.
select tests.act_as('leo');
select public.archive_copilot_conversation(tests.id('of leo 2'));
select tests.act_as('ana');
select public.archive_copilot_conversation(tests.id('two'));
select ok(pg_temp.titles(public.list_copilot_conversations()) not like '%Second%', 'what is put away is not in the list');
select is(pg_temp.titles(public.list_copilot_conversations(p_is_archived => true)), 'Second talk', 'but in the archive');
select is(jsonb_array_length(public.read_copilot_conversation(tests.id('two')) -> 'messages'), 2, 'where it is read as before: archive is not erasure (C-16)');
create temp table first_time as select public.read_copilot_conversation(tests.id('two')) #>> '{conversation,archived_at}' as at;
select public.archive_copilot_conversation(tests.id('two'));
select is(public.read_copilot_conversation(tests.id('two')) #>> '{conversation,archived_at}', at, 'doing so again changes nothing') from first_time;
select pg_temp.talk('two', 'more');
select ok(pg_temp.titles(public.list_copilot_conversations()) like 'Second%', 'writing on takes it out again');

-- A year.
select tests.act_as_owner();
update public.copilot_conversations set last_message_at = '2026-01-01T00:00:00Z' where id = tests.id('two');
select is(private.archive_old_conversations('2026-12-31T23:59:59Z'), 0, 'U60-166 C-16 after 364 days and 23:59:59 nothing is put away');
select is(private.archive_old_conversations('2027-01-01T00:00:00Z'), 1, 'U60-166 C-16 after 365 days it is');
select is(private.archive_old_conversations('2027-01-01T00:00:00Z'), 0, 'once');
select is(pg_temp.logged('copilot_conversations.archived'), 'leo success info of leo 2, ana success info two, ana success info two, success after_365_days info', 'and that is logged');
select ok(exists (select from cron.job where jobname = 'archive-copilot-conversations' and command = 'select private.archive_old_conversations()'), 'every night');
select ok(exists (select from cron.job where jobname = 'prune-copilot-traces' and command = 'select private.prune_copilot_traces()'), 'and what is needed no more goes every half hour');

-- A day, and an hour.
select tests.act_as('ana');
select public.begin_copilot_turn(tests.id('acme'), tests.id('running'), tests.id('running'), 'Still there?', 'w');
select public.save_copilot_turn(tests.id('running'), 'w', '[{"seq": 1, "event": "text"}]', p_model_turns => '{"from": 0, "turns": [{}]}');
select is((public.read_copilot_conversation(tests.id('running')) -> 'last_turn') - 'id', '{"status": "running", "error_code": null, "is_interrupted": false}', 'a turn that is worked on is not interrupted');
select tests.act_as_owner();
create temp table before as select
  (select count(*)::int from private.copilot_turn_events) as events, (select count(*)::int from private.copilot_accesses where at > now() - interval '59 minutes') as accesses;
select private.prune_copilot_traces(now() + interval '23 hours 59 minutes');
select is((select count(*)::int from private.copilot_turn_events), events, 'for a day what was sent of a turn is kept') from before;
select is((select status from public.copilot_turns where id = tests.id('running')), 'running', 'and it can be continued');
select is_empty('select from private.copilot_accesses', 'what limits count is forgotten after an hour');
select is_empty('select from private.copilot_exports', 'exports too');
select private.prune_copilot_traces(now() + interval '1 day 2 minutes');
select is_empty('select from private.copilot_turn_events', 'after a day what was sent is forgotten');
select is((select status || ' ' || error_code from public.copilot_turns where id = tests.id('running')), 'failed interrupted', 'and a turn that nobody continued has failed');
select is_empty($$ select from private.copilot_model_turns where turn_id = tests.id('running') $$, 'with its dialogue');
select is((select count(*)::int from public.copilot_turns where status = 'failed' and conversation_id <> tests.id('running')), 0, 'control: what was answered was');
select tests.act_as('ana');
select is(jsonb_array_length(public.read_copilot_conversation(tests.id('running')) -> 'messages'), 1, 'what was said stays');
select tests.act_as('olga');
select public.export_copilot_conversations();
select pg_temp.talk('of olga', 'mine');
select tests.act_as_owner();
select private.prune_copilot_traces();
select is((select count(*)::int from private.copilot_exports where user_id = tests.id('olga')), 1, 'control: today''s exports are counted on');
select ok((select count(*)::int from private.copilot_accesses where user_id = tests.id('olga')) > 0, 'control: as are messages');

-- Erasing one.
select tests.act_as('ana');
select public.erase_copilot_conversation(tests.id('one'));
select throws_ok($$ select public.read_copilot_conversation(tests.id('one')) $$, 'PT404', 'not_found', 'U60-166 what was erased is gone');
select throws_ok($$ select public.erase_copilot_conversation(tests.id('one')) $$, 'PT404', 'not_found', 'and is not erased twice');
select tests.act_as_owner();
select is_empty(
  $$
    select from public.copilot_conversations where id = tests.id('one')
    union all select from public.copilot_turns where conversation_id = tests.id('one')
    union all select from public.copilot_messages where conversation_id = tests.id('one')
    union all select from public.tool_executions as x where not exists (select from public.copilot_turns as t where t.id = x.turn_id)
    union all select from private.copilot_turn_events as x where not exists (select from public.copilot_turns as t where t.id = x.turn_id)
  $$, 'U60-166 with every row of it'
);
-- Whatever other capabilities hang on a conversation goes along: actions that wait, runs of sequences, what they found.
select is_empty(
  $$
    with recursive hanging as (
      select 'public.copilot_conversations'::regclass as "table", 'c'::"char" as rule
      union
      select k.conrelid::regclass, k.confdeltype
      from hanging as h join pg_constraint as k on k.confrelid = h."table" and k.contype = 'f' and k.confdeltype <> 'n'
    )
    select h."table" from hanging as h where h.rule <> 'c'
  $$, 'U60-166 everything that hangs on a conversation goes with it'
);
select is_empty(
  $$
    select a.attrelid::regclass, a.attname from pg_attribute as a join pg_class as c on c.oid = a.attrelid
    where c.relkind = 'r' and c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and a.attname in ('conversation_id', 'turn_id')
      and not exists (select from pg_constraint as k where k.conrelid = a.attrelid and k.contype = 'f' and a.attnum = any (k.conkey) and k.confdeltype = 'c')
  $$, 'U60-166 and nothing knows a conversation without hanging on it'
);
select is((select count(*)::int from public.copilot_conversations where user_id = tests.id('ana') and org_id = tests.id('acme')), 3, 'control: the others are there');
select is(pg_temp.logged('copilot_conversations.erased'), 'ana success info one', 'C-17 that it was is in the log, what it was is not');

-- Erasing all.
select ok(pg_temp.left_of('ana', 'acme') > 5, 'control: there is something');
select tests.act_as('ana');
select throws_ok($$ select public.erase_my_copilot_history(tests.id('rival')) $$, 'PT404', 'organization_not_found', 'where somebody never was there is nothing to erase');
select throws_ok($$ select public.erase_my_copilot_history(null) $$, 'PT404', 'organization_not_found', 'nor nowhere');
select tests.act_as_anon();
select throws_ok($$ select public.erase_my_copilot_history(tests.id('acme')) $$, '42501', null, 'nobody erases nothing');
select tests.act_with_claims('authenticated', '{"role": "authenticated", "iss": "https://nobody.test", "sub": "x"}');
select throws_ok($$ select public.erase_my_copilot_history(tests.id('acme')) $$, 'PT401', 'unauthenticated', 'nor somebody unknown');
select throws_ok($$ select public.erase_copilot_conversation(tests.id('two')) $$, 'PT404', 'not_found', 'not one either');
select tests.act_as_owner();
update private.copilot_exports set after_conversation = tests.id('of olga'), after_seq = 1 where user_id = tests.id('olga');
select tests.act_as('ana');
select is(public.erase_my_copilot_history(tests.id('acme')), 3, 'U60-166 a person erases all of it');
select tests.act_as_owner();
select is(pg_temp.left_of('ana', 'acme'), 0::bigint, 'U60-166 rows, steps and the key are gone');
select is((select count(*)::int from public.copilot_conversations where id in (tests.id('elsewhere'), tests.id('of olga'), tests.id('of leo'))), 3, 'control: elsewhere, and of others, nothing is');
select is((select after_conversation from private.copilot_exports where user_id = tests.id('olga')), tests.id('of olga'), 'control: nor is somebody else''s export');
select tests.act_as('olga');
select is(jsonb_array_length(public.read_copilot_conversation(tests.id('of olga')) -> 'messages'), 2, 'control: whose key opens theirs as before');
select tests.act_as_owner();
select is(pg_temp.logged('copilot_history.erased'), 'ana success info', 'C-17 and it is logged');
select tests.act_as('ana');
select is(public.list_copilot_conversations() -> 'conversations', '[]', 'nothing is left to list');
select pg_temp.talk('one', 'A new start');
select is(jsonb_array_length(public.read_copilot_conversation(tests.id('one')) -> 'messages'), 2, 'and one begins anew, with another key');

-- The end of an export, a membership, a second factor, a login.
select tests.act_as_owner();
delete from private.copilot_exports;
select pg_temp.fill('one', 1500);
truncate pages;
select tests.act_as('ana');
insert into pages (n, page) select 9, public.export_copilot_conversations();
select public.erase_my_copilot_history(tests.id('acme'));
select throws_ok(
  format('select public.export_copilot_conversations(null, %L, %L, %s)', page ->> 'export_id', page #>> '{next,conversation_id}', page #>> '{next,seq}'),
  'PT404', 'not_found', 'U60-166 erasing ends an export'
) from pages where n = 9;
select pg_temp.talk('one', 'As a member');
select pg_temp.talk('two', 'Another');
select tests.act_as_owner();
select tests.set_setting('acme', 'mfa_required_for', 'everyone');
select tests.act_as('ana');
select throws_ok($$ select public.erase_copilot_conversation(tests.id('one')) $$, 'PT403', 'mfa_required', 'a member proves who they are before they erase, where that is asked for');
select throws_ok($$ select public.erase_my_copilot_history(tests.id('acme')) $$, 'PT403', 'mfa_required', 'all the more for all of it');
select throws_ok($$ select public.list_copilot_conversations(tests.id('acme')) $$, 'PT403', 'mfa_required', 'and before they read');
select tests.act_as('ana', 'aal2');
select lives_ok($$ select public.read_copilot_conversation(tests.id('one')) $$, 'control: with it they do');
select tests.act_as_owner();
update public.organization_members set status = 'removed' where user_id = tests.id('ana') and org_id = tests.id('acme');
select tests.act_as('ana');
select throws_ok($$ select public.read_copilot_conversation(tests.id('one')) $$, 'PT404', 'not_found', 'who was removed reads nothing of the organization''s any more');
select throws_ok($$ select public.export_copilot_conversations(tests.id('acme')) $$, 'PT404', 'organization_not_found', 'nor exports it');
select throws_ok($$ select public.archive_copilot_conversation(tests.id('one')) $$, 'PT404', 'not_found', 'nor puts it away');
select lives_ok($$ select public.erase_copilot_conversation(tests.id('one')) $$, 'but erases what is theirs');
select is(public.erase_my_copilot_history(tests.id('acme')), 1, 'all of it');
select tests.act_as_owner();
select is(pg_temp.left_of('ana', 'acme'), 0::bigint, 'and nothing is left');
select ok(pg_temp.left_of('ana', 'second') > 0, 'control: elsewhere it is');
delete from auth.users where id = tests.id('ana');
select is(pg_temp.left_of('ana', 'second'), 0::bigint, 'with a login goes everything that its person said, and the key to it');
select is_empty($$ select from private.copilot_accesses where user_id = tests.id('ana') union all select from private.copilot_exports where user_id = tests.id('ana') $$, 'and what was counted');
select ok(pg_temp.left_of('olga', 'acme') > 0, 'control: not what others said');

select * from finish();
rollback;
