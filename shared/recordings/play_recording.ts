// Gives an address at which one stored file plays for a quarter of an hour: only now, only to who may,
// and each time with a row in the audit log (C-04, U60-130).
import { z } from "zod";
import { AppError, fromPostgrestError } from "../errors/app_error.ts";
import type { RequestContext } from "../platform/request_context.ts";
import type { PlayableFile, Playback } from "./contract.ts";
import type { ObjectStorage } from "./object_storage.ts";
import type { RecordingRef } from "./read_recording.ts";
import { parseStoredPlace } from "./stored_place.ts";

/** How long the address works. */
export const PLAYBACK_SECONDS = 900;

const Authorized = z.object({ place: z.string() });

/** What signing needs. */
export type PlaybackStorage = Pick<ObjectStorage, "bucket" | "presignGet">;

/**
 * Makes an address for one file.
 *
 * @param ctx The caller.
 * @param openStorage Opens the store, once the caller is known to be allowed.
 * @param ref Which recording.
 * @param file Which of its files.
 * @returns The address and its end.
 * @throws {AppError} `not_found` also for what the caller may not read, `recording_not_stored`, and
 * `not_configured` where the file lies in another bucket than ours.
 */
export async function playRecording(
  ctx: RequestContext,
  openStorage: () => PlaybackStorage,
  { recordingId, orgId }: RecordingRef,
  file: PlayableFile,
): Promise<Playback> {
  const { data, error } = await ctx.db.rpc("authorize_playback", {
    p_recording_id: recordingId,
    p_file: file,
    p_org_id: orgId,
  });
  if (error) throw fromPostgrestError(error);
  const place = parseStoredPlace(Authorized.parse(data).place);
  const storage = openStorage();
  if (place === null || place.bucket !== storage.bucket) throw new AppError("not_configured");
  // Before signing: the address must not outlive what is said of it
  const expiresAt = new Date(ctx.clock.now().getTime() + PLAYBACK_SECONDS * 1_000);
  const url = await storage.presignGet(place.key, PLAYBACK_SECONDS);
  return { file, url, expires_at: expiresAt.toISOString() };
}
