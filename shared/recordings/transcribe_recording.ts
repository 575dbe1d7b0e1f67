// Has a recording transcribed: handles `recording.transcribe`, and goes on with what is due. The job
// only begins; from then on a row with a due time of its own brings the recording back until it has
// ended, so that neither a killed worker nor a callback that never comes can lose it.
import { z } from "zod";
import { fromPostgrestError } from "../errors/app_error.ts";
import type { HandleJob } from "../platform/jobs.ts";
import type { ServiceContext } from "../platform/request_context.ts";
import { forgetTranscription } from "./forget_transcription.ts";
import { takeProviderTranscript } from "./take_provider_transcript.ts";
import { transcribeByJob } from "./transcribe_by_job.ts";
import { TranscriptionClaim } from "./transcription_claim.ts";
import type { TranscriptionDeps } from "./transcription_deps.ts";

/** Longer than any step takes; a killed worker's path comes back after it. */
const LEASE_SECONDS = 180;
const BATCH_SIZE = 8;

const Payload = z.object({ recording_id: z.uuid() });

/** Makes the handles of a run. */
export type CreateTranscriptionDeps = (ctx: ServiceContext) => TranscriptionDeps;

/**
 * Makes the handler of `recording.transcribe`.
 *
 * @param createDeps Makes the handles; which path is taken is decided by them, when the job is done.
 * @returns The handler; a job for a recording whose transcription has begun does nothing.
 */
export function createTranscribeHandler(createDeps: CreateTranscriptionDeps): HandleJob {
  return async (ctx, job) => {
    const payload = Payload.safeParse(job.payload);
    if (!payload.success || job.orgId === null) {
      return { outcome: "failed", code: "payload_malformed" };
    }
    const deps = createDeps(ctx);
    const { data, error } = await ctx.db.rpc("begin_transcription", {
      p_org_id: job.orgId,
      p_recording_id: payload.data.recording_id,
      p_has_gladia: deps.transcriber !== null,
      p_worker: deps.workerId,
      p_lease_seconds: LEASE_SECONDS,
    });
    if (error) throw fromPostgrestError(error);
    if (data !== null) await goOn(deps, TranscriptionClaim.parse(data));
    return { outcome: "done" };
  };
}

/** What a run came to. */
export interface PolledTranscriptions {
  /** Paths that were looked at. */
  readonly polled: number;
  /** Those of them that could not be; they come back. */
  readonly unsettled: number;
}

/**
 * Goes on with every transcription whose time has come. Any number of runs may overlap: each path has
 * one lease.
 *
 * @param deps The worker's handles; its context's signal ends the run.
 * @param budgetMs No path is taken up after this.
 * @returns How many were looked at.
 * @throws {AppError} When the database can't be reached.
 */
export async function pollTranscriptions(
  deps: TranscriptionDeps,
  budgetMs: number,
): Promise<PolledTranscriptions> {
  const startedAt = performance.now();
  const counts = { polled: 0, unsettled: 0 };
  while (!deps.ctx.signal.aborted && performance.now() - startedAt < budgetMs) {
    const { data, error } = await deps.ctx.db.rpc("claim_due_transcriptions", {
      p_worker: deps.workerId,
      p_limit: BATCH_SIZE,
      p_lease_seconds: LEASE_SECONDS,
    });
    if (error) throw fromPostgrestError(error);
    const claims = z.array(TranscriptionClaim).parse(data);
    const steps = await Promise.allSettled(claims.map((claim) => goOn(deps, claim)));
    for (const [index, step] of steps.entries()) {
      counts.polled += 1;
      if (step.status === "fulfilled") continue;
      counts.unsettled += 1;
      deps.ctx.log.warn("transcription_interrupted", {
        operation: "recordings.transcribe",
        cause: step.reason,
        ...(claims[index] && { entity_id: claims[index].recording_id }),
      });
    }
    if (claims.length < BATCH_SIZE) break;
  }
  return counts;
}

async function goOn(deps: TranscriptionDeps, claim: TranscriptionClaim): Promise<void> {
  const hasEnded = claim.status !== "submitting" && claim.status !== "waiting";
  if (hasEnded || claim.is_deleted) return await forgetTranscription(deps, claim);
  if (claim.provider === "gladia") await transcribeByJob(deps, claim);
  else await takeProviderTranscript(deps, claim);
}
