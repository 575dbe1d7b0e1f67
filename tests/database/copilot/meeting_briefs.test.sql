-- What a brief is made from: the right meeting, the people in it, and what the caller may read of them.
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'manager');
select tests.given_member('ben', 'acme', 'manager');
select tests.given_member('ada', 'acme', 'agent');
select tests.given_member('cy', 'globex', 'owner');
update public.profiles set time_zone = 'Europe/Berlin', active_org_id = tests.id('acme') where id in (tests.id('ana'), tests.id('ben'), tests.id('ada'));
select tests.given_row('buyer', 'companies', 'acme', 'ana');
update public.companies set domain = 'buyer.test' where id = tests.id('buyer');
select tests.given_row('dana', 'contacts', 'acme', 'ana');
update public.contacts set company_id = tests.id('buyer'), email = 'dana@buyer.test', last_name = 'Reeves' where id = tests.id('dana');
select tests.given_row('stranger', 'companies', 'acme', 'ana');
select tests.given_row('small', 'contacts', 'acme', 'ana');
update public.contacts set company_id = tests.id('stranger') where id = tests.id('small');
select tests.given_row('small', 'deals', 'acme', 'ana');
select tests.given_row('large', 'deals', 'acme', 'ben');
select tests.given_row('lost', 'deals', 'acme', 'ana');
update public.deals set company_id = tests.id('buyer'), amount = 10 where id = tests.id('small');
update public.deals set primary_contact_id = tests.id('dana'), amount = 90 where id = tests.id('large');
update public.deals set company_id = tests.id('buyer'), status = 'lost' where id = tests.id('lost');

create function pg_temp.given_event(p_title text, p_owner text, p_at timestamptz, p_more jsonb default '{}')
returns uuid language sql as $$
  insert into public.calendar_events (org_id, user_id, external_id, title, start_time, end_time, attendees, attendees_count, status, response_status, all_day)
  select tests.id('acme'), tests.id(p_owner), gen_random_uuid()::text, p_title, p_at, p_at + interval '30 minutes',
    coalesce(p_more -> 'attendees', jsonb_build_array(
      jsonb_build_object('email', p_owner || '@example.test', 'self', true), '{"email": "Room@acme.test", "resource": true}'::jsonb,
      '{"email": "ben@example.test", "name": "Ben"}'::jsonb, '{"email": "Dana@Buyer.test", "name": "D."}'::jsonb
    )),
    coalesce((p_more ->> 'count')::int, 3), coalesce(p_more ->> 'status', 'confirmed'), p_more ->> 'response', coalesce((p_more ->> 'all_day')::boolean, false)
  returning tests.remember(p_title, id)
$$;
create function pg_temp.given_meeting(p_title text, p_owner text, p_at timestamptz, p_emails text[], p_event text default null)
returns uuid language sql as $$
  with m as (
    insert into public.meetings (org_id, owner_user_id, source_type, external_id, title, started_at, summary, calendar_event_id)
    values (tests.id('acme'), tests.id(p_owner), 'fathom', p_title, p_title, p_at, 'sum of ' || p_title, tests.id(p_event))
    returning org_id, id, owner_user_id, title
  ), a as (
    insert into public.meeting_attendees (org_id, meeting_id, owner_user_id, email)
    select m.org_id, m.id, m.owner_user_id, e.email from m, unnest(p_emails) as e (email)
  ), i as (
    insert into public.meeting_action_items (org_id, meeting_id, owner_user_id, seq, description, is_completed)
    select m.org_id, m.id, m.owner_user_id, n, m.title || ' item ' || n, n = 2 from m, generate_series(1, 2) as n
  )
  select tests.remember(p_title, m.id) from m
$$;
create function pg_temp.brief(p_more jsonb default '{}')
returns jsonb language sql as $$
  select public.get_meeting_brief_data(
    p_calendar_event_id => (p_more ->> 'event')::uuid, p_meeting_id => (p_more ->> 'meeting')::uuid,
    p_which => coalesce(p_more ->> 'which', 'next'), p_with => p_more ->> 'with', p_now => '2036-03-10 08:00Z'
  )
$$;
create function pg_temp.names(p_list jsonb, p_key text)
returns text[] language sql as $$ select array(select e ->> p_key from jsonb_array_elements(p_list) as e) $$;
grant execute on function pg_temp.brief(jsonb), pg_temp.names(jsonb, text) to authenticated;

