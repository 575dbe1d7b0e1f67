-- The audit log: written with the change, without contents, changed by nobody.
begin;
select * from no_plan();

select tests.given_member('olga', 'acme', 'owner');
select tests.given_member('mona', 'acme', 'manager');
select tests.given_member('rita', 'rival', 'owner');
select set_config('request.headers', '{"x-request-id": "req-123"}', true);

select tests.act_as('mona');
insert into public.deals (org_id, name) values (tests.id('acme'), 'Secret plan');
update public.deals set name = 'Canary 4711', next_step = 'Canary 4712' where name = 'Secret plan';
update public.deals set name = 'Canary 4711' where name = 'Canary 4711';
delete from public.deals where name = 'Canary 4711';

select tests.act_as('olga');
select results_eq(
  $$ select action, changed_columns, actor_kind, outcome, request_id from public.security_audit_log
     where entity_table = 'deals' and actor_id = tests.id('mona') order by id $$,
  $$ values
    ('deals.insert', null::text[], 'user', 'success', 'req-123'),
    ('deals.update', array['name', 'next_step'], 'user', 'success', 'req-123'),
    ('deals.delete', null, 'user', 'success', 'req-123') $$,
  'COP-030 FLW-019 who did what to which columns in which request; what changed nothing is not told'
);
select is_empty(
  $$ select from public.security_audit_log as l where to_jsonb(l)::text ~ '471[12]|Secret plan' $$, 'C-17 no contents, not even those of a deleted row'
);
select is_empty($$ select from public.security_audit_log where org_id is distinct from tests.id('acme') $$, 'an owner reads their own organization''s log');

-- In the same transaction: what is rolled back leaves no trace.
select tests.act_as('mona');
do $$
begin
  insert into public.deals (org_id, name) values (tests.id('acme'), 'Rolled back');
  raise exception using errcode = 'P0999';
exception when sqlstate 'P0999' then null;
end
$$;
select tests.act_as('olga');
select is((select count(*)::int from public.security_audit_log where action = 'deals.insert'), 1, 'a change that did not happen is not in it');

-- Who reads.
select tests.act_as('mona');
select is_empty('select from public.security_audit_log', 'C-13 a manager reads no audit log');
select tests.act_as('rita');
select is_empty($$ select from public.security_audit_log where org_id = tests.id('acme') $$, 'nor does a rival');
select tests.act_as_anon();
select throws_ok('select from public.security_audit_log', '42501', null, 'nor does nobody');
select tests.act_as_service();
select throws_ok('select from public.security_audit_log', '42501', null, 'TEL-017 nor does the service role');

-- Who writes: nobody; who changes: nobody either.
create function pg_temp.refused(p_who text, p_state text)
returns setof text language plpgsql as $$
declare
  v_statement text;
begin
  foreach v_statement in array array[
    'update public.security_audit_log set outcome = ''failed''',
    'delete from public.security_audit_log',
    'truncate public.security_audit_log'
  ] loop
    return next throws_ok(v_statement, p_state, null, format('U60-150 FLW-019 %s: %s', p_who, v_statement));
  end loop;
end
$$;
select tests.act_as_owner();
grant execute on function pg_temp.refused(text, text) to authenticated, service_role, anon;
select tests.act_as('olga');
select pg_temp.refused('an owner', '42501');
select throws_ok(
  $$ insert into public.security_audit_log (org_id, actor_kind, actor_id, action) values (tests.id('acme'), 'user', tests.id('mona'), 'deals.delete') $$,
  '42501', null, 'nobody writes another''s act into it'
);
select throws_ok(
  $$ select private.write_audit(tests.id('acme'), 'deals.delete') $$, '42501', null, 'nor by the function that does'
);
select tests.act_as_service();
select pg_temp.refused('the service role', '42501');
select tests.act_as_anon();
select pg_temp.refused('nobody', '42501');
select tests.act_as_owner();
select pg_temp.refused('the owner of the database', '42501');
select set_config('session_replication_role', 'replica', true);
select pg_temp.refused('the owner of the database, with triggers put to sleep,', '42501');
select set_config('session_replication_role', 'origin', true);

-- Jobs and webhooks name themselves; a person cannot pass for one.
select private.set_actor('webhook', 'fathom-webhook', 'req-456');
select tests.given_row('by a webhook', 'contacts', 'acme', 'mona');
select tests.act_as('mona');
insert into public.contacts (org_id, first_name) values (tests.id('acme'), 'By Mona');
select tests.act_as('olga');
select results_eq(
  $$ select actor_kind, actor_name from public.security_audit_log
     where action = 'contacts.insert' order by id $$,
  $$ values ('webhook', 'fathom-webhook'), ('user', null) $$,
  'a webhook names itself, and a person comes first whatever the transaction says'
);
select tests.act_as_owner();
select set_config('request.headers', jsonb_build_object('x-request-id', E'x\ny"; drop' || repeat('z', 300))::text, true);
select lives_ok($$ select tests.given_row('odd request', 'contacts', 'acme', 'mona') $$, 'a request id of any shape stops nothing');
select is(
  (select length(request_id) from public.security_audit_log where entity_id = tests.id('odd request')), 100, 'and is cut and cleaned'
);

-- The service role's own use.
select set_config('request.headers', '', true);
select tests.act_as_service();
select isnt(public.record_service_use('fathom-webhook', 'process_webhook_events', null, 'req-789'), null, 'U60-170 a use of the service role is recorded');
select throws_ok(
  $$ select public.record_service_use('fathom-webhook', 'Because I said so!', null, 'req-789') $$, '23514', null, 'U60-170 by a code, not by prose'
);
select tests.act_as('olga');
select throws_ok(
  $$ select public.record_service_use('x', 'y', tests.id('acme'), 'z') $$, '42501', null, 'U60-170 by nobody else'
);
select tests.act_as_owner();
select results_eq(
  $$ select actor_kind, actor_name, reason, request_id from public.security_audit_log where action = 'service_role.used' $$,
  $$ values ('system', 'fathom-webhook', 'process_webhook_events', 'req-789') $$,
  'U60-170 with function, reason and request'
);

-- No tenant table escapes, but those that are themselves a log or a count of what others did, and what a
-- person says to the copilot: there the functions that are the only way in log each reading and erasing.
select is_empty(
  $$ select c.relname from pg_class as c
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
       and c.relname not in ('security_audit_log', 'transcript_segments', 'profiles', 'recording_events', 's3_usage_metrics',
         'copilot_conversations', 'copilot_messages', 'copilot_turns', 'tool_executions', 'workflow_steps')
       and 28 <> (
         select coalesce(bit_or(t.tgtype & 28), 0) from pg_trigger as t
         where t.tgrelid = c.oid and t.tgenabled = 'O'
           and t.tgfoid in ('private.audit_row_change()'::regprocedure, 'private.audit_rows()'::regprocedure)
       ) $$,
  'FLW-019 every tenant table logs its inserts, updates and deletes'
);

select * from finish();
rollback;
