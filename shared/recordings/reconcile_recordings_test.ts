// What one run asks, applies and writes down, with a provider that answers what a test says.
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { serviceContext } from "../../tests/support/rpc_context.ts";
import type { BotEvent } from "./bot_event.ts";
import { type BotProvider, BotProviderError } from "./bot_provider.ts";
import { normalizeBotState } from "./normalize_bot_event.ts";
import { reconcileRecordings } from "./reconcile_recordings.ts";

const ORG = "00000000-0000-4000-8000-0000000000a1";
const RECORDING = "00000000-0000-4000-8000-0000000000b1";

interface Setting {
  readonly silent?: readonly object[];
  readonly getBot?: (id: string) => Promise<BotEvent | null>;
  readonly listBots?: BotProvider["listBots"];
  readonly expiring?: readonly object[];
  readonly isMoved?: boolean;
}

function silent(more: object = {}): object {
  return { org_id: ORG, recording_id: RECORDING, bot_id: "bot-1", status: "recording", ...more };
}

async function run(setting: Setting): Promise<{
  counts: Readonly<Record<string, number>>;
  calls: [string, Record<string, unknown>][];
}> {
  const calls: [string, Record<string, unknown>][] = [];
  let claims = 0;
  const ctx = serviceContext((name, args) => {
    calls.push([name, args]);
    switch (name) {
      case "claim_recordings_to_check":
        return claims++ === 0 ? setting.silent ?? [] : [];
      case "apply_bot_event":
        return { outcome: "applied" };
      case "note_recording_check":
        return setting.isMoved ?? false;
      default:
        return { counts: { transcript_restarted: 2 }, expiring: setting.expiring ?? [] };
    }
  });
  const never = () => Promise.reject(new Error("not asked for in this test"));
  const bots: BotProvider = {
    createBot: never,
    getTranscription: never,
    leaveBot: never,
    deleteData: never,
    getBot: setting.getBot ?? never,
    listBots: setting.listBots ?? never,
  };
  const counts = await reconcileRecordings({ ctx, bots, retentionDays: 3, budgetMs: 10_000 });
  return { counts, calls };
}

function argsOf(
  calls: [string, Record<string, unknown>][],
  name: string,
): Record<string, unknown>[] {
  return calls.filter(([called]) => called === name).map(([, args]) => args);
}

const completed = normalizeBotState(
  { bot_id: "bot-1", status: "completed", video: "https://b.test/v" },
  new Date("2026-11-22T10:00:00Z"),
);

Deno.test("what the provider answers goes the way of its webhooks", async () => {
  const { counts, calls } = await run({
    silent: [silent()],
    getBot: () => Promise.resolve(completed),
    isMoved: true,
  });
  const [applied] = argsOf(calls, "apply_bot_event");
  deepStrictEqual(applied, {
    p_event_id: null,
    p_event: { ...completed, bot_id: "bot-1", recording_id: RECORDING },
  });
  strictEqual(argsOf(calls, "note_recording_check")[0]?.["p_error"], null);
  deepStrictEqual(counts, {
    bots_checked: 1,
    bots_moved: 1,
    bots_not_reached: 0,
    transcript_restarted: 2,
    expiring: 0,
  });
});

Deno.test("bots are asked for before anything is given up", async () => {
  const { calls } = await run({ silent: [silent()], getBot: () => Promise.resolve(completed) });
  strictEqual(calls.at(-1)?.[0], "sweep_recordings");
  deepStrictEqual(calls.at(-1)?.[1], { p_retention_days: 3 });
});

Deno.test("a bot that is unknown there has failed for that reason", async () => {
  const { calls } = await run({ silent: [silent()], getBot: () => Promise.resolve(null) });
  const event = argsOf(calls, "apply_bot_event")[0]?.["p_event"] as BotEvent;
  deepStrictEqual(
    [event.kind, event.error_code, event.bot_id, event.is_confirmed],
    ["failed", "bot_not_found", "bot-1", true],
  );
});

Deno.test("a bot that we do not know is looked for by our own id, and may not be there", async () => {
  const found = await run({
    silent: [silent({ bot_id: null, status: "deploying" })],
    listBots: (id) => {
      strictEqual(id, RECORDING);
      return Promise.resolve([
        { botId: "bot-9", recordingId: id, status: "completed", createdAt: null },
      ]);
    },
    getBot: (id) => Promise.resolve({ ...completed, bot_id: id }),
  });
  const event = argsOf(found.calls, "apply_bot_event")[0]?.["p_event"] as BotEvent;
  deepStrictEqual([event.bot_id, event.recording_id], ["bot-9", RECORDING]);

  const none = await run({
    silent: [silent({ bot_id: null, status: "deploying" })],
    listBots: () => Promise.resolve([]),
  });
  deepStrictEqual(argsOf(none.calls, "apply_bot_event"), []);
  strictEqual(argsOf(none.calls, "note_recording_check").length, 1);
});

Deno.test("a provider that can't be reached is written down and ends nothing", async () => {
  const { counts, calls } = await run({
    silent: [silent(), silent({ recording_id: "00000000-0000-4000-8000-0000000000b2" })],
    getBot: () => Promise.reject(new BotProviderError("unavailable", 503)),
  });
  deepStrictEqual(argsOf(calls, "apply_bot_event"), []);
  deepStrictEqual(argsOf(calls, "note_recording_check").map(({ p_error }) => p_error), [
    "unavailable",
    "unavailable",
  ]);
  strictEqual(counts["bots_not_reached"], 2);
  strictEqual(calls.at(-1)?.[0], "sweep_recordings");
});

Deno.test("a defect is not taken for a provider that is away", async () => {
  await rejects(
    run({ silent: [silent()], getBot: () => Promise.reject(new TypeError("a defect")) }),
    TypeError,
  );
});

Deno.test("R-11 what the provider is about to throw away is said aloud", async () => {
  const warned: string[] = [];
  const ctx = serviceContext(() => ({
    counts: {},
    expiring: [{ org_id: ORG, recording_id: RECORDING }],
  }));
  const log = { ...ctx.log, warn: (event: string) => warned.push(event) };
  const counts = await reconcileRecordings({
    ctx: { ...ctx, log },
    bots: null,
    retentionDays: 3,
    budgetMs: 10_000,
  });
  deepStrictEqual([counts, warned], [{ expiring: 1 }, ["provider_data_expires"]]);
  ok(!("bots_checked" in counts), "without a provider nobody is asked");
});
