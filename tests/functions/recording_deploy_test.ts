// From a due event to a bot in its meeting, on a running stack with simulated calendar and bots: once,
// where and when the calendar says now, and with a reason wherever no bot goes.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { type Actor, callAs, createActor, createRivals, eventually } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";

const stack = await testStack();
const { rep, colleague } = await createRivals(stack);
await stack.sql("update public.organizations set plan = 'enterprise' where id = $1", [rep.orgId]);
const meetingBaas = (order: Record<string, unknown>): Promise<unknown> =>
  stack.controlProviders({ provider: "meeting_baas", ...order });
await meetingBaas({ action: "configure", rate_limit: 1_000 });

interface Bot {
  readonly bot_id: string;
  readonly status: string;
  readonly meeting_url: string;
  readonly extra: { readonly recording_id: string } | null;
}

async function botsOf(recordingId: string): Promise<Bot[]> {
  const bots = await meetingBaas({ action: "bots" }) as Bot[] | { bots: Bot[] };
  const all = Array.isArray(bots) ? bots : bots.bots;
  return all.filter((bot) => bot.extra?.recording_id === recordingId);
}

interface PlannedEvent {
  readonly id: string;
  readonly url: string;
}

async function givenEvent(actor: Actor, inSeconds = 60, key?: string): Promise<PlannedEvent> {
  const mark = key ?? crypto.randomUUID();
  const url = `https://meet.google.com/${mark}`;
  const [row] = await stack.sql<{ id: string }>(
    `insert into public.calendar_events (org_id, user_id, external_id, ical_uid, title, start_time, end_time, attendees_count, meeting_url)
     values ($1, $2, $3, $3, 'Review', now() + make_interval(secs => $4), now() + make_interval(secs => $4) + interval '30 minutes', 3, $5)
     returning id`,
    [actor.orgId, actor.userId, mark, inSeconds, url],
  );
  return { id: row?.id ?? "", url };
}

interface RecordingRow extends Record<string, unknown> {
  readonly id: string;
  readonly status: string;
  readonly failure_code: string | null;
  readonly bot_id: string | null;
  readonly outcome: string | null;
}

async function recordingsOf(url: string): Promise<RecordingRow[]> {
  return await stack.sql<RecordingRow>(
    "select id, status, failure_code, bot_id, outcome from public.recordings where meeting_url = $1 order by created_at",
    [url],
  );
}

async function timelineOf(id: string): Promise<string[]> {
  const rows = await stack.sql<{ step: string }>(
    `select kind || ' ' || code || coalesce(' ' || (detail ->> 'reason'), '') as step
     from public.recording_events where recording_id = $1 and kind in ('schedule', 'deploy', 'person') order by occurred_at, id`,
    [id],
  );
  return rows.map(({ step }) => step);
}

async function claim(): Promise<{ claimed: number; refused: number }> {
  const { data, error } = await stack.service().rpc("claim_due_meetings");
  if (error) throw error;
  return data;
}

/** Lets what waits for its next try, or its time, have it now. */
async function hasten(recordingId: string): Promise<void> {
  // The timeline tells of a refusal a moment before its worker has put the job back
  await eventually("its job waits", async () => {
    const jobs = await stack.sql(
      "select from private.jobs where payload ->> 'recording_id' = $1 and state = 'ready'",
      [recordingId],
    );
    return jobs.length > 0;
  });
  await stack.sql(
    "update private.jobs set run_at = now() where payload ->> 'recording_id' = $1 and state = 'ready'",
    [recordingId],
  );
  await stack.sql("select private.call_function('deploy-recording-bot')");
}

async function sent(url: string): Promise<RecordingRow> {
  await eventually("the bot is sent", async () => (await recordingsOf(url))[0]?.bot_id != null);
  const [recording] = await recordingsOf(url);
  if (recording === undefined) throw new Error("No recording");
  return recording;
}

