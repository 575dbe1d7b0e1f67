// How settings decide which way a transcript is taken: the same code as in the functions, with settings
// of the test's own, on the stack's database and simulators.
import { deepStrictEqual, doesNotThrow, strictEqual, throws } from "node:assert/strict";
import { startReceiver } from "../providers/start_providers.ts";
import { type RecordedBot, recordUnnoticed, sendBot } from "../support/recorded_bot.ts";
import { createRivals, eventually } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";
import { createTestWorker, workerSettings } from "../support/transcription_worker.ts";

const stack = await testStack();
const { rep } = await createRivals(stack);
const SETTINGS = workerSettings(stack);

/** A recording of an ended meeting that the stack's own worker knows nothing of. */
function endedMeeting(): Promise<RecordedBot> {
  return recordUnnoticed(stack, rep, [{ speaker: "Ann Lee", text: "Only one sentence." }]);
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
  const worker = await createTestWorker(stack, without);
  const bot = await endedMeeting();
  deepStrictEqual(await worker.transcribe(bot), { outcome: "done" });
  deepStrictEqual(await stateOf(bot), ["complete", "meetingbaas", "Only one sentence."]);
  const paths = await stack.sql(
    "select provider, status from private.recording_transcriptions where recording_id = $1",
    [bot.id],
  );
  deepStrictEqual(paths, [{ provider: "meetingbaas", status: "complete" }]);
});

Deno.test("U60-110 a transcript that is not there yet is asked for later", async () => {
  const { GLADIA_API_KEY: _, ...without } = SETTINGS;
  const worker = await createTestWorker(stack, without);
  const bot = await sendBot(stack, rep);
  await stack.sql("update public.recordings set transcript_status = 'pending' where id = $1", [
    bot.id,
  ]);
  await worker.transcribe(bot);
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
  deepStrictEqual(await worker.transcribe(bot), { outcome: "done" }, "once");
});

Deno.test("U60-109 where the transcriber keeps nothing its post is all there is, and enough", async () => {
  await using receiver = startReceiver();
  const { origin } = new URL(receiver.url);
  const worker = await createTestWorker(stack, {
    ...SETTINGS,
    GLADIA_ZERO_RETENTION: "true",
    SIXTY_PUBLIC_FUNCTIONS_URL: origin,
  });
  await stack.controlProviders({ provider: "gladia", action: "configure", zero_retention: true });
  try {
    const bot = await endedMeeting();
    await worker.transcribe(bot);
    await eventually("it is posted", () => Promise.resolve(receiver.received.length === 1));
    const [path] = await stack.sql<{ id: string }>(
      "select id from private.recording_transcriptions where recording_id = $1",
      [bot.id],
    );
    await stack.sql(
      "update private.recording_transcriptions set next_poll_at = now() where recording_id = $1",
      [bot.id],
    );
    await worker.poll();
    strictEqual((await stateOf(bot))[0], "processing", "asking brings nothing, and ends nothing");
    const event = {
      eventId: `${path?.id}:job`,
      payload: JSON.parse(receiver.received[0]?.body ?? "null"),
    };
    await worker.applyCallback(event);
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
  const [broken, whole] = [
    await createTestWorker(stack, without),
    await createTestWorker(stack, SETTINGS),
  ];
  throws(() => broken.open(), { code: "not_configured" });
  doesNotThrow(() => whole.open(), "control");
});
