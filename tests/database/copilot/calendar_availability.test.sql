-- When somebody is free: their working hours by the wall clock, less what takes their time.
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'manager');
select tests.given_member('ben', 'acme', 'manager');
select tests.given_member('cy', 'globex', 'owner');
update public.profiles set time_zone = 'Europe/Berlin', active_org_id = tests.id('acme') where id in (tests.id('ana'), tests.id('ben'));

create function pg_temp.given_event(p_title text, p_owner text, p_at timestamptz, p_takes interval, p_more jsonb default '{}')
returns void language sql as $$
  insert into public.calendar_events (org_id, user_id, external_id, title, start_time, end_time, status, response_status, ical_uid, all_day, time_zone)
  values (tests.id('acme'), tests.id(p_owner), gen_random_uuid()::text, p_title, p_at, p_at + p_takes,
    coalesce(p_more ->> 'status', 'confirmed'), p_more ->> 'response', p_more ->> 'ical_uid',
    coalesce((p_more ->> 'all_day')::boolean, false), p_more ->> 'zone')
$$;
-- As '10-26 09:00-10:00', in the caller's zone.
create function pg_temp.free(p_args jsonb, p_zone text default 'Europe/Berlin')
returns text[] language sql as $$
  select array(
    select to_char(f.starts_at at time zone p_zone, 'MM-DD HH24:MI') || '-' || to_char(f.ends_at at time zone p_zone, 'HH24:MI')
    from jsonb_to_recordset(public.get_calendar_availability(
      p_period => p_args ->> 'period', p_weekday => (p_args ->> 'weekday')::int, p_first_day => (p_args ->> 'first')::date,
      p_day_count => coalesce((p_args ->> 'days')::int, 1), p_minutes => coalesce((p_args ->> 'minutes')::int, 30),
      p_starts_hour => coalesce((p_args ->> 'from')::int, 9), p_ends_hour => coalesce((p_args ->> 'to')::int, 18),
      p_with_weekends => coalesce((p_args ->> 'weekends')::boolean, false),
      p_without_all_day => coalesce((p_args ->> 'no_all_day')::boolean, false),
      p_now => coalesce(p_args ->> 'now', '2026-10-20 06:00Z')::timestamptz
    ) -> 'free') as f (starts_at timestamptz, ends_at timestamptz)
  )
$$;
grant execute on function pg_temp.free(jsonb, text) to authenticated;

