-- Tasks, activities and recordings as the copilot looks them up: the caller's own or what they are asked
-- about, nobody else's, days in the caller's zone.
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'manager');
select tests.given_member('ben', 'acme', 'manager');
select tests.given_member('ada', 'acme', 'agent');
select tests.given_member('cy', 'globex', 'owner');
update public.profiles set time_zone = 'Europe/Berlin', active_org_id = tests.id('acme') where id in (tests.id('ana'), tests.id('ben'), tests.id('ada'));
select tests.set_setting('acme', 'enable_task_sharing', 'true');

-- Tasks ------------------------------------------------------------------------------------------
-- Berlin's 25 October 2026 is a Sunday of 25 hours: from 22:00Z the day before to 23:00Z.
select tests.given_row('late', 'tasks', 'acme', 'ana');
select tests.given_row('first minute', 'tasks', 'acme', 'ana');
select tests.given_row('last minute', 'tasks', 'acme', 'ana');
select tests.given_row('monday', 'tasks', 'acme', 'ana');
select tests.given_row('someday', 'tasks', 'acme', 'ana');
select tests.given_row('done', 'tasks', 'acme', 'ana');
select tests.given_row('dropped', 'tasks', 'acme', 'ana');
select tests.given_row('given to ana', 'tasks', 'acme', 'ben', 'ana');
select tests.given_row('ben''s', 'tasks', 'acme', 'ben');
select tests.given_row('big deal', 'deals', 'acme', 'ana');
select tests.given_row('dana', 'contacts', 'acme', 'ana');
select tests.given_row('buyer', 'companies', 'acme', 'ana');
select tests.given_row('held', 'meetings', 'acme', 'ana');
update public.tasks as t set due_at = d.due_at::timestamptz, status = d.status
from (values
  ('late', '2026-10-20 08:00Z', 'open'), ('first minute', '2026-10-24 22:00Z', 'in_progress'),
  ('last minute', '2026-10-25 22:59Z', 'open'), ('monday', '2026-10-25 23:00Z', 'open'),
  ('done', '2026-10-01 08:00Z', 'done'), ('dropped', '2026-10-02 08:00Z', 'cancelled'),
  ('given to ana', '2026-11-20 08:00Z', 'open')
) as d (name, due_at, status)
where t.id = tests.id(d.name);
update public.tasks set deal_id = tests.id('big deal'), contact_id = tests.id('dana'), company_id = tests.id('buyer'), meeting_id = tests.id('held')
where id = tests.id('monday');

create function pg_temp.tasks(p_filter text, p_more jsonb default '{}')
returns text[] language sql as $$
  select array(
    select t.title
    from jsonb_to_recordset(
      public.list_my_tasks(
        p_filter => p_filter, p_now => '2026-10-25 12:00Z', p_deal_id => (p_more ->> 'deal')::uuid,
        p_contact_id => (p_more ->> 'contact')::uuid, p_company_id => (p_more ->> 'company')::uuid,
        p_meeting_id => (p_more ->> 'meeting')::uuid, p_limit => coalesce((p_more ->> 'limit')::int, 20)
      ) -> 'tasks'
    ) as t (title text)
  )
$$;
grant execute on function pg_temp.tasks(text, jsonb) to authenticated;

