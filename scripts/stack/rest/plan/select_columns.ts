// Settles the columns of each query: stars written out where they must be, names of JSON values.
import type { JsonStep } from "../request/query_types.ts";
import type { QualifiedName } from "../schema_cache/names.ts";
import type { SchemaCache } from "../schema_cache/types.ts";
import type { PlannedColumn, PlannedField, ReadNode } from "./read_node.ts";
import { columnField, knownColumns, toOutput } from "./resolve_field.ts";

function isStar({ name, path }: PlannedField): boolean {
  return name === "*" && path.length === 0;
}

function sourceTable(node: ReadNode, schema: string): QualifiedName {
  const isSource = node.table.schema === "" && node.tableAlias !== undefined;
  return isSource ? { schema, name: node.tableAlias ?? "" } : node.table;
}

function expandNode(cache: SchemaCache, schema: string, node: ReadNode, isGrouped: boolean): void {
  const columns = knownColumns(cache, sourceTable(node, schema));
  const countsRows = (column: PlannedColumn): boolean =>
    node.spread !== undefined && column.aggregate === "count";
  const hasStar = node.columns.some((column) =>
    isStar(column.field) && (!column.aggregate || countsRows(column))
  );
  const converts = columns.some((column) =>
    cache.representations.has(`${column.nominalType}\0json`)
  );
  if (!hasStar || !(isGrouped || converts)) return;
  node.columns = node.columns.flatMap((column) => {
    if (!isStar(column.field)) return [column];
    if (!column.aggregate) {
      return columns.map((known) => ({ ...column, field: toOutput(cache, columnField(known)) }));
    }
    return countsRows(column)
      ? [{ ...column, field: { ...column.field, isFullRow: true } }]
      : [column];
  });
}

/**
 * Writes `*` out where rows are grouped, where types are converted and in to-many spreads.
 *
 * @param isGrouped Whether a query above aggregates.
 */
export function expandStars(
  cache: SchemaCache,
  schema: string,
  node: ReadNode,
  isGrouped = false,
): void {
  const grouped = isGrouped || node.columns.some(({ aggregate }) => aggregate) ||
    node.spread?.kind === "many";
  expandNode(cache, schema, node, grouped);
  for (const child of node.children) expandStars(cache, schema, child, grouped);
}

// `data->1->mycol->>2` is called mycol, `data->3` is called data.
function pathName(name: string, path: readonly JsonStep[]): string | undefined {
  if (path.length === 0) return undefined;
  return path.findLast((step) => step.kind === "key")?.value ?? name;
}

function nameColumn(column: PlannedColumn, isSpread: boolean): PlannedColumn {
  if (column.alias !== undefined) return column;
  // The parent of a spread must know what its columns are called.
  if (column.aggregate) return isSpread ? { ...column, alias: column.aggregate } : column;
  const { name, path, transform } = column.field;
  const alias = pathName(name, path) ?? (transform === undefined ? undefined : name);
  return alias === undefined ? column : { ...column, alias };
}

/** Names the columns that would come out nameless. */
export function addAliases(node: ReadNode): void {
  node.columns = node.columns.map((column) => nameColumn(column, node.spread !== undefined));
  for (const child of node.children) addAliases(child);
}