select tests.act_as('ana');
select is(
  pg_temp.free('{"first": "2026-10-23", "days": 4}'), array['10-23 09:00-18:00', '10-26 09:00-18:00'],
  'C-24 working hours by the wall clock before and after the night on which clocks go back; no weekend'
);
select is(
  (public.get_calendar_availability(p_first_day => '2026-10-23', p_day_count => 4, p_now => '2026-10-20 06:00Z') #>> '{free,1,starts_at}')::timestamptz,
  '2026-10-26 08:00Z'::timestamptz, 'C-24 nine in the morning is an hour later by the sun'
);
select is(
  pg_temp.free('{"first": "2026-03-28", "days": 2, "weekends": true, "from": 0, "to": 24, "now": "2026-03-01T00:00Z"}'),
  array['03-28 00:00-00:00', '03-29 00:00-00:00'], 'C-24 a whole day of 23 hours is a whole day'
);
select is(
  (public.get_calendar_availability(p_first_day => '2026-03-29', p_day_count => 1, p_with_weekends => true, p_starts_hour => 0, p_ends_hour => 24, p_now => '2026-03-01') #>> '{free,0,ends_at}')::timestamptz,
  '2026-03-29 22:00Z'::timestamptz, 'C-24 and ends at its own midnight'
);
select is(pg_temp.free('{"period": "this_week", "now": "2026-10-22T10:07Z"}'), array['10-22 12:15-18:00', '10-23 09:00-18:00'], 'from now on, on the quarter of an hour');
select is(pg_temp.free('{"period": "weekday", "weekday": 1}'), array['10-26 09:00-18:00'], 'a weekday');

select tests.act_as_owner();
select pg_temp.given_event('call', 'ana', '2026-10-26 09:00Z', '1 hour');
select pg_temp.given_event('same call', 'ana', '2026-10-26 09:00Z', '1 hour', '{"ical_uid": "u1"}');
select pg_temp.given_event('same call', 'ana', '2026-10-26 09:00Z', '1 hour', '{"ical_uid": "u1"}');
select pg_temp.given_event('overlaps', 'ana', '2026-10-26 09:30Z', '1 hour', '{"status": "tentative"}');
select pg_temp.given_event('cancelled', 'ana', '2026-10-26 12:00Z', '1 hour', '{"status": "cancelled"}');
select pg_temp.given_event('declined', 'ana', '2026-10-26 13:00Z', '1 hour', '{"response": "declined"}');
select pg_temp.given_event('a moment', 'ana', '2026-10-26 14:00Z', '0');
select pg_temp.given_event('ben''s', 'ben', '2026-10-26 15:00Z', '1 hour');
select pg_temp.given_event('from the day before', 'ana', '2026-10-26 20:00Z', '12 hours 30 minutes');
-- Whole days: in the calendar's own zone, which is not the traveller's.
select pg_temp.given_event('fair', 'ana', '2026-10-28 04:00Z', '2 days', '{"all_day": true, "zone": "America/New_York"}');
select tests.act_as('ana');
select is(
  pg_temp.free('{"first": "2026-10-26"}'), array['10-26 09:00-10:00', '10-26 11:30-18:00'],
  'what overlaps counts once; what is cancelled, declined, a moment long or a colleague''s takes no time'
);
select is(
  array(select b ->> 'title' from jsonb_array_elements(public.get_calendar_availability(p_first_day => '2026-10-26', p_day_count => 1, p_now => '2026-10-20') -> 'busy') as b order by 1),
  array['call', 'from the day before', 'overlaps', 'same call'], 'each event that takes time, once'
);
select is(
  array(select (b ->> 'is_tentative')::boolean from jsonb_array_elements(public.get_calendar_availability(p_first_day => '2026-10-26', p_day_count => 1, p_now => '2026-10-20') -> 'busy') as b),
  array[false, false, true, false], 'and which may still fall away'
);
select is(pg_temp.free('{"first": "2026-10-27"}'), array['10-27 09:30-18:00'], 'what began the day before takes its part');
select is(pg_temp.free('{"first": "2026-10-28", "days": 3}'), array['10-30 09:00-18:00'], 'C-24 whole days are dates, and take their days whole, wherever one is');
select is(cardinality(pg_temp.free('{"first": "2026-10-28", "days": 3, "no_all_day": true}')), 3, 'unless they are left out');
select is(pg_temp.free('{"first": "2026-10-26", "minutes": 90}'), array['10-26 11:30-18:00'], 'pieces that are too short are none');
select is(pg_temp.free('{"first": "2026-10-26", "from": 8, "to": 12}'), array['10-26 08:00-10:00', '10-26 11:30-12:00'], 'other working hours');

select throws_ok(format('select public.get_calendar_availability(%s)', bad), 'PT400', 'invalid_request', bad)
from unnest(array[
  'p_minutes => 5', 'p_minutes => 481', 'p_day_count => 0', 'p_day_count => 32', 'p_starts_hour => -1',
  'p_starts_hour => 10, p_ends_hour => 10', 'p_ends_hour => 25', $$p_period => 'someday'$$, $$p_period => 'weekday'$$,
  $$p_first_day => 'infinity'$$, $$p_first_day => '-infinity'$$, $$p_first_day => '2026-10-26', p_now => 'infinity'$$, $$p_now => '-infinity'$$
]) as b (bad);
select tests.act_as('ben');
select is(pg_temp.free('{"first": "2026-10-26"}'), array['10-26 09:00-16:00', '10-26 17:00-18:00'], 'U60-051 a colleague has their own calendar');
select tests.act_as('cy');
select throws_ok($$ select public.get_calendar_availability(tests.id('acme')) $$, 'PT404', 'organization_not_found', 'R-04 a rival is told nothing');
select is(public.get_calendar_availability(tests.id('globex')) -> 'busy', '[]', 'control: their own is there');

select * from finish();
rollback;
