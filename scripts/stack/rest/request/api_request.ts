// Reads an HTTP request into what it asks of the database, independent of any schema.
import {
  invalidPath,
  invalidRange,
  invalidRpcMethod,
  openApiDisabled,
  putWithLimit,
  unacceptableSchema,
  unsupportedMethod,
} from "../errors/request_errors.ts";
import type { RestConfig } from "../config/rest_config.ts";
import { type MediaType, parseAccept, parseMediaType } from "./media_type.ts";
import { type ParsedPayload, parsePayload } from "./payload.ts";
import { parsePreferences, type Preferences } from "./preferences.ts";
import { parseQueryParameters, type QueryParameters } from "./query_parameters.ts";
import {
  ALL_ROWS,
  intersectRanges,
  isAllRows,
  isEmptyRange,
  isLimitZero,
  NO_ROWS,
  rangeFromHeader,
  type RowRange,
} from "./row_range.ts";

export type Mutation = "insert" | "upsert-one" | "update" | "delete";

/** What a request does, and to what. */
export type Action =
  | { readonly kind: "read"; readonly name: string; readonly headersOnly: boolean }
  | { readonly kind: "mutate"; readonly name: string; readonly mutation: Mutation }
  | {
    readonly kind: "call";
    readonly name: string;
    readonly invocation: "get" | "head" | "post";
  }
  | { readonly kind: "describe"; readonly headersOnly: boolean }
  | { readonly kind: "table-info"; readonly name: string }
  | { readonly kind: "function-info"; readonly name: string }
  | { readonly kind: "schema-info" };

/** A request, understood as far as that goes without the schema cache. */
export interface ApiRequest {
  readonly action: Action;
  readonly schema: string;
  /** Whether the schema is worth mentioning in the answer. */
  readonly showsProfile: boolean;
  readonly query: QueryParameters;
  /** The range of the top level; those of embeds stand in the query. */
  readonly topRange: RowRange;
  readonly body: ParsedPayload;
  readonly preferences: Preferences;
  readonly accept: readonly MediaType[];
  readonly contentType: MediaType;
}

type Resource =
  | { readonly kind: "table"; readonly name: string }
  | { readonly kind: "function"; readonly name: string }
  | { readonly kind: "root" };

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function findResource(pathname: string, config: RestConfig): Resource {
  const segments = pathname.split("/").slice(1).map(decodeSegment);
  const [first = "", second] = segments;
  if (first === "" && segments.length <= 1) {
    if (config.openApiMode === "disabled") throw openApiDisabled();
    if (config.rootSpec) return { kind: "function", name: config.rootSpec };
    return { kind: "root" };
  }
  if (segments.length === 1) return { kind: "table", name: first };
  if (segments.length === 2 && first === "rpc" && second) return { kind: "function", name: second };
  throw invalidPath();
}

function tableAction(name: string, method: string): Action {
  switch (method) {
    case "GET":
    case "HEAD":
      return { kind: "read", name, headersOnly: method === "HEAD" };
    case "POST":
      return { kind: "mutate", name, mutation: "insert" };
    case "PUT":
      return { kind: "mutate", name, mutation: "upsert-one" };
    case "PATCH":
      return { kind: "mutate", name, mutation: "update" };
    case "DELETE":
      return { kind: "mutate", name, mutation: "delete" };
    case "OPTIONS":
      return { kind: "table-info", name };
    default:
      throw unsupportedMethod(method);
  }
}

function functionAction(name: string, method: string): Action {
  switch (method) {
    case "GET":
      return { kind: "call", name, invocation: "get" };
    case "HEAD":
      return { kind: "call", name, invocation: "head" };
    case "POST":
      return { kind: "call", name, invocation: "post" };
    case "OPTIONS":
      return { kind: "function-info", name };
    default:
      throw invalidRpcMethod(method);
  }
}

