-- One person in two organizations: owner of one, agent in the other. Rights and settings of the two
-- never mix (R-04), and an admin of one is nobody in another.
begin;
select * from no_plan();

select tests.given_member('bea', 'acme', 'owner');
select tests.given_member('bea', 'globex', 'agent');
select tests.given_member('gus', 'globex', 'owner');
select tests.given_member('cole', 'acme', 'manager');
select tests.given_row('acme deal', 'deals', 'acme', 'cole');
select tests.given_row('globex deal', 'deals', 'globex', 'gus');
select tests.given_row('globex deal of bea', 'deals', 'globex', 'bea');
select tests.given_row('acme task', 'tasks', 'acme', 'cole');
select tests.given_row('globex task', 'tasks', 'globex', 'gus');

select tests.act_as('bea');
select set_eq(
  'select name from public.deals', array['acme deal', 'globex deal of bea'],
  'R-04 as owner she reads shared deals of one, as agent her own of the other'
);
select is(
  tests.affected($$ update public.deals set next_step = 'x' where id = tests.id('globex deal') $$), 0,
  'R-04 being an owner elsewhere changes nothing here'
);
select is(
  tests.affected($$ update public.org_settings set enable_crm_sharing = false where org_id = tests.id('globex') $$), 0,
  'U60-152 R-04 an owner of one organization does not set another''s settings'
);
select is(
  tests.affected($$ update public.org_settings set enable_task_sharing = true where org_id = tests.id('acme') $$), 1,
  'U60-152 control: she sets her own'
);
select set_eq(
  'select title from public.tasks', array['acme task'],
  'U60-158 R-04 sharing tasks in one organization shares none of the other'
);
select is(private.is_crm_sharing_enabled(tests.id('globex')), true, 'U60-160 the switch is asked for one organization');
select tests.act_as_owner();
select tests.set_setting('globex', 'enable_crm_sharing', 'false');
select tests.act_as('bea');
select is(private.is_crm_sharing_enabled(tests.id('globex')), false, 'U60-160 and answers for that one');
select is(private.is_crm_sharing_enabled(tests.id('acme')), true, 'U60-160 alone');
select is(private.user_in_same_org(tests.id('cole'), tests.id('acme')), true, 'U60-160 Cole is her colleague in one');
select is(private.user_in_same_org(tests.id('cole'), tests.id('globex')), false, 'U60-160 R-04 but not in the other');
select is(private.user_in_same_org(tests.id('gus'), tests.id('acme')), false, 'U60-160 R-04 nor the other way round');
select tests.act_as('cole');
select is(private.user_in_same_org(tests.id('gus'), tests.id('globex')), false, 'U60-160 who is no member has no colleagues there');

select tests.act_as('bea');
select ok(private.has_permission(tests.id('acme'), 'members.manage'), 'C-13 control: an owner manages members of hers');
select ok(not private.has_permission(tests.id('globex'), 'members.manage'), 'R-04 and nobody of the other');
select throws_ok(
  $$ select public.change_member_role(tests.id('globex'), tests.id('gus'), 'viewer') $$,
  'PT403', 'forbidden', 'R-04 nor by a function'
);
select set_eq(
  'select name from public.organizations', array['acme', 'globex'], 'she reads both organizations'
);
select tests.act_as('gus');
select set_eq('select name from public.organizations', array['globex'], 'he reads his only');
select is_empty(
  $$ select from public.security_audit_log where org_id = tests.id('acme') $$,
  'an owner reads nothing of another organization''s audit log'
);
select isnt_empty(
  $$ select from public.security_audit_log where org_id = tests.id('globex') $$,
  'control: he reads his own'
);

-- The active organization is only a preference.
select tests.act_as('bea');
select lives_ok($$ select public.switch_active_org(tests.id('globex')) $$, 'U60-026 she switches to the other');
select is(public.get_active_org(), tests.id('globex'), 'U60-026 and it is remembered');
select tests.act_as('cole');
select throws_ok(
  $$ select active_org_id from public.profiles where id = tests.id('bea') $$,
  '42501', null, 'T-04 a colleague does not learn where else she works'
);
select lives_ok(
  $$ select first_name, email from public.profiles where id = tests.id('bea') $$, 'T-04 control: only who she is'
);
select tests.act_as('bea');
select throws_ok(
  $$ update public.profiles set active_org_id = tests.id('acme') where id = tests.id('bea') $$,
  '42501', null, 'U60-026 not by writing the column'
);
select tests.act_as('cole');
select throws_ok(
  $$ select public.switch_active_org(tests.id('globex')) $$,
  'PT404', 'organization_not_found', 'U60-026 nobody switches to where they do not belong'
);
select throws_ok(
  $$ select public.switch_active_org(null) $$,
  'PT404', 'organization_not_found', 'U60-026 nor to nowhere'
);

-- Leaving ends everything at once.
select tests.act_as('gus');
select lives_ok($$ select public.remove_member(tests.id('globex'), tests.id('bea')) $$, 'he removes her');
select tests.act_as('bea');
select set_eq('select name from public.deals', array['acme deal'], 'V-22 her next query has nothing of that organization, not even her own rows');
select is(public.get_active_org(), null, 'and she works there no longer');

select * from finish();
rollback;
