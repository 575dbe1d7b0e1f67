-- Who changes whose record. Writers change own and assigned ones; managers and above also what is
-- shared; agents no more than that; viewers nothing. Mass assignment and grafting are refused.
begin;
select * from no_plan();

select tests.given_member('olga', 'acme', 'owner');
select tests.given_member('adam', 'acme', 'admin');
select tests.given_member('mona', 'acme', 'manager');
select tests.given_member('alex', 'acme', 'agent');
select tests.given_member('vera', 'acme', 'viewer');
select tests.given_member('cole', 'acme', 'manager');
select tests.given_member('rita', 'rival', 'owner');

select tests.remember('rival stage', s.id)
from public.deal_stages as s where s.org_id = tests.id('rival') and s.position = 1;

create temporary table cells on commit drop as
select e.entity, e.setting, e.touch, r.person, r.role, s.is_on, rel.relation, c.command,
  (r.role <> 'viewer' and (
    rel.relation = 'own'
    or (rel.relation = 'assigned' and c.command = 'update')
    or (rel.relation in ('assigned', 'colleague') and s.is_on and r.role in ('owner', 'admin', 'manager'))
  )) as is_allowed
from (values
  ('companies', 'enable_crm_sharing', 'notes = ''x''', true),
  ('contacts', 'enable_crm_sharing', 'notes = ''x''', true),
  ('deals', 'enable_crm_sharing', 'next_step = ''x''', true),
  ('activities', 'enable_crm_sharing', 'details = ''x''', false),
  ('tasks', 'enable_task_sharing', 'details = ''x''', true)
) as e (entity, setting, touch, has_assignee)
cross join (values ('olga', 'owner'), ('adam', 'admin'), ('mona', 'manager'), ('alex', 'agent'), ('vera', 'viewer')) as r (person, role)
cross join (values (true), (false)) as s (is_on)
cross join (values ('own'), ('assigned'), ('colleague'), ('rival')) as rel (relation)
cross join (values ('update'), ('delete')) as c (command)
where e.has_assignee or rel.relation <> 'assigned';

do $$
declare
  v_entity text;
  v_person text;
begin
  foreach v_entity in array array['companies', 'contacts', 'deals', 'activities', 'tasks'] loop
    foreach v_person in array array['olga', 'adam', 'mona', 'alex', 'vera'] loop
      perform tests.given_row(format('%s own %s', v_entity, v_person), v_entity, 'acme', v_person);
      if v_entity <> 'activities' then
        perform tests.given_row(format('%s assigned %s', v_entity, v_person), v_entity, 'acme', 'cole', v_person);
      end if;
    end loop;
    perform tests.given_row(format('%s colleague', v_entity), v_entity, 'acme', 'cole');
    perform tests.given_row(format('%s rival', v_entity), v_entity, 'rival', 'rita');
  end loop;
end
$$;

create function pg_temp.check_cells()
returns setof text language plpgsql as $$
declare
  v_cell record;
  v_id uuid;
  v_statement text;
  v_count integer;
begin
  for v_cell in select * from cells order by is_on, entity, person, command desc, relation loop
    perform tests.act_as_owner();
    perform tests.set_setting('acme', v_cell.setting, v_cell.is_on::text);
    perform tests.set_setting('rival', v_cell.setting, 'true');
    v_id := tests.id(
      v_cell.entity || ' ' || v_cell.relation
      || case when v_cell.relation in ('own', 'assigned') then ' ' || v_cell.person else '' end
    );
    v_statement := case v_cell.command
      when 'update' then format('update public.%I set %s where id = %L', v_cell.entity, v_cell.touch, v_id)
      else format('delete from public.%I where id = %L', v_cell.entity, v_id)
    end;
    perform tests.act_as(v_cell.person);
    begin
      v_count := tests.affected(v_statement);
      -- Undone, so that the next cell finds the row.
      raise exception using errcode = 'P0999';
    exception
      when sqlstate 'P0999' then null;
    end;
    perform tests.act_as(v_cell.person);
    return next is(
      v_count, v_cell.is_allowed::int,
      format(
        'C-13 C-15 %s: %s (%s) %ss %s row, sharing %s', v_cell.entity, v_cell.person, v_cell.role, v_cell.command,
        v_cell.relation, case when v_cell.is_on then 'on' else 'off' end
      )
    );
  end loop;
  perform tests.act_as_owner();
  perform tests.set_setting('acme', 'enable_crm_sharing', 'true');
end
$$;
select pg_temp.check_cells();

