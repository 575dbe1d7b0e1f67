// Finds out which column of which table a view's column comes from, by reading the view's stored
// query tree: the planner keeps the origin of every output column there.
import type { Queryable } from "../database/driver.ts";
import { arrayLiteral } from "./array_literal.ts";
import type { QualifiedName } from "./names.ts";

/** A column of a view and where it comes from. */
export interface LineageEntry {
  readonly viewColumn: number;
  readonly originTable: string;
  readonly originColumn: number;
}

/** A view with the origins of its columns. */
export interface ViewLineage {
  readonly oid: string;
  readonly name: QualifiedName;
  readonly columnNames: ReadonlyMap<number, string>;
  readonly entries: readonly LineageEntry[];
}

const VIEWS = `
  select c.oid, n.nspname as schema, c.relname as name, r.ev_action::text as tree,
    (
      select json_agg(json_build_array(a.attnum, a.attname) order by a.attnum)
      from pg_catalog.pg_attribute a
      where a.attrelid = c.oid and a.attnum > 0
    ) as columns
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_rewrite r on r.ev_class = c.oid and r.rulename = '_RETURN'
  where c.relkind in ('v', 'm') and n.nspname = any ($1)`;

const WANTED = new Set([":resno", ":resorigtbl", ":resorigcol"]);

/** Splits a node tree into braces and words; a backslash takes the next character as it is. */
function* tokens(tree: string): Generator<string> {
  let word = "";
  for (let i = 0; i < tree.length; i += 1) {
    const c = tree[i] ?? "";
    if (c === "\\") {
      word += c + (tree[i + 1] ?? "");
      i += 1;
    } else if ("{}() \n".includes(c)) {
      if (word !== "") yield word;
      word = "";
      if ("{}()".includes(c)) yield c;
    } else {
      word += c;
    }
  }
  if (word !== "") yield word;
}

/**
 * Reads the origins of the output columns of a stored query.
 *
 * @param tree The text form of the rule's action.
 */
export function readLineage(tree: string): LineageEntry[] {
  const entries: LineageEntry[] = [];
  let depth = 0;
  let inTargetList = false;
  let key = "";
  let entry = new Map<string, number>();
  for (const token of tokens(tree)) {
    if (token === "{") {
      depth += 1;
      if (depth === 2) entry = new Map();
    } else if (token === "}") {
      const origin = entry.get(":resorigtbl");
      if (depth === 2 && inTargetList && origin) {
        entries.push({
          viewColumn: entry.get(":resno") ?? 0,
          originTable: String(origin),
          originColumn: entry.get(":resorigcol") ?? 0,
        });
      }
      depth -= 1;
    } else if (depth === 1 && token.startsWith(":")) {
      inTargetList = token === ":targetList";
    } else if (depth === 2 && inTargetList) {
      if (WANTED.has(key)) entry.set(key, Number(token));
      key = token;
    }
  }
  return entries;
}

/** Reads the lineage of all views of these schemas. */
export async function loadViewLineage(
  database: Queryable,
  schemas: readonly string[],
): Promise<ViewLineage[]> {
  const { rows } = await database.query(VIEWS, [arrayLiteral(schemas)]);
  return rows.map((row) => ({
    oid: row.oid ?? "",
    name: { schema: row.schema ?? "", name: row.name ?? "" },
    columnNames: new Map<number, string>(JSON.parse(row.columns ?? "[]")),
    entries: readLineage(row.tree ?? ""),
  }));
}
