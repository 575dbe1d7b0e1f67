-- What recordings take up and cost: the formulas to the last digit, months and summer time, ticks that
-- come twice or not at all, and who may see the figures (U60-133 to U60-138, V-08).
begin;
select * from no_plan();

select tests.given_member('otto', 'acme', 'owner');
select tests.given_member('adam', 'acme', 'admin');
select tests.given_member('mona', 'acme', 'manager');
select tests.given_member('olga', 'globex', 'owner');
select tests.given_person('sue');
insert into private.superadmins (user_id, granted_by) values (tests.id('sue'), 'test');

create function pg_temp.given_file(p_name text, p_org text, p_owner text, p_bytes bigint, p_completed_at timestamptz, p_kind text default 'video')
returns uuid language plpgsql as $$
declare
  v_id uuid := tests.id(p_name);
begin
  if v_id is null then
    insert into public.recordings (
      org_id, owner_user_id, storage_user_id, meeting_key, title, meeting_url, platform, scheduled_start_at, status, bot_id,
      s3_upload_status
    )
    values (
      tests.id(p_org), tests.id(p_owner), tests.id(p_owner), p_name, p_name, 'https://meet.google.com/abc-defg-hij', 'meet',
      p_completed_at, 'completed', 'bot-' || p_name, 'complete'
    )
    returning id into v_id;
    perform tests.remember(p_name, v_id);
  end if;
  insert into private.recording_uploads (
    org_id, recording_id, kind, object_key, state, source_bytes, bytes_done, part_size, completed_at
  )
  values (tests.id(p_org), v_id, p_kind, p_name || '/' || p_kind, 'complete', p_bytes, p_bytes, 5242880, p_completed_at);
  return v_id;
end;
$$;
create function pg_temp.gib(p_count numeric)
returns bigint language sql as $$ select (p_count * 1024 * 1024 * 1024)::bigint $$;
create function pg_temp.metric(p_org text, p_day date, p_type text)
returns text language sql as $$
  select concat_ws(' ', trim_scale(m.value), trim_scale(m.cost_usd), case when m.estimated then 'estimated' end)
  from public.s3_usage_metrics as m
  where m.org_id = tests.id(p_org) and m.day = p_day and m.metric_type = p_type
$$;
create function pg_temp.cost(p_org text, p_from date, p_to date, p_type text)
returns numeric language sql as $$
  select sum(m.cost_usd) from public.s3_usage_metrics as m
  where m.org_id = tests.id(p_org) and m.day between p_from and p_to and m.metric_type = p_type
$$;

-- Begun anew: what was complete once is not now.
select pg_temp.given_file('again', 'acme', 'otto', pg_temp.gib(100), '2026-01-01 00:00:00+00');
update private.recording_uploads set state = 'uploading' where recording_id = tests.id('again');
select is(private.record_s3_usage('2026-03-01', 400), '{"days": 0, "rows": 0}'::jsonb, 'nothing stored, nothing to compute');

-- A session far from UTC, on the night that its clocks change.
set local timezone = 'America/New_York';
select pg_temp.given_file('january', 'acme', 'otto', pg_temp.gib(10), '2026-01-31 23:59:59.999999+00');
select pg_temp.given_file('january', 'acme', 'otto', pg_temp.gib(1), '2026-02-01 00:00:00+00', 'audio');
select pg_temp.given_file('february', 'globex', 'olga', pg_temp.gib(2.5), '2026-02-10 12:00+00');
select pg_temp.given_file('gone', 'globex', 'olga', pg_temp.gib(4), '2026-02-12 12:00+00');
update public.recordings set deleted_at = '2026-02-15 10:00+00' where id = tests.id('gone');

select is(private.record_s3_usage('2026-03-01', 400), '{"days": 29, "rows": 192}'::jsonb, 'U60-134 every day since the first upload, to the one before today');
select is(private.record_s3_usage('2026-03-01', 400), '{"days": 0, "rows": 0}'::jsonb, 'U60-138 a second tick finds nothing to do');
select is(private.store_s3_day('2026-02-10'), 0, 'U60-138 and a day computed again changes no row');

