-- Planner estimates are made from all tenants' rows, so clients may not ask for them (A3).
begin;
select * from no_plan();

select tests.given_member('ana', 'acme', 'owner');
create function pg_temp.checks(p_role text)
returns setof text language plpgsql as $$
declare
  v_headers jsonb;
begin
  foreach v_headers in array array[
    '{"prefer": "count=planned"}', '{"prefer": "count=estimated"}', '{"prefer": "return=minimal, Count = Estimated"}',
    '{"prefer": "count=\"planned\""}', '{"accept": "application/vnd.pgrst.plan+json; options=analyze"}', '{"accept": "text/csv, application/VND.pgrst.plan"}'
  ]::jsonb[] loop
    perform set_config('request.headers', v_headers::text, true);
    return next throws_ok('select private.check_request()', 'PT400', 'estimates_refused', format('A3 %s: %s is refused', p_role, v_headers));
  end loop;
  foreach v_headers in array array[
    '{"prefer": "count=exact"}', '{"prefer": "return=representation"}', '{"accept": "application/json"}', '{}'
  ]::jsonb[] loop
    perform set_config('request.headers', v_headers::text, true);
    return next lives_ok('select private.check_request()', format('A3 control, %s: %s passes', p_role, v_headers));
  end loop;
end
$$;
grant execute on function pg_temp.checks(text) to anon, authenticated;
select tests.act_as('ana');
select pg_temp.checks('authenticated');
select tests.act_as_anon();
select pg_temp.checks('anon');
select tests.act_as_service();
select set_config('request.headers', '{"prefer": "count=planned"}', true);
select lives_ok('select private.check_request()', 'the service role reads no table that could leak');
select tests.act_as_owner();
select set_config('request.headers', '', true);
select ok(
  (select rolconfig @> array['pgrst.db_pre_request=private.check_request', 'pgrst.db_plan_enabled=false'] from pg_roles where rolname = 'authenticator'),
  'A3 the API runs the check before each request, and makes no plans'
);

select * from finish();
rollback;
