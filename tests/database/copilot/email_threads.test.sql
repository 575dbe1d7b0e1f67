-- Email threads and what a draft is made from, with the caller's own rights.
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'manager');
select tests.given_member('ben', 'acme', 'manager');
select tests.given_member('cy', 'globex', 'owner');
update public.profiles set time_zone = 'Europe/Berlin', active_org_id = tests.id('acme') where id in (tests.id('ana'), tests.id('ben'));
select tests.given_row('dana', 'contacts', 'acme', 'ana');
update public.contacts set email = 'dana@buyer.test' where id = tests.id('dana');
select tests.given_row('no address', 'contacts', 'acme', 'ana');
update public.contacts set email = null where id = tests.id('no address');
select tests.given_row('deal', 'deals', 'acme', 'ana');
update public.deals set primary_contact_id = tests.id('dana') where id = tests.id('deal');

create function pg_temp.given_mail(p_name text, p_owner text, p_at timestamptz, p_thread text, p_direction text, p_from text, p_to text[], p_contact uuid default null)
returns void language sql as $$
  with m as (
    insert into public.emails (org_id, user_id, external_id, thread_id, direction, subject, from_email, to_emails, sent_at, contact_id)
    values (tests.id('acme'), tests.id(p_owner), p_name, p_thread, p_direction, p_name, p_from, p_to, p_at, p_contact) returning org_id, id, user_id
  ), b as (
    insert into public.email_bodies (org_id, email_id, user_id, body_text) select m.org_id, m.id, m.user_id, 'body of ' || p_name from m
  )
  select tests.remember(p_name, m.id) from m
$$;
select pg_temp.given_mail('first', 'ana', '2036-03-01 08:00Z', 't1', 'outbound', 'ana@example.test', '{dana@buyer.test}', tests.id('dana'));
select pg_temp.given_mail('second', 'ana', '2036-03-02 08:00Z', 't1', 'inbound', 'dana@buyer.test', '{ana@example.test}', tests.id('dana'));
select pg_temp.given_mail('alone', 'ana', '2036-02-01 08:00Z', null, 'inbound', 'eve@else.test', '{ana@example.test}');
select pg_temp.given_mail('sent last', 'ana', '2036-02-02 08:00Z', 't3', 'outbound', 'ana@example.test', '{Kim@else.test,dana@buyer.test}');
-- The same thread in a colleague's mailbox, newer there.
select pg_temp.given_mail('ben''s copy', 'ben', '2036-03-03 08:00Z', 't1', 'inbound', 'dana@buyer.test', '{ben@example.test}', tests.id('dana'));
select pg_temp.given_mail('ben''s only', 'ben', '2036-03-04 08:00Z', 't2', 'inbound', 'eve@else.test', '{ben@example.test}');

