// Connects each embed of the tree with its parent: the relationship and the join conditions.
import type { ColumnPair, Relationship, SchemaCache } from "../schema_cache/types.ts";
import { isToOne } from "../schema_cache/types.ts";
import { findRelationship } from "./find_relationship.ts";
import type { JoinCondition, ReadNode } from "./read_node.ts";

function conditions(
  relationship: Relationship,
  parentAlias: string | undefined,
  alias: string | undefined,
): JoinCondition[] {
  if (relationship.kind === "computed") return [];
  const { table, foreignTable, cardinality } = relationship;
  const aliased = (name: string, as: string | undefined) =>
    as === undefined ? { schema: table.schema, name } : { schema: "", name: as };
  const meet = (
    from: string,
    fromAlias: string | undefined,
    to: string,
    toAlias: string | undefined,
  ) =>
  ([column, foreignColumn]: ColumnPair): JoinCondition => ({
    left: { table: aliased(to, toAlias), column: foreignColumn },
    right: { table: aliased(from, fromAlias), column },
  });
  if (cardinality.kind !== "m2m") {
    return cardinality.columns.map(meet(table.name, parentAlias, foreignTable.name, alias));
  }
  const { table: junction, sourceColumns, targetColumns } = cardinality.junction;
  return [
    ...targetColumns.map(meet(foreignTable.name, undefined, junction.name, undefined)),
    ...sourceColumns.map(meet(table.name, parentAlias, junction.name, alias)),
  ];
}

function connect(cache: SchemaCache, schema: string, parent: ReadNode, node: ReadNode): void {
  // The rows of a mutation or function go by an alias that is the name of their table.
  const origin = node.depth === 1 ? parent.tableAlias ?? parent.table.name : parent.table.name;
  const relationship = findRelationship(cache, schema, origin, node.name, node.hint);
  const isJunction = relationship.kind === "key" && relationship.cardinality.kind === "m2m";
  node.relationship = relationship;
  node.aggregateAlias = `${relationship.table.name}_${node.alias ?? node.name}_${node.depth}`;
  node.table = relationship.foreignTable;
  // A junction's tables are joined where they stand, without aliases.
  if (!isJunction) node.tableAlias = `${relationship.foreignTable.name}_${node.depth}`;
  node.joins = conditions(relationship, parent.tableAlias, node.tableAlias);
  if (relationship.kind === "computed") {
    node.parentReference = parent.tableAlias === undefined
      ? relationship.table
      : { schema: "", name: parent.tableAlias };
  }
  if (node.spread && !isToOne(relationship)) node.spread = { kind: "many", hidden: [], order: [] };
}

/**
 * Connects all embeds below a node.
 *
 * @throws {RestError} PGRST200 or PGRST201 when a relationship is missing or ambiguous.
 */
export function connectNodes(cache: SchemaCache, schema: string, node: ReadNode): void {
  for (const child of node.children) {
    connect(cache, schema, node, child);
    connectNodes(cache, schema, child);
  }
}
