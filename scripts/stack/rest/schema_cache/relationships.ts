// Derives every relationship that can be embedded: of views, in both directions, through junctions.
import { isSameName, nameKey, type QualifiedName } from "./names.ts";
import type {
  ColumnPair,
  ComputedRelationship,
  KeyRelationship,
  Relationship,
  SchemaCache,
} from "./types.ts";
import type { ViewKey } from "./view_keys.ts";

type DirectCardinality = Extract<KeyRelationship["cardinality"], { kind: "m2o" | "o2o" | "o2m" }>;

function isDirect(relationship: KeyRelationship): boolean {
  return relationship.cardinality.kind === "m2o" || relationship.cardinality.kind === "o2o";
}

/** Every way to pick one shown column for each column of the key. */
function choices(key: ViewKey): string[][] {
  return key.columns.reduce<string[][]>(
    (picked, { shown }) => picked.flatMap((some) => shown.map((name) => [...some, name])),
    [[]],
  );
}

function withColumns(
  cardinality: KeyRelationship["cardinality"],
  columns: readonly ColumnPair[],
): KeyRelationship["cardinality"] {
  return cardinality.kind === "m2m" ? cardinality : { ...cardinality, columns };
}

function viewKeyIndex(keys: readonly ViewKey[]): Map<string, ViewKey[]> {
  const index = new Map<string, ViewKey[]>();
  for (const key of keys) {
    const id = `${nameKey(key.table)}\0${key.constraint}\0${key.role}`;
    index.set(id, [...index.get(id) ?? [], key]);
  }
  return index;
}

/** A side of a relationship: the table itself or a view that shows the key. */
interface Side {
  readonly name: QualifiedName;
  readonly columns: readonly string[];
  readonly isView: boolean;
}

function sides(
  table: QualifiedName,
  columns: readonly string[],
  keys: readonly ViewKey[],
): Side[] {
  const views = keys.flatMap((key) =>
    choices(key).map((picked) => ({ name: key.view, columns: picked, isView: true }))
  );
  return [{ name: table, columns, isView: false }, ...views];
}

function addViews(
  relationships: readonly KeyRelationship[],
  keys: readonly ViewKey[],
): KeyRelationship[] {
  const index = viewKeyIndex(keys);
  return relationships.flatMap((relationship) => {
    const { table, foreignTable, cardinality } = relationship;
    if (cardinality.kind === "m2m") return [relationship];
    const { constraint, columns } = cardinality;
    const find = (name: QualifiedName, role: string): ViewKey[] =>
      index.get(`${nameKey(name)}\0${constraint}\0${role}`) ?? [];
    const own = columns.map(([column]) => column);
    const other = columns.map(([, column]) => column);
    return sides(table, own, find(table, "foreign")).flatMap((from) =>
      sides(foreignTable, other, find(foreignTable, "referenced")).map((to) => {
        const pairs = from.columns.map((column, i): ColumnPair => [column, to.columns[i] ?? ""]);
        return {
          ...relationship,
          table: from.name,
          foreignTable: to.name,
          isSelf: from.isView === to.isView && isSameName(from.name, to.name),
          cardinality: withColumns(cardinality, pairs),
          tableIsView: from.isView,
          foreignTableIsView: to.isView,
        };
      })
    );
  });
}

function swap(pairs: readonly ColumnPair[]): ColumnPair[] {
  return pairs.map(([a, b]) => [b, a]);
}

function inverse(relationship: KeyRelationship): KeyRelationship[] {
  const { cardinality } = relationship;
  if (cardinality.kind !== "m2o" && cardinality.kind !== "o2o") return [];
  const columns = swap(cardinality.columns);
  return [{
    ...relationship,
    table: relationship.foreignTable,
    foreignTable: relationship.table,
    tableIsView: relationship.foreignTableIsView,
    foreignTableIsView: relationship.tableIsView,
    cardinality: cardinality.kind === "m2o"
      ? { kind: "o2m", constraint: cardinality.constraint, columns }
      : { kind: "o2o", constraint: cardinality.constraint, columns, isParent: true },
  }];
}

function directCardinality(relationship: KeyRelationship): DirectCardinality | undefined {
  return relationship.cardinality.kind === "m2m" ? undefined : relationship.cardinality;
}