select is(pg_temp.metric('acme', '2026-01-31', 'storage_gb'), '10 0.007419354839', 'U60-134 0.023 a GB-month: a thirty-first of it for a day of January');
select is(pg_temp.metric('acme', '2026-01-31', 'upload_gb'), '10 0', 'U60-136 uploading is free');
select is(pg_temp.metric('acme', '2026-01-31', 'download_gb'), '0.085 0.00765 estimated', 'U60-135 V-08 half of it, 1.7 % a day, at 0.09; said to be an estimate');
select is(pg_temp.metric('acme', '2026-01-31', 'api_requests'), '2051 0 estimated', 'U60-138 2048 parts and three more');
select is(pg_temp.metric('acme', '2026-02-01', 'storage_gb'), '11 0.009035714286', 'a month''s first instant is the next day; its days are dearer');
select is(pg_temp.metric('acme', '2026-02-01', 'upload_gb'), '1 0', 'and so is what was stored then');
select is(round(pg_temp.cost('acme', '2026-02-01', '2026-02-28', 'storage_gb'), 9), 0.253, 'U60-134 11 GB through a whole month are 11 times 0.023');
select is(round(pg_temp.cost('acme', '2026-02-01', '2026-02-28', 'download_gb'), 9), round(28 * 11 * 0.5 * 0.017 * 0.09, 9), 'U60-135 28 days of downloads');
select is(pg_temp.metric('globex', '2026-02-09', 'storage_gb'), null, 'no row before there is anything');
select is(pg_temp.metric('globex', '2026-02-14', 'storage_gb'), '6.5 0.005339285714', 'the day before it was deleted');
select is(pg_temp.metric('globex', '2026-02-15', 'storage_gb'), '2.5 0.002053571429', 'what was deleted on a day is not stored at its end');

-- Summer time begins (US 8 March, EU 29 March) and every UTC day has its one row of each kind.
select pg_temp.given_file('march', 'acme', 'otto', pg_temp.gib(1), '2026-03-08 04:59:59+00');
select is(private.record_s3_usage('2026-04-01', 400) ->> 'days', '31', 'thirty-one days of March');
select is(
  (select count(*)::int from public.s3_usage_metrics where org_id = tests.id('acme') and day between '2026-03-01' and '2026-03-31'), 31 * 4,
  'U60-134 each once, whatever the clocks do'
);
select is(pg_temp.metric('acme', '2026-03-08', 'upload_gb'), '1 0', 'late on the 7th in New York is the 8th');
select is(pg_temp.metric('acme', '2026-03-07', 'upload_gb'), '0 0', 'and not the 7th');
set local timezone = 'UTC';

-- A missed tick.
delete from private.s3_usage_days where day in ('2026-03-10', '2026-03-11');
delete from public.s3_usage_metrics where day in ('2026-03-10', '2026-03-11');
select is(private.record_s3_usage('2026-04-01', 1) ->> 'days', '1', 'as many days as were asked for, the oldest first');
select is(pg_temp.metric('acme', '2026-03-11', 'storage_gb'), null, 'the rest waits');
select is(private.record_s3_usage('2026-04-01', 400), '{"days": 1, "rows": 8}'::jsonb, 'U60-134 the next tick makes up for the missed ones');
select is(pg_temp.metric('acme', '2026-03-11', 'storage_gb'), '12 0.008903225806', 'with the same figures');

-- Prices are dated.
insert into private.s3_prices values ('2026-03-20', 0.046, 0.18, 0, 0.4, 0.5, 0.017);
select is(pg_temp.metric('acme', '2026-03-25', 'storage_gb'), '12 0.008903225806', 'what was computed keeps its price');
select is(private.store_s3_day('2026-03-25'), 4, 'until it is computed again on purpose');
select is(pg_temp.metric('acme', '2026-03-25', 'storage_gb'), '12 0.017806451613', 'at the price of that day');
select is(private.store_s3_day('2026-03-19'), 0, 'the day before had the old one');
delete from private.s3_prices where valid_from = '2026-03-20';
select private.store_s3_day('2026-03-25');

-- Metered bytes take the place of the estimate.
select ok(private.record_s3_downloads(tests.id('acme'), '2026-03-05', pg_temp.gib(2)), 'V-08 what was metered is written down');
select is(pg_temp.metric('acme', '2026-03-05', 'download_gb'), '2 0.18', 'V-08 and is no estimate any more, though the day was computed before');
select is(private.record_s3_downloads(tests.id('acme'), '2026-03-05', pg_temp.gib(2)), false, 'the same again is nothing new');
select ok(private.record_s3_downloads(tests.id('acme'), '2026-03-05', 0), 'nobody watched');
select is(pg_temp.metric('acme', '2026-03-05', 'download_gb'), '0 0', 'V-08 zero is a measurement');
select private.record_s3_downloads(tests.id('globex'), '2026-04-01', pg_temp.gib(3));
select private.record_s3_usage('2026-04-02', 400);
select is(pg_temp.metric('globex', '2026-04-01', 'download_gb'), '3 0.27', 'V-08 metered before the day was computed');
select is(pg_temp.metric('acme', '2026-04-01', 'download_gb'), '0.102 0.00918 estimated', 'of the others it is estimated');