async function stepped(recordingId: string, step: string): Promise<void> {
  await eventually(
    `the timeline says "${step}"`,
    async () => (await timelineOf(recordingId)).includes(step),
  );
}

async function only(url: string): Promise<RecordingRow> {
  const rows = await recordingsOf(url);
  strictEqual(rows.length, 1);
  return rows[0] as RecordingRow;
}

Deno.test("U60-103 U60-104 U60-105 the schedule sends one bot to a meeting that two colleagues hold", async () => {
  const mark = crypto.randomUUID();
  const { url } = await givenEvent(rep, 60, mark);
  await givenEvent(colleague, 60, mark);
  await stack.advanceClock("PT2M");
  const recording = await sent(url);
  await stack.advanceClock("PT2M");
  strictEqual((await recordingsOf(url)).length, 1);
  const [bot, ...others] = await botsOf(recording.id);
  deepStrictEqual(others, []);
  deepStrictEqual([bot?.bot_id, bot?.meeting_url], [recording.bot_id, url]);
  deepStrictEqual(await timelineOf(recording.id), [
    "schedule planned",
    "deploy sending",
    "deploy sent",
  ]);
});

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly reason: string;
}

/** Refusals after which the bot is sent all the same, once the cause is gone. */
const PASSING: readonly Refusal[] = [
  { status: 402, code: "INSUFFICIENT_TOKENS", reason: "insufficient_tokens" },
  { status: 403, code: "FORBIDDEN", reason: "key_rejected" },
  { status: 429, code: "DAILY_BOT_CAP_REACHED", reason: "daily_bot_cap" },
  { status: 429, code: "TOO_MANY_REQUESTS", reason: "rate_limited" },
  { status: 500, code: "INTERNAL_SERVER_ERROR", reason: "unavailable" },
];

for (const { status, code, reason } of PASSING) {
  Deno.test(`U60-105 ${status} ${code} is seen on the timeline and the bot is sent later`, async () => {
    const { url } = await givenEvent(rep);
    await meetingBaas({ action: "fail_call", route: "POST /v2/bots", status, code });
    await claim();
    await eventually("it is planned", async () => (await recordingsOf(url)).length === 1);
    const { id } = await only(url);
    await stepped(id, `deploy refused ${reason}`);
    const [refused] = await stack.sql<{ detail: Record<string, unknown> }>(
      "select detail from public.recording_events where recording_id = $1 and code = 'refused'",
      [id],
    );
    strictEqual(refused?.detail["upstream_status"], status);
    ok(Date.parse(String(refused?.detail["retry_at"])) > Date.now());
    strictEqual((await only(url)).status, "deploying");
    await hasten(id);
    await sent(url);
    strictEqual((await botsOf(id)).length, 1);
  });
}

Deno.test("U60-105 a meeting that the provider can't join has failed at once, with its reason", async () => {
  const { url } = await givenEvent(rep);
  await meetingBaas({
    action: "fail_call",
    route: "POST /v2/bots",
    status: 400,
    code: "VALIDATION",
  });
  await claim();
  await eventually("it failed", async () => (await recordingsOf(url))[0]?.status === "failed");
  const recording = await only(url);
  deepStrictEqual([recording.failure_code, recording.outcome], ["request_rejected", "failed"]);
  strictEqual((await botsOf(recording.id)).length, 0);
  await stack.advanceClock("PT2M");
  strictEqual((await recordingsOf(url)).length, 1, "and is not planned again by itself");
});

Deno.test("U60-105 a bot whose answer got lost is found, not sent twice", async () => {
  const { url } = await givenEvent(rep);
  await meetingBaas({ action: "fail_call", route: "POST /v2/bots", lose_answer: true });
  await claim();
  await eventually("it is planned", async () => (await recordingsOf(url)).length === 1);
  const { id } = await only(url);
  await stepped(id, "deploy refused unavailable");
  await hasten(id);
  const recording = await sent(url);
  deepStrictEqual((await botsOf(id)).map((bot) => bot.bot_id), [recording.bot_id]);
  deepStrictEqual(
    (await timelineOf(id)).filter((step) => step === "deploy sending").length,
    1,
    "it was asked for before anything was sent",
  );
});