function chooseAction(resource: Resource, method: string): Action {
  if (resource.kind === "table") return tableAction(resource.name, method);
  if (resource.kind === "function") return functionAction(resource.name, method);
  switch (method) {
    case "GET":
    case "HEAD":
      return { kind: "describe", headersOnly: method === "HEAD" };
    case "OPTIONS":
      return { kind: "schema-info" };
    default:
      throw unsupportedMethod(method);
  }
}

function chooseSchema(
  request: Request,
  schemas: readonly string[],
): { schema: string; showsProfile: boolean } {
  const writes = ["POST", "PATCH", "PUT", "DELETE"].includes(request.method);
  const header = request.headers.get(writes ? "content-profile" : "accept-profile");
  // A header's bytes arrive one per character: names beyond ASCII must be put together again.
  const profile = header === null ? null : decodeHeader(header);
  if (profile === null) {
    return { schema: schemas[0] ?? "public", showsProfile: schemas.length > 1 };
  }
  if (!schemas.includes(profile)) throw unacceptableSchema(profile, schemas);
  return { schema: profile, showsProfile: true };
}

function decodeHeader(value: string): string {
  if (!/[\u0080-\u00ff]/.test(value)) return value;
  return new TextDecoder().decode(Uint8Array.from(value, (c) => c.charCodeAt(0)));
}

function topLevelRange(request: Request, query: QueryParameters): RowRange {
  const asked = query.ranges.find(({ path }) => path.length === 0)?.value ?? ALL_ROWS;
  const header = request.method === "GET"
    ? rangeFromHeader(request.headers.get("range"))
    : ALL_ROWS;
  const range = isLimitZero(asked) ? NO_ROWS : intersectRanges(header, asked);
  if (isEmptyRange(range) && !isLimitZero(asked)) {
    throw invalidRange(
      isEmptyRange(header)
        ? "The lower boundary must be lower than or equal to the upper boundary in the Range header."
        : "Limit should be greater than or equal to zero.",
    );
  }
  if (request.method === "PUT" && !isAllRows(range)) throw putWithLimit();
  return range;
}

function readsBody(action: Action): boolean {
  if (action.kind === "mutate") return action.mutation !== "delete";
  return action.kind === "call" && action.invocation === "post";
}

function readBody(
  action: Action,
  bytes: Uint8Array,
  type: MediaType,
  query: QueryParameters,
): ParsedPayload {
  if (!readsBody(action)) return { payload: undefined, columns: [] };
  const isPut = action.kind === "mutate" && action.mutation === "upsert-one";
  return parsePayload(bytes, type, isPut ? undefined : query.columns, action.kind === "call");
}

/**
 * Reads a request.
 *
 * @param request The request; its path begins where the API begins.
 * @param url The request's address, parsed.
 * @param config The settings in force.
 * @param timezones The time zones that the database knows.
 * @throws {RestError} PGRST1xx when the request makes no sense.
 */
export async function parseApiRequest(
  request: Request,
  url: URL,
  config: RestConfig,
  timezones: ReadonlySet<string>,
): Promise<ApiRequest> {
  const bytes = request.body ? new Uint8Array(await request.arrayBuffer()) : new Uint8Array();
  const resource = findResource(url.pathname, config);
  const { schema, showsProfile } = chooseSchema(request, config.schemas);
  const action = chooseAction(resource, request.method);
  const isCall = action.kind === "call" && action.invocation !== "post";
  const query = parseQueryParameters(url.search.slice(1), isCall);
  const topRange = topLevelRange(request, query);
  const header = request.headers.get("content-type");
  const contentType: MediaType = header === null ? { kind: "json" } : parseMediaType(header);
  return {
    action,
    schema,
    showsProfile,
    query,
    topRange,
    body: readBody(action, bytes, contentType, query),
    preferences: parsePreferences(request.headers.get("prefer"), {
      mayEndTransaction: config.mayEndTransaction,
      timezones,
    }),
    accept: parseAccept(request.headers.get("accept")),
    contentType,
  };
}
