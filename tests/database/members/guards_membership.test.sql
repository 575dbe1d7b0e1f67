-- The guards of joining, founding and leaving that no journey meets: nobody behind the token, a
-- membership in the way, other people's organizations.
begin;
select * from no_plan();

select tests.given_member('olga', 'acme', 'owner');
select tests.given_member('adam', 'acme', 'admin');
select tests.given_member('susi', 'acme', 'manager', 'suspended');
select tests.given_person('fay');
select tests.given_person('idle');

-- Whose login has ended. Each function says so by itself.
select tests.given_person('ghost');
delete from auth.sessions where user_id = tests.id('ghost');
select tests.act_as('ghost');
select throws_ok($$ select public.accept_invitation(gen_random_uuid()) $$, 'PT401', 'unauthenticated', 'who signed out accepts nothing');
select throws_ok($$ select public.create_organization('Ghosts') $$, 'PT401', 'unauthenticated', 'founds nothing');
select throws_ok($$ select public.switch_active_org(tests.id('acme')) $$, 'PT401', 'unauthenticated', 'goes nowhere');
select throws_ok(
  $$ select public.invite_member(tests.id('acme'), 'x@example.test', 'viewer') $$, 'PT401', 'unauthenticated', 'invites nobody'
);
select throws_ok($$ select public.get_meetings_for_period() $$, 'PT401', 'invalid_token', 'asks nothing');
select tests.act_as_owner();
select tests.act_as('fay');
select isnt(private.current_user_id(), null, 'control: who is signed in is somebody');
select tests.act_as_owner();
update auth.users set deleted_at = now() where id = tests.id('idle');
select tests.act_as('idle');
select is(private.current_user_id(), null, 'whose login is marked as deleted is nobody, whatever session is left');
select tests.act_as_owner();
update auth.users set deleted_at = null where id = tests.id('idle');

-- An invitation is no way around a membership.
insert into public.organization_invitations (org_id, email, role, invited_by)
values (tests.id('acme'), 'susi@example.test', 'admin', tests.id('olga'))
returning tests.remember('invitation of susi', id);
insert into public.organization_invitations (org_id, email, role, invited_by)
values (tests.id('acme'), 'adam@example.test', 'owner', tests.id('olga'))
returning tests.remember('invitation of adam', id);
select tests.act_as('susi');
select is(public.accept_invitation(tests.id('invitation of susi')), tests.id('acme'), 'an open invitation is answered');
select tests.act_as('adam');
select is(public.accept_invitation(tests.id('invitation of adam')), tests.id('acme'), 'so is an active member''s');
select tests.act_as_owner();
select results_eq(
  $$ select m.role || ' ' || m.status from public.organization_members as m
     where m.user_id in (tests.id('susi'), tests.id('adam')) order by 1 $$,
  array['admin active', 'manager suspended'], 'but lifts no suspension and gives no member another role'
);

-- Twenty organizations are enough; other people's, and those one only works in, do not count.
select tests.given_member('busy', 'org-' || n, 'owner') from generate_series(1, 20) as n;
select tests.given_member('fay', 'org-' || n, 'viewer') from generate_series(1, 20) as n;
update public.profiles set active_org_id = null where id in (tests.id('fay'), tests.id('idle'));
select tests.act_as('busy');
select throws_ok($$ select public.create_organization('One more') $$, 'PT429', 'too_many_organizations', 'who owns twenty founds no more');
select tests.act_as('fay');
select lives_ok($$ select public.create_organization('The first') $$, 'control: who works in twenty does');
select tests.act_as_owner();
select is((select p.active_org_id from public.profiles as p where p.id = tests.id('idle')), null, 'and nobody else starts to work in it');

-- Leaving.
select tests.act_as('susi');
select throws_ok(
  $$ select public.leave_organization(tests.id('acme')) $$, 'PT404', 'organization_not_found', 'who is suspended does not leave, which would let them be invited again'
);
select tests.act_as('fay');
select throws_ok($$ select public.leave_organization(tests.id('acme')) $$, 'PT404', 'organization_not_found', 'who is no member leaves nothing');
select tests.act_as('adam');
select lives_ok($$ select public.leave_organization(tests.id('acme')) $$, 'control: a member leaves');
select tests.act_as('olga');
select throws_ok(
  $$ select public.remove_member(tests.id('acme'), tests.id('adam')) $$, 'PT404', 'member_not_found', 'who has left is no member to remove'
);

-- A suspended member may nothing, asked in whichever way.
select tests.act_as('susi');
select is(private.has_permission(tests.id('acme'), 'crm.write'), false, 'a suspended member has no permission');
select is(private.user_in_same_org(tests.id('olga'), tests.id('acme')), false, 'and no colleagues');
select tests.act_as('olga');
select is(private.has_permission(tests.id('acme'), 'crm.write'), true, 'control: an active one has');

select is(private.my_orgs(), array[tests.id('acme')], 'control: and an organization');
select is(private.my_second_factor_orgs(), array[tests.id('acme')], 'control: whose admin they can be');
select is(private.user_in_same_org(tests.id('susi'), tests.id('acme')), false, 'a suspended member is no colleague');
select tests.act_as('susi');
select is(private.my_orgs(), array[]::uuid[], 'a suspended member has no organization');
select is(private.my_orgs_with('crm.write'), array[]::uuid[], 'none to write in');
select is(private.my_shared_orgs('crm'), array[]::uuid[], 'none that shares with them');
select is(private.my_editable_orgs('crm'), array[]::uuid[], 'none whose shared records they change');
select is(private.my_second_factor_orgs(), array[]::uuid[], 'and none whose admin they could be');
select tests.act_as('idle');
select is(private.my_second_factor_orgs(), array[]::uuid[], 'nor has who never was a member');

