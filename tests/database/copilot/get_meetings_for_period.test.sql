-- The caller's own real meetings in a period: days in their own zone, each meeting once (U60-084).
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'manager');
select tests.given_member('ben', 'acme', 'manager');
select tests.given_member('cy', 'globex', 'owner');
update public.profiles set time_zone = 'Europe/Berlin', active_org_id = tests.id('acme') where id in (tests.id('ana'), tests.id('ben'));

create function pg_temp.given_event(p_title text, p_owner text, p_at timestamptz, p_more jsonb default '{}')
returns uuid language sql as $$
  insert into public.calendar_events (org_id, user_id, external_id, title, start_time, end_time, attendees, attendees_count, status, response_status, ical_uid, all_day, time_zone)
  select tests.id('acme'), tests.id(p_owner), gen_random_uuid()::text, p_title, p_at, p_at + coalesce(p_more ->> 'takes', '30 minutes')::interval,
    coalesce(p_more -> 'attendees', '[{"email": "bo@buyer.test", "name": "Bo"}]'), coalesce((p_more ->> 'count')::int, 2),
    coalesce(p_more ->> 'status', 'confirmed'), p_more ->> 'response', p_more ->> 'ical_uid',
    coalesce((p_more ->> 'all_day')::boolean, false), p_more ->> 'zone'
  returning tests.remember(p_title, id)
$$;
create function pg_temp.listed(p_period text, p_now timestamptz, p_with text default null)
returns text[] language sql as $$
  select array(
    select m.title from jsonb_to_recordset(
      public.get_meetings_for_period(p_period => p_period, p_now => p_now, p_with => p_with) -> 'meetings'
    ) as m (title text)
  )
$$;
grant execute on function pg_temp.listed(text, timestamptz, text) to authenticated;

-- Berlin's 25 October 2026 has 25 hours: from 22:00Z the day before to 23:00Z.
select pg_temp.given_event('first minute', 'ana', '2026-10-24 22:00Z');
select pg_temp.given_event('last minute', 'ana', '2026-10-25 22:59Z');
select pg_temp.given_event('day before', 'ana', '2026-10-24 21:00Z');
select pg_temp.given_event('day after', 'ana', '2026-10-25 23:00Z');
select pg_temp.given_event('solo', 'ana', '2026-10-25 10:00Z', '{"count": 1}');
select pg_temp.given_event('cancelled', 'ana', '2026-10-25 10:00Z', '{"status": "cancelled"}');
select pg_temp.given_event('declined', 'ana', '2026-10-25 10:00Z', '{"response": "declined"}');
select pg_temp.given_event('twice', 'ana', '2026-10-25 12:00Z', '{"ical_uid": "u1"}');
select pg_temp.given_event('twice', 'ana', '2026-10-25 12:00Z', '{"ical_uid": "u1"}');
select pg_temp.given_event('fair', 'ana', '2026-10-24 22:00Z', '{"all_day": true, "zone": "Europe/Berlin", "takes": "25 hours"}');
select pg_temp.given_event('ben''s', 'ben', '2026-10-25 10:00Z');

select tests.act_as('ana');
select is(
  pg_temp.listed('today', '2026-10-25 12:00Z'), array['fair', 'first minute', 'twice', 'last minute'],
  'U60-101 C-24 real meetings of the day on which clocks go back, each once'
);
select is(pg_temp.listed('tomorrow', '2026-10-24 12:00Z'), pg_temp.listed('today', '2026-10-25 12:00Z'), 'the same day, asked the day before');
select is(pg_temp.listed('yesterday', '2026-10-25 12:00Z'), array['day before'], 'and the day before it');
select is(pg_temp.listed('today', '2026-10-25 12:00Z', 'bo'), pg_temp.listed('today', '2026-10-25 12:00Z'), 'with somebody who is in all of them');
select is(pg_temp.listed('today', '2026-10-25 12:00Z', 'b'), array[]::text[], 'but a letter is no name');
select throws_ok($$ select public.get_meetings_for_period(p_period => 'someday') $$, 'PT400', 'invalid_request', 'a period it does not know');

-- A recording of a planned meeting, and one of none.
select tests.act_as_owner();
insert into public.meetings (org_id, owner_user_id, source_type, external_id, title, started_at, scheduled_start_at, calendar_event_id) values
  (tests.id('acme'), tests.id('ana'), 'fathom', 'r1', 'recorded', '2026-10-25 12:01Z', '2026-10-25 12:00Z', null),
  (tests.id('acme'), tests.id('ana'), 'fathom', 'r2', 'twice', '2026-10-25 12:01Z', '2026-10-25 12:00Z', null),
  (tests.id('acme'), tests.id('ana'), 'fathom', 'r3', 'alone', '2026-10-25 13:00Z', null, null);
insert into public.meeting_attendees (org_id, meeting_id, owner_user_id, email)
select m.org_id, m.id, m.owner_user_id, a.email from public.meetings as m, (values ('ana@example.test'), ('bo@buyer.test')) as a (email)
where m.external_id in ('r1', 'r2');
select tests.act_as('ana');
select is(
  pg_temp.listed('today', '2026-10-25 12:00Z'), array['fair', 'first minute', 'twice', 'recorded', 'last minute'],
  'a recording joins its event, or stands for itself where it has company'
);

select tests.act_as('ben');
select is(pg_temp.listed('today', '2026-10-25 12:00Z'), array['ben''s'], 'a colleague sees their own');
select tests.act_as('cy');
select throws_ok($$ select public.get_meetings_for_period(tests.id('acme')) $$, 'PT404', 'organization_not_found', 'R-04 T-03 a rival is told nothing');
select throws_ok($$ select public.get_meetings_for_period() $$, 'PT409', 'no_active_organization', 'who works nowhere must say where');
select is((public.get_meetings_for_period(tests.id('globex')) ->> 'total')::int, 0, 'control: their own is there');
-- Whoever belongs there and lacks only the second factor is told so; a rival still learns nothing.
select tests.act_as_owner();
update public.org_settings set mfa_required_for = 'everyone' where org_id = tests.id('acme');
select tests.act_as('ana');
select throws_ok($$ select public.get_meetings_for_period(tests.id('acme')) $$, 'PT403', 'mfa_required', 'C-20 a member without a second factor hears what is missing');
select throws_ok($$ select public.get_meetings_for_period() $$, 'PT403', 'mfa_required', 'C-20 where they work, too');
select tests.act_as('cy');
select throws_ok($$ select public.get_meetings_for_period(tests.id('acme')) $$, 'PT404', 'organization_not_found', 'R-04 T-03 and a rival nothing of it');
select tests.act_as('ana', 'aal2');
select lives_ok($$ select public.get_meetings_for_period() $$, 'C-20 control: with one it answers');
select tests.act_as_owner();
update public.organization_members set status = 'suspended' where user_id = tests.id('ben');
select tests.act_as('ben');
select throws_ok($$ select public.get_meetings_for_period(tests.id('acme')) $$, 'PT404', 'organization_not_found', 'V-22 nor does who is suspended hear of it');
select tests.act_as_anon();
select throws_ok($$ select public.get_meetings_for_period() $$, '42501', null, 'T-04 nobody is nobody');

select * from finish();
rollback;
