// How settings decide which way a transcript is taken: the same code as in the functions, with settings
// of the test's own, on the stack's database and simulators.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { systemClock } from "@shared/platform/clock.ts";
import type { ClaimedJob } from "@shared/platform/jobs.ts";
import type { ServiceContext } from "@shared/platform/request_context.ts";
import { createCallbackProcessor } from "@shared/recordings/apply_transcription_callback.ts";
import {
  createTranscribeHandler,
  pollTranscriptions,
} from "@shared/recordings/transcribe_recording.ts";
import { openServiceClient } from "../../supabase/functions/_shared/clients/service_client.ts";
import { createTranscriptionWorker } from "../../supabase/functions/_shared/providers/transcription_worker.ts";
import { createTestDeps, type TestDeps } from "../support/function_deps.ts";
import { type RecordedBot, sendBot } from "../support/recorded_bot.ts";
import { createRivals, eventually } from "../support/rivals.ts";
import { startReceiver } from "../providers/start_providers.ts";
import { testStack } from "../support/stack.ts";

const stack = await testStack();
const { rep } = await createRivals(stack);
const providers = stack.description.providersUrl;

/** What the functions have; a test takes away or adds. */
const SETTINGS: Readonly<Record<string, string>> = {
  SUPABASE_URL: stack.url,
  MEETINGBAAS_API_KEY: "sim-meetingbaas-key",
  MEETINGBAAS_BASE_URL: `${providers}/meeting-baas`,
  MEETINGBAAS_ARTIFACT_HOSTS: providers,
  GLADIA_API_KEY: "sim-gladia-key",
  GLADIA_BASE_URL: `${providers}/gladia`,
};

async function surroundings(variables: Readonly<Record<string, string>>): Promise<TestDeps> {
  return await createTestDeps({
    variables,
    network: (request) => fetch(request),
    env: { supabaseUrl: stack.url, secretKey: stack.description.secretKey },
  });
}

function serviceContext(deps: TestDeps): ServiceContext {
  const use = {
    functionName: "process-recording",
    requestId: "test",
    env: deps.env,
    fetch,
  } as const;
  return {
    db: openServiceClient("process_recordings", use),
    requestId: "test",
    log: { info: () => {}, warn: () => {}, error: () => {} },
    clock: systemClock,
    signal: AbortSignal.timeout(30_000),
    fetch,
  };
}

/** A recording of an ended meeting that the stack's own worker knows nothing of. */
async function endedMeeting(): Promise<RecordedBot> {
  const bot = await sendBot(stack, rep, {
    lines: [{ speaker: "Ann Lee", text: "Only one sentence." }],
  });
  await stack.controlProviders({
    provider: "meeting_baas",
    action: "configure",
    delivery: "never",
  });
  await stack.controlProviders({ provider: "meeting_baas", action: "finish", bot_id: bot.botId });
  await stack.controlProviders({
    provider: "meeting_baas",
    action: "configure",
    delivery: "normal",
  });
  await stack.sql(
    `with m as (
       insert into public.meetings (org_id, owner_user_id, source_type, external_id, title, started_at)
       values ($1, $2, '60_notetaker', $3, 'Kickoff', now()) returning id)
     update public.recordings set meeting_id = m.id, status = 'completed', transcript_status = 'pending' from m
     where recordings.id = $4`,
    [rep.orgId, rep.userId, bot.id, bot.id],
  );
  return bot;
}

function jobFor(bot: RecordedBot): ClaimedJob {
  return {
    id: crypto.randomUUID(),
    kind: "recording.transcribe",
    orgId: bot.orgId,
    payload: { recording_id: bot.id },
    actingUserId: null,
    attempt: 1,
    maxAttempts: 5,
    requestId: null,
    worker: "test",
  };
}

async function stateOf({ id }: RecordedBot): Promise<unknown[]> {
  const [row] = await stack.sql(
    `select r.transcript_status, r.transcript_provider,
       (select string_agg(s.text, ' ') from public.transcript_segments s where s.meeting_id = r.meeting_id) as text
     from public.recordings r where r.id = $1`,
    [id],
  );
  return [row?.["transcript_status"], row?.["transcript_provider"], row?.["text"]];
}

Deno.test("U60-142 without a key the provider's transcript is taken, and nobody else is asked", async () => {
  const { GLADIA_API_KEY: _, ...without } = SETTINGS;
  const deps = await surroundings(without);
  const bot = await endedMeeting();
  const outcome = await createTranscribeHandler(createTranscriptionWorker(deps))(
    serviceContext(deps),
    jobFor(bot),
  );
  deepStrictEqual(outcome, { outcome: "done" });
  deepStrictEqual(await stateOf(bot), ["complete", "meetingbaas", "Only one sentence."]);
  const paths = await stack.sql(
    "select provider, status from private.recording_transcriptions where recording_id = $1",
    [bot.id],
  );
  deepStrictEqual(paths, [{ provider: "meetingbaas", status: "complete" }]);
});

