-- What is found by a name is exactly what the policies show: for every role, with sharing on and off, the
-- search that runs as its owner and a plain select as the caller give the same rows.
begin;
select * from no_plan();

select tests.given_member(r, 'acme', r) from unnest(array['owner', 'admin', 'manager', 'agent', 'viewer']) as r;
select tests.given_member('helper', 'acme', 'agent');
select tests.given_member('stranger', 'globex', 'owner');
update public.profiles set active_org_id = tests.id('acme') where id <> tests.id('stranger');
-- Each member owns one of each kind, and somebody else is assigned to every second.
insert into public.companies (org_id, user_id, assigned_to, name)
select tests.id('acme'), tests.id(o), case when n = 1 then tests.id(a) end, 'zebra ' || o
from unnest(array['owner', 'manager', 'agent', 'viewer']) as o cross join unnest(array['agent', 'helper']) as a cross join generate_series(0, 1) as n;
insert into public.contacts (org_id, user_id, assigned_to, first_name)
select c.org_id, c.user_id, c.assigned_to, c.name from public.companies as c;
insert into public.deals (org_id, user_id, assigned_to, name)
select c.org_id, c.user_id, c.assigned_to, c.name from public.companies as c;
insert into public.meetings (org_id, owner_user_id, source_type, external_id, title, started_at)
select c.org_id, c.user_id, 'fathom', c.id::text, c.name, now() from public.companies as c;

create function pg_temp.differs()
returns integer language plpgsql as $$
declare
  v_count integer;
begin
  with found as (
    select f.kind, f.id from private.find_entities(tests.id('acme'), array['zebra'], false, array['company', 'contact', 'deal', 'meeting']) as f
  ),
  shown as (
    select 'company' as kind, c.id from public.companies as c where c.name like 'zebra%'
    union all select 'contact', k.id from public.contacts as k where k.first_name like 'zebra%'
    union all select 'deal', d.id from public.deals as d where d.name like 'zebra%'
    union all select 'meeting', m.id from public.meetings as m where m.title like 'zebra%'
  )
  select count(*) into v_count from found as f full join shown as s using (kind, id) where f.id is null or s.id is null;
  return v_count;
end;
$$;
create function pg_temp.shown() returns bigint language sql as $$ select count(*) from public.contacts as k where k.first_name like 'zebra%' $$;
create function pg_temp.compare(p_person text, p_what text)
returns setof text language plpgsql as $$
begin
  perform tests.act_as(p_person);
  return next is(pg_temp.differs(), 0, format('R-04 what %s finds is what they may read, %s', p_person, p_what));
  return next isnt(pg_temp.shown(), 0::bigint, format('control: %s may read something, %s', p_person, p_what));
  perform tests.act_as_owner();
end;
$$;
grant execute on all functions in schema pg_temp to authenticated;

select pg_temp.compare(p, 'shared') from unnest(array['owner', 'manager', 'agent', 'helper', 'viewer']) as p;
select tests.set_setting('acme', 'enable_meeting_sharing', 'false');
select pg_temp.compare(p, 'meetings private') from unnest(array['owner', 'manager', 'agent', 'helper', 'viewer']) as p;
select tests.set_setting('acme', 'enable_crm_sharing', 'false');
select pg_temp.compare(p, 'private') from unnest(array['owner', 'manager', 'agent', 'helper', 'viewer']) as p;
select tests.act_as('admin');
select is((public.resolve_entity(null, 'zebra') ->> 'total')::int, 0, 'R-04 an admin who owns nothing finds nothing that is private');
select tests.act_as('stranger');
select throws_ok($$ select pg_temp.differs() $$, 'PT404', 'organization_not_found', 'R-04 T-03 and a stranger does not get that far');

select * from finish();
rollback;
