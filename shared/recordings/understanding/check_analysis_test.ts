// Unit tests of what is left of a model's answer: owners and days only where they were said, evidence
// always, and of a model that invents nothing at all.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { collectWords, isBorneOut } from "../../words/borne_out.ts";
import { checkAnalysis } from "./check_analysis.ts";
import type { AnalysisSource, ModelAnalysis } from "./contract.ts";

const LINES: readonly (readonly [string | null, string | null, string])[] = [
  ["Ann Miller", "Ann@sixty.test", "I'll send the revised pricing proposal by Friday."],
  ["Bob Lee", null, "Great. Carol, could you check the security form with legal by next Friday?"],
  ["Bob Lee", null, "It's too expensive, and we also look at Widget Pro."],
  ["Carol", null, "Let's meet again on Tuesday."],
  [null, null, "The revised pricing proposal was sent."],
];
const SOURCE: AnalysisSource = {
  meeting_id: crypto.randomUUID(),
  started_at: "2026-11-25T15:00:00Z",
  time_zone: "UTC",
  language: "en",
  transcript_hash: "a".repeat(64),
  has_model_analysis: false,
  attendees: [{ name: "Bob Lee", email: "bob@customer.test" }, { name: "Carol", email: null }],
  segments: LINES.map(([speaker_name, speaker_email, text], index) => ({
    seq: index + 1,
    speaker_name,
    speaker_email,
    text,
  })),
};
const NOTHING: ModelAnalysis = {
  summary: [],
  sentiment: null,
  action_items: [],
  next_steps: [],
  objections: [],
  competitors: [],
};

const check = (said: Partial<ModelAnalysis>) => checkAnalysis({ ...NOTHING, ...said }, SOURCE, "m");

Deno.test("U60-110 checkAnalysis() keeps an owner and a day only where they were said", () => {
  const item = { text: "Send the revised pricing proposal", segments: [1] };
  const cases: [Partial<ModelAnalysis["action_items"][number]>, unknown[]][] = [
    [{ owner: "Ann", due: "by Friday" }, [
      "Ann Miller",
      "Ann@sixty.test",
      "by Friday",
      "2026-11-27",
    ]],
    [{ owner: null, due: null }, [null, null, null, null]],
    [{ owner: "Bob Lee", due: "by Friday" }, [null, null, "by Friday", "2026-11-27"]],
    [{ owner: "Ann", due: "by Monday" }, ["Ann Miller", "Ann@sixty.test", null, null]],
    // He is there, and does not speak of himself
    [{ segments: [1, 3], owner: "Bob Lee", due: null }, [null, null, null, null]],
    [{ segments: [5], owner: "Ann", due: null }, [null, null, null, null]],
  ];
  for (const [changes, expected] of cases) {
    const { insights } = check({ action_items: [{ ...item, owner: null, due: null, ...changes }] });
    const [found] = insights;
    deepStrictEqual(
      [
        found?.assignee_name,
        found?.assignee_email,
        found?.due_text,
        found?.due_on,
      ],
      expected,
      JSON.stringify(changes),
    );
  }
  const asked = check({
    action_items: [{
      text: "Check the security form with legal.",
      segments: [2],
      owner: "Carol",
      due: "by next Friday",
    }],
  }).insights[0];
  deepStrictEqual(
    [asked?.assignee_name, asked?.assignee_email, asked?.due_text, asked?.due_on],
    ["Carol", null, "by next Friday", null],
    "words that may mean two days are kept as words",
  );
});

Deno.test("U60-110 checkAnalysis() leaves out and counts what has no evidence", () => {
  const analysis = check({
    summary: [
      { text: "Ann sends the revised proposal.", segments: [1, 99] },
      { text: "The CEO of Initech approved 50,000.", segments: [1] },
      { text: "It is too expensive.", segments: [] },
      { text: "It is too expensive.", segments: [99] },
    ],
    sentiment: { label: "negative", segments: [99] },
    objections: [{ text: "It's too expensive.", segments: [3] }, {
      text: "Too expensive!",
      segments: [1],
    }],
    competitors: [{ name: "Widget Pro", text: "They also look at Widget Pro.", segments: [3] }, {
      name: "Initech",
      text: "They also look at it.",
      segments: [3],
    }],
  });
  strictEqual(analysis.summary, "Ann sends the revised proposal.");
  deepStrictEqual(analysis.summary_segments, [1]);
  deepStrictEqual([analysis.sentiment, analysis.sentiment_segments], [null, []]);
  deepStrictEqual(analysis.insights.map(({ kind, subject }) => [kind, subject]), [
    ["objection", null],
    ["competitor", "Widget Pro"],
  ]);
  strictEqual(analysis.dropped_count, 5);
  strictEqual(check({}).summary, null);
});

Deno.test("U60-110 checkAnalysis() lets a model invent nothing, whatever it says and cites", () => {
  const words = fc.constantFrom(
    ..."Ann Bob Carol David Initech Widget proposal security 15 4711 Friday Monday send pay wire transfer <b> https://x.test expensive account password the to I'll"
      .split(" "),
  );
  const text = fc.array(words, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(" "));
  const segments = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 4 });
  const cited = { text, segments };
  const answers = fc.record({
    summary: fc.array(fc.record(cited), { maxLength: 4 }),
    sentiment: fc.option(fc.record({ label: fc.constant("mixed" as const), segments })),
    action_items: fc.array(fc.record({ ...cited, owner: fc.option(words), due: fc.option(text) })),
    next_steps: fc.array(fc.record(cited)),
    objections: fc.array(fc.record(cited)),
    competitors: fc.array(fc.record({ ...cited, name: words })),
  });
  fc.assert(
    fc.property(answers, (said) => {
      const analysis = check(said);
      const wordsOf = (seqs: readonly number[]) =>
        collectWords(SOURCE.segments.filter(({ seq }) => seqs.includes(seq)));
      for (const insight of analysis.insights) {
        ok(insight.segments.length > 0);
        ok(insight.segments.every((seq) => seq >= 1 && seq <= LINES.length));
        ok(isBorneOut(insight.text, wordsOf(insight.segments)));
        const everything = LINES.flat().join(" ").toLowerCase();
        ok(everything.includes((insight.assignee_name ?? "").toLowerCase()));
        ok(everything.includes((insight.subject ?? "").toLowerCase()));
        ok(insight.due_on === null || insight.due_text !== null);
      }
      ok(analysis.summary === null || analysis.summary_segments.length > 0);
      ok(analysis.sentiment === null || analysis.sentiment_segments.length > 0);
    }),
    { numRuns: 500 },
  );
});

Deno.test("U60-110 checkAnalysis() says each thing of a kind once, and a competitor once by its name", () => {
  const objection = { text: "It's too expensive.", segments: [3] };
  const { insights, dropped_count } = check({
    objections: [objection, { ...objection, text: "It's TOO expensive." }],
    next_steps: [{ text: "Let's meet again on Tuesday.", segments: [4] }],
    competitors: [
      { name: "Widget Pro", text: "We also look at Widget Pro.", segments: [3] },
      { name: "widget pro", text: "Widget Pro.", segments: [3] },
    ],
  });
  deepStrictEqual(insights.map(({ kind, subject }) => [kind, subject]), [
    ["next_step", null],
    ["objection", null],
    ["competitor", "Widget Pro"],
  ]);
  strictEqual(dropped_count, 0, "what was said twice was said");
});
