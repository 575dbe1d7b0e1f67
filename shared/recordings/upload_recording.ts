// Copies the files of recordings from the provider into our own bucket, one leased file at a time, for
// as long as the run's budget lasts. A run may die anywhere: what it had sent is found again and gone
// on with, and nothing is stored twice (V-07, R-11, R-15; docs/adr/0011-resumable-uploads.md).
import { AppError, fromPostgrestError } from "../errors/app_error.ts";
import { completeAtStore, recordStored } from "./finish_upload.ts";
import { type OpenSource, openSource } from "./open_source.ts";
import { PartLedger } from "./part_ledger.ts";
import { PartReader } from "./part_reader.ts";
import { findProgress } from "./resume_upload.ts";
import { type PartsUpload, sendParts } from "./send_parts.ts";
import { abortUnknown } from "./sweep_uploads.ts";
import {
  FailedUpload,
  leaseOf,
  MIN_PART_BYTES,
  partSizeOf,
  UploadClaim,
  type UploadDeps,
  UploadError,
} from "./upload_contract.ts";

/** What became of the files that a run took. */
export interface UploadRun {
  readonly completed: number;
  readonly paused: number;
  readonly failed: number;
  /** Taken over by another run, or deleted meanwhile. */
  readonly lost: number;
}

type Outcome = keyof UploadRun;

/**
 * Uploads what is due, until nothing is or the budget is spent.
 *
 * @param deps The run's handles.
 * @returns How many files ended how; each failure is recorded with its upload.
 * @throws {AppError} When the database can't be reached; the lease then brings the file back.
 */
export async function uploadDueRecordings(deps: UploadDeps): Promise<UploadRun> {
  const run: Record<Outcome, number> = { completed: 0, paused: 0, failed: 0, lost: 0 };
  while (!deps.ctx.signal.aborted && !deps.budget.isSpent()) {
    const { data, error } = await deps.ctx.db.rpc("claim_recording_upload", {
      p_worker: deps.workerId,
      p_lease_seconds: deps.limits.leaseSeconds,
    });
    if (error) throw fromPostgrestError(error);
    if (data === null) break;
    const claim = UploadClaim.parse(data);
    const outcome = await uploadOne(deps, claim);
    run[outcome] += 1;
    deps.ctx.log.info("recording_upload", {
      operation: "recordings.upload",
      org_id: claim.org_id,
      entity_id: claim.recording_id,
      state: claim.kind,
      outcome,
      attempt: claim.invocation,
    });
    if (outcome === "paused") break;
  }
  return run;
}

async function uploadOne(deps: UploadDeps, claim: UploadClaim): Promise<Outcome> {
  const ledger = new PartLedger(deps, claim);
  try {
    return await uploadOrPause(deps, claim, ledger);
  } catch (error) {
    if (isLeaseLost(error)) return "lost";
    // Our own database is no fault of the file's; the lease brings it back
    if (error instanceof AppError) throw error;
    return await endTry(deps, claim, ledger, error);
  }
}

async function uploadOrPause(
  deps: UploadDeps,
  claim: UploadClaim,
  ledger: PartLedger,
): Promise<"completed" | "paused"> {
  const progress = await findProgress(deps, claim);
  if (progress.state === "stored") {
    await recordStored(deps, claim, claim.mark ?? "", claim.source_bytes ?? 0);
    return "completed";
  }
  let upload = progress.state === "parts" ? knownUpload(claim, progress) : null;
  let reason = progress.state === "none" ? progress.reason : null;
  for (let restarts = claim.restarts;;) {
    if (upload !== null && sentBytes(upload) === upload.bytes) {
      return await finish(deps, claim, ledger, upload);
    }
    const source = await openSource(deps, claim, sentBytes(upload), upload?.etag ?? null);
    if (upload !== null && !isSameVersion(source, upload)) {
      await source.artifact.body.cancel();
      await deps.storage.abortMultipart(claim.object_key, upload.uploadId);
      reason = "source_changed";
      // Once may be a correction; a source that keeps changing is none
      if (restarts >= 1) throw new UploadError(reason);
      restarts += 1;
      upload = null;
      continue;
    }
    if (upload === null && source.totalBytes <= MIN_PART_BYTES) {
      return await putWhole(deps, claim, source, reason);
    }
    upload = await announce(deps, claim, source, upload, reason);
    const result = await sendParts(deps, claim, source, upload, ledger);
    if (result === "paused") return await pause(deps, claim, ledger);
  }
}

function knownUpload(
  claim: UploadClaim,
  progress: Pick<PartsUpload, "uploadId" | "parts">,
): PartsUpload | null {
  const { mark, source_bytes: bytes, part_size: partSize, source_etag: etag } = claim;
  if (mark === null || bytes === null || partSize === null) return null;
  return { uploadId: progress.uploadId, parts: progress.parts, mark, bytes, partSize, etag };
}

function sentBytes(upload: PartsUpload | null): number {
  return upload?.parts.reduce((sum, part) => sum + part.bytes, 0) ?? 0;
}

function isSameVersion({ artifact, totalBytes }: OpenSource, upload: PartsUpload): boolean {
  if (totalBytes !== upload.bytes) return false;
  return artifact.etag === null || upload.etag === null || artifact.etag === upload.etag;
}

