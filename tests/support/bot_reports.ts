// Recordings with bots, and reports about these bots as MeetingBaaS would send them.
import { Webhook } from "standardwebhooks";
import { deriveSecret } from "../../scripts/stack/function_variables.ts";
import type { Actor } from "./rivals.ts";
import type { TestStack } from "./stack.ts";

/** A recording of a test and its bot. */
export interface TestRecording {
  readonly id: string;
  readonly orgId: string;
  readonly botId: string;
}

/**
 * Makes a recording whose bot is on its way.
 *
 * @param stack The running stack.
 * @param actor Whose.
 */
export async function createRecording(stack: TestStack, actor: Actor): Promise<TestRecording> {
  const botId = crypto.randomUUID();
  const [row] = await stack.sql<{ id: string }>(
    `insert into public.recordings (org_id, owner_user_id, storage_user_id, meeting_key, title, meeting_url,
       platform, scheduled_start_at, scheduled_end_at, status, bot_id)
     values ($1, $2, $2, $3, 'Kickoff', 'https://meet.google.com/abc-defg-hij', 'meet', now(),
       now() + interval '30 minutes', 'joining', $3)
     returning id`,
    [actor.orgId, actor.userId, botId],
  );
  return { id: row?.id ?? "", orgId: actor.orgId, botId };
}

/** The three ways in which the provider proves itself. */
export type ReportScheme = "v2" | "callback" | "v1";

/** The headers of a report. */
export type ReportHeaders = Readonly<Record<string, string>>;

/**
 * Proves a body, by the stack's own secrets.
 *
 * @param stack The running stack.
 * @param scheme How.
 * @param body The exact body.
 * @param id The message, where the scheme has ids.
 * @returns The headers.
 */
export function proveReport(
  stack: TestStack,
  scheme: ReportScheme,
  body: string,
  id = `msg_${crypto.randomUUID()}`,
): ReportHeaders {
  const { cronKey: cron, secretKey } = stack.description;
  const keys = { secretKeys: { default: secretKey, cron } };
  if (scheme === "callback") {
    return { "x-mb-secret": deriveSecret(keys, "meetingbaas callback", "base64url") };
  }
  if (scheme === "v1") return { "x-meeting-baas-api-key": "sim-meetingbaas-key" };
  const secret = `whsec_${deriveSecret(keys, "meetingbaas webhook", "base64")}`;
  const now = new Date();
  return {
    "svix-id": id,
    "svix-timestamp": String(Math.floor(now.getTime() / 1000)),
    "svix-signature": new Webhook(secret).sign(id, now, body),
  };
}

/**
 * Posts a report.
 *
 * @param stack The running stack.
 * @param body What.
 * @param headers Its proof, or whatever a test wants to send.
 */
export async function postReport(
  stack: TestStack,
  body: string | Uint8Array<ArrayBuffer>,
  headers: ReportHeaders,
): Promise<{ status: number; type: string | null; json: Record<string, unknown> }> {
  const response = await stack.callFunction("meetingbaas-webhook", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  const text = await response.text();
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    json: text.startsWith("{") ? JSON.parse(text) : {},
  };
}

/**
 * A status of a bot, as version 2 reports it.
 *
 * @param recording Whose bot.
 * @param code The provider's code.
 * @param at When.
 */
export function statusReport(
  { id, botId }: TestRecording,
  code: string,
  at = new Date().toISOString(),
): string {
  return JSON.stringify({
    event: "bot.status_change",
    data: { bot_id: botId, event_id: null, status: { code, created_at: at } },
    extra: { recording_id: id },
  });
}
