// Moves a file from its source to the store, part by part: one is read while the one before is sent,
// so that two are in memory and never more.
import { ArtifactError } from "./fetch_artifact.ts";
import type { StoredPart } from "./object_storage.ts";
import type { OpenSource } from "./open_source.ts";
import type { PartLedger } from "./part_ledger.ts";
import { PartReader } from "./part_reader.ts";
import type { UploadClaim, UploadDeps } from "./upload_contract.ts";

/** An upload in parts, and how far it is. */
export interface PartsUpload {
  readonly uploadId: string;
  readonly mark: string;
  readonly etag: string | null;
  readonly bytes: number;
  readonly partSize: number;
  /** Parts that the store has, from the first on; grows. */
  readonly parts: StoredPart[];
}

/** Everything is there; the budget is spent; the source broke off after something had come. */
export type SendResult = "sent" | "paused" | "cut";

/**
 * Sends what is missing.
 *
 * @param deps The run.
 * @param claim The file.
 * @param source The file, opened at the first missing part or before.
 * @param upload What there is; parts are added.
 * @param ledger Writes parts down.
 * @returns How it ended. Whatever was sent is in `upload` and on its way into the database.
 * @throws {ArtifactError} When the source breaks off at once.
 * @throws {ObjectStorageError} When a part can't be stored.
 * @throws {AppError} `already_running` when the lease is gone.
 */
export async function sendParts(
  deps: UploadDeps,
  claim: UploadClaim,
  source: OpenSource,
  upload: PartsUpload,
  ledger: PartLedger,
): Promise<SendResult> {
  const before = upload.parts.length;
  try {
    return await pump(deps, claim, source, upload, ledger);
  } catch (error) {
    const isCut = error instanceof ArtifactError && error.failure === "unavailable";
    if (!isCut || upload.parts.length === before || deps.ctx.signal.aborted) throw error;
    return "cut";
  }
}

async function pump(
  deps: UploadDeps,
  claim: UploadClaim,
  source: OpenSource,
  upload: PartsUpload,
  ledger: PartLedger,
): Promise<"sent" | "paused"> {
  const reader = new PartReader(source.artifact.body, upload.partSize, deps.limits.idleMs);
  let sending: Promise<void> | undefined;
  try {
    let offset = upload.parts.length * upload.partSize;
    const known = offset - source.artifact.offset;
    await reader.skip(known);
    deps.budget.note(known);
    for (let number = upload.parts.length + 1; offset < upload.bytes; number++) {
      const bytes = await reader.read(Math.min(upload.partSize, upload.bytes - offset));
      offset += bytes.byteLength;
      await sending;
      sending = send(number, bytes);
      // It may fail while the next part is being read; the next wait says so
      sending.catch(() => undefined);
      deps.budget.note(bytes.byteLength);
      if (deps.budget.isSpent() && offset < upload.bytes) {
        await sending;
        return "paused";
      }
    }
    await sending;
    return "sent";
  } finally {
    // A part that arrives although the source broke off is not sent again
    await sending?.catch(() => undefined);
    await reader.close();
  }

  async function send(number: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const { uploadId } = upload;
    const part = await deps.storage.uploadPart({
      key: claim.object_key,
      uploadId,
      number,
      bytes,
    });
    reader.recycle(bytes);
    upload.parts.push(part);
    await ledger.add(part);
  }
}
