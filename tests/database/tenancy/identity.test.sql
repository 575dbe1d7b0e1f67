-- How a token becomes a person (C-11), and when it no longer does.
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'manager');
select tests.given_row('a deal', 'deals', 'acme', 'ana');
insert into private.identity_providers (issuer, provider) values ('https://clerk.example.test', 'clerk');
insert into private.user_identities (provider, subject, user_id) values ('clerk', 'user_ana', tests.id('ana'));

select tests.act_as('ana');
select is(private.current_user_id(), tests.id('ana'), 'C-11 U60-028 a login of the platform is its person');
select tests.act_with_claims('authenticated', '{"role": "authenticated", "iss": "https://clerk.example.test", "sub": "user_ana"}');
select is(private.current_user_id(), tests.id('ana'), 'C-11 U60-028 a Clerk subject is the same person');
select set_eq('select name from public.deals', array['a deal'], 'C-11 and reads the same rows');
select tests.act_with_claims('authenticated', '{"role": "authenticated", "iss": "https://other.example.test", "sub": "user_ana"}');
select is(private.current_user_id(), null, 'C-11 U60-147 an unknown issuer is nobody');
select is_empty('select from public.deals', 'C-11 and reads nothing');
select tests.act_with_claims('authenticated', '{"role": "authenticated", "iss": "https://clerk.example.test", "sub": "user_eve"}');
select is(private.current_user_id(), null, 'C-11 an unknown subject is nobody');
select tests.act_with_claims('authenticated', jsonb_build_object('role', 'authenticated', 'iss', 'https://clerk.example.test', 'sub', tests.id('ana')));
select is(private.current_user_id(), null, 'C-11 an id of ours is no subject of theirs');
select tests.act_with_claims('authenticated', jsonb_build_object('role', 'authenticated', 'sub', tests.id('ana')));
select is(private.current_user_id(), null, 'U60-147 a token without an issuer is nobody');
select tests.act_with_claims('authenticated', jsonb_build_object(
  'role', 'authenticated', 'iss', 'http://127.0.0.1:54321/auth/v1', 'sub', tests.id('ana')));
select is(private.current_user_id(), null, 'A3 nor is one without a session');
select tests.act_with_claims('authenticated', jsonb_build_object(
  'role', 'authenticated', 'iss', 'http://127.0.0.1:54321/auth/v1', 'sub', tests.id('ana'), 'session_id', gen_random_uuid()));
select is(private.current_user_id(), null, 'A3 V-22 nor one whose session was signed out');
select tests.act_as_owner();
select tests.given_person('eve');
select tests.act_with_claims('authenticated', jsonb_build_object(
  'role', 'authenticated', 'iss', 'http://127.0.0.1:54321/auth/v1', 'sub', tests.id('ana'), 'session_id', tests.id('eve session')));
select is(private.current_user_id(), null, 'A3 nor one with somebody else''s session');
select tests.act_with_claims('authenticated', jsonb_build_object(
  'role', 'service_role', 'iss', 'http://127.0.0.1:54321/auth/v1', 'sub', tests.id('ana'), 'session_id', tests.id('ana session')));
select is(private.current_user_id(), null, 'nor a token of another role');
select tests.act_with_claims('authenticated', jsonb_build_object(
  'role', 'authenticated', 'iss', 'http://127.0.0.1:54321/auth/v1', 'sub', tests.id('ana'), 'session_id', tests.id('ana session'), 'is_anonymous', true));
select is(private.current_user_id(), null, 'nor an anonymous sign-in');
-- What a person can write about themselves grants nothing.
select tests.act_with_claims('authenticated', jsonb_build_object(
  'role', 'authenticated', 'iss', 'http://127.0.0.1:54321/auth/v1', 'sub', tests.id('eve'), 'session_id', tests.id('eve session'),
  'org_id', tests.id('acme'), 'user_metadata', '{"role": "owner", "superadmin": true}'::jsonb, 'app_metadata', '{"superadmin": true}'::jsonb));
