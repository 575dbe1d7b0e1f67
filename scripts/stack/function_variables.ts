// What the stack injects into every function: the platform's own variables, and the product's
// settings with defaults that point at the simulators.

import { createHmac } from "node:crypto";
import type { StackKeys, StackPorts } from "./contracts.ts";

const LOOPBACK = "http://127.0.0.1";

/** Holds the recordings of a development stack; made when the object store starts. */
export const DEVELOPMENT_BUCKET = "sixty-development";

/**
 * Composes the variables of a stack's functions.
 *
 * @param ports Where the rooms listen.
 * @param keys The stack's keys.
 * @param settings The project's `.env`; a name that begins with `SUPABASE_` is the platform's and is
 * skipped, as `supabase secrets` does.
 */
export function functionVariables(
  ports: StackPorts,
  keys: StackKeys,
  settings: Readonly<Record<string, string>>,
): Record<string, string> {
  const own = Object.entries(settings).filter(([name]) => !name.startsWith("SUPABASE_"));
  return {
    ...developmentSettings(ports, keys),
    ...Object.fromEntries(own),
    SUPABASE_URL: `${LOOPBACK}:${ports.gateway}`,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify(keys.publishableKeys),
    SUPABASE_SECRET_KEYS: JSON.stringify(keys.secretKeys),
    SUPABASE_JWKS: JSON.stringify(keys.jwks),
  };
}

function developmentSettings(ports: StackPorts, keys: StackKeys): Record<string, string> {
  const providers = `${LOOPBACK}:${ports.providers}`;
  return {
    SIXTY_ENVIRONMENT: "development",
    SIXTY_ALLOWED_ORIGINS: "http://localhost:5175,http://localhost:5173",
    FATHOM_API_BASE_URL: `${providers}/fathom/external/v1`,
    GOOGLE_CALENDAR_BASE_URL: `${providers}/google/calendar/v3`,
    GOOGLE_OAUTH_TOKEN_URL: `${providers}/google/oauth2/token`,
    GOOGLE_OAUTH_CLIENT_ID: "development-client",
    GOOGLE_OAUTH_CLIENT_SECRET: "development-secret",
    GMAIL_BASE_URL: `${providers}/gmail`,
    SLACK_API_BASE_URL: `${providers}/slack/api/`,
    MEETINGBAAS_API_KEY: "sim-meetingbaas-key",
    MEETINGBAAS_BASE_URL: `${providers}/meeting-baas`,
    MEETINGBAAS_WEBHOOK_SECRET: `whsec_${deriveSecret(keys, "meetingbaas webhook", "base64")}`,
    MEETINGBAAS_CALLBACK_SECRET: deriveSecret(keys, "meetingbaas callback", "base64url"),
    MEETINGBAAS_ARTIFACT_HOSTS: providers,
    GLADIA_API_KEY: "sim-gladia-key",
    GLADIA_BASE_URL: `${providers}/gladia`,
    THUMBNAIL_LAMBDA_URL: `${providers}/thumbnail-lambda/`,
    AWS_REGION: "us-east-1",
    AWS_S3_BUCKET: DEVELOPMENT_BUCKET,
    AWS_S3_ENDPOINT: `${LOOPBACK}:${ports.storage}`,
    AWS_ACCESS_KEY_ID: keys.storage.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.storage.secretAccessKey,
    GEMINI_API_KEY: "sim-gemini-development",
    GEMINI_BASE_URL: `${providers}/gemini`,
  };
}

/**
 * A secret that a simulator and the functions share, and that nobody outside of the stack knows.
 *
 * @param keys The stack's.
 * @param purpose Another one gives another secret.
 * @param encoding How it is written.
 */
export function deriveSecret(
  keys: Pick<StackKeys, "secretKeys">,
  purpose: string,
  encoding: "base64" | "base64url",
): string {
  return createHmac("sha256", keys.secretKeys.cron).update(purpose).digest(encoding);
}
