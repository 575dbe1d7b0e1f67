// The worker that transcribes dies at each of its steps: before each call, and after it with the answer
// lost. Whatever it was in the middle of, the transcript ends up stored once, out of one job, and the
// transcriber keeps nothing.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { z } from "zod";
import { KillableNetwork } from "../support/killable_network.ts";
import { type RecordedBot, recordUnnoticed } from "../support/recorded_bot.ts";
import { createRivals } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";
import {
  createTestWorker,
  type TestWorker,
  workerSettings,
} from "../support/transcription_worker.ts";

const stack = await testStack();
const { rep } = await createRivals(stack);
const SETTINGS = workerSettings(stack);
const LINES = [{ speaker: "Ann Lee", text: "Not a word of this may be lost." }];
const ROUNDS_MAX = 8;

interface End extends Record<string, unknown> {
  readonly status: string | null;
  readonly provider: string | null;
  readonly text: string | null;
  readonly transcripts: number;
  readonly stored: number;
  readonly kept: boolean | null;
}

async function endOf({ id }: RecordedBot): Promise<End | undefined> {
  const [row] = await stack.sql<End>(
    `select r.transcript_status as status, r.transcript_provider as provider,
       (select string_agg(s.text, ' / ') from public.transcript_segments s where s.meeting_id = r.meeting_id) as text,
       (select count(*)::int from public.transcripts t where t.meeting_id = r.meeting_id) as transcripts,
       (select count(*)::int from public.recording_events e where e.recording_id = r.id and e.kind = 'transcript' and e.code = 'stored') as stored,
       (select is_job_kept from private.recording_transcriptions t where t.recording_id = r.id and t.provider = 'gladia') as kept
     from public.recordings r where r.id = $1`,
    [id],
  );
  return row;
}

/** As time passes: leases of the dead run out, and what is due later is due now. */
async function skipWait({ id }: RecordedBot): Promise<void> {
  await stack.controlProviders({ provider: "gladia", action: "settle" });
  await stack.sql(
    `update private.recording_transcriptions set next_poll_at = now(), locked_until = now()
     where recording_id = $1 and next_poll_at is not null`,
    [id],
  );
}

async function finish(worker: TestWorker, bot: RecordedBot): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const end = await endOf(bot);
    if (end?.status === "complete" && end.kept === false) return;
    await skipWait(bot);
    await worker.transcribe(bot);
    await worker.poll();
  }
}

async function jobsOf({ id }: RecordedBot): Promise<number> {
  const [path] = await stack.sql<{ id: string }>(
    "select id from private.recording_transcriptions where recording_id = $1 and provider = 'gladia'",
    [id],
  );
  const response = await fetch(`${stack.description.providersUrl}/_control/state`);
  const state = z.object({
    gladia: z.object({ jobs_per_reference: z.record(z.string(), z.number()) }),
  }).parse(await response.json());
  return state.gladia.jobs_per_reference[path?.id ?? ""] ?? 0;
}

/** Lives through a whole transcription, or until it dies; gives the steps that it took. */
async function live(bot: RecordedBot, killAt: number): Promise<number> {
  const network = new KillableNetwork();
  network.killAt(killAt);
  const worker = await createTestWorker(stack, SETTINGS, network.fetch);
  const work = async (): Promise<void> => {
    await worker.transcribe(bot);
    await skipWait(bot);
    await worker.poll();
  };
  await Promise.race([work(), network.death]);
  return network.steps;
}

Deno.test("U60-122 a worker may die at any step: one transcript, one job, nothing kept elsewhere", async () => {
  // No callback comes to the rescue
  const never = (): Promise<unknown> =>
    stack.controlProviders({ provider: "gladia", action: "plan", delivery: "never" });
  await never();
  const ideal = await recordUnnoticed(stack, rep, LINES);
  const steps = await live(ideal, Infinity);
  const healthy = await createTestWorker(stack, SETTINGS);
  await finish(healthy, ideal);
  const expected = await endOf(ideal);
  deepStrictEqual(expected, {
    status: "complete",
    provider: "gladia",
    text: "Not a word of this may be lost.",
    transcripts: 1,
    stored: 1,
    kept: false,
  });
  ok(steps >= 20, `${steps} steps`);
  for (let killAt = 1; killAt <= steps; killAt++) {
    await never();
    const bot = await recordUnnoticed(stack, rep, LINES);
    strictEqual(await live(bot, killAt), killAt);
    await finish(healthy, bot);
    deepStrictEqual(await endOf(bot), expected, `killed at step ${killAt}`);
    strictEqual(await jobsOf(bot), 1, `killed at step ${killAt}`);
  }
  console.log(`${steps} steps, each died at once`);
});
