// Plans a mutation: which columns are set from the body, which rows are meant, what is returned.
import { invalidPutFilters } from "../errors/request_errors.ts";
import { noColumn } from "../errors/schema_errors.ts";
import type { ApiRequest, Mutation } from "../request/api_request.ts";
import type { Resolution } from "../request/preferences.ts";
import type { QualifiedName } from "../schema_cache/names.ts";
import type { SchemaCache, Table } from "../schema_cache/types.ts";
import type { PlannedCondition, PlannedField, ReadNode } from "./read_node.ts";
import { columnField, inputField, planCondition } from "./resolve_field.ts";
import { returnedColumns } from "./returned_columns.ts";

/** What happens to the rows of a table. */
export interface MutatePlan {
  readonly mutation: Mutation;
  readonly table: QualifiedName;
  /** The columns set from the body. */
  readonly columns: readonly PlannedField[];
  /** The body, as JSON. */
  readonly body: string;
  readonly conditions: readonly PlannedCondition[];
  readonly onConflict?: {
    readonly resolution: Resolution;
    readonly columns: readonly string[];
  } | undefined;
  readonly returning: readonly string[];
  readonly primaryKey: readonly string[];
  readonly appliesDefaults: boolean;
}

function conditions(
  cache: SchemaCache,
  table: QualifiedName,
  { query }: ApiRequest,
): PlannedCondition[] {
  const trees = [...query.filters, ...query.logic].filter(({ path }) => path.length === 0);
  return trees.map(({ value }) => planCondition(cache, table, value));
}

// A single upsert states its whole primary key, by equality, and nothing else.
function checkSingleUpsert(table: Table, { query }: ApiRequest): void {
  const keys = new Set(query.filterKeys);
  const isWholeKey = table.primaryKey.length > 0 && keys.size === table.primaryKey.length &&
    table.primaryKey.every((column) => keys.has(column));
  const onlyEquality = query.filters.every(({ value: { negated, operation } }) =>
    !negated && operation.kind === "quantified" && operation.operator === "eq" &&
    operation.quantifier === undefined
  );
  if (query.logic.length > 0 || !isWholeKey || !onlyEquality) throw invalidPutFilters();
}

function bodyColumns(cache: SchemaCache, table: Table, names: readonly string[]): PlannedField[] {
  return names.map((name) => {
    const column = table.columns.get(name);
    if (!column) throw noColumn(table.name, name);
    return inputField(cache, columnField(column));
  });
}

function conflict(table: Table, request: ApiRequest, mutation: Mutation): MutatePlan["onConflict"] {
  if (mutation === "upsert-one") {
    return { resolution: "merge-duplicates", columns: table.primaryKey };
  }
  const { resolution } = request.preferences;
  if (mutation !== "insert" || resolution === undefined) return undefined;
  return { resolution, columns: request.query.onConflict ?? table.primaryKey };
}

/**
 * Plans a mutation.
 *
 * @param cache The schema cache.
 * @param request The request.
 * @param table The table to change.
 * @param mutation What to do.
 * @param read What is shown of the changed rows.
 * @throws {RestError} PGRST105 for a bad single upsert, PGRST204 for an unknown column.
 */
export function planMutation(
  cache: SchemaCache,
  request: ApiRequest,
  table: Table,
  mutation: Mutation,
  read: ReadNode,
): MutatePlan {
  if (mutation === "upsert-one") checkSingleUpsert(table, request);
  const { representation, missing } = request.preferences;
  const isSilent = representation === undefined || representation === "minimal";
  const { payload } = request.body;
  return {
    mutation,
    table: { schema: table.schema, name: table.name },
    columns: mutation === "delete" ? [] : bodyColumns(cache, table, request.body.columns),
    body: payload?.kind === "json" ? payload.raw : "",
    conditions: mutation === "insert" ? [] : conditions(cache, table, request),
    onConflict: conflict(table, request, mutation),
    returning: isSilent ? [] : returnedColumns(read, table.primaryKey),
    primaryKey: table.primaryKey,
    appliesDefaults: missing === "default" && mutation !== "upsert-one",
  };
}