/** Says which upload the run sends parts of: the one that there is, or a new one. */
async function announce(
  deps: UploadDeps,
  claim: UploadClaim,
  source: OpenSource,
  known: PartsUpload | null,
  reason: string | null,
): Promise<PartsUpload> {
  const upload = known ?? await createUpload(deps, claim, source);
  try {
    await begin(deps, claim, upload, upload.uploadId, reason);
  } catch (error) {
    await source.artifact.body.cancel();
    // One that nobody knows of would stay open for ever
    if (known === null) await deps.storage.abortMultipart(claim.object_key, upload.uploadId);
    throw error;
  }
  return upload;
}

async function createUpload(
  deps: UploadDeps,
  claim: UploadClaim,
  source: OpenSource,
): Promise<PartsUpload> {
  const key = claim.object_key;
  // Whatever else is open under this key was begun by a run that did not live to write it down
  if (claim.invocation > 1) {
    const { uploads } = await deps.storage.listMultiparts(key, null);
    await abortUnknown(deps.ctx, deps.storage, uploads);
  }
  const mark = crypto.randomUUID();
  const contentType = typeOf(claim);
  return {
    uploadId: await deps.storage.createMultipart({ key, contentType, mark }),
    mark,
    etag: source.artifact.etag,
    bytes: source.totalBytes,
    partSize: partSizeOf(source.totalBytes),
    parts: [],
  };
}

async function begin(
  deps: UploadDeps,
  claim: UploadClaim,
  upload: Omit<PartsUpload, "uploadId" | "parts">,
  uploadId: string | null,
  reason: string | null,
): Promise<void> {
  const { error } = await deps.ctx.db.rpc("begin_recording_upload", {
    ...leaseOf(deps, claim),
    p_upload_id: uploadId,
    p_mark: upload.mark,
    p_source_etag: upload.etag,
    p_source_bytes: upload.bytes,
    p_part_size: upload.partSize,
    p_reason: reason,
  });
  if (error) throw fromPostgrestError(error);
}

/** A file of one part needs no upload in parts. */
async function putWhole(
  deps: UploadDeps,
  claim: UploadClaim,
  { artifact, totalBytes }: OpenSource,
  reason: string | null,
): Promise<"completed"> {
  const reader = new PartReader(artifact.body, totalBytes, deps.limits.idleMs);
  try {
    const mark = crypto.randomUUID();
    const upload = { mark, etag: artifact.etag, bytes: totalBytes, partSize: totalBytes };
    await begin(deps, claim, upload, null, reason);
    const bytes = await reader.read(totalBytes);
    deps.budget.note(totalBytes);
    const key = claim.object_key;
    await deps.storage.putObject({ key, contentType: typeOf(claim), mark, bytes });
    await recordStored(deps, claim, mark, totalBytes);
    return "completed";
  } finally {
    await reader.close();
  }
}

async function finish(
  deps: UploadDeps,
  claim: UploadClaim,
  ledger: PartLedger,
  upload: PartsUpload,
): Promise<"completed"> {
  await ledger.flush();
  await completeAtStore(deps, claim, upload);
  await recordStored(deps, claim, upload.mark, upload.bytes);
  return "completed";
}

async function pause(
  deps: UploadDeps,
  claim: UploadClaim,
  ledger: PartLedger,
): Promise<"paused"> {
  await ledger.flush();
  const { error } = await deps.ctx.db.rpc("yield_recording_upload", leaseOf(deps, claim));
  if (error) throw fromPostgrestError(error);
  return "paused";
}

/** Records a try that failed; when it was the last, what it left at the store is freed. */
async function endTry(
  deps: UploadDeps,
  claim: UploadClaim,
  ledger: PartLedger,
  cause: unknown,
): Promise<Outcome> {
  const about = { operation: "recordings.upload", entity_id: claim.recording_id };
  try {
    // The run's own time was up, which is nobody's failure
    if (deps.ctx.signal.aborted) return await pause(deps, claim, ledger);
    await ledger.flush();
    deps.ctx.log.warn("recording_upload_failed", { ...about, org_id: claim.org_id, cause });
    const { data, error } = await deps.ctx.db.rpc("fail_recording_upload", {
      ...leaseOf(deps, claim),
      p_code: codeOf(cause),
      p_is_final: cause instanceof UploadError && cause.isFinal || FINAL.has(codeOf(cause)),
    });
    if (error) throw fromPostgrestError(error);
    const { state, upload_id, object_key } = FailedUpload.parse(data);
    if (state === "failed" && upload_id !== null) {
      await deps.storage.abortMultipart(object_key, upload_id);
    }
    return "failed";
  } catch (error) {
    if (isLeaseLost(error)) return "lost";
    if (error instanceof AppError) throw error;
    // The sweep frees it
    deps.ctx.log.warn("recording_upload_not_aborted", { ...about, cause: error });
    return "failed";
  }
}

/** Failures that the same file will meet again. */
const FINAL: ReadonlySet<string> = new Set([
  "source_refused",
  "source_too_large",
  "source_unexpected_type",
]);

function codeOf(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : null;
  return typeof code === "string" && /^[a-z0-9_]{1,100}$/.test(code) ? code : "internal_error";
}

function isLeaseLost(error: unknown): boolean {
  return error instanceof AppError && error.code === "already_running";
}

function typeOf({ kind, object_key: key }: UploadClaim): string {
  return kind === "video" ? "video/mp4" : `audio/${key.split(".").at(-1) ?? "flac"}`;
}