Deno.test("U60-105 a lookup that fails sends nothing: first it must be known whether there is a bot", async () => {
  const { url } = await givenEvent(rep);
  await meetingBaas({ action: "fail_call", route: "POST /v2/bots", lose_answer: true });
  await meetingBaas({
    action: "fail_call",
    route: "GET /v2/bots",
    status: 503,
    code: "UNAVAILABLE",
  });
  await claim();
  await eventually("it is planned", async () => (await recordingsOf(url)).length === 1);
  const { id } = await only(url);
  await stepped(id, "deploy refused unavailable");
  await hasten(id);
  await eventually(
    "the list was refused",
    async () => (await timelineOf(id)).filter((step) => step.includes("refused")).length === 2,
  );
  await hasten(id);
  await sent(url);
  strictEqual((await botsOf(id)).length, 1);
});

Deno.test("U60-105 when the provider says that a bot is there, and it is ours, it is taken over", async () => {
  const url = `https://meet.google.com/${crypto.randomUUID()}`;
  const [row] = await stack.sql<{ id: string }>(
    `insert into public.recordings (org_id, owner_user_id, storage_user_id, meeting_key, requested_by, title, meeting_url, platform, scheduled_start_at)
     values ($1, $2, $2, $3, 'person', 'Taken over', $3, 'meet', now()) returning id`,
    [rep.orgId, rep.userId, url],
  );
  const id = row?.id ?? "";
  const made = await fetch(`${stack.description.providersUrl}/meeting-baas/v2/bots`, {
    method: "POST",
    headers: {
      "x-meeting-baas-api-key": "sim-meetingbaas-key",
      "content-type": "application/json",
    },
    body: JSON.stringify({
      bot_name: "60",
      meeting_url: url,
      allow_multiple_bots: false,
      extra: { recording_id: id },
    }),
  });
  const { data } = await made.json();
  await stack.sql(
    "select private.enqueue_deployment(r) from public.recordings as r where r.id = $1",
    [id],
  );
  strictEqual((await sent(url)).bot_id, data.bot_id);
  strictEqual((await botsOf(id)).length, 1);
});

Deno.test("U60-104 U60-105 two organizations in one call get a bot each, within the service's lock on the room", async () => {
  const others = await createRivals(stack);
  await stack.sql("update public.organizations set plan = 'enterprise' where id = $1", [
    others.rep.orgId,
  ]);
  const { url } = await givenEvent(rep);
  await claim();
  const first = await sent(url);
  const key = crypto.randomUUID();
  await stack.sql(
    `insert into public.calendar_events (org_id, user_id, external_id, ical_uid, title, start_time, end_time, attendees_count, meeting_url)
     values ($1, $2, $3, $3, 'Ours, too', now() + interval '1 minute', now() + interval '31 minutes', 3, $4)`,
    [others.rep.orgId, others.rep.userId, key, url],
  );
  await claim();
  await eventually(
    "the other's bot is sent",
    async () => (await recordingsOf(url)).filter(({ bot_id }) => bot_id !== null).length === 2,
  );
  const [, second] = await recordingsOf(url);
  ok(second !== undefined && second.bot_id !== first.bot_id);
  deepStrictEqual((await botsOf(second.id)).map((bot) => bot.bot_id), [second.bot_id]);
  deepStrictEqual((await botsOf(first.id)).map((bot) => bot.bot_id), [first.bot_id]);
  deepStrictEqual(await timelineOf(second.id), [
    "schedule planned",
    "deploy sending",
    "deploy sent",
  ]);
});

