// Unit tests of asking again: when, how often, and what it is never done for.
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { Logger } from "../platform/request_context.ts";
import { callModel, type ModelCallDeps, retryDelay } from "./call_model.ts";
import type { CountedCall } from "./model_ledger.ts";
import type { ModelOutcome, ModelRequest } from "./model_provider.ts";
import { userTurn } from "./model_turn.ts";

const FACTS = {
  usage: { promptTokens: 10, cachedTokens: 0, answerTokens: 2, thoughtTokens: 1 },
  modelVersion: "m-1",
};
const ANSWERED: ModelOutcome = {
  outcome: "answered",
  turn: { role: "model", parts: [{ text: "yes" }] },
  text: "yes",
  calls: [],
  ...FACTS,
};
const UNAVAILABLE: ModelOutcome = {
  outcome: "unavailable",
  status: 503,
  isPartial: false,
  facts: null,
};
const limited = (retryAfterMs: number | null, until: Date | null = null): ModelOutcome => ({
  outcome: "rate_limited",
  retryAfterMs,
  until,
});
const REQUEST: ModelRequest = {
  system: "s",
  tools: [],
  turns: [userTurn("u")],
  answerSchema: null,
  thinking: "low",
  maxOutputTokens: 10,
};
const silent: Logger = { info: () => {}, warn: () => {}, error: () => {} };

interface Rig {
  readonly deps: ModelCallDeps;
  readonly waited: number[];
  readonly recorded: CountedCall[];
  asked: number;
}

function rig(outcomes: readonly ModelOutcome[], budget: readonly boolean[] = []): Rig {
  let now = 0;
  const result: Rig = {
    asked: 0,
    waited: [],
    recorded: [],
    deps: {
      provider: {
        model: "m",
        generate: () => Promise.resolve(outcomes[result.asked++] ?? ANSWERED),
        stream: () => {
          throw new Error("not asked for");
        },
      },
      ledger: {
        hasBudget: () => Promise.resolve(budget[result.asked] ?? true),
        record: (call) => {
          result.recorded.push(call);
          return Promise.resolve();
        },
      },
      clock: { now: () => new Date(now) },
      log: silent,
      wait: (ms) => {
        result.waited.push(ms);
        now += ms;
        return Promise.resolve();
      },
      random: () => 1,
    },
  };
  return result;
}

const limits = (deadlineMs = 60_000, maxAttempts = 4, signal = new AbortController().signal) => ({
  purpose: "meeting_analysis" as const,
  signal,
  deadline: new Date(deadlineMs),
  maxAttempts,
});

Deno.test("callModel() waits as long as the provider says, and longer each time it says nothing", async () => {
  const told = rig([limited(22_000), limited(null), UNAVAILABLE]);
  strictEqual((await callModel(told.deps, REQUEST, limits())).outcome, "answered");
  deepStrictEqual(told.waited, [22_000, 2_000, 4_000]);
});

Deno.test("callModel() gives up at its last try, its deadline and its signal", async () => {
  const tries = rig(Array(9).fill(UNAVAILABLE));
  strictEqual((await callModel(tries.deps, REQUEST, limits())).outcome, "unavailable");
  strictEqual(tries.asked, 4);
  const late = rig([limited(59_000)]);
  deepStrictEqual(await callModel(late.deps, REQUEST, limits()), limited(59_000));
  deepStrictEqual([late.asked, late.waited], [1, []], "it does not wait beyond the deadline");
  const gone = rig([UNAVAILABLE]);
  await callModel(gone.deps, REQUEST, limits(60_000, 4, AbortSignal.abort()));
  strictEqual(gone.asked, 1);
});

Deno.test("callModel() does not ask again where that cannot help", async () => {
  const outcomes: ModelOutcome[] = [
    limited(1_000, new Date(86_400_000)),
    { outcome: "blocked", stage: "prompt", reason: "SAFETY", ...FACTS },
    { outcome: "truncated", turn: { role: "model", parts: [] }, text: "", ...FACTS },
    { outcome: "rejected", status: 400, reason: "bad_request" },
  ];
  for (const outcome of outcomes) {
    const one = rig([outcome]);
    deepStrictEqual(await callModel(one.deps, REQUEST, limits()), outcome);
    deepStrictEqual([one.asked, one.waited], [1, []], outcome.outcome);
  }
  const malformed = rig(Array(3).fill({ outcome: "malformed", reason: "x", ...FACTS }));
  strictEqual((await callModel(malformed.deps, REQUEST, limits())).outcome, "malformed");
  strictEqual(malformed.asked, 2, "a malformed answer is drawn once more");
});

Deno.test("callModel() writes down every counted request, and stops when the money is spent", async () => {
  const spent = rig([{ outcome: "empty", ...FACTS }, UNAVAILABLE], [true, true, false]);
  strictEqual((await callModel(spent.deps, REQUEST, limits())).outcome, "over_budget");
  deepStrictEqual(spent.recorded, [{
    purpose: "meeting_analysis",
    model: "m",
    outcome: "empty",
    ...FACTS,
  }]);
  const none = rig([], [false]);
  strictEqual((await callModel(none.deps, REQUEST, limits())).outcome, "over_budget");
  strictEqual(none.asked, 0, "nothing is asked without a budget");
});

Deno.test("callModel() keeps an answer whose price could not be written, and asks nothing without knowing the budget", async () => {
  const unwritten = rig([]);
  const lost = { ...unwritten.deps.ledger, record: () => Promise.reject(new Error("gone")) };
  const answer = await callModel({ ...unwritten.deps, ledger: lost }, REQUEST, limits());
  strictEqual(answer.outcome, "answered");
  const blind = { ...unwritten.deps.ledger, hasBudget: () => Promise.reject(new Error("gone")) };
  await rejects(callModel({ ...unwritten.deps, ledger: blind }, REQUEST, limits()), /gone/);
  strictEqual(unwritten.asked, 1);
});

Deno.test("retryDelay() is never shorter than the provider asked, nor longer than half a minute by itself", () => {
  fc.assert(
    fc.property(
      fc.option(fc.integer({ min: 0, max: 3_600_000 })),
      fc.integer({ min: 1, max: 40 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (retryAfterMs, attempt, random) => {
        const delay = retryDelay(limited(retryAfterMs), attempt, random) ?? -1;
        ok(delay >= (retryAfterMs ?? 0));
        ok(delay <= Math.max(retryAfterMs ?? 0, 30_000));
        ok(delay >= 500);
      },
    ),
  );
});
