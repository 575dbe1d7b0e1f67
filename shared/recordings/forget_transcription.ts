// Has the transcriber forget what it was given and what it heard: what is stored here is not kept there
// as well, and what a person deleted is kept nowhere. A row stays due until that is done.
import { fromPostgrestError } from "../errors/app_error.ts";
import type { TranscriptionClaim } from "./transcription_claim.ts";
import type { TranscriptionDeps } from "./transcription_deps.ts";
import { TranscriptionProviderError } from "./transcription_provider.ts";

/**
 * Deletes every job of a path at the transcriber; where that does not work now, it is tried again.
 *
 * @param deps The worker's handles.
 * @param claim A path that has ended, or whose recording was deleted.
 * @throws {AppError} When the database can't be reached.
 */
export async function forgetTranscription(
  deps: TranscriptionDeps,
  claim: TranscriptionClaim,
): Promise<void> {
  const { error } = await deps.ctx.db.rpc("note_transcription_forgotten", {
    p_org_id: claim.org_id,
    p_id: claim.id,
    p_is_forgotten: await isForgotten(deps, claim),
  });
  if (error) throw fromPostgrestError(error);
}

async function isForgotten(
  { ctx, transcriber }: TranscriptionDeps,
  claim: TranscriptionClaim,
): Promise<boolean> {
  // Without a key nobody can be asked, now or later
  if (claim.provider !== "gladia" || transcriber === null) return true;
  try {
    await transcriber.forgetJobs(claim.id);
    return true;
  } catch (cause) {
    if (!(cause instanceof TranscriptionProviderError)) throw cause;
    ctx.log.warn("transcription_not_forgotten", {
      operation: "recordings.transcribe",
      entity_id: claim.recording_id,
      cause,
    });
    return false;
  }
}
