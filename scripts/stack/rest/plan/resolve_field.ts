// Looks fields up in the schema cache: their types, and the functions that convert their values.
import type { Field, Filter, LogicTree, OrderTerm } from "../request/query_types.ts";
import { nameKey, type QualifiedName } from "../schema_cache/names.ts";
import type { Column, SchemaCache } from "../schema_cache/types.ts";
import {
  type PlannedCondition,
  type PlannedField,
  type PlannedOrder,
  unknownField,
} from "./read_node.ts";

/** A column of a table as a field. */
export function columnField(column: Column): PlannedField {
  return {
    name: column.name,
    path: [],
    isToJson: false,
    nominalType: column.nominalType,
    baseType: column.type,
    defaultValue: column.defaultValue,
  };
}

/** The columns of a table, as far as it is known. */
export function knownColumns(cache: SchemaCache, table: QualifiedName): readonly Column[] {
  return [...cache.tables.get(nameKey(table))?.columns.values() ?? []];
}

function resolve(cache: SchemaCache, table: QualifiedName, field: Field): PlannedField {
  const column = cache.tables.get(nameKey(table))?.columns.get(field.name);
  const planned = column ? columnField(column) : unknownField(field.name);
  // A column that is JSON already must not be converted, or its indexes would not apply.
  const isJson = planned.nominalType === "json" || planned.nominalType === "jsonb";
  return { ...planned, path: field.path, isToJson: !isJson };
}

function transformed(
  cache: SchemaCache,
  field: PlannedField,
  source: string,
  target: string,
): PlannedField {
  const transform = cache.representations.get(`${source}\0${target}`);
  return transform === undefined ? field : { ...field, nominalType: source, transform };
}

/** A field of the answer: its values are converted to JSON where its type says how. */
export function outputField(cache: SchemaCache, table: QualifiedName, field: Field): PlannedField {
  return toOutput(cache, resolve(cache, table, field));
}

/** Converts the values of a field for the answer. */
export function toOutput(cache: SchemaCache, field: PlannedField): PlannedField {
  return transformed(cache, field, field.nominalType, "json");
}

/** A field of the body: its values are converted from JSON where its type says how. */
export function inputField(cache: SchemaCache, field: PlannedField): PlannedField {
  const transform = cache.representations.get(`json\0${field.nominalType}`);
  return transform === undefined ? field : { ...field, nominalType: "json", transform };
}

function filterField(cache: SchemaCache, table: QualifiedName, filter: Filter): PlannedField {
  const { operation } = filter;
  const field = resolve(cache, table, filter.field);
  // Of a computed column nothing is known: it may well be a tsvector already.
  const isSearch = operation.kind === "search" && field.nominalType !== "" &&
    field.baseType !== "tsvector";
  return transformed(
    cache,
    isSearch ? { ...field, textSearch: { language: operation.language } } : field,
    "text",
    field.nominalType,
  );
}

/** Plans a tree of conditions. */
export function planCondition(
  cache: SchemaCache,
  table: QualifiedName,
  tree: LogicTree,
): PlannedCondition {
  if (tree.kind === "logic") {
    const children = tree.children.map((child) => planCondition(cache, table, child));
    return { kind: "logic", negated: tree.negated, operator: tree.operator, children };
  }
  return {
    kind: "filter",
    field: filterField(cache, table, tree),
    negated: tree.negated,
    operation: tree.operation,
  };
}

/** Plans a term of an order. */
export function planOrder(
  cache: SchemaCache,
  table: QualifiedName,
  term: OrderTerm,
): PlannedOrder {
  const { relation, direction, nulls } = term;
  const field = relation === undefined
    ? resolve(cache, table, term.field)
    : unknownField(term.field.name, term.field.path);
  return { relation, field, direction, nulls };
}
