-- A deal's stage and status agree, whichever was written.
begin;
select * from no_plan();

select tests.given_member('mona', 'acme', 'manager');
select tests.given_member('vera', 'acme', 'viewer');
select tests.act_as('mona');
insert into public.deals (org_id, name) values (tests.id('acme'), 'A deal');
create temporary view the_deal as
select d.status, s.name as stage, s.kind, d.closed_at is not null as is_closed, d.owner_id = d.user_id as has_owner
from public.deals as d join public.deal_stages as s on s.org_id = d.org_id and s.id = d.stage_id where d.name = 'A deal';
select results_eq(
  'select status, stage, is_closed, has_owner from the_deal', $$ values ('open', 'Lead', false, true) $$, 'a deal starts in the first open stage'
);
update public.deals set status = 'won' where name = 'A deal';
select results_eq('select status, stage, is_closed from the_deal', $$ values ('won', 'Won', true) $$, 'winning it moves it');
update public.deals set stage_id = (select id from public.deal_stages where name = 'Proposal') where name = 'A deal';
select results_eq('select status, stage, is_closed from the_deal', $$ values ('open', 'Proposal', false) $$, 'moving it back opens it');
update public.deals set stage_id = (select id from public.deal_stages where name = 'Lost'), lost_reason = 'Price' where name = 'A deal';
select results_eq('select status, stage, is_closed from the_deal', $$ values ('lost', 'Lost', true) $$, 'moving it to a lost stage loses it');
select throws_ok($$ update public.deals set amount = -1 where name = 'A deal' $$, '23514', null, 'no negative amount');
select throws_ok($$ update public.deals set currency = 'euro' where name = 'A deal' $$, '23514', null, 'a currency is a code');
select throws_ok(
  $$ update public.deals set stage_id = gen_random_uuid() where name = 'A deal' $$, '23503', null, 'an unknown stage is refused'
);
select is(
  tests.affected($$ update public.deal_stages set name = 'Renamed' where org_id = tests.id('acme') $$), 0, 'COP-010 stages are the admins'''
);

-- Tasks know when they were done.
insert into public.tasks (org_id, title) values (tests.id('acme'), 'A task');
select is((select completed_at from public.tasks), null, 'an open task was never done');
update public.tasks set status = 'done';
select isnt((select completed_at from public.tasks), null, 'a done one was');
update public.tasks set status = 'open';
select is((select completed_at from public.tasks), null, 'until it is open again');

-- Lookups that may miss and lookups that must hit see nothing where there is nothing to see.
select tests.act_as_owner();
select tests.given_row('an event', 'calendar_events', 'acme', 'mona');
select tests.act_as('vera');
select is_empty($$ select id from public.calendar_events where external_id = 'an event' $$, 'U60-031 another person''s event is absent');
select tests.act_as('mona');
select isnt_empty($$ select id from public.calendar_events where external_id = 'an event' $$, 'U60-031 control: one''s own is there');
select is(
  tests.affected($$ update public.calendar_events set auto_join_enabled = false where external_id = 'an event' $$), 1, 'and the notetaker can be kept out of it'
);
select throws_ok(
  $$ update public.calendar_events set title = 'x' where external_id = 'an event' $$, '42501', null, 'the rest of it is the provider''s'
);
select tests.act_as_owner();
select throws_ok(
  $$ insert into public.calendar_events (org_id, user_id, external_id, start_time, end_time)
     values (tests.id('acme'), tests.id('mona'), 'an event', now(), now()) $$,
  '23505', null, 'U60-056 an event is there once for a person and calendar'
);

select * from finish();
rollback;
