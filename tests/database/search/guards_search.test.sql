-- In whichever order: what is not shared is found by its owner only. And the day of a person is theirs.
begin;
select * from no_plan();

select tests.given_member('gil', 'acme', 'agent');
select tests.given_member('ana', 'acme', 'manager');
update public.profiles set time_zone = 'America/New_York', active_org_id = tests.id('acme') where id = tests.id('ana');
update public.profiles set time_zone = 'Pacific/Auckland', active_org_id = tests.id('acme') where id = tests.id('gil');
select tests.given_row('talk of ana', 'meetings', 'acme', 'ana');
select tests.given_row('talk of gil', 'meetings', 'acme', 'gil');
select tests.given_transcript('talk of ana', 'acme', 'A zebra');
select tests.given_transcript('talk of gil', 'acme', 'A zebra');

create function pg_temp.found(p_order text)
returns integer language sql as $$
  select jsonb_array_length(public.search_transcripts(tests.id('acme'), 'zebra', p_order) -> 'results')
$$;
grant execute on function pg_temp.found(text) to authenticated;
select tests.act_as('gil');
select is(pg_temp.found('recent'), 1, 'an agent finds their own, newest first');
select is(pg_temp.found('relevance'), 1, 'and best first');
select tests.act_as('ana');
select is(pg_temp.found('recent'), 2, 'control: a manager finds what is shared');

-- Each event is today in its owner's zone and not in the colleague's.
select tests.act_as_owner();
insert into public.calendar_events (org_id, user_id, external_id, title, start_time, end_time, attendees_count) values
  (tests.id('acme'), tests.id('ana'), 'e1', 'early', '2026-06-01 06:00Z', '2026-06-01 06:30Z', 2),
  (tests.id('acme'), tests.id('gil'), 'e2', 'late', '2026-06-02 08:00Z', '2026-06-02 08:30Z', 2);
create function pg_temp.today()
returns integer language sql as $$
  select (public.get_meetings_for_period(p_period => 'today', p_now => '2026-06-01 16:00Z') ->> 'total')::int
$$;
grant execute on function pg_temp.today() to authenticated;
select tests.act_as('ana');
select is(pg_temp.today(), 1, 'today is the day where who asks is');
select tests.act_as('gil');
select is(pg_temp.today(), 1, 'whoever asks');
select throws_ok(
  $$ select public.get_meetings_for_period(p_period => 'weekday') $$, 'PT400', 'invalid_request', 'a weekday that is not named is no period'
);

select * from finish();
rollback;
