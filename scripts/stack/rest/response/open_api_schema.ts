// Describes tables, columns and arguments in the terms of the API description (Swagger 2.0).
import { nameKey } from "../schema_cache/names.ts";
import type {
  Column,
  Routine,
  RoutineParameter,
  SchemaCache,
  Table,
} from "../schema_cache/types.ts";

/** A value of a JSON document. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

const TYPES: Readonly<Record<string, string>> = {
  boolean: "boolean",
  smallint: "integer",
  integer: "integer",
  bigint: "integer",
  numeric: "number",
  real: "number",
  "double precision": "number",
};

const FORMATS: Readonly<Record<string, string>> = {
  smallint: "int32",
  integer: "int32",
  bigint: "int64",
};

/** An object without the keys that say nothing. */
export function compact(entries: Readonly<Record<string, Json | undefined>>): Json {
  const kept = Object.entries(entries).filter((entry): entry is [string, Json] =>
    entry[1] !== undefined && entry[1] !== null
  );
  return Object.fromEntries(kept);
}

/** The kind of value; undefined for JSON, which may be any. */
export function valueType(type: string): string | undefined {
  if (type === "json" || type === "jsonb") return undefined;
  return TYPES[type] ?? (type.endsWith("[]") ? "array" : "string");
}

/** The format of a value: what the database calls its type. */
export function valueFormat(type: string): string {
  return FORMATS[type] ?? type;
}

function elementType(type: string): Json | undefined {
  if (!type.endsWith("[]")) return undefined;
  return compact({ type: valueType(type.slice(0, -2)) });
}

function defaultValue({ defaultValue: text, type }: Column): Json | undefined {
  if (text === null) return undefined;
  if (valueType(type) === "string") {
    const suffix = `::${type}`;
    return text.endsWith(suffix) ? text.slice(0, -suffix.length).replace(/^'+|'+$/g, "") : text;
  }
  try {
    return JSON.parse(text);
  } catch {
    // An expression is nothing that a document could state as a value.
    return undefined;
  }
}

function foreignKeyNote(cache: SchemaCache, table: Table, column: Column): string | undefined {
  const related = cache.relationships.get(nameKey(table))?.get(table.schema) ?? [];
  const keys = related.filter((relationship) => relationship.kind === "key");
  const tablesFirst = keys.toSorted((a, b) =>
    Number(a.foreignTableIsView) - Number(b.foreignTableIsView)
  );
  for (const { cardinality, foreignTable } of tablesFirst) {
    if (cardinality.kind !== "m2o" && !(cardinality.kind === "o2o" && !cardinality.isParent)) {
      continue;
    }
    const [pair, ...others] = cardinality.columns;
    if (!pair || others.length > 0 || pair[0] !== column.name) continue;
    const { name } = foreignTable;
    return `This is a Foreign Key to \`${name}.${pair[1]}\`.` +
      `<fk table='${name}' column='${pair[1]}'/>`;
  }
  return undefined;
}

function columnDescription(cache: SchemaCache, table: Table, column: Column): string | undefined {
  const notes = [
    table.primaryKey.includes(column.name) ? "This is a Primary Key.<pk/>" : undefined,
    foreignKeyNote(cache, table, column),
  ].filter((note) => note !== undefined);
  if (notes.length === 0) return column.description ?? undefined;
  const before = column.description === null ? "" : `${column.description}\n\n`;
  return `${before}${["Note:", ...notes].join("\n")}`;
}

function columnSchema(cache: SchemaCache, table: Table, column: Column): Json {
  return compact({
    default: defaultValue(column),
    description: columnDescription(cache, table, column),
    enum: column.enumValues.length > 0 ? column.enumValues : undefined,
    format: valueFormat(column.type),
    items: elementType(column.type),
    maxLength: column.maxLength ?? undefined,
    type: valueType(column.type),
  });
}

/** Describes the rows of a table. */
export function tableSchema(cache: SchemaCache, table: Table): Json {
  const columns = [...table.columns.values()];
  const required = columns.filter(({ isNullable }) => !isNullable).map(({ name }) => name);
  return compact({
    description: table.description ?? undefined,
    required: required.length > 0 ? required : undefined,
    properties: Object.fromEntries(
      columns.map((column) => [column.name, columnSchema(cache, table, column)]),
    ),
    type: "object",
  });
}

// Types of the schema that is described go by their bare names.
function argumentFormat(type: string, schema: string): string {
  return valueFormat(type.startsWith(`${schema}.`) ? type.slice(schema.length + 1) : type);
}

/** Describes an argument in a body. */
function argumentSchema({ type }: RoutineParameter, schema: string): Json {
  return compact({
    format: argumentFormat(type, schema),
    items: elementType(type),
    type: valueType(type),
  });
}

/** Describes the arguments of a function in a body. */
export function argumentsSchema({ schema, description, parameters }: Routine): Json {
  const required = parameters.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  return compact({
    description: description ?? undefined,
    required: required.length > 0 ? required : undefined,
    properties: Object.fromEntries(
      parameters.map((parameter) => [parameter.name, argumentSchema(parameter, schema)]),
    ),
    type: "object",
  });
}

/** Describes an argument in an address. */
export function argumentParameter(parameter: RoutineParameter, schema: string): Json {
  const { name, type, isRequired, isVariadic } = parameter;
  if (!isVariadic) {
    // In an address an array is written as text.
    const kind = valueType(type);
    const asText = kind === undefined || kind === "array" ? "string" : kind;
    return {
      name,
      required: isRequired,
      in: "query",
      format: argumentFormat(type, schema),
      type: asText,
    };
  }
  const element = type.slice(0, -2);
  return {
    name,
    required: isRequired,
    in: "query",
    type: "array",
    collectionFormat: "multi",
    items: compact({ type: valueType(element), format: argumentFormat(element, schema) }),
  };
}
