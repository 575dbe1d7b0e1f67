// Recorded meetings from Fathom. Trust boundary: the signature, by the secret of the connection whose
// address was called. The address's last part is unguessable and only its hash is kept.
import { z } from "zod";
import { fromPostgrestError } from "@shared/errors/app_error.ts";
import { applyFathomEvent } from "@shared/meetings/apply_fathom_event.ts";
import { sha256Hex } from "@shared/platform/sha256.ts";
import { openServiceClient, type ServiceUse } from "../_shared/clients/service_client.ts";
import {
  createWebhook,
  type ServedFunction,
  type WebhookAccount,
} from "../_shared/http/create_webhook.ts";
import { type FunctionDeps, productionDeps } from "../_shared/http/function_deps.ts";
import { createAccountCache } from "../_shared/webhooks/account_cache.ts";

const Connection = z.object({ id: z.uuid(), secrets: z.array(z.string()) }).nullable();

/**
 * Builds `fathom-webhook`: `POST /fathom-webhook/<key>`.
 *
 * @param deps Its surroundings; tests pass their own.
 * @returns The function.
 */
export function createApp(deps: FunctionDeps = productionDeps()): ServedFunction {
  const cache = createAccountCache(findConnection, deps.clock);
  return createWebhook(
    "fathom-webhook",
    { process: applyFathomEvent, findAccount: cache, maxBodyBytes: 8 * 1024 * 1024 },
    deps,
  );
}

async function findConnection(key: string, use: ServiceUse): Promise<WebhookAccount | null> {
  const { data, error } = await openServiceClient("accept_webhook", use).rpc(
    "find_fathom_connection",
    { p_key_hash: await sha256Hex(key) },
  );
  if (error) throw fromPostgrestError(error);
  return Connection.parse(data);
}
