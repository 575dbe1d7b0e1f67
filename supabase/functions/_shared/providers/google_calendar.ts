// Google Calendar v3 and Google's token endpoint. Trust boundary: what they answer is a third
// party's; it is parsed before anything else sees it, and no answer's text reaches a caller or a log.
import { z } from "zod";
import {
  type CalendarFailure,
  type CalendarProvider,
  CalendarProviderError,
  type EventsPageRequest,
  type RefreshedTokens,
} from "@shared/calendar/calendar_provider.ts";
import { GoogleEventsPage } from "@shared/calendar/google_event.ts";
import { type ReadVariable, readVariables } from "../env/platform_env.ts";

/** Where Google is and who we are to it. */
const GoogleSettings = z.object({
  GOOGLE_CALENDAR_BASE_URL: z.url({ protocol: /^https?$/ })
    .default("https://www.googleapis.com/calendar/v3"),
  GOOGLE_OAUTH_TOKEN_URL: z.url({ protocol: /^https?$/ })
    .default("https://oauth2.googleapis.com/token"),
  GOOGLE_OAUTH_CLIENT_ID: z.string().min(1),
  GOOGLE_OAUTH_CLIENT_SECRET: z.string().min(1),
});

/** What the client needs from outside. */
export interface GoogleCalendarDeps {
  readonly readVariable: ReadVariable;
  readonly fetch: typeof globalThis.fetch;
  readonly signal: AbortSignal;
}

const PAGE_SIZE = 250;
const TIMEOUT_MS = 20_000;
/** A page of 250 long events is far below; more is not a calendar. */
const ANSWER_MAX_BYTES = 16 * 1024 * 1024;

const GoogleErrorBody = z.object({
  error: z.object({
    errors: z.array(z.object({ domain: z.string().nullish(), reason: z.string().nullish() }))
      .nullish(),
  }),
});
const TokenError = z.object({ error: z.string() });
const TokenAnswer = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive(),
  refresh_token: z.string().min(1).nullish(),
});

/** Reasons behind a 403 that mean "too fast", not "not allowed". */
const USAGE_REASONS: ReadonlySet<string> = new Set([
  "rateLimitExceeded",
  "userRateLimitExceeded",
  "quotaExceeded",
  "dailyLimitExceeded",
  "calendarUsageLimitsExceeded",
]);

/**
 * Makes the client of Google Calendar.
 *
 * @param deps Settings, network, and the end of the time that the caller has.
 * @returns The client.
 * @throws {EnvironmentError} When the OAuth client is not configured.
 *
 * @example Reading the first page
 * ```ts ignore
 * const google = createGoogleCalendar({ readVariable, fetch, signal });
 * const page = await google.listEvents({ accessToken, calendarId: "primary", syncToken, pageToken: null, timeMin: null });
 * ```
 */
export function createGoogleCalendar(deps: GoogleCalendarDeps): CalendarProvider {
  const settings = readVariables(GoogleSettings, deps.readVariable);
  return {
    listEvents: (request) => listEvents(deps, settings.GOOGLE_CALENDAR_BASE_URL, request),
    refreshTokens: (refreshToken) =>
      refreshTokens(deps, settings.GOOGLE_OAUTH_TOKEN_URL, {
        client_id: settings.GOOGLE_OAUTH_CLIENT_ID,
        client_secret: settings.GOOGLE_OAUTH_CLIENT_SECRET,
        refresh_token: refreshToken,
        grant_type: "refresh_token",
      }),
  };
}

