// Unit tests of the job's decisions: model or rules, now or later, done or failed. What it stores is
// shown against the real database in tests/providers/analyze_recording_test.ts.
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { z } from "zod";
import type { ModelOutcome, ModelProvider } from "../../model/model_provider.ts";
import type { ClaimedJob, JobOutcome } from "../../platform/jobs.ts";
import { serviceContext } from "../../../tests/support/rpc_context.ts";
import { createAnalyzeRecording } from "./analyze_recording.ts";

const RECORDING = "00000000-0000-4000-8000-00000000000a";
const FACTS = {
  usage: { promptTokens: 1, cachedTokens: 0, answerTokens: 1, thoughtTokens: 0 },
  modelVersion: "m-1",
};
const SOURCE = {
  meeting_id: crypto.randomUUID(),
  started_at: "2026-11-25T15:00:00+00:00",
  time_zone: "UTC",
  language: "en",
  transcript_hash: "a".repeat(64),
  has_model_analysis: false,
  attendees: [],
  segments: [{
    seq: 1,
    speaker_name: "Ann",
    speaker_email: null,
    text: "I'll send the pricing proposal by Friday.",
  }],
};
const ANSWER = {
  summary: [{ text: "Ann sends the pricing proposal.", segments: [1] }],
  sentiment: null,
  action_items: [],
  next_steps: [],
  objections: [],
  competitors: [],
};
const answered = (value: unknown): ModelOutcome => ({
  outcome: "answered",
  turn: { role: "model", parts: [{ text: "" }] },
  text: typeof value === "string" ? value : JSON.stringify(value),
  calls: [],
  ...FACTS,
});
const UNAVAILABLE: ModelOutcome = {
  outcome: "unavailable",
  status: 503,
  isPartial: false,
  facts: null,
};

interface Run {
  readonly outcome: JobOutcome;
  readonly stored: { is_rule_based: boolean; model: string | null }[];
  readonly failed: string[];
  readonly asked: number;
}

interface Setting {
  readonly outcomes?: readonly ModelOutcome[] | null;
  readonly source?: unknown;
  readonly attempt?: number;
  readonly budget?: number;
  readonly storeAnswer?: unknown;
  readonly payload?: unknown;
}

async function run(setting: Setting): Promise<Run> {
  const { outcomes = null, attempt = 1 } = setting;
  const stored: Run["stored"] = [];
  const failed: string[] = [];
  let asked = 0;
  const model: ModelProvider = {
    model: "m",
    generate: () => Promise.resolve(outcomes?.[asked++] ?? UNAVAILABLE),
    stream: () => {
      throw new Error("not asked for");
    },
  };
  const ctx = serviceContext((name, args) => {
    switch (name) {
      case "read_analysis_source":
        return "source" in setting ? setting.source : SOURCE;
      case "model_budget_left":
        return setting.budget ?? 1;
      case "record_model_usage":
        return 0.1;
      case "fail_meeting_analysis":
        failed.push(z.string().parse(args["p_code"]));
        return true;
      case "store_meeting_analysis":
        stored.push(
          z.object({ is_rule_based: z.boolean(), model: z.string().nullable() })
            .parse(args["p_analysis"]),
        );
        return setting.storeAnswer ?? "stored";
      default:
        throw new Error(name);
    }
  });
  const job: ClaimedJob = {
    id: crypto.randomUUID(),
    kind: "recording.analyze",
    orgId: crypto.randomUUID(),
    payload: setting.payload ?? { recording_id: RECORDING },
    actingUserId: null,
    attempt,
    maxAttempts: 5,
    requestId: null,
    worker: "w",
  };
  const analyze = createAnalyzeRecording({
    openModel: () => outcomes === null ? null : model,
    wait: () => Promise.resolve(),
    random: () => 0,
  });
  return { outcome: await analyze(ctx, job), stored, failed, asked };
}

Deno.test("U60-110 without a key rules analyze, and nobody is asked", async () => {
  const { outcome, stored, asked } = await run({});
  deepStrictEqual([outcome.outcome, stored, asked], [
    "done",
    [{ is_rule_based: true, model: null }],
    0,
  ]);
});

Deno.test("U60-110 a model's answer is stored under its own name", async () => {
  const { outcome, stored, asked } = await run({ outcomes: [answered(ANSWER)] });
  deepStrictEqual([outcome.outcome, stored, asked], [
    "done",
    [{ is_rule_based: false, model: "m-1" }],
    1,
  ]);
});