Deno.test("U60-105 after a try whose end is unknown, a bot that is there is waited for as long as it may be ours", async () => {
  const { url } = await givenEvent(rep);
  // Silent and without a bot, but that is not known yet
  await meetingBaas({
    action: "fail_call",
    route: "POST /v2/bots",
    status: 500,
    code: "INTERNAL_SERVER_ERROR",
  });
  await claim();
  await eventually("it is planned", async () => (await recordingsOf(url)).length === 1);
  const { id } = await only(url);
  await stepped(id, "deploy refused unavailable");
  const refuseRoom = (): Promise<unknown> =>
    meetingBaas({
      action: "fail_call",
      route: "POST /v2/bots",
      status: 409,
      code: "BOT_ALREADY_EXISTS",
    });
  await refuseRoom();
  await hasten(id);
  await stepped(id, "deploy refused bot_exists");
  strictEqual((await botsOf(id)).length, 0, "nothing was sent beside what may be ours");
  const [job] = await stack.sql<{ wait: number }>(
    `select extract(epoch from run_at - now())::int as wait from private.jobs
     where payload ->> 'recording_id' = $1 and state = 'ready'`,
    [id],
  );
  ok((job?.wait ?? 0) > 240 && (job?.wait ?? 0) < 420, `waits out the lock: ${job?.wait}`);

  await stack.sql(
    `update public.recording_events set occurred_at = occurred_at - interval '6 minutes'
     where recording_id = $1 and code = 'sending'`,
    [id],
  );
  await refuseRoom();
  await hasten(id);
  await sent(url);
  strictEqual((await botsOf(id)).length, 1, "then the room is somebody else's, and ours goes too");
});

async function connected(): Promise<Actor> {
  const email = `bot-${crypto.randomUUID().slice(0, 8)}@home.test`;
  const actor = await createActor(stack, email, rep.orgId, "manager");
  await google({ action: "set_account", email, time_zone: "Europe/Berlin" });
  await google({ action: "clear", email });
  const { error } = await stack.service().rpc("connect_calendar", {
    p_org_id: actor.orgId,
    p_user_id: actor.userId,
    p_account_email: email,
    p_calendar_id: "primary",
    p_refresh_token: `sim-refresh-${email}`,
  });
  if (error) throw error;
  return actor;
}

const google = (order: Record<string, unknown>): Promise<unknown> =>
  stack.controlProviders({ provider: "google_calendar", ...order });
const inMinutes = (minutes: number): string =>
  new Date(Date.now() + minutes * 60_000).toISOString();

/** An event of a connected calendar that was copied, and not looked at since. */
async function copiedEvent(): Promise<{ actor: Actor; externalId: string; url: string }> {
  const actor = await connected();
  const url = `https://meet.google.com/${crypto.randomUUID()}`;
  const { id } = await google({
    action: "upsert",
    email: actor.email,
    event: { attendees: ["bo@buyer.test"], start: inMinutes(1), raw: { location: url } },
  }) as { id: string };
  strictEqual((await callAs(stack, actor, "calendar-sync", {})).status, 200);
  const [copy] = await stack.sql<{ meeting_url: string }>(
    "update public.calendar_events set updated_at = now() where user_id = $1 returning meeting_url",
    [actor.userId],
  );
  await stack.sql(
    "update public.calendar_connections set last_synced_at = now() - interval '10 minutes' where user_id = $1",
    [actor.userId],
  );
  return { actor, externalId: id, url: copy?.meeting_url ?? url };
}

