// Finds out how far an upload is, whatever happened to the run before: what was written down, what the
// store has beyond that, or that the object is there already.
import { ObjectStorageError, type StoredPart } from "./object_storage.ts";
import type { UploadClaim, UploadDeps } from "./upload_contract.ts";

/** How far an upload is. */
export type Progress =
  /** Nothing that could be gone on with; `reason` says what became of it, if there was something. */
  | { readonly state: "none"; readonly reason: string | null }
  /** Parts from the first on, without a gap. */
  | { readonly state: "parts"; readonly uploadId: string; readonly parts: StoredPart[] }
  /** The object is complete; only the database does not know. */
  | { readonly state: "stored" };

/**
 * Compares what was written down with what the store has.
 *
 * @param deps The run.
 * @param claim The file.
 * @returns How far it is.
 * @throws {ObjectStorageError} When the store can't be asked.
 */
export async function findProgress(deps: UploadDeps, claim: UploadClaim): Promise<Progress> {
  if (claim.mark === null || claim.source_bytes === null) return { state: "none", reason: null };
  if (claim.upload_id === null) {
    return await isStored(deps, claim, claim.mark) ? { state: "stored" } : {
      state: "none",
      reason: null,
    };
  }
  const parts: StoredPart[] = [...claim.parts];
  try {
    // A part may have been sent and its answer lost: what the store lists needs no second sending
    const more = await deps.storage.listParts(claim.object_key, claim.upload_id, parts.length);
    for (const part of more) {
      if (!isNext(part, parts, claim)) break;
      parts.push(part);
    }
    return { state: "parts", uploadId: claim.upload_id, parts };
  } catch (error) {
    const isGone = error instanceof ObjectStorageError && error.failure === "no_such_upload";
    if (!isGone) throw error;
    if (await isStored(deps, claim, claim.mark)) return { state: "stored" };
    return { state: "none", reason: "upload_gone" };
  }
}

/**
 * Whether the object under the file's key is the one that this attempt makes, in full.
 *
 * @param deps The run.
 * @param claim The file.
 * @param mark The attempt.
 * @param bytes Its size; what was written down, unless a run knows better.
 */
export async function isStored(
  deps: UploadDeps,
  claim: UploadClaim,
  mark: string,
  bytes: number | null = claim.source_bytes,
): Promise<boolean> {
  const object = await deps.storage.headObject(claim.object_key);
  return object !== null && object.mark === mark && object.bytes === bytes;
}

function isNext(part: StoredPart, parts: readonly StoredPart[], claim: UploadClaim): boolean {
  if (claim.part_size === null || claim.source_bytes === null) return false;
  const before = parts.length * claim.part_size;
  return part.number === parts.length + 1 &&
    part.bytes === Math.min(claim.part_size, claim.source_bytes - before);
}