select pg_temp.given_event('before', 'ana', '2036-03-10 07:59Z');
select pg_temp.given_event('alone', 'ana', '2036-03-10 08:10Z', '{"count": 1}');
select pg_temp.given_event('cancelled', 'ana', '2036-03-10 08:20Z', '{"status": "cancelled"}');
select pg_temp.given_event('declined', 'ana', '2036-03-10 08:30Z', '{"response": "declined"}');
select pg_temp.given_event('all day', 'ana', '2036-03-10 23:00Z', '{"all_day": true}');
select pg_temp.given_event('ben''s', 'ben', '2036-03-10 08:40Z');
select pg_temp.given_event('real', 'ana', '2036-03-11 08:00Z');
select pg_temp.given_event('inside', 'ana', '2036-03-12 08:00Z', '{"count": 2, "attendees": [{"email": "ana@example.test", "self": true}, {"email": "ben@example.test"}]}');
select pg_temp.given_event('too far', 'ana', '2036-07-12 08:00Z', '{"count": 2, "attendees": [{"email": "zoe@far.test", "name": "Zoe"}]}');
select pg_temp.given_meeting('earlier', 'ana', '2036-03-05 08:00Z', '{ana@example.test,dana@buyer.test}');
select pg_temp.given_meeting('by ben', 'ben', '2036-03-06 08:00Z', '{ben@example.test,dana@buyer.test}');
select pg_temp.given_meeting('with others', 'ana', '2036-03-07 08:00Z', '{ana@example.test,eve@else.test}');
select pg_temp.given_meeting('solo memo', 'ana', '2036-03-09 08:00Z', '{ana@example.test}');
select pg_temp.given_meeting('of the event', 'ana', '2036-03-10 07:59Z', '{ana@example.test,dana@buyer.test}', 'before');

