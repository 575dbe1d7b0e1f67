// Builds a function that signed-in people call. Trust boundary: a user's token. Every operation
// verifies it, checks its input and runs with the caller's own authority.
import { Hono } from "hono";
import type { z } from "zod";
import { AppError } from "@shared/errors/app_error.ts";
import { type FunctionNameOf, requireFunction } from "@shared/platform/function_registry.ts";
import type { RequestContext } from "@shared/platform/request_context.ts";
import { createVerifyCaller, type VerifyCaller } from "../auth/verify_caller.ts";
import type { Caller } from "../auth/caller.ts";
import { ApiCall, CallerContext } from "./caller_context.ts";
import { answerPreflight } from "./cors.ts";
import { type FunctionDeps, productionDeps } from "./function_deps.ts";
import type { OpenApiDocument } from "./openapi_document.ts";
import {
  type AnyOperationSpec,
  loadSchema,
  type OperationCall,
  type OperationHandler,
  type OperationSpec,
  type Reply,
  requireStrictSchemas,
} from "./operation.ts";
import { parseInput, type RawInput } from "./parse_input.ts";
import { toProblem } from "./problem.ts";
import type { RequestState } from "./request_state.ts";
import { type Dispatch, serveRequest } from "./serve_request.ts";

/** Names of functions that `createApi` may build. */
export type ApiName = FunctionNameOf<"api">;

/** An api: operations are added to it, then it serves. */
export interface Api {
  readonly name: ApiName;
  /**
   * Adds an operation.
   *
   * @param spec Its contract.
   * @param handler Calls one verb and answers.
   * @throws {TypeError} When a request schema would let unknown keys through.
   */
  operation<
    R extends z.ZodType,
    P extends z.ZodType = z.ZodUndefined,
    Q extends z.ZodType = z.ZodUndefined,
    B extends z.ZodType = z.ZodUndefined,
  >(spec: OperationSpec<P, Q, B, R>, handler: OperationHandler<P, Q, B, R>): void;
  /** Answers a request. */
  fetch(request: Request): Promise<Response>;
  /** Answers a request made up by a test. */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** What the api offers, as OpenAPI. */
  document(): Promise<OpenApiDocument>;
}

interface ApiEnv {
  Bindings: { readonly state: RequestState };
}

type AnyHandler = (
  ctx: RequestContext,
  input: Awaited<ReturnType<typeof parseInput>>,
  call: OperationCall,
) => Promise<Reply<unknown> | Response>;

/** What can be an id at all; `.env` and its like are no operation's, and nobody is asked who they are. */
const PATH_PART = "[A-Za-z0-9_-]+";
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

/**
 * Starts an api. Its path is `/<name>`; `/<name>/openapi.json` describes it to anyone.
 *
 * @param name A function that the registry knows as an api.
 * @param deps Its surroundings; tests pass their own.
 * @returns The api, without operations yet.
 * @throws {TypeError} When the registry says that it is something else.
 *
 * @example One operation
 * ```ts ignore
 * export function createApp(deps: FunctionDeps = productionDeps()): Api {
 *   const api = createApi("meeting-search", deps);
 *   api.operation({
 *     operation: "meetings.search",
 *     method: "get",
 *     path: "/",
 *     summary: "Finds what was said in meetings that the caller may read.",
 *     query: SearchQuery,
 *     response: SearchResults,
 *   }, async (ctx, { query }) => ({ data: await searchMeetings(ctx, query) }));
 *   return api;
 * }
 * ```
 */
