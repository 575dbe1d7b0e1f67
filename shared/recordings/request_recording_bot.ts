// Has a bot sent to a meeting now, or one leave: what a person asks for themselves.
import { fromPostgrestError } from "../errors/app_error.ts";
import type { RequestContext } from "../platform/request_context.ts";
import { DismissedBot, type RequestBotInput, RequestedBot } from "./bot_contract.ts";
import type { RecordingRef } from "./read_recording.ts";

/**
 * Sends a bot now. One that is in the meeting, or on its way, is answered instead.
 *
 * @param ctx The caller.
 * @param input Where to.
 * @returns The recording.
 * @throws {AppError} `unsupported_meeting_url`, `meeting_is_over`, `daily_cap_reached`, `not_found`,
 * `forbidden`, `mfa_required`, `organization_not_found` or `no_active_organization`.
 */
export async function requestRecordingBot(
  ctx: RequestContext,
  input: RequestBotInput,
): Promise<RequestedBot> {
  const { data, error } = await ctx.db.rpc("request_recording_bot", {
    p_org_id: input.org_id ?? ctx.orgId,
    p_calendar_event_id: input.calendar_event_id ?? null,
    p_meeting_url: input.meeting_url ?? null,
    p_title: input.title ?? null,
  });
  if (error) throw fromPostgrestError(error);
  return RequestedBot.parse(data);
}

/**
 * Has the bot of a recording leave; one that was not sent yet does not go.
 *
 * @param ctx The caller.
 * @param ref Which recording.
 * @returns The recording and where it stands now.
 * @throws {AppError} `meeting_is_over`, `not_found`, `forbidden` or `mfa_required`.
 */
export async function requestBotLeave(
  ctx: RequestContext,
  { recordingId, orgId }: RecordingRef,
): Promise<DismissedBot> {
  const { data, error } = await ctx.db.rpc("request_bot_leave", {
    p_recording_id: recordingId,
    p_org_id: orgId,
  });
  if (error) throw fromPostgrestError(error);
  return DismissedBot.parse(data);
}