select is(private.my_orgs(), array[]::uuid[], 'no claim makes somebody a member');
select throws_ok(
  $$ select public.set_organization_plan(tests.id('acme'), 'enterprise') $$, 'PT403', 'forbidden', 'COP-009 nor a superadmin'
);

-- Banned, expired, deleted.
select tests.act_as_owner();
update auth.users set banned_until = now() + interval '1 hour' where id = tests.id('ana');
select tests.act_as('ana');
select is_empty('select from public.deals', 'V-22 a banned login reads nothing from the next query on');
select tests.act_as_owner();
update auth.users set banned_until = null where id = tests.id('ana');
update auth.sessions set not_after = now() - interval '1 second' where id = tests.id('ana session');
select tests.act_as('ana');
select is_empty('select from public.deals', 'V-22 nor one whose session has ended');
select tests.act_as_owner();
update auth.sessions set not_after = null where id = tests.id('ana session');
select tests.act_as('ana');
select isnt_empty('select from public.deals', 'control: with a session the same login reads');

-- Profiles.
select is((select first_name from public.profiles where id = tests.id('ana')), 'Ana', 'a new login has a profile');
select is_empty($$ select from public.profiles where id = tests.id('eve') $$, 'strangers do not see each other');
select tests.act_as_owner();
select is(private.is_time_zone(null), false, 'no time zone is not a time zone');
select tests.act_as('ana');
select lives_ok($$ update public.profiles set time_zone = 'America/New_York' where id = tests.id('ana') $$, 'people change their own');
select throws_ok(
  $$ update public.profiles set time_zone = 'Mars/Olympus' where id = tests.id('ana') $$, '23514', null, 'a time zone must exist'
);
select throws_ok(
  $$ update public.profiles set email = 'x@example.test' where id = tests.id('ana') $$, '42501', null, 'the address is the identity provider''s'
);
select tests.act_as_owner();
select tests.given_member('cole', 'acme', 'owner');
select tests.act_as('cole');
select isnt_empty($$ select from public.profiles where id = tests.id('ana') $$, 'control: colleagues do');
select is(
  tests.affected($$ update public.profiles set first_name = 'Anna' where id = tests.id('ana') $$), 0,
  'but change nothing of each other'
);
select tests.act_as_owner();
update auth.users set email = 'Ana.New@example.test' where id = tests.id('ana');
select is((select email from public.profiles where id = tests.id('ana')), 'ana.new@example.test', 'a profile follows the verified address');

delete from auth.users where id = tests.id('ana');
select is(
  (select (first_name is null and last_name is null and email is null and deleted_at is not null) from public.profiles where id = tests.id('ana')),
  true, 'a deleted login leaves an empty profile'
);
select is_empty($$ select from private.user_identities where user_id = tests.id('ana') $$, 'and no identity');
select is((select status from public.organization_members where user_id = tests.id('ana')), 'removed', 'and no membership');
select isnt_empty($$ select from public.deals where user_id = tests.id('ana') $$, 'but the organization keeps its records');
select tests.act_with_claims('authenticated', '{"role": "authenticated", "iss": "https://clerk.example.test", "sub": "user_ana"}');
select is(private.current_user_id(), null, 'C-11 and the other provider''s subject is nobody either');

-- Linking is the service's.
select tests.act_as_service();
select is(public.link_identity('clerk', 'user_eve', tests.id('eve')), true, 'C-11 the service links a subject');
select is(public.link_identity('clerk', 'user_eve', tests.id('eve')), true, 'C-11 twice is once');
select throws_ok(
  $$ select public.link_identity('clerk', 'user_eve', tests.id('cole')) $$, 'PT409', 'identity_already_linked', 'C-11 to one person only'
);
select tests.act_as('eve');
select throws_ok(
  $$ select public.link_identity('clerk', 'user_cole', tests.id('eve')) $$, '42501', null, 'C-11 nobody links themselves'
);

select * from finish();
rollback;