select tests.act_as('ana');
select is(pg_temp.brief() #>> '{event,title}', 'real', 'U60-101 the next meeting with others: begun, solo, cancelled, declined, whole-day and colleagues'' ones are passed by');
select is(pg_temp.names(pg_temp.brief() -> 'people', 'email'), array['dana@buyer.test', 'ben@example.test'], 'everybody else, people from outside first; no rooms');
select is(
  (select jsonb_build_array(p ->> 'name', (p ->> 'contact_id')::uuid = tests.id('dana'), (p ->> 'company_id')::uuid = tests.id('buyer'), p -> 'is_colleague') from jsonb_path_query_first(pg_temp.brief(), '$.people[0]') as p),
  '["dana Reeves", true, true, false]', 'somebody from outside is the contact'
);
select is(pg_temp.names(pg_temp.brief() -> 'companies', 'name'), array['buyer'], 'their company');
select is(pg_temp.names(pg_temp.brief() -> 'deals', 'name'), array['large', 'small'], 'their open deals, the largest first');
select is(pg_temp.names(pg_temp.brief() #> '{history,meetings}', 'title'), array['of the event', 'by ben', 'earlier'], 'earlier meetings with them, shared ones included');
select is(
  pg_temp.names(pg_temp.brief() #> '{history,action_items}', 'description'),
  array['of the event item 1', 'by ben item 1', 'earlier item 1'], 'what was promised there and is not done'
);
select is(pg_temp.brief('{"with": "dana"}') #>> '{event,title}', 'real', 'with somebody, by first name of the contact''s address');
select is(pg_temp.brief('{"with": "buyer"}') #>> '{event,title}', 'real', 'by company');
select is(pg_temp.brief('{"with": "ben"}') #>> '{event,title}', 'real', 'by name');
select is(pg_temp.brief('{"with": "inside"}') #>> '{event,title}', 'inside', 'by a word of the title');
select is(pg_temp.brief('{"with": "small"}') -> 'event', 'null', 'a contact who is in no meeting has none');
select is(pg_temp.brief('{"with": "stranger"}') -> 'event', 'null', 'nor has their company');
select is(pg_temp.brief('{"with": "zoe"}') -> 'event', 'null', 'none in ninety days is none');
select ok(not pg_temp.brief('{"with": "zoe"}') ? 'people', 'and nothing else is said');
select is(pg_temp.brief('{"which": "last"}') #>> '{event,title}', 'before', 'the last that was recorded, as it was planned');
select is(pg_temp.brief('{"which": "last"}') #>> '{event,summary}', 'sum of of the event', 'with what it came to');
select is(pg_temp.names(pg_temp.brief('{"which": "last"}') #> '{outcome,action_items}', 'description'), array['of the event item 1'], 'and what is left to do');
select is(pg_temp.brief('{"which": "last", "with": "eve@else.test"}') #>> '{event,title}', 'with others', 'the last with somebody');
select is(pg_temp.brief('{"which": "last", "with": "ben"}') -> 'event', 'null', 'a colleague''s own, though shared, is not the caller''s last');
select is(pg_temp.brief('{"which": "last", "with": "solo"}') -> 'event', 'null', 'a memo with nobody is no meeting');
select is(pg_temp.brief(jsonb_build_object('event', tests.id('inside'))) #>> '{event,title}', 'inside', 'by id of the event');
select is(pg_temp.names(pg_temp.brief(jsonb_build_object('event', tests.id('inside'))) #> '{history,meetings}', 'title'), array['by ben'], 'among colleagues, what was said with them');
select is(pg_temp.brief(jsonb_build_object('meeting', tests.id('of the event'))) #>> '{event,calendar_event_id}', tests.id('before')::text, 'by id of the recording; its event comes along');
select is(pg_temp.names(pg_temp.brief(jsonb_build_object('meeting', tests.id('earlier'))) -> 'people', 'email'), array['dana@buyer.test'], 'of a recording, everybody but oneself');
select tests.act_as_owner();
update public.meetings set deal_id = tests.id('small') where id = tests.id('earlier');
select tests.act_as('ana');
select is(pg_temp.names(pg_temp.brief(jsonb_build_object('meeting', tests.id('earlier'))) -> 'deals', 'name'), array['small', 'large'], 'the deal that a meeting is about comes before larger ones');
select throws_ok($$ select pg_temp.brief(jsonb_build_object('event', gen_random_uuid())) $$, 'PT404', 'not_found', 'an event that is not there');
select throws_ok($$ select pg_temp.brief('{"which": "first"}') $$, 'PT400', 'invalid_request', 'neither next nor last');

-- Activities, tasks and emails of these people; tasks and emails are each person's own.
select tests.act_as_owner();
select tests.given_row('ana''s task', 'tasks', 'acme', 'ana');
select tests.given_row('ben''s task', 'tasks', 'acme', 'ben');
select tests.given_row('other task', 'tasks', 'acme', 'ana');
select tests.given_row('done task', 'tasks', 'acme', 'ana');
update public.tasks set contact_id = tests.id('dana') where id in (tests.id('ana''s task'), tests.id('ben''s task'), tests.id('done task'));
update public.tasks set status = 'done' where id = tests.id('done task');
select tests.set_setting('acme', 'enable_task_sharing', 'true');
select tests.given_row('called', 'activities', 'acme', 'ben');
update public.activities set company_id = tests.id('buyer') where id = tests.id('called');
select tests.given_row('ana''s mail', 'emails', 'acme', 'ana');
select tests.given_row('ben''s mail', 'emails', 'acme', 'ben');
update public.emails set from_email = 'dana@buyer.test', subject = external_id where id in (tests.id('ana''s mail'), tests.id('ben''s mail'));
update public.org_knowledge set competitors = '[{"name": "Zeta", "positioning": "Late."}, {"name": "Alpha", "positioning": "Dear."}]' where org_id = tests.id('acme');
select tests.act_as('ana');
select is(pg_temp.names(pg_temp.brief() -> 'tasks', 'title'), array['ana''s task'], 'U60-155 one''s own open tasks about them, although tasks are shared');
select is(pg_temp.names(pg_temp.brief() -> 'emails', 'subject'), array['ana''s mail'], 'U60-156 one''s own emails, found by address');
select is(pg_temp.names(pg_temp.brief() -> 'activities', 'subject'), array['called'], 'shared activities');
select is(pg_temp.names(pg_temp.brief() -> 'known_competitors', 'name'), array['Alpha', 'Zeta'], 'U60-012 competitors that the organization knows');
select ok(octet_length(pg_temp.brief()::text) < 20000, 'a brief stays small');

-- Who sees what: sharing off, an agent, a rival.
select tests.act_as('ben');
select is(pg_temp.brief(jsonb_build_object('meeting', tests.id('of the event'))) #>> '{event,calendar_event_id}', null, 'U60-051 a colleague''s calendar stays theirs, also behind a shared meeting');
select is(pg_temp.brief(jsonb_build_object('meeting', tests.id('of the event'))) #>> '{event,title}', 'of the event', 'the shared meeting is there');
select is(pg_temp.names(pg_temp.brief(jsonb_build_object('meeting', tests.id('by ben'))) -> 'people', 'email'), array['dana@buyer.test'], 'whoever one is');
select throws_ok($$ select pg_temp.brief(jsonb_build_object('event', tests.id('real'))) $$, 'PT404', 'not_found', 'a colleague''s event is not');
select tests.act_as('ada');
select throws_ok($$ select pg_temp.brief(jsonb_build_object('meeting', tests.id('earlier'))) $$, 'PT404', 'not_found', 'an agent sees no shared meeting');
select is(pg_temp.brief() -> 'event', 'null', 'and has none of their own');
select tests.act_as_owner();
select tests.set_setting('acme', 'enable_meeting_sharing', 'false');
select tests.set_setting('acme', 'enable_crm_sharing', 'false');
select tests.act_as('ben');
select throws_ok($$ select pg_temp.brief(jsonb_build_object('meeting', tests.id('earlier'))) $$, 'PT404', 'not_found', 'without sharing no meeting of a colleague''s is there');
select is(pg_temp.brief() #>> '{event,title}', 'ben''s', 'control: one''s own is');
select is(pg_temp.names(pg_temp.brief() -> 'companies', 'name'), array[]::text[], 'without sharing nothing of a colleague''s customer');
select is(pg_temp.names(pg_temp.brief() #> '{history,meetings}', 'title'), array['by ben'], 'and of the history only one''s own');
select tests.act_as('cy');
select throws_ok($$ select public.get_meeting_brief_data(tests.id('acme')) $$, 'PT404', 'organization_not_found', 'R-04 a rival is told nothing');
select is(public.get_meeting_brief_data(tests.id('globex')) -> 'event', 'null', 'control: their own is there');

select * from finish();
rollback;
