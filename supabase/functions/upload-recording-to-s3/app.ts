// Copies files of recordings into our own bucket, as far as one run's budget goes (U60-111): woken for
// each file that is due, and by itself when a run had to stop. Which file it gets it learns when it
// claims one; a call names none. Trust boundary: the signed call of our own schedule.
import { uploadDueRecordings } from "@shared/recordings/upload_recording.ts";
import { createJob } from "../_shared/http/create_job.ts";
import type { ServedFunction } from "../_shared/http/create_webhook.ts";
import { type FunctionDeps, productionDeps } from "../_shared/http/function_deps.ts";
import { createUploadWorker, UPLOAD_MAX_MS } from "../_shared/providers/upload_worker.ts";

/**
 * Builds `upload-recording-to-s3`.
 *
 * @param deps Its surroundings; tests pass their own.
 * @returns The function.
 */
export function createApp(deps: FunctionDeps = productionDeps()): ServedFunction {
  return createJob("upload-recording-to-s3", {
    reason: "upload_recordings",
    maxMs: UPLOAD_MAX_MS,
    run: async (ctx) => ({ ...await uploadDueRecordings(createUploadWorker(deps, ctx)) }),
  }, deps);
}
