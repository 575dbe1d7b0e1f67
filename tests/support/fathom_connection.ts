// A Fathom connection of a test, and webhooks signed for it as Fathom signs them.
import { Buffer } from "node:buffer";
import { createHash, createHmac, randomBytes } from "node:crypto";
import type { Actor } from "./rivals.ts";
import type { TestStack } from "./stack.ts";

/** A connection and what only its owner's Fathom knows. */
export interface TestConnection {
  readonly id: string;
  readonly key: string;
  readonly secret: string;
  readonly destination: string;
}

/**
 * Connects somebody's Fathom account.
 *
 * @param stack The running stack.
 * @param actor Whose.
 * @param covers Their own recordings, or all of the organization's.
 */
export async function connectFathom(
  stack: Pick<TestStack, "service" | "url">,
  actor: Pick<Actor, "orgId" | "userId" | "email">,
  covers: "own" | "organization" = "own",
): Promise<TestConnection> {
  const key = randomBytes(32).toString("base64url");
  const secret = `whsec_${randomBytes(32).toString("base64")}`;
  const { data, error } = await stack.service().rpc("connect_fathom", {
    p_org_id: actor.orgId,
    p_user_id: actor.userId,
    p_recorder_email: actor.email,
    p_key_hash: createHash("sha256").update(key).digest("hex"),
    p_secret: secret,
    p_covers: covers,
  });
  if (error) throw error;
  return { id: data, key, secret, destination: `${stack.url}/functions/v1/fathom-webhook/${key}` };
}

/** One webhook; whatever is left out is as Fathom would do it now. */
export interface WebhookCall {
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly id?: string;
  /** Seconds, as text, so that a test can send anything. */
  readonly timestamp?: string;
  readonly secret?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A fresh id. */
export function newMessageId(): string {
  return `msg_${randomBytes(12).toString("hex")}`;
}

/**
 * Signs as the Standard Webhooks scheme says.
 *
 * @param secret `whsec_` and base64.
 * @param id The message's id.
 * @param timestamp Seconds.
 * @param body The exact body.
 */
export function sign(
  secret: string,
  id: string,
  timestamp: string,
  body: string | Uint8Array,
): string {
  const mac = createHmac("sha256", Buffer.from(secret.replace(/^whsec_/, ""), "base64"));
  return `v1,${mac.update(`${id}.${timestamp}.`).update(body).digest("base64")}`;
}

/**
 * Posts a webhook.
 *
 * @param connection Where to, and by which secret.
 * @param call What.
 */
export async function postWebhook(
  connection: TestConnection,
  call: WebhookCall,
): Promise<{ status: number; json: Record<string, unknown> }> {
  const id = call.id ?? newMessageId();
  const timestamp = call.timestamp ?? String(Math.floor(Date.now() / 1000));
  const response = await fetch(connection.destination, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      "webhook-signature": sign(call.secret ?? connection.secret, id, timestamp, call.body),
      ...call.headers,
    },
    body: call.body,
  });
  const text = await response.text();
  return { status: response.status, json: text ? JSON.parse(text) : {} };
}

/**
 * A whole recording, as Fathom sends one.
 *
 * @param recorder Who recorded it.
 * @param more Fields that differ.
 */
export function fathomMeeting(
  recorder: Pick<Actor, "email">,
  more: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const now = Date.now();
  const at = (minutes: number): string => new Date(now + minutes * 60_000).toISOString();
  return {
    recording_id: Math.floor(Math.random() * 2 ** 50),
    title: "Impromptu meeting",
    meeting_title: "Renewal talk",
    url: "https://fathom.video/calls/1",
    share_url: "https://fathom.video/share/1",
    created_at: at(-1),
    scheduled_start_time: at(-40),
    scheduled_end_time: at(-10),
    recording_start_time: at(-39),
    recording_end_time: at(-9),
    calendar_invitees_domains_type: "one_or_more_external",
    transcript_language: "en",
    calendar_invitees: [
      { name: "Rep", email: recorder.email, email_domain: "home.test", is_external: false },
      { name: "Bo Buyer", email: "bo@buyer.test", email_domain: "buyer.test", is_external: true },
    ],
    recorded_by: { name: "Rep", email: recorder.email, email_domain: "home.test", team: null },
    transcript: [
      {
        speaker: { display_name: "Rep" },
        text: "Let us talk about renewal.",
        timestamp: "00:00:03",
      },
      { speaker: { display_name: "Bo Buyer" }, text: "The price matters.", timestamp: "00:00:09" },
    ],
    default_summary: { template_name: "general", markdown_formatted: "They talked about renewal." },
    action_items: [{
      description: "Send the offer",
      user_generated: false,
      completed: false,
      recording_timestamp: "00:00:20",
      recording_playback_url: "https://fathom.video/calls/1?t=20",
      assignee: { name: "Rep", email: recorder.email, team: null },
    }],
    crm_matches: null,
    ...more,
  };
}
