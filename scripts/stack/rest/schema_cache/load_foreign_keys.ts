// Reads foreign keys, and functions that stand for a relationship.
import type { Queryable } from "../database/driver.ts";
import type { ColumnPair, ComputedRelationship, KeyRelationship } from "./types.ts";

// A foreign key whose columns are exactly those of a unique constraint has at most one row.
const FOREIGN_KEYS = `
  select
    tn.nspname as schema,
    t.relname as name,
    fn.nspname as foreign_schema,
    f.relname as foreign_name,
    k.conrelid = k.confrelid as is_self,
    k.conname as constraint_name,
    (
      select json_agg(json_build_array(a.attname, b.attname) order by u.position)
      from unnest(k.conkey, k.confkey) with ordinality as u (own, other, position)
      join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.own
      join pg_catalog.pg_attribute b on b.attrelid = k.confrelid and b.attnum = u.other
    ) as columns,
    exists (
      select 1
      from pg_catalog.pg_constraint q
      where q.conrelid = k.conrelid and q.contype in ('p', 'u')
        and q.conkey @> k.conkey and k.conkey @> q.conkey
    ) as is_unique
  from pg_catalog.pg_constraint k
  join pg_catalog.pg_class t on t.oid = k.conrelid
  join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
  join pg_catalog.pg_class f on f.oid = k.confrelid
  join pg_catalog.pg_namespace fn on fn.oid = f.relnamespace
  where k.contype = 'f' and k.conparentid = 0
  order by k.conrelid, k.conname`;

const COMPUTED = `
  select
    pn.nspname as function_schema,
    p.proname as function_name,
    tn.nspname as schema,
    t.relname as name,
    fn.nspname as foreign_schema,
    f.relname as foreign_name,
    (not p.proretset or p.prorows = 1) as is_to_one
  from pg_catalog.pg_proc p
  join pg_catalog.pg_namespace pn on pn.oid = p.pronamespace
  join pg_catalog.pg_class t
    on t.reltype = p.proargtypes[0] and t.relkind in ('r', 'v', 'm', 'f', 'p')
  join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
  join pg_catalog.pg_class f
    on f.reltype = p.prorettype and f.relkind in ('r', 'v', 'm', 'f', 'p')
  join pg_catalog.pg_namespace fn on fn.oid = f.relnamespace
  where p.pronargs = 1`;

/** Reads all foreign keys, each as the relationship from its own table to the referenced one. */
export async function loadForeignKeys(database: Queryable): Promise<KeyRelationship[]> {
  const { rows } = await database.query(FOREIGN_KEYS);
  return rows.map((row) => {
    const columns: ColumnPair[] = JSON.parse(row.columns ?? "[]");
    const constraint = row.constraint_name ?? "";
    return {
      kind: "key",
      table: { schema: row.schema ?? "", name: row.name ?? "" },
      foreignTable: { schema: row.foreign_schema ?? "", name: row.foreign_name ?? "" },
      isSelf: row.is_self === "t",
      cardinality: row.is_unique === "t"
        ? { kind: "o2o", constraint, columns, isParent: false }
        : { kind: "m2o", constraint, columns },
      tableIsView: false,
      foreignTableIsView: false,
    };
  });
}

/** Reads the functions from a row of one table to rows of another. */
export async function loadComputedRelationships(
  database: Queryable,
): Promise<ComputedRelationship[]> {
  const { rows } = await database.query(COMPUTED);
  return rows.map((row) => {
    const table = { schema: row.schema ?? "", name: row.name ?? "" };
    const foreignTable = { schema: row.foreign_schema ?? "", name: row.foreign_name ?? "" };
    return {
      kind: "computed",
      function: { schema: row.function_schema ?? "", name: row.function_name ?? "" },
      table,
      foreignTable,
      isToOne: row.is_to_one === "t",
      isSelf: table.schema === foreignTable.schema && table.name === foreignTable.name,
    };
  });
}
