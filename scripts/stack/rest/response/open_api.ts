// Describes the API at its root: the tables and functions that the caller may use.
import type { Routine, SchemaCache, Table } from "../schema_cache/types.ts";

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const INTEGERS = new Set(["smallint", "integer", "bigint"]);
const NUMBERS = new Set(["numeric", "real", "double precision"]);

function jsonType(type: string): { type?: string; items?: Json; format: string } {
  const format = { format: type };
  if (type.endsWith("[]")) {
    const element = jsonType(type.slice(0, -2)).type ?? "string";
    return { ...format, type: "array", items: { type: element } };
  }
  if (INTEGERS.has(type)) return { ...format, type: "integer" };
  if (NUMBERS.has(type)) return { ...format, type: "number" };
  if (type === "boolean") return { ...format, type: "boolean" };
  return type === "json" || type === "jsonb" ? format : { ...format, type: "string" };
}

function tableDefinition(table: Table): Json {
  const properties = [...table.columns.values()].map((column): [string, Json] => {
    const note = table.primaryKey.includes(column.name)
      ? "Note:\nThis is a Primary Key.<pk/>"
      : null;
    const description = [column.description, note].filter((part) => part !== null).join("\n\n");
    return [column.name, {
      ...jsonType(column.type),
      ...(description === "" ? {} : { description }),
      ...(column.maxLength === null ? {} : { maxLength: column.maxLength }),
      ...(column.enumValues.length === 0 ? {} : { enum: column.enumValues }),
    }];
  });
  const required = [...table.columns.values()].filter(({ isNullable }) => !isNullable);
  return {
    ...(table.description === null ? {} : { description: table.description }),
    ...(required.length === 0 ? {} : { required: required.map(({ name }) => name) }),
    properties: Object.fromEntries(properties),
    type: "object",
  };
}

const OK: Json = { description: "OK" };

function tablePath(table: Table): Json {
  const filters = [...table.columns.values()].map((column): Json => ({
    name: column.name,
    in: "query",
    required: false,
    type: "string",
    format: column.type,
  }));
  const rows = { type: "array", items: { $ref: `#/definitions/${table.name}` } };
  const body: Json = {
    name: table.name,
    in: "body",
    required: false,
    schema: { $ref: `#/definitions/${table.name}` },
  };
  const tags = [table.name];
  return {
    get: {
      tags,
      parameters: filters,
      responses: { "200": { description: "OK", schema: rows }, "206": OK },
    },
    ...(table.isInsertable
      ? { post: { tags, parameters: [body], responses: { "201": { description: "Created" } } } }
      : {}),
    ...(table.isUpdatable
      ? {
        patch: {
          tags,
          parameters: [...filters, body],
          responses: { "204": { description: "No Content" } },
        },
      }
      : {}),
    ...(table.isDeletable
      ? {
        delete: { tags, parameters: filters, responses: { "204": { description: "No Content" } } },
      }
      : {}),
  };
}

function routinePath(routine: Routine): Json {
  const tags = [`(rpc) ${routine.name}`];
  const properties = routine.parameters.map(({ name, type }): [string, Json] => [
    name,
    jsonType(type),
  ]);
  const required = routine.parameters.filter(({ isRequired }) => isRequired);
  const schema: Json = {
    type: "object",
    properties: Object.fromEntries(properties),
    ...(required.length === 0 ? {} : { required: required.map(({ name }) => name) }),
  };
  const post: Json = {
    tags,
    parameters: [{ name: "args", in: "body", required: required.length > 0, schema }],
    responses: { "200": OK },
  };
  const get: Json = {
    tags,
    parameters: routine.parameters.map(({ name, type, isRequired }): Json => ({
      name,
      in: "query",
      required: isRequired,
      ...jsonType(type),
    })),
    responses: { "200": OK },
  };
  return routine.volatility === "volatile" ? { post } : { get, post };
}

/** What the caller may use. */
export interface Accessible {
  readonly tables: readonly Table[];
  readonly routines: readonly Routine[];
  readonly description: string | null;
}

/** Writes the description of the API. */
export function openApiDocument(accessible: Accessible): string {
  const { tables, routines, description } = accessible;
  const [title, ...rest] = (description ?? "").split("\n");
  const paths: Array<[string, Json]> = [
    ["/", {
      get: {
        tags: ["Introspection"],
        summary: "OpenAPI description (this document)",
        produces: ["application/openapi+json", "application/json"],
        responses: { "200": OK },
      },
    }],
    ...tables.map((table): [string, Json] => [`/${table.name}`, tablePath(table)]),
    ...routines.map((routine): [string, Json] => [`/rpc/${routine.name}`, routinePath(routine)]),
  ];
  const types = [
    "application/json",
    "application/vnd.pgrst.object+json;nulls=stripped",
    "application/vnd.pgrst.object+json",
    "text/csv",
  ];
  return JSON.stringify({
    swagger: "2.0",
    info: {
      title: title === undefined || title === "" ? "PostgREST API" : title,
      description: rest.join("\n").trim(),
      version: "14.12",
    },
    basePath: "/",
    schemes: ["http"],
    consumes: types,
    produces: types,
    paths: Object.fromEntries(paths),
    definitions: Object.fromEntries(tables.map((table) => [table.name, tableDefinition(table)])),
  });
}

/** The tables and functions of a schema, as the cache knows them. */
export function cachedObjects(
  cache: SchemaCache,
  schema: string,
): { tables: readonly Table[]; routines: readonly Routine[] } {
  return {
    tables: [...cache.tables.values()].filter((table) => table.schema === schema),
    routines: [...cache.routines.values()].flat().filter((routine) => routine.schema === schema),
  };
}
