// Google Calendar's events.list: full and incremental sync, by the rules that clients trip over.
import assert from "node:assert/strict";
import { z } from "zod";
import { type ProvidersUnderTest, startProviders } from "./start_providers.ts";

const EMAIL = "ann@sixty.test";
const Event = z.looseObject({ id: z.string(), status: z.string() });
const Page = z.looseObject({
  items: z.array(Event),
  nextPageToken: z.string().optional(),
  nextSyncToken: z.string().optional(),
});
const Failure = z.object({
  error: z.object({
    code: z.number(),
    message: z.string(),
    errors: z.array(z.object({ domain: z.string(), reason: z.string() }).loose()).min(1),
  }),
});

/** A client that has exchanged its refresh token. */
class Client {
  #accessToken = "";

  constructor(readonly providers: ProvidersUnderTest, readonly email = EMAIL) {}

  async refresh(): Promise<{ status: number; body: Record<string, unknown> }> {
    const answer = await fetch(`${this.providers.url}/google/oauth2/token`, {
      method: "POST",
      body: new URLSearchParams({
        client_id: "c",
        client_secret: "s",
        grant_type: "refresh_token",
        refresh_token: `sim-refresh-${this.email}`,
      }),
    });
    const text = await answer.text();
    const body = text.startsWith("{")
      ? z.record(z.string(), z.unknown()).parse(JSON.parse(text))
      : {};
    if (answer.ok) this.#accessToken = z.string().parse(body.access_token);
    return { status: answer.status, body };
  }

  async get(query: Record<string, string> = {}, path = "calendars/primary/events") {
    const answer = await fetch(
      `${this.providers.url}/google/calendar/v3/${path}?${new URLSearchParams(query)}`,
      { headers: { authorization: `Bearer ${this.#accessToken}` } },
    );
    return { status: answer.status, body: await answer.json() };
  }

  async page(query: Record<string, string> = {}) {
    const { status, body } = await this.get(query);
    assert.equal(status, 200, JSON.stringify(body));
    return Page.parse(body);
  }

  /** All pages; the sync token of the last. */
  async sync(query: Record<string, string>) {
    const items: Array<z.infer<typeof Event>> = [];
    let page = await this.page(query);
    items.push(...page.items);
    while (page.nextPageToken !== undefined) {
      assert.equal(page.nextSyncToken, undefined, "Only the last page has a sync token");
      page = await this.page({ ...query, pageToken: page.nextPageToken });
      items.push(...page.items);
    }
    assert.ok(page.nextSyncToken);
    return { items, syncToken: page.nextSyncToken };
  }

  async failure(query: Record<string, string>): Promise<string> {
    const { status, body } = await this.get(query);
    const { error } = Failure.parse(body);
    assert.equal(error.code, status);
    return `${status} ${error.errors[0]?.domain} ${error.errors[0]?.reason}`;
  }
}

async function connect(providers: ProvidersUnderTest, email = EMAIL): Promise<Client> {
  const client = new Client(providers, email);
  assert.equal((await client.refresh()).status, 200);
  return client;
}

const control = (providers: ProvidersUnderTest, action: string, more: object = {}) =>
  providers.control({ provider: "google_calendar", action, email: EMAIL, ...more });

Deno.test("Google fills a fresh calendar with the cases that a sync must understand", async () => {
  await using providers = await startProviders();
  const client = await connect(providers);
  const { items } = await client.sync({ singleEvents: "true" });
  const has = (test: (event: Record<string, unknown>) => boolean): boolean => items.some(test);
  const text = (value: unknown): string => JSON.stringify(value ?? "");
  assert.ok(has((e) => e.conferenceData !== undefined && e.hangoutLink !== undefined));
  assert.ok(has((e) => /zoom\.us/.test(text(e.description)) && e.hangoutLink === undefined));
  assert.ok(has((e) => /teams\.microsoft/.test(text(e.location))));
  assert.ok(has((e) => e.eventType === "focusTime" && e.attendees === undefined));
  assert.ok(has((e) => /"date":/.test(text(e.start))));
  assert.ok(has((e) => /"self":true[^}]*"declined"/.test(text(e.attendees))));
  assert.ok(has((e) => /"resource":true/.test(text(e.attendees))));
  assert.equal(items.filter((e) => e.recurringEventId !== undefined).length, 8);
  assert.equal(has((e) => e.status === "cancelled"), false);
  const today = new Date().toISOString().slice(0, 10);
  assert.ok(items.filter((e) => text(e.start).includes(today)).length >= 5);
  const again = await (await connect(providers)).sync({ singleEvents: "true" });
  assert.deepEqual(again.items.map((e) => e.id), items.map((e) => e.id));
  const other = await (await connect(providers, "bob@sixty.test")).sync({ singleEvents: "true" });
  assert.equal(other.items.some((e) => items.some((mine) => mine.id === e.id)), false);
});

