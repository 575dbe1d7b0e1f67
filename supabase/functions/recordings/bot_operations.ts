// Sending a bot and having it leave.
import type { ErrorCode } from "@shared/errors/catalogue.ts";
import { DismissedBot, RequestBotInput, RequestedBot } from "@shared/recordings/bot_contract.ts";
import { InOrg, RecordingPath } from "@shared/recordings/contract.ts";
import { requestBotLeave, requestRecordingBot } from "@shared/recordings/request_recording_bot.ts";
import type { Api } from "../_shared/http/create_api.ts";

const ERRORS: readonly ErrorCode[] = [
  "not_found",
  "organization_not_found",
  "no_active_organization",
  "mfa_required",
  "forbidden",
  "meeting_is_over",
];

/**
 * Adds the operations.
 *
 * @param api The function `recordings`.
 */
export function addBotOperations(api: Api): void {
  api.operation({
    operation: "recordings.send_bot",
    method: "post",
    path: "/",
    summary: "Sends a bot to a meeting now: to an event of the caller's calendar or an address.",
    body: RequestBotInput,
    response: RequestedBot,
    errors: [...ERRORS, "unsupported_meeting_url", "daily_cap_reached"],
  }, async (ctx, { body }) => ({ data: await requestRecordingBot(ctx, body) }));

  api.operation({
    operation: "recordings.dismiss_bot",
    method: "post",
    path: "/:recordingId/leave",
    summary: "Has the bot of a recording leave, or not go at all.",
    params: RecordingPath,
    query: InOrg,
    response: DismissedBot,
    errors: ERRORS,
  }, async (ctx, { params, query }) => ({
    data: await requestBotLeave(ctx, {
      recordingId: params.recordingId,
      orgId: query.org_id ?? ctx.orgId,
    }),
  }));
}
