-- Founding an organization, inviting, promoting, suspending, removing, leaving.
begin;
select * from no_plan();

-- Founding.
select tests.given_person('fay');
select tests.act_as('fay');
select lives_ok($$ select public.create_organization('Fay & Sons') $$, 'anybody signed in founds an organization');
select is(
  (select role || ' ' || status from public.organization_members where user_id = tests.id('fay')), 'owner active', 'and owns it'
);
select is((select count(*)::int from public.org_settings), 1, 'with settings');
select is((select mfa_required_for from public.org_settings), 'admins', 'C-20 that ask admins for a second factor');
select is((select count(*)::int from public.deal_stages where kind = 'won'), 1, 'and a pipeline');
select is(
  public.get_active_org(), (select id from public.organizations), 'and works in it'
);
select throws_ok($$ select public.create_organization('x', 'Not A Slug') $$, '23514', null, 'a short name has a shape');
select throws_ok($$ select public.create_organization('x', null, 'Nowhere/Else') $$, 'PT400', 'unknown_time_zone', 'a time zone exists');
select lives_ok($$ select public.create_organization('Second', 'second-of-fay') $$, 'control: a second one with a short name');
select throws_ok($$ select public.create_organization('Third', 'second-of-fay') $$, 'PT409', 'slug_taken', 'short names are unique');
select throws_ok(
  $$ insert into public.organizations (name, slug) values ('Direct', 'direct') $$, '42501', null, 'not by a plain insert'
);
select throws_ok(
  $$ insert into public.organization_members (org_id, user_id, role) select id, tests.id('fay'), 'owner' from public.organizations $$,
  '42501', null, 'M12 nobody makes themselves a member'
);
select tests.act_as_anon();
select throws_ok($$ select public.create_organization('x') $$, '42501', null, 'TEL-023 not without a login');

-- Managing.
select tests.act_as_owner();
select tests.given_member('olga', 'acme', 'owner');
select tests.given_member('otto', 'acme', 'owner');
select tests.given_member('adam', 'acme', 'admin');
select tests.given_member('mona', 'acme', 'manager');
select tests.given_member('alex', 'acme', 'agent');
select tests.given_member('vera', 'acme', 'viewer');
select tests.given_member('rita', 'rival', 'owner');

create function pg_temp.may_manage()
returns setof text language plpgsql as $$
declare
  v_person text;
begin
  foreach v_person in array array['mona', 'alex', 'vera'] loop
    perform tests.act_as(v_person);
    return next throws_ok(
      $q$ select public.change_member_role(tests.id('acme'), tests.id('vera'), 'agent') $q$, 'PT403', 'forbidden',
      format('COP-012 FLW-016 %s changes no role', v_person)
    );
    return next throws_ok(
      $q$ select public.suspend_member(tests.id('acme'), tests.id('vera')) $q$, 'PT403', 'forbidden', format('COP-012 %s suspends nobody', v_person)
    );
    return next throws_ok(
      $q$ select public.invite_member(tests.id('acme'), 'x@example.test', 'viewer') $q$, 'PT403', 'forbidden', format('COP-012 %s invites nobody', v_person)
    );
  end loop;
  perform tests.act_as_owner();
end
$$;
select pg_temp.may_manage();

select tests.act_as('rita');
select throws_ok(
  $$ select public.change_member_role(tests.id('acme'), tests.id('vera'), 'agent') $$, 'PT404', 'organization_not_found',
  'R-04 an owner elsewhere is not told that the organization exists'
);
select throws_ok(
  $$ select public.change_member_role(gen_random_uuid(), tests.id('vera'), 'agent') $$, 'PT404', 'organization_not_found',
  'R-04 the answer for one that does not is the same'
);
select tests.act_as('mona');
select throws_ok(
  $$ update public.organization_members set role = 'owner' where user_id = tests.id('mona') $$, '42501', null, 'M11 nobody promotes themselves by a write'
);

select tests.act_as('adam');
select lives_ok($$ select public.change_member_role(tests.id('acme'), tests.id('alex'), 'manager') $$, 'control: an admin promotes');
select lives_ok($$ select public.change_member_role(tests.id('acme'), tests.id('alex'), 'admin') $$, 'control: up to their own role');
select throws_ok(
  $$ select public.change_member_role(tests.id('acme'), tests.id('alex'), 'owner') $$, 'PT403', 'role_too_high', 'but not above it'
);
select throws_ok(
  $$ select public.change_member_role(tests.id('acme'), tests.id('olga'), 'viewer') $$, 'PT403', 'role_too_high', 'and touches nobody above'
);
select throws_ok($$ select public.remove_member(tests.id('acme'), tests.id('olga')) $$, 'PT403', 'role_too_high', 'nor removes them');
select throws_ok(
  $$ select public.change_member_role(tests.id('acme'), tests.id('adam'), 'owner') $$, 'PT403', 'role_too_high', 'nor promotes themselves'
);
select throws_ok(
  $$ select public.change_member_role(tests.id('acme'), tests.id('vera'), 'superadmin') $$, 'PT400', 'unknown_role', 'COP-009 superadmin is no role to give'
);
select throws_ok(
  $$ select public.change_member_role(tests.id('acme'), tests.id('rita'), 'viewer') $$, 'PT404', 'member_not_found', 'nor to somebody who is no member'
);