Deno.test("C-10 a meeting that was moved after the last look at the calendar is not joined at the old time", async () => {
  const { actor, externalId, url } = await copiedEvent();
  await google({ action: "move", email: actor.email, id: externalId, start: inMinutes(120) });
  await claim();
  await eventually("it is planned", async () => (await recordingsOf(url)).length === 1);
  const { id } = await only(url);
  await stepped(id, "schedule moved");
  const [row] = await stack.sql<{ minutes: number; wait: number }>(
    `select round(extract(epoch from r.scheduled_start_at - now()) / 60)::int as minutes,
       round(extract(epoch from j.run_at - now()) / 60)::int as wait
     from public.recordings as r join private.jobs as j on j.payload ->> 'recording_id' = r.id::text
     where r.id = $1 and j.state = 'ready'`,
    [id],
  );
  deepStrictEqual(row, { minutes: 120, wait: 118 });
  strictEqual((await botsOf(id)).length, 0);

  await google({ action: "move", email: actor.email, id: externalId, start: inMinutes(1) });
  await stack.sql(
    "update public.calendar_connections set last_synced_at = now() - interval '10 minutes' where user_id = $1",
    [actor.userId],
  );
  await hasten(id);
  await sent(url);
  strictEqual((await botsOf(id)).length, 1, "at the new time it is");
});

Deno.test("C-10 a meeting that was cancelled after the last look is not joined", async () => {
  const { actor, externalId, url } = await copiedEvent();
  await google({ action: "cancel", email: actor.email, id: externalId });
  await claim();
  await eventually("it ended", async () => (await recordingsOf(url))[0]?.status === "cancelled");
  const recording = await only(url);
  strictEqual(recording.failure_code, "event_cancelled");
  strictEqual((await botsOf(recording.id)).length, 0);
});

Deno.test("C-10 a calendar that does not answer costs seconds, not the recording", async () => {
  const { url } = await copiedEvent();
  await google({ action: "fail", status: 503, count: 5 });
  await claim();
  await sent(url);
});

Deno.test("U60-103 a person sends the bot now and has it leave; another organization can do neither", async () => {
  const url = `https://acme.zoom.us/j/${Math.floor(Math.random() * 1e10)}`;
  await meetingBaas({ action: "plan", meeting_url: url, waits_at: "in_call_recording" });
  const asked = await callAs(stack, rep, "recordings", { meeting_url: url, title: "Ad hoc" });
  strictEqual(asked.status, 200, JSON.stringify(asked.json));
  const { recording_id: id, is_new: isNew } = asked.json["data"] as Record<string, string>;
  strictEqual(isNew, true);
  await sent(url);
  const again = await callAs(stack, colleague, "recordings", { meeting_url: `${url}?pwd=1` });
  deepStrictEqual(
    [(again.json["data"] as Record<string, unknown>)["recording_id"], again.status],
    [id, 200],
  );

  const { rival } = await createRivals(stack);
  strictEqual((await callAs(stack, rival, `recordings/${id}/leave`, {})).status, 404);
  // Before there is a meeting to share it is an entry of its owner's calendar
  strictEqual((await callAs(stack, colleague, `recordings/${id}/leave`, {})).status, 404);
  strictEqual((await callAs(stack, rep, `recordings/${id}/leave`, {})).status, 200);
  await stepped(id ?? "", "deploy bot_leaving");
  strictEqual((await botsOf(id ?? "")).length, 1);
});

Deno.test("U60-122 a bot that was sent without a planned end leaves a transcript to fall back to", async () => {
  const url = `https://acme.zoom.us/j/${Math.floor(Math.random() * 1e10)}`;
  await meetingBaas({
    action: "plan",
    meeting_url: url,
    waits_at: "in_call_recording",
    duration_seconds: 136 * 60,
    lines: [{ speaker: "Ann Lee", text: "This takes longer than we planned." }],
  });
  strictEqual((await callAs(stack, rep, "recordings", { meeting_url: url })).status, 200);
  const { id, bot_id } = await sent(url);
  await meetingBaas({ action: "finish", bot_id });
  await eventually("the provider's transcript is stored", async () => {
    const [row] = await stack.sql(
      "select transcript_provider from public.recordings where id = $1 and transcript_status = 'complete'",
      [id],
    );
    return row?.["transcript_provider"] === "meetingbaas";
  });
  const [failed] = await stack.sql<{ error: string }>(
    "select detail ->> 'error' as error from public.recording_events where recording_id = $1 and code = 'gladia_failed'",
    [id],
  );
  strictEqual(failed?.error, "audio_too_long");
});