-- Names that the server knows and the product does not take: they would not follow the clocks.
select is(private.is_time_zone('CET'), false, 'an abbreviation is no time zone');
select is(private.is_time_zone('+02'), false, 'nor is an offset');
select is(private.is_time_zone('Europe/Berlin'), true, 'control: a place is');

-- Managing.
select tests.act_as_owner();
select tests.given_member('ivan', 'acme', 'viewer', 'invited');
select tests.given_member('vera', 'acme', 'viewer');
update public.profiles set active_org_id = tests.id('acme') where id = tests.id('vera');
insert into public.organization_invitations (org_id, email, role, invited_by)
values (tests.id('acme'), 'somebody@example.test', 'agent', tests.id('olga'))
returning tests.remember('open invitation', id);
select tests.act_as('vera');
select throws_ok(
  $$ select public.revoke_invitation(tests.id('acme'), tests.id('open invitation')) $$, 'PT403', 'forbidden', 'a viewer takes no invitation back'
);
select tests.act_as('olga');
select throws_ok(
  $$ select private.set_member_status(tests.id('acme'), tests.id('vera'), 'invited') $$, 'PT400', 'unknown_status', 'nobody is made invited'
);
select lives_ok($$ select public.remove_member(tests.id('acme'), tests.id('ivan')) $$, 'who was invited can be removed before they come');
select lives_ok($$ select public.suspend_member(tests.id('acme'), tests.id('vera')) $$, 'control: a viewer is suspended');
select tests.act_as_owner();
select is((select p.active_org_id from public.profiles as p where p.id = tests.id('vera')), null, 'and no longer works there');

-- Where somebody works is theirs: joining, coming back and switching move nobody else.
select tests.given_member('rita', 'rival', 'owner');
update public.profiles set active_org_id = tests.id('rival') where id = tests.id('rita');
insert into public.organization_invitations (org_id, email, role, invited_by)
values (tests.id('acme'), 'rita@example.test', 'viewer', tests.id('olga'))
returning tests.remember('invitation of rita', id);
select tests.act_as('rita');
select is(public.accept_invitation(tests.id('invitation of rita')), tests.id('acme'), 'who works elsewhere joins');
select is(public.get_active_org(), tests.id('rival'), 'and still works elsewhere');
select lives_ok($$ select public.switch_active_org(tests.id('acme')) $$, 'until they switch');
select is(public.get_active_org(), tests.id('acme'), 'control: then they work there');
select tests.act_as('olga');
select lives_ok($$ select public.reactivate_member(tests.id('acme'), tests.id('vera')) $$, 'a viewer is reactivated');
select tests.act_as('vera');
select is(public.get_active_org(), tests.id('acme'), 'and works there again');
select tests.act_as_owner();
update public.profiles set active_org_id = tests.id('rival') where id = tests.id('fay');
select tests.act_as('vera');
select lives_ok($$ select public.switch_active_org(tests.id('acme')) $$, 'control: she switches to where she is');
select is(public.get_active_org(), tests.id('acme'), 'which is hers to ask');
select tests.act_as_owner();
select results_eq(
  $$ select p.active_org_id from public.profiles as p where p.id in (tests.id('idle'), tests.id('fay')) order by 1 nulls first $$,
  $$ values (null::uuid), (tests.id('rival')) $$, 'nobody else was moved by any of it'
);

-- A suspended member is not told that a second factor is all they lack.
select tests.set_setting('acme', 'mfa_required_for', 'everyone');
select tests.act_as('susi');
select throws_ok($$ select public.get_meetings_for_period(tests.id('acme')) $$, 'PT404', 'organization_not_found', 'to a suspended member it is not there');
select tests.act_as('vera');
select throws_ok($$ select public.get_meetings_for_period(tests.id('acme')) $$, 'PT403', 'mfa_required', 'control: an active one is told');
select tests.act_as_owner();
select tests.set_setting('acme', 'mfa_required_for', 'none');

-- A login that goes does not touch memberships that ended before it.
select tests.given_person('gone');
insert into public.organization_members (org_id, user_id, role, status, updated_at)
values (tests.id('acme'), tests.id('gone'), 'agent', 'removed', '2020-01-01');
delete from auth.users where id = tests.id('gone');
select is(
  (select m.updated_at from public.organization_members as m where m.user_id = tests.id('gone')), timestamptz '2020-01-01',
  'the time at which somebody left stays true'
);

-- Operators.
select tests.given_person('sue');
insert into private.superadmins (user_id, granted_by) values (tests.id('sue'), 'test');
select tests.act_as('sue', 'aal2');
select throws_ok(
  $$ select public.set_organization_plan(gen_random_uuid(), 'team') $$, 'PT404', 'organization_not_found', 'an organization that is not there has no plan'
);

-- Nobody makes themselves the job or the system that the audit names.
select tests.act_as_owner();
select throws_ok($$ select private.set_actor('user', 'olga') $$, 'PT400', 'invalid_actor', 'a user is never claimed, only proved');
select lives_ok($$ select private.set_actor('job', 'nightly') $$, 'control: a job is named');

select * from finish();
rollback;
