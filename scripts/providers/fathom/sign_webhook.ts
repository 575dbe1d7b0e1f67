// Signs webhooks as the Standard Webhooks specification says.
import { Buffer } from "node:buffer";
import { createHmac, randomBytes } from "node:crypto";

/**
 * Signs one message.
 *
 * @param secret `whsec_` and the key in base64.
 * @param id The message's id, the same on every resend.
 * @param timestampSeconds When it is sent.
 * @param body The exact text of the body.
 * @returns The value of `webhook-signature`.
 */
export function signWebhook(
  secret: string,
  id: string,
  timestampSeconds: number,
  body: string,
): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const digest = createHmac("sha256", key).update(`${id}.${timestampSeconds}.${body}`);
  return `v1,${digest.digest("base64")}`;
}

/** Makes a new secret. */
export function createWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}
