// Finds and heals what the world forgot, every five minutes, and erases what people deleted. Trust
// boundary: the signed call of our own schedule.
import { z } from "zod";
import type { ServiceContext } from "@shared/platform/request_context.ts";
import type { BotProvider } from "@shared/recordings/bot_provider.ts";
import { createEraseHandler } from "@shared/recordings/erase_recording.ts";
import { reconcileRecordings } from "@shared/recordings/reconcile_recordings.ts";
import { EnvironmentError, readVariables } from "../_shared/env/platform_env.ts";
import { createJob, type JobResult } from "../_shared/http/create_job.ts";
import type { ServedFunction } from "../_shared/http/create_webhook.ts";
import { type FunctionDeps, productionDeps } from "../_shared/http/function_deps.ts";
import { drainJobs, type JobLimits } from "../_shared/jobs/drain_jobs.ts";
import { createMeetingBaas } from "../_shared/providers/meeting_baas.ts";
import { createS3Storage } from "../_shared/providers/s3_storage.ts";

const Settings = z.object({
  /** How long MeetingBaaS keeps a recording, by our plan with it: 3, 7, 14 or 30. */
  MEETINGBAAS_RETENTION_DAYS: z.string().regex(/^[1-9]\d{0,2}$/).transform(Number).default(3),
});

const CHECKS_MS = 30_000;
const LIMITS: JobLimits = {
  batchSize: 10,
  maxJobs: 200,
  budgetMs: 40_000,
  leaseSeconds: 60,
  concurrency: 4,
};

/**
 * Builds `reconcile-recordings`.
 *
 * @param deps Its surroundings; tests pass their own.
 * @returns The function.
 */
export function createApp(deps: FunctionDeps = productionDeps()): ServedFunction {
  return createJob("reconcile-recordings", {
    reason: "reconcile_recordings",
    run: (ctx) => reconcile(ctx, deps),
  }, deps);
}

async function reconcile(ctx: ServiceContext, deps: FunctionDeps): Promise<JobResult> {
  const { readVariable } = deps;
  const { MEETINGBAAS_RETENTION_DAYS: retentionDays } = readVariables(Settings, readVariable);
  const counts = await reconcileRecordings({
    ctx,
    bots: openConfiguredBots(ctx, deps),
    retentionDays,
    budgetMs: CHECKS_MS,
  });
  const { clock, fetch, signal } = ctx;
  const erased = await drainJobs(ctx, {
    "recording.erase": createEraseHandler({
      storage: createS3Storage({ readVariable, fetch, now: () => clock.now(), signal }),
      openBots: () => openBots(ctx, deps),
    }),
  }, LIMITS);
  return {
    ...counts,
    erased: erased.done,
    erase_later: erased.retried,
    erase_failed: erased.failed,
  };
}

function openBots({ clock, fetch, signal }: ServiceContext, deps: FunctionDeps): BotProvider {
  return createMeetingBaas({ readVariable: deps.readVariable, fetch, clock, signal });
}

/** A provider without a key is no reason to leave the rest unhealed. */
function openConfiguredBots(ctx: ServiceContext, deps: FunctionDeps): BotProvider | null {
  try {
    return openBots(ctx, deps);
  } catch (cause) {
    if (!(cause instanceof EnvironmentError)) throw cause;
    ctx.log.error("bots_not_configured", { operation: "recordings.reconcile", cause });
    return null;
  }
}