-- What no longer holds goes away when a day is computed again.
update public.recordings set deleted_at = '2026-02-10 13:00+00' where id = tests.id('february');
select private.store_s3_day('2026-02-11');
select is(pg_temp.metric('globex', '2026-02-11', 'storage_gb'), null, 'rows without a reason are removed');

-- The figures of today's month.
select pg_temp.given_file('now acme', 'acme', 'otto', 7000000001, now() - interval '3 days');
select pg_temp.given_file('now globex', 'globex', 'olga', 333333333, now() - interval '2 days');
select private.record_s3_usage((now() at time zone 'utc')::date, 1000);
create temporary table answers (who text, answer jsonb);
grant all on table pg_temp.answers to authenticated;

select tests.act_as('adam');
insert into pg_temp.answers select 'acme', public.get_storage_usage('organization', tests.id('acme'), 400);
select tests.act_as('olga');
insert into pg_temp.answers select 'globex', public.get_storage_usage('organization', tests.id('globex'), 400);
select tests.act_as('sue', 'aal2');
insert into pg_temp.answers select 'platform', public.get_storage_usage('platform', null, 400);
select tests.act_as_owner();
select is(
  (select sum((answer ->> 'total_gb')::numeric) from answers where who <> 'platform'),
  (select (answer ->> 'total_gb')::numeric from answers where who = 'platform'),
  'U60-138 the organizations'' GB are the platform''s, to the byte'
);
select is(
  (select sum((answer -> 'current_month' ->> 'cost_usd')::numeric) from answers where who <> 'platform'),
  (select (answer -> 'current_month' ->> 'cost_usd')::numeric from answers where who = 'platform'),
  'U60-138 and so is this month''s cost, to the last digit'
);
select results_eq(
  $$ select d ->> 'day', sum((d ->> 'cost_usd')::numeric) from answers, jsonb_array_elements(answer -> 'days') as d where who <> 'platform' group by 1 order by 1 $$,
  $$ select d ->> 'day', (d ->> 'cost_usd')::numeric from answers, jsonb_array_elements(answer -> 'days') as d where who = 'platform' order by 1 $$,
  'U60-138 and the cost of each day'
);
select is(
  (select trim_scale(round((answer ->> 'total_gb')::numeric, 6)) from answers where who = 'acme'), trim_scale(round(12 + 7000000001::numeric / 1024 / 1024 / 1024, 6)),
  'U60-133 total GB'
);
select is(
  (select round((answer -> 'next_month' ->> 'cost_usd')::numeric, 6) from answers where who = 'acme'),
  round(
    (12 + 7000000001::numeric / 1024 / 1024 / 1024) * (
      0.023 + 0.5 * 0.017 * 0.09 * private.days_in_month(((now() at time zone 'utc')::date + interval '1 month')::date)
    ), 6
  ),
  'U60-133 next month, if as much stays stored all through it'
);
select is((select answer -> 'next_month' -> 'estimated' from answers where who = 'acme'), 'true'::jsonb, 'V-08 a projection says that it is an estimate');
select ok((select bool_and((d -> 'estimated')::boolean) from answers, jsonb_array_elements(answer -> 'days') as d where who = 'acme' and d ->> 'day' >= '2026-06-01'), 'V-08 and so does each day that was not metered');
select is((select (answer -> 'formula' ->> 'daily_download_rate')::numeric from answers where who = 'acme'), 0.017, 'V-08 the formula is in the answer');
select tests.act_as('adam');
select is(
  jsonb_array_length(public.get_storage_usage('organization', tests.id('acme'), 30) -> 'days'), 30,
  'U60-133 a series of as many days as were asked for'
);
select tests.act_as_owner();
update public.profiles set active_org_id = tests.id('acme') where id = tests.id('adam');
select tests.act_as('adam');
select is((public.get_storage_usage() ->> 'org_id')::uuid, tests.id('acme'), 'U60-133 where none is named, it is the one the person works in');
select tests.act_as_owner();

update public.profiles set active_org_id = null where id = tests.id('adam');
select tests.act_as('adam');
select throws_ok('select public.get_storage_usage()', 'PT409', 'no_active_organization', 'U60-133 and where they work in none, that is said');
select tests.act_as_owner();

