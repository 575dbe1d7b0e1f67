// Builds a function that our own schedule calls. Trust boundary: an HMAC over function, minute,
// nonce and body by a key that only the database's vault and this function hold; a nonce works once.
import { z } from "zod";
import { AppError, fromPostgrestError } from "@shared/errors/app_error.ts";
import { type FunctionNameOf, requireFunction } from "@shared/platform/function_registry.ts";
import type { ServiceContext } from "@shared/platform/request_context.ts";
import type { ServiceReason } from "@shared/platform/service_reasons.ts";
import { isServiceUseAllowed } from "@shared/platform/service_reasons.ts";
import { verifyCronCall } from "../auth/verify_cron_call.ts";
import { createRestFetch } from "../clients/rest_fetch.ts";
import { openServiceClient, serviceClient, type ServiceUse } from "../clients/service_client.ts";
import type { ServedFunction } from "./create_webhook.ts";
import { type FunctionDeps, productionDeps } from "./function_deps.ts";
import { parseJson } from "./parse_json.ts";
import { toProblem } from "./problem.ts";
import { readBody } from "./read_body.ts";
import type { RequestState } from "./request_state.ts";
import { isDocumentRequest, isPostToRoot, serveRequest } from "./serve_request.ts";

/** Names of functions that `createJob` may build. */
export type JobName = FunctionNameOf<"job">;

/** What a run came to: counts and states, never contents. */
export type JobResult = Readonly<Record<string, number | string | boolean>>;

/** What a job does when its time has come. */
export interface JobSpec<B extends z.ZodType> {
  /** Why it holds the service role while it runs. */
  readonly reason: ServiceReason;
  /** What its schedule may send; nothing unless said otherwise. */
  readonly body?: B;
  /** The run is told to stop after this; 100,000 unless said otherwise. */
  readonly maxMs?: number;
  run(ctx: ServiceContext, input: z.output<B>): Promise<JobResult>;
}

const MAX_BODY_BYTES = 65_536;
/** Below the platform's wall clock of 150 seconds, with time left to tick off what is done. */
const DEFAULT_MAX_MS = 100_000;
const NoInput = z.strictObject({});

/**
 * Starts a job. It answers `POST /<name>` with what the run came to.
 *
 * @param name A function that the registry knows as a job.
 * @param spec What it does.
 * @param deps Its surroundings; tests pass their own.
 * @returns The function.
 * @throws {TypeError} When the registry says otherwise, or the reason is not registered for it.
 *
 * @example A job that drains the inbox
 * ```ts ignore
 * createJob("process-webhook-events", {
 *   reason: "process_webhook_events",
 *   run: (ctx) => drainWebhookEvents(ctx, "fathom", applyFathomEvent, LIMITS),
 * }, deps);
 * ```
 */
export function createJob<B extends z.ZodType = typeof NoInput>(
  name: JobName,
  spec: JobSpec<B>,
  deps: FunctionDeps = productionDeps(),
): ServedFunction {
  requireFunction(name, "job");
  if (!isServiceUseAllowed(name, spec.reason)) {
    throw new TypeError(`${name} is not registered to use the service role: ${spec.reason}`);
  }
  return {
    fetch: (request) =>
      serveRequest(request, { name, deps, hasCors: false }, (_, state) => {
        if (isDocumentRequest(request, name)) return describe(name, spec, state);
        state.operation = `${name.replaceAll("-", "_")}.run`;
        if (isPostToRoot(request, name)) return runJob(name, spec, state, deps);
        return toProblem(new AppError("method_not_allowed"), state, { allow: "POST" });
      }),
  };
}

async function describe<B extends z.ZodType>(
  name: JobName,
  spec: JobSpec<B>,
  state: RequestState,
): Promise<Response> {
  state.operation = "openapi.read";
  const { createSignedCallDocument } = await import("./openapi_document.ts");
  const counts = z.record(z.string(), z.union([z.number(), z.string(), z.boolean()]));
  return Response.json(createSignedCallDocument(name, {
    path: "",
    signatures: [{
      header: "x-cron-signature",
      description: "HMAC over function, minute (x-cron-minute), nonce (x-cron-nonce) and body.",
    }],
    body: spec.body ?? NoInput,
    response: z.strictObject({ data: counts }),
    errors: ["invalid_request", "invalid_signature", "not_configured"],
  }));
}

async function runJob<B extends z.ZodType>(
  name: JobName,
  spec: JobSpec<B>,
  state: RequestState,
  deps: FunctionDeps,
): Promise<Response> {
  // A schedule's call is cut off after seconds; the run goes on without it
  const deadline = AbortSignal.timeout(spec.maxMs ?? DEFAULT_MAX_MS);
  const restFetch = createRestFetch(deps.fetch, state);
  const use: ServiceUse = {
    functionName: name,
    requestId: state.requestId,
    env: deps.env,
    fetch: restFetch,
  };
  const body = await readBody(state.request, { maxBytes: MAX_BODY_BYTES });
  await authenticate(name, body, use, state, deps);
  const input = parseJobInput(spec, body);

  const work = run(spec, input, use, state, deps, deadline);
  deps.runInBackground(Promise.allSettled([work]));
  return Response.json({ data: await work });
}

async function run<B extends z.ZodType>(
  spec: JobSpec<B>,
  input: z.output<B>,
  use: ServiceUse,
  state: RequestState,
  deps: FunctionDeps,
  deadline: AbortSignal,
): Promise<JobResult> {
  const startedAt = performance.now();
  try {
    const ctx: ServiceContext = {
      db: await serviceClient({ reason: spec.reason, ctx: use }),
      requestId: state.requestId,
      log: state.log,
      clock: deps.clock,
      signal: deadline,
      fetch: deps.fetch,
    };
    return await spec.run(ctx, input);
  } finally {
    state.handlerMs = performance.now() - startedAt;
  }
}

async function authenticate(
  name: JobName,
  body: Uint8Array<ArrayBuffer>,
  use: ServiceUse,
  state: RequestState,
  deps: FunctionDeps,
): Promise<void> {
  const startedAt = performance.now();
  try {
    const key = deps.env.cronKey;
    if (key === undefined) throw new AppError("not_configured");
    const call = verifyCronCall(name, state.request.headers, body, key, deps.clock);
    if (typeof call === "string") {
      state.auth = call;
      throw new AppError("invalid_signature");
    }
    const { data, error } = await openServiceClient("authenticate_cron", use).rpc(
      "consume_cron_nonce",
      { p_function: name, p_nonce: call.nonce, p_minute: call.minute },
    );
    if (error) throw fromPostgrestError(error);
    state.auth = data === true ? "ok" : "replayed";
    if (data !== true) throw new AppError("invalid_signature");
    state.actorKind = "job";
    state.actorId = name;
  } finally {
    state.authMs = performance.now() - startedAt;
  }
}

function parseJobInput<B extends z.ZodType>(
  spec: JobSpec<B>,
  body: Uint8Array<ArrayBuffer>,
): z.output<B> {
  const value = body.byteLength === 0 ? {} : parseJson(body);
  const parsed = (spec.body ?? NoInput).safeParse(value);
  if (!parsed.success) throw new AppError("invalid_request", { cause: parsed.error });
  // Without a schema of its own, `B` is the empty object that was just checked
  return parsed.data as z.output<B>;
}
