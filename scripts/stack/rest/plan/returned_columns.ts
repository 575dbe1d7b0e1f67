// Works out which columns a mutation or a function must give for everything around it to work.
import type { PlannedCondition, ReadNode } from "./read_node.ts";

function embedColumns(node: ReadNode): string[] {
  return node.children.flatMap(({ relationship }) => {
    if (relationship?.kind !== "key") return [];
    const { cardinality } = relationship;
    const pairs = cardinality.kind === "m2m"
      ? cardinality.junction.sourceColumns
      : cardinality.columns;
    return pairs.map(([column]) => column);
  });
}

/**
 * The columns to return: those selected, those that embeds join by, and the primary key for the
 * address of a new row. No more than that: the caller may lack the right to read the others.
 */
export function returnedColumns(node: ReadNode, primaryKey: readonly string[]): string[] {
  const selected = node.columns.map(({ field }) => field.name);
  // A star already gives the others: naming them again would make them ambiguous.
  if (selected.includes("*")) return ["*"];
  if (node.children.some(({ relationship }) => relationship?.kind === "computed")) return ["*"];
  return [...new Set([...selected, ...embedColumns(node), ...primaryKey])].sort();
}

function conditionColumns(condition: PlannedCondition): string[] {
  if (condition.kind === "logic") return condition.children.flatMap(conditionColumns);
  return [condition.kind === "has-embed" ? condition.alias : condition.field.name];
}

/** The columns that the conditions of a tree speak of. */
export function filteredColumns(node: ReadNode): string[] {
  const own = node.conditions.flatMap(conditionColumns);
  return [...new Set([...own, ...node.children.flatMap(filteredColumns)])];
}
