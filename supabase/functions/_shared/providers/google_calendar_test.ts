// Unit tests of the Google client: which parameters it sends, and what it makes of each refusal.
import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import type { CalendarProvider, EventsPageRequest } from "@shared/calendar/calendar_provider.ts";
import { createGoogleCalendar } from "./google_calendar.ts";

const VARIABLES: Readonly<Record<string, string>> = {
  GOOGLE_CALENDAR_BASE_URL: "http://google.test/calendar/v3",
  GOOGLE_OAUTH_TOKEN_URL: "http://google.test/token",
  GOOGLE_OAUTH_CLIENT_ID: "client",
  GOOGLE_OAUTH_CLIENT_SECRET: "secret",
};

const REQUEST: EventsPageRequest = {
  accessToken: "at",
  calendarId: "a/b@group.test",
  syncToken: null,
  pageToken: null,
  timeMin: "2026-10-01T00:00:00Z",
};

interface Rig {
  readonly google: CalendarProvider;
  readonly requests: Request[];
}

function rig(answer: () => Response): Rig {
  const requests: Request[] = [];
  const google = createGoogleCalendar({
    readVariable: (name) => VARIABLES[name],
    signal: new AbortController().signal,
    fetch: (input, init) => {
      requests.push(new Request(input, init));
      return Promise.resolve(answer());
    },
  });
  return { google, requests };
}

const failing = (status: number, reason: string, domain = "global") => (): Response =>
  Response.json({ error: { code: status, errors: [{ domain, reason }] } }, { status });

Deno.test("U60-056 listEvents() sends the same query each time, timeMin only without a sync token", async () => {
  const { google, requests } = rig(() => Response.json({ items: null, nextSyncToken: "s" }));
  deepStrictEqual((await google.listEvents(REQUEST)).items, []);
  await google.listEvents({ ...REQUEST, syncToken: "st", pageToken: "p" });
  const [first, second] = requests.map((request) => new URL(request.url));
  strictEqual(first?.pathname, "/calendar/v3/calendars/a%2Fb%40group.test/events");
  deepStrictEqual(Object.fromEntries(first?.searchParams ?? []), {
    maxResults: "250",
    singleEvents: "true",
    timeMin: "2026-10-01T00:00:00Z",
  });
  deepStrictEqual(Object.fromEntries(second?.searchParams ?? []), {
    maxResults: "250",
    singleEvents: "true",
    syncToken: "st",
    pageToken: "p",
  });
  strictEqual(requests[0]?.headers.get("authorization"), "Bearer at");
});

Deno.test("U60-056 listEvents() tells too fast from not allowed, gone from broken", async () => {
  const cases: [() => Response, string][] = [
    [failing(403, "rateLimitExceeded", "usageLimits"), "rate_limited"],
    [failing(403, "userRateLimitExceeded", "usageLimits"), "rate_limited"],
    [failing(403, "quotaExceeded", "usageLimits"), "rate_limited"],
    [failing(403, "forbidden"), "forbidden"],
    [failing(429, "rateLimitExceeded", "usageLimits"), "rate_limited"],
    [failing(410, "fullSyncRequired"), "sync_token_expired"],
    [failing(410, "updatedMinTooLongAgo"), "sync_token_expired"],
    [failing(401, "authError"), "access_token_rejected"],
    [failing(404, "notFound"), "calendar_not_found"],
    [failing(400, "badRequest"), "rejected"],
    [() => new Response("<html>", { status: 502 }), "unavailable"],
    [() => new Response("<html>", { status: 200 }), "malformed_answer"],
    [() => Response.json({ items: [{ id: 7 }] }), "malformed_answer"],
  ];
  for (const [answer, failure] of cases) {
    await rejects(rig(answer).google.listEvents(REQUEST), { failure }, failure);
  }
});

Deno.test("U60-056 refreshTokens() keeps the old refresh token unless a new one comes", async () => {
  const { google, requests } = rig(() => Response.json({ access_token: "a", expires_in: 3599 }));
  deepStrictEqual(await google.refreshTokens("rt"), {
    accessToken: "a",
    expiresInSeconds: 3599,
    refreshToken: null,
  });
  const form = new URLSearchParams(await requests[0]?.text());
  deepStrictEqual([form.get("grant_type"), form.get("refresh_token")], ["refresh_token", "rt"]);
});

Deno.test("U60-056 refreshTokens() knows the end of a grant from a passing failure", async () => {
  const cases: [() => Response, string][] = [
    [() => Response.json({ error: "invalid_grant" }, { status: 400 }), "grant_revoked"],
    [() => Response.json({ error: "invalid_client" }, { status: 401 }), "client_rejected"],
    [() => Response.json({ error: "internal_failure" }, { status: 500 }), "unavailable"],
    [() => new Response(null, { status: 503 }), "unavailable"],
  ];
  for (const [answer, failure] of cases) {
    await rejects(rig(answer).google.refreshTokens("rt"), { failure }, failure);
  }
});

Deno.test("a network that fails is unavailable, and no detail of it is in the message", async () => {
  const google = createGoogleCalendar({
    readVariable: (name) => VARIABLES[name],
    signal: new AbortController().signal,
    fetch: () => Promise.reject(new TypeError("connection to secret.host refused")),
  });
  await rejects(google.listEvents(REQUEST), { failure: "unavailable", message: "unavailable" });
});
