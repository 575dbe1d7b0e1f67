// Applies events right after they were accepted, without making the sender wait. Best effort: the
// scheduled drain does whatever this did not get to.
import type { WebhookProvider } from "@shared/platform/function_registry.ts";
import { serviceClient, type ServiceUse } from "../clients/service_client.ts";
import type { FunctionDeps } from "../http/function_deps.ts";
import type { RequestState } from "../http/request_state.ts";
import { drainWebhookEvents, type ProcessWebhookEvent } from "./drain_webhook_events.ts";

/** Starts a drain, unless one is going on that will come to the new event anyway. */
export type BackgroundDrain = (use: ServiceUse, state: RequestState) => void;

const LIMITS = { batchSize: 5, maxEvents: 50, budgetMs: 10_000 };
const MAX_MS = 60_000;

/**
 * Makes the drain of one webhook function. Of many events at once, one drain takes care: a burst
 * must not turn into as many workers.
 *
 * @param process Applies one event.
 * @param provider Whose events.
 * @param deps The function's surroundings.
 * @returns The drain.
 */
export function createBackgroundDrain(
  process: ProcessWebhookEvent,
  provider: WebhookProvider,
  deps: FunctionDeps,
): BackgroundDrain {
  let isRunning = false;
  let isWanted = false;

  async function drainWhileWanted(use: ServiceUse, state: RequestState): Promise<void> {
    isRunning = true;
    try {
      do {
        isWanted = false;
        await drainOnce(process, provider, deps, use, state);
      } while (isWanted);
    } catch (cause) {
      state.log.warn("webhook_processing_postponed", { provider, cause });
    } finally {
      isRunning = false;
    }
  }

  return (use, state) => {
    isWanted = true;
    if (!isRunning) deps.runInBackground(drainWhileWanted(use, state));
  };
}

async function drainOnce(
  process: ProcessWebhookEvent,
  provider: WebhookProvider,
  deps: FunctionDeps,
  use: ServiceUse,
  state: RequestState,
): Promise<void> {
  const db = await serviceClient({ reason: "process_webhook_events", ctx: use });
  await drainWebhookEvents(
    {
      db,
      requestId: state.requestId,
      log: state.log,
      clock: deps.clock,
      signal: AbortSignal.timeout(MAX_MS),
      fetch: deps.fetch,
    },
    provider,
    process,
    LIMITS,
  );
}
