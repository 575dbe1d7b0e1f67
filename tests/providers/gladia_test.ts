// Gladia's v2 API as its contract says: what is let in, that audio is really read, what is found again,
// and callbacks that prove nothing.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { z } from "zod";
import { type ProvidersUnderTest, startProviders, startReceiver } from "./start_providers.ts";

const KEY = "sim-gladia-key";
const MEETING = "https://meet.google.com/abc-defg-hij";
const Job = z.looseObject({
  id: z.uuid(),
  status: z.enum(["queued", "processing", "done", "error"]),
  error_code: z.int().optional(),
  custom_metadata: z.record(z.string(), z.unknown()).optional(),
  result: z.looseObject({
    transcription: z.looseObject({
      languages: z.array(z.string()),
      utterances: z.array(z.looseObject({
        text: z.string(),
        start: z.number(),
        end: z.number(),
        speaker: z.int().optional(),
        words: z.array(z.unknown()),
      })),
    }),
  }).optional(),
});
const Callback = z.looseObject({ id: z.string(), event: z.string() });

function call(
  providers: ProvidersUnderTest,
  route: string,
  body?: unknown,
  key = KEY,
): Promise<Response> {
  const [method = "GET", path = ""] = route.split(" ");
  return fetch(`${providers.url}/gladia/v2/pre-recorded${path}`, {
    method,
    headers: { "x-gladia-key": key, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

/** A bot that recorded a conversation of a given length; gives its files. */
async function recordMeeting(
  providers: ProvidersUnderTest,
  more: Readonly<Record<string, unknown>> = {},
): Promise<{ audio: string; transcription: string }> {
  await providers.control({
    provider: "meeting_baas",
    action: "plan",
    meeting_url: MEETING,
    lines: [{ speaker: "Ann Lee", text: "Hello there." }, { speaker: "Bo", text: "Hi Ann." }, {
      speaker: "Ann Lee",
      text: "Shall we begin?",
    }],
    ...more,
  });
  await providers.control({ provider: "meeting_baas", action: "configure", auto_play: false });
  const headers = {
    "x-meeting-baas-api-key": "sim-meetingbaas-key",
    "content-type": "application/json",
  };
  const bots = `${providers.url}/meeting-baas/v2/bots`;
  const created = await fetch(bots, {
    method: "POST",
    headers,
    body: JSON.stringify({
      bot_name: "Notetaker",
      meeting_url: MEETING,
      transcription_enabled: true,
    }),
  });
  const { data } = await created.json();
  await providers.control({ provider: "meeting_baas", action: "finish", bot_id: data.bot_id });
  const read = await fetch(`${bots}/${data.bot_id}`, { headers });
  return (await read.json()).data;
}

async function start(
  providers: ProvidersUnderTest,
  body: Readonly<Record<string, unknown>>,
): Promise<string> {
  const response = await call(providers, "POST ", body);
  const text = await response.text();
  strictEqual(response.status, 201, text);
  return z.object({ id: z.uuid(), result_url: z.url() }).parse(JSON.parse(text)).id;
}

async function settled(providers: ProvidersUnderTest, id: string): Promise<z.infer<typeof Job>> {
  await providers.control({ provider: "gladia", action: "settle" });
  return Job.parse(await (await call(providers, `GET /${id}`)).json());
}

Deno.test("U60-109 a job hears in the audio what was said in the bot's meeting, voices by number", async () => {
  await using providers = await startProviders();
  const { audio, transcription } = await recordMeeting(providers);
  const job = await settled(
    providers,
    await start(providers, { audio_url: audio, diarization: true }),
  );
  strictEqual(job.status, "done");
  const utterances = job.result?.transcription.utterances ?? [];
  deepStrictEqual(utterances.map(({ text }) => text), [
    "Hello there.",
    "Hi Ann.",
    "Shall we begin?",
  ]);
  deepStrictEqual(utterances.map(({ speaker }) => speaker), [0, 1, 0]);
  ok(utterances.every(({ start, end, words }) => end > start && words.length > 0));
  // The bot's own transcript is of the same conversation
  const own = await (await fetch(transcription)).json();
  deepStrictEqual(
    own.result.utterances.map(({ start }: { start: number }) => start),
    utterances.map(({ start }) => start),
  );
  const without = await settled(providers, await start(providers, { audio_url: audio }));
  deepStrictEqual(
    without.result?.transcription.utterances.map(({ speaker }) => speaker),
    [undefined, undefined, undefined],
  );
});

Deno.test("U60-109 what is not well formed is refused before a job is made", async () => {
  await using providers = await startProviders();
  const url = "http://127.0.0.1:9/audio";
  const cases: [string, unknown, number, string?][] = [
    ["a wrong key", { audio_url: url }, 401, "other"],
    ["no address", {}, 400],
    ["no http address", { audio_url: "file:///etc/passwd" }, 400],
    ["no document", "text", 400],
    ["a callback that is no address", {
      audio_url: url,
      callback: true,
      callback_config: { url: "x" },
    }, 400],
    ["a method that is neither POST nor PUT", {
      audio_url: url,
      callback: true,
      callback_config: { url, method: "GET" },
    }, 400],
    ["metadata of more than 2000 characters", {
      audio_url: url,
      custom_metadata: { a: "x".repeat(1_993) },
    }, 400],
    ["control: metadata of exactly 2000", {
      audio_url: url,
      custom_metadata: { a: "x".repeat(1_992) },
    }, 201],
  ];
  for (const [what, body, status, key] of cases) {
    const response = await call(providers, "POST ", body, key);
    strictEqual(response.status, status, what);
    const answer = await response.json();
    if (status >= 400) ok(typeof answer.message === "string" && answer.request_id, what);
  }
  const jobs = await providers.control({ provider: "gladia", action: "jobs" });
  strictEqual(z.array(z.unknown()).parse(jobs).length, 1);
});

Deno.test("U60-109 audio that is gone, too large or too long ends the job in error", async () => {
  await using providers = await startProviders();
  const { audio } = await recordMeeting(providers);
  await providers.control({ action: "advance", seconds: 4 * 3_600 + 1 });
  const expired = await settled(providers, await start(providers, { audio_url: audio }));
  deepStrictEqual([expired.status, expired.error_code], ["error", 403]);

  const large = z.object({ url: z.url() }).parse(
    await providers.control({
      provider: "artifacts",
      action: "put",
      kind: "audio",
      bytes: 1_001 * 1024 * 1024,
    }),
  );
  const tooLarge = await settled(providers, await start(providers, { audio_url: large.url }));
  deepStrictEqual([tooLarge.status, tooLarge.error_code], ["error", 413]);

  const long = await recordMeeting(providers, { duration_seconds: 135 * 60 + 1 });
  const tooLong = await settled(providers, await start(providers, { audio_url: long.audio }));
  deepStrictEqual([tooLong.status, tooLong.error_code], ["error", 400]);
  const nearly = await recordMeeting(providers, { duration_seconds: 135 * 60 });
  const justRight = await settled(providers, await start(providers, { audio_url: nearly.audio }));
  strictEqual(justRight.status, "done", "control: 135 minutes are accepted");
});

Deno.test("U60-122 a job is found by its metadata, and by no part of another's", async () => {
  await using providers = await startProviders();
  const { audio } = await recordMeeting(providers);
  const own = await start(providers, {
    audio_url: audio,
    custom_metadata: { transcription_id: "t1", nested: { number: 7 } },
  });
  await start(providers, { audio_url: audio, custom_metadata: { transcription_id: "t2" } });
  const find = async (filter: unknown): Promise<string[]> => {
    const query = new URLSearchParams({ custom_metadata: JSON.stringify(filter) });
    const list = await (await call(providers, `GET ?${query}`)).json();
    return z.array(z.object({ id: z.string() })).parse(list.items).map(({ id }) => id);
  };
  deepStrictEqual(await find({ transcription_id: "t1" }), [own]);
  deepStrictEqual(
    await find({ nested: { number: "7" } }),
    [own],
    "numbers and their text are alike",
  );
  deepStrictEqual(await find({ transcription_id: "t3" }), []);
  strictEqual((await find({})).length, 2);
  await settled(providers, own);
  strictEqual((await call(providers, `DELETE /${own}`)).status, 202);
  deepStrictEqual(await find({ transcription_id: "t1" }), []);
  strictEqual((await call(providers, `GET /${own}`)).status, 404);
});

Deno.test("U60-109 callbacks come once, twice, late or never, and carry no proof", async () => {
  await using providers = await startProviders();
  await using receiver = startReceiver();
  const { audio } = await recordMeeting(providers);
  const body = {
    audio_url: audio,
    callback: true,
    callback_config: { url: receiver.url },
    custom_metadata: { transcription_id: "t1" },
  };
  const received = async (delivery: string): Promise<z.infer<typeof Callback>[]> => {
    await providers.control({ provider: "gladia", action: "configure", delivery });
    await settled(providers, await start(providers, body));
    return receiver.received.splice(0).map(({ body }) => Callback.parse(JSON.parse(body)));
  };
  const [once, ...more] = await received("normal");
  deepStrictEqual([once?.event, more.length], ["transcription.success", 0]);
  deepStrictEqual((await received("duplicate")).length, 2);
  deepStrictEqual(await received("never"), []);

  await providers.control({ provider: "gladia", action: "configure", delivery: "normal" });
  await providers.control({ provider: "gladia", action: "plan", error_code: 500 });
  await settled(providers, await start(providers, body));
  const [failed] = receiver.received;
  deepStrictEqual(Callback.parse(JSON.parse(failed?.body ?? "{}")).event, "transcription.error");
  for (const name of ["authorization", "x-gladia-key", "x-signature"]) {
    strictEqual(failed?.headers.get(name), null);
  }
  const silent = { ...body, callback: false };
  receiver.received.length = 0;
  await settled(providers, await start(providers, silent));
  strictEqual(receiver.received.length, 0, "without `callback` its configuration does nothing");
});

Deno.test("U60-109 so many at once, so many waiting, and no more", async () => {
  await using providers = await startProviders();
  await providers.control({
    provider: "gladia",
    action: "configure",
    concurrency: 2,
    queue_size: 3,
  });
  await providers.control({ provider: "gladia", action: "plan", hold: true, count: 5 });
  const { audio } = await recordMeeting(providers);
  const ids = [];
  for (let n = 0; n < 5; n++) ids.push(await start(providers, { audio_url: audio }));
  strictEqual((await call(providers, "POST ", { audio_url: audio })).status, 429);
  const statuses = async (): Promise<string[]> => {
    const jobs = await providers.control({ provider: "gladia", action: "jobs" });
    return z.array(z.object({ status: z.string() })).parse(jobs).map(({ status }) => status);
  };
  deepStrictEqual(await statuses(), ["processing", "processing", "queued", "queued", "queued"]);
  await providers.control({ provider: "gladia", action: "finish", job_id: ids[0] });
  deepStrictEqual(await statuses(), ["done", "processing", "processing", "queued", "queued"]);
  strictEqual((await call(providers, "POST ", { audio_url: audio })).status, 201);
});

Deno.test("U60-122 an answer that gets lost leaves a job behind", async () => {
  await using providers = await startProviders();
  const { audio } = await recordMeeting(providers);
  await providers.control({
    provider: "gladia",
    action: "fail_call",
    route: "POST /v2/pre-recorded",
    lose_answer: true,
  });
  let isLost = false;
  try {
    await (await call(providers, "POST ", { audio_url: audio })).text();
  } catch {
    isLost = true;
  }
  const jobs = await providers.control({ provider: "gladia", action: "jobs" });
  deepStrictEqual([isLost, z.array(z.unknown()).parse(jobs).length], [true, 1]);
});