export function createApi(name: ApiName, deps: FunctionDeps = productionDeps()): Api {
  requireFunction(name, "api");
  const verifyCaller = createVerifyCaller(deps);
  const specs: AnyOperationSpec[] = [];
  const router = new Hono<ApiEnv>().basePath(`/${name}`);
  router.onError((error, c) => toProblem(error, c.env.state));
  router.notFound((c) => notFound(router, c.req.raw, c.env.state));
  router.get("/openapi.json", async (c) => {
    c.env.state.operation = "openapi.read";
    return Response.json(await document());
  });

  async function document(): Promise<OpenApiDocument> {
    const { createOpenApiDocument } = await import("./openapi_document.ts");
    return await createOpenApiDocument(name, specs);
  }

  const dispatch: Dispatch = (request, state) => {
    const preflight = request.method === "OPTIONS"
      ? answerPreflight(request, allowedMethods(router, request), deps.env.allowedOrigins)
      : null;
    return preflight ?? router.fetch(request, { state });
  };
  const serve = (request: Request): Promise<Response> =>
    serveRequest(request, { name, deps, hasCors: true }, dispatch);

  return {
    name,
    operation(spec, handler) {
      const contract = spec as AnyOperationSpec;
      requireStrictSchemas(contract);
      specs.push(contract);
      const run = createRunner(name, contract, handler as AnyHandler, verifyCaller, deps);
      router.on(
        spec.method.toUpperCase(),
        spec.path.replace(/:\w+/g, `$&{${PATH_PART}}`),
        (c) =>
          run(c.env.state, {
            params: () => c.req.param() as Record<string, string>,
            query: () => c.req.queries(),
          }),
      );
    },
    fetch: serve,
    request: (path, init) => serve(new Request(new URL(path, "http://function.test"), init)),
    document,
  };
}

type Runner = (
  state: RequestState,
  parts: Pick<RawInput, "params" | "query">,
) => Promise<Response>;

function createRunner(
  name: ApiName,
  spec: AnyOperationSpec,
  handler: AnyHandler,
  verifyCaller: VerifyCaller,
  deps: FunctionDeps,
): Runner {
  return async (state, { params, query }) => {
    state.operation = spec.operation;
    const caller = await authenticate(state, verifyCaller);
    const input = await parseInput(spec, { request: state.request, params, query });
    const ctx = new CallerContext(caller, state, deps);
    const startedAt = performance.now();
    try {
      const reply = await handler(ctx, input, new ApiCall(name, caller, state, deps));
      return reply instanceof Response ? reply : await toResponse(reply, spec, deps);
    } finally {
      state.handlerMs = performance.now() - startedAt;
    }
  };
}

async function authenticate(state: RequestState, verifyCaller: VerifyCaller): Promise<Caller> {
  const startedAt = performance.now();
  const { caller, refusal } = await verifyCaller(state.request);
  state.authMs = performance.now() - startedAt;
  state.auth = refusal ?? "ok";
  if (caller === null) {
    if (refusal === "keys_unavailable") throw new AppError("upstream_unavailable");
    throw new AppError(refusal === "absent" ? "unauthenticated" : "invalid_token");
  }
  state.actorKind = "user";
  state.actorId = caller.userId;
  state.orgId = caller.orgId ?? undefined;
  return caller;
}

async function toResponse(
  reply: Reply<unknown>,
  spec: AnyOperationSpec,
  deps: FunctionDeps,
): Promise<Response> {
  // A contract that is not kept must be noticed before a client notices it; in production the
  // answer is worth more than the check
  if (deps.env.environment !== "production") {
    (await loadSchema(spec.response)).parse(reply.data);
  }
  return Response.json(spec.isBare === true ? reply.data : reply);
}

function allowedMethods(router: Hono<ApiEnv>, request: Request): readonly string[] {
  const { pathname } = new URL(request.url);
  return METHODS.filter((method) => router.router.match(method, pathname)[0].length > 0);
}

function notFound(router: Hono<ApiEnv>, request: Request, state: RequestState): Response {
  const allowed = allowedMethods(router, request);
  if (allowed.length === 0) return toProblem(new AppError("route_not_found"), state);
  const allow = [...allowed, "OPTIONS"].join(", ");
  return toProblem(new AppError("method_not_allowed"), state, { allow });
}
