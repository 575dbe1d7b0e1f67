// Unit tests of what no database can forbid: a worker that sleeps after it was told to send.
import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { systemClock } from "../platform/clock.ts";
import type { ClaimedJob, JobOutcome } from "../platform/jobs.ts";
import type { ServiceContext } from "../platform/request_context.ts";
import type { BotProvider } from "./bot_provider.ts";
import { createDeployHandler, type DeployDeps } from "./deploy_recording_bot.ts";

const JOB: ClaimedJob = {
  id: crypto.randomUUID(),
  kind: "recording.deploy",
  orgId: crypto.randomUUID(),
  payload: { recording_id: crypto.randomUUID() },
  actingUserId: null,
  attempt: 1,
  maxAttempts: 10,
  requestId: null,
  worker: "sleeper",
};
const SEND = {
  step: "send",
  meeting_url: "https://meet.google.com/abc-defg-hij",
  give_up_at: "2026-11-22T12:00:00Z",
  planned_minutes: 30,
  unclear_since: null,
};
const ANSWERS: Readonly<Record<string, unknown>> = {
  list_deploy_calendars: [],
  begin_bot_deployment: SEND,
  finish_bot_deployment: "sent",
};

/** Sleeps for so long right after it was told to send; counts the bots. */
async function deployAsleep(sleptMs: number): Promise<{ outcome: JobOutcome; sent: number }> {
  let slept = 0;
  let sent = 0;
  const elapsedMs = performance.now.bind(performance);
  Object.defineProperty(performance, "now", {
    configurable: true,
    value: () => elapsedMs() + slept,
  });
  const ctx = {
    db: {
      rpc: (name: string) => {
        const answer = Promise.resolve({ data: ANSWERS[name], error: null });
        // The answer is taken first, and then it sleeps
        if (name === "begin_bot_deployment") void answer.then(() => {}).then(() => slept = sleptMs);
        return answer;
      },
    },
    clock: systemClock,
  } as Partial<Record<keyof ServiceContext, unknown>> as ServiceContext;
  const bots = {
    createBot: () => Promise.resolve(`bot-${++sent}`),
  } as Partial<BotProvider> as BotProvider;
  try {
    const handle = createDeployHandler({
      openBots: () => bots,
      refreshCalendars: () => Promise.resolve(),
      providerTranscribes: "always",
    });
    return { outcome: await handle(ctx, JOB), sent };
  } finally {
    Reflect.deleteProperty(performance, "now");
    if (sleptMs > 20_000) strictEqual(sent, 0, "no bot");
  }
}

Deno.test("U60-105 a worker that slept past its right to send sends no second bot", async () => {
  await rejects(deployAsleep(20_100), /right to send this bot is over/);
  await rejects(deployAsleep(700_000), /right to send this bot is over/);
});

Deno.test("control: one that was only slow sends", async () => {
  deepStrictEqual(await deployAsleep(19_000), { outcome: { outcome: "done" }, sent: 1 });
});

/** Whether the provider is asked to transcribe a meeting that is planned for so long. */
async function isTranscribed(
  providerTranscribes: DeployDeps["providerTranscribes"],
  planned_minutes: number | null,
): Promise<boolean | undefined> {
  const sent: boolean[] = [];
  const answers = { ...ANSWERS, begin_bot_deployment: { ...SEND, planned_minutes } };
  const ctx = {
    db: {
      rpc: (name: keyof typeof answers) => Promise.resolve({ data: answers[name], error: null }),
    },
    clock: systemClock,
  } as Partial<Record<keyof ServiceContext, unknown>> as ServiceContext;
  const bots = {
    createBot: ({ isTranscribed }) => {
      sent.push(isTranscribed);
      return Promise.resolve("bot");
    },
  } as Partial<BotProvider> as BotProvider;
  await createDeployHandler({
    openBots: () => bots,
    refreshCalendars: () => Promise.resolve(),
    providerTranscribes,
  })(ctx, JOB);
  return sent[0];
}

Deno.test("U60-122 the provider transcribes what may be too long for us, and all else where nothing is spared", async () => {
  for (const minutes of [null, 30, 120, 121]) {
    strictEqual(await isTranscribed("always", minutes), true, `always, ${minutes}`);
  }
  deepStrictEqual(
    [
      await isTranscribed("long_meetings", 30),
      await isTranscribed("long_meetings", 120),
      await isTranscribed("long_meetings", 121),
      await isTranscribed("long_meetings", null),
    ],
    [false, false, true, true],
    "nobody knows how long a meeting without a planned end will be",
  );
});
