// Builds a function that a provider calls. Trust boundary: the provider's signature over the raw
// body. A verified call is stored before anything else happens; answering 2xx means that it is.
import { z } from "zod";
import type { Json } from "@shared/database/database.types.ts";
import { AppError, fromPostgrestError } from "@shared/errors/app_error.ts";
import {
  FUNCTION_REGISTRY,
  type FunctionNameOf,
  requireFunction,
  type WebhookProvider,
} from "@shared/platform/function_registry.ts";
import { createRestFetch } from "../clients/rest_fetch.ts";
import { openServiceClient, type ServiceUse } from "../clients/service_client.ts";
import { type BackgroundDrain, createBackgroundDrain } from "../webhooks/background_drain.ts";
import type { ProcessWebhookEvent } from "../webhooks/drain_webhook_events.ts";
import { WEBHOOK_VERIFIERS } from "../webhooks/verifiers.ts";
import { readWebhookPayload } from "../webhooks/webhook_payload.ts";
import type { SecretsByVariable, WebhookVerifier } from "../webhooks/webhook_verifier.ts";
import { type FunctionDeps, productionDeps } from "./function_deps.ts";
import { readBody } from "./read_body.ts";
import type { RequestState } from "./request_state.ts";
import { isDocumentRequest, isPostToRoot, serveRequest } from "./serve_request.ts";
import { toProblem } from "./problem.ts";

/** Names of functions that `createWebhook` may build. */
export type WebhookName = FunctionNameOf<"webhook">;

/** What a webhook does with what it accepted. */
export interface WebhookSpec {
  /** Applies one stored event; also called by the job that drains the inbox. */
  readonly process: ProcessWebhookEvent;
  /**
   * For a provider that is connected one account at a time, each with an address and a secret of its
   * own: whose address `/<name>/<key>` is. Null refuses the call, in the words of a bad signature.
   */
  readonly findAccount?: (key: string, use: ServiceUse) => Promise<WebhookAccount | null>;
  /** 4 MiB unless said otherwise. */
  readonly maxBodyBytes?: number;
  /** What of a verified body the inbox keeps; all of it unless said otherwise. */
  readonly keep?: (payload: Json) => Json;
}

/** A connected account, as our own rows describe it; nothing of it is taken from a payload. */
export interface WebhookAccount {
  /** Stands before the provider's event id in the inbox: accounts can't collide or forestall. */
  readonly id: string;
  /** All that are good now: more than one while they are being changed. */
  readonly secrets: readonly string[];
}

/** A function that serves. */
export interface ServedFunction {
  /** Answers a request. */
  fetch(request: Request): Promise<Response>;
}

const DEFAULT_MAX_BODY_BYTES = 4 * 1024 * 1024;
const Accepted = z.array(z.looseObject({ id: z.string(), is_duplicate: z.boolean() })).length(1);

/**
 * Starts a webhook. It answers `POST /<name>` with `{"received":true,"duplicate":…}`.
 *
 * @param name A function that the registry knows as a webhook; its provider is taken from there.
 * @param spec What happens to accepted events.
 * @param deps Its surroundings; tests pass their own.
 * @returns The function.
 * @throws {TypeError} When the registry says that it is something else.
 *
 * @example All there is to a webhook
 * ```ts ignore
 * export function createApp(deps: FunctionDeps = productionDeps()): ServedFunction {
 *   return createWebhook("fathom-webhook", { process: applyFathomEvent }, deps);
 * }
 * ```
 */
export function createWebhook(
  name: WebhookName,
  spec: WebhookSpec,
  deps: FunctionDeps = productionDeps(),
): ServedFunction {
  requireFunction(name, "webhook");
  const provider = providerOf(name);
  const verifier = WEBHOOK_VERIFIERS[provider];
  const drain = createBackgroundDrain(spec.process, provider, deps);
  const accept: Accept = { name, provider, verifier, spec, deps, drain };
  return {
    fetch: (request) =>
      serveRequest(request, { name, deps, hasCors: false }, (_, state) => {
        if (isDocumentRequest(request, name)) return describe(accept, state);
        state.operation = `${provider}.receive`;
        const isPost = spec.findAccount === undefined
          ? isPostToRoot(request, name)
          : isPostToAccount(request, name);
        if (isPost) return acceptCall(accept, state);
        return toProblem(new AppError("method_not_allowed"), state, { allow: "POST" });
      }),
  };
}

interface Accept {
  readonly name: WebhookName;
  readonly provider: WebhookProvider;
  readonly verifier: WebhookVerifier;
  readonly spec: WebhookSpec;
  readonly deps: FunctionDeps;
  readonly drain: BackgroundDrain;
}

