// Applies what is in the webhook inbox: claim, apply, tick off; what fails comes back later, and
// what fails for good is kept for an operator. Claims are leases: a killed worker's come back.
import type { WebhookProvider } from "@shared/platform/function_registry.ts";
import { fromPostgrestError } from "@shared/errors/app_error.ts";
import type { ServiceContext } from "@shared/platform/request_context.ts";
import { z } from "zod";
import { describeCause } from "../logging/describe_cause.ts";

/** One accepted webhook, as its processor gets it. */
export interface WebhookEvent {
  /** Id of the inbox row. */
  readonly id: string;
  readonly provider: WebhookProvider;
  /** The provider's id of the event. */
  readonly eventId: string;
  readonly payload: unknown;
  /** 1 the first time. */
  readonly attempt: number;
  readonly receivedAt: string;
  /** Holds the lease; a verb that completes the event in its own transaction passes it on. */
  readonly worker: string;
}

/** What applying an event may report. */
export interface ProcessedEvent {
  /** The organization that it turned out to concern. */
  readonly orgId: string;
}

/**
 * Applies one event. It may see the same event again, so it must change nothing the second time;
 * what it throws makes the event come back later.
 */
export type ProcessWebhookEvent = (
  ctx: ServiceContext,
  event: WebhookEvent,
) => Promise<ProcessedEvent | void>;

/** How much one drain may do. */
export interface DrainLimits {
  readonly batchSize: number;
  readonly maxEvents: number;
  /** No new batch is begun after this. */
  readonly budgetMs: number;
}

/** What a drain came to. */
export interface DrainResult {
  readonly processed: number;
  readonly failed: number;
}

const LEASE_SECONDS = 120;

const ClaimedEvents = z.array(z.looseObject({
  id: z.string(),
  event_id: z.string(),
  payload: z.unknown(),
  attempts: z.number(),
  received_at: z.string(),
}));

/**
 * Drains one provider's share of the inbox.
 *
 * @param ctx Opened for the reason `process_webhook_events`.
 * @param provider Whose events.
 * @param process Applies one.
 * @param limits How much, and how long.
 * @returns How many were applied and how many will come back.
 * @throws {AppError} When the inbox itself cannot be reached.
 */
export async function drainWebhookEvents(
  ctx: ServiceContext,
  provider: WebhookProvider,
  process: ProcessWebhookEvent,
  limits: DrainLimits,
): Promise<DrainResult> {
  // Not the request id: a sender can choose that, and two drains must never share a lease
  const worker = `${provider}:${crypto.randomUUID()}`;
  const startedAt = performance.now();
  let processed = 0;
  let failed = 0;
  while (processed + failed < limits.maxEvents && !ctx.signal.aborted) {
    if (performance.now() - startedAt > limits.budgetMs) break;
    const size = Math.min(limits.batchSize, limits.maxEvents - processed - failed);
    const events = await claim(ctx, provider, size, worker);
    for (const event of events) {
      if (await apply(ctx, event, process)) processed += 1;
      else failed += 1;
    }
    if (events.length < size) break;
  }
  return { processed, failed };
}

async function claim(
  ctx: ServiceContext,
  provider: WebhookProvider,
  limit: number,
  worker: string,
): Promise<WebhookEvent[]> {
  const { data, error } = await ctx.db.rpc("claim_webhook_events", {
    p_provider: provider,
    p_limit: limit,
    p_lease_seconds: LEASE_SECONDS,
    p_worker: worker,
  });
  if (error) throw fromPostgrestError(error);
  return ClaimedEvents.parse(data).map((row) => ({
    id: row.id,
    provider,
    eventId: row.event_id,
    payload: row.payload,
    attempt: row.attempts,
    receivedAt: row.received_at,
    worker,
  }));
}

async function apply(
  ctx: ServiceContext,
  event: WebhookEvent,
  process: ProcessWebhookEvent,
): Promise<boolean> {
  const lease = { p_id: event.id, p_worker: event.worker };
  const about = { provider: event.provider, event_id: event.id, attempt: event.attempt };
  let result: ProcessedEvent | void;
  try {
    result = await process(ctx, event);
  } catch (cause) {
    ctx.log.warn("webhook_event_failed", { ...about, cause });
    const { error } = await ctx.db.rpc("fail_webhook_event", {
      ...lease,
      p_error: describeCause(cause),
    });
    // The lease runs out and the event comes back, so nothing is lost by not telling
    if (error) ctx.log.error("webhook_event_not_released", { ...about, cause: error });
    return false;
  }
  const { error } = await ctx.db.rpc("complete_webhook_event", {
    ...lease,
    p_org_id: result?.orgId ?? null,
  });
  // It will be applied again, which changes nothing
  if (error) ctx.log.error("webhook_event_not_completed", { ...about, cause: error });
  return error === null;
}
