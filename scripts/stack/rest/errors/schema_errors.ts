// Errors of requests for something that the schema cache does not know (PGRST2xx), with hints.
import type { MediaType } from "../request/media_type.ts";
import { nameKey, nameOfKey } from "../schema_cache/names.ts";
import type { KeyRelationship, Relationship, Routine, SchemaCache } from "../schema_cache/types.ts";
import { findSimilar } from "./fuzzy_match.ts";
import { RestError } from "./rest_error.ts";

const MIN_SCORE = 0.75;
/** Above this many tables a search would take too long, and would tell little. */
const MAX_TABLES = 500;

/** What an embed was looked for by. */
export interface EmbedSearch {
  readonly parent: string;
  readonly child: string;
  readonly hint: string | undefined;
  readonly schema: string;
}

function relationshipHint(cache: SchemaCache, search: EmbedSearch): string | null {
  const { parent, child, schema } = search;
  const related = cache.relationships.get(nameKey({ schema, name: parent }))?.get(schema);
  if (!related) {
    const parents = [...cache.relationships].filter(([, bySchema]) => bySchema.has(schema))
      .map(([key]) => nameOfKey(key)).filter((name) => name.schema === schema);
    const [best] = findSimilar(parents.map(({ name }) => name), parent);
    return best ? `Perhaps you meant '${best.name}' instead of '${parent}'.` : null;
  }
  const children = [...new Set(related.map(({ foreignTable }) => foreignTable.name))];
  // A child that is related by its very name needs another hint, not another name.
  const best = findSimilar(children, child).find(({ score }) => score < 1);
  return best ? `Perhaps you meant '${best.name}' instead of '${child}'.` : null;
}

/** Nothing connects the two. */
export function noRelationship(cache: SchemaCache, search: EmbedSearch): RestError {
  const { parent, child, hint, schema } = search;
  const using = hint === undefined ? "" : `' using the hint '${hint}`;
  return new RestError(400, {
    code: "PGRST200",
    message: `Could not find a relationship between '${parent}' and '${child}' in the schema cache`,
    details: `Searched for a foreign key relationship between '${parent}' and '${child}${using}` +
      `' in the schema '${schema}', but no matches were found.`,
    hint: relationshipHint(cache, search),
  });
}

function names(list: readonly string[]): string {
  return `(${list.join(", ")})`;
}

const CARDINALITY_NAMES = {
  o2m: "one-to-many",
  m2o: "many-to-one",
  o2o: "one-to-one",
} as const;

function describe({ table, foreignTable, cardinality }: KeyRelationship): Record<string, string> {
  const embedding = `${table.name} with ${foreignTable.name}`;
  if (cardinality.kind === "m2m") {
    const { junction } = cardinality;
    const source = names(junction.sourceColumns.map(([, column]) => column));
    const target = names(junction.targetColumns.map(([, column]) => column));
    return {
      cardinality: "many-to-many",
      embedding,
      relationship: `${junction.table.name} using ${junction.constraint1}${source} and ` +
        `${junction.constraint2}${target}`,
    };
  }
  const own = names(cardinality.columns.map(([column]) => column));
  const other = names(cardinality.columns.map(([, column]) => column));
  return {
    cardinality: CARDINALITY_NAMES[cardinality.kind],
    embedding,
    relationship: `${cardinality.constraint} using ${table.name}${own} and ` +
      `${foreignTable.name}${other}`,
  };
}

function choice({ foreignTable, cardinality }: KeyRelationship): string {
  const name = cardinality.kind === "m2m"
    ? cardinality.junction.table.name
    : cardinality.constraint;
  return `'${foreignTable.name}!${name}'`;
}