select tests.act_as('ana');
select is(
  pg_temp.tasks('open'), array['late', 'first minute', 'last minute', 'monday', 'given to ana', 'someday'],
  'U60-050 open tasks: own ones and those given to one, the next due first; sharing shows no colleague''s among them'
);
select is(pg_temp.tasks('overdue'), array['late', 'first minute'], 'overdue: due before now');
select is(pg_temp.tasks('due_today'), array['first minute', 'last minute'], 'C-24 due today: all 25 hours of the day on which clocks go back');
select is(pg_temp.tasks('due_this_week'), array['late', 'first minute', 'last minute'], 'due this week: from Monday to Sunday');
select is(pg_temp.tasks('completed'), array['done'], 'completed');
select is(cardinality(pg_temp.tasks('all')), 8, 'all: also what is done or dropped');
select is(pg_temp.tasks('open', jsonb_build_object('limit', 2)), array['late', 'first minute'], 'a page');
select is(pg_temp.tasks('open', jsonb_build_object('deal', tests.id('big deal'))), array['monday'], 'of a deal');
select is(pg_temp.tasks('open', jsonb_build_object('contact', tests.id('dana'))), array['monday'], 'of a contact');
select is(pg_temp.tasks('open', jsonb_build_object('company', tests.id('buyer'))), array['monday'], 'of a company');
select is(pg_temp.tasks('open', jsonb_build_object('meeting', tests.id('held'))), array['monday'], 'of a meeting');
select is(pg_temp.tasks('open', jsonb_build_object('deal', gen_random_uuid())), array[]::text[], 'of nothing');
select throws_ok($$ select public.list_my_tasks(p_filter => 'someday') $$, 'PT400', 'invalid_request', 'a filter it does not know');
select is((public.list_my_tasks(p_filter => 'all', p_now => '2026-10-25 12:00Z') ->> 'overdue')::int, 2, 'what is done or dropped is not overdue');
select is((public.list_my_tasks(p_filter => 'all', p_limit => 1) ->> 'total')::int, 8, 'the total counts also what is not on the page');
select is(
  (
    select jsonb_build_array(t.deal ->> 'name', t.contact ->> 'name', t.company ->> 'name', t.meeting ->> 'name', t.due_day, t.is_overdue)
    from jsonb_to_recordset(public.list_my_tasks(p_deal_id => tests.id('big deal'), p_now => '2026-10-25 12:00Z') -> 'tasks')
      as t (deal jsonb, contact jsonb, company jsonb, meeting jsonb, due_day text, is_overdue boolean)
  ),
  '["big deal", "dana", "buyer", "held", "2026-10-26", false]',
  'a task names what it is about, and its day'
);
select tests.act_as('ben');
select is(
  (
    select jsonb_object_agg(t.title, jsonb_build_array(t.is_mine_to_do, t.assignee_name))
    from jsonb_to_recordset(public.list_my_tasks() -> 'tasks') as t (title text, is_mine_to_do boolean, assignee_name text)
  ),
  '{"ben''s": [true, null], "given to ana": [false, "Ana"]}',
  'what was given to a colleague says so'
);
select tests.act_as('ada');
select is(pg_temp.tasks('all'), array[]::text[], 'an agent whom nothing is assigned to has none');
select tests.act_as('cy');
select throws_ok($$ select public.list_my_tasks(tests.id('acme')) $$, 'PT404', 'organization_not_found', 'R-04 a rival is told nothing');
select is((public.list_my_tasks(tests.id('globex')) ->> 'total')::int, 0, 'control: their own is there');

-- Activities -------------------------------------------------------------------------------------
select tests.act_as_owner();
select tests.given_row('called', 'activities', 'acme', 'ana');
select tests.given_row('noted', 'activities', 'acme', 'ben');
select tests.given_row('to come', 'activities', 'acme', 'ana');
update public.activities set occurred_at = '2026-10-24 22:30Z', kind = 'call', deal_id = tests.id('big deal'), contact_id = tests.id('dana'),
  company_id = tests.id('buyer'), meeting_id = tests.id('held') where id = tests.id('called');
update public.activities set occurred_at = '2026-10-20 10:00Z' where id = tests.id('noted');
update public.activities set occurred_at = '2026-12-01 10:00Z' where id = tests.id('to come');

create function pg_temp.activities(p_more jsonb default '{}')
returns text[] language sql as $$
  select array(
    select a.subject
    from jsonb_to_recordset(
      public.list_activities(
        p_now => '2026-10-25 12:00Z', p_deal_id => (p_more ->> 'deal')::uuid, p_contact_id => (p_more ->> 'contact')::uuid,
        p_company_id => (p_more ->> 'company')::uuid, p_meeting_id => (p_more ->> 'meeting')::uuid,
        p_kind => p_more ->> 'kind', p_only_mine => (p_more ->> 'mine')::boolean, p_since => (p_more ->> 'since')::timestamptz
      ) -> 'activities'
    ) as a (subject text)
  )