Deno.test("Google pages, and continues from the sync token with exactly what changed", async () => {
  await using providers = await startProviders();
  const client = await connect(providers);
  const query = { singleEvents: "true", maxResults: "4", timeMin: new Date(0).toISOString() };
  const first = await client.sync(query);
  assert.ok(first.items.length > 8);
  assert.equal(new Set(first.items.map((e) => e.id)).size, first.items.length);
  const { timeMin: _, ...later } = query;
  const quiet = await client.sync({ ...later, syncToken: first.syncToken });
  assert.deepEqual(quiet.items, []);
  const made = Event.parse(
    await control(providers, "upsert", {
      event: { summary: "New", start: "2026-11-25T10:00:00Z", attendees: ["x@acme.example"] },
    }),
  );
  const [moved, dropped] = first.items.filter((e) => e.recurringEventId === undefined);
  const [instance] = first.items.filter((e) => e.recurringEventId !== undefined);
  await control(providers, "move", { id: moved?.id, start: "2026-11-26T08:00:00Z" });
  await control(providers, "cancel", { id: dropped?.id });
  await control(providers, "cancel", { id: instance?.id });
  const changed = await client.sync({ ...later, syncToken: quiet.syncToken });
  const byId = new Map(changed.items.map((e) => [e.id, e]));
  assert.deepEqual(
    new Set(byId.keys()),
    new Set([made.id, moved?.id, dropped?.id, instance?.id]),
  );
  const gone = byId.get(dropped?.id ?? "");
  assert.deepEqual(Object.keys(gone ?? {}).sort(), ["etag", "id", "kind", "status"]);
  assert.equal(gone?.status, "cancelled");
  const hole = byId.get(instance?.id ?? "");
  assert.deepEqual(Object.keys(hole ?? {}).sort(), [
    "etag",
    "id",
    "kind",
    "originalStartTime",
    "recurringEventId",
    "status",
  ]);
  const full = await client.sync(query);
  assert.equal(full.items.some((e) => e.id === dropped?.id || e.id === instance?.id), false);
  assert.equal(full.items.length, first.items.length - 1);
  const withDeleted = await client.sync({ ...query, showDeleted: "true" });
  assert.ok(withDeleted.items.some((e) => e.id === dropped?.id));
});

Deno.test("Google refuses what may not stand beside a sync token", async () => {
  await using providers = await startProviders();
  const client = await connect(providers);
  const { syncToken } = await client.sync({ singleEvents: "true" });
  const base = { singleEvents: "true", syncToken };
  const forbidden = {
    iCalUID: "x@google.com",
    orderBy: "startTime",
    privateExtendedProperty: "a=b",
    q: "acme",
    sharedExtendedProperty: "a=b",
    timeMin: "2026-01-01T00:00:00Z",
    timeMax: "2027-01-01T00:00:00Z",
    updatedMin: new Date().toISOString(),
  };
  for (const [name, value] of Object.entries(forbidden)) {
    assert.equal(await client.failure({ ...base, [name]: value }), "400 global invalid", name);
    const alone = { singleEvents: "true", [name]: value };
    assert.equal((await client.get(alone)).status, 200, name);
  }
  assert.equal(await client.failure({ ...base, showDeleted: "false" }), "400 global invalid");
  assert.equal(await client.failure({ syncToken }), "400 global invalid");
  assert.equal(await client.failure({ ...base, syncToken: "nonsense" }), "400 global invalid");
  assert.equal(await client.failure({ ...base, pageToken: "nonsense" }), "400 global invalid");
  assert.equal((await client.get({ ...base, showDeleted: "true" })).status, 200);
  assert.equal((await client.get(base)).status, 200);
});

Deno.test("Google calls sync tokens too old with 410, and a full sync heals", async () => {
  await using providers = await startProviders();
  const client = await connect(providers);
  const { syncToken } = await client.sync({ singleEvents: "true" });
  await control(providers, "expire_sync_tokens");
  const old = { singleEvents: "true", syncToken };
  assert.equal(await client.failure(old), "410 calendar fullSyncRequired");
  const fresh = await client.sync({ singleEvents: "true" });
  assert.equal(
    (await client.get({ singleEvents: "true", syncToken: fresh.syncToken })).status,
    200,
  );
  const ancient = new Date(Date.now() - 60 * 24 * 3600_000).toISOString();
  assert.equal(await client.failure({ updatedMin: ancient }), "410 calendar updatedMinTooLongAgo");
});

