// Unit tests of asking a model word by word: what is asked again, and what is never taken back.
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { ModelEvent, ModelOutcome, ModelRequest } from "./model_provider.ts";
import { userTurn } from "./model_turn.ts";
import { beginStream, type ModelStreamDeps, streamModel } from "./stream_model.ts";

const FACTS = {
  usage: { promptTokens: 1, cachedTokens: 0, answerTokens: 1, thoughtTokens: 0 },
  modelVersion: "m-1",
};
const ANSWERED: ModelOutcome = {
  outcome: "answered",
  turn: { role: "model", parts: [{ text: "yes" }] },
  text: "yes",
  calls: [],
  ...FACTS,
};
const GONE: ModelOutcome = { outcome: "unavailable", status: 503, isPartial: false, facts: null };
const REQUEST: ModelRequest = {
  system: "s",
  tools: [],
  turns: [userTurn("u")],
  answerSchema: null,
  thinking: "low",
  maxOutputTokens: 10,
};

interface Attempt {
  readonly words: readonly string[];
  readonly outcome: ModelOutcome;
}

function rig(attempts: readonly Attempt[], budget = true) {
  const waited: number[] = [];
  const recorded: string[] = [];
  const heard: string[] = [];
  let asked = 0;
  async function* stream(): AsyncGenerator<ModelEvent> {
    const { words, outcome } = attempts[asked++] ?? { words: [], outcome: ANSWERED };
    for (const text of words) yield { kind: "parts", parts: [{ text }], text };
    yield await Promise.resolve({ kind: "outcome", outcome });
  }
  const deps: ModelStreamDeps = {
    provider: { model: "m", generate: () => Promise.reject(new Error("no")), stream },
    clock: { now: () => new Date(0) },
    hasBudget: () => budget,
    record: ({ outcome }) => void recorded.push(outcome),
    wait: (ms) => {
      waited.push(ms);
      return Promise.resolve();
    },
    random: () => 1,
  };
  const limits = {
    signal: new AbortController().signal,
    deadline: new Date(60_000),
    maxAttempts: 3,
    maxDelayMs: 8_000,
    onText: (text: string) => void heard.push(text),
  };
  return { deps, limits, waited, recorded, heard, asked: () => asked };
}

Deno.test("streamModel() asks again while nobody has heard a word, and never afterwards", async () => {
  const silent = rig([{ words: [], outcome: GONE }, { words: ["yes"], outcome: ANSWERED }]);
  strictEqual((await streamModel(silent.deps, REQUEST, silent.limits)).outcome, "answered");
  deepStrictEqual([silent.waited, silent.recorded], [[1_000], ["unavailable", "answered"]]);
  const heard = rig([{ words: ["ye"], outcome: { ...GONE, isPartial: true } }]);
  strictEqual((await streamModel(heard.deps, REQUEST, heard.limits)).outcome, "unavailable");
  deepStrictEqual([heard.heard, heard.asked()], [["ye"], 1]);
});

Deno.test("streamModel() waits for no longer than a person would, and stops at its last try", async () => {
  const long = rig([{
    words: [],
    outcome: { outcome: "rate_limited", retryAfterMs: 9_000, until: null },
  }]);
  strictEqual((await streamModel(long.deps, REQUEST, long.limits)).outcome, "rate_limited");
  deepStrictEqual([long.waited, long.asked()], [[], 1]);
  const gone = rig(Array(9).fill({ words: [], outcome: GONE }));
  await streamModel(gone.deps, REQUEST, gone.limits);
  strictEqual(gone.asked(), 3);
});

Deno.test("streamModel() asks nothing without a budget, but hears out what was begun", async () => {
  const broke = rig([], false);
  strictEqual((await streamModel(broke.deps, REQUEST, broke.limits)).outcome, "over_budget");
  strictEqual(broke.asked(), 0);
  const begun = rig([{ words: ["yes"], outcome: ANSWERED }], false);
  const early = beginStream(begun.deps.provider, REQUEST, begun.limits.signal, 1_000);
  strictEqual(begun.asked(), 1, "it is on its way before anybody listens");
  const outcome = await streamModel(begun.deps, REQUEST, { ...begun.limits, begun: early });
  strictEqual(outcome.outcome, "answered");
  deepStrictEqual([begun.heard, begun.asked()], [["yes"], 1]);
});
