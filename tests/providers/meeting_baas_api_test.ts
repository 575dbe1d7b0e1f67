// MeetingBaaS's v2 API as its contract says: who is let in, what is refused and how, and what a bot
// leaves behind.
import assert from "node:assert/strict";
import { z } from "zod";
import { type ProvidersUnderTest, startProviders } from "./start_providers.ts";

const KEY = "sim-meetingbaas-key";
const MEETING = "https://meet.google.com/abc-defg-hij";
const Refusal = z.strictObject({
  success: z.literal(false),
  error: z.string(),
  code: z.string().startsWith("FST_ERR_"),
  statusCode: z.int(),
  message: z.string(),
  details: z.null(),
  retryAfter: z.int().optional(),
});
const Details = z.looseObject({
  status: z.string(),
  participants: z.array(z.object({ name: z.string(), id: z.int() })),
  speakers: z.array(z.object({ name: z.string(), id: z.int() })),
  duration_seconds: z.number().nullable(),
  artifacts_deleted: z.boolean(),
  video: z.url().nullable(),
  audio: z.url().nullable(),
  diarization: z.url().nullable(),
  transcription: z.url().nullable(),
  raw_transcription: z.url().nullable(),
  error_code: z.string().nullable(),
  extra: z.record(z.string(), z.unknown()).nullable(),
});

