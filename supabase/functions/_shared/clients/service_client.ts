// The only door to the service role. Trust boundary: what goes through here is not bound by
// row-level security, so each use has a registered reason, a function it is registered for, and a
// row in the audit log that is written before the client is handed out.
import { PostgrestClient } from "@supabase/postgrest-js";
import type { ApiDatabase } from "@shared/database/api_database.ts";
import { fromPostgrestError } from "@shared/errors/app_error.ts";
import type { FunctionName } from "@shared/platform/function_registry.ts";
import type { ServiceClient } from "@shared/platform/request_context.ts";
import { isServiceUseAllowed, type ServiceReason } from "@shared/platform/service_reasons.ts";

/** What a service client is opened with. */
export interface ServiceUse {
  readonly functionName: FunctionName;
  readonly requestId: string;
  readonly env: { readonly supabaseUrl: string; readonly secretKey: string };
  /** The network, with its time limit; from `createRestFetch`. */
  readonly fetch: typeof globalThis.fetch;
}

/** A registered reason, and the use it is for. */
export interface ServiceClientOptions {
  readonly reason: ServiceReason;
  readonly ctx: ServiceUse;
}

/**
 * Opens a client with the service role and records that it was opened.
 *
 * @param options The reason, and the function and request that give it.
 * @returns The client.
 * @throws {TypeError} When the function is not registered for the reason.
 * @throws {AppError} When the use could not be recorded: no record, no client.
 */
export async function serviceClient({ reason, ctx }: ServiceClientOptions): Promise<ServiceClient> {
  const client = openServiceClient(reason, ctx);
  const { error } = await client.rpc("record_service_use", {
    p_function: ctx.functionName,
    p_reason: reason,
    p_org_id: null,
    p_request_id: ctx.requestId,
  });
  if (error) throw fromPostgrestError(error);
  return client;
}

/**
 * Opens a client for a single call that itself writes the audit row, so that accepting a webhook or
 * a scheduled call stays one round trip. Only the frame uses it, for `accept_webhook` and
 * `consume_cron_nonce`.
 *
 * @param reason A registered reason.
 * @param ctx The function and request that give it.
 * @returns The client.
 * @throws {TypeError} When the function is not registered for the reason.
 */
export function openServiceClient(reason: ServiceReason, ctx: ServiceUse): ServiceClient {
  if (!isServiceUseAllowed(ctx.functionName, reason)) {
    throw new TypeError(`${ctx.functionName} is not registered to use the service role: ${reason}`);
  }
  const client = new PostgrestClient<ApiDatabase>(`${ctx.env.supabaseUrl}/rest/v1`, {
    headers: {
      apikey: ctx.env.secretKey,
      // The gateway accepts an opaque key here only when it equals `apikey`
      authorization: `Bearer ${ctx.env.secretKey}`,
      "x-request-id": ctx.requestId,
    },
    schema: "public",
    fetch: ctx.fetch,
    retry: false,
  });
  return Object.assign(client, { isService: true as const });
}

/**
 * The same client, whose calls name another request: a job belongs to the request that called for it,
 * and what it writes says so.
 *
 * @param client An open service client.
 * @param requestId The request to name.
 * @returns A client with the same authority and no use of its own.
 */
export function followRequest(client: ServiceClient, requestId: string): ServiceClient {
  const headers = new Headers(client.headers);
  headers.set("x-request-id", requestId);
  const follower = new PostgrestClient<ApiDatabase>(client.url, {
    headers: Object.fromEntries(headers),
    schema: "public",
    ...(client.fetch === undefined ? {} : { fetch: client.fetch }),
    retry: false,
  });
  return Object.assign(follower, { isService: true as const });
}
