-- Whatever the role anon may select, every way of asking shows to everybody: REST, GraphQL, and what
-- else the platform may offer one day. Nothing of ours is public.
select 'anon_may_select' as name,
  c.oid::regclass::text as object,
  format('%s can be selected without a login', c.oid::regclass) as detail
from pg_class as c
where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
  and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  and case c.relkind
    when 'S' then has_sequence_privilege('anon', c.oid, 'usage, select, update')
    else has_any_column_privilege('anon', c.oid, 'select, insert, update, references')
      or has_table_privilege('anon', c.oid, 'delete, truncate, trigger')
  end
order by 2;
