// What the transcriber posts when a job has ended (U60-109). Trust boundary: the last part of the
// address, which is unguessable, one job's, and kept as a hash only. The body proves nothing: it names a
// job, and the job is read with our own key. Its words are not kept here, unless they are all there is.
import { z } from "zod";
import type { Json } from "@shared/database/database.types.ts";
import { fromPostgrestError } from "@shared/errors/app_error.ts";
import { createCallbackProcessor } from "@shared/recordings/apply_transcription_callback.ts";
import { GladiaResult } from "@shared/recordings/gladia_contract.ts";
import { hashToken } from "@shared/recordings/transcribe_by_job.ts";
import { openServiceClient, type ServiceUse } from "../_shared/clients/service_client.ts";
import {
  createWebhook,
  type ServedFunction,
  type WebhookAccount,
} from "../_shared/http/create_webhook.ts";
import { type FunctionDeps, productionDeps } from "../_shared/http/function_deps.ts";
import { createTranscriptionWorker } from "../_shared/providers/transcription_worker.ts";

/** A result names every word with its times. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

const Owner = z.object({ id: z.uuid() }).nullable();
const Posted = z.object({
  id: z.string().optional(),
  event: z.string(),
  error: z.object({ code: z.int().nullish() }).nullish(),
  payload: z.unknown().optional(),
});
const JobNamed = z.object({ id: z.string() });

/**
 * Builds `process-gladia-webhook`: `POST /process-gladia-webhook/<token>`.
 *
 * @param deps Its surroundings; tests pass their own.
 * @returns The function.
 */
export function createApp(
  deps: FunctionDeps = productionDeps(),
): ServedFunction {
  const isZeroRetention = deps.readVariable("GLADIA_ZERO_RETENTION") === "true";
  return createWebhook("process-gladia-webhook", {
    process: createCallbackProcessor(createTranscriptionWorker(deps)),
    findAccount: findTranscription,
    maxBodyBytes: MAX_BODY_BYTES,
    keep: (payload) => reduce(payload, isZeroRetention),
  }, deps);
}

/** Not remembered between calls: a job calls once. */
async function findTranscription(
  token: string,
  use: ServiceUse,
): Promise<WebhookAccount | null> {
  const { data, error } = await openServiceClient("accept_webhook", use).rpc(
    "find_transcription_callback",
    { p_token_hash: await hashToken(token) },
  );
  if (error) throw fromPostgrestError(error);
  const owner = Owner.parse(data);
  return owner === null ? null : { id: owner.id, secrets: [] };
}

/** Which job, and whether it failed; of what was said no more than will be needed. */
function reduce(payload: Json, isZeroRetention: boolean): Json {
  const posted = Posted.safeParse(payload);
  if (!posted.success) return {};
  const { id, event, error } = posted.data;
  const job = JobNamed.safeParse(posted.data.payload);
  const result = isZeroRetention ? GladiaResult.safeParse(posted.data.payload) : null;
  return {
    event,
    ...(id !== undefined && { id }),
    ...(error?.code && { error: { code: error.code } }),
    ...(id === undefined && job.success && { payload: { id: job.data.id } }),
    ...(result?.success && { payload: readBack(result.data) }),
  };
}

/** The same document: it was JSON before it was checked. */
function readBack(result: GladiaResult): Json {
  return JSON.parse(JSON.stringify(result)) as Json;
}
