// Leases jobs that are due. Trust boundary: what the outbox holds was written by our own functions,
// and is still checked before a handler sees it.
import { z } from "zod";
import { fromPostgrestError } from "@shared/errors/app_error.ts";
import type { ClaimedJob, JobKind } from "@shared/platform/jobs.ts";
import type { ServiceContext } from "@shared/platform/request_context.ts";

/** What is claimed, and for whom. */
export interface ClaimOptions {
  readonly kind: JobKind;
  readonly limit: number;
  readonly leaseSeconds: number;
  /** Unique to one run. */
  readonly worker: string;
}

const ClaimedRows = z.array(z.looseObject({
  id: z.string(),
  org_id: z.string().nullable(),
  payload: z.unknown(),
  acting_user_id: z.string().nullable(),
  attempts: z.number(),
  max_attempts: z.number(),
  request_id: z.string().nullable(),
}));

/**
 * Claims jobs of one kind, the oldest first, those of dead workers included.
 *
 * @param ctx Opened for a registered reason.
 * @param options Which, how many, for how long.
 * @returns At most `limit` jobs, each leased to this worker alone.
 * @throws {AppError} When the outbox cannot be reached.
 */
export async function claimJobs(
  ctx: ServiceContext,
  { kind, limit, leaseSeconds, worker }: ClaimOptions,
): Promise<ClaimedJob[]> {
  const { data, error } = await ctx.db.rpc("claim_jobs", {
    p_kind: kind,
    p_limit: limit,
    p_lease_seconds: leaseSeconds,
    p_worker: worker,
  });
  if (error) throw fromPostgrestError(error);
  return ClaimedRows.parse(data).map((row) => ({
    id: row.id,
    kind,
    orgId: row.org_id,
    payload: row.payload,
    actingUserId: row.acting_user_id,
    attempt: row.attempts,
    maxAttempts: row.max_attempts,
    requestId: row.request_id,
    worker,
  }));
}
