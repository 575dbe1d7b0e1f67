// Has the one preview picture of each stored video made: woken when a video is stored, and every
// minute while one is missing. Trust boundary: the signed call of our own schedule.
import type { ServiceContext } from "@shared/platform/request_context.ts";
import { createThumbnailHandler } from "@shared/recordings/generate_thumbnail.ts";
import { createJob, type JobResult } from "../_shared/http/create_job.ts";
import type { ServedFunction } from "../_shared/http/create_webhook.ts";
import { type FunctionDeps, productionDeps } from "../_shared/http/function_deps.ts";
import { drainJobs, type JobHandlers, type JobLimits } from "../_shared/jobs/drain_jobs.ts";
import { createS3Storage } from "../_shared/providers/s3_storage.ts";
import { createThumbnailLambda } from "../_shared/providers/thumbnail_lambda.ts";

/** One call may take a minute, and none is begun that could not end within the run. */
const LIMITS: JobLimits = {
  batchSize: 4,
  maxJobs: 200,
  budgetMs: 35_000,
  leaseSeconds: 30,
  concurrency: 4,
};

/**
 * Builds `generate-s3-video-thumbnail`.
 *
 * @param deps Its surroundings; tests pass their own.
 * @returns The function.
 */
export function createApp(
  deps: FunctionDeps = productionDeps(),
): ServedFunction {
  return createJob("generate-s3-video-thumbnail", {
    reason: "make_thumbnails",
    run: (ctx) => makeThumbnails(ctx, deps),
  }, deps);
}

async function makeThumbnails(
  ctx: ServiceContext,
  deps: FunctionDeps,
): Promise<JobResult> {
  const { readVariable } = deps;
  const { fetch, signal } = ctx;
  const storage = createS3Storage({
    readVariable,
    fetch,
    now: () => ctx.clock.now(),
    signal,
  });
  const isDevelopment = deps.env.environment === "development";
  const handlers: JobHandlers = {
    "recording.thumbnail": createThumbnailHandler({
      service: createThumbnailLambda({
        readVariable,
        fetch,
        signal,
        isDevelopment,
      }),
      presignGet: storage.presignGet,
    }),
  };
  return { ...await drainJobs(ctx, handlers, LIMITS) };
}