-- Creating.
select tests.act_as('alex');
select lives_ok(
  $$ insert into public.contacts (org_id, first_name) values (tests.id('acme'), 'Nia') $$,
  'control: an agent creates a contact'
);
select is(
  (select user_id from public.contacts where first_name = 'Nia'), tests.id('alex'),
  'U60-047 who creates a contact owns it, without saying so'
);
select lives_ok(
  $$ insert into public.contacts (org_id, user_id, first_name) values (tests.id('acme'), tests.id('alex'), 'Nia 2') $$,
  'control: or saying so'
);
select throws_ok(
  $$ insert into public.contacts (org_id, user_id, first_name) values (tests.id('acme'), tests.id('mona'), 'Not mine') $$,
  '42501', null, 'nobody creates a row in a colleague''s name'
);
select throws_ok(
  $$ insert into public.contacts (org_id, first_name) values (tests.id('rival'), 'Spy') $$,
  '42501', null, 'nobody creates a row in another organization'
);
select throws_ok(
  $$ insert into public.contacts (org_id, id, first_name) values (tests.id('acme'), gen_random_uuid(), 'Chosen id') $$,
  '42501', null, 'ids are made by the server'
);
select throws_ok(
  $$ insert into public.contacts (org_id, first_name, origin) values (tests.id('acme'), 'x', 'worker') $$,
  '42501', null, 'CRE-034 a person cannot say that a worker brought a row'
);
select throws_ok(
  $$ update public.contacts set user_id = tests.id('mona') where first_name = 'Nia' $$,
  '42501', null, 'ownership does not change by a write'
);
select throws_ok(
  $$ update public.contacts set org_id = tests.id('rival') where first_name = 'Nia' $$,
  '42501', null, 'nor does the organization'
);
select lives_ok(
  $$ update public.contacts set assigned_to = tests.id('mona') where first_name = 'Nia' $$,
  'control: an owner assigns their contact to a colleague'
);
select throws_ok(
  $$ update public.contacts set assigned_to = tests.id('rita') where first_name = 'Nia' $$,
  '23503', null, 'but not to somebody of another organization'
);
-- Handing on what is only assigned would leave a row that the agent may not write.
select throws_ok(
  $$ update public.deals set assigned_to = tests.id('mona') where id = tests.id('deals assigned alex') $$,
  '42501', null, 'COP-011 an agent does not hand on what is assigned to them'
);
select tests.act_as('vera');
select throws_ok(
  $$ insert into public.contacts (org_id, first_name) values (tests.id('acme'), 'By a viewer') $$,
  '42501', null, 'FLW-018 a viewer creates nothing'
);
select tests.act_as_anon();
select throws_ok(
  $$ insert into public.contacts (org_id, first_name) values (tests.id('acme'), 'By nobody') $$,
  '42501', null, 'COP-004 nor does nobody'
);
select throws_ok('select id from public.contacts', '42501', null, 'COP-004 who does not sign in reads nothing');
select throws_ok('truncate public.contacts', '42501', null, 'and truncates nothing');
select tests.act_as_service();
select throws_ok('select id from public.contacts', '42501', null, 'TEL-017 the service role has no way to the contacts');
select tests.act_as('olga');
select throws_ok('truncate public.contacts', '42501', null, 'FLW-019 an owner does not truncate either');

-- Grafting: a row of mine on a parent of theirs. The answer for theirs and for none is the same.
create temporary table answers (wanted text, sqlstate text, message text) on commit drop;
grant insert, select on answers to authenticated;
create function pg_temp.try_parent(p_wanted text, p_company_id uuid)
returns void language plpgsql as $$
declare
  v_message text;
begin
  insert into public.contacts (org_id, first_name, company_id) values (tests.id('acme'), 'Grafted', p_company_id);
  insert into answers values (p_wanted, '00000', 'accepted');
exception when foreign_key_violation then
  get stacked diagnostics v_message = message_text;
  insert into answers values (p_wanted, sqlstate, v_message);
end
$$;
select tests.act_as_owner();
grant execute on function pg_temp.try_parent(text, uuid) to authenticated;
select tests.act_as('olga');
select pg_temp.try_parent('theirs', tests.id('companies rival'));
select pg_temp.try_parent('none', gen_random_uuid());
select pg_temp.try_parent('mine', tests.id('companies own olga'));
select results_eq(
  $$ select sqlstate from answers order by wanted $$,
  $$ values ('00000'), ('23503'), ('23503') $$,
  'a contact cannot be grafted onto a rival''s company; onto one''s own it can'
);
select is(
  (select count(distinct message)::int from answers where wanted in ('theirs', 'none')), 1,
  'and the answer does not say whether the rival''s company exists'
);
select throws_ok(
  $$ insert into public.deals (org_id, name, stage_id) values (tests.id('acme'), 'Grafted', tests.id('rival stage')) $$,
  '23503', null, 'nor a deal into a rival''s stage'
);

select * from finish();
rollback;
