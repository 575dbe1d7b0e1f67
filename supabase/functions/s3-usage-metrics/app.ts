// Writes down what recordings took up and cost, at midnight UTC. Trust boundary: the signed call of
// our own schedule.
import { recordStorageUsage } from "@shared/recordings/storage_usage.ts";
import { createJob } from "../_shared/http/create_job.ts";
import type { ServedFunction } from "../_shared/http/create_webhook.ts";
import { type FunctionDeps, productionDeps } from "../_shared/http/function_deps.ts";

/**
 * Builds `s3-usage-metrics`.
 *
 * @param deps Its surroundings; tests pass their own.
 * @returns The function.
 */
export function createApp(deps: FunctionDeps = productionDeps()): ServedFunction {
  return createJob("s3-usage-metrics", {
    reason: "record_s3_usage",
    run: recordStorageUsage,
  }, deps);
}
