-- What the admins of an organization decide, who may decide it, and that it holds from the next
-- query on. The second factor that an organization demands is part of it.
begin;
select * from no_plan();

select tests.given_member('olga', 'acme', 'owner');
select tests.given_member('adam', 'acme', 'admin');
select tests.given_member('mona', 'acme', 'manager');
select tests.given_member('cole', 'acme', 'manager');
select tests.given_row('a deal', 'deals', 'acme', 'cole');
select tests.given_row('a meeting', 'meetings', 'acme', 'cole');
select tests.given_row('a task', 'tasks', 'acme', 'cole');
select tests.given_row('an email', 'emails', 'acme', 'cole');

-- Flipping a switch, seen by a session that stays open.
create function pg_temp.flips(p_setting text, p_table text)
returns setof text language plpgsql as $$
declare
  v_value boolean;
  v_query text := format('select count(*) from public.%I where org_id = %L', p_table, tests.id('acme'));
  v_count integer;
begin
  foreach v_value in array array[false, true, false, true] loop
    perform tests.act_as('adam');
    perform tests.affected(format('update public.org_settings set %I = %L where org_id = %L', p_setting, v_value, tests.id('acme')));
    perform tests.act_as('mona');
    execute v_query into v_count;
    return next is(v_count, v_value::int, format('U60-158 %s %s: a colleague reads %s of %s', p_setting, v_value, v_count, p_table));
  end loop;
  perform tests.act_as_owner();
end
$$;
select pg_temp.flips('enable_crm_sharing', 'deals');
select pg_temp.flips('enable_meeting_sharing', 'meetings');
select pg_temp.flips('enable_task_sharing', 'tasks');
select pg_temp.flips('enable_email_sharing', 'emails');

-- Who decides.
select tests.act_as('mona');
select is(
  tests.affected($$ update public.org_settings set enable_crm_sharing = false where org_id = tests.id('acme') $$), 0,
  'U60-152 COP-010 a manager sets nothing'
);
select is((select count(*)::int from public.org_settings), 1, 'control: but reads the settings');
select tests.act_as('adam');
select throws_ok(
  $$ update public.org_settings set org_id = gen_random_uuid() where org_id = tests.id('acme') $$,
  '42501', null, 'U60-152 settings never move to another organization'
);
select throws_ok(
  $$ insert into public.org_settings (org_id) values (gen_random_uuid()) $$,
  '42501', null, 'U60-152 there is one row for each organization, and nobody adds one'
);
select throws_ok($$ delete from public.org_settings $$, '42501', null, 'U60-152 or removes one');

-- Copilot conversations are never shared, whoever asks.
select throws_ok(
  $$ update public.org_settings set enable_copilot_sharing = true where org_id = tests.id('acme') $$,
  '23514', null, 'U60-157 an admin cannot share copilot conversations'
);
select tests.act_as_service();
select throws_ok(
  $$ update public.org_settings set enable_copilot_sharing = true where org_id = tests.id('acme') $$,
  '23514', null, 'U60-157 nor can the service role'
);
select throws_ok(
  $$ update public.org_settings set enable_crm_sharing = false where org_id = tests.id('acme') $$,
  '42501', null, 'TEL-017 which may write no other setting'
);
select tests.act_as_owner();
select throws_ok(
  $$ update public.org_settings set enable_copilot_sharing = true where org_id = tests.id('acme') $$,
  '23514', null, 'U60-157 nor can the owner of the database'
);

-- The second factor.
select tests.act_as('adam');
select lives_ok(
  $$ update public.org_settings set mfa_required_for = 'admins' where org_id = tests.id('acme') $$,
  'C-20 an admin may demand a second factor'
);
select is(
  tests.affected($$ update public.org_settings set enable_task_sharing = false where org_id = tests.id('acme') $$), 0,
  'COP-013 from then on an admin without one sets nothing'
);
select is(
  tests.affected($$ update public.organizations set name = 'Renamed' where id = tests.id('acme') $$), 0,
  'COP-013 renames nothing'
);
select throws_ok(
  $$ insert into public.deal_stages (org_id, name, position) values (tests.id('acme'), 'New', 9) $$,
  '42501', null, 'COP-013 adds no stage'
);
select is(tests.affected($$ update public.deal_stages set win_probability = 1 where org_id = tests.id('acme') $$), 0, 'COP-013 changes no stage');
select is(tests.affected($$ delete from public.deal_stages where org_id = tests.id('acme') and name = 'Lead' $$), 0, 'COP-013 deletes no stage');
select is_empty('select from public.security_audit_log', 'COP-013 reads no audit log');
select is_empty('select from public.organization_invitations', 'COP-013 reads no invitations');
select throws_ok(
  $$ select public.invite_member(tests.id('acme'), 'new@example.test', 'agent') $$,
  'PT403', 'mfa_required', 'COP-013 and invites nobody'
);
select throws_ok(
  $$ select public.change_member_role(tests.id('acme'), tests.id('mona'), 'agent') $$,
  'PT403', 'mfa_required', 'COP-013 nor changes a role'
);
select is((select count(*)::int from public.deals), 1, 'COP-013 control: what is no admin power stays');
select is(
  tests.affected($$ update public.deals set next_step = 'x' where org_id = tests.id('acme') $$), 1,
  'COP-013 control: for writing too'
);
select tests.act_as('adam', 'aal2');
select is(
  tests.affected($$ update public.org_settings set enable_task_sharing = false where org_id = tests.id('acme') $$), 1,
  'COP-013 control: with a second factor they set settings'
);
select is(tests.affected($$ update public.organizations set name = 'Renamed' where id = tests.id('acme') $$), 1, 'COP-013 control: rename');
select lives_ok(
  $$ insert into public.deal_stages (org_id, name, position) values (tests.id('acme'), 'New', 9) $$,
  'COP-013 control: add a stage'
);
select is(tests.affected($$ update public.deal_stages set win_probability = 1 where org_id = tests.id('acme') and name = 'New' $$), 1, 'COP-013 control: change it');
select is(tests.affected($$ delete from public.deal_stages where org_id = tests.id('acme') and name = 'New' $$), 1, 'COP-013 control: delete it');
select isnt_empty('select from public.security_audit_log', 'COP-013 control: read the audit log');
select lives_ok($$ select public.invite_member(tests.id('acme'), 'new@example.test', 'agent') $$, 'COP-013 control: and invite');
select isnt_empty('select from public.organization_invitations', 'COP-013 control: and read invitations');

select lives_ok(
  $$ update public.org_settings set mfa_required_for = 'everyone' where org_id = tests.id('acme') $$,
  'C-20 it can be demanded of everyone'
);
select tests.act_as('mona');
select is_empty('select from public.deals', 'C-20 then without one there is nothing to read');
select is_empty('select from public.organizations', 'C-20 not even the organization');
select is((select count(*)::int from public.organization_members), 1, 'C-20 but one''s own membership, to know where to give it');
select is(tests.affected($$ update public.deals set next_step = 'y' $$), 0, 'C-20 nor to write');
select throws_ok(
  $$ insert into public.deals (org_id, name) values (tests.id('acme'), 'x') $$, '42501', null, 'C-20 nor to create'
);
select ok(not private.has_permission(tests.id('acme'), 'crm.write'), 'C-20 nor any permission');
select tests.act_as('mona', 'aal2');
select isnt_empty('select from public.deals', 'C-20 control: with one there is');
select is(tests.affected($$ update public.deals set next_step = 'y' $$), 1, 'C-20 control: to write too');

select * from finish();
rollback;