async function listEvents(
  deps: GoogleCalendarDeps,
  baseUrl: string,
  request: EventsPageRequest,
): Promise<GoogleEventsPage> {
  const url = new URL(
    `${baseUrl.replace(/\/+$/, "")}/calendars/${encodeURIComponent(request.calendarId)}/events`,
  );
  // The same parameters in every call: a sync token belongs to the query that made it
  url.searchParams.set("maxResults", String(PAGE_SIZE));
  url.searchParams.set("singleEvents", "true");
  if (request.syncToken) url.searchParams.set("syncToken", request.syncToken);
  if (request.pageToken) url.searchParams.set("pageToken", request.pageToken);
  if (request.timeMin && !request.syncToken) url.searchParams.set("timeMin", request.timeMin);

  const response = await call(deps, url, {
    headers: { authorization: `Bearer ${request.accessToken}`, accept: "application/json" },
  });
  const body = await readJson(response);
  if (!response.ok) throw calendarError(response, body);
  return parseAnswer(GoogleEventsPage, body, response.status);
}

async function refreshTokens(
  deps: GoogleCalendarDeps,
  tokenUrl: string,
  form: Readonly<Record<string, string>>,
): Promise<RefreshedTokens> {
  const response = await call(deps, new URL(tokenUrl), {
    method: "POST",
    headers: { accept: "application/json" },
    body: new URLSearchParams(form),
  });
  const body = await readJson(response);
  if (!response.ok) {
    throw new CalendarProviderError(
      refreshFailure(response.status, TokenError.safeParse(body).data?.error),
      response.status,
      readRetryAfterMs(response),
    );
  }
  const answer = parseAnswer(TokenAnswer, body, response.status);
  return {
    accessToken: answer.access_token,
    expiresInSeconds: Math.floor(answer.expires_in),
    refreshToken: answer.refresh_token ?? null,
  };
}

async function call(deps: GoogleCalendarDeps, url: URL, init: RequestInit): Promise<Response> {
  try {
    return await deps.fetch(url, {
      ...init,
      redirect: "error",
      signal: AbortSignal.any([deps.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
  } catch (cause) {
    throw new CalendarProviderError("unavailable", null, null, { cause });
  }
}

/** The body as JSON, or null: errors often come with an empty body or a page of HTML. */
async function readJson(response: Response): Promise<unknown> {
  const length = Number(response.headers.get("content-length") ?? 0);
  if (length > ANSWER_MAX_BYTES) {
    await response.body?.cancel();
    throw new CalendarProviderError("malformed_answer", response.status);
  }
  let text: string;
  try {
    text = await response.text();
  } catch (cause) {
    throw new CalendarProviderError("unavailable", response.status, null, { cause });
  }
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function calendarError(response: Response, body: unknown): CalendarProviderError {
  const reasons = (GoogleErrorBody.safeParse(body).data?.error.errors ?? []).filter((error) =>
    error.domain === "usageLimits" || USAGE_REASONS.has(error.reason ?? "")
  );
  const isUsageLimit = response.status === 403 && reasons.length > 0;
  return new CalendarProviderError(
    isUsageLimit ? "rate_limited" : failureByStatus(response.status),
    response.status,
    readRetryAfterMs(response),
  );
}

/** Only `invalid_grant` ends a grant; what else is refused is about us, not about the person. */
function refreshFailure(status: number, error: string | undefined): CalendarFailure {
  if (status >= 500 || status === 408) return "unavailable";
  if (status === 429) return "rate_limited";
  return error === "invalid_grant" ? "grant_revoked" : "client_rejected";
}

function failureByStatus(status: number): CalendarFailure {
  if (status === 401) return "access_token_rejected";
  if (status === 403) return "forbidden";
  if (status === 404) return "calendar_not_found";
  if (status === 410) return "sync_token_expired";
  if (status === 429) return "rate_limited";
  return status >= 500 || status === 408 ? "unavailable" : "rejected";
}

function readRetryAfterMs(response: Response): number | null {
  const header = response.headers.get("retry-after");
  if (header === null) return null;
  const seconds = Number(header);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 86_400) * 1_000 : null;
}

function parseAnswer<T extends z.ZodType>(schema: T, body: unknown, status: number): z.output<T> {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new CalendarProviderError("malformed_answer", status);
  return parsed.data;
}
