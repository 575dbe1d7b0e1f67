// Reads tables, views, their columns and primary keys from the catalog.
import type { Queryable } from "../database/driver.ts";
import { arrayLiteral } from "./array_literal.ts";
import { BASE_TYPES } from "./base_types_sql.ts";
import { nameKey } from "./names.ts";
import type { Column, Table } from "./types.ts";

// A bit mask of pg_relation_is_updatable: 4 update, 8 insert, 16 delete.
const TABLES = `
  with ${BASE_TYPES},
  relations as (
    select c.oid, n.nspname, c.relname, c.relkind
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'v', 'm', 'f', 'p')
      and not c.relispartition
      and n.nspname = any ($1)
  ),
  enums as (
    select enumtypid, json_agg(enumlabel order by enumsortorder) as labels
    from pg_catalog.pg_enum
    group by enumtypid
  ),
  sequences as (
    select refobjid, refobjsubid, min(objid) as objid
    from pg_catalog.pg_depend
    where deptype = 'i' and classid = 'pg_catalog.pg_class'::regclass
      and refclassid = 'pg_catalog.pg_class'::regclass and refobjsubid > 0
    group by refobjid, refobjsubid
  ),
  columns as (
    select a.attrelid, json_agg(json_build_object(
      'name', a.attname,
      'description', p.description,
      'isNullable', not (a.attnotnull or (t.typtype = 'd' and t.typnotnull)),
      'type', case
        when t.typtype = 'd' and b.namespace = 'pg_catalog'::regnamespace
          then pg_catalog.format_type(b.base, null)
        when t.typtype <> 'd' and t.typnamespace = 'pg_catalog'::regnamespace
          then pg_catalog.format_type(a.atttypid, null)
        else pg_catalog.format_type(a.atttypid, a.atttypmod)
      end,
      'nominalType', pg_catalog.format_type(a.atttypid, a.atttypmod),
      'maxLength', case
        when t.typtype = 'd' and t.typbasetype in ('bpchar'::regtype, 'varchar'::regtype)
          then nullif(t.typtypmod, -1) - 4
        when t.oid in ('bpchar'::regtype, 'varchar'::regtype) then nullif(a.atttypmod, -1) - 4
      end,
      'defaultValue', case
        when t.typbasetype <> 0 and d.adbin is null then pg_catalog.pg_get_expr(t.typdefaultbin, 0)
        when a.attidentity = 'd' then format('nextval(%L)', s.objid::regclass)
        when a.attgenerated = 's' then null
        else pg_catalog.pg_get_expr(d.adbin, d.adrelid)
      end,
      'enumValues', coalesce(e.labels, '[]')
    ) order by a.attnum) as columns
    from relations r
    join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
    join pg_catalog.pg_type t on t.oid = a.atttypid
    left join base_types b on b.type = t.oid
    left join enums e on e.enumtypid = b.base
    left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    left join sequences s on s.refobjid = a.attrelid and s.refobjsubid = a.attnum
    left join pg_catalog.pg_description p
      on p.objoid = a.attrelid and p.objsubid = a.attnum
      and p.classoid = 'pg_catalog.pg_class'::regclass
    group by a.attrelid
  ),
  keys as (
    select k.conrelid, json_agg(a.attname order by a.attname) as columns
    from pg_catalog.pg_constraint k
    join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = any (k.conkey)
    where k.contype = 'p'
    group by k.conrelid
  )
  select
    r.nspname as schema,
    r.relname as name,
    pg_catalog.obj_description(r.oid, 'pg_class') as description,
    r.relkind in ('v', 'm') as is_view,
    case
      when r.relkind in ('r', 'p') then 28
      when r.relkind in ('v', 'f') then pg_catalog.pg_relation_is_updatable(r.oid, true)
      else 0
    end as writes,
    coalesce(keys.columns, '[]') as primary_key,
    coalesce(columns.columns, '[]') as columns
  from relations r
  left join columns on columns.attrelid = r.oid
  left join keys on keys.conrelid = r.oid`;

const KEYS = `
  select n.nspname as schema, c.relname as name,
    json_agg(a.attname order by a.attname) as primary_key
  from pg_catalog.pg_constraint k
  join pg_catalog.pg_class c on c.oid = k.conrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = any (k.conkey)
  where k.contype = 'p' and not c.relispartition and c.relkind in ('r', 'p')
  group by n.nspname, c.relname`;

function parseJson<T>(text: string | null | undefined): T {
  return JSON.parse(text ?? "null");
}

/**
 * Reads the tables and views of the exposed schemas.
 *
 * @param database A connection with an empty search path, so that names come qualified.
 * @param schemas The exposed schemas.
 */
export async function loadTables(
  database: Queryable,
  schemas: readonly string[],
): Promise<Map<string, Table>> {
  const { rows } = await database.query(TABLES, [arrayLiteral(schemas)]);
  const tables = new Map<string, Table>();
  for (const row of rows) {
    const writes = Number(row.writes);
    const name = { schema: row.schema ?? "", name: row.name ?? "" };
    const columns = parseJson<Column[]>(row.columns);
    tables.set(nameKey(name), {
      ...name,
      description: row.description ?? null,
      isView: row.is_view === "t",
      isInsertable: (writes & 8) !== 0,
      isUpdatable: (writes & 4) !== 0,
      isDeletable: (writes & 16) !== 0,
      primaryKey: parseJson<string[]>(row.primary_key),
      columns: new Map(columns.map((column) => [column.name, column])),
    });
  }
  return tables;
}

/** Reads the primary keys of all tables: junctions may lie in schemas that are not exposed. */
export async function loadPrimaryKeys(
  database: Queryable,
): Promise<Map<string, readonly string[]>> {
  const { rows } = await database.query(KEYS);
  return new Map(rows.map((row) => [
    nameKey({ schema: row.schema ?? "", name: row.name ?? "" }),
    parseJson<string[]>(row.primary_key),
  ]));
}
