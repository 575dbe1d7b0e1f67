// What every request goes through, whatever the function's kind: an id on the way in; headers,
// timing and one log line on the way out; and no error that gets past.
import { AppError } from "@shared/errors/app_error.ts";
import type { FunctionName } from "@shared/platform/function_registry.ts";
import { applyCors } from "./cors.ts";
import type { FunctionDeps } from "./function_deps.ts";
import { toProblem } from "./problem.ts";
import { type RequestState, startRequest } from "./request_state.ts";

/** Answers one request; what it throws becomes a problem. */
export type Dispatch = (request: Request, state: RequestState) => Response | Promise<Response>;

/** How a function is served. */
export interface ServeOptions {
  readonly name: FunctionName;
  readonly deps: FunctionDeps;
  /** Whether web pages may call it; webhooks and jobs are never called by one. */
  readonly hasCors: boolean;
}

const SECURITY_HEADERS: ReadonlyArray<readonly [string, string]> = [
  ["x-content-type-options", "nosniff"],
  ["referrer-policy", "no-referrer"],
  ["content-security-policy", "default-src 'none'; frame-ancestors 'none'"],
];

/**
 * Serves one request from beginning to end.
 *
 * @param request The request.
 * @param options The function.
 * @param dispatch What this kind of function does with a request.
 * @returns The finished answer.
 */
export async function serveRequest(
  request: Request,
  options: ServeOptions,
  dispatch: Dispatch,
): Promise<Response> {
  const state = startRequest(options.name, request, options.deps);
  let response: Response;
  try {
    response = await dispatch(request, state);
  } catch (error) {
    response = toProblem(error, state);
  }
  return finish(response, state, options);
}

function finish(response: Response, state: RequestState, options: ServeOptions): Response {
  const { headers } = response;
  for (const [name, value] of SECURITY_HEADERS) headers.set(name, value);
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  headers.set("x-request-id", state.requestId);
  if (options.hasCors) applyCors(headers, state.request, options.deps.env.allowedOrigins);
  const totalMs = performance.now() - state.startedAt;
  headers.set("server-timing", serverTiming(state, totalMs));
  logRequest(response.status, totalMs, state);
  return response;
}

function serverTiming(state: RequestState, totalMs: number): string {
  return `auth;dur=${round(state.authMs)}, handler;dur=${round(state.handlerMs)}, ` +
    `db;dur=${round(state.dbMs)}, total;dur=${round(totalMs)}`;
}

function logRequest(status: number, totalMs: number, state: RequestState): void {
  const isAuthenticated = state.auth !== undefined;
  const fields = {
    operation: state.operation,
    method: state.request.method,
    status,
    duration_ms: round(totalMs),
    actor_kind: state.actorKind,
    actor_id: state.actorId,
    org_id: state.orgId,
    auth: state.auth,
    auth_ms: isAuthenticated ? round(state.authMs) : undefined,
    error_code: state.errorCode,
    db_ms: state.dbCalls === 0 ? undefined : round(state.dbMs),
    db_calls: state.dbCalls === 0 ? undefined : state.dbCalls,
    cause: state.cause,
  };
  if (status >= 500) state.log.error("request", fields);
  else state.log.info("request", fields);
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}

/**
 * Insists on one address and one method, for functions that have only one.
 *
 * @param request The request.
 * @param name The function; its address is `/<name>`.
 * @throws {AppError} `route_not_found`.
 * @returns True for a POST to the address, false for another method.
 */
export function isPostToRoot(request: Request, name: FunctionName): boolean {
  const { pathname } = new URL(request.url);
  if (pathname !== `/${name}` && pathname !== `/${name}/`) throw new AppError("route_not_found");
  return request.method === "POST";
}

/**
 * Says whether a function is asked to describe itself; anyone may.
 *
 * @param request The request.
 * @param name The function.
 * @returns True for `GET /<name>/openapi.json`.
 */
export function isDocumentRequest(request: Request, name: FunctionName): boolean {
  return request.method === "GET" && new URL(request.url).pathname === `/${name}/openapi.json`;
}