create function pg_temp.messages(p_more jsonb)
returns text[] language sql as $$
  select array(
    select m ->> 'subject'
    from jsonb_array_elements(public.get_email_thread(
      p_thread_id => p_more ->> 'thread', p_email_id => (p_more ->> 'email')::uuid, p_contact_id => (p_more ->> 'contact')::uuid,
      p_from_email => p_more ->> 'from', p_limit => coalesce((p_more ->> 'limit')::int, 10)
    ) #> '{thread,messages}') as m
  )
$$;
create function pg_temp.recipients(p_more jsonb)
returns text[] language sql as $$
  select array(
    select r ->> 'email'
    from jsonb_array_elements(public.get_email_draft_context(
      p_contact_id => (p_more ->> 'contact')::uuid, p_addresses => case when p_more ? 'to' then array(select jsonb_array_elements_text(p_more -> 'to')) end,
      p_meeting_id => (p_more ->> 'meeting')::uuid, p_calendar_event_id => (p_more ->> 'event')::uuid, p_thread_id => p_more ->> 'thread',
      p_email_id => (p_more ->> 'email')::uuid, p_deal_id => (p_more ->> 'deal')::uuid, p_now => '2036-03-10 08:00Z'
    ) -> 'recipients') as r
  )
$$;
grant execute on function pg_temp.messages(jsonb), pg_temp.recipients(jsonb) to authenticated;

select tests.act_as('ana');
select is(pg_temp.messages('{"thread": "t1"}'), array['first', 'second'], 'a thread of one''s own mailbox, oldest first');
select is(pg_temp.messages('{"thread": "t1", "limit": 1}'), array['second'], 'its last messages');
select is(pg_temp.messages(jsonb_build_object('email', tests.id('first'))), array['first', 'second'], 'by one of its emails');
select is(pg_temp.messages(jsonb_build_object('contact', tests.id('dana'))), array['first', 'second'], 'the latest with a contact');
select is(pg_temp.messages('{"from": "Eve@Else.test"}'), array['alone'], 'the latest from an address; without a thread it stands alone');
select is(public.get_email_thread(p_from_email => 'kim@else.test') -> 'thread', 'null', 'nobody ever wrote from there');
select is(public.get_email_thread(p_thread_id => 't1') #>> '{thread,messages,1,body}', 'body of second', 'what was written');
select is(public.get_email_thread(p_thread_id => 't1') #>> '{thread,contact,name}', 'dana', 'with whom');
select throws_ok($$ select public.get_email_thread() $$, 'PT400', 'invalid_request', 'one must say which');
select throws_ok($$ select public.get_email_thread(p_thread_id => 't2') $$, 'PT404', 'not_found', 'U60-156 a colleague''s thread is not there');
select throws_ok($$ select public.get_email_thread(p_email_id => tests.id('ben''s only')) $$, 'PT404', 'not_found', 'nor by its email');
select tests.act_as_owner();
select tests.set_setting('acme', 'enable_email_sharing', 'true');
select tests.act_as('ana');
select is(pg_temp.messages('{"thread": "t2"}'), array['ben''s only'], 'control: shared it is');
select is(public.get_email_thread(p_thread_id => 't2') #> '{thread,is_mine}', 'false', 'and says whose it is');
select is(pg_temp.messages('{"thread": "t1"}'), array['first', 'second'], 'of two mailboxes one''s own');
select tests.act_as_owner();
select tests.set_setting('acme', 'enable_email_sharing', 'false');

-- Drafts -----------------------------------------------------------------------------------------
insert into public.calendar_events (org_id, user_id, external_id, title, start_time, end_time, attendees, attendees_count)
values (tests.id('acme'), tests.id('ana'), 'e1', 'planned', '2036-03-11 08:00Z', '2036-03-11 09:00Z',
  '[{"email": "ana@example.test", "self": true}, {"email": "ben@example.test"}, {"email": "dana@buyer.test"}, {"email": "new@buyer.test", "name": "New"}]', 4)
returning tests.remember('planned', id);
insert into public.meetings (org_id, owner_user_id, source_type, external_id, title, started_at, deal_id)
values (tests.id('acme'), tests.id('ana'), 'fathom', 'm1', 'held', '2036-03-05 08:00Z', tests.id('deal')) returning tests.remember('held', id);
insert into public.meeting_attendees (org_id, meeting_id, owner_user_id, email)
select tests.id('acme'), tests.id('held'), tests.id('ana'), e.email from unnest(array['ana@example.test', 'dana@buyer.test']) as e (email);
insert into public.meeting_action_items (org_id, meeting_id, owner_user_id, seq, description)
values (tests.id('acme'), tests.id('held'), tests.id('ana'), 1, 'promised');

select tests.act_as('ana');
select is(pg_temp.recipients(jsonb_build_object('contact', tests.id('dana'))), array['dana@buyer.test'], 'a draft to a contact');
select is(pg_temp.recipients(jsonb_build_object('contact', tests.id('no address'))), array[]::text[], 'who has no address gets none');
select is(pg_temp.recipients('{"to": ["X@y.test", "x@Y.test"]}'), array['x@y.test'], 'to an address, once');
select is(pg_temp.recipients('{"thread": "t1"}'), array['dana@buyer.test'], 'to who wrote last');
select is(pg_temp.recipients('{"thread": "t3"}'), array['kim@else.test', 'dana@buyer.test'], 'or to whom one wrote last');
select is(pg_temp.recipients(jsonb_build_object('event', tests.id('planned'))), array['dana@buyer.test', 'new@buyer.test'], 'to the people from outside of a meeting');
select is(pg_temp.recipients(jsonb_build_object('meeting', tests.id('held'))), array['dana@buyer.test'], 'of a recorded one');
select is(pg_temp.recipients(jsonb_build_object('deal', tests.id('deal'))), array['dana@buyer.test'], 'to a deal''s contact');
select is(pg_temp.recipients(jsonb_build_object('meeting', tests.id('held'), 'to', jsonb_build_array('x@y.test'))), array['x@y.test'], 'who was named comes before who was there');
select is(
  (select jsonb_build_array(c #>> '{outcome,action_items,0,description}', c #>> '{last_meeting,title}', c #>> '{deal,name}', c -> 'participants') from public.get_email_draft_context(p_meeting_id => tests.id('held'), p_now => '2036-03-10 08:00Z') as c),
  '["promised", "held", "deal", ["dana@buyer.test"]]', 'with what was agreed, the last meeting with them and the deal it was about'
);
select is(public.get_email_draft_context(p_addresses => '{new@buyer.test}', p_calendar_event_id => tests.id('planned')) #>> '{recipients,0,name}', 'New', 'a name from the invitation');
select throws_ok(format('select public.get_email_draft_context(%s)', bad), 'PT404', 'not_found', bad || ': not there')
from unnest(array[
  'p_contact_id => gen_random_uuid()', 'p_meeting_id => gen_random_uuid()', 'p_calendar_event_id => gen_random_uuid()',
  'p_deal_id => gen_random_uuid()', $$p_thread_id => 't2'$$, 'p_email_id => gen_random_uuid()'
]) as b (bad);
select tests.act_as('cy');
select throws_ok($$ select public.get_email_thread(tests.id('acme'), 't1') $$, 'PT404', 'organization_not_found', 'R-04 a rival is told nothing');
select throws_ok($$ select public.get_email_draft_context(tests.id('acme')) $$, 'PT404', 'organization_not_found', 'R-04 nor by a draft');
select is(public.get_email_thread(tests.id('globex'), p_from_email => 'dana@buyer.test') -> 'thread', 'null', 'control: their own organization is there');
select is(public.get_email_draft_context(tests.id('globex')) -> 'recipients', '[]', 'control: also for a draft');

select * from finish();
rollback;
