// Plans the call of a function: which of its overloads is meant, and where its arguments come from.
import { ambiguousRoutine, noRoutine } from "../errors/schema_errors.ts";
import type { ApiRequest } from "../request/api_request.ts";
import { nameKey, type QualifiedName } from "../schema_cache/names.ts";
import type { Routine, RoutineParameter, SchemaCache } from "../schema_cache/types.ts";
import type { MediaType } from "../request/media_type.ts";
import type { ReadNode } from "./read_node.ts";
import { filteredColumns, returnedColumns } from "./returned_columns.ts";

/** Where arguments come from: the query or a form, one by one, or a body as a whole. */
export type CallArguments =
  | { readonly kind: "direct"; readonly values: ReadonlyMap<string, string | readonly string[]> }
  | { readonly kind: "json"; readonly raw: string }
  | { readonly kind: "document"; readonly bytes: Uint8Array };

/** The call of a function. */
export interface CallPlan {
  readonly routine: Routine;
  /** The parameters that are given. */
  readonly parameters: readonly RoutineParameter[];
  /** The only, unnamed parameter, which takes the whole body. */
  readonly document: RoutineParameter | undefined;
  readonly arguments: CallArguments;
  /** The columns needed of its rows; empty for all. */
  readonly returning: readonly string[];
}

function isSubset(names: readonly string[], parameters: readonly RoutineParameter[]): boolean {
  return names.every((name) => parameters.some((parameter) => parameter.name === name));
}

function isDocumentType({ kind }: MediaType): boolean {
  return kind === "octets" || kind === "text" || kind === "xml";
}

function matches(
  routine: Routine,
  given: readonly string[],
  type: MediaType,
  isPost: boolean,
): boolean {
  const { parameters } = routine;
  if (parameters.length === 0) return given.length === 0 && !(isPost && isDocumentType(type));
  const required = parameters.filter(({ isRequired }) => isRequired);
  return isSubset(given, parameters) &&
    required.every(({ name }) => given.includes(name));
}

const DOCUMENT_TYPES: Readonly<Record<string, readonly string[]>> = {
  json: ["json", "jsonb"],
  text: ["text"],
  xml: ["xml"],
  octets: ["bytea"],
};

function takesDocument(routine: Routine, type: MediaType, isPost: boolean): boolean {
  const [only, ...others] = routine.parameters;
  if (!isPost || !only || others.length > 0 || only.name !== "") return false;
  return DOCUMENT_TYPES[type.kind]?.includes(only.type) ?? false;
}

/**
 * Finds the function that a call means.
 *
 * @param cache The schema cache.
 * @param name The function's name.
 * @param given The names of the arguments, sorted.
 * @param type The content type of the body.
 * @param isPost Whether the arguments are in a body.
 * @throws {RestError} PGRST202 when there is none, PGRST203 when there are several.
 */
export function findRoutine(
  cache: SchemaCache,
  name: QualifiedName,
  given: readonly string[],
  type: MediaType,
  isPost: boolean,
): Routine {
  const overloads = cache.routines.get(nameKey(name)) ?? [];
  const named = overloads.filter((routine) => matches(routine, given, type, isPost));
  const found = named.length > 0
    ? named
    : overloads.filter((routine) => takesDocument(routine, type, isPost));
  const [first, second] = found;
  if (!first) {
    const search = { ...name, arguments: given, contentType: type, isPost };
    throw noRoutine(cache, search, overloads);
  }
  if (second) throw ambiguousRoutine(found);
  return first;
}

function directArguments(
  routine: Routine,
  pairs: ReadonlyArray<readonly [string, string]>,
): CallArguments {
  const values = new Map<string, string | string[]>();
  const variadic = routine.parameters.find(({ isVariadic }) => isVariadic)?.name;
  for (const [name, value] of pairs) {
    const before = values.get(name);
    if (name !== variadic) values.set(name, value);
    else values.set(name, Array.isArray(before) ? [...before, value] : [value]);
  }
  return { kind: "direct", values };
}

function callArguments(request: ApiRequest, routine: Routine): CallArguments {
  const { payload } = request.body;
  if (request.action.kind === "call" && request.action.invocation !== "post") {
    return directArguments(routine, request.query.arguments);
  }
  switch (payload?.kind) {
    case "form":
      return directArguments(routine, payload.pairs);
    case "raw":
      return { kind: "document", bytes: payload.bytes };
    default:
      return { kind: "json", raw: payload?.raw ?? "{}" };
  }
}

/** The names of the arguments that a call gives, sorted. */
export function argumentNames(request: ApiRequest): readonly string[] {
  const isPost = request.action.kind === "call" && request.action.invocation === "post";
  if (isPost) return request.body.columns;
  return [...new Set(request.query.arguments.map(([name]) => name))].sort();
}

/** Plans the call of a function that was found. */
export function planCall(request: ApiRequest, routine: Routine, read: ReadNode): CallPlan {
  const given = argumentNames(request);
  const [only, ...others] = routine.parameters;
  const document = only && others.length === 0 && only.name === "" ? only : undefined;
  const returned = returnedColumns(read, []);
  const isStar = returned.length === 0 || returned[0] === "*";
  return {
    routine,
    parameters: document ? [] : routine.parameters.filter(({ name }) => given.includes(name)),
    document,
    arguments: callArguments(request, routine),
    returning: isStar ? returned : [...new Set([...returned, ...filteredColumns(read)])].sort(),
  };
}
