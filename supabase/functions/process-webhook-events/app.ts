// Drains the webhook inbox, every minute. Trust boundary: the signed call of our own schedule. A
// webhook's own function applies events at once when it can; this job is what guarantees it.
import { applyFathomEvent } from "@shared/meetings/apply_fathom_event.ts";
import type { WebhookProvider } from "@shared/platform/function_registry.ts";
import type { ServiceContext } from "@shared/platform/request_context.ts";
import { applyBotEvent } from "@shared/recordings/apply_bot_event.ts";
import { createCallbackProcessor } from "@shared/recordings/apply_transcription_callback.ts";
import { createJob, type JobResult } from "../_shared/http/create_job.ts";
import type { ServedFunction } from "../_shared/http/create_webhook.ts";
import { type FunctionDeps, productionDeps } from "../_shared/http/function_deps.ts";
import { createTranscriptionWorker } from "../_shared/providers/transcription_worker.ts";
import {
  type DrainLimits,
  drainWebhookEvents,
  type ProcessWebhookEvent,
} from "../_shared/webhooks/drain_webhook_events.ts";

/** Makes what applies a provider's events. It must not throw: one provider must not stop another. */
type CreateProcessor = (deps: FunctionDeps) => ProcessWebhookEvent;

/** How each provider's events are applied; the type makes a provider without one impossible. */
const PROCESSORS: Readonly<Record<WebhookProvider, CreateProcessor>> = {
  fathom: () => applyFathomEvent,
  gladia: (deps) => createCallbackProcessor(createTranscriptionWorker(deps)),
  meetingbaas: () => applyBotEvent,
};

const LIMITS: DrainLimits = { batchSize: 20, maxEvents: 1_000, budgetMs: 45_000 };

/**
 * Builds `process-webhook-events`.
 *
 * @param deps Its surroundings; tests pass their own.
 * @returns The function.
 */
export function createApp(deps: FunctionDeps = productionDeps()): ServedFunction {
  return createJob(
    "process-webhook-events",
    { reason: "process_webhook_events", run: (ctx) => drainAll(ctx, deps) },
    deps,
  );
}

async function drainAll(ctx: ServiceContext, deps: FunctionDeps): Promise<JobResult> {
  let processed = 0;
  let failed = 0;
  for (const [name, createProcessor] of Object.entries(PROCESSORS)) {
    const provider = name as WebhookProvider;
    const result = await drainWebhookEvents(ctx, provider, createProcessor(deps), LIMITS);
    processed += result.processed;
    failed += result.failed;
  }
  return { processed, failed };
}
