// Deletes a recording with everything made from it: meeting, transcript, analysis and files.
import { fromPostgrestError } from "../errors/app_error.ts";
import type { RequestContext } from "../platform/request_context.ts";
import type { RecordingRef } from "./read_recording.ts";

/**
 * Deletes a recording of the caller's own. It is gone at once; a bot that is still there leaves, and
 * the files are erased by a worker.
 *
 * @param ctx The caller.
 * @param ref Which one.
 * @throws {AppError} `not_found`, `forbidden` for another's, or `mfa_required`.
 */
export async function deleteRecording(
  ctx: RequestContext,
  { recordingId, orgId }: RecordingRef,
): Promise<void> {
  const { error } = await ctx.db.rpc("delete_recording", {
    p_recording_id: recordingId,
    p_org_id: orgId,
  });
  if (error) throw fromPostgrestError(error);
}