Deno.test("U60-103 bad wishes are refused in words that programs understand", async () => {
  const { id: othersEvent } = await givenEvent(colleague, 3_600);
  const wishes: readonly [string, unknown, number, string][] = [
    ["nowhere", {}, 400, "invalid_request"],
    [
      "two places",
      { meeting_url: "https://zoom.us/j/1", calendar_event_id: othersEvent },
      400,
      "invalid_request",
    ],
    ["no address", { meeting_url: "call me" }, 400, "unsupported_meeting_url"],
    ["in the clear", { meeting_url: "http://zoom.us/j/1" }, 400, "unsupported_meeting_url"],
    [
      "a host that looks like one",
      { meeting_url: "https://zoom.us.evil.test/j/1" },
      400,
      "unsupported_meeting_url",
    ],
    [
      "a name before the host",
      { meeting_url: "https://zoom.us@evil.test/j/1" },
      400,
      "unsupported_meeting_url",
    ],
    ["another service", { meeting_url: "https://whereby.com/x" }, 400, "unsupported_meeting_url"],
    ["this machine", { meeting_url: "https://127.0.0.1/j/1" }, 400, "unsupported_meeting_url"],
    [
      "a long title",
      { meeting_url: "https://zoom.us/j/1", title: "x".repeat(501) },
      400,
      "invalid_request",
    ],
    [
      "a field nobody knows",
      { meeting_url: "https://zoom.us/j/1", bot: 1 },
      400,
      "invalid_request",
    ],
    ["a colleague's calendar", { calendar_event_id: othersEvent }, 404, "not_found"],
    ["no event", { calendar_event_id: crypto.randomUUID() }, 404, "not_found"],
  ];
  for (const [name, body, status, code] of wishes) {
    const { status: answered, json } = await callAs(stack, rep, "recordings", body);
    deepStrictEqual([answered, json["code"]], [status, code], name);
  }
});

Deno.test("U60-104 of eight schedulers at once each meeting is claimed by one, and no cap is passed", async () => {
  const many = await createRivals(stack);
  await stack.sql("update public.organizations set plan = 'team' where id = $1", [many.rep.orgId]);
  const events = 60;
  await stack.sql(
    `insert into public.calendar_events (org_id, user_id, external_id, ical_uid, title, start_time, end_time, attendees_count, meeting_url)
     select $1::uuid, u.id, 'many' || n, 'many' || n, 'Many', now() + interval '30 seconds', now() + interval '1 hour', 2, 'https://meet.google.com/' || $2::text || n
     from generate_series(1, $4::integer) as n cross join (values ($2::uuid), ($3::uuid)) as u (id)`,
    [many.rep.orgId, many.rep.userId, many.colleague.userId, events],
  );
  const wishes = Array.from({ length: 8 }, (_, index) =>
    callAs(stack, many.rep, "recordings", {
      meeting_url: `https://acme.zoom.us/j/${many.rep.orgId}${index}`,
    }));
  const looks = Array.from({ length: 8 }, claim);
  const [asked] = await Promise.all([Promise.all(wishes), Promise.all(looks)]);
  await claim();
  const rows = await stack.sql<{ meeting_key: string; failure_code: string | null }>(
    "select meeting_key, failure_code from public.recordings where org_id = $1",
    [many.rep.orgId],
  );
  const planned = rows.filter((row) => row.failure_code === null);
  const refused = rows.filter((row) => row.failure_code === "daily_cap_reached");
  const turnedAway = asked.filter(({ status, json }) =>
    status === 429 && json["code"] === "daily_cap_reached"
  );
  strictEqual(planned.length, 50, "exactly the plan's day");
  strictEqual(refused.length + turnedAway.length, events + wishes.length - 50);
  strictEqual(new Set(rows.map((row) => row.meeting_key)).size, rows.length, "each once");
});
