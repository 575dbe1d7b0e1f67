// Looks after the upload queue, every minute (U60-112): wakes a worker for each upload that is due,
// and frees what dead ones left open at the store. Trust boundary: the signed call of our own
// schedule.
import { z } from "zod";
import { fromPostgrestError } from "@shared/errors/app_error.ts";
import type { ServiceContext } from "@shared/platform/request_context.ts";
import { sweepUploads } from "@shared/recordings/sweep_uploads.ts";
import { createJob, type JobResult } from "../_shared/http/create_job.ts";
import type { ServedFunction } from "../_shared/http/create_webhook.ts";
import { type FunctionDeps, productionDeps } from "../_shared/http/function_deps.ts";
import { openUploadStore } from "../_shared/providers/upload_worker.ts";

/** Uploads at a time; each is a request of its own to us, to the provider and to the store. */
const WORKERS = 10;
/** Far longer than a run needs to write down what it has begun. */
const ORPHAN_AGE_MS = 15 * 60_000;

const Dispatched = z.object({ woken: z.int(), failed: z.int() });

/**
 * Builds `poll-s3-upload-queue`.
 *
 * @param deps Its surroundings; tests pass their own.
 * @returns The function.
 */
export function createApp(deps: FunctionDeps = productionDeps()): ServedFunction {
  return createJob("poll-s3-upload-queue", {
    reason: "upload_recordings",
    run: (ctx) => poll(ctx, deps),
  }, deps);
}

async function poll(ctx: ServiceContext, deps: FunctionDeps): Promise<JobResult> {
  const { data, error } = await ctx.db.rpc("dispatch_recording_uploads", { p_limit: WORKERS });
  if (error) throw fromPostgrestError(error);
  const dispatched = Dispatched.parse(data);
  const swept = await sweepUploads(ctx, openUploadStore(deps, ctx), ORPHAN_AGE_MS);
  return { ...dispatched, swept };
}
