// What a worker of the outbox gets and answers. Work in the outbox is done at least once: a handler
// must be right when it sees the same job again.
import type { ServiceContext } from "./request_context.ts";

/** Every kind of job, by the part of the product that does it. */
export const JOB_KINDS = [
  "action.execute",
  "recording.deploy",
  "recording.leave",
  "recording.transcribe",
  "recording.analyze",
  "recording.thumbnail",
  "recording.erase",
] as const;

/** One kind of job. */
export type JobKind = (typeof JOB_KINDS)[number];

/** One leased job. */
export interface ClaimedJob {
  readonly id: string;
  readonly kind: JobKind;
  /** Organization it is done for; null for the platform's own. */
  readonly orgId: string | null;
  /** Ids and options, as they were enqueued; check before use. */
  readonly payload: unknown;
  /** Member on whose behalf it is done. */
  readonly actingUserId: string | null;
  /** 1 the first time. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly requestId: string | null;
  /** Holds the lease; unique to one run. */
  readonly worker: string;
}

/**
 * What came of it. `retry` counts as an attempt, and without a time leaves the delay to the queue;
 * after the last attempt the job is buried. `postponed` counts as nothing: it was not yet its time,
 * so whoever answers that must know an end by themselves. `failed` is final and buries the job,
 * where an operator finds it. Codes are stored and logged: never contents.
 */
export type JobOutcome =
  | { readonly outcome: "done" }
  | { readonly outcome: "retry"; readonly at: Date | null; readonly code: string }
  | { readonly outcome: "postponed"; readonly at: Date; readonly code: string }
  | { readonly outcome: "failed"; readonly code: string };

/**
 * Does one job. What it throws is a retry. `ctx` carries the request id of the job, and its signal
 * ends with the run's or when the lease was lost: whoever goes on then works beside another worker.
 */
export type HandleJob = (ctx: ServiceContext, job: ClaimedJob) => Promise<JobOutcome>;
