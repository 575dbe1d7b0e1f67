// Unit tests of the analysis without a model: what it finds, what it must not take for a promise, and
// that every word of it was said.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { AnalysisSource } from "./contract.ts";
import { extractByRules } from "./extract_by_rules.ts";
import { findCompetitors } from "./rules/competitors.ts";
import { isNextStep, isObjection } from "./rules/patterns.ts";
import { splitSentences } from "./rules/sentences.ts";

function source(lines: readonly (readonly [string, string])[], language = "en"): AnalysisSource {
  return {
    meeting_id: crypto.randomUUID(),
    started_at: "2026-11-25T15:00:00Z",
    time_zone: "UTC",
    language,
    transcript_hash: "a".repeat(64),
    has_model_analysis: false,
    attendees: [{ name: "Bob Lee", email: "bob@customer.test" }],
    segments: lines.map(([speaker_name, text], index) => ({
      seq: index + 1,
      speaker_name,
      speaker_email: null,
      text,
    })),
  };
}

Deno.test("U60-110 extractByRules() finds promises and requests, with owner and day where they were said", () => {
  const { insights } = extractByRules(source([
    ["Ann", "I'll send the revised proposal by Friday."],
    ["Ann", "Bob, can you share the security questionnaire by end of the week?"],
    ["Bob Lee", "We will review it with legal within two weeks."],
    ["Bob Lee", "Let me introduce you to our CFO."],
  ]));
  deepStrictEqual(
    insights.map((item) => [
      item.kind,
      item.assignee_name,
      item.assignee_email,
      item.due_text,
      item.due_on,
      item.segments,
    ]),
    [
      ["action_item", "Ann", null, "by Friday", "2026-11-27", [1]],
      ["action_item", "Bob", "bob@customer.test", "by end of the week", "2026-11-27", [2]],
      ["action_item", null, null, "within two weeks", "2026-12-09", [3]],
      ["action_item", "Bob Lee", "bob@customer.test", null, null, [4]],
    ],
  );
});

Deno.test("U60-110 extractByRules() takes no manner of speaking for a promise", () => {
  const lines = [
    "I'll be honest with you.",
    "I won't send anything.",
    "If I send it, will you sign?",
    "Let me share my screen.",
    "Will I send it?",
    "I sent the proposal yesterday.",
    "They will probably churn.",
    "Can you hear me?",
  ];
  for (const line of lines) {
    const { insights } = extractByRules(source([["Ann", line]]));
    deepStrictEqual(insights.filter(({ kind }) => kind === "action_item"), [], line);
  }
});

Deno.test("U60-110 extractByRules() knows doubts, next steps, competitors and moods by their words", () => {
  const objections: [string, boolean][] = [
    ["Honestly, it's a bit expensive.", true],
    ["We don't have budget this year.", true],
    ["My main concern is the timeline.", true],
    ["We're not convinced yet.", true],
    ["No concerns on our side.", false],
    ["It is great.", false],
  ];
  for (const [text, expected] of objections) strictEqual(isObjection(text), expected, text);
  const steps: [string, boolean][] = [
    ["The next step is a security review.", true],
    ["Let's schedule a demo.", true],
    ["We'll talk again on Monday.", true],
    ["Let's see.", false],
  ];
  for (const [text, expected] of steps) strictEqual(isNextStep(text), expected, text);
  const names: [string, string[]][] = [
    ["We're also looking at Widget Pro and Globex.", ["Widget Pro", "Globex"]],
    ["We are switching from Initech's product.", ["Initech"]],
    ["They got a quote from Umbrella.", ["Umbrella"]],
    ["We're talking to Hooli today.", ["Hooli"]],
    ["We meet on Monday.", []],
    ["We are looking at Q4.", []],
    ["Let's use Zoom.", []],
    ["nobody here is looking at anything", []],
  ];
  for (const [text, expected] of names) deepStrictEqual(findCompetitors(text), expected, text);
  const mood = (...lines: string[]) =>
    extractByRules(source(lines.map((line) => ["Bob", line]))).sentiment;
  strictEqual(mood("This is great.", "We love it."), "positive");
  strictEqual(mood("This is not great.", "The old one was painful and slow."), "negative");
  strictEqual(mood("This is great.", "But slow and expensive, a problem.", "I love it."), "mixed");
  strictEqual(mood("This is great."), null, "one word shows no mood");
});

Deno.test("U60-110 extractByRules() says nothing in any language that was not said", () => {
  const line = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 80 }),
    fc.array(
      fc.constantFrom(
        ..."I'll send it by Friday . ? ! We're looking at Globex great slow <b>".split(" "),
      ),
    )
      .map((words) => words.join(" ")),
  );
  const lines = fc.array(fc.tuple(fc.constantFrom("Ann", "Bob Lee", ""), line), { maxLength: 12 });
  fc.assert(fc.property(lines, fc.constantFrom("en", "de", "ja", ""), (said, language) => {
    const input = source(said, language);
    const analysis = extractByRules(input);
    deepStrictEqual(extractByRules(input), analysis, "the same words, the same analysis");
    const text = (seq: number) => said[seq - 1]?.[1].replace(/\s+/g, " ") ?? "";
    for (const insight of analysis.insights) {
      strictEqual(insight.segments.length, 1);
      ok(text(insight.segments[0] ?? 0).includes(insight.text));
      ok(text(insight.segments[0] ?? 0).includes(insight.subject ?? ""));
      ok(insight.text.length <= 2_000);
    }
    strictEqual(analysis.summary === null, analysis.summary_segments.length === 0);
    strictEqual(analysis.sentiment === null, analysis.sentiment_segments.length === 0);
    ok(analysis.is_rule_based && analysis.model === null);
  }));
});

Deno.test("extractByRules() summarizes an hour in well under a second", () => {
  const lines = Array.from({ length: 1200 }, (_, index): [string, string] => [
    index % 2 === 0 ? "Ann" : "Bob Lee",
    `Sentence ${index} about pricing, the rollout and item ${index % 97}. I'll send part ${index}.`,
  ]);
  extractByRules(source(lines.slice(0, 100)));
  const began = performance.now();
  const { summary, insights } = extractByRules(source(lines));
  ok(performance.now() - began < 1_000, `${performance.now() - began} ms`);
  ok(summary !== null && summary.length < 3_000);
  strictEqual(insights.length, 20);
});

Deno.test("splitSentences() keeps addresses, initials and numbers whole, and drops what could act", () => {
  const split = (text: string) =>
    splitSentences({ seq: 1, speaker_name: null, speaker_email: null, text }).map((s) => s.text);
  deepStrictEqual(split("Write to a.b@c.test. It costs 1.5 million. Ask J. Smith! Really?"), [
    "Write to a.b@c.test.",
    "It costs 1.5 million.",
    "Ask J. Smith!",
    "Really?",
  ]);
  deepStrictEqual(split("Click [here](http://x.test). Fine. <script>alert(1)</script>"), ["Fine."]);
  deepStrictEqual(split("はい。明日送ります。"), ["はい。", "明日送ります。"]);
  ok((split("word ".repeat(400))[0]?.length ?? 0) <= 600);
});