Deno.test("U60-110 a transcript that is not there yet is asked for later", async () => {
  const { GLADIA_API_KEY: _, ...without } = SETTINGS;
  const deps = await surroundings(without);
  const bot = await sendBot(stack, rep);
  await stack.sql("update public.recordings set transcript_status = 'pending' where id = $1", [
    bot.id,
  ]);
  const handle = createTranscribeHandler(createTranscriptionWorker(deps));
  await handle(serviceContext(deps), jobFor(bot));
  const [path] = await stack.sql(
    `select status, error, polls, next_poll_at > now() + interval '50 seconds' as is_later
     from private.recording_transcriptions where recording_id = $1`,
    [bot.id],
  );
  deepStrictEqual(path, {
    status: "waiting",
    error: "transcript_not_ready",
    polls: 1,
    is_later: true,
  });
  deepStrictEqual(await handle(serviceContext(deps), jobFor(bot)), { outcome: "done" }, "once");
});

Deno.test("U60-109 where the transcriber keeps nothing its post is all there is, and enough", async () => {
  await using receiver = startReceiver();
  const { origin } = new URL(receiver.url);
  const deps = await surroundings({
    ...SETTINGS,
    GLADIA_ZERO_RETENTION: "true",
    SIXTY_PUBLIC_FUNCTIONS_URL: origin,
  });
  const createDeps = createTranscriptionWorker(deps);
  await stack.controlProviders({ provider: "gladia", action: "configure", zero_retention: true });
  try {
    const bot = await endedMeeting();
    await createTranscribeHandler(createDeps)(serviceContext(deps), jobFor(bot));
    await eventually("it is posted", () => Promise.resolve(receiver.received.length === 1));
    const [path] = await stack.sql<{ id: string }>(
      "select id from private.recording_transcriptions where recording_id = $1",
      [bot.id],
    );
    await stack.sql(
      "update private.recording_transcriptions set next_poll_at = now() where recording_id = $1",
      [bot.id],
    );
    await pollTranscriptions(createDeps(serviceContext(deps)), 5_000);
    strictEqual((await stateOf(bot))[0], "processing", "asking brings nothing, and ends nothing");
    const event = {
      eventId: `${path?.id}:job`,
      payload: JSON.parse(receiver.received[0]?.body ?? "null"),
    };
    await createCallbackProcessor(createDeps)(serviceContext(deps), event);
    deepStrictEqual(await stateOf(bot), ["complete", "gladia", "Only one sentence."]);
  } finally {
    await stack.controlProviders({
      provider: "gladia",
      action: "configure",
      zero_retention: false,
    });
  }
});

Deno.test("U60-122 both ways' transcripts in any order and at once end as one, the transcriber's", async () => {
  const service = stack.service();
  const store = async (bot: RecordedBot, provider: string, text: string): Promise<unknown> => {
    const { data, error } = await service.rpc("store_recording_transcript", {
      p_org_id: bot.orgId,
      p_recording_id: bot.id,
      p_provider: provider,
      p_language: "en",
      p_segments: [{ seq: 0, speaker_name: null, start_ms: 0, end_ms: 900, text }],
    });
    if (error) throw new Error(error.message, { cause: error });
    return data;
  };
  for (let round = 0; round < 5; round++) {
    const bot = await endedMeeting();
    const calls = Array.from(
      { length: 16 },
      (_, n) =>
        (n + round) % 2 === 0
          ? store(bot, "gladia", "The transcriber heard this.")
          : store(bot, "meetingbaas", "The provider heard this."),
    );
    const outcomes = await Promise.all(calls);
    strictEqual(outcomes.filter((outcome) => outcome === "stored").length, 1);
    deepStrictEqual(await stateOf(bot), ["complete", "gladia", "The transcriber heard this."]);
  }
});

Deno.test("U60-139 a setting that is missing says so, before anything is asked for", async () => {
  const { MEETINGBAAS_API_KEY: _, ...without } = SETTINGS;
  const deps = await surroundings(without);
  let code: unknown;
  try {
    createTranscriptionWorker(deps)(serviceContext(deps));
  } catch (error) {
    code = error instanceof Error && "code" in error ? error.code : error;
  }
  strictEqual(code, "not_configured");
  ok(createTranscriptionWorker(await surroundings(SETTINGS))(serviceContext(deps)), "control");
});