function call(
  providers: ProvidersUnderTest,
  route: string,
  body?: unknown,
  key = KEY,
): Promise<Response> {
  const [method = "GET", path = ""] = route.split(" ");
  return fetch(`${providers.url}/meeting-baas${path}`, {
    method,
    headers: { "x-meeting-baas-api-key": key, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

function request(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { bot_name: "Notetaker", meeting_url: MEETING, ...more };
}

async function create(providers: ProvidersUnderTest, more: Record<string, unknown> = {}) {
  const response = await call(providers, "POST /v2/bots", request(more));
  assert.equal(response.status, 201);
  return z.object({ success: z.literal(true), data: z.object({ bot_id: z.uuid() }) })
    .parse(await response.json()).data.bot_id;
}

async function refusalOf(response: Response): Promise<z.infer<typeof Refusal>> {
  const refusal = Refusal.parse(await response.json());
  assert.equal(refusal.statusCode, response.status);
  return refusal;
}

async function details(providers: ProvidersUnderTest, id: string) {
  const response = await call(providers, `GET /v2/bots/${id}`);
  assert.equal(response.status, 200);
  return Details.parse(z.object({ data: z.unknown() }).parse(await response.json()).data);
}

function control(providers: ProvidersUnderTest, action: string, more = {}): Promise<unknown> {
  return providers.control({ provider: "meeting_baas", action, ...more });
}

Deno.test("who has no key, or one for sending only, is refused with 403", async () => {
  await using providers = await startProviders();
  const id = await create(providers);
  for (const key of ["", "wrong", `${KEY}-sending`]) {
    const response = await call(providers, `GET /v2/bots/${id}`, undefined, key);
    assert.equal(response.status, 403);
    assert.equal((await refusalOf(response)).code, "FST_ERR_FORBIDDEN");
  }
  const sent = await call(providers, "POST /v2/bots", request(), `${KEY}-sending`);
  assert.equal(sent.status, 201);
  await sent.body?.cancel();
});

Deno.test("each field of a new bot is checked, and an unknown one is dropped without a word", async () => {
  await using providers = await startProviders();
  await control(providers, "configure", { rate_limit: 1000 });
  const wrong: ReadonlyArray<readonly [string, unknown]> = [
    ["bot_name", ""],
    ["bot_name", "x".repeat(256)],
    ["bot_name", undefined],
    ["meeting_url", "not an address"],
    ["meeting_url", "https://example.com/meeting"],
    ["meeting_url", "http://meet.google.com/abc-defg-hij"],
    ["bot_image", "http://example.com/face.png"],
    ["bot_image_config", { image_duration: 5 }],
    ["allow_multiple_bots", "no"],
    ["recording_mode", "everything"],
    ["entry_message", "x".repeat(501)],
    ["timeout_config", { waiting_room_timeout: 60 }],
    ["timeout_config", { silence_timeout: 200 }],
    ["timeout_config", { grace_period: 601 }],
    ["transcription_config", { provider: "other" }],
    ["callback_config", { secret: "without a url" }],
    ["callback_config", { url: "http://example.com/plain" }],
    ["callback_config", { url: "https://example.com", method: "GET" }],
    ["streaming_config", { audio_frequency: 8000 }],
    ["extra", "text"],
  ];
  for (const [field, value] of wrong) {
    const response = await call(providers, "POST /v2/bots", request({ [field]: value }));
    assert.equal(response.status, 400, field);
    const { code, message } = await refusalOf(response);
    assert.equal(code, "FST_ERR_VALIDATION");
    assert.ok(message.startsWith(`body/${field}`), message);
  }
  await create(providers, { webhook_url: "https://example.com", timeout_config: { noone: 1 } });
  const [bot] = z.array(z.looseObject({ ignored_fields: z.array(z.string()) }))
    .parse(await control(providers, "bots"));
  assert.deepEqual(bot?.ignored_fields, ["webhook_url", "timeout_config.noone"]);
});

Deno.test("a second bot is kept out for five minutes where only one is wanted", async () => {
  await using providers = await startProviders();
  await create(providers, { allow_multiple_bots: false });
  const second = await call(providers, "POST /v2/bots", request({ allow_multiple_bots: false }));
  assert.equal(second.status, 409);
  assert.equal((await refusalOf(second)).code, "FST_ERR_BOT_ALREADY_EXISTS");
  await create(providers, { allow_multiple_bots: true });
  await create(providers, {
    allow_multiple_bots: false,
    meeting_url: "https://zoom.us/j/123456789",
  });
  await providers.control({ action: "advance", seconds: 301 });
  await create(providers, { allow_multiple_bots: false });
});

Deno.test("of bots that are asked for at once where only one is wanted, one is made", async () => {
  await using providers = await startProviders();
  const answers = await Promise.all(
    Array.from(
      { length: 10 },
      () => call(providers, "POST /v2/bots", request({ allow_multiple_bots: false })),
    ),
  );
  for (const answer of answers) await answer.body?.cancel();
  const statuses = answers.map(({ status }) => status).toSorted();
  assert.deepEqual(statuses, [201, ...Array.from({ length: 9 }, () => 409)]);
});

Deno.test("a burst is told when to come back, an exhausted day and an empty purse are not", async () => {
  await using providers = await startProviders();
  await control(providers, "configure", { rate_limit: 2, daily_cap: 3, tokens: 1 });
  await create(providers);
  await create(providers);
  const burst = await call(providers, "POST /v2/bots", request());
  assert.equal(burst.status, 429);
  assert.equal(burst.headers.get("retry-after"), "1");
  assert.equal(burst.headers.get("x-ratelimit-limit"), "2");
  assert.equal(burst.headers.get("x-ratelimit-remaining"), "0");
  const { code, retryAfter } = await refusalOf(burst);
  assert.equal(code, "FST_ERR_TOO_MANY_REQUESTS");
  assert.equal(retryAfter, 1);
  const list = await call(providers, "GET /v2/bots?limit=1");
  assert.equal(list.status, 200);
  await list.body?.cancel();

  await providers.control({ action: "advance", seconds: 2 });
  const poor = await call(providers, "POST /v2/bots", request());
  assert.equal(poor.status, 402);
  assert.equal((await refusalOf(poor)).code, "FST_ERR_INSUFFICIENT_TOKENS");
  await control(providers, "configure", { tokens: 100, rate_limit: 100 });
  await create(providers);
  const capped = await call(providers, "POST /v2/bots", request());
  assert.equal(capped.status, 429);
  const cap = await refusalOf(capped);
  assert.equal(cap.code, "FST_ERR_DAILY_BOT_CAP_REACHED");
  assert.equal(cap.retryAfter, undefined);
  assert.equal(capped.headers.get("retry-after"), null);
  await providers.control({ action: "advance", seconds: 24 * 3600 });
  await create(providers);
});

Deno.test("a bot lives by itself, and what it leaves behind tells of one and the same meeting", async () => {
  await using providers = await startProviders();
  await control(providers, "configure", { video_bytes: 200_000, audio_bytes: 50_000 });
  await control(providers, "plan", {
    meeting_url: MEETING,
    participants: ["Ann Kim", "raj.patel@oakline.example"],
    topic: "pricing",
  });
  const extra = { recording_id: "r-1" };
  const id = await create(providers, { transcription_enabled: true, extra });
  assert.equal((await details(providers, id)).status, "queued");
  assert.equal((await details(providers, id)).video, null);
  await providers.control({ action: "advance", seconds: 60 });
  const bot = await details(providers, id);
  assert.equal(bot.status, "completed");
  assert.deepEqual(bot.extra, extra);
  const names = ["Ann Kim", "Raj Patel"];
  assert.deepEqual(bot.participants.map(({ name }) => name), names);
  assert.deepEqual(bot.speakers.map(({ name }) => name), names);

  const video = await fetch(bot.video ?? "");
  assert.equal((await video.arrayBuffer()).byteLength, 200_000);
  const transcription = z.object({
    bot_id: z.literal(id),
    provider: z.literal("gladia"),
    result: z.object({
      utterances: z.array(z.looseObject({
        speaker: z.enum(["Ann Kim", "Raj Patel"]),
        text: z.string(),
        start: z.number(),
        end: z.number(),
        words: z.array(z.looseObject({ word: z.string() })).min(1),
      })).min(10),
      total_duration: z.literal(bot.duration_seconds ?? 0),
      total_utterances: z.number(),
      languages: z.array(z.string()),
    }),
    created_at: z.iso.datetime(),
  }).parse(await (await fetch(bot.transcription ?? "")).json());
  const lines = (await (await fetch(bot.diarization ?? "")).text()).trim().split("\n")
    .map((line) =>
      z.looseObject({ speaker: z.string(), start_time: z.number() }).parse(
        JSON.parse(line),
      )
    );
  const said = transcription.result.utterances;
  assert.deepEqual(
    lines.map(({ speaker, start_time }) => [speaker, start_time]),
    said.map(({ speaker, start }) => [speaker, start]),
  );
  const raw = await (await fetch(bot.raw_transcription ?? "")).text();
  assert.ok(raw.includes(said[0]?.text ?? "-"));
});

Deno.test("the people of a meeting are those whom the simulated calendar has invited", async () => {
  await using providers = await startProviders();
  await providers.control({
    provider: "google_calendar",
    action: "upsert",
    email: "ann.kim@sixty.test",
    event: {
      summary: "Renewal",
      minutes: 30,
      attendees: ["raj.patel@oakline.example"],
      raw: { hangoutLink: MEETING },
    },
  });
  const id = await create(providers);
  await providers.control({ action: "advance", seconds: 60 });
  const { participants, transcription, diarization } = await details(providers, id);
  assert.deepEqual(participants.map(({ name }) => name), ["Ann Kim", "Raj Patel"]);
  assert.equal(transcription, null, "nobody asked for one");
  assert.notEqual(diarization, null);
});

Deno.test("each look at a bot gives addresses of four hours, until its data is deleted", async () => {
  await using providers = await startProviders();
  const id = await create(providers);
  await providers.control({ action: "advance", seconds: 60 });
  const first = (await details(providers, id)).video ?? "";
  await providers.control({ action: "advance", seconds: 4 * 3600 + 1 });
  const dead = await fetch(first);
  assert.equal(dead.status, 403);
  await dead.body?.cancel();
  const second = (await details(providers, id)).video ?? "";
  assert.notEqual(second, first);
  const alive = await fetch(second, { headers: { range: "bytes=0-9" } });
  assert.equal(alive.status, 206);
  await alive.body?.cancel();

  const deleted = await call(providers, `DELETE /v2/bots/${id}/delete-data`);
  assert.equal(deleted.status, 200);
  await deleted.body?.cancel();
  const after = await details(providers, id);
  assert.equal(after.artifacts_deleted, true);
  assert.equal(after.video, null);
  const gone = await fetch(second);
  assert.equal(gone.status, 404);
  await gone.body?.cancel();
});

Deno.test("a bot that leaves before it records has failed, one that leaves later has not", async () => {
  await using providers = await startProviders();
  await control(providers, "configure", { auto_play: false });
  const early = await create(providers);
  const late = await create(providers);
  for (const to of ["joining_call", "in_call_not_recording", "in_call_recording"]) {
    await control(providers, "advance_bot", { bot_id: late, to });
  }
  for (const id of [early, late]) {
    const left = await call(providers, `POST /v2/bots/${id}/leave`);
    assert.equal(left.status, 200);
    await left.body?.cancel();
  }
  await providers.control({ action: "advance", seconds: 60 });
  const failed = await details(providers, early);
  assert.deepEqual([failed.status, failed.error_code, failed.video], [
    "failed",
    "EXITING_MEETING_BEFORE_RECORD",
    null,
  ]);
  const completed = await details(providers, late);
  assert.equal(completed.status, "completed");
  assert.notEqual(completed.video, null);
  const again = await call(providers, `POST /v2/bots/${late}/leave`);
  assert.equal(again.status, 409);
  assert.equal((await refusalOf(again)).code, "FST_ERR_BOT_STATUS");
  const nobody = await call(providers, `POST /v2/bots/${crypto.randomUUID()}/leave`);
  assert.equal((await refusalOf(nobody)).code, "FST_ERR_BOT_NOT_FOUND_BY_ID");
});

Deno.test("bots are listed newest first, a page at a time, and found by what was put into extra", async () => {
  await using providers = await startProviders();
  const made: string[] = [];
  for (let index = 0; index < 5; index++) {
    made.unshift(await create(providers, { extra: { recording_id: `r-${index}` } }));
    await providers.control({ action: "advance", seconds: 1 });
  }
  const Page = z.object({
    data: z.array(z.looseObject({ bot_id: z.string(), status: z.string() })),
    cursor: z.string().nullable(),
    prev_cursor: z.string().nullable(),
  });
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const page = Page.parse(
      await (await call(providers, `GET /v2/bots?limit=2${query}`)).json(),
    );
    seen.push(...page.data.map(({ bot_id }) => bot_id));
    cursor = page.cursor;
  } while (cursor !== null);
  assert.deepEqual(seen, made);
  const found = await call(providers, "GET /v2/bots?limit=50&extra=recording_id:r-3");
  assert.deepEqual(Page.parse(await found.json()).data.map(({ bot_id }) => bot_id), [made[1]]);
  const bad = await call(providers, "GET /v2/bots?limit=251");
  assert.equal((await refusalOf(bad)).code, "FST_ERR_VALIDATION");
});

Deno.test("a call can be done although its caller never learns of it", async () => {
  await using providers = await startProviders();
  await control(providers, "fail_call", {
    route: "POST /v2/bots",
    lose_answer: true,
    hang: true,
  });
  const body = JSON.stringify(request({ extra: { recording_id: "lost" } }));
  await assert.rejects(fetch(`${providers.url}/meeting-baas/v2/bots`, {
    method: "POST",
    headers: { "x-meeting-baas-api-key": KEY },
    body,
    signal: AbortSignal.timeout(300),
  }));
  const found = await call(providers, "GET /v2/bots?limit=5&extra=recording_id:lost");
  assert.equal(
    z.looseObject({ data: z.array(z.unknown()) }).parse(await found.json()).data.length,
    1,
  );
  await control(providers, "fail_call", { status: 503, code: "UNAVAILABLE", count: 1 });
  const failed = await call(providers, "POST /v2/bots", request());
  assert.equal((await refusalOf(failed)).code, "FST_ERR_UNAVAILABLE");
  const state = await (await fetch(`${providers.url}/_control/state`)).json();
  assert.deepEqual(
    z.looseObject({ meeting_baas: z.looseObject({ bots_per_extra: z.unknown() }) })
      .parse(state).meeting_baas.bots_per_extra,
    { lost: 1 },
  );
});

Deno.test("a bot that is planned to fail goes the way that such bots go", async () => {
  await using providers = await startProviders();
  await control(providers, "plan", {
    meeting_url: MEETING,
    ends_as: "failed",
    error_code: "BOT_NOT_ACCEPTED",
  });
  const id = await create(providers);
  await providers.control({ action: "advance", seconds: 60 });
  const bot = await details(providers, id);
  assert.deepEqual([bot.status, bot.error_code, bot.video], ["failed", "BOT_NOT_ACCEPTED", null]);
  const [shown] = z.array(z.looseObject({ history: z.array(z.looseObject({ code: z.string() })) }))
    .parse(await control(providers, "bots"));
  assert.deepEqual(shown?.history.map(({ code }) => code), [
    "queued",
    "joining_call",
    "in_waiting_room",
    "bot_rejected",
    "failed",
  ]);
});
