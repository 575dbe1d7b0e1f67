// The provider's three ways of telling: signed, with a shared secret, with the account's own key; in
// order or not, once or more often, late or never.
import assert from "node:assert/strict";
import { Webhook } from "standardwebhooks";
import { z } from "zod";
import {
  type ProvidersUnderTest,
  type Received,
  type Receiver,
  startProviders,
  startReceiver,
} from "./start_providers.ts";

const KEY = "a-key-of-this-test";
const SECRET = `whsec_${btoa("0123456789abcdef0123456789abcdef")}`;
const MEETING = "https://zoom.us/j/123456789";
const Event = z.looseObject({
  event: z.string(),
  data: z.looseObject({
    bot_id: z.string(),
    status: z.looseObject({ code: z.string() }).optional(),
    video: z.url().nullish(),
    mp4: z.url().nullish(),
  }),
});

async function start(receiver: Receiver, more: Readonly<Record<string, unknown>> = {}) {
  const providers = await startProviders(undefined, {
    apiKey: KEY,
    webhook: { url: receiver.url, secret: SECRET },
  });
  await control(providers, "configure", { auto_play: false, video_bytes: 1000, ...more });
  return providers;
}

function control(
  providers: ProvidersUnderTest,
  action: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<unknown> {
  return providers.control({ provider: "meeting_baas", action, ...more });
}

async function create(
  providers: ProvidersUnderTest,
  more: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const response = await fetch(`${providers.url}/meeting-baas/v2/bots`, {
    method: "POST",
    headers: { "x-meeting-baas-api-key": KEY },
    body: JSON.stringify({
      bot_name: "Notetaker",
      meeting_url: MEETING,
      extra: { recording_id: "r-1" },
      ...more,
    }),
  });
  return z.object({ data: z.object({ bot_id: z.string() }) }).parse(await response.json())
    .data.bot_id;
}

function verify({ headers, body }: Received): unknown {
  const names = ["id", "timestamp", "signature"] as const;
  const renamed = names.map((name) => [`webhook-${name}`, headers.get(`svix-${name}`) ?? ""]);
  return new Webhook(SECRET).verify(body, Object.fromEntries(renamed));
}

function codesOf(receiver: Receiver): string[] {
  return receiver.received.map(({ body }) => Event.parse(JSON.parse(body)))
    .map(({ event, data }) => data.status?.code ?? event);
}

Deno.test("each status arrives signed by Svix, in order, and the end with all that there is", async () => {
  await using receiver = startReceiver();
  await using providers = await start(receiver);
  const id = await create(providers);
  await control(providers, "play", { bot_id: id });
  await providers.control({ action: "advance", seconds: 60 });
  await control(providers, "settle");
  for (const received of receiver.received) verify(received);
  assert.deepEqual(codesOf(receiver), [
    "joining_call",
    "in_waiting_room",
    "in_call_not_recording",
    "in_call_recording",
    "call_ended",
    "recording_succeeded",
    "bot.completed",
  ]);
  const ids = receiver.received.map(({ headers }) => headers.get("svix-id"));
  assert.equal(new Set(ids).size, ids.length);
  const last = z.strictObject({
    event: z.literal("bot.completed"),
    data: z.strictObject({
      bot_id: z.literal(id),
      event_id: z.null(),
      participants: z.array(z.object({ name: z.string(), id: z.int() })).min(2),
      speakers: z.array(z.object({ name: z.string(), id: z.int() })).min(2),
      duration_seconds: z.int().positive(),
      joined_at: z.iso.datetime(),
      exited_at: z.iso.datetime(),
      data_deleted: z.literal(false),
      video: z.url(),
      audio: z.url(),
      diarization: z.url(),
      raw_transcription: z.null(),
      transcription: z.null(),
      transcription_provider: z.null(),
      transcription_ids: z.null(),
      sent_at: z.iso.datetime(),
    }),
    extra: z.object({ recording_id: z.literal("r-1") }),
  }).parse(JSON.parse(receiver.received.at(-1)?.body ?? ""));
  const video = await fetch(last.data.video);
  assert.equal((await video.arrayBuffer()).byteLength, 1000);
});

Deno.test("the other spelling of bot.completed says mp4 and keeps extra inside", async () => {
  await using receiver = startReceiver();
  await using providers = await start(receiver, { spelling: "prose" });
  const id = await create(providers);
  await control(providers, "finish", { bot_id: id });
  await control(providers, "settle");
  const body = z.strictObject({
    event: z.literal("bot.completed"),
    data: z.looseObject({
      mp4: z.url(),
      chat_messages: z.null(),
      extra: z.object({ recording_id: z.literal("r-1") }),
    }),
    sent_at: z.iso.datetime(),
  }).parse(JSON.parse(receiver.received.at(-1)?.body ?? ""));
  assert.ok(!("video" in body.data));
});

Deno.test("a message is sent again after 5 s, 10 s, 5 min, … of simulated time under its id", async () => {
  await using receiver = startReceiver();
  await using providers = await start(receiver);
  const id = await create(providers);
  receiver.answers.push(500, 404, 503);
  await control(providers, "advance_bot", { bot_id: id, to: "joining_call" });
  await control(providers, "settle");
  assert.equal(receiver.received.length, 1);
  const waits = [[4, 1], [1, 2], [9, 2], [1, 3], [299, 3], [1, 4], [9000, 4]] as const;
  for (const [seconds, expected] of waits) {
    await providers.control({ action: "advance", seconds });
    await control(providers, "settle");
    assert.equal(receiver.received.length, expected, `after ${seconds} s more`);
  }
  assert.equal(new Set(receiver.received.map(({ headers }) => headers.get("svix-id"))).size, 1);
  // The receiver's clock is not the simulators': what is signed is the real time
  for (const received of receiver.received) verify(received);
});

Deno.test("seven attempts are made, and no eighth", async () => {
  await using receiver = startReceiver();
  await using providers = await start(receiver);
  const id = await create(providers);
  receiver.answers.push(...Array.from({ length: 20 }, () => 500));
  await control(providers, "advance_bot", { bot_id: id, to: "joining_call" });
  for (let hour = 0; hour < 8; hour++) {
    await control(providers, "settle");
    await providers.control({ action: "advance", seconds: 7200 });
  }
  await control(providers, "settle");
  assert.equal(receiver.received.length, 7);
  const [entry] = z.array(z.looseObject({ state: z.string() }))
    .parse(await control(providers, "deliveries", { bot_id: id }));
  assert.equal(entry?.state, "failed");
});

Deno.test("a callback carries its secret, only the end, and is final when it is refused", async () => {
  await using receiver = startReceiver();
  await using callbacks = startReceiver();
  await using providers = await start(receiver);
  const configuration = { callback_enabled: true, extra: { recording_id: "r-2" } };
  const callback_config = { url: callbacks.url, secret: "of this bot" };
  const id = await create(providers, { ...configuration, callback_config });
  await control(providers, "advance_bot", { bot_id: id, to: "in_call_recording" });
  callbacks.answers.push(500);
  await control(providers, "finish", { bot_id: id });
  await control(providers, "settle");
  await providers.control({ action: "advance", seconds: 1 });
  await control(providers, "settle");
  assert.deepEqual(codesOf(callbacks), ["bot.completed", "bot.completed"]);
  assert.equal(callbacks.received[0]?.headers.get("x-mb-secret"), "of this bot");
  assert.equal(callbacks.received[0]?.headers.get("svix-id"), null);

  const other = await create(providers, { ...configuration, callback_config });
  callbacks.answers.push(400);
  await control(providers, "fail", { bot_id: other, error_code: "OOM_KILLED" });
  await control(providers, "settle");
  await providers.control({ action: "advance", seconds: 100 });
  await control(providers, "settle");
  assert.deepEqual(codesOf(callbacks).slice(2), ["bot.failed"]);
});

Deno.test("the first version's webhooks prove themselves by the account's own key", async () => {
  await using receiver = startReceiver();
  await using old = startReceiver();
  await using providers = await start(receiver, {
    schemes: ["v1"],
    v1_webhook: { url: old.url },
  });
  const id = await create(providers);
  await control(providers, "advance_bot", { bot_id: id, to: "in_call_recording" });
  await control(providers, "finish", { bot_id: id });
  await control(providers, "settle");
  assert.equal(receiver.received.length, 0);
  assert.deepEqual(codesOf(old), ["in_call_recording", "complete"]);
  for (const { headers } of old.received) {
    assert.equal(headers.get("x-meeting-baas-api-key"), KEY);
  }
  const complete = Event.parse(JSON.parse(old.received[1]?.body ?? ""));
  assert.ok(complete.data.mp4);
  assert.ok(
    z.array(z.looseObject({ speaker: z.string() })).parse(complete.data["transcript"]).length,
  );
});

Deno.test("held messages leave in any order, twice or not at all", async () => {
  await using receiver = startReceiver();
  await using providers = await start(receiver, { delivery: "hold" });
  const id = await create(providers);
  const codes = ["joining_call", "in_call_recording", "call_ended"];
  for (const to of codes) await control(providers, "advance_bot", { bot_id: id, to });
  await control(providers, "deliver", { order: "reverse" });
  assert.deepEqual(codesOf(receiver), codes.toReversed());
  await control(providers, "advance_bot", { bot_id: id, to: "transcribing" });
  await control(providers, "deliver", { order: "duplicate" });
  assert.deepEqual(codesOf(receiver).slice(3), ["transcribing", "transcribing"]);
  const [one, other] = receiver.received.slice(3);
  assert.equal(one?.headers.get("svix-id"), other?.headers.get("svix-id"));
  await control(providers, "advance_bot", { bot_id: id, to: "something_new" });
  assert.deepEqual(await control(providers, "deliver", { drop: true }), { dropped: 1 });
  await control(providers, "configure", { delivery: "never" });
  await control(providers, "finish", { bot_id: id });
  await control(providers, "settle");
  assert.equal(receiver.received.length, 5);
});

Deno.test("with disorder switched on, nothing arrives before the end and then all of it does", async () => {
  await using receiver = startReceiver();
  await using providers = await start(receiver, { delivery: "reorder" });
  const id = await create(providers);
  await control(providers, "play", { bot_id: id });
  await providers.control({ action: "advance", seconds: 60 });
  const deadline = Date.now() + 5000;
  while (receiver.received.length < 7 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const codes = codesOf(receiver);
  assert.equal(codes.length, 7);
  assert.ok(codes.includes("bot.completed"));
});

Deno.test("what is forged, stale, early, broken or unsigned does not verify, or is not JSON", async () => {
  await using receiver = startReceiver();
  await using providers = await start(receiver);
  const id = await create(providers);
  const emit = (script: string) =>
    control(providers, "emit", { bot_id: id, event: "bot.completed", script });
  for (const script of ["forged", "stale", "future", "unsigned"]) {
    await emit(script);
    const received = receiver.received.at(-1);
    assert.ok(received);
    assert.throws(() => verify(received), script);
  }
  await emit("malformed");
  const broken = receiver.received.at(-1);
  assert.throws(() => JSON.parse(broken?.body ?? ""));
  await emit("normal");
  verify(receiver.received.at(-1) ?? { headers: new Headers(), body: "" });
  const before = receiver.received.length;
  await emit("concurrent");
  const twins = receiver.received.slice(before);
  assert.equal(twins.length, 2);
  assert.equal(twins[0]?.headers.get("svix-id"), twins[1]?.headers.get("svix-id"));
});

Deno.test("C-07 names that only older documents know can be sent as well", async () => {
  await using receiver = startReceiver();
  await using providers = await start(receiver);
  const id = await create(providers);
  for (const event of ["bot.joined", "transcript.ready", "bot.sneezed"]) {
    await control(providers, "emit", { bot_id: id, event, data: { note: 1 } });
  }
  await control(providers, "emit", {
    bot_id: id,
    event: "bot.status_change",
    code: "a_code_of_tomorrow",
    created_at: "2026-01-01T00:00:00Z",
  });
  await control(providers, "emit", { bot_id: id, event: "bot.completed", body: { data: null } });
  assert.deepEqual(
    receiver.received.map(({ body }) => JSON.parse(body)).map(({ event, data }) => [
      event,
      data?.note ?? data?.status?.created_at ?? null,
    ]),
    [
      ["bot.joined", 1],
      ["transcript.ready", 1],
      ["bot.sneezed", 1],
      ["bot.status_change", "2026-01-01T00:00:00.000Z"],
      ["bot.completed", null],
    ],
  );
});
