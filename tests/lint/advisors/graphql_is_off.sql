-- GraphQL describes each table to each role that may select from it, and was never part of the
-- contract: the extension must not be there.
select 'graphql_installed' as name,
  e.extname::text as object,
  'pg_graphql is installed and describes every readable table' as detail
from pg_extension as e
where e.extname = 'pg_graphql';
