// Executes outside what its owner has confirmed: woken by the confirmation, and every minute in case the
// call was lost. Trust boundary: the signed call of our own schedule.
import { createExecuteHandler } from "@shared/outbound/execute_effect.ts";
import type { ServiceContext } from "@shared/platform/request_context.ts";
import { createJob, type JobResult } from "../_shared/http/create_job.ts";
import type { ServedFunction } from "../_shared/http/create_webhook.ts";
import { type FunctionDeps, productionDeps } from "../_shared/http/function_deps.ts";
import { drainJobs, type JobLimits } from "../_shared/jobs/drain_jobs.ts";
import { openOutbound } from "../_shared/providers/outbound_worker.ts";

/** A lease is longer than a look-up and a sending may take together, each with its own time limit. */
const LIMITS: JobLimits = {
  batchSize: 8,
  maxJobs: 200,
  budgetMs: 45_000,
  leaseSeconds: 60,
  concurrency: 4,
};

/**
 * Builds `execute-confirmed-actions`.
 *
 * @param deps Its surroundings; tests pass their own.
 * @returns The function.
 */
export function createApp(deps: FunctionDeps = productionDeps()): ServedFunction {
  return createJob("execute-confirmed-actions", {
    reason: "execute_confirmed_actions",
    run: (ctx) => executeActions(ctx, deps),
  }, deps);
}

async function executeActions(ctx: ServiceContext, deps: FunctionDeps): Promise<JobResult> {
  const execute = createExecuteHandler({
    open: (own, job) => openOutbound(own, job, deps.readVariable),
  });
  return { ...await drainJobs(ctx, { "action.execute": execute }, LIMITS) };
}
