// Renders what the database gave as an answer: status, headers and body of each kind of request.
import { offsetOutOfBounds } from "../errors/request_errors.ts";
import type { ActionPlan } from "../plan/action_plan.ts";
import type { ApiRequest } from "../request/api_request.ts";
import { contentType } from "../request/media_type.ts";
import { preferenceApplied, type Preferences } from "../request/preferences.ts";
import { contentRange } from "../request/row_range.ts";
import { returnsVoid } from "../schema_cache/types.ts";
import type { ResultSet } from "./result_set.ts";

type Header = readonly [string, string];
type Body = string | Uint8Array<ArrayBuffer>;

/** An answer, before it becomes a response. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly Header[];
  /** Null when an answer has no body, not even an empty one. */
  readonly body: Body | null;
}

/** The preferences that this kind of request took notice of. */
function applied(plan: ActionPlan, request: ApiRequest): Header[] {
  const { preferences, query } = request;
  const mutation = plan.kind === "mutate" ? plan.mutation : undefined;
  const isInsert = mutation === "insert";
  const mayConflict = plan.kind === "mutate" && isInsert &&
    (plan.mutate.primaryKey.length > 0 || query.onConflict !== undefined);
  const limits = mutation === "update" || mutation === "delete" || plan.kind === "call";
  const taken: Omit<Preferences, "unknown"> = {
    resolution: mayConflict ? preferences.resolution : undefined,
    representation: plan.kind === "mutate" ? preferences.representation : undefined,
    count: preferences.count,
    transaction: preferences.transaction,
    missing: isInsert || mutation === "update" ? preferences.missing : undefined,
    handling: preferences.handling,
    timezone: preferences.timezone,
    maxAffected: limits ? preferences.maxAffected : undefined,
  };
  const header = preferenceApplied(taken);
  return header === undefined ? [] : [["Preference-Applied", header]];
}

function contentHeaders(plan: ActionPlan, request: ApiRequest): Header[] {
  const type: Header = ["Content-Type", contentType(plan.rendering.mediaType)];
  return request.showsProfile ? [type, ["Content-Profile", request.schema]] : [type];
}

function rangeAnswer(
  request: ApiRequest,
  result: ResultSet,
  total: number | null,
): { status: number; header: Header; body: Body } {
  const { first } = request.topRange;
  const last = first + result.rows - 1;
  const header: Header = ["Content-Range", contentRange(first, last, total)];
  if (total === null) return { status: 200, header, body: result.body };
  if (first > total) {
    const body = offsetOutOfBounds(first, String(total)).payload();
    return { status: 416, header, body };
  }
  return { status: result.rows < total ? 206 : 200, header, body: result.body };
}

function readAnswer(
  plan: Extract<ActionPlan, { kind: "read" }>,
  request: ApiRequest,
  result: ResultSet,
  total: number | null,
): Answer {
  const { status, header, body } = rangeAnswer(request, result, total);
  const { canonical } = request.query;
  const query = canonical === "" ? "" : `?${canonical}`;
  const headersOnly = request.action.kind === "read" && request.action.headersOnly;
  return {
    status,
    headers: [
      header,
      ["Content-Location", `/${encodeURI(plan.table.name)}${query}`],
      ...contentHeaders(plan, request),
      ...applied(plan, request),
    ],
    body: headersOnly && status !== 416 ? null : body,
  };
}

function encodeValue(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function locationHeader(name: string, result: ResultSet): Header[] {
  if (result.location.length === 0) return [];
  const pairs = result.location.map(([key, value]) => `${encodeValue(key)}=${encodeValue(value)}`);
  return [["Location", `/${encodeURI(name)}?${pairs.join("&")}`]];
}

function counted(request: ApiRequest, rows: number): number | null {
  const { count } = request.preferences;
  return count === "exact" || count === "estimated" ? rows : null;
}

function insertAnswer(
  plan: Extract<ActionPlan, { kind: "mutate" }>,
  request: ApiRequest,
  result: ResultSet,
): Answer {
  const { representation, resolution } = request.preferences;
  const isShown = representation === "representation";
  // An upsert that only updated has created nothing.
  const isUpdate = resolution === "merge-duplicates" && (result.inserted ?? 0) <= 0;
  return {
    status: isUpdate ? 200 : 201,
    headers: [
      ...locationHeader(plan.mutate.table.name, result),
      ["Content-Range", contentRange(1, 0, counted(request, result.rows))],
      ...applied(plan, request),
      ...(isShown ? contentHeaders(plan, request) : []),
    ],
    body: isShown ? result.body : "",
  };
}

function changeAnswer(
  plan: Extract<ActionPlan, { kind: "mutate" }>,
  request: ApiRequest,
  result: ResultSet,
): Answer {
  const isShown = request.preferences.representation === "representation";
  const range: Header[] = plan.mutation === "upsert-one" ? [] : [[
    "Content-Range",
    plan.mutation === "update"
      ? contentRange(0, result.rows - 1, counted(request, result.rows))
      : contentRange(1, 0, counted(request, result.rows)),
  ]];
  const created = plan.mutation === "upsert-one" && (result.inserted ?? 0) > 0;
  return {
    status: isShown ? (created ? 201 : 200) : 204,
    headers: [
      ...range,
      ...applied(plan, request),
      ...(isShown ? contentHeaders(plan, request) : []),
    ],
    body: isShown ? result.body : null,
  };
}

function callAnswer(
  plan: Extract<ActionPlan, { kind: "call" }>,
  request: ApiRequest,
  result: ResultSet,
): Answer {
  const { status, header, body } = rangeAnswer(request, result, result.total);
  const headers = [header, ...applied(plan, request)];
  if (returnsVoid(plan.call.routine)) return { status: 204, headers, body: null };
  return {
    status,
    headers: [...headers, ...contentHeaders(plan, request)],
    body: plan.headersOnly ? null : body,
  };
}

function overridden(answer: Answer, result: ResultSet): Answer {
  const names = new Set(result.headers.map(([name]) => name.toLowerCase()));
  return {
    status: result.status ?? answer.status,
    headers: [
      ...answer.headers.filter(([name]) => !names.has(name.toLowerCase())),
      ...result.headers,
    ],
    body: answer.body,
  };
}

/**
 * Renders the answer of a request.
 *
 * @param total How many rows there are in all, counted or estimated.
 */
export function renderAnswer(
  plan: ActionPlan,
  request: ApiRequest,
  result: ResultSet,
  total: number | null,
): Answer {
  switch (plan.kind) {
    case "read":
      return overridden(readAnswer(plan, request, result, total), result);
    case "call":
      return overridden(callAnswer(plan, request, result), result);
    case "mutate": {
      const answer = plan.mutation === "insert" ? insertAnswer : changeAnswer;
      return overridden(answer(plan, request, result), result);
    }
  }
}

/** The answer that shows an execution plan. */
export function planAnswer(
  plan: ActionPlan,
  request: ApiRequest,
  rows: ReadonlyArray<readonly (string | null)[]>,
): Answer {
  const body = rows.map(([line]) => `${line ?? ""}\n`).join("");
  return { status: 200, headers: contentHeaders(plan, request), body };
}