$$;
grant execute on function pg_temp.activities(jsonb) to authenticated;
select tests.act_as('ana');
select is(pg_temp.activities(), array['called', 'noted'], 'activities, the latest first, none that is still to come');
select is(pg_temp.activities('{"mine": true}'), array['called'], 'only one''s own');
select is(pg_temp.activities('{"kind": "note"}'), array['noted'], 'of a kind');
select is(pg_temp.activities('{"since": "2026-10-22T00:00Z"}'), array['called'], 'since a time');
select is(pg_temp.activities(jsonb_build_object('deal', tests.id('big deal'))), array['called'], 'of a deal');
select is(pg_temp.activities(jsonb_build_object('contact', tests.id('dana'))), array['called'], 'of a contact');
select is(pg_temp.activities(jsonb_build_object('company', tests.id('buyer'))), array['called'], 'of a company');
select is(pg_temp.activities(jsonb_build_object('meeting', tests.id('held'))), array['called'], 'of a meeting');
select is(public.list_activities(p_now => '2026-10-25 12:00Z', p_limit => 1) ->> 'total', '2', 'the total counts also what is not on the page');
select is(
  (
    select jsonb_build_array(a.day, a.by_name, a.deal ->> 'name', a.contact ->> 'name', a.company ->> 'name', a.meeting ->> 'name')
    from jsonb_to_recordset(public.list_activities(p_deal_id => tests.id('big deal'), p_now => '2026-10-25 12:00Z') -> 'activities')
      as a (day text, by_name text, deal jsonb, contact jsonb, company jsonb, meeting jsonb)
  ),
  '["2026-10-25", "Ana", "big deal", "dana", "buyer", "held"]',
  'an activity names what it is about, and its day in the caller''s zone'
);
select tests.act_as('ada');
select is(pg_temp.activities(), array[]::text[], 'an agent sees nobody else''s');
select tests.act_as('cy');
select throws_ok($$ select public.list_activities(tests.id('acme')) $$, 'PT404', 'organization_not_found', 'R-04 a rival is told nothing');
select is((public.list_activities(tests.id('globex')) ->> 'total')::int, 0, 'control: their own is there');

-- Recordings -------------------------------------------------------------------------------------
select tests.act_as_owner();
select tests.given_row('planned', 'calendar_events', 'acme', 'ana');
insert into public.recordings (org_id, owner_user_id, storage_user_id, meeting_id, calendar_event_id, meeting_key, title, meeting_url, platform, scheduled_start_at)
values
  (tests.id('acme'), tests.id('ana'), tests.id('ana'), tests.id('held'), tests.id('planned'), 'k1', 'recorded', 'https://meet.google.com/abc-defg-hij', 'meet', '2026-10-24 10:00Z'),
  (tests.id('acme'), tests.id('ana'), tests.id('ana'), null, null, 'k2', 'soon', 'https://meet.google.com/abc-defg-hik', 'meet', '2026-10-25 20:00Z'),
  (tests.id('acme'), tests.id('ana'), tests.id('ana'), null, null, 'k3', 'next week', 'https://meet.google.com/abc-defg-hil', 'meet', '2026-11-02 20:00Z');
select tests.remember(r.title, r.id) from public.recordings as r where r.meeting_key in ('k1', 'k2', 'k3');

create function pg_temp.recordings(p_recording uuid default null, p_meeting uuid default null, p_event uuid default null)
returns text[] language sql as $$
  select array(
    select r.title
    from jsonb_to_recordset(public.find_recordings(
      p_recording_id => p_recording, p_meeting_id => p_meeting, p_calendar_event_id => p_event, p_now => '2026-10-25 12:00Z'
    ) -> 'recordings') as r (title text)
  )
$$;
grant execute on function pg_temp.recordings(uuid, uuid, uuid) to authenticated;
select tests.act_as('ana');
select is(pg_temp.recordings(), array['soon', 'recorded'], 'one''s own recordings, the next hours included');
select is(pg_temp.recordings(tests.id('next week')), array['next week'], 'by id');
select is(pg_temp.recordings(p_meeting => tests.id('held')), array['recorded'], 'of a meeting');
select is(pg_temp.recordings(p_event => tests.id('planned')), array['recorded'], 'of a calendar event');
select throws_ok($$ select pg_temp.recordings(gen_random_uuid()) $$, 'PT404', 'not_found', 'one that is not there');
select tests.act_as('ben');
select is(pg_temp.recordings(), array[]::text[], 'a colleague''s are not one''s own latest');
select is(pg_temp.recordings(p_meeting => tests.id('held')), array['recorded'], 'but of a shared meeting it is there');
select throws_ok($$ select pg_temp.recordings(p_event => tests.id('planned')) $$, 'PT404', 'not_found', 'U60-051 of a colleague''s calendar nothing is');
select tests.act_as('ada');
select throws_ok($$ select pg_temp.recordings(p_meeting => tests.id('held')) $$, 'PT404', 'not_found', 'an agent sees no shared meeting');
select tests.act_as('cy');
select throws_ok($$ select public.find_recordings(tests.id('acme')) $$, 'PT404', 'organization_not_found', 'R-04 a rival is told nothing');
select is(public.find_recordings(tests.id('globex')) -> 'recordings', '[]', 'control: their own is there');

select * from finish();
rollback;
