// Describes the API at its root: the tables and functions that the caller may use.
import { mediaTypeName } from "../request/media_type.ts";
import type { Routine, SchemaCache, Table } from "../schema_cache/types.ts";
import {
  argumentParameter,
  argumentsSchema,
  compact,
  type Json,
  tableSchema,
} from "./open_api_schema.ts";

const SINGULAR = [
  mediaTypeName({ kind: "singular", stripped: true }),
  mediaTypeName({ kind: "singular", stripped: false }),
];
const DOCUMENT_TYPES = ["application/json", ...SINGULAR, "text/csv"];
const OK: Json = { description: "OK" };

function reference(name: string): Json {
  return { $ref: `#/parameters/${name}` };
}

function text(name: string, description: string | undefined, place: "query" | "header"): Json {
  return compact({ name, description, required: false, in: place, type: "string" });
}

function preference(values: readonly string[]): Json {
  return compact({
    name: "Prefer",
    description: "Preference",
    required: false,
    in: "header",
    type: "string",
    enum: values.length > 0 ? values : undefined,
  });
}

const RETURNS = ["return=representation", "return=minimal", "return=none"];
const RESOLUTIONS = ["resolution=ignore-duplicates", "resolution=merge-duplicates"];
const PAGES = "Limiting and Pagination";

const COMMON_PARAMETERS: ReadonlyArray<readonly [string, Json]> = [
  ["preferParams", preference([])],
  ["preferReturn", preference(RETURNS)],
  ["preferCount", preference(["count=none"])],
  ["preferPost", preference([...RETURNS, ...RESOLUTIONS])],
  ["select", text("select", "Filtering Columns", "query")],
  ["on_conflict", text("on_conflict", "On Conflict", "query")],
  ["order", text("order", "Ordering", "query")],
  ["range", text("Range", PAGES, "header")],
  [
    "rangeUnit",
    {
      name: "Range-Unit",
      description: PAGES,
      required: false,
      in: "header",
      type: "string",
      default: "items",
    },
  ],
  ["offset", text("offset", PAGES, "query")],
  ["limit", text("limit", PAGES, "query")],
];

function tableParameters({ name, columns }: Table): Array<[string, Json]> {
  const body: Json = {
    name,
    description: name,
    required: false,
    in: "body",
    schema: { $ref: `#/definitions/${name}` },
  };
  const filters = [...columns.values()].map((column): [string, Json] => [
    `rowFilter.${name}.${column.name}`,
    text(column.name, column.description ?? undefined, "query"),
  ]);
  return [[`body.${name}`, body], ...filters];
}

/** The first line is a summary, the rest describes. */
function prose(description: string | null): Readonly<Record<string, Json | undefined>> {
  if (description === null) return {};
  const [summary = "", ...rest] = description.split("\n");
  const more = rest.join("\n").replace(/^\n+/, "");
  return { summary, description: more === "" ? undefined : more };
}

function tablePath(table: Table): Json {
  const { name } = table;
  const about = { tags: [name], ...prose(table.description) };
  const filters = [...table.columns.keys()].map((column) =>
    reference(`rowFilter.${name}.${column}`)
  );
  const shape = ["select", "order", "range", "rangeUnit", "offset", "limit", "preferCount"];
  const rows: Json = { type: "array", items: { $ref: `#/definitions/${name}` } };
  const operation = (parameters: readonly Json[], responses: Json): Json =>
    compact({ ...about, parameters, responses });
  const empty: Json = { "204": { description: "No Content" } };
  const get = operation([...filters, ...shape.map(reference)], {
    "200": { description: "OK", schema: rows },
    "206": { description: "Partial Content" },
  });
  if (!table.isInsertable && !table.isUpdatable && !table.isDeletable) return { get };
  const body = reference(`body.${name}`);
  return {
    get,
    post: operation([body, reference("select"), reference("preferPost")], {
      "201": { description: "Created" },
    }),
    patch: operation([...filters, body, reference("preferReturn")], empty),
    delete: operation([...filters, reference("preferReturn")], empty),
  };
}

function routinePath(routine: Routine): Json {
  const about = {
    tags: [`(rpc) ${routine.name}`],
    ...prose(routine.description),
    produces: ["application/json", ...SINGULAR],
    responses: { "200": OK },
  };
  const args: Json = {
    name: "args",
    required: true,
    in: "body",
    schema: argumentsSchema(routine),
  };
  const post = compact({ ...about, parameters: [args, reference("preferParams")] });
  if (routine.volatility === "volatile") return { post };
  const get = compact({
    ...about,
    parameters: routine.parameters.map((each) => argumentParameter(each, routine.schema)),
  });
  return { get, post };
}

const ROOT_PATH: Json = {
  get: {
    tags: ["Introspection"],
    summary: "OpenAPI description (this document)",
    produces: ["application/openapi+json", "application/json"],
    responses: { "200": OK },
  },
};

/** What the caller may use. */
export interface Accessible {
  readonly tables: readonly Table[];
  readonly routines: readonly Routine[];
  /** What the schema says about itself. */
  readonly description: string | null;
}

/** Writes the description of the API. */
export function openApiDocument(cache: SchemaCache, accessible: Accessible): string {
  const { tables, routines, description } = accessible;
  const about = prose(description);
  return JSON.stringify({
    swagger: "2.0",
    info: {
      title: about.summary ?? "PostgREST API",
      description: description === null
        ? "This is a dynamic API generated by PostgREST"
        : about.description ?? "",
      version: "14.12",
    },
    basePath: "/",
    schemes: ["http"],
    consumes: DOCUMENT_TYPES,
    produces: DOCUMENT_TYPES,
    paths: Object.fromEntries([
      ["/", ROOT_PATH],
      ...tables.map((table) => [`/${table.name}`, tablePath(table)] as const),
      ...routines.map((routine) => [`/rpc/${routine.name}`, routinePath(routine)] as const),
    ]),
    parameters: Object.fromEntries([...COMMON_PARAMETERS, ...tables.flatMap(tableParameters)]),
    definitions: Object.fromEntries(tables.map((table) => [table.name, tableSchema(cache, table)])),
    externalDocs: {
      description: "PostgREST Documentation",
      url: "https://postgrest.org/en/v14/references/api.html",
    },
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