const Receipt = z.strictObject({ received: z.boolean(), duplicate: z.boolean() });

async function describe({ name, verifier, spec }: Accept, state: RequestState): Promise<Response> {
  state.operation = "openapi.read";
  const { createSignedCallDocument } = await import("./openapi_document.ts");
  return Response.json(createSignedCallDocument(name, {
    path: spec.findAccount === undefined ? "" : "/{key}",
    signatures: verifier.signatures,
    response: Receipt,
    errors: ["invalid_signature", "webhook_not_configured"],
  }));
}

function providerOf(name: WebhookName): WebhookProvider {
  const [, provider] = FUNCTION_REGISTRY[name].auth.split(":");
  // The registry's type says which words can stand there
  return provider as WebhookProvider;
}

async function acceptCall(accept: Accept, state: RequestState): Promise<Response> {
  const { name, provider, verifier, spec, deps } = accept;
  const { request, requestId } = state;
  // The answer does not wait for the caller: a sender that hangs up must not undo what it sent
  const fetch = createRestFetch(deps.fetch, state);
  const use: ServiceUse = { functionName: name, requestId, env: deps.env, fetch };

  const account = await findAccount(accept, request, use);
  const maxBytes = spec.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
  const body = await readBody(request, { maxBytes });
  const startedAt = performance.now();
  const nowMs = deps.clock.now().getTime();
  const { secrets } = account;
  const verified = await verifier.verify({ headers: request.headers, body, secrets, nowMs });
  state.authMs = performance.now() - startedAt;
  state.auth = typeof verified === "string" ? verified : "ok";
  if (typeof verified === "string") {
    // A sender gives up after a 4xx; what is only not set up yet it must send again
    throw new AppError(
      verified === "unconfigured" ? "webhook_not_configured" : "invalid_signature",
    );
  }
  state.actorKind = "webhook";
  state.actorId = provider;

  const payload = readWebhookPayload(body);
  const { data, error } = await openServiceClient("accept_webhook", use).rpc("accept_webhook", {
    p_provider: provider,
    p_event_id: account.id === "" ? verified.eventId : `${account.id}:${verified.eventId}`,
    p_payload: spec.keep?.(payload) ?? payload,
    p_headers: keptHeaders(request.headers, verifier.keptHeaders),
    p_request_id: requestId,
  });
  if (error) throw notStored(error);
  const [accepted] = Accepted.parse(data);
  const isDuplicate = accepted?.is_duplicate === true;
  if (!isDuplicate) accept.drain(use, state);
  return Response.json({ received: true, duplicate: isDuplicate });
}

interface CalledAccount {
  readonly id: string;
  readonly secrets: SecretsByVariable;
}

const ACCOUNT_KEY = /^[\w-]{20,100}$/;

function accountKey(request: Request, name: WebhookName): string {
  return new URL(request.url).pathname.slice(`/${name}/`.length);
}

function isPostToAccount(request: Request, name: WebhookName): boolean {
  const { pathname } = new URL(request.url);
  if (!pathname.startsWith(`/${name}/`) || !ACCOUNT_KEY.test(accountKey(request, name))) {
    throw new AppError("route_not_found");
  }
  return request.method === "POST";
}

async function findAccount(
  { name, verifier, spec, deps }: Accept,
  request: Request,
  use: ServiceUse,
): Promise<CalledAccount> {
  const variables = verifier.secretVariables;
  if (spec.findAccount !== undefined) {
    const account = await spec.findAccount(accountKey(request, name), use);
    if (account !== null) {
      const [variable] = variables;
      return {
        id: account.id,
        secrets: variable === undefined ? {} : { [variable]: account.secrets },
      };
    }
    await request.body?.cancel();
    throw new AppError("invalid_signature");
  }
  const secrets = Object.fromEntries(
    variables.map((variable) => [variable, splitSecrets(deps.readVariable(variable))]),
  );
  if (Object.values(secrets).some((list) => list.length > 0)) return { id: "", secrets };
  await request.body?.cancel();
  throw new AppError("webhook_not_configured");
}

/** Whatever stopped it, the sender must try again: never a 4xx for what was verified. */
function notStored(error: Parameters<typeof fromPostgrestError>[0]): AppError {
  const known = fromPostgrestError(error);
  return known.status >= 500 ? known : new AppError("upstream_unavailable", { cause: error });
}

function splitSecrets(list: string | undefined): readonly string[] {
  return (list ?? "").split(/[\s;]+|,(?=whsec_|v1,)/).filter((secret) => secret !== "");
}

function keptHeaders(headers: Headers, names: readonly string[]): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of names) {
    const value = headers.get(name);
    if (value !== null) kept[name] = value.slice(0, 300);
  }
  return kept;
}
