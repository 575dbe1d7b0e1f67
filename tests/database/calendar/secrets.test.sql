-- Calendar tokens lie in the vault, and leave it with the membership that brought them (T-15).
begin;
select * from no_plan();

select tests.given_member('olga', 'acme', 'owner');
select tests.given_member('mona', 'acme', 'manager');
select tests.given_member('cole', 'acme', 'manager');
select tests.act_as_service();
select lives_ok(
  $$ select public.connect_calendar(tests.id('acme'), tests.id('mona'), 'mona@example.test', 'primary', 'refresh canary mona') $$,
  'a member''s calendar is connected'
);
select lives_ok(
  $$ select public.connect_calendar(tests.id('acme'), tests.id('cole'), 'cole@example.test', 'primary', 'refresh canary cole') $$,
  'and a colleague''s'
);
select throws_ok('select from private.calendar_credentials', '42501', null, 'T-15 the service role reads no credentials');
select tests.act_as_owner();
select tests.remember('connection', id) from public.calendar_connections where user_id = tests.id('mona');
select set_eq(
  $$ select decrypted_secret from vault.decrypted_secrets where decrypted_secret like 'refresh canary%' $$,
  array['refresh canary mona', 'refresh canary cole'], 'the tokens are in the vault'
);
select is_empty(
  $$ select from private.calendar_credentials as c where to_jsonb(c)::text like '%canary%'
     union all select from public.calendar_connections as c where to_jsonb(c)::text like '%canary%'
     union all select from vault.secrets as s where s.secret like '%canary%' $$,
  'T-15 and in clear nowhere else'
);

select tests.act_as('mona');
select isnt_empty('select id from public.calendar_connections', 'control: she sees that hers is connected');
select throws_ok('select from private.calendar_credentials', '42501', null, 'T-15 but not how');
select throws_ok('select from vault.decrypted_secrets', '42501', null, 'T-15 nor the vault');
select throws_ok(
  $$ select public.begin_calendar_access(tests.id('acme'), tests.id('connection'), 'me', null) $$, '42501', null, 'T-15 nor by the function that workers use'
);
select throws_ok(
  $$ select private.begin_calendar_access(tests.id('acme'), tests.id('connection'), 'me', null) $$, '42501', null, 'T-15 nor by the one behind it'
);
select throws_ok(
  $$ insert into public.calendar_connections (org_id, user_id, account_email) values (tests.id('acme'), tests.id('mona'), 'x@example.test') $$,
  '42501', null, 'nor connects by hand'
);
select tests.act_as('olga');
select is_empty('select id from public.calendar_connections', 'T-15 an owner does not even see that it is connected');

select lives_ok($$ select public.suspend_member(tests.id('acme'), tests.id('mona')) $$, 'she is suspended');
select tests.act_as_owner();
select isnt_empty(
  $$ select from vault.decrypted_secrets where decrypted_secret = 'refresh canary mona' $$, 'control: a suspension takes no token away'
);
select tests.act_as('olga');
select lives_ok($$ select public.remove_member(tests.id('acme'), tests.id('mona')) $$, 'she is removed');
select tests.act_as_owner();
select is((select status from public.calendar_connections where id = tests.id('connection')), 'disconnected', 'and her calendar with her');
select is_empty($$ select from private.calendar_credentials where connection_id = tests.id('connection') $$, 'T-15 no way to it is left');
select set_eq(
  $$ select decrypted_secret from vault.decrypted_secrets where decrypted_secret like 'refresh canary%' $$,
  array['refresh canary cole'], 'T-15 and her token has left the vault, his has not'
);
delete from auth.users where id = tests.id('cole');
select is_empty(
  $$ select from vault.decrypted_secrets where decrypted_secret like 'refresh canary%' $$, 'T-15 a deleted login leaves none behind'
);

select * from finish();
rollback;
