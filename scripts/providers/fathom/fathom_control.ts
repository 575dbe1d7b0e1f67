// Control of the simulated Fathom; the actions are listed at the head of ../control.ts.
import { z } from "zod";
import { nameOf, type Person } from "../people.ts";
import { ControlError } from "../simulator.ts";
import { composeMeeting, withNullDetails, withNulls } from "./compose_meeting.ts";
import { TOPICS } from "./conversations.ts";
import type { FathomSimulator } from "./fathom_simulator.ts";
import { EVERYBODY, type RegisteredWebhook } from "./fathom_store.ts";
import { type FathomMeeting, project, type StoredMeeting } from "./meeting.ts";
import { createWebhookSecret } from "./sign_webhook.ts";
import type { DeliveryRecord, WebhookMessage } from "./webhook_delivery.ts";

const Email = z.email().transform((email) => email.toLowerCase());
const Guest = z.union([
  Email.transform((email): Person => ({ email, name: nameOf(email) })),
  z.object({ email: Email, name: z.string().optional() })
    .transform(({ email, name }): Person => ({ email, name: name ?? nameOf(email) })),
]);

const RecordInput = z.object({
  action: z.literal("record"),
  recorded_by: Email.optional(),
  title: z.string().optional(),
  topic: z.enum(TOPICS).optional(),
  start: z.iso.datetime({ offset: true }).optional(),
  minutes: z.number().positive().max(600).default(30),
  invitees: z.array(Guest).min(1).optional(),
  transcript: z.array(z.object({ speaker: z.string(), text: z.string() })).optional(),
  recording_id: z.int().positive().optional(),
  sharing: z.enum(["private", "team", "external"]).default("private"),
  nulls: z.enum(["none", "details", "all"]).default("none"),
  overrides: z.record(z.string(), z.unknown()).optional(),
  destination: z.url().optional(),
  secret: z.string().startsWith("whsec_").optional(),
  script: z.enum([
    "normal",
    "silent",
    "duplicate",
    "concurrent",
    "reorder",
    "forged",
    "stale",
    "future",
    "unknown_recorder",
    "malformed",
  ]).default("normal"),
  wait: z.boolean().default(true),
});
type RecordInput = z.infer<typeof RecordInput>;

const FathomControl = z.discriminatedUnion("action", [
  RecordInput,
  z.object({
    action: z.literal("register"),
    destination: z.url(),
    secret: z.string().startsWith("whsec_").optional(),
    owner: z.union([z.literal(EVERYBODY), Email]).default(EVERYBODY),
  }),
  z.object({ action: z.literal("deliveries"), recording_id: z.int().optional() }),
  z.object({ action: z.literal("redeliver"), webhook_id: z.string() }),
  z.object({ action: z.literal("settle") }),
  z.object({
    action: z.literal("retry_schedule"),
    delays_ms: z.array(z.number().nonnegative()).max(20),
    timeout_ms: z.number().positive().optional(),
  }),
  z.object({
    action: z.literal("rate_limit"),
    limit: z.int().nonnegative(),
    window_seconds: z.number().positive().default(60),
  }),
  z.object({
    action: z.literal("fail"),
    route: z.string().optional(),
    status: z.int().min(400).max(599),
    count: z.int().positive().default(1),
    delay_ms: z.number().nonnegative().default(0),
  }),
  z.object({ action: z.literal("expire_tokens") }),
  z.object({ action: z.literal("revoke"), email: Email }),
]);

const STALE_SECONDS = 600;
const STRANGER = "nobody.known@stranger.example";

/**
 * Carries out a control request.
 *
 * @param simulator The simulator.
 * @param input The request.
 * @throws {ControlError} When it makes no sense.
 */
export async function controlFathom(simulator: FathomSimulator, input: unknown): Promise<unknown> {
  const parsed = FathomControl.safeParse(input);
  if (!parsed.success) throw new ControlError(z.prettifyError(parsed.error));
  const request = parsed.data;
  switch (request.action) {
    case "record":
      return await record(simulator, request);
    case "register":
      return register(simulator, request);
    case "deliveries":
      return simulator.delivery.log().filter(({ recordingId }) =>
        request.recording_id === undefined || request.recording_id === recordingId
      );
    case "redeliver":
      return await simulator.delivery.sendAgain(request.webhook_id);
    case "settle":
      await simulator.delivery.settle();
      return simulator.delivery.log();
    case "retry_schedule":
      simulator.delivery.retryDelaysMs = request.delays_ms;
      if (request.timeout_ms !== undefined) simulator.delivery.timeoutMs = request.timeout_ms;
      return {};
    case "rate_limit":
      simulator.limit.configure(request.limit, request.window_seconds);
      return {};
    case "fail":
      simulator.failures.arm({ ...request, delayMs: request.delay_ms });
      return {};
    case "expire_tokens":
      simulator.store.expireTokens();
      return {};
    case "revoke":
      simulator.store.revokedGrants.add(request.email);
      return {};
  }
}