-- The last owner.
select tests.act_as('olga');
select lives_ok($$ select public.change_member_role(tests.id('acme'), tests.id('otto'), 'admin') $$, 'control: one of two owners can be demoted');
select throws_ok(
  $$ select public.change_member_role(tests.id('acme'), tests.id('olga'), 'admin') $$, 'PT409', 'last_owner', 'the last one not'
);
select throws_ok($$ select public.suspend_member(tests.id('acme'), tests.id('olga')) $$, 'PT409', 'last_owner', 'nor suspended');
select throws_ok($$ select public.remove_member(tests.id('acme'), tests.id('olga')) $$, 'PT409', 'last_owner', 'nor removed');
select throws_ok($$ select public.leave_organization(tests.id('acme')) $$, 'PT409', 'last_owner', 'nor may they leave');
select lives_ok($$ select public.change_member_role(tests.id('acme'), tests.id('otto'), 'owner') $$, 'an owner makes another');
select lives_ok($$ select public.leave_organization(tests.id('acme')) $$, 'control: then they may');
select is_empty($$ select from public.organizations where id = tests.id('acme') $$, 'and have no access any more');

-- Suspending holds from the next query.
select tests.act_as_owner();
select tests.given_row('deal of mona', 'deals', 'acme', 'mona');
select tests.act_as('mona');
select isnt_empty('select from public.deals', 'control: she reads her deal');
select tests.act_as('otto');
select lives_ok($$ select public.suspend_member(tests.id('acme'), tests.id('mona')) $$, 'she is suspended');
select tests.act_as('mona');
select is_empty('select from public.deals', 'V-22 and reads nothing');
select throws_ok(
  $$ insert into public.deals (org_id, name) values (tests.id('acme'), 'x') $$, '42501', null, 'V-22 writes nothing'
);
select is(
  (select status from public.organization_members where user_id = tests.id('mona')), 'suspended', 'but can be told why'
);
select tests.act_as('otto');
select lives_ok($$ select public.reactivate_member(tests.id('acme'), tests.id('mona')) $$, 'reactivated');
select tests.act_as('mona');
select isnt_empty('select from public.deals', 'control: she reads it again');
select is(public.get_active_org(), tests.id('acme'), 'U60-026 and works there again');

-- Invitations.
select tests.act_as_owner();
select tests.given_person('nina');
select tests.given_mailbox_address('nina', 'nina@example.test');
select tests.given_person('eve');
select tests.act_as('adam');
select throws_ok(
  $$ select public.invite_member(tests.id('acme'), 'nina@example.test', 'owner') $$, 'PT403', 'role_too_high', 'nobody invites above their own role'
);
select throws_ok(
  $$ select public.invite_member(tests.id('acme'), 'vera@example.test', 'agent') $$, 'PT409', 'already_a_member', 'nor who is a member'
);
select throws_ok($$ select public.invite_member(tests.id('acme'), 'no address', 'agent') $$, '23514', null, 'nor what is no address');
select lives_ok($$ select public.invite_member(tests.id('acme'), ' Nina@Example.test ', 'viewer') $$, 'control: an admin invites');
select lives_ok($$ select public.invite_member(tests.id('acme'), 'nina@example.test', 'agent') $$, 'inviting again renews it');
select is((select count(*)::int || ' ' || max(role) from public.organization_invitations), '1 agent', 'and makes no second one');
select is_empty($$ select from public.profiles where id = tests.id('nina') $$, 'the inviter is not told whether the address has a login');
select tests.act_as_owner();
select tests.remember('invitation', (select id from public.organization_invitations where email = 'nina@example.test'));
select tests.act_as('eve');
select throws_ok(
  $$ select public.accept_invitation(tests.id('invitation')) $$, 'PT404', 'invitation_not_found', 'nobody else accepts it, even knowing its id'
);
select is_empty('select from public.organization_invitations', 'or reads it');
select tests.act_as_owner();
update auth.users set email_confirmed_at = null where id = tests.id('nina');
select tests.act_as('nina');
select throws_ok(
  $$ select public.accept_invitation(tests.id('invitation')) $$, 'PT404', 'invitation_not_found', 'nor an address that is not confirmed'
);
select tests.act_as_owner();
update auth.users set email_confirmed_at = now() where id = tests.id('nina');
select tests.act_as('nina');
select is(public.accept_invitation(tests.id('invitation')), tests.id('acme'), 'control: the invited person joins');
select is((select role from public.organization_members where user_id = tests.id('nina')), 'agent', 'in the role of the last invitation');
select throws_ok(
  $$ select public.accept_invitation(tests.id('invitation')) $$, 'PT404', 'invitation_not_found', 'once'
);
select tests.act_as_owner();
insert into public.organization_invitations (org_id, email, role, invited_by, expires_at)
values (tests.id('acme'), 'eve@example.test', 'agent', tests.id('adam'), now() - interval '1 second')
returning tests.remember('expired', id);
select tests.act_as('eve');
select throws_ok($$ select public.accept_invitation(tests.id('expired')) $$, 'PT404', 'invitation_not_found', 'not after it expired');
select tests.act_as('adam');
select lives_ok($$ select public.revoke_invitation(tests.id('acme'), tests.id('expired')) $$, 'an admin takes one back');
select throws_ok(
  $$ select public.revoke_invitation(tests.id('acme'), tests.id('expired')) $$, 'PT404', 'invitation_not_found', 'once'
);
-- An invitation does not lift a suspension.
select lives_ok($$ select public.suspend_member(tests.id('acme'), tests.id('nina')) $$, 'suspended');
select throws_ok(
  $$ select public.invite_member(tests.id('acme'), 'nina@example.test', 'agent') $$, 'PT409', 'already_a_member', 'who is suspended cannot be invited'
);
select lives_ok($$ select public.remove_member(tests.id('acme'), tests.id('nina')) $$, 'removed');
select lives_ok($$ select public.invite_member(tests.id('acme'), 'nina@example.test', 'viewer') $$, 'who was removed can');
select tests.act_as_owner();
select tests.remember('again', (select id from public.organization_invitations where email = 'nina@example.test' and status = 'open'));
select tests.act_as('nina');
select is(public.accept_invitation(tests.id('again')), tests.id('acme'), 'and comes back');

