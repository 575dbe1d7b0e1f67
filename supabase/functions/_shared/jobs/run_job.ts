// Does one job and writes down what came of it. A handler that throws, hangs or dies costs one
// attempt of its own job and nothing of the others'.
import { fromPostgrestError } from "@shared/errors/app_error.ts";
import type { ClaimedJob, HandleJob, JobOutcome } from "@shared/platform/jobs.ts";
import type { ServiceContext } from "@shared/platform/request_context.ts";
import { describeCause } from "../logging/describe_cause.ts";
import { followRequest } from "../clients/service_client.ts";
import type { HeldJobs } from "./held_jobs.ts";

/** What a drain came to. */
export interface DrainCounts {
  readonly done: number;
  /** Will come back. */
  readonly retried: number;
  /** Buried; an operator can see and redrive them. */
  readonly failed: number;
}

/**
 * Does one leased job.
 *
 * @param ctx The drain's.
 * @param job What to do.
 * @param handle Who does it.
 * @param held Its lease.
 * @returns What it counts as; null when another worker has it now.
 */
export async function runJob(
  ctx: ServiceContext,
  job: ClaimedJob,
  handle: HandleJob,
  held: HeldJobs,
): Promise<keyof DrainCounts | null> {
  const startedAt = performance.now();
  const outcome = await tryJob(ctx, job, handle, held.signalOf(job.id));
  const counted = await record(ctx, job, outcome, held);
  held.release(job.id);
  ctx.log.info("job_ended", {
    operation: job.kind,
    job_id: job.id,
    attempt: job.attempt,
    outcome: counted === null ? "lease_lost" : outcome.outcome,
    duration_ms: Math.round(performance.now() - startedAt),
    ...(job.orgId === null ? {} : { org_id: job.orgId }),
    ...(job.requestId === null ? {} : { job_request_id: job.requestId }),
    ...("code" in outcome ? { reason: outcome.code } : {}),
  });
  return counted;
}

async function tryJob(
  ctx: ServiceContext,
  job: ClaimedJob,
  handle: HandleJob,
  lease: AbortSignal,
): Promise<JobOutcome> {
  const requestId = job.requestId ?? ctx.requestId;
  const own: ServiceContext = {
    ...ctx,
    db: followRequest(ctx.db, requestId),
    requestId,
    signal: AbortSignal.any([ctx.signal, lease]),
  };
  try {
    return await handle(own, job);
  } catch (cause) {
    ctx.log.warn("job_threw", {
      operation: job.kind,
      job_id: job.id,
      attempt: job.attempt,
      cause,
    });
    return { outcome: "retry", at: null, code: describeCause(cause) };
  }
}

async function record(
  ctx: ServiceContext,
  job: ClaimedJob,
  outcome: JobOutcome,
  held: HeldJobs,
): Promise<keyof DrainCounts | null> {
  switch (outcome.outcome) {
    case "done":
      return await held.complete(job.id) ? "done" : null;
    case "postponed":
      return await postpone(ctx, job, outcome.at);
    case "retry":
      return await fail(ctx, job, outcome.code, outcome.at, false);
    case "failed":
      return await fail(ctx, job, outcome.code, null, true);
  }
}

async function postpone(ctx: ServiceContext, job: ClaimedJob, at: Date): Promise<"retried" | null> {
  const { data, error } = await ctx.db.rpc("postpone_jobs", {
    p_ids: [job.id],
    p_worker: job.worker,
    p_run_at: at.toISOString(),
  });
  if (error) return notRecorded(ctx, job, error);
  return data.length > 0 ? "retried" : null;
}

async function fail(
  ctx: ServiceContext,
  job: ClaimedJob,
  code: string,
  at: Date | null,
  isFinal: boolean,
): Promise<"retried" | "failed" | null> {
  const { data, error } = await ctx.db.rpc("fail_job", {
    p_id: job.id,
    p_worker: job.worker,
    p_error: code,
    p_retry_at: at?.toISOString() ?? null,
    p_is_final: isFinal,
  });
  if (error) return notRecorded(ctx, job, error);
  if (data === "dead") {
    ctx.log.error("job_buried", {
      operation: job.kind,
      job_id: job.id,
      attempt: job.attempt,
      reason: code,
    });
    return "failed";
  }
  return data === null ? null : "retried";
}

/** The lease runs out and the job comes back, so nothing is lost by not telling. */
function notRecorded(
  ctx: ServiceContext,
  job: ClaimedJob,
  error: Parameters<typeof fromPostgrestError>[0],
): null {
  ctx.log.error("job_not_recorded", {
    operation: job.kind,
    job_id: job.id,
    cause: fromPostgrestError(error),
  });
  return null;
}