function register(
  simulator: FathomSimulator,
  request: { destination: string; secret?: string | undefined; owner: string },
): unknown {
  if (request.owner !== EVERYBODY) simulator.store.openAccount(request.owner);
  const webhook = simulator.store.registerWebhook(request.owner, {
    url: request.destination,
    triggered_for: ["my_recordings"],
    include_transcript: true,
    include_summary: true,
    include_action_items: true,
    include_crm_matches: true,
  }, request.secret ?? createWebhookSecret());
  return { id: webhook.id, secret: webhook.secret };
}

async function record(simulator: FathomSimulator, request: RecordInput): Promise<unknown> {
  const stored = compose(simulator, request);
  const recordingId = stored.meeting.recording_id;
  if (request.script === "silent") return { recording_id: recordingId, deliveries: [] };
  const messages = chooseDestinations(simulator, request, stored)
    .flatMap((webhook) => scriptMessages(simulator, request, webhook, stored.meeting));
  if (messages.length === 0) {
    throw new ControlError(
      'Nobody wants this recording: give "destination" and "secret", or register a webhook',
    );
  }
  const sending = sendAll(simulator, request, messages);
  if (!request.wait) {
    return { recording_id: recordingId, deliveries: messages.map(({ webhookId }) => webhookId) };
  }
  return { recording_id: recordingId, deliveries: await sending };
}

function compose(simulator: FathomSimulator, request: RecordInput): StoredMeeting {
  const { store, clock } = simulator;
  const recordedBy = request.script === "unknown_recorder" ? STRANGER : request.recorded_by;
  if (recordedBy === undefined) {
    throw new ControlError('"recorded_by" must be the address of somebody who records');
  }
  if (request.script !== "unknown_recorder") store.openAccount(recordedBy);
  const composed = composeMeeting({
    recordedBy,
    seed: `${recordedBy} ${clock.now().toISOString()} ${crypto.randomUUID()}`,
    title: request.title,
    topic: request.topic,
    startsAt: request.start === undefined
      ? new Date(clock.now().getTime() - request.minutes * 60_000)
      : new Date(request.start),
    minutes: request.minutes,
    invitees: request.invitees,
    lines: request.transcript,
    recordingId: request.recording_id,
    team: "Sales",
  });
  const emptied = request.nulls === "all"
    ? withNulls(composed)
    : request.nulls === "details"
    ? withNullDetails(composed)
    : composed;
  // Overrides may say anything, since the point of one is a payload that breaks the contract.
  const meeting: Required<FathomMeeting> = Object.assign({}, emptied, request.overrides);
  const stored = { meeting, sharing: request.sharing };
  store.putMeeting(stored);
  return stored;
}

type Destination = Pick<
  RegisteredWebhook,
  | "url"
  | "secret"
  | "include_transcript"
  | "include_summary"
  | "include_action_items"
  | "include_crm_matches"
>;

function chooseDestinations(
  simulator: FathomSimulator,
  request: RecordInput,
  stored: StoredMeeting,
): Destination[] {
  if (request.destination === undefined) return simulator.store.triggeredWebhooks(stored);
  const registered = [...simulator.store.webhooks.values()]
    .find(({ url }) => url === request.destination);
  const secret = request.secret ?? registered?.secret;
  if (secret === undefined) throw new ControlError('"destination" needs a "secret"');
  return [{
    url: request.destination,
    secret,
    include_transcript: true,
    include_summary: true,
    include_action_items: true,
    include_crm_matches: true,
  }];
}

function scriptMessages(
  simulator: FathomSimulator,
  { script }: RecordInput,
  webhook: Destination,
  meeting: Required<FathomMeeting>,
): WebhookMessage[] {
  const message = (body: string, more: Partial<WebhookMessage> = {}): WebhookMessage => ({
    webhookId: simulator.delivery.nextId(),
    recordingId: meeting.recording_id,
    destination: webhook.url,
    secret: webhook.secret,
    body,
    ...more,
  });
  const whole = JSON.stringify(project(meeting, webhook));
  switch (script) {
    case "duplicate":
    case "concurrent": {
      const once = message(whole);
      return [once, once];
    }
    case "reorder":
      // What was sent first arrives last: the bare recording after the finished one.
      return [
        message(whole),
        message(JSON.stringify(project(withNulls(meeting), webhook)), {
          timestampShiftSeconds: -60,
        }),
      ];
    case "forged":
      return [message(whole, { isForged: true, isFinal: true })];
    case "stale":
      return [message(whole, { timestampShiftSeconds: -STALE_SECONDS, isFinal: true })];
    case "future":
      return [message(whole, { timestampShiftSeconds: STALE_SECONDS, isFinal: true })];
    case "malformed":
      return [message(whole.slice(0, -20), { isFinal: true })];
    default:
      return [message(whole)];
  }
}

async function sendAll(
  simulator: FathomSimulator,
  request: RecordInput,
  messages: readonly WebhookMessage[],
): Promise<DeliveryRecord[]> {
  if (request.script === "concurrent") {
    return await Promise.all(messages.map((message) => simulator.delivery.send(message)));
  }
  const records: DeliveryRecord[] = [];
  for (const message of messages) records.push(await simulator.delivery.send(message));
  return records;
}
