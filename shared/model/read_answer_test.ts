// Unit tests of reading the service's documents: parts unchanged, the last count counts, and no
// document of whatever form is an exception.
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { factsOf, type ModelOutcome } from "./model_provider.ts";
import { readCalls, toolResultsTurn } from "./model_turn.ts";
import { AnswerReader } from "./read_answer.ts";
import { nextQuotaDay, readRefusal, readRetryDelay } from "./read_refusal.ts";

const chunk = (parts: unknown[], finishReason?: string, usage?: object) => ({
  candidates: [{ content: { role: "model", parts }, finishReason }],
  usageMetadata: usage,
  modelVersion: "m-1",
});

function read(...documents: unknown[]): ModelOutcome {
  const reader = new AnswerReader();
  for (const document of documents) reader.add(document);
  return reader.finish();
}

Deno.test("AnswerReader keeps the parts of all chunks as they are, in order", () => {
  const parts = fc.array(fc.oneof(
    fc.record({ text: fc.string() }),
    fc.record({ text: fc.string(), thoughtSignature: fc.base64String(), novelty: fc.jsonValue() }),
    fc.record({
      functionCall: fc.record({
        name: fc.string(),
        args: fc.dictionary(fc.string(), fc.jsonValue()),
      }),
      thoughtSignature: fc.base64String(),
    }),
  ));
  fc.assert(fc.property(fc.array(parts, { maxLength: 6 }), (chunks) => {
    const outcome = read(...chunks.map((each) => chunk(each)), chunk([{ text: "." }], "STOP"));
    if (outcome.outcome !== "answered") throw new Error(outcome.outcome);
    strictEqual(
      JSON.stringify(outcome.turn.parts),
      JSON.stringify([...chunks.flat(), { text: "." }]),
    );
    const calls = chunks.flat().filter((part) => "functionCall" in part);
    strictEqual(outcome.calls.length, calls.length);
  }));
});

Deno.test("AnswerReader takes any document without an exception, and none for an answer that did not end", () => {
  fc.assert(fc.property(fc.array(fc.anything(), { maxLength: 5 }), (documents) => {
    const outcome = read(...documents);
    ok(["unavailable", "malformed", "blocked", "empty"].includes(outcome.outcome), outcome.outcome);
  }));
  strictEqual(read(chunk([{ text: "half" }])).outcome, "unavailable");
  strictEqual(read().outcome, "unavailable");
});

Deno.test("AnswerReader counts what was counted last, and thoughts are no text", () => {
  const outcome = read(
    chunk([{ text: "hm", thought: true }], undefined, { promptTokenCount: 9 }),
    chunk([{ text: "yes" }], "STOP", { promptTokenCount: 9, candidatesTokenCount: 3 }),
  );
  if (outcome.outcome !== "answered") throw new Error(outcome.outcome);
  strictEqual(outcome.text, "yes");
  deepStrictEqual(factsOf(outcome), {
    usage: { promptTokens: 9, cachedTokens: 0, answerTokens: 3, thoughtTokens: 0 },
    modelVersion: "m-1",
  });
  const broken = read(chunk([{ text: "x" }], undefined, { promptTokenCount: 4 }), {
    error: { code: 503 },
  });
  strictEqual(factsOf(broken)?.usage.promptTokens, 4, "what broke was counted, too");
});

Deno.test("toolResultsTurn() answers every call by its own id and name, and none is left out", () => {
  const calls = readCalls([
    { functionCall: { id: "1", name: "a", args: { x: 1 } }, thoughtSignature: "s" },
    { text: "and" },
    { functionCall: { name: "b" } },
  ]);
  deepStrictEqual(toolResultsTurn(calls, [{ output: 1 }, { error: "no" }]).parts, [
    { functionResponse: { id: "1", name: "a", response: { output: 1 } } },
    { functionResponse: { name: "b", response: { error: "no" } } },
  ]);
  throws(() => toolResultsTurn(calls, [{}]), RangeError);
});

Deno.test("readRetryDelay() reads what Google writes, and nothing else", () => {
  const info = (retryDelay: unknown) => [
    { "@type": "type.googleapis.com/google.rpc.Help" },
    { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay },
  ];
  const cases: [unknown, number | null][] = [
    ["22s", 22_000],
    ["0.0015s", 2],
    ["99999s", 3_600_000],
    ["22", null],
    ["-1s", null],
    [22, null],
    ["", null],
  ];
  for (const [delay, ms] of cases) strictEqual(readRetryDelay(info(delay)), ms, String(delay));
  fc.assert(fc.property(fc.array(fc.anything()), (details) => {
    const outcome = readRefusal({ status: 429, details }, new Date());
    strictEqual(outcome.outcome, "rate_limited");
  }));
});

Deno.test("nextQuotaDay() is the next midnight in California, also where the clocks change", () => {
  const cases = [
    ["2026-11-22T13:00:00Z", "2026-11-23T08:00:00.000Z"],
    ["2026-11-22T07:59:59Z", "2026-11-22T08:00:00.000Z"],
    ["2026-11-22T08:00:00Z", "2026-11-23T08:00:00.000Z"],
    // The nights in which an hour is missing, and comes twice
    ["2026-03-08T08:30:00Z", "2026-03-09T07:00:00.000Z"],
    ["2026-11-01T07:30:00Z", "2026-11-02T08:00:00.000Z"],
  ] as const;
  for (const [now, midnight] of cases) {
    strictEqual(nextQuotaDay(new Date(now)).toISOString(), midnight, now);
  }
});