-- An invited member becomes active by their own hand only.
select tests.act_as_owner();
select tests.given_member('ivan', 'acme', 'viewer', 'invited');
select tests.act_as('ivan');
select is_empty('select from public.organizations', 'who has not accepted reads nothing');
select tests.act_as('otto');
select throws_ok(
  $$ select public.reactivate_member(tests.id('acme'), tests.id('ivan')) $$, 'PT409', 'not_accepted_yet', 'and is not made active by others'
);

-- Records of who leaves.
select lives_ok($$ select public.remove_member(tests.id('acme'), tests.id('mona')) $$, 'Mona is removed');
select throws_ok(
  $$ select public.reactivate_member(tests.id('acme'), tests.id('mona')) $$, 'PT404', 'member_not_found', 'V-22 and comes back only by an invitation that she accepts'
);
select tests.act_as('mona');
select throws_ok(
  $$ select public.transfer_records(tests.id('acme'), 'deals', tests.id('otto'), tests.id('mona')) $$, 'PT404', 'organization_not_found', 'who left transfers nothing'
);
select tests.act_as('vera');
select throws_ok(
  $$ select public.transfer_records(tests.id('acme'), 'deals', tests.id('mona'), tests.id('vera')) $$, 'PT403', 'forbidden', 'nor does a viewer'
);
select tests.act_as('otto');
select throws_ok(
  $$ select public.transfer_records(tests.id('acme'), 'deals', tests.id('mona'), tests.id('rita')) $$, 'PT404', 'member_not_found', 'nothing leaves the organization'
);
select throws_ok(
  $$ select public.transfer_records(tests.id('acme'), 'emails', tests.id('mona'), tests.id('otto')) $$, 'PT400', 'not_transferable', 'emails are a person''s'
);
select is(
  public.transfer_records(tests.id('acme'), 'deals', tests.id('mona'), tests.id('adam')), 1, 'control: an owner gives her deal to Adam'
);
select is((select user_id from public.deals where id = tests.id('deal of mona')), tests.id('adam'), 'whose it is now');
select isnt_empty(
  $$ select from public.security_audit_log where action = 'records.transferred' and actor_id = tests.id('otto') $$, 'COP-030 and it is logged'
);
select isnt_empty(
  $$ select from public.security_audit_log where action = 'organization_members.update' and 'role' = any(changed_columns)
       and actor_id = tests.id('adam') and entity_id = tests.id('alex') $$,
  'TEL-043 privilege changes are logged'
);

-- Operators of the platform.
select tests.act_as_owner();
select tests.given_person('sue');
insert into private.superadmins (user_id, granted_by) values (tests.id('sue'), 'test');
select tests.act_as('sue');
select throws_ok(
  $$ select public.set_organization_plan(tests.id('acme'), 'enterprise') $$, 'PT403', 'forbidden', 'C-20 an operator needs a second factor'
);
select tests.act_as('sue', 'aal2');
select lives_ok($$ select public.set_organization_plan(tests.id('acme'), 'enterprise') $$, 'COP-012 control: with one they set a plan');
select is_empty('select from public.deals', 'COP-012 but read no tenant''s records');
select is_empty('select from public.organizations', 'COP-012 nor the organization');
select throws_ok('select from private.superadmins', '42501', null, 'COP-012 nor who else is one');
select tests.act_as('otto', 'aal2');
select throws_ok(
  $$ select public.set_organization_plan(tests.id('acme'), 'free') $$, 'PT403', 'forbidden', 'COP-012 an owner does not'
);

select * from finish();
rollback;
