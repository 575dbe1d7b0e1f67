// Applies what a transcriber posted to a callback address. Trust boundary: a post proves only that its
// sender knew the address. So the recording is that of our own row, and the body is a hint: the job is
// read with our key before anything happens.
import { z } from "zod";
import { fromPostgrestError } from "../errors/app_error.ts";
import type { ServiceContext } from "../platform/request_context.ts";
import { applyJob } from "./apply_transcription_job.ts";
import { GladiaCallback, GladiaJobId, readGladiaResult } from "./gladia_contract.ts";
import type { CreateTranscriptionDeps } from "./transcribe_recording.ts";
import { TranscriptionClaim } from "./transcription_claim.ts";
import { TranscriptionProviderError } from "./transcription_provider.ts";

/** The part of an inbox row that is needed. */
export interface StoredCallback {
  /** `<id of our row>:<the transcriber's event>`. */
  readonly eventId: string;
  readonly payload: unknown;
}

/** Why a callback can't be applied now; it is kept, retried, and can be replayed. */
export class CallbackNotAppliedError extends Error {
  override readonly name = "CallbackNotAppliedError";

  /** @param code `gladia_not_configured`, or `job_not_noted` while the job's start is. */
  constructor(readonly code: "gladia_not_configured" | "job_not_noted") {
    super(code);
  }
}

const RowId = z.uuid();

/**
 * Makes what applies callbacks; applying one again changes nothing.
 *
 * @param createDeps Makes the handles of a run.
 */
export function createCallbackProcessor(
  createDeps: CreateTranscriptionDeps,
): (ctx: ServiceContext, event: StoredCallback) => Promise<{ orgId: string } | void> {
  return async (ctx, event) => {
    const jobId = GladiaJobId.safeParse(event.payload);
    const rowId = RowId.safeParse(event.eventId.split(":")[0]);
    if (!jobId.success || !rowId.success) return;
    const claim = await readClaim(ctx, rowId.data);
    if (claim === null || claim.provider !== "gladia") return;
    // Another job than the one that is waited for, or the end of one whose result is stored
    const isOld = claim.job_id !== null && claim.job_id !== jobId.data;
    if (isOld || claim.status === "complete") return { orgId: claim.org_id };
    await applyCallback(ctx, createDeps, claim, jobId.data, event.payload);
    return { orgId: claim.org_id };
  };
}

async function applyCallback(
  ctx: ServiceContext,
  createDeps: CreateTranscriptionDeps,
  claim: TranscriptionClaim,
  jobId: string,
  payload: unknown,
): Promise<void> {
  const deps = createDeps(ctx);
  if (deps.transcriber === null) throw new CallbackNotAppliedError("gladia_not_configured");
  try {
    const job = await deps.transcriber.readJob(jobId);
    // Where the answer to the start is not here yet, the job itself must say whose it is
    if (claim.job_id === null && job.reference !== claim.id) return;
    if (claim.job_id === null && job.status === "error" && claim.status === "submitting") {
      throw new CallbackNotAppliedError("job_not_noted");
    }
    const posted = GladiaCallback.safeParse(payload);
    const heard = posted.success ? readGladiaResult(posted.data.payload) : null;
    await applyJob(deps, { ...claim, job_id: jobId }, job, heard);
  } catch (cause) {
    const isUnknown = cause instanceof TranscriptionProviderError && cause.failure === "not_found";
    if (!isUnknown) throw cause;
    // Made up, or deleted after its result was stored
    ctx.log.warn("transcription_callback_ignored", {
      operation: "recordings.transcribe",
      entity_id: claim.recording_id,
      reason: "job_unknown",
    });
  }
}

async function readClaim(ctx: ServiceContext, id: string): Promise<TranscriptionClaim | null> {
  const { data, error } = await ctx.db.rpc("read_transcription", { p_id: id });
  if (error) throw fromPostgrestError(error);
  return TranscriptionClaim.nullable().parse(data);
}
