-- A function of an exposed schema that runs with its owner's rights is a way around every policy for
-- whoever may call it. Ours live in private, behind wrappers that run with the caller's rights.
select 'definer_function_exposed' as name,
  p.oid::regprocedure || '_' || r.role as object,
  format('%s runs with its owner''s rights and %s may call it', p.oid::regprocedure, r.role) as detail
from pg_proc as p
cross join (values ('anon'), ('authenticated'), ('service_role')) as r (role)
where p.pronamespace = 'public'::regnamespace
  and p.prosecdef
  and has_function_privilege(r.role, p.oid, 'execute')
order by 2;
