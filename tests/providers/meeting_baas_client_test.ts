// The client over real HTTP, against the simulated service.
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { systemClock } from "@shared/platform/clock.ts";
import {
  type BotFailure,
  type BotProvider,
  BotProviderError,
  type BotRequest,
} from "@shared/recordings/bot_provider.ts";
import { type ProvidersUnderTest, startProviders } from "./start_providers.ts";
import { EnvironmentError } from "../../supabase/functions/_shared/env/platform_env.ts";
import { createMeetingBaas } from "../../supabase/functions/_shared/providers/meeting_baas.ts";

const KEY = "sim-meetingbaas-key";
const SECRET = "callback-secret-0123456789";

const REQUEST: Omit<BotRequest, "recordingId"> = {
  botName: "Notetaker",
  meetingUrl: "https://meet.google.com/abc-defg-hij",
  entryMessage: "Hello",
  isTranscribed: true,
  waitSeconds: 900,
  silenceSeconds: 900,
  isOneOfMany: false,
};

function open(
  baseUrl: string,
  variables: Readonly<Record<string, string>> = {},
  signal: AbortSignal = new AbortController().signal,
): BotProvider {
  const settings: Readonly<Record<string, string>> = {
    MEETINGBAAS_API_KEY: KEY,
    MEETINGBAAS_BASE_URL: baseUrl,
    MEETINGBAAS_CALLBACK_SECRET: `${SECRET} an-older-one-0123456789`,
    SUPABASE_URL: "http://127.0.0.1:54321",
    ...variables,
  };
  return createMeetingBaas({
    readVariable: (name) => settings[name],
    fetch: globalThis.fetch,
    clock: systemClock,
    signal,
  });
}

async function withBots(
  run: (bots: BotProvider, providers: ProvidersUnderTest) => Promise<void>,
): Promise<void> {
  await using providers = await startProviders();
  await providers.control({
    provider: "meeting_baas",
    action: "configure",
    auto_play: false,
    rate_limit: 1_000,
  });
  await run(open(`${providers.url}/meeting-baas`), providers);
}

const newRequest = (more: Partial<BotRequest> = {}): BotRequest => ({
  ...REQUEST,
  recordingId: crypto.randomUUID(),
  meetingUrl: `https://meet.google.com/${crypto.randomUUID()}`,
  ...more,
});

Deno.test("U60-103 createMeetingBaas() sends one bot, whose every field the service understands", async () => {
  await withBots(async (bots, providers) => {
    const request = newRequest();
    const botId = await bots.createBot(request);
    const state = await (await fetch(`${providers.url}/_control/state`)).json();
    const { calls, bots: all } = state.meeting_baas ?? state.simulators?.meeting_baas ?? {};
    const call = calls.find(({ route }: { route: string }) => route === "POST /v2/bots");
    deepStrictEqual(call.ignored_fields ?? [], []);
    const bot = all.find((each: { bot_id: string }) => each.bot_id === botId);
    deepStrictEqual(bot.extra, { recording_id: request.recordingId });

    const listed = await bots.listBots(request.recordingId);
    deepStrictEqual(listed.map((each) => [each.botId, each.recordingId]), [
      [botId, request.recordingId],
    ]);
    deepStrictEqual(await bots.listBots(crypto.randomUUID()), []);
    const read = await bots.getBot(botId);
    strictEqual(read?.recording_id, request.recordingId);
    strictEqual(read?.is_confirmed, true);
    strictEqual((await bots.getTranscription(botId))?.status, "not-started");
  });
});

Deno.test("createMeetingBaas() says what became of a bot that is over, and of one nobody knows", async () => {
  await withBots(async (bots, providers) => {
    const botId = await bots.createBot(newRequest());
    await providers.control({ provider: "meeting_baas", action: "finish", bot_id: botId });
    const read = await bots.getBot(botId);
    strictEqual(read?.kind, "completed");
    match(read?.sources.video ?? "", /^http/);
    strictEqual(await bots.leaveBot(botId), "over");
    await bots.deleteData(botId);
    strictEqual((await bots.getBot(botId))?.is_data_deleted, true);
    await bots.deleteData(botId);

    const nobody = crypto.randomUUID();
    strictEqual(await bots.getBot(nobody), null);
    strictEqual(await bots.getTranscription(nobody), null);
    strictEqual(await bots.leaveBot(nobody), "unknown");
    await bots.deleteData(nobody);
    const here = await bots.createBot(newRequest());
    strictEqual(await bots.leaveBot(here), "leaving");
  });
});

interface RefusalRow {
  readonly status: number;
  readonly code: string;
  readonly retry_after?: number;
  readonly failure: BotFailure;
  readonly mayHaveHappened: boolean;
}

const REFUSALS: readonly RefusalRow[] = [
  { status: 400, code: "VALIDATION", failure: "request_rejected", mayHaveHappened: false },
  {
    status: 402,
    code: "INSUFFICIENT_TOKENS",
    failure: "insufficient_tokens",
    mayHaveHappened: false,
  },
  { status: 403, code: "FORBIDDEN", failure: "key_rejected", mayHaveHappened: false },
  { status: 401, code: "UNAUTHORIZED", failure: "key_rejected", mayHaveHappened: false },
  { status: 404, code: "NOT_FOUND", failure: "request_rejected", mayHaveHappened: false },
  { status: 409, code: "BOT_ALREADY_EXISTS", failure: "bot_exists", mayHaveHappened: false },
  {
    status: 429,
    code: "TOO_MANY_REQUESTS",
    retry_after: 7,
    failure: "rate_limited",
    mayHaveHappened: false,
  },
  { status: 429, code: "DAILY_BOT_CAP_REACHED", failure: "daily_bot_cap", mayHaveHappened: false },
  { status: 408, code: "TIMEOUT", failure: "unavailable", mayHaveHappened: true },
  { status: 500, code: "INTERNAL_SERVER_ERROR", failure: "unavailable", mayHaveHappened: true },
  {
    status: 503,
    code: "UNAVAILABLE",
    retry_after: 30,
    failure: "unavailable",
    mayHaveHappened: true,
  },
];

