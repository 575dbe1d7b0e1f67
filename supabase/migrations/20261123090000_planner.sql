-- What the planner cannot know about policies. They compare org_id with an array that is known at run
-- time only, and the application sends its organization besides; taking the two for independent, the
-- planner expects less than one row, finds every index of the table equally good, and reads a whole
-- organization by a wrong one. Told that there are as few organizations as it expects elements in an
-- array of unknown length (ten), it takes the policy for what it is beside the application's filter:
-- no restriction at all. Then it expects too many rows rather than too few, which is the safe side:
-- it reads lists in the order of an index and by the most selective index.

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

-- And where one person owns far more than most, a sort of all that is theirs still looks cheap. Lists are
-- indexed in the order they are asked for, so for signed-in people a sort is the last resort. The data
-- API applies a role's settings to each of its transactions.
alter role authenticated set enable_sort = off;
