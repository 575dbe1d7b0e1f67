// Makes the object out of its parts and proves that it is there, also when the answer to that was lost
// or a part's tag had come back wrong.
import { fromPostgrestError } from "../errors/app_error.ts";
import { ObjectStorageError, type StoredPart } from "./object_storage.ts";
import { isStored } from "./resume_upload.ts";
import { formatStoredPlace } from "./stored_place.ts";
import { leaseOf, type UploadClaim, type UploadDeps, UploadError } from "./upload_contract.ts";

/** An upload all of whose parts are sent. */
export interface SentUpload {
  readonly uploadId: string;
  readonly mark: string;
  readonly parts: readonly StoredPart[];
  readonly bytes: number;
}

/**
 * Completes the upload at the store.
 *
 * @param deps The run.
 * @param claim The file.
 * @param sent Its parts.
 * @throws {ObjectStorageError} When it can't be completed, and is not complete either.
 */
export async function completeAtStore(
  deps: UploadDeps,
  claim: UploadClaim,
  sent: SentUpload,
): Promise<void> {
  const complete = (parts: readonly StoredPart[]): Promise<string> =>
    deps.storage.completeMultipart(claim.object_key, sent.uploadId, parts, sent.bytes);
  try {
    await complete(sent.parts);
  } catch (error) {
    if (!(error instanceof ObjectStorageError)) throw error;
    if (error.failure === "invalid_parts") await complete(await trueParts(deps, claim, sent));
    // Whoever completed it may not have lived to hear so
    else if (!await isStored(deps, claim, sent.mark, sent.bytes)) throw error;
  }
}

/** The parts by the store's own tags, as long as their bytes are the ones that were sent. */
async function trueParts(
  deps: UploadDeps,
  claim: UploadClaim,
  sent: SentUpload,
): Promise<readonly StoredPart[]> {
  const listed = await deps.storage.listParts(claim.object_key, sent.uploadId, 0);
  const isSame = listed.length === sent.parts.length && listed.every((part, index) => {
    const ours = sent.parts[index];
    return part.number === ours?.number && part.bytes === ours.bytes &&
      part.checksum === ours.checksum;
  });
  if (!isSame) throw new ObjectStorageError("invalid_parts");
  return listed;
}

/**
 * Checks the object's size end to end and tells the database.
 *
 * @param deps The run.
 * @param claim The file.
 * @param mark The attempt that made it.
 * @param bytes Size of the source.
 * @throws {UploadError} `size_mismatch` when the object is not what was sent.
 * @throws {AppError} `already_running` when the lease is gone.
 */
export async function recordStored(
  deps: UploadDeps,
  claim: UploadClaim,
  mark: string,
  bytes: number,
): Promise<void> {
  if (!await isStored(deps, claim, mark, bytes)) throw new UploadError("size_mismatch");
  const { error } = await deps.ctx.db.rpc("complete_recording_upload", {
    ...leaseOf(deps, claim),
    p_bytes: bytes,
    p_place: formatStoredPlace({ bucket: deps.storage.bucket, key: claim.object_key }),
  });
  if (error) throw fromPostgrestError(error);
}
