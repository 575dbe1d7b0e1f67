// Finds the keys that views pass on whole: primary keys, foreign keys, and keys that are referred to.
import type { Queryable } from "../database/driver.ts";
import { nameKey, type QualifiedName } from "./names.ts";
import type { ViewLineage } from "./view_lineage.ts";

export type KeyRole = "primary" | "foreign" | "referenced";

/** A key of a table that a view shows. */
export interface ViewKey {
  readonly view: QualifiedName;
  readonly table: QualifiedName;
  readonly constraint: string;
  readonly role: KeyRole;
  /** Each column of the key, and the columns of the view that show it. */
  readonly columns: ReadonlyArray<{ readonly column: string; readonly shown: readonly string[] }>;
}

const KEYS = `
  with keys as (
    select oid, conname, conrelid as relation, conkey as columns,
      case contype when 'p' then 'primary' else 'foreign' end as role
    from pg_catalog.pg_constraint
    where contype in ('p', 'f')
    union all
    select oid, conname, confrelid, confkey, 'referenced'
    from pg_catalog.pg_constraint
    where contype = 'f'
  )
  select k.relation, n.nspname as schema, c.relname as name, k.conname as constraint_name, k.role,
    (
      select json_agg(json_build_array(a.attnum, a.attname) order by u.position)
      from unnest(k.columns) with ordinality as u (number, position)
      join pg_catalog.pg_attribute a on a.attrelid = k.relation and a.attnum = u.number
    ) as columns
  from keys k
  join pg_catalog.pg_class c on c.oid = k.relation
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname not in ('pg_catalog', 'information_schema')`;

type Origins = Map<string, string[]>;

function originKey(table: string, column: number): string {
  return `${table}:${column}`;
}

/** Follows columns through views of views down to every relation on the way. */
function collectOrigins(
  view: ViewLineage,
  views: ReadonlyMap<string, ViewLineage>,
): Map<string, Origins> {
  const byTable = new Map<string, Origins>();
  const visit = (shown: string, table: string, column: number, path: readonly string[]): void => {
    const origins = byTable.get(table) ?? new Map<string, string[]>();
    const key = originKey(table, column);
    const names = origins.get(key) ?? [];
    if (!names.includes(shown)) origins.set(key, [...names, shown]);
    byTable.set(table, origins);
    if (path.includes(table)) return;
    for (const entry of views.get(table)?.entries ?? []) {
      if (entry.viewColumn !== column) continue;
      visit(shown, entry.originTable, entry.originColumn, [...path, table]);
    }
  };
  for (const entry of view.entries) {
    const shown = view.columnNames.get(entry.viewColumn);
    if (shown !== undefined) visit(shown, entry.originTable, entry.originColumn, []);
  }
  return byTable;
}

interface TableKey {
  readonly table: QualifiedName;
  readonly constraint: string;
  readonly role: KeyRole;
  readonly columns: ReadonlyArray<readonly [number, string]>;
}

function asRole(text: string | null | undefined): KeyRole {
  return text === "primary" || text === "referenced" ? text : "foreign";
}

async function loadTableKeys(database: Queryable): Promise<Map<string, TableKey[]>> {
  const { rows } = await database.query(KEYS);
  const keys = new Map<string, TableKey[]>();
  for (const row of rows) {
    const relation = row.relation ?? "";
    const key: TableKey = {
      table: { schema: row.schema ?? "", name: row.name ?? "" },
      constraint: row.constraint_name ?? "",
      role: asRole(row.role),
      columns: JSON.parse(row.columns ?? "[]"),
    };
    keys.set(relation, [...keys.get(relation) ?? [], key]);
  }
  return keys;
}

/**
 * Finds the keys that the views pass on.
 *
 * @param database A connection.
 * @param lineage All views whose columns may be passed on by others.
 * @param schemas The exposed schemas: only their views matter.
 */
export async function findViewKeys(
  database: Queryable,
  lineage: readonly ViewLineage[],
  schemas: readonly string[],
): Promise<ViewKey[]> {
  const tableKeys = await loadTableKeys(database);
  const views = new Map(lineage.map((view) => [view.oid, view]));
  const found: ViewKey[] = [];
  for (const view of lineage) {
    if (!schemas.includes(view.name.schema)) continue;
    for (const [table, origins] of collectOrigins(view, views)) {
      for (const key of tableKeys.get(table) ?? []) {
        const columns = key.columns.map(([number, column]) => ({
          column,
          shown: origins.get(originKey(table, number)) ?? [],
        }));
        // A key that is shown only in part identifies nothing.
        if (columns.some(({ shown }) => shown.length === 0)) continue;
        const { table: owner, constraint, role } = key;
        found.push({ view: view.name, table: owner, constraint, role, columns });
      }
    }
  }
  return found;
}

/** The primary key columns of views, by the key of their name. */
export function viewPrimaryKeys(keys: readonly ViewKey[]): Map<string, string[]> {
  const primary = new Map<string, string[]>();
  for (const key of keys) {
    if (key.role !== "primary") continue;
    const name = nameKey(key.view);
    // Shown twice, either identifies the row: the first will do.
    const columns = key.columns.flatMap(({ shown }) => shown.slice(0, 1));
    primary.set(name, [...primary.get(name) ?? [], ...columns]);
  }
  return primary;
}