Deno.test("Google fails a page on demand, and the old sync token is still good", async () => {
  await using providers = await startProviders();
  const client = await connect(providers);
  const query = { singleEvents: "true", maxResults: "5" };
  await control(providers, "fail", { page: 2, status: 503 });
  const first = await client.page(query);
  const second = { ...query, pageToken: first.nextPageToken ?? "" };
  assert.equal(await client.failure(second), "503 global backendError");
  assert.equal((await client.get(second)).status, 200);
  for (
    const [status, reason, expected] of [
      [403, undefined, "403 usageLimits rateLimitExceeded"],
      [403, "quotaExceeded", "403 usageLimits quotaExceeded"],
      [403, "forbidden", "403 global forbidden"],
      [429, undefined, "429 usageLimits rateLimitExceeded"],
      [410, undefined, "410 calendar fullSyncRequired"],
      [500, undefined, "500 global backendError"],
    ] as const
  ) {
    await control(providers, "fail", { status, reason });
    assert.equal(await client.failure(query), expected);
  }
  await providers.control({ provider: "google_calendar", action: "quota", limit: 1 });
  assert.equal((await client.get(query)).status, 200);
  assert.equal(await client.failure(query), "403 usageLimits userRateLimitExceeded");
  await providers.control({ action: "advance", seconds: 61 });
  assert.equal((await client.get(query)).status, 200);
});

Deno.test("Google refreshes without a new refresh token, and ends grants for good", async () => {
  await using providers = await startProviders();
  const client = new Client(providers);
  assert.equal(await client.failure({}), "401 global authError");
  const { body } = await client.refresh();
  assert.equal(body.expires_in, 3599);
  assert.equal(body.token_type, "Bearer");
  assert.equal("refresh_token" in body, false);
  assert.equal((await client.get()).status, 200);
  await providers.control({ action: "advance", seconds: 3600 });
  assert.equal(await client.failure({}), "401 global authError");
  await client.refresh();
  assert.equal((await client.get()).status, 200);
  await control(providers, "expire_tokens");
  assert.equal(await client.failure({}), "401 global authError");
  await control(providers, "fail", { route: "token", status: 503 });
  assert.equal((await client.refresh()).status, 503);
  await control(providers, "revoke");
  const dead = await client.refresh();
  assert.equal(dead.status, 400);
  assert.equal(dead.body.error, "invalid_grant");
  await control(providers, "restore");
  assert.equal((await client.refresh()).status, 200);
  const stranger = await (await connect(providers, "eve@rival.test"))
    .get({}, `calendars/${encodeURIComponent(EMAIL)}/events`);
  assert.equal(stranger.status, 404);
});

Deno.test("Google expands a series at the same clock time across daylight saving", async () => {
  await using providers = await startProviders();
  await control(providers, "set_account", { time_zone: "Europe/Berlin" });
  await control(providers, "clear");
  const series = Event.parse(
    await control(providers, "upsert", {
      event: {
        summary: "Standup",
        start: "2026-10-19T09:00:00+02:00",
        minutes: 15,
        recurrence: ["RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=4"],
      },
    }),
  );
  const client = await connect(providers);
  const range = { timeMin: "2026-10-01T00:00:00Z", timeMax: "2026-12-01T00:00:00Z" };
  const { items } = await client.sync({ singleEvents: "true", ...range });
  assert.deepEqual(
    items.map((
      e,
    ) => [e.id.split("_")[1], z.looseObject({ dateTime: z.string() }).parse(e.start).dateTime]),
    [
      ["20261019T070000Z", "2026-10-19T09:00:00+02:00"],
      ["20261021T070000Z", "2026-10-21T09:00:00+02:00"],
      ["20261026T080000Z", "2026-10-26T09:00:00+01:00"],
      ["20261028T080000Z", "2026-10-28T09:00:00+01:00"],
    ],
  );
  const whole = await client.sync({ ...range, timeMin: "2026-10-20T00:00:00Z" });
  assert.deepEqual(whole.items.map((e) => e.id), [series.id]);
  const past = await client.sync({ timeMin: "2026-11-20T00:00:00Z" });
  assert.deepEqual(past.items, []);
  const sorted = await client.page({ singleEvents: "true", orderBy: "startTime", ...range });
  assert.equal(sorted.items.length, 4);
  assert.equal(sorted.nextSyncToken, undefined);
  await control(providers, "cancel", { id: series.id });
  const after = await client.sync({ singleEvents: "true", ...range });
  assert.deepEqual(after.items, []);
});

Deno.test("rivals' calendars name nobody whom the other's names", async () => {
  await using providers = await startProviders();
  const guests: Set<string>[] = [];
  for (const email of ["sarah@fernhollow.test", "ingrid@quillstone.test"]) {
    const client = new Client(providers, email);
    await client.refresh();
    guests.push(new Set(JSON.stringify(await client.page()).match(/[\w.]+@\w+\.example/g)));
  }
  const [first = new Set(), second = new Set()] = guests;
  assert.ok(first.size > 0 && second.size > 0);
  assert.deepEqual([...first.intersection(second)], []);
});
