-- Inserts and deletes are audited per statement, updates per row; both say the same as a trigger of
-- each row would, whatever statement it was: every change below is made twice, the second time with
-- the triggers put back to one of each row, and undone.
begin;
select * from no_plan();

select tests.given_member('mona', 'acme', 'manager');
select tests.given_member('nick', 'acme', 'manager');
select tests.given_member('rita', 'rival', 'owner');
select tests.given_row('first', 'meetings', 'acme', 'mona');
select tests.given_row('second', 'meetings', 'acme', 'mona');
select tests.given_row('third', 'meetings', 'rival', 'rita');
select tests.given_transcript(m, case m when 'third' then 'rival' else 'acme' end, 'Canary 4713')
from unnest(array['first', 'second', 'third']) as m;
select tests.given_row('known', 'companies', 'acme', 'mona');
select tests.given_row('mail', 'emails', 'acme', 'mona');

create function pg_temp.put_back_row_triggers()
returns void language plpgsql as $$
declare
  v_table regclass;
begin
  for v_table in select distinct t.tgrelid::regclass from pg_trigger as t where t.tgfoid = 'private.audit_rows()'::regprocedure loop
    execute format('drop trigger audit_insert on %s; drop trigger audit_delete on %1$s', v_table);
    execute format(
      'create or replace trigger audit after insert or update or delete on %s for each row execute function private.audit_row_change()', v_table
    );
  end loop;
end
$$;

create function pg_temp.audit_of(p_change text, p_is_row_by_row boolean)
returns text[] language plpgsql as $$
declare
  v_rows text[];
begin
  if p_is_row_by_row then
    perform pg_temp.put_back_row_triggers();
  end if;
  create temporary table before on commit drop as select l.id from public.security_audit_log as l;
  execute p_change;
  perform tests.act_as_owner();
  v_rows := array(
    select (to_jsonb(l) - 'id')::text from public.security_audit_log as l
    where not exists (select from before as b where b.id = l.id) order by 1
  );
  raise exception using errcode = 'P0999';
exception when sqlstate 'P0999' then
  return v_rows;
end
$$;

create function pg_temp.same(p_what text, p_count integer, p_change text)
returns setof text language plpgsql as $$
declare
  v_rows constant text[] := pg_temp.audit_of(p_change, false);
begin
  return next is(cardinality(v_rows), p_count, p_what || ': a row each');
  return next is(v_rows, pg_temp.audit_of(p_change, true), p_what || ': what a trigger of each row says');
end
$$;