async function failureOf(call: Promise<unknown>): Promise<BotProviderError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof BotProviderError) return error;
    throw error;
  }
  throw new Error("It did not fail");
}

Deno.test("U60-105 createMeetingBaas() tells every refusal apart", async () => {
  await withBots(async (bots, providers) => {
    for (const { failure, mayHaveHappened, ...refusal } of REFUSALS) {
      await providers.control({
        provider: "meeting_baas",
        action: "fail_call",
        route: "POST /v2/bots",
        ...refusal,
      });
      const error = await failureOf(bots.createBot(newRequest()));
      deepStrictEqual(
        [error.failure, error.status, error.retryAfterSeconds, error.mayHaveHappened],
        [failure, refusal.status, refusal.retry_after ?? null, mayHaveHappened],
        refusal.code,
      );
    }
  });
});

Deno.test("U60-105 createMeetingBaas() knows that an answer it did not get may have been an effect", async () => {
  await withBots(async (bots, providers) => {
    await providers.control({
      provider: "meeting_baas",
      action: "fail_call",
      route: "POST /v2/bots",
      lose_answer: true,
    });
    const request = newRequest();
    const error = await failureOf(bots.createBot(request));
    deepStrictEqual([error.failure, error.mayHaveHappened], ["unavailable", true]);
    strictEqual((await bots.listBots(request.recordingId)).length, 1, "and it was one");

    await providers.control({ provider: "meeting_baas", action: "fail_call", hang: true });
    const cut = open(`${providers.url}/meeting-baas`, {}, AbortSignal.timeout(100));
    strictEqual((await failureOf(cut.createBot(newRequest()))).mayHaveHappened, true);
  });
});

Deno.test("createMeetingBaas() believes no answer that it can't read, and repeats no word of it", async () => {
  const bodies: readonly BodyInit[] = [
    "<html>secret-word</html>",
    '{"success":true,"data":{"bot_id":"../../secret-word"}}',
    '{"success":true,"data":{}}',
    '{"success":false,"data":{"bot_id":"b"}}',
    "[]",
    "",
    "x".repeat(5 * 1024 * 1024),
  ];
  for (const body of bodies) {
    const server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      () => new Response(body, { status: 201 }),
    );
    const bots = open(`http://127.0.0.1:${server.addr.port}`);
    const error = await failureOf(bots.createBot(newRequest()));
    deepStrictEqual([error.failure, error.mayHaveHappened], ["malformed_answer", true]);
    const words = `${error.message} ${error.cause ?? ""} ${error.stack}`;
    ok(!words.includes("secret-word") && !words.includes(KEY) && !words.includes(SECRET));
    await server.shutdown();
  }
});

Deno.test("createMeetingBaas() follows no redirect: the key goes to one place", async () => {
  let reached = 0;
  const other = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => {
    reached += 1;
    return Response.json({ success: true, data: { bot_id: "b" } });
  });
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () =>
      new Response(null, {
        status: 307,
        headers: { location: `http://127.0.0.1:${other.addr.port}/` },
      }),
  );
  const bots = open(`http://127.0.0.1:${server.addr.port}`);
  strictEqual((await failureOf(bots.createBot(newRequest()))).failure, "unavailable");
  strictEqual(reached, 0);
  await server.shutdown();
  await other.shutdown();
});

Deno.test("createMeetingBaas() asks for callbacks only with a secret that proves them, the newest", async () => {
  const bodies: Record<string, unknown>[] = [];
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async (request) => {
      bodies.push(await request.json());
      return Response.json({ success: true, data: { bot_id: "b" } }, { status: 201 });
    },
  );
  const url = `http://127.0.0.1:${server.addr.port}/`;
  await open(url).createBot(newRequest());
  await open(url, { MEETINGBAAS_CALLBACK_SECRET: "" }).createBot(
    newRequest({ isTranscribed: false }),
  );
  await open(url, { SIXTY_PUBLIC_FUNCTIONS_URL: "https://api.sixty.test/functions/v1/" })
    .createBot(newRequest({ isOneOfMany: true }));
  const [with_, without, elsewhere] = bodies;
  deepStrictEqual(with_?.["callback_config"], {
    url: "http://127.0.0.1:54321/functions/v1/meetingbaas-webhook",
    secret: SECRET,
    method: "POST",
  });
  deepStrictEqual([without?.["callback_enabled"], without?.["callback_config"]], [
    false,
    undefined,
  ]);
  deepStrictEqual(
    [without?.["transcription_enabled"], without?.["transcription_config"]],
    [false, undefined],
  );
  strictEqual(
    (elsewhere?.["callback_config"] as { url: string }).url,
    "https://api.sixty.test/functions/v1/meetingbaas-webhook",
  );
  strictEqual(with_?.["allow_multiple_bots"], false);
  strictEqual(elsewhere?.["allow_multiple_bots"], true);
  await server.shutdown();
});

Deno.test("createMeetingBaas() is not there without a key", async () => {
  await rejects(
    () => Promise.resolve().then(() => open("http://127.0.0.1:1", { MEETINGBAAS_API_KEY: "" })),
    EnvironmentError,
  );
});
