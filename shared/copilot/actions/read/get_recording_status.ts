// Looks up how far recordings are, in words for the person whose meetings they were.
import { z } from "zod";
import { fromPostgrestError } from "../../../errors/app_error.ts";
import {
  RecordingsData,
  RecordingsFound,
  type RecordingStatus,
  recordingStatusPanel,
  showRecordings,
} from "../../panels/recording_status.ts";
import type { ReadAction } from "../action.ts";
import { evidenceRows } from "../evidence_rows.ts";

/** Which recordings. */
const RecordingArgs = z.strictObject({
  recording_id: z.uuid().optional(),
  meeting_id: z.uuid().optional(),
  calendar_event_id: z.uuid().optional(),
  limit: z.int().min(1).max(20).default(5),
});

/** The action. */
export const getRecordingStatus: ReadAction<typeof RecordingArgs, typeof RecordingsData> = {
  kind: "read",
  name: "get_recording_status",
  description:
    "Says how far recordings are, and why one failed: of one meeting or event, or the person's latest.",
  label: "Checking the recording",
  args: RecordingArgs,
  result: RecordingsData,
  // Titles are those of invitations.
  readsForeignText: true,
  explainArgs: ({ limit, ...which }) => ({
    limit,
    is_given: Object.values(which).some((id) => id !== undefined),
  }),
  async run(ctx, args) {
    const { data, error } = await ctx.db.rpc("find_recordings", {
      p_org_id: ctx.orgId,
      p_recording_id: args.recording_id ?? null,
      p_meeting_id: args.meeting_id ?? null,
      p_calendar_event_id: args.calendar_event_id ?? null,
      p_now: ctx.clock.now().toISOString(),
      p_limit: args.limit,
    });
    if (error) throw fromPostgrestError(error);
    const shown = showRecordings(RecordingsFound.parse(data));
    const panel: RecordingStatus = { type: "recording_status", version: 1, ...shown };
    return {
      data: shown,
      evidence: evidenceRows(shown.recordings.flatMap((recording) => [
        ["recordings", recording.recording_id] as const,
        ["meetings", recording.meeting_id] as const,
      ])),
      count: shown.recordings.length,
      panel,
      text: recordingStatusPanel.describe(panel),
    };
  },
};