Deno.test("U60-110 rules answer when the model fails for good", async () => {
  const cases: [string, readonly ModelOutcome[], number][] = [
    ["no JSON, twice", [answered("hello"), answered("```json")], 2],
    ["another form", [answered({ ...ANSWER, summary: "text" }), answered([])], 2],
    ["a call of what was not offered", [
      { ...answered(ANSWER), calls: [{ id: null, name: "send_email", args: {} }] } as ModelOutcome,
      { ...answered(ANSWER), calls: [{ id: null, name: "send_email", args: {} }] } as ModelOutcome,
    ], 2],
    ["blocked", [{ outcome: "blocked", stage: "prompt", reason: "SAFETY", ...FACTS }], 1],
    ["rejected", [{ outcome: "rejected", status: 400, reason: "bad_request" }], 1],
    ["cut off, twice", [
      { outcome: "truncated", turn: { role: "model", parts: [] }, text: "", ...FACTS },
      { outcome: "truncated", turn: { role: "model", parts: [] }, text: "{", ...FACTS },
    ], 2],
    ["empty, twice", Array(2).fill({ outcome: "empty", ...FACTS }), 2],
  ];
  for (const [name, outcomes, asked] of cases) {
    const result = await run({ outcomes });
    deepStrictEqual(
      [result.outcome.outcome, result.stored.map((each) => each.is_rule_based), result.asked],
      ["done", [true], asked],
      name,
    );
  }
  const poor = await run({ outcomes: [answered(ANSWER)], budget: 0 });
  deepStrictEqual([poor.outcome.outcome, poor.stored[0]?.is_rule_based, poor.asked], [
    "done",
    true,
    0,
  ]);
  const mended = await run({ outcomes: [answered("hello"), answered(ANSWER)] });
  strictEqual(mended.stored[0]?.is_rule_based, false, "control: a second answer in form counts");
});

Deno.test("U60-110 a model that is away for a while is waited for, until the last attempt", async () => {
  const away = await run({ outcomes: [] });
  deepStrictEqual([away.outcome, away.stored], [
    { outcome: "retry", at: null, code: "model_unavailable" },
    [],
  ]);
  const last = await run({ outcomes: [], attempt: 5 });
  deepStrictEqual([last.outcome.outcome, last.stored[0]?.is_rule_based], ["done", true]);
  const limited: ModelOutcome = { outcome: "rate_limited", retryAfterMs: 50_000, until: null };
  const told = await run({ outcomes: [limited] });
  ok(told.outcome.outcome === "retry" && told.outcome.at !== null && told.outcome.at > new Date());
  strictEqual(told.stored.length, 0);
});

Deno.test("U60-110 a quota of the day is not waited for: rules answer, and the model later", async () => {
  const until = new Date(Date.now() + 8 * 3_600_000);
  const spent: ModelOutcome = { outcome: "rate_limited", retryAfterMs: 1_000, until };
  const first = await run({ outcomes: [spent] });
  deepStrictEqual(first.outcome, { outcome: "retry", at: until, code: "model_quota_spent" });
  strictEqual(first.stored[0]?.is_rule_based, true);
  strictEqual(first.asked, 1);
  const last = await run({ outcomes: [spent], attempt: 5 });
  deepStrictEqual([last.outcome.outcome, last.stored.length], ["done", 1]);
});

Deno.test("U60-110 nothing is asked about what is gone, empty or done", async () => {
  for (const source of [null, { ...SOURCE, has_model_analysis: true }]) {
    const { outcome, stored, asked } = await run({ source, outcomes: [answered(ANSWER)] });
    deepStrictEqual([outcome.outcome, stored.length, asked], ["done", 0, 0]);
  }
  const silent = await run({ source: { ...SOURCE, segments: [] }, outcomes: [answered(ANSWER)] });
  deepStrictEqual([silent.outcome.outcome, silent.stored.length, silent.asked], ["done", 1, 0]);
  for (const storeAnswer of ["stale", "gone", "unchanged"]) {
    strictEqual((await run({ storeAnswer })).outcome.outcome, "done", storeAnswer);
  }
  deepStrictEqual((await run({ payload: { recording_id: "x" } })).outcome, {
    outcome: "failed",
    code: "payload_malformed",
  });
});

Deno.test("U60-110 a failure is a retry, and at the last attempt the recording's own", async () => {
  const broken = { source: { ...SOURCE, segments: "?" } };
  await rejects(run(broken));
  const last = await run({ ...broken, attempt: 5 });
  deepStrictEqual([last.outcome, last.failed], [
    { outcome: "failed", code: "internal_error" },
    ["internal_error"],
  ]);
});