-- Who may see it.
select tests.act_as('mona');
select throws_ok($$ select public.get_storage_usage('organization', tests.id('acme')) $$, 'PT403', 'forbidden', 'U60-133 no manager');
select throws_ok($$ select public.get_storage_usage('organization', tests.id('globex')) $$, 'PT404', 'organization_not_found', 'U60-133 nor anybody of another organization');
select throws_ok($$ select public.get_storage_usage('platform') $$, 'PT403', 'forbidden', 'U60-133 least of all the platform');
select tests.act_as('otto', 'aal2');
select throws_ok($$ select public.get_storage_usage('platform') $$, 'PT403', 'forbidden', 'U60-133 which is not an owner''s either');
select lives_ok($$ select public.get_storage_usage('organization', tests.id('acme')) $$, 'control: the owner''s own organization is');
select tests.act_as('sue');
select throws_ok($$ select public.get_storage_usage('platform') $$, 'PT403', 'forbidden', 'U60-133 an operator needs a second factor');
select throws_ok($$ select public.record_s3_usage() $$, '42501', null, 'nobody who is signed in computes');
select throws_ok($$ select public.record_s3_downloads(tests.id('acme'), '2026-03-05', 1) $$, '42501', null, 'or meters');
select is_empty('select value from public.s3_usage_metrics', 'or reads rows, being an operator only');
select tests.act_as('mona');
select is_empty('select value from public.s3_usage_metrics', 'U60-133 nor does a manager');
select tests.act_as('adam');
select results_eq(
  'select distinct org_id from public.s3_usage_metrics', $$ values (tests.id('acme')) $$, 'U60-133 an admin reads those of their organization, and no others'
);
select throws_ok('update public.s3_usage_metrics set cost_usd = 0', '42501', null, 'nobody writes them by hand');
select tests.act_as_owner();
select tests.set_setting('acme', 'mfa_required_for', 'admins');
select tests.act_as('adam');
select throws_ok($$ select public.get_storage_usage('organization', tests.id('acme')) $$, 'PT403', 'mfa_required', 'U60-133 it is an admin''s power');
select is_empty('select value from public.s3_usage_metrics', 'nor are the rows readable without it');
select tests.act_as('adam', 'aal2');
select isnt_empty('select value from public.s3_usage_metrics', 'control: with it they are');
select tests.act_with_claims('authenticated', '{}');
select throws_ok($$ select public.get_storage_usage('platform') $$, 'PT401', 'unauthenticated', 'U60-133 without a person there is nothing');
select tests.act_with_claims('anon', '{"role": "anon"}');
select throws_ok($$ select public.get_storage_usage() $$, '42501', null, 'nor for who is not signed in');
select tests.act_with_claims('service_role', '{"role": "service_role"}');
select throws_ok('select value from public.s3_usage_metrics', '42501', null, 'the service role computes them');
select lives_ok('select public.record_s3_usage()', 'control: and that is what it may do');
select tests.act_as_owner();

-- What the tables refuse.
select throws_ok(
  $$ insert into public.s3_usage_metrics values (tests.id('acme'), '2026-02-01', 'egress', 1, 1, false) $$, '23514', null, 'U60-138 four kinds, no other'
);
select throws_ok(
  $$ insert into public.s3_usage_metrics values (tests.id('acme'), '2026-02-01', 'storage_gb', 1, 1, false) $$, '23505', null, 'U60-138 one row a day and kind'
);
select throws_ok(
  $$ update public.s3_usage_metrics set cost_usd = -1 where org_id = tests.id('acme') and day = '2026-02-01' $$, '23514', null, 'nothing costs less than nothing'
);
select throws_ok($$ insert into private.s3_metered_downloads values (tests.id('acme'), '2026-02-01', -1) $$, '23514', null, 'nor were fewer bytes than none sent');
select throws_ok($$ insert into private.s3_metered_downloads values (tests.id('acme'), '2026-03-05', 1) $$, '23505', null, 'a day is metered once');
select throws_ok($$ insert into private.s3_prices values ('2027-01-01', -0.1, 0, 0, 0, 0.5, 0.1) $$, '23514', null, 'no negative prices');
select throws_ok($$ insert into private.s3_prices values ('2027-01-01', 0.1, 0, 0, 0, 1.5, 0.1) $$, '23514', null, 'no more than all is downloaded');
select throws_ok($$ insert into private.s3_prices values ('2000-01-01', 0.1, 0, 0, 0, 0.5, 0.1) $$, '23505', null, 'one price list a day');
select throws_ok($$ insert into private.s3_usage_days values ('2026-02-01') $$, '23505', null, 'a day is computed or not');

select * from finish();
rollback;
