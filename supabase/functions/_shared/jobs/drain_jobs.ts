// Does what is in the outbox: claim, do, tick off; what fails comes back later, and what fails for
// good is kept for an operator. A lease is renewed for as long as its job goes on, so it can be short
// and a killed worker's job comes back soon.
import { fromPostgrestError } from "@shared/errors/app_error.ts";
import type { ClaimedJob, HandleJob, JobKind } from "@shared/platform/jobs.ts";
import type { ServiceContext } from "@shared/platform/request_context.ts";
import { claimJobs, type ClaimOptions } from "./claim_jobs.ts";
import { HeldJobs } from "./held_jobs.ts";
import { type DrainCounts, runJob } from "./run_job.ts";

/** How much one drain may do. */
export interface JobLimits {
  /** Jobs claimed at once; more than `concurrency` only where jobs are short. */
  readonly batchSize: number;
  readonly maxJobs: number;
  /** No job is begun after this. */
  readonly budgetMs: number;
  /** How long a killed worker's job stays away. */
  readonly leaseSeconds: number;
  readonly concurrency: number;
}

/** What each kind of job is done by. */
export type JobHandlers = Readonly<Partial<Record<JobKind, HandleJob>>>;

/**
 * Works off the jobs that are due, kind after kind, until none is left or the time is up. Any number
 * of drains may run at once: each job has one lease.
 *
 * @param ctx Opened for a registered reason; its signal ends the run.
 * @param handlers Who does which kind; only these kinds are claimed.
 * @param limits How much, how long, how many at once.
 * @returns How many were done, will come back (postponed ones included) and were buried.
 * @throws {AppError} When the outbox itself cannot be reached.
 *
 * @example In a job function
 * ```ts ignore
 * run: (ctx) => drainJobs(ctx, { "recording.deploy": deploy }, LIMITS),
 * ```
 */
export async function drainJobs(
  ctx: ServiceContext,
  handlers: JobHandlers,
  limits: JobLimits,
): Promise<DrainCounts> {
  // Not the request id: two drains must never share a lease
  const worker = `jobs:${crypto.randomUUID()}`;
  const counts = { done: 0, retried: 0, failed: 0 };
  const budget = AbortSignal.any([ctx.signal, AbortSignal.timeout(limits.budgetMs)]);
  const kinds = Object.entries(handlers) as [JobKind, HandleJob][];
  let taken = 0;
  let isAnyLeft = true;
  // Not `await using`: the hosted runtime's Deno does not parse it
  const held = new HeldJobs(ctx, worker, limits.leaseSeconds);
  try {
    while (isAnyLeft && taken < limits.maxJobs && !budget.aborted) {
      isAnyLeft = false;
      for (const [kind, handle] of kinds) {
        const size = Math.min(limits.batchSize, limits.maxJobs - taken);
        if (size <= 0 || budget.aborted) break;
        const claim: ClaimOptions = {
          kind,
          limit: size,
          leaseSeconds: limits.leaseSeconds,
          worker,
        };
        const jobs = await claimJobs(ctx, claim);
        taken += jobs.length;
        if (jobs.length === size) isAnyLeft = true;
        held.add(jobs);
        await runBatch({ ctx, handle, held, counts, budget }, jobs, limits.concurrency);
      }
    }
  } finally {
    await held[Symbol.asyncDispose]();
  }
  return counts;
}

interface Batch {
  readonly ctx: ServiceContext;
  readonly handle: HandleJob;
  readonly held: HeldJobs;
  readonly counts: { done: number; retried: number; failed: number };
  readonly budget: AbortSignal;
}

async function runBatch(
  { ctx, handle, held, counts, budget }: Batch,
  jobs: readonly ClaimedJob[],
  concurrency: number,
): Promise<void> {
  const waiting = [...jobs];
  async function work(): Promise<void> {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      if (budget.aborted) {
        waiting.unshift(job);
        return;
      }
      const result = await runJob(ctx, job, handle, held);
      if (result !== null) counts[result] += 1;
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, jobs.length) }, work));
  if (waiting.length > 0) await giveBack(ctx, held, waiting);
}

/** What was claimed and not begun goes to the next worker at once, and costs it no attempt. */
async function giveBack(
  ctx: ServiceContext,
  held: HeldJobs,
  jobs: readonly ClaimedJob[],
): Promise<void> {
  const ids = jobs.map(({ id }) => id);
  for (const id of ids) held.release(id);
  const { error } = await ctx.db.rpc("postpone_jobs", { p_ids: ids, p_worker: held.worker });
  // The leases run out and the jobs come back, so nothing is lost by not telling
  if (error) {
    ctx.log.error("jobs_not_given_back", { count: ids.length, cause: fromPostgrestError(error) });
  }
}