select pg_temp.same('FLW-019 COP-030 an insert of many rows, by a job', 50, $$
  select private.set_actor('job', 'importer', 'req-1');
  insert into public.companies (org_id, id, user_id, name)
  select tests.id('acme'), md5(n::text)::uuid, tests.id('mona'), 'Canary ' || n from generate_series(1, 50) as n
$$);
select pg_temp.same('FLW-019 COP-030 a delete of many rows, by a person', 50, $$
  select set_config('session_replication_role', 'replica', true);
  insert into public.companies (org_id, id, user_id, name)
  select tests.id('acme'), md5(n::text)::uuid, tests.id('mona'), 'Canary ' || n from generate_series(1, 50) as n;
  select set_config('session_replication_role', 'origin', true);
  select tests.act_as('mona');
  delete from public.companies where name like 'Canary %'
$$);
select pg_temp.same('a statement that touches nothing', 0, $$
  insert into public.companies (org_id, user_id, name) select tests.id('acme'), tests.id('mona'), 'x' where false;
  delete from public.companies where false
$$);
-- Attendee, action item, transcript; segments are told by their transcript.
select pg_temp.same('a delete of two parents and what goes with them, down to the third generation', 8, $$
  delete from public.meetings where id in (tests.id('first'), tests.id('second'))
$$);
select pg_temp.same('two organizations in one statement', 8, $$
  delete from public.meetings where id in (tests.id('first'), tests.id('third'))
$$);
select pg_temp.same('deletes by cascade of a second statement in the same transaction', 8, $$
  delete from public.meetings where id = tests.id('first');
  delete from public.meetings where id = tests.id('second')
$$);
select pg_temp.same('an upsert that inserts some and updates some, in one statement', 3, $$
  insert into public.companies as c (org_id, id, user_id, name)
  values
    (tests.id('acme'), tests.id('known'), tests.id('mona'), 'renamed'),
    (tests.id('acme'), md5('new')::uuid, tests.id('mona'), 'new'),
    (tests.id('acme'), md5('newer')::uuid, tests.id('mona'), 'newer')
  on conflict (org_id, id) do update set name = excluded.name
$$);
select pg_temp.same('an upsert that leaves what there is', 1, $$
  insert into public.companies as c (org_id, id, user_id, name)
  values (tests.id('acme'), tests.id('known'), tests.id('mona'), 'renamed'), (tests.id('acme'), md5('new')::uuid, tests.id('mona'), 'new')
  on conflict do nothing
$$);
select pg_temp.same('a merge that inserts, updates and deletes', 3, $$
  merge into public.companies as c
  using (values (tests.id('known'), 'renamed'), (md5('new')::uuid, 'new')) as v (id, name)
  on c.org_id = tests.id('acme') and c.id = v.id
  when matched then update set name = v.name
  when not matched then insert (org_id, id, user_id, name) values (tests.id('acme'), v.id, tests.id('mona'), v.name);
  merge into public.companies as c using (values (md5('new')::uuid)) as v (id)
  on c.org_id = tests.id('acme') and c.id = v.id when matched then delete
$$);
select pg_temp.same('one statement that writes two tables, one of them twice', 4, $$
  with gone as (delete from public.companies where id = tests.id('known') returning org_id, user_id),
    one as (insert into public.companies (org_id, id, user_id, name) select g.org_id, md5('a')::uuid, g.user_id, 'a' from gone as g),
    two as (insert into public.companies (org_id, id, user_id, name) select g.org_id, md5('b')::uuid, g.user_id, 'b' from gone as g)
  insert into public.contacts (org_id, id, user_id, first_name) select g.org_id, md5('c')::uuid, g.user_id, 'c' from gone as g
$$);
-- Their owner's id follows the meeting's, by the foreign key.
select pg_temp.same('an update that reaches others by their keys', 4, $$
  update public.meetings set owner_user_id = tests.id('nick') where id = tests.id('first')
$$);
select pg_temp.same('an update of primary keys', 2, $$
  update public.companies set id = md5('x')::uuid, name = name || '!' where org_id = tests.id('acme') and id = tests.id('known');
  update public.companies set name = 'y' where org_id = tests.id('acme') and id = md5('x')::uuid
$$);
-- Their keys have other names, so they are told row by row; an organization brings its knowledge.
select pg_temp.same('an organization, and somebody who belongs to none', 4, $$
  insert into public.organizations (id, name, slug) values (md5('o')::uuid, 'New', 'new-one');
  insert into private.superadmins (user_id, granted_by) values (tests.id('nick'), 'a test');
  delete from private.superadmins where user_id = tests.id('nick')
$$);
select is_empty(
  $$ select from public.security_audit_log as l where to_jsonb(l)::text ~ '471[123]|Canary' $$, 'C-17 no contents of many rows either'
);

-- One insert for all of them: a trigger on the log, of each statement, counts.
select tests.act_as_owner();
create sequence pg_temp.inserts;
create function pg_temp.count_insert() returns trigger language plpgsql as $$ begin perform nextval('pg_temp.inserts'); return null; end $$;
create trigger count_insert after insert on public.security_audit_log for each statement execute function pg_temp.count_insert();
insert into public.companies (org_id, user_id, name) select tests.id('acme'), tests.id('mona'), 'many' from generate_series(1, 100);
delete from public.companies where name = 'many';
select is((select last_value from pg_temp.inserts), 2::bigint, 'a hundred rows inserted and deleted are two inserts into the log');
drop trigger count_insert on public.security_audit_log;

-- What makes a table write its audit.
select throws_ok(
  $$ create table public.parted (org_id uuid, id uuid) partition by hash (id); select private.audit_table('public.parted') $$,
  '0A000', 'audited_tables_are_ordinary', 'a partitioned table is refused: its parts could be written past it'
);
create table public.again (org_id uuid, id uuid);
select private.audit_table('public.again');
select private.audit_table('public.again');
insert into public.again values (tests.id('acme'), md5('again')::uuid);
update public.again set org_id = tests.id('rival');
delete from public.again;
select set_eq(
  $$ select action, org_id, changed_columns from public.security_audit_log where entity_table = 'again' $$,
  $$ values ('again.insert', tests.id('acme'), null::text[]), ('again.update', tests.id('rival'), array['org_id']), ('again.delete', tests.id('rival'), null) $$,
  'a table is made to write its audit once, however often that is asked'
);

select * from finish();
rollback;