/** Two foreign keys whose columns are part of the primary key make their table a junction. */
function junctions(
  relationships: readonly KeyRelationship[],
  primaryKeys: ReadonlyMap<string, readonly string[]>,
): KeyRelationship[] {
  const byTable = new Map<string, KeyRelationship[]>();
  for (const relationship of relationships) {
    if (relationship.cardinality.kind !== "m2o") continue;
    const key = nameKey(relationship.table);
    byTable.set(key, [...byTable.get(key) ?? [], relationship]);
  }
  const found: KeyRelationship[] = [];
  for (const [table, keys] of byTable) {
    const primaryKey = primaryKeys.get(table) ?? [];
    for (const first of keys) {
      for (const second of keys) {
        const a = directCardinality(first);
        const b = directCardinality(second);
        if (!a || !b || a.constraint === b.constraint) continue;
        const columns = [...a.columns, ...b.columns].map(([column]) => column);
        if (!columns.every((column) => primaryKey.includes(column))) continue;
        found.push({
          kind: "key",
          table: first.foreignTable,
          foreignTable: second.foreignTable,
          isSelf: isSameName(first.foreignTable, second.foreignTable),
          tableIsView: first.foreignTableIsView,
          foreignTableIsView: second.foreignTableIsView,
          cardinality: {
            kind: "m2m",
            junction: {
              table: first.table,
              constraint1: a.constraint,
              constraint2: b.constraint,
              sourceColumns: swap(a.columns),
              targetColumns: swap(b.columns),
            },
          },
        });
      }
    }
  }
  return found;
}

const ORDER = { o2m: 0, m2o: 1, o2o: 2, m2m: 3 } as const;

function sortKey(relationship: Relationship): string {
  if (relationship.kind === "computed") return `2\0${nameKey(relationship.function)}`;
  const { cardinality, foreignTable } = relationship;
  const detail = cardinality.kind === "m2m"
    ? `${nameKey(cardinality.junction.table)}\0${cardinality.junction.constraint1}\0` +
      cardinality.junction.constraint2
    : cardinality.constraint;
  const self = relationship.isSelf ? 1 : 0;
  return `1\0${nameKey(foreignTable)}\0${self}\0${ORDER[cardinality.kind]}\0${detail}`;
}

function compareKeys(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/**
 * Derives all relationships.
 *
 * @param foreignKeys The relationships that foreign keys state.
 * @param viewKeys The keys that views pass on.
 * @param primaryKeys Primary keys by the key of the table's name, views included.
 * @param computed The relationships that functions compute; they override the others of their name.
 * @param schemas The exposed schemas: nothing else can be embedded.
 */
export function deriveRelationships(
  foreignKeys: readonly KeyRelationship[],
  viewKeys: readonly ViewKey[],
  primaryKeys: ReadonlyMap<string, readonly string[]>,
  computed: readonly ComputedRelationship[],
  schemas: readonly string[],
): SchemaCache["relationships"] {
  const direct = addViews(foreignKeys.filter(isDirect), viewKeys);
  const all = [...direct, ...junctions(direct, primaryKeys)];
  const keyed = [...all, ...all.flatMap(inverse)];
  const overridden = new Set(
    computed.map(({ table, function: fn }) => `${nameKey(table)}\0${nameKey(fn)}`),
  );
  const kept = keyed.filter(({ table, foreignTable }) =>
    !overridden.has(`${nameKey(table)}\0${nameKey(foreignTable)}`)
  );
  const index = new Map<string, Map<string, Relationship[]>>();
  for (const relationship of [...kept, ...computed]) {
    if (!schemas.includes(relationship.table.schema)) continue;
    const { schema } = relationship.kind === "computed"
      ? relationship.function
      : relationship.foreignTable;
    const bySchema = index.get(nameKey(relationship.table)) ?? new Map<string, Relationship[]>();
    const list = bySchema.get(schema) ?? [];
    // A table that is only related to hidden ones is still known, so that hints do not mislead.
    if (isExposed(relationship, schemas)) list.push(relationship);
    bySchema.set(schema, list);
    index.set(nameKey(relationship.table), bySchema);
  }
  for (const bySchema of index.values()) {
    for (const list of bySchema.values()) {
      list.sort((a, b) => compareKeys(sortKey(a), sortKey(b)));
    }
  }
  return index;
}

function isExposed(relationship: Relationship, schemas: readonly string[]): boolean {
  if (!schemas.includes(relationship.foreignTable.schema)) return false;
  if (relationship.kind === "computed" || relationship.cardinality.kind !== "m2m") return true;
  return schemas.includes(relationship.cardinality.junction.table.schema);
}
