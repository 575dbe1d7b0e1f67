// Frees what uploads left behind at the store: parts of an upload that nobody goes on with cost money
// and are in no listing of objects (providers 8.5).
import { fromPostgrestError } from "../errors/app_error.ts";
import type { ServiceContext } from "../platform/request_context.ts";
import type { ObjectStorage, OpenMultipart } from "./object_storage.ts";

/** Everything that recordings store. */
const PREFIX = "meeting-recordings/";

/**
 * Aborts uploads that are open at the store and that no row goes on with.
 *
 * @param ctx A worker's context.
 * @param storage The store.
 * @param minAgeMs Younger ones may be about to be written down.
 * @returns How many were aborted.
 * @throws {ObjectStorageError} When the store can't be asked.
 */
export async function sweepUploads(
  ctx: Pick<ServiceContext, "db" | "clock" | "signal">,
  storage: ObjectStorage,
  minAgeMs: number,
): Promise<number> {
  const newest = ctx.clock.now().getTime() - minAgeMs;
  let aborted = 0;
  let from: string | null = null;
  do {
    const page = await storage.listMultiparts(PREFIX, from);
    const old = page.uploads.filter(({ initiatedAt }) => initiatedAt.getTime() <= newest);
    aborted += await abortUnknown(ctx, storage, old);
    from = page.next;
  } while (from !== null && !ctx.signal.aborted);
  return aborted;
}

/**
 * Aborts those of some uploads that no row goes on with.
 *
 * @param ctx A worker's context.
 * @param storage The store.
 * @param uploads Open uploads.
 * @returns How many were aborted.
 * @throws {AppError} When the database can't be asked.
 */
export async function abortUnknown(
  ctx: Pick<ServiceContext, "db">,
  storage: ObjectStorage,
  uploads: readonly OpenMultipart[],
): Promise<number> {
  if (uploads.length === 0) return 0;
  const { data, error } = await ctx.db.rpc("unknown_recording_uploads", {
    p_upload_ids: uploads.map(({ uploadId }) => uploadId),
  });
  if (error) throw fromPostgrestError(error);
  const unknown = new Set<string>(data);
  const orphans = uploads.filter(({ uploadId }) => unknown.has(uploadId));
  for (const { key, uploadId } of orphans) await storage.abortMultipart(key, uploadId);
  return orphans.length;
}
