-- Handing records over moves those of one member, table by table; a deal moves between stages only
-- when its stage or its status is another.
begin;
select * from no_plan();

select tests.given_member('olga', 'acme', 'owner');
select tests.given_member('mona', 'acme', 'manager');
select tests.given_member('cole', 'acme', 'manager');
select tests.given_member('susi', 'acme', 'manager', 'suspended');
select tests.given_row(format('%s of %s', t, p), t, 'acme', p)
from unnest(array['companies', 'contacts', 'deals', 'activities', 'tasks', 'meetings']) as t
cross join unnest(array['mona', 'cole']) as p;

select tests.act_as('olga');
select throws_ok(
  $$ select public.transfer_records(tests.id('acme'), 'deals', tests.id('mona'), tests.id('susi')) $$, 'PT404', 'member_not_found', 'nothing is given to who is suspended'
);
select is(public.transfer_records(tests.id('acme'), t, tests.id('mona'), tests.id('olga')), 1, format('%s of one member are handed over', t))
from unnest(array['companies', 'contacts', 'deals', 'activities', 'tasks', 'meetings']) as t;
select tests.act_as_owner();
select is((select count(*)::int from public.deals where user_id = tests.id('cole')), 1, 'control: a colleague keeps theirs');

select tests.remember('second stage', id) from public.deal_stages
where org_id = tests.id('acme') and kind = 'open' order by position limit 1 offset 1;
update public.deals set stage_id = tests.id('second stage') where id = tests.id('deals of cole');
update public.deals set stage_id = stage_id, status = status where id = tests.id('deals of cole');
select is(
  (select stage_id from public.deals where id = tests.id('deals of cole')), tests.id('second stage'), 'a deal that is written as it was stays in its stage'
);

select * from finish();
rollback;
