-- How the hot queries run as role authenticated, with the plan a prepared statement ends up with and
-- with the plan for its first values: no sequential scan, and no sort of more than a thousand rows.
-- tests/plans asks the same among a thousand organizations, inside functions too; this file adds an agent,
-- an owner of far more than most, and PostgreSQL 15.
begin;
select * from no_plan();

select tests.given_member('mona', 'large', 'manager');
select tests.given_member('cole', 'large', 'manager');
select tests.given_member('alex', 'large', 'agent');
select tests.given_member('sam', 'small', 'owner');

-- Twelve thousand rows in one organization, as many spread over forty others.
set local session_replication_role = replica;
create temporary table rows_to_make as
select n, case when n <= 12000 then tests.id('large') else md5('other ' || n % 40)::uuid end as org_id,
  case
    when n > 12000 then md5('user ' || n % 40 || ' ' || n % 5)::uuid
    when n % 3 = 0 then tests.id('cole')
    when n % 3 = 1 then tests.id('mona')
    else md5('large user ' || n % 20)::uuid
  end as user_id,
  now() - n * interval '7 minutes' as at
from generate_series(1, 24000) as n;
insert into public.deals (org_id, user_id, assigned_to, stage_id, name, created_at)
select org_id, user_id, case when n % 9 = 0 then tests.id('alex') end, md5('stage ' || n % 6)::uuid, 'Deal ' || n, at from rows_to_make order by random();
insert into public.contacts (org_id, user_id, first_name, email, created_at)
select org_id, user_id, 'Contact ' || n, 'c' || n || '@customer.test', at from rows_to_make order by random();
insert into public.tasks (org_id, user_id, title, due_at)
select org_id, user_id, 'Task ' || n, at from rows_to_make order by random();
insert into public.meetings (org_id, owner_user_id, source_type, external_id, title, started_at)
select org_id, user_id, 'fathom', n::text, 'Meeting ' || n, at from rows_to_make order by random();
set local session_replication_role = origin;
analyze public.deals, public.contacts, public.tasks, public.meetings;

-- What holds in a request of the API: the settings of who logs in, then those of the person's role.
select set_config(split_part(s.setting, '=', 1), split_part(s.setting, '=', 2), true)
from pg_db_role_setting as d cross join unnest(d.setconfig) as s (setting)
where d.setrole in ('authenticator'::regrole, 'authenticated'::regrole)
  and s.setting ~ '^(random_page_cost|enable_)';

create temporary table queries (label text, kind text, query text) on commit drop;
insert into queries values
  ('deals, newest', 'top', 'select id, name from public.deals where org_id = $1 order by created_at desc limit 50'),
  ('deals, newest of a stage', 'top', 'select id, name from public.deals where org_id = $1 and stage_id = md5(''stage 1'')::uuid order by created_at desc limit 50'),
  ('deals, newest open', 'top', 'select id, name from public.deals where org_id = $1 and status = ''open'' order by created_at desc limit 50'),
  ('deals, own', 'top', 'select id, name from public.deals where org_id = $1 and user_id = $2 order by created_at desc limit 50'),
  ('deals, assigned', 'top', 'select id, name from public.deals where org_id = $1 and assigned_to = $2 order by created_at desc limit 50'),
  ('deals, by id', 'row', 'select id, name from public.deals where org_id = $1 and id = $2'),
  ('deals, by id alone', 'row', 'select id, name from public.deals where id = $2 and $1::uuid is not null'),
  ('deals, counted', 'count', 'select count(*) from public.deals where org_id = $1'),
  ('contacts, newest', 'top', 'select id, first_name from public.contacts where org_id = $1 order by created_at desc limit 50'),
  ('contacts, by address', 'row', 'select id from public.contacts where org_id = $1 and email = ''c7@customer.test'''),
  ('contacts, by id', 'row', 'select id from public.contacts where org_id = $1 and id = $2'),
  ('contacts, counted', 'count', 'select count(*) from public.contacts where org_id = $1'),
  ('tasks, due next', 'top', 'select id, title from public.tasks where org_id = $1 order by due_at limit 50'),
  ('tasks, own due next', 'top', 'select id, title from public.tasks where org_id = $1 and user_id = $2 order by due_at limit 50'),
  ('tasks, by id', 'row', 'select id from public.tasks where org_id = $1 and id = $2'),
  ('tasks, counted', 'count', 'select count(*) from public.tasks where org_id = $1'),
  ('meetings, latest', 'top', 'select id, title from public.meetings where org_id = $1 order by started_at desc limit 50'),
  ('meetings, own', 'top', 'select id, title from public.meetings where org_id = $1 and owner_user_id = $2 order by started_at desc limit 50'),
  ('meetings, by id', 'row', 'select id from public.meetings where org_id = $1 and id = $2'),
  ('meetings, counted', 'count', 'select count(*) from public.meetings where org_id = $1');
grant select on queries to authenticated;

create function pg_temp.nodes(p_plan jsonb)
returns setof jsonb language sql as $$
  with recursive tree as (
    select p_plan as node
    union all
    select child.value from tree cross join lateral jsonb_array_elements(tree.node -> 'Plans') as child
  )
  select node from tree
$$;
grant execute on function pg_temp.nodes(jsonb) to authenticated;

create function pg_temp.lint(p_person text, p_note text)
returns setof text language plpgsql as $$
declare
  v_query record;
  v_mode text;
  v_plan jsonb;
  v_faults text;
begin
  perform tests.act_as(p_person);
  for v_query in select * from queries order by label loop
    execute format('prepare hot (uuid, uuid) as %s', v_query.query);
    foreach v_mode in array array['force_generic_plan', 'force_custom_plan'] loop
      perform set_config('plan_cache_mode', v_mode, true);
      execute format('explain (analyze, format json) execute hot (%L, %L)', tests.id('large'), tests.id(p_person)) into v_plan;
      select string_agg(
        format('%s of %s rows', n.node ->> 'Node Type', coalesce(n.node ->> 'Actual Rows', '?')), '; '
      ) into v_faults
      from pg_temp.nodes(v_plan -> 0 -> 'Plan') as n (node)
      where n.node ->> 'Node Type' in ('Seq Scan', 'Parallel Seq Scan')
        or (
          n.node ->> 'Node Type' in ('Sort', 'Incremental Sort')
          and exists (
            select from jsonb_array_elements(n.node -> 'Plans') as c where (c.value ->> 'Actual Rows')::numeric > 1000
          )
        );
      return next is(v_faults, null, format('%s, %s, %s', v_query.label, p_note, v_mode));
    end loop;
    deallocate hot;
  end loop;
  perform set_config('plan_cache_mode', 'auto', true);
  perform tests.act_as_owner();
end
$$;
select pg_temp.lint('mona', 'everything shared');
update public.org_settings set enable_crm_sharing = false, enable_meeting_sharing = false, enable_task_sharing = false
where org_id = tests.id('large');
select pg_temp.lint('mona', 'nothing shared');
select pg_temp.lint('alex', 'as an agent');

select * from finish();
rollback;
