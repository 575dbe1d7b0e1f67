// Reads one recording, or its whole timeline, as the caller.
import { fromPostgrestError } from "../errors/app_error.ts";
import type { RequestContext } from "../platform/request_context.ts";
import {
  DescribedRecording,
  DescribedTimeline,
  type Recording,
  type Timeline,
} from "./contract.ts";
import { explainOutcome } from "./explain_outcome.ts";

/** Which recording, and in which of the caller's organizations; null for the active one. */
export interface RecordingRef {
  readonly recordingId: string;
  readonly orgId: string | null;
}

/**
 * Reads a recording.
 *
 * @param ctx The caller.
 * @param ref Which one.
 * @returns Its states.
 * @throws {AppError} `not_found` also for one that the caller may not read.
 */
export async function readRecording(ctx: RequestContext, ref: RecordingRef): Promise<Recording> {
  const { data, error } = await ctx.db.rpc("get_recording", args(ref));
  if (error) throw fromPostgrestError(error);
  return explainRecording(DescribedRecording.parse(data));
}

/**
 * Reads everything that happened to a recording.
 *
 * @param ctx The caller.
 * @param ref Which one.
 * @returns Its states, how far its files are, and each event with its time.
 * @throws {AppError} As `readRecording`.
 */
export async function readTimeline(ctx: RequestContext, ref: RecordingRef): Promise<Timeline> {
  const { data, error } = await ctx.db.rpc("get_recording_timeline", args(ref));
  if (error) throw fromPostgrestError(error);
  const timeline = DescribedTimeline.parse(data);
  return { ...timeline, recording: explainRecording(timeline.recording) };
}

/**
 * Adds why a recording is not complete, in words.
 *
 * @param recording As the database describes it.
 */
export function explainRecording(recording: DescribedRecording): Recording {
  const { outcome_reason: reason, status } = recording;
  const explanation = reason === null ? null : explainOutcome(reason, status === "completed");
  return { ...recording, explanation };
}

function args({ recordingId, orgId }: RecordingRef): {
  p_recording_id: string;
  p_org_id: string | null;
} {
  return { p_recording_id: recordingId, p_org_id: orgId };
}
