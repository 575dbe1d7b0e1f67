// calendar-sync and its scheduler over HTTP, against the simulated Google Calendar.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { type Actor, callAs, createActor, createRivals, eventually } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";

const stack = await testStack();
const { rep, rival } = await createRivals(stack);

const google = (order: Record<string, unknown>): Promise<unknown> =>
  stack.controlProviders({ provider: "google_calendar", ...order });

/** A person whose calendar is connected and empty. */
async function connected(orgId = rep.orgId): Promise<Actor & { connectionId: string }> {
  const actor = await createActor(
    stack,
    `cal-${crypto.randomUUID().slice(0, 8)}@home.test`,
    orgId,
    "manager",
  );
  await google({ action: "set_account", email: actor.email, time_zone: "Europe/Berlin" });
  await google({ action: "clear", email: actor.email });
  const { data, error } = await stack.service().rpc("connect_calendar", {
    p_org_id: orgId,
    p_user_id: actor.userId,
    p_account_email: actor.email,
    p_calendar_id: "primary",
    p_refresh_token: `sim-refresh-${actor.email}`,
  });
  if (error) throw error;
  return { ...actor, connectionId: data };
}

const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();

async function upsert(actor: Actor, event: Record<string, unknown>): Promise<string> {
  const answer = await google({
    action: "upsert",
    email: actor.email,
    event: { attendees: ["bo@buyer.test"], start: inHours(24), ...event },
  }) as { id: string };
  return answer.id;
}

async function sync(
  actor: Actor,
): Promise<{ status: number; code: unknown; result: Record<string, unknown> }> {
  const { status, json } = await callAs(stack, actor, "calendar-sync", {});
  const data = json["data"] as { calendars: { result: Record<string, unknown> }[] } | undefined;
  return { status, code: json["code"], result: data?.calendars[0]?.result ?? {} };
}

async function copies(actor: Actor): Promise<Record<string, unknown>[]> {
  return await stack.sql(
    `select external_id, title, start_time, status, attendees_count, meeting_url, all_day, response_status
     from public.calendar_events where user_id = $1 order by start_time, external_id`,
    [actor.userId],
  );
}

async function tokenOf(actor: { connectionId: string }): Promise<unknown> {
  const [row] = await stack.sql(
    "select sync_token from private.calendar_credentials where connection_id = $1",
    [actor.connectionId],
  );
  return row?.["sync_token"];
}

Deno.test("U60-056 the first sync copies everything, the next only what changed", async () => {
  const actor = await connected();
  const id = await upsert(actor, { summary: "First" });
  deepStrictEqual((await sync(actor)).result, {
    mode: "full",
    is_complete: true,
    pages: 1,
    created: 1,
    updated: 0,
    cancelled: 0,
    removed: 0,
  });
  deepStrictEqual((await sync(actor)).result, {
    mode: "incremental",
    is_complete: true,
    pages: 1,
    created: 0,
    updated: 0,
    cancelled: 0,
    removed: 0,
  });
  await upsert(actor, { id, summary: "Renamed" });
  await upsert(actor, { summary: "Second", start: inHours(30) });
  const { result } = await sync(actor);
  deepStrictEqual([result["created"], result["updated"]], [1, 1]);
  deepStrictEqual((await copies(actor)).map((event) => event["title"]), ["Renamed", "Second"]);
});

Deno.test("C-10 a moved event moves, a cancelled one is marked, also when only its id is left", async () => {
  const actor = await connected();
  const [moved, bare, full] = [
    await upsert(actor, { summary: "Moved" }),
    await upsert(actor, { summary: "Bare", start: inHours(30) }),
    await upsert(actor, { summary: "Full", start: inHours(40) }),
  ];
  await sync(actor);
  const later = inHours(50);
  await google({ action: "move", email: actor.email, id: moved, start: later });
  await google({ action: "cancel", email: actor.email, id: bare, bare: true });
  await google({ action: "cancel", email: actor.email, id: full, bare: false });
  const { result } = await sync(actor);
  deepStrictEqual([result["updated"], result["cancelled"]], [1, 2]);
  const rows = new Map((await copies(actor)).map((event) => [event["title"], event]));
  strictEqual(rows.get("Bare")?.["status"], "cancelled");
  strictEqual(rows.get("Full")?.["status"], "cancelled");
  strictEqual(
    Math.floor(new Date(String(rows.get("Moved")?.["start_time"])).getTime() / 1000),
    Math.floor(new Date(later).getTime() / 1000),
  );
  // Brought back
  await upsert(actor, { id: bare, summary: "Bare", start: inHours(30) });
  await sync(actor);
  strictEqual(
    (await copies(actor)).find((event) => event["title"] === "Bare")?.["status"],
    "confirmed",
  );
});

