// Plans a read: builds the tree of queries from what was asked, stage by stage.
import type { RestConfig } from "../config/rest_config.ts";
import {
  aggregatesNotAllowed,
  notEmbedded,
  relatedOrderNotToOne,
} from "../errors/request_errors.ts";
import type { ApiRequest } from "../request/api_request.ts";
import type { Placed, SelectItem } from "../request/query_types.ts";
import { ALL_ROWS, restrictRange } from "../request/row_range.ts";
import type { QualifiedName } from "../schema_cache/names.ts";
import { isToOne, type SchemaCache } from "../schema_cache/types.ts";
import { addEmbedColumns, hoistAggregates, orderToManySpreads } from "./embed_columns.ts";
import { connectNodes } from "./join_nodes.ts";
import { embedName, type PlannedCondition, type ReadNode } from "./read_node.ts";
import { outputField, planCondition, planOrder } from "./resolve_field.ts";
import { addAliases, expandStars } from "./select_columns.ts";

/** The name that the rows of a function or a mutation have in the statement. */
const SOURCE: QualifiedName = { schema: "", name: "pgrst_source" };

function newNode(
  table: QualifiedName,
  depth: number,
  parts: Partial<Pick<ReadNode, "alias" | "hint" | "join" | "spread">>,
): ReadNode {
  return {
    columns: [],
    table,
    tableAlias: undefined,
    conditions: [],
    order: [],
    range: ALL_ROWS,
    name: table.name,
    alias: parts.alias,
    hint: parts.hint,
    join: parts.join,
    relationship: undefined,
    parentReference: undefined,
    joins: [],
    aggregateAlias: "",
    spread: parts.spread,
    embeds: [],
    depth,
    children: [],
  };
}

function buildTree(
  cache: SchemaCache,
  schema: string,
  node: ReadNode,
  items: readonly SelectItem[],
): ReadNode {
  for (const item of items) {
    if (item.kind === "column") {
      const { aggregate, aggregateCast, cast, alias } = item;
      const field = outputField(cache, node.table, item.field);
      node.columns.push({ field, aggregate, aggregateCast, cast, alias });
    } else {
      const child = newNode({ schema, name: item.name }, node.depth + 1, {
        alias: item.alias,
        hint: item.hint,
        join: item.join,
        spread: item.spread ? { kind: "one", hidden: [], order: [] } : undefined,
      });
      node.children.push(buildTree(cache, schema, child, item.children));
    }
  }
  return node;
}

function findNode(root: ReadNode, path: readonly string[]): ReadNode {
  let node = root;
  for (const step of path) {
    const child = node.children.find(({ name, alias }) => name === step || alias === step);
    if (!child) throw notEmbedded(step);
    node = child;
  }
  return node;
}

function place<T>(
  root: ReadNode,
  items: ReadonlyArray<Placed<T>>,
  apply: (node: ReadNode, value: T) => void,
): void {
  for (const { path, value } of items) apply(findNode(root, path), value);
}

function applyQuery(cache: SchemaCache, root: ReadNode, request: ApiRequest): void {
  const { query, action } = request;
  const isMutation = action.kind === "mutate";
  // In a mutation the conditions of the top level choose the rows to change, not those to show.
  const belongs = ({ path }: Placed<unknown>): boolean => !isMutation || path.length > 0;
  place(root, query.filters.filter(belongs), (node, filter) => {
    node.conditions.push(planCondition(cache, node.table, filter));
  });
  place(root, query.logic.filter(belongs), (node, tree) => {
    node.conditions.unshift(planCondition(cache, node.table, tree));
  });
  place(root, query.order.toReversed(), (node, terms) => {
    node.order = terms.map((term) => planOrder(cache, node.table, term));
  });
  if (isMutation) return;
  place(root, query.ranges.filter(({ path }) => path.length > 0), (node, range) => {
    node.range = range;
  });
  root.range = request.topRange;
}

function useSource(root: ReadNode, request: ApiRequest): void {
  if (request.action.kind !== "mutate" && request.action.kind !== "call") return;
  root.tableAlias = root.table.name;
  root.table = SOURCE;
}

function resolveRelatedOrders(node: ReadNode, tableName: string): void {
  node.order = node.order.map((term) => {
    if (term.relation === undefined) return term;
    const child = node.children.find((candidate) => embedName(candidate) === term.relation);
    if (!child) throw notEmbedded(term.relation);
    if (!child.relationship || !isToOne(child.relationship)) {
      throw relatedOrderNotToOne(tableName, embedName(child));
    }
    return { ...term, relation: child.aggregateAlias };
  });
  for (const child of node.children) resolveRelatedOrders(child, child.table.name);
}

function nullFilters(node: ReadNode, condition: PlannedCondition): PlannedCondition {
  if (condition.kind === "logic") {
    return { ...condition, children: condition.children.map((child) => nullFilters(node, child)) };
  }
  if (condition.kind === "has-embed") return condition;
  const { field, operation, negated } = condition;
  if (operation.kind !== "is" || operation.value !== "null" || field.path.length > 0) {
    return condition;
  }
  const child = node.children.find((candidate) => embedName(candidate) === field.name);
  return child ? { kind: "has-embed", negated, alias: child.aggregateAlias } : condition;
}

function resolveNullFilters(node: ReadNode): void {
  node.conditions = node.conditions.map((condition) => nullFilters(node, condition));
  for (const child of node.children) resolveNullFilters(child);
}

function refuseAggregates(node: ReadNode): void {
  if (node.columns.some(({ aggregate }) => aggregate)) throw aggregatesNotAllowed();
  for (const child of node.children) refuseAggregates(child);
}

function limitRows(node: ReadNode, maxRows: number | null): void {
  node.range = restrictRange(node.range, maxRows);
  for (const child of node.children) limitRows(child, maxRows);
}

/**
 * Plans a read, or what is shown of a mutation or a function's result.
 *
 * @param cache The schema cache.
 * @param config The settings in force.
 * @param request The request.
 * @param table The table at the top level.
 * @throws {RestError} PGRST1xx or PGRST2xx when something cannot be embedded, ordered or counted.
 */
export function planRead(
  cache: SchemaCache,
  config: RestConfig,
  request: ApiRequest,
  table: QualifiedName,
): ReadNode {
  const root = newNode(table, 0, {});
  buildTree(cache, request.schema, root, request.query.select);
  applyQuery(cache, root, request);
  useSource(root, request);
  connectNodes(cache, request.schema, root);
  expandStars(cache, request.schema, root);
  addAliases(root);
  resolveRelatedOrders(root, root.table.name);
  resolveNullFilters(root);
  addEmbedColumns(root);
  if (!config.aggregatesEnabled) refuseAggregates(root);
  hoistAggregates(root);
  orderToManySpreads(root);
  if (request.action.kind !== "mutate") limitRows(root, config.maxRows);
  return root;
}
