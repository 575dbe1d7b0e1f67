// Has recordings transcribed and analysed (U60-110): woken when there is something to do, and every
// minute in case the call was lost. Trust boundary: the signed call of our own schedule.
import {
  createTranscribeHandler,
  pollTranscriptions,
} from "@shared/recordings/transcribe_recording.ts";
import type { ServiceContext } from "@shared/platform/request_context.ts";
import { createJob, type JobResult } from "../_shared/http/create_job.ts";
import type { ServedFunction } from "../_shared/http/create_webhook.ts";
import { type FunctionDeps, productionDeps } from "../_shared/http/function_deps.ts";
import { drainJobs, type JobLimits } from "../_shared/jobs/drain_jobs.ts";
import { createAnalysisHandler } from "../_shared/providers/analysis_worker.ts";
import { createTranscriptionWorker } from "../_shared/providers/transcription_worker.ts";

const LIMITS: JobLimits = {
  batchSize: 8,
  maxJobs: 200,
  budgetMs: 45_000,
  leaseSeconds: 120,
  concurrency: 4,
};
const POLL_BUDGET_MS = 30_000;

/**
 * Builds `process-recording`.
 *
 * @param deps Its surroundings; tests pass their own.
 * @returns The function.
 */
export function createApp(deps: FunctionDeps = productionDeps()): ServedFunction {
  return createJob("process-recording", {
    reason: "process_recordings",
    run: (ctx) => processRecordings(ctx, deps),
  }, deps);
}

async function processRecordings(ctx: ServiceContext, deps: FunctionDeps): Promise<JobResult> {
  const createDeps = createTranscriptionWorker(deps);
  const handlers = {
    "recording.transcribe": createTranscribeHandler(createDeps),
    "recording.analyze": createAnalysisHandler(deps),
  };
  // Side by side: a model that thinks for long holds up no transcript
  const [jobs, polls] = await Promise.all([
    drainJobs(ctx, handlers, LIMITS),
    pollTranscriptions(createDeps(ctx), POLL_BUDGET_MS),
  ]);
  return { ...jobs, ...polls };
}
