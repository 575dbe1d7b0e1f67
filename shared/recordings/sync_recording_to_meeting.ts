// Gives the meeting its stored recording, whichever path transcribed it (U60-114, U60-123). Trust
// boundary: the service role; the bot's id and the row's must belong together.
import { fromPostgrestError } from "../errors/app_error.ts";
import type { ServiceClient } from "../platform/request_context.ts";

/** Which recording, and who asks. */
export interface SyncRecordingInput {
  readonly recording_id: string;
  /** The provider's id of the bot that made it. */
  readonly bot_id: string;
  /** Opened for the reason `process_recordings`. */
  readonly supabase: ServiceClient;
}

/**
 * Writes the permanent places of video and sound to the meeting, and asks once for a preview picture.
 * Before the upload is complete it changes nothing, and after the first time neither: it may be
 * called from every side, in any order.
 *
 * @param input The recording, its bot, and a service client.
 * @returns Whether the files are stored, so that the meeting has them now.
 * @throws {AppError} `not_found` when bot and recording do not belong together.
 *
 * @example After a transcript was stored
 * ```ts ignore
 * await syncRecordingToMeeting({ recording_id: recording.id, bot_id: recording.bot_id, supabase: ctx.db });
 * ```
 */
export async function syncRecordingToMeeting(
  { recording_id, bot_id, supabase }: SyncRecordingInput,
): Promise<boolean> {
  const { data, error } = await supabase.rpc("sync_recording_to_meeting", {
    p_recording_id: recording_id,
    p_bot_id: bot_id,
  });
  if (error) throw fromPostgrestError(error);
  return data === true;
}
