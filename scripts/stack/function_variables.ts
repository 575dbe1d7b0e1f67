// What the stack injects into every function: the platform's own variables, and the product's
// settings with defaults that point at the simulators.

import type { StackKeys, StackPorts } from "./contracts.ts";

const LOOPBACK = "http://127.0.0.1";

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
    ...developmentSettings(ports),
    ...Object.fromEntries(own),
    SUPABASE_URL: `${LOOPBACK}:${ports.gateway}`,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify(keys.publishableKeys),
    SUPABASE_SECRET_KEYS: JSON.stringify(keys.secretKeys),
    SUPABASE_JWKS: JSON.stringify(keys.jwks),
  };
}

function developmentSettings(ports: StackPorts): Record<string, string> {
  const providers = `${LOOPBACK}:${ports.providers}`;
  return {
    SIXTY_ENVIRONMENT: "development",
    SIXTY_ALLOWED_ORIGINS: "http://localhost:5175,http://localhost:5173",
    FATHOM_API_BASE_URL: `${providers}/fathom/external/v1`,
    GOOGLE_CALENDAR_BASE_URL: `${providers}/google/calendar/v3`,
    GOOGLE_OAUTH_TOKEN_URL: `${providers}/google/oauth2/token`,
    GOOGLE_OAUTH_CLIENT_ID: "development-client",
    GOOGLE_OAUTH_CLIENT_SECRET: "development-secret",
    GEMINI_API_KEY: "sim-gemini-development",
    GEMINI_BASE_URL: `${providers}/gemini`,
  };
}
