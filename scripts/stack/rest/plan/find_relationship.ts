// Finds the relationship that an embed names, by table, foreign key, column or junction.
import { ambiguousRelationship, noRelationship } from "../errors/schema_errors.ts";
import { nameKey } from "../schema_cache/names.ts";
import type {
  Cardinality,
  KeyRelationship,
  Relationship,
  SchemaCache,
} from "../schema_cache/types.ts";

function singleColumn(cardinality: Cardinality, side: 0 | 1): string | undefined {
  if (cardinality.kind === "m2m" || cardinality.columns.length !== 1) return undefined;
  return cardinality.columns[0]?.[side];
}

function constraint(cardinality: Cardinality): string | undefined {
  return cardinality.kind === "m2m" ? undefined : cardinality.constraint;
}

// A table that refers to itself is related to itself twice: its own name means the many that refer
// to a row, the name of the column means the one that a row refers to.
function matchesSelf(
  { foreignTable, cardinality }: KeyRelationship,
  target: string,
  hint: string | undefined,
): boolean {
  const isMany = target === foreignTable.name && cardinality.kind === "o2m";
  if (hint !== undefined) return isMany && hint === singleColumn(cardinality, 1);
  return isMany || (cardinality.kind === "m2o" && target === singleColumn(cardinality, 0));
}

function matchesKey(
  relationship: KeyRelationship,
  target: string,
  hint: string | undefined,
): boolean {
  if (relationship.isSelf) return matchesSelf(relationship, target, hint);
  const { foreignTable, cardinality } = relationship;
  if (hint === undefined) {
    if (target === foreignTable.name) return true;
    return !relationship.foreignTableIsView &&
      (target === constraint(cardinality) || target === singleColumn(cardinality, 0));
  }
  if (target !== foreignTable.name) return false;
  return hint === constraint(cardinality) ||
    hint === singleColumn(cardinality, 0) ||
    hint === singleColumn(cardinality, 1) ||
    (cardinality.kind === "m2m" && hint === cardinality.junction.table.name);
}

/**
 * Finds a relationship.
 *
 * @param cache The schema cache.
 * @param schema The schema of the request.
 * @param origin The table that embeds.
 * @param target What is embedded.
 * @param hint What the caller wrote to tell several relationships apart.
 * @throws {RestError} PGRST200 when there is none, PGRST201 when there are several.
 */
export function findRelationship(
  cache: SchemaCache,
  schema: string,
  origin: string,
  target: string,
  hint: string | undefined,
): Relationship {
  const candidates = cache.relationships.get(nameKey({ schema, name: origin }))?.get(schema) ?? [];
  const found = candidates.filter((candidate) =>
    candidate.kind === "computed"
      ? target === candidate.function.name
      : matchesKey(candidate, target, hint)
  );
  const [first, second] = found;
  if (!first) throw noRelationship(cache, { parent: origin, child: target, hint, schema });
  if (second) throw ambiguousRelationship(origin, target, found);
  return first;
}
