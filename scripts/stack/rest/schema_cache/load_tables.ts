// Reads tables, views, their columns and primary keys from the catalog.
import type { Queryable } from "../database/driver.ts";
import { nameKey } from "./names.ts";
import type { Column, Table } from "./types.ts";

/** Domains followed down to the type they are made of. */
export const BASE_TYPES = `
  base_types as (
    with recursive down as (
      select oid as type, oid as step, typbasetype as next, typnamespace as namespace
      from pg_catalog.pg_type
      union all
      select down.type, t.oid, t.typbasetype, t.typnamespace
      from down
      join pg_catalog.pg_type t on t.oid = down.next
    )
    select type, step as base, namespace
    from down
    where next = 0
  )`;

// A bit mask of pg_relation_is_updatable: 4 update, 8 insert, 16 delete.
const TABLES = `
  with ${BASE_TYPES}
  select
    n.nspname as schema,
    c.relname as name,
    pg_catalog.obj_description(c.oid, 'pg_class') as description,
    c.relkind in ('v', 'm') as is_view,
    case
      when c.relkind in ('r', 'p') then 28
      when c.relkind in ('v', 'f') then pg_catalog.pg_relation_is_updatable(c.oid, true)
      else 0
    end as writes,
    (
      select coalesce(json_agg(a.attname order by a.attname), '[]')
      from pg_catalog.pg_constraint k
      join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = any (k.conkey)
      where k.conrelid = c.oid and k.contype = 'p'
    ) as primary_key,
    (
      select coalesce(json_agg(json_build_object(
        'name', a.attname,
        'description', pg_catalog.col_description(c.oid, a.attnum),
        'isNullable', not (a.attnotnull or (t.typtype = 'd' and t.typnotnull)),
        'type', case
          when t.typtype = 'd' and b.namespace = 'pg_catalog'::regnamespace
            then pg_catalog.format_type(b.base, null)
          when t.typtype <> 'd' and t.typnamespace = 'pg_catalog'::regnamespace
            then pg_catalog.format_type(a.atttypid, null)
          else pg_catalog.format_type(a.atttypid, a.atttypmod)
        end,
        'nominalType', pg_catalog.format_type(a.atttypid, a.atttypmod),
        'maxLength', information_schema._pg_char_max_length(
          information_schema._pg_truetypid(a.*, t.*), information_schema._pg_truetypmod(a.*, t.*)
        ),
        'defaultValue', case
          when t.typbasetype <> 0 and d.adbin is null then pg_catalog.pg_get_expr(t.typdefaultbin, 0)
          when a.attidentity = 'd' then format('nextval(%L)', s.objid::regclass)
          when a.attgenerated = 's' then null
          else pg_catalog.pg_get_expr(d.adbin, d.adrelid)
        end,
        'enumValues', coalesce((
          select json_agg(e.enumlabel order by e.enumsortorder)
          from pg_catalog.pg_enum e
          where e.enumtypid = b.base
        ), '[]')
      ) order by a.attnum), '[]')
      from pg_catalog.pg_attribute a
      join pg_catalog.pg_type t on t.oid = a.atttypid
      left join base_types b on b.type = t.oid
      left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      left join pg_catalog.pg_depend s
        on s.refobjid = a.attrelid and s.refobjsubid = a.attnum and s.deptype = 'i'
        and a.attidentity <> ''
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    ) as columns
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'v', 'm', 'f', 'p')
    and not c.relispartition
    and n.nspname = any ($1)`;

const KEYS = `
  select n.nspname as schema, c.relname as name,
    (
      select json_agg(a.attname order by a.attname)
      from pg_catalog.pg_attribute a
      where a.attrelid = c.oid and a.attnum = any (k.conkey)
    ) as primary_key
  from pg_catalog.pg_constraint k
  join pg_catalog.pg_class c on c.oid = k.conrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where k.contype = 'p' and not c.relispartition and c.relkind in ('r', 'p')`;

/** Writes an array the way the database reads it. */
export function arrayLiteral(values: readonly string[]): string {
  const quoted = values.map((value) => {
    return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
  });
  return `{${quoted.join(",")}}`;
}

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
