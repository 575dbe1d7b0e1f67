// What the frame knows about one request while it is served.
import type { DatabaseMeter } from "../clients/rest_fetch.ts";
import { createLogger, type RequestLogger } from "../logging/logger.ts";
import type { FunctionDeps } from "./function_deps.ts";

/** Filled in as the request proceeds; read for the log line and the response headers. */
export interface RequestState extends DatabaseMeter {
  readonly request: Request;
  readonly requestId: string;
  readonly startedAt: number;
  readonly log: RequestLogger;
  operation: string;
  actorKind: "anonymous" | "user" | "webhook" | "job";
  actorId: string | undefined;
  orgId: string | undefined;
  /** `ok`, or why the credentials were refused. */
  auth: string | undefined;
  authMs: number;
  handlerMs: number;
  errorCode: string | undefined;
  cause: unknown;
}

/** Ids that callers may choose: long enough to be unique, and nothing that could break a line. */
const REQUEST_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{7,99}$/;

/**
 * Starts the state of a request. A caller's own request id is kept when it is harmless; it joins
 * lines and rows and proves nothing.
 *
 * @param functionName The function that serves.
 * @param request The request.
 * @param deps Clock and log.
 * @returns The state.
 */
export function startRequest(
  functionName: string,
  request: Request,
  deps: FunctionDeps,
): RequestState {
  const given = request.headers.get("x-request-id");
  const requestId = given !== null && REQUEST_ID.test(given) ? given : crypto.randomUUID();
  return {
    request,
    requestId,
    startedAt: performance.now(),
    log: createLogger({ functionName, requestId }, deps.clock, deps.writeLine),
    operation: "none",
    actorKind: "anonymous",
    actorId: undefined,
    orgId: undefined,
    auth: undefined,
    authMs: 0,
    handlerMs: 0,
    errorCode: undefined,
    cause: undefined,
    dbMs: 0,
    dbCalls: 0,
  };
}
