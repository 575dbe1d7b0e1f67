-- What model calls cost and when the money is spent.
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'owner');
select tests.given_member('cy', 'globex', 'owner');
select tests.remember('call', gen_random_uuid());

create function pg_temp.record(
  p_id uuid, p_model text default 'gemini-3.6-flash', p_version text default null, p_prompt bigint default 1000000,
  p_cached bigint default 0, p_answer bigint default 0, p_thought bigint default 0
) returns numeric language sql as $$
  select private.record_model_usage(
    tests.id('acme'), p_id, 'meeting_analysis', p_model, p_version, 'answered', p_prompt, p_cached, p_answer, p_thought, 'r'
  )
$$;

select is(private.model_budget_left(tests.id('acme')), 5.0000::numeric, 'an organization has the budget of its plan');
select is(private.model_budget_left(gen_random_uuid()), null, 'which is nobody''s without an organization');
select is(pg_temp.record(tests.id('call')), 1.5::numeric(16, 8), 'a call costs its list price');
select is(pg_temp.record(tests.id('call')), 1.5::numeric(16, 8), 'however often it is reported');
select is((select count(*)::integer from private.model_usage), 1, 'it is written once');
select is(private.model_budget_left(tests.id('acme')), 3.5::numeric, 'and spent once');
select is(private.model_budget_left(tests.id('globex')), 5.0000::numeric, 'control: nobody else''s budget is less');
select is(pg_temp.record(gen_random_uuid(), p_prompt => 1000000, p_cached => 1000000), 0.15::numeric(16, 8), 'cached tokens cost less');
select is(
  pg_temp.record(gen_random_uuid(), p_model => 'gemini-3.5-flash-lite', p_cached => 1000000), 0.3::numeric(16, 8), 'where it is known that they do'
);
select is(pg_temp.record(gen_random_uuid(), p_prompt => 0, p_answer => 100000, p_thought => 100000), 1.5::numeric(16, 8), 'thoughts cost as answers do');
select is(
  pg_temp.record(gen_random_uuid(), 'gemini-3.6-flash', 'gemini-3.5-flash-lite'), 0.3::numeric(16, 8), 'the model that answered is paid'
);
select is(
  pg_temp.record(gen_random_uuid(), 'gemini-3.6-flash', 'gemini-3.6-flash-simulator'), 1.5::numeric(16, 8), 'or else the one that was asked'
);
select is((select bool_or(is_estimated) from private.model_usage), false, 'control: all of these prices are known');
select ok(pg_temp.record(gen_random_uuid(), 'unheard-of-9') > 0, 'an unknown model is not free');
select is((select is_estimated from private.model_usage where model = 'unheard-of-9'), true, 'its price is marked as a guess');
select is(
  (select s.cost from private.model_spend as s where s.org_id = tests.id('acme')),
  (select sum(u.cost) from private.model_usage as u where u.org_id = tests.id('acme')), 'the sum is that of the calls'
);
select ok(private.model_budget_left(tests.id('acme')) < 0, 'the budget is overspent by what was under way');
update private.model_spend set month = month - interval '1 month';
select is(private.model_budget_left(tests.id('acme')), 5.0000::numeric, 'a month later there is a new one');
insert into private.model_budgets (org_id, monthly_limit) values (tests.id('acme'), 0);
select is(private.model_budget_left(tests.id('acme')), 0::numeric, 'an operator turns models off for one organization');
insert into private.model_budgets (org_id, valid_from, monthly_limit)
values (tests.id('acme'), current_date - 1, 7), (tests.id('acme'), current_date + 1, 9);
select is(private.model_budget_left(tests.id('acme')), 0::numeric, 'the budget of the day holds, not the one before, nor a later one');

-- Prices by their day.
insert into private.model_prices (model, valid_from, input_per_million, output_per_million)
values ('priced', current_date - 10, 1, 1), ('priced', current_date, 2, 2), ('priced', current_date + 1, 3, 3);
select is(pg_temp.record(gen_random_uuid(), 'priced'), 2::numeric(16, 8), 'the price of the day holds, not the one before, nor a later one');

-- Guards.
select throws_ok(
  $$ select private.record_model_usage(tests.id('acme'), gen_random_uuid(), 'fun', 'm', null, 'answered', 1, 0, 0, 0, null) $$,
  '23514', null, 'a purpose is one of a closed set'
);
select throws_ok($$ select pg_temp.record(gen_random_uuid(), p_answer => -1) $$, '23514', null, 'counts are not negative');
select throws_ok(
  $$ select private.record_model_usage(gen_random_uuid(), gen_random_uuid(), 'copilot', 'priced', null, 'answered', 1, 0, 0, 0, null) $$,
  '23503', null, 'nor made for nobody'
);
select tests.act_as('ana');
select throws_ok($$ select public.model_budget_left(tests.id('acme')) $$, '42501', null, 'budgets are not for members to read');
select throws_ok(
  $$ select public.record_model_usage(tests.id('acme'), gen_random_uuid(), 'copilot', 'm', null, 'answered', 1, 0, 0, 0) $$,
  '42501', null, 'nor calls to report'
);
select tests.act_as_service();
select lives_ok($$ select public.model_budget_left(tests.id('acme')) $$, 'control: a worker may');
select throws_ok($$ select cost from private.model_usage $$, '42501', null, 'but reads no rows');
select tests.act_as_owner();

select * from finish();
rollback;
