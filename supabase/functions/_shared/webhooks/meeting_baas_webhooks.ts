// How MeetingBaaS proves its calls, in three ways: the account's webhooks are signed (Svix), a bot's
// own callback carries the secret that the bot was created with, and the first version of the API
// repeats our own key. Each way has its own secret and is refused without it; a call is judged by the
// strongest way it claims, so nothing weaker rescues a bad signature (U60-106, U60-140, R-03).
import { sha256Hex } from "@shared/platform/sha256.ts";
import { isSameSecret } from "../auth/hmac.ts";
import { isTooDeep } from "../http/parse_json.ts";
import { verifyStandardWebhook } from "./standard_webhooks.ts";
import type {
  SignedCall,
  VerifiedCall,
  WebhookRefusal,
  WebhookVerifier,
} from "./webhook_verifier.ts";

const SIGNING_SECRET = "MEETINGBAAS_WEBHOOK_SECRET";
const CALLBACK_SECRET = "MEETINGBAAS_CALLBACK_SECRET";
const API_KEY = "MEETINGBAAS_API_KEY";

const SPELLINGS = ["svix", "webhook"] as const;
/** Shorter secrets are no secrets. */
const MIN_SECRET_LENGTH = 16;
const MAX_SECRET_LENGTH = 512;

/** The verifier of MeetingBaaS. */
export const meetingBaasWebhooks: WebhookVerifier = {
  secretVariables: [SIGNING_SECRET, CALLBACK_SECRET, API_KEY],
  signatures: [
    {
      header: "svix-signature",
      description:
        "Account webhooks: Svix, an HMAC over svix-id, svix-timestamp and the raw body; the headers may begin with webhook- instead.",
    },
    { header: "x-mb-secret", description: "A bot's callback: the secret it was created with." },
    {
      header: "x-meeting-baas-api-key",
      description: "Webhooks of API version 1: our own API key.",
    },
  ],
  keptHeaders: [
    "svix-id",
    "svix-timestamp",
    "webhook-id",
    "webhook-timestamp",
    "content-type",
  ],
  verify,
};

async function verify(call: SignedCall): Promise<VerifiedCall | WebhookRefusal> {
  for (const spelling of SPELLINGS) {
    // One of the three headers is enough to claim this way, and then all of it must hold
    if (claimsSignature(call.headers, spelling)) {
      const secrets = secretsOf(call, SIGNING_SECRET);
      return secrets.length === 0 ? "unconfigured" : verifyStandardWebhook(call, secrets, spelling);
    }
  }
  const callbackSecret = call.headers.get("x-mb-secret");
  if (callbackSecret !== null) {
    return await verifyBearer(call, callbackSecret, CALLBACK_SECRET, "callback");
  }
  const apiKey = call.headers.get("x-meeting-baas-api-key");
  if (apiKey !== null) return await verifyBearer(call, apiKey, API_KEY, "v1");
  return "unsigned";
}

function claimsSignature(headers: Headers, spelling: (typeof SPELLINGS)[number]): boolean {
  return ["id", "timestamp", "signature"].some((part) => headers.has(`${spelling}-${part}`));
}

function secretsOf(call: SignedCall, variable: string): readonly string[] {
  return call.secrets[variable] ?? [];
}

async function verifyBearer(
  call: SignedCall,
  given: string,
  variable: string,
  scheme: "callback" | "v1",
): Promise<VerifiedCall | WebhookRefusal> {
  const secrets = secretsOf(call, variable).filter(({ length }) => length >= MIN_SECRET_LENGTH);
  if (secrets.length === 0) return "unconfigured";
  if (given.length > MAX_SECRET_LENGTH) return "malformed";
  let isKnown = false;
  for (const secret of secrets) {
    if (isSameSecret(given, secret)) isKnown = true;
  }
  return isKnown ? { eventId: `${scheme}:${await digestOf(call.body)}` } : "signature";
}

/**
 * These ways have no id of a message. The same event is told by what it says: bot, event, status and
 * time; a body that does not say so is told by its bytes.
 */
async function digestOf(body: Uint8Array<ArrayBuffer>): Promise<string> {
  const told = describeEvent(body);
  const bytes = told === null ? body : new TextEncoder().encode(JSON.stringify(told));
  return await sha256Hex(bytes);
}

function describeEvent(body: Uint8Array): readonly unknown[] | null {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(body));
  } catch {
    return null;
  }
  if (isTooDeep(value)) return null;
  const event = fieldOf(value, "event");
  const data = fieldOf(value, "data");
  const botId = fieldOf(data, "bot_id");
  if (typeof botId !== "string") return null;
  const status = fieldOf(data, "status");
  return [
    botId,
    // The event that only says that a transcript is there has no name of its own
    event ?? "transcription_complete",
    fieldOf(status, "code") ?? null,
    fieldOf(status, "created_at") ?? fieldOf(data, "sent_at") ?? fieldOf(value, "sent_at") ?? null,
    fieldOf(data, "message_id") ?? null,
  ];
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
