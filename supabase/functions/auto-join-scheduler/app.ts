// Plans a recording for every meeting that begins soon, every two minutes. Trust boundary: the signed
// call of our own schedule.
import { planRecordings } from "@shared/recordings/plan_recordings.ts";
import { createJob } from "../_shared/http/create_job.ts";
import type { ServedFunction } from "../_shared/http/create_webhook.ts";
import { type FunctionDeps, productionDeps } from "../_shared/http/function_deps.ts";

/**
 * Builds `auto-join-scheduler`.
 *
 * @param deps Its surroundings; tests pass their own.
 * @returns The function.
 */
export function createApp(
  deps: FunctionDeps = productionDeps(),
): ServedFunction {
  return createJob("auto-join-scheduler", {
    reason: "plan_recordings",
    run: async (ctx) => ({ ...await planRecordings(ctx) }),
  }, deps);
}
