-- What the planner cannot know about policies, told of the tables that came since: see 20261123090000_planner.sql.

do $$
declare
  v_table regclass;
begin
  for v_table in
    select a.attrelid::regclass
    from pg_attribute as a
    join pg_class as c on c.oid = a.attrelid
    where a.attname = 'org_id' and c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
    order by 1
  loop
    execute format('alter table %s alter column org_id set (n_distinct = 10)', v_table);
  end loop;
end;
$$;
