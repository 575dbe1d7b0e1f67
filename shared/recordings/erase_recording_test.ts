// The order in which a recording is erased, and what is waited for.
import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { serviceContext } from "../../tests/support/rpc_context.ts";
import type { ClaimedJob, JobOutcome } from "../platform/jobs.ts";
import { type BotProvider, BotProviderError } from "./bot_provider.ts";
import { createEraseHandler } from "./erase_recording.ts";
import { type ObjectStorage, ObjectStorageError } from "./object_storage.ts";

const ORG = "00000000-0000-4000-8000-0000000000a1";
const RECORDING = "00000000-0000-4000-8000-0000000000b1";
const PREFIX = `meeting-recordings/${ORG}/00000000-0000-4000-8000-0000000000c1/${RECORDING}/`;

const job: ClaimedJob = {
  id: "00000000-0000-4000-8000-0000000000d1",
  kind: "recording.erase",
  orgId: ORG,
  payload: { recording_id: RECORDING },
  actingUserId: null,
  attempt: 1,
  maxAttempts: 20,
  requestId: null,
  worker: "test",
};

interface Setting {
  readonly erasure?: object | null;
  readonly listed?: readonly string[];
  readonly leave?: (id: string) => "leaving" | "over" | "unknown";
  readonly storageFails?: boolean;
  readonly botsFail?: boolean;
}

async function erase(setting: Setting): Promise<{ outcome: JobOutcome; steps: string[] }> {
  const steps: string[] = [];
  const erasure = {
    prefix: PREFIX,
    bot_id: "bot-1",
    was_deployed: true,
    deleted_at: new Date().toISOString(),
    leased_until: null,
  };
  const ctx = serviceContext((name, args) => {
    if (name === "read_erasure") {
      return setting.erasure === null ? null : { ...erasure, ...setting.erasure };
    }
    steps.push(`${name} ${args["p_objects"]}`);
    return true;
  });
  const never = () => Promise.reject(new Error("not asked for in this test"));
  const storage = {
    deletePrefix: (prefix: string) => {
      steps.push(`objects ${prefix === PREFIX}`);
      return setting.storageFails
        ? Promise.reject(new ObjectStorageError("unavailable"))
        : Promise.resolve(2);
    },
  } as unknown as ObjectStorage;
  const bots: BotProvider = {
    createBot: never,
    getBot: never,
    getTranscription: never,
    listBots: (id) =>
      setting.botsFail
        ? Promise.reject(new BotProviderError("unavailable", 503))
        : Promise.resolve((setting.listed ?? []).map((botId) => ({
          botId,
          recordingId: id,
          status: "completed",
          createdAt: null,
        }))),
    leaveBot: (id) => {
      steps.push(`leave ${id}`);
      return Promise.resolve(setting.leave?.(id) ?? "over");
    },
    deleteData: (id) => {
      steps.push(`forget ${id}`);
      return Promise.resolve();
    },
  };
  const handle = createEraseHandler({ storage, openBots: () => bots });
  return { outcome: await handle(ctx, job), steps };
}

Deno.test("objects first, then the bot, then the provider's copies; then it is written down", async () => {
  const { outcome, steps } = await erase({ listed: ["bot-1", "bot-2"] });
  deepStrictEqual(outcome, { outcome: "done" });
  deepStrictEqual(steps, [
    "objects true",
    "leave bot-1",
    "forget bot-1",
    "leave bot-2",
    "forget bot-2",
    "finish_erasure 2",
  ]);
});

Deno.test("a store that is down keeps no bot in its meeting", async () => {
  const { outcome, steps } = await erase({ storageFails: true, leave: () => "leaving" });
  strictEqual(outcome.outcome, "retry");
  deepStrictEqual(steps, ["objects true", "leave bot-1"]);
});

Deno.test("what nobody deleted is not erased", async () => {
  deepStrictEqual(await erase({ erasure: null }), { outcome: { outcome: "done" }, steps: [] });
});

Deno.test("where no bot was sent no provider is needed", async () => {
  const { steps } = await erase({
    erasure: { bot_id: null, was_deployed: false },
    botsFail: true,
  });
  deepStrictEqual(steps, ["objects true", "finish_erasure 2"]);
});

Deno.test("a bot that leaves is waited for, half a day at most", async () => {
  const waiting = await erase({ leave: () => "leaving" });
  strictEqual(waiting.outcome.outcome, "postponed");
  deepStrictEqual(waiting.steps, ["objects true", "leave bot-1"]);
  const long = new Date(Date.now() - 13 * 3_600_000).toISOString();
  const { outcome } = await erase({ leave: () => "leaving", erasure: { deleted_at: long } });
  deepStrictEqual(outcome, { outcome: "failed", code: "bot_still_there" });
  deepStrictEqual((await erase({ leave: () => "unknown" })).steps, [
    "objects true",
    "leave bot-1",
    "finish_erasure 2",
  ]);
});

Deno.test("a worker that still uploads is waited for, and its last part goes with the next pass", async () => {
  const until = new Date(Date.now() + 60_000);
  const { outcome, steps } = await erase({ erasure: { leased_until: until.toISOString() } });
  deepStrictEqual(outcome, {
    outcome: "postponed",
    at: new Date(until.getTime() + 5_000),
    code: "upload_running",
  });
  strictEqual(steps.at(-1), "forget bot-1");
});

Deno.test("a store or a provider that is away is tried again later", async () => {
  deepStrictEqual((await erase({ storageFails: true })).outcome, {
    outcome: "retry",
    at: null,
    code: "storage_unavailable",
  });
  deepStrictEqual((await erase({ botsFail: true })).outcome, {
    outcome: "retry",
    at: null,
    code: "unavailable",
  });
});

Deno.test("a prefix that is not one recording's is never deleted", async () => {
  for (
    const prefix of [
      "",
      "/",
      "meeting-recordings/",
      `meeting-recordings/${ORG}/`,
      PREFIX.slice(0, -1),
      `${PREFIX}../`,
      PREFIX.replace("meeting-recordings", "other"),
    ]
  ) {
    await rejects(erase({ erasure: { prefix } }), { name: /ZodError/ }, prefix);
  }
});
