// Plans a request against the schema cache: what is read, changed or called, and how it is shown.
import type { RestConfig } from "../config/rest_config.ts";
import { invalidPreferences, maxAffectedOnSingle } from "../errors/request_errors.ts";
import { noTable } from "../errors/schema_errors.ts";
import type { ApiRequest, Mutation } from "../request/api_request.ts";
import { nameKey, type QualifiedName } from "../schema_cache/names.ts";
import type { Routine, SchemaCache, Table } from "../schema_cache/types.ts";
import { argumentNames, type CallPlan, findRoutine, planCall } from "./call_plan.ts";
import { type MutatePlan, planMutation } from "./mutate_plan.ts";
import { negotiate, type Rendering } from "./negotiate.ts";
import type { ReadNode } from "./read_node.ts";
import { planRead } from "./read_plan.ts";

/** A request, planned. */
export type ActionPlan =
  & { readonly read: ReadNode; readonly rendering: Rendering; readonly readOnly: boolean }
  & (
    | { readonly kind: "read"; readonly table: Table }
    | { readonly kind: "mutate"; readonly mutation: Mutation; readonly mutate: MutatePlan }
    | { readonly kind: "call"; readonly call: CallPlan; readonly headersOnly: boolean }
  );

function findTable(cache: SchemaCache, name: QualifiedName): Table {
  const table = cache.tables.get(nameKey(name));
  if (!table) throw noTable(cache, name.schema, name.name);
  return table;
}

function checkPreferences({ preferences }: ApiRequest): void {
  if (preferences.handling === "strict" && preferences.unknown.length > 0) {
    throw invalidPreferences(preferences.unknown);
  }
}

function withoutBody(rendering: Rendering): Rendering {
  return { ...rendering, renderer: { kind: "none" } };
}

/** Finds the function that a request calls, or asks about. */
export function findCalledRoutine(
  cache: SchemaCache,
  request: ApiRequest,
  name: string,
): Routine {
  const isPost = request.action.kind === "call" && request.action.invocation === "post";
  return findRoutine(
    cache,
    { schema: request.schema, name },
    argumentNames(request),
    request.contentType,
    isPost,
  );
}

function planTableRead(
  cache: SchemaCache,
  config: RestConfig,
  request: ApiRequest,
  name: string,
  headersOnly: boolean,
): ActionPlan {
  const table = findTable(cache, { schema: request.schema, name });
  const read = planRead(cache, config, request, { schema: table.schema, name: table.name });
  const rendering = negotiate(cache, table, request.accept, read, config.planEnabled);
  checkPreferences(request);
  return {
    kind: "read",
    table,
    read,
    rendering: headersOnly ? withoutBody(rendering) : rendering,
    readOnly: true,
  };
}

function planTableMutation(
  cache: SchemaCache,
  config: RestConfig,
  request: ApiRequest,
  name: string,
  mutation: Mutation,
): ActionPlan {
  const table = findTable(cache, { schema: request.schema, name });
  const read = planRead(cache, config, request, { schema: table.schema, name: table.name });
  const mutate = planMutation(cache, request, table, mutation, read);
  checkPreferences(request);
  const rendering = negotiate(cache, table, request.accept, read, config.planEnabled);
  const isShown = request.preferences.representation === "representation";
  return {
    kind: "mutate",
    mutation,
    mutate,
    read,
    rendering: isShown ? rendering : withoutBody(rendering),
    readOnly: false,
  };
}

function planRoutineCall(
  cache: SchemaCache,
  config: RestConfig,
  request: ApiRequest,
  name: string,
  invocation: "get" | "head" | "post",
): ActionPlan {
  const routine = findCalledRoutine(cache, request, name);
  // A function that returns rows of a table can embed what that table can.
  const table = {
    schema: routine.schema,
    name: routine.returnsComposite ? routine.returnType.name : routine.name,
  };
  const read = planRead(cache, config, request, table);
  const rendering = negotiate(cache, table, request.accept, read, config.planEnabled);
  checkPreferences(request);
  const { maxAffected, handling } = request.preferences;
  if (maxAffected !== undefined && handling === "strict" && !routine.returnsSet) {
    throw maxAffectedOnSingle();
  }
  const headersOnly = invocation === "head";
  return {
    kind: "call",
    call: planCall(request, routine, read),
    headersOnly,
    read,
    rendering: headersOnly ? withoutBody(rendering) : rendering,
    readOnly: invocation !== "post" || routine.volatility !== "volatile",
  };
}

/**
 * Plans a request.
 *
 * @returns The plan, or undefined for a request that is answered without the database.
 * @throws {RestError} PGRST1xx or PGRST2xx when it cannot be carried out.
 */
export function planAction(
  cache: SchemaCache,
  config: RestConfig,
  request: ApiRequest,
): ActionPlan | undefined {
  const { action } = request;
  switch (action.kind) {
    case "read":
      return planTableRead(cache, config, request, action.name, action.headersOnly);
    case "mutate":
      return planTableMutation(cache, config, request, action.name, action.mutation);
    case "call":
      return planRoutineCall(cache, config, request, action.name, action.invocation);
    default:
      return undefined;
  }
}
