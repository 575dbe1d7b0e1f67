// The second wall: what the API's roles may do to a table before any policy is asked.
import type pg from "pg";

/** Privileges by role; columns in table order, `*` for all of them, absent where there are none. */
export type TableGrants = Record<string, Record<string, string>>;

const GRANTS = `
with privilege(name) as (
  values ('select'), ('insert'), ('update'), ('delete'), ('truncate'), ('references'), ('trigger')
), role(name) as (values ('anon'), ('authenticated'), ('service_role'))
select role.name as role, privilege.name as privilege,
  case when has_table_privilege(role.name, $1::regclass, privilege.name) then '*'
    when privilege.name in ('select', 'insert', 'update', 'references') then (
      select string_agg(a.attname, ' ' order by a.attnum) from pg_attribute a
      where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped
        and has_column_privilege(role.name, a.attrelid, a.attnum, privilege.name))
  end as columns
from role cross join privilege`;

/** Reads the privileges of the API's roles on one table or view. */
export async function readGrants(client: pg.Client, table: string): Promise<TableGrants> {
  const { rows } = await client.query<
    { role: string; privilege: string; columns: string | null }
  >(GRANTS, [table]);
  const grants: TableGrants = {};
  for (const { role, privilege, columns } of rows) {
    if (columns !== null) (grants[role] ??= {})[privilege] = columns;
  }
  return grants;
}
