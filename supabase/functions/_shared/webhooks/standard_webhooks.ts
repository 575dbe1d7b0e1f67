// The Standard Webhooks scheme: HMAC-SHA256 over `id.timestamp.body`. The body is taken byte for
// byte, never decoded first: two bodies that decode alike must not share a signature.
import { fromBase64, isHmacOf, signedBytes } from "../auth/hmac.ts";
import type {
  SignedCall,
  VerifiedCall,
  WebhookRefusal,
  WebhookVerifier,
} from "./webhook_verifier.ts";

const TOLERANCE_SECONDS = 300;
const MAX_SIGNATURES = 8;
/** What the inbox can hold beside the account it came through. */
const MESSAGE_ID = /^[\w.:=+/-]{1,200}$/;
const TIMESTAMP = /^[1-9]\d{9}$/;
/** Shorter keys are no keys; the scheme asks for 24 to 64 bytes. */
const MIN_KEY_BYTES = 24;

/**
 * Makes the verifier of a provider that follows the scheme.
 *
 * @param secretVariable Where its secrets are.
 * @returns The verifier.
 */
export function standardWebhooks(secretVariable: string): WebhookVerifier {
  return {
    secretVariables: [secretVariable],
    signatures: [{
      header: "webhook-signature",
      description: "Standard Webhooks: HMAC over webhook-id, webhook-timestamp and the raw body.",
    }],
    keptHeaders: ["webhook-id", "webhook-timestamp", "content-type"],
    verify: (call) =>
      Promise.resolve(
        verifyStandardWebhook(call, call.secrets[secretVariable] ?? [], "webhook"),
      ),
  };
}

/**
 * Checks one call by the scheme.
 *
 * @param call The call.
 * @param secrets All that are good now; none refuses.
 * @param prefix How the headers are spelled: `webhook-id`, or `svix-id` by those who send with Svix.
 * @returns What it is known by, or why it is refused.
 */
export function verifyStandardWebhook(
  call: SignedCall,
  secrets: readonly string[],
  prefix: "webhook" | "svix",
): VerifiedCall | WebhookRefusal {
  const id = call.headers.get(`${prefix}-id`);
  const timestamp = call.headers.get(`${prefix}-timestamp`);
  const signatures = call.headers.get(`${prefix}-signature`);
  if (id === null || timestamp === null || signatures === null) return "unsigned";
  // A header given twice arrives joined by a comma and a space, and fails these
  if (!MESSAGE_ID.test(id) || !TIMESTAMP.test(timestamp)) return "malformed";
  if (Math.abs(call.nowMs / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return "stale";

  const message = signedBytes(`${id}.${timestamp}.`, call.body);
  const digests = signatures.split(" ").slice(0, MAX_SIGNATURES).map(digestOf);
  for (const secret of secrets) {
    const key = keyOf(secret);
    if (key === null) continue;
    for (const digest of digests) {
      if (digest !== null && isHmacOf("SHA-256", key, digest, message)) {
        return { eventId: id };
      }
    }
  }
  return "signature";
}

function digestOf(signature: string): Uint8Array<ArrayBuffer> | null {
  if (!signature.startsWith("v1,")) return null;
  const digest = fromBase64(signature.slice(3));
  return digest?.byteLength === 32 ? digest : null;
}

/** Secrets are written `whsec_<base64>`; some senders put `v1,` before it. */
function keyOf(secret: string): Uint8Array<ArrayBuffer> | null {
  const key = fromBase64(secret.replace(/^v1,/, "").replace(/^whsec_/, ""));
  return key !== null && key.byteLength >= MIN_KEY_BYTES ? key : null;
}
