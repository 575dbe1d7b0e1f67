-- 20261123090000 told the planner what it cannot know about policies, for the tables there were then.
-- Tables that came since carry the same policies and need the same telling. It is said again for every
-- table, since a list of the new ones would be forgotten when the next one is made.

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