Deno.test("U60-056 410 forgets the token and every copy that is not in the calendar any more", async () => {
  const actor = await connected();
  const gone = await upsert(actor, { summary: "Gone" });
  await upsert(actor, { summary: "Stays", start: inHours(30) });
  await sync(actor);
  const [before] = await stack.sql(
    "select id from public.calendar_events where user_id = $1 and title = 'Stays'",
    [actor.userId],
  );
  // Cancelled while we were away for so long that the provider forgot what we knew
  await google({ action: "cancel", email: actor.email, id: gone });
  await google({ action: "expire_sync_tokens", email: actor.email });
  await stack.sql(
    "update public.calendar_events set status = 'confirmed', external_id = external_id || 'x' where user_id = $1 and title = 'Gone'",
    [actor.userId],
  );
  const { result } = await sync(actor);
  deepStrictEqual([result["mode"], result["removed"]], ["full", 1]);
  const [after] = await stack.sql("select id from public.calendar_events where user_id = $1", [
    actor.userId,
  ]);
  deepStrictEqual(after, before);
  strictEqual((await sync(actor)).result["mode"], "incremental");
});

Deno.test("U60-056 a page that fails leaves the old token; the next run loses nothing", async () => {
  const actor = await connected();
  await sync(actor);
  const token = await tokenOf(actor);
  for (let n = 0; n < 300; n++) {
    await upsert(actor, { summary: `Event ${n}`, start: inHours(24 + n / 10) });
  }
  await google({ action: "fail", route: "events.list", page: 2, status: 500, count: 3 });
  const failed = await sync(actor);
  deepStrictEqual([failed.status, failed.code], [503, "upstream_unavailable"]);
  strictEqual(await tokenOf(actor), token);
  await stack.sql(
    "update private.calendar_sync_runs set next_sync_at = now() where connection_id = $1",
    [actor.connectionId],
  );
  strictEqual((await sync(actor)).status, 200);
  ok(await tokenOf(actor) !== token);
  strictEqual((await copies(actor)).length, 300);
});

Deno.test("U60-101 U60-056 what a calendar holds is understood: rooms, whole days, answers, links", async () => {
  const actor = await connected();
  await upsert(actor, { summary: "Solo", attendees: [] });
  await upsert(actor, {
    summary: "Room only",
    attendees: [{ email: "room@resource.calendar.google.com", resource: true }],
    start: inHours(25),
  });
  await upsert(actor, { summary: "Declined", own_response: "declined", start: inHours(26) });
  await upsert(actor, {
    summary: "Zoom",
    start: inHours(27),
    raw: { hangoutLink: null, conferenceData: null, location: "https://acme.zoom.us/j/1" },
  });
  await upsert(actor, { summary: "Whole day", start: "2026-12-24", end: "2026-12-25" });
  await sync(actor);
  const rows = new Map((await copies(actor)).map((event) => [event["title"], event]));
  ok(Number(rows.get("Solo")?.["attendees_count"]) <= 1);
  ok(Number(rows.get("Room only")?.["attendees_count"]) <= 1);
  strictEqual(rows.get("Declined")?.["response_status"], "declined");
  strictEqual(rows.get("Zoom")?.["meeting_url"], "https://acme.zoom.us/j/1");
  strictEqual(rows.get("Zoom")?.["attendees_count"], 2);
  strictEqual(
    new Date(String(rows.get("Whole day")?.["start_time"])).toISOString(),
    "2026-12-23T23:00:00.000Z",
  );
});

Deno.test("U60-056 of two syncs at once one runs, and the token is refreshed once", async () => {
  const actor = await connected();
  await upsert(actor, { summary: "Only" });
  await google({ action: "fail", route: "events.list", status: 503, count: 1, delay_ms: 400 });
  const answers = await Promise.all(Array.from({ length: 4 }, () => sync(actor)));
  const statuses = answers.map((answer) => answer.status).sort();
  strictEqual(statuses[0], 200);
  ok(answers.every((answer) => answer.status === 200 || answer.code === "already_running"));
  strictEqual((await copies(actor)).length, 1);
});

Deno.test("U60-056 of many that find the token stale, one may refresh it, and the rest wait", async () => {
  const actor = await connected();
  const begin = async (worker: string): Promise<string> => {
    const { data, error } = await stack.service().rpc("begin_calendar_access", {
      p_org_id: actor.orgId,
      p_connection_id: actor.connectionId,
      p_worker: worker,
      p_rejected_token: null,
    });
    if (error) throw error;
    return data.status;
  };
  const answers = await Promise.all(Array.from({ length: 16 }, (_, n) => begin(`worker-${n}`)));
  deepStrictEqual(answers.filter((status) => status === "refresh").length, 1);
  deepStrictEqual(answers.filter((status) => status === "wait").length, 15);
  await stack.sql(
    "update private.calendar_sync_runs set refresh_worker = null, refresh_leased_until = null where connection_id = $1",
    [actor.connectionId],
  );
});