/** More than one relationship connects the two. */
export function ambiguousRelationship(
  parent: string,
  child: string,
  found: readonly Relationship[],
): RestError {
  const keyed = found.filter((relationship) => relationship.kind === "key");
  return new RestError(300, {
    code: "PGRST201",
    message: `Could not embed because more than one relationship was found for '${parent}' and ` +
      `'${child}'`,
    details: keyed.map(describe),
    hint: `Try changing '${child}' to one of the following: ${keyed.map(choice).join(", ")}. ` +
      "Find the desired relationship in the 'details' key.",
  });
}

/** What a function was looked for by. */
export interface RoutineSearch {
  readonly schema: string;
  readonly name: string;
  /** The names of the arguments, sorted. */
  readonly arguments: readonly string[];
  readonly contentType: MediaType;
  readonly isPost: boolean;
}

function parameterList(routine: Routine): string {
  return names(routine.parameters.map(({ name }) => name).sort());
}

function routineHint(
  cache: SchemaCache,
  search: RoutineSearch,
  overloads: readonly Routine[],
): string | null {
  const { schema, name } = search;
  const prefix = `Perhaps you meant to call the function ${schema}.`;
  if (overloads.length === 0) {
    const known = [...cache.routines.keys()].map(nameOfKey).filter((fn) => fn.schema === schema);
    const [best] = findSimilar(known.map((fn) => fn.name), name, MIN_SCORE);
    return best ? prefix + best.name : null;
  }
  const [best] = findSimilar(overloads.map(parameterList), names(search.arguments));
  return best ? prefix + name + best.name : null;
}

/** No function of this name takes these arguments. */
export function noRoutine(
  cache: SchemaCache,
  search: RoutineSearch,
  overloads: readonly Routine[],
): RestError {
  const { schema, name, arguments: given, contentType, isPost } = search;
  const document = isPost && ["text", "xml", "octets"].includes(contentType.kind);
  const without = " without parameters";
  const list = given.join(", ");
  const wanted = document ? "" : given.length === 0 ? without : names(given);
  const searched = given.length === 0
    ? without
    : ` with parameter${given.length > 1 ? "s" : ""} ${list}`;
  const documentType = contentType.kind === "octets" ? "bytea" : contentType.kind;
  const details = document
    ? ` with a single unnamed ${documentType} parameter`
    : isPost && contentType.kind === "json"
    ? `${searched} or with a single unnamed json/jsonb parameter`
    : searched;
  return new RestError(404, {
    code: "PGRST202",
    message: `Could not find the function ${schema}.${name}${wanted} in the schema cache`,
    details: `Searched for the function ${schema}.${name}${details}, but no matches were found ` +
      "in the schema cache.",
    hint: document ? null : routineHint(cache, search, overloads),
  });
}

function signature({ schema, name, parameters }: Routine): string {
  const list = parameters.map((parameter) => `${parameter.name} => ${parameter.type}`);
  return `${schema}.${name}(${list.join(", ")})`;
}

/** Several functions of this name take these arguments. */
export function ambiguousRoutine(found: readonly Routine[]): RestError {
  return new RestError(300, {
    code: "PGRST203",
    message: "Could not choose the best candidate function between: " +
      found.map(signature).join(", "),
    hint: "Try renaming the parameters or the function itself in the database so function " +
      "overloading can be resolved",
  });
}

/** The table has no such column. */
export function noColumn(table: string, column: string): RestError {
  return new RestError(400, {
    code: "PGRST204",
    message: `Could not find the '${column}' column of '${table}' in the schema cache`,
  });
}

/** The schema has no such table. */
export function noTable(cache: SchemaCache, schema: string, name: string): RestError {
  const known = [...cache.tables.values()].filter((table) => table.schema === schema);
  const candidates = known.length < MAX_TABLES ? known.map((table) => table.name) : [];
  const [best] = findSimilar(candidates, name, MIN_SCORE);
  return new RestError(404, {
    code: "PGRST205",
    message: `Could not find the table '${schema}.${name}' in the schema cache`,
    hint: best ? `Perhaps you meant the table '${schema}.${best.name}'` : null,
  });
}
