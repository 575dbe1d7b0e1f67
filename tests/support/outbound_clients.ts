// The real clients of Gmail, Slack and Calendar on simulators, with short patience.
import type { CalendarWriter, EmailSender, SlackPoster } from "@shared/outbound/outbound_ports.ts";
import { systemClock } from "@shared/platform/clock.ts";
import { createGmail } from "../../supabase/functions/_shared/providers/gmail.ts";
import { createCalendarEvents } from "../../supabase/functions/_shared/providers/google_calendar_events.ts";
import { createSlack } from "../../supabase/functions/_shared/providers/slack.ts";

/** Longer than anything on this machine takes, shorter than a test waits. */
export const SHORT_TIMEOUT_MS = 1_500;

/** Settings that point at simulators. */
export function outboundSettings(providersUrl: string): Record<string, string> {
  return {
    GMAIL_BASE_URL: `${providersUrl}/gmail`,
    SLACK_API_BASE_URL: `${providersUrl}/slack/api/`,
    GOOGLE_CALENDAR_BASE_URL: `${providersUrl}/google/calendar/v3`,
    GOOGLE_OAUTH_TOKEN_URL: `${providersUrl}/google/oauth2/token`,
    GOOGLE_OAUTH_CLIENT_ID: "development-client",
    GOOGLE_OAUTH_CLIENT_SECRET: "development-secret",
  };
}

/** The clients. */
export interface OutboundClients {
  readonly gmail: EmailSender;
  readonly slack: SlackPoster;
  readonly calendar: CalendarWriter;
}

/**
 * Makes the clients.
 *
 * @param providersUrl Where the simulators are.
 * @param network Everything that the clients say and hear.
 */
export function outboundClients(
  providersUrl: string,
  network: typeof globalThis.fetch = fetch,
): OutboundClients {
  const settings = outboundSettings(providersUrl);
  const deps = {
    readVariable: (name: string) => settings[name],
    fetch: network,
    clock: systemClock,
    signal: new AbortController().signal,
    timeoutMs: SHORT_TIMEOUT_MS,
  };
  return {
    gmail: createGmail(deps),
    slack: createSlack(deps),
    calendar: createCalendarEvents(deps),
  };
}

/** Trades a simulated refresh token for an access token. */
export async function googleToken(providersUrl: string, email: string): Promise<string> {
  const answer = await fetch(`${providersUrl}/google/oauth2/token`, {
    method: "POST",
    body: new URLSearchParams({
      client_id: "c",
      client_secret: "s",
      grant_type: "refresh_token",
      refresh_token: `sim-refresh-${email}`,
    }),
  });
  const { access_token: token } = await answer.json();
  return String(token);
}