Deno.test("U60-056 a worker that slept past its lease changes nothing", async () => {
  const actor = await connected();
  const claim = (worker: string) =>
    stack.service().rpc("claim_calendar_sync", {
      p_org_id: actor.orgId,
      p_connection_id: actor.connectionId,
      p_worker: worker,
      p_lease_seconds: 60,
    });
  const apply = (worker: string) =>
    stack.service().rpc("apply_calendar_page", {
      p_org_id: actor.orgId,
      p_connection_id: actor.connectionId,
      p_worker: worker,
      p_events: [],
      p_next_page_token: null,
      p_next_sync_token: `token of ${worker}`,
    });
  strictEqual((await claim("sleeper")).data.status, "claimed");
  strictEqual((await claim("other")).data.status, "busy");
  await stack.sql(
    "update private.calendar_sync_runs set leased_until = now() where connection_id = $1",
    [actor.connectionId],
  );
  strictEqual((await claim("other")).data.status, "claimed");
  strictEqual((await apply("sleeper")).error?.message, "already_running");
  strictEqual((await apply("other")).error, null);
  strictEqual(await tokenOf(actor), "token of other");
});

Deno.test("U60-056 an access token that ended early is refreshed on the way", async () => {
  const actor = await connected();
  await sync(actor);
  await google({ action: "expire_tokens", email: actor.email });
  await upsert(actor, { summary: "After" });
  strictEqual((await sync(actor)).result["created"], 1);
});

Deno.test("U60-056 a revoked grant asks the person to reconnect, and reconnecting mends it", async () => {
  const actor = await connected();
  await sync(actor);
  await google({ action: "revoke", email: actor.email });
  await google({ action: "expire_tokens", email: actor.email });
  const refused = await sync(actor);
  deepStrictEqual([refused.status, refused.code], [409, "calendar_reconnect_required"]);
  const { json } = await callAs(stack, actor, "calendar-sync");
  const [connection] = (json["data"] as { connections: Record<string, unknown>[] }).connections;
  deepStrictEqual([connection?.["status"], connection?.["last_error"]], [
    "needs_reconnect",
    "grant_revoked",
  ]);
  await google({ action: "restore", email: actor.email });
  await stack.service().rpc("connect_calendar", {
    p_org_id: actor.orgId,
    p_user_id: actor.userId,
    p_account_email: actor.email,
    p_calendar_id: "primary",
    p_refresh_token: `sim-refresh-${actor.email}`,
  });
  strictEqual((await sync(actor)).status, 200);
});

Deno.test("U60-056 too many calls is not the end of a connection", async () => {
  const actor = await connected();
  await sync(actor);
  await google({
    action: "fail",
    route: "events.list",
    status: 403,
    reason: "userRateLimitExceeded",
    count: 3,
  });
  const { status, code } = await sync(actor);
  deepStrictEqual([status, code], [503, "upstream_unavailable"]);
  const [row] = await stack.sql(
    `select c.status, c.last_error, r.failures, r.next_sync_at > now() as later
     from public.calendar_connections c join private.calendar_sync_runs r on r.connection_id = c.id where c.id = $1`,
    [actor.connectionId],
  );
  deepStrictEqual(row, { status: "active", last_error: "rate_limited", failures: 1, later: true });
  strictEqual((await sync(actor)).status, 200);
});

Deno.test("U60-056 the schedule brings every connected calendar up to date", async () => {
  const people = [await connected(), await connected(rival.orgId)];
  for (const actor of people) await upsert(actor, { summary: "By schedule" });
  await stack.advanceClock("PT15M");
  for (const actor of people) {
    await eventually("it is copied", async () => (await copies(actor)).length === 1);
  }
});

Deno.test("U60-051 nobody syncs or sees another's calendar, and no token leaves the vault", async () => {
  const actor = await connected();
  await upsert(actor, { summary: "Private" });
  await sync(actor);
  deepStrictEqual(
    [(await sync(rival)).code, (await sync(rep)).code],
    ["calendar_not_connected", "calendar_not_connected"],
  );
  const other = await callAs(stack, rival, "calendar-sync", { org_id: actor.orgId });
  deepStrictEqual([other.status, other.json["code"]], [404, "organization_not_found"]);
  for (
    const name of [
      "begin_calendar_access",
      "claim_calendar_sync",
      "connect_calendar",
      "find_fathom_connection",
    ]
  ) {
    const client = await stack.signIn(actor.email, "a test password 1");
    const { error } = await client.rpc(name, {});
    ok(error, name);
  }
  const { json } = await callAs(stack, actor, "calendar-sync");
  ok(!JSON.stringify(json).includes("sim-refresh"));
});
