// The formula against golden cases worked out by hand, the published figures, and its properties.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import {
  HEALTH_BANDS,
  HEALTH_FORMULA,
  type HealthSignals,
  scoreRelationship,
} from "./score_relationship.ts";

const NOW = "2026-11-23T15:00:00.000Z";
const DAY_MS = 86_400_000;

const ago = (days: number): string => new Date(Date.parse(NOW) - days * DAY_MS).toISOString();
let count = 0;
const id = (): string => `00000000-0000-4000-8000-${String(++count).padStart(12, "0")}`;

type Touch = HealthSignals["touches"][number];
type Mood = HealthSignals["sentiments"][number]["sentiment"];

function touch(days: number, table: Touch["table"] = "activities", isTheirs = false): Touch {
  return { table, id: id(), at: ago(days), is_theirs: isTheirs };
}

const mood = (days: number, sentiment: Mood) => ({ meeting_id: id(), at: ago(days), sentiment });
const next = (days: number) => ({
  calendar_event_id: id(),
  title: "Review",
  start_time: ago(-days),
});
const deal = (days: number) => ({ id: id(), name: "Pilot", stage_changed_at: ago(days) });
const task = () => ({ id: id(), title: "Call", due_at: ago(2) });

const BLANK: HealthSignals = {
  now: NOW,
  touches: [],
  sentiments: [],
  next_meeting: null,
  open_deals: [],
  overdue_tasks: [],
};

interface Golden {
  readonly name: string;
  readonly signals: HealthSignals;
  /** recency, frequency, reciprocity, sentiment, next_meeting, deals, overdue_tasks */
  readonly points: readonly number[];
  readonly score: number;
  readonly band: string;
}

const GOLDEN: readonly Golden[] = [
  { name: "nothing", signals: BLANK, points: [0, 0, 0, 0, 0, 0, 0], score: 0, band: "no_history" },
  {
    name: "everything",
    signals: {
      ...BLANK,
      touches: Array.from({ length: 12 }, (_, index) => touch(index, "meetings", true)),
      sentiments: [mood(1, "positive"), mood(2, "positive"), mood(3, "positive")],
      next_meeting: next(14),
      open_deals: [deal(30)],
    },
    points: [30, 20, 15, 15, 10, 10, 0],
    score: 100,
    band: "strong",
  },
  {
    // 30 × (60 - 31.5) / 57 = 15
    name: "half as fresh, and one-sided",
    signals: { ...BLANK, touches: [touch(31.5), touch(40)] },
    points: [15, 4, 0, 0, 0, 0, 0],
    score: 19,
    band: "fading",
  },
  {
    name: "a warm customer with one overdue promise",
    signals: {
      ...BLANK,
      touches: [touch(3, "emails", true), touch(5), touch(20, "meetings", true)],
      sentiments: [mood(20, "mixed")],
      next_meeting: next(20),
      open_deals: [deal(31)],
      overdue_tasks: [task()],
    },
    points: [30, 6, 10, 2, 6, 5, -3],
    score: 56,
    band: "steady",
  },
  {
    name: "gone cold with broken promises",
    signals: {
      ...BLANK,
      touches: [touch(60)],
      sentiments: [mood(60, "negative")],
      next_meeting: next(31),
      overdue_tasks: [task(), task(), task(), task()],
    },
    points: [0, 2, 0, 0, 0, 0, -10],
    score: 0,
    band: "fading",
  },
];

for (const { name, signals, points, score, band } of GOLDEN) {
  Deno.test(`V-01 golden: ${name}`, () => {
    const result = scoreRelationship(signals);
    deepStrictEqual(result.components.map((part) => part.points), points);
    deepStrictEqual([result.score, result.band], [score, band]);
  });
}

Deno.test("V-01 every point traces to a row, and no row stands without a point", () => {
  for (const { signals } of GOLDEN) {
    const rows = new Set([
      ...signals.touches.map((row) => row.id),
      ...signals.sentiments.map((row) => row.meeting_id),
      ...(signals.next_meeting ? [signals.next_meeting.calendar_event_id] : []),
      ...signals.open_deals.map((row) => row.id),
      ...signals.overdue_tasks.map((row) => row.id),
    ]);
    for (const { points, max, evidence } of scoreRelationship(signals).components) {
      strictEqual(evidence.length > 0, points !== 0);
      ok(Math.abs(points) <= max && Number.isInteger(points));
      for (const row of evidence) ok(rows.has(row.id));
    }
  }
});

Deno.test("V-01 the parts add up to 100, and the document publishes the formula as it is", async () => {
  const { overdue_tasks: _taken, ...given } = HEALTH_FORMULA;
  strictEqual(Object.values(given).reduce((sum, { max }) => sum + max, 0), 100);
  const text = await Deno.readTextFile(
    new URL("../../../docs/relationship-health.md", import.meta.url),
  );
  const published = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json]) =>
    JSON.parse(json ?? "")
  );
  deepStrictEqual(published[0], { formula: HEALTH_FORMULA, bands: HEALTH_BANDS });
});

const anyTouch = fc.record({
  table: fc.constantFrom("meetings" as const, "emails" as const, "activities" as const),
  id: fc.uuid(),
  at: fc.double({ min: 0, max: 90, noNaN: true }).map(ago),
  is_theirs: fc.boolean(),
});
const anyMood = fc.record({
  meeting_id: fc.uuid(),
  at: fc.double({ min: 0, max: 90, noNaN: true }).map(ago),
  sentiment: fc.constantFrom("positive", "neutral", "negative", "mixed"),
});
const anyNext = fc.record({
  calendar_event_id: fc.uuid(),
  title: fc.constant("Review"),
  start_time: fc.double({ min: 0, max: 60, noNaN: true }).map((days) => ago(-days)),
});
const anyDeal = fc.record({
  id: fc.uuid(),
  name: fc.constant("Pilot"),
  stage_changed_at: fc.double({ min: 0, max: 400, noNaN: true }).map(ago),
});
const anyTask = fc.record({
  id: fc.uuid(),
  title: fc.constant("Call"),
  due_at: fc.constant(ago(1)),
});
const anySignals: fc.Arbitrary<HealthSignals> = fc.record({
  now: fc.constant(NOW),
  touches: fc.array(anyTouch, { maxLength: 20 }),
  sentiments: fc.array(anyMood, { maxLength: 3 }),
  next_meeting: fc.option(anyNext),
  open_deals: fc.array(anyDeal, { maxLength: 5 }),
  overdue_tasks: fc.array(anyTask, { maxLength: 6 }),
});

const score = (signals: HealthSignals): number => scoreRelationship(signals).score;

Deno.test("V-01 the score lies between 0 and 100 and is the same whatever the order of rows", () => {
  fc.assert(fc.property(anySignals, (signals) => {
    const result = scoreRelationship(signals);
    ok(result.score >= 0 && result.score <= 100);
    const turned = {
      ...signals,
      touches: signals.touches.toReversed(),
      open_deals: signals.open_deals.toReversed(),
    };
    strictEqual(score(turned), result.score);
    deepStrictEqual(scoreRelationship(signals), result);
  }));
});

Deno.test("V-01 a good sign never lowers the score, and a task done never does", () => {
  fc.assert(
    fc.property(
      anySignals,
      anyTouch,
      anyNext,
      anyDeal,
      (signals, newTouch, newNext, newDeal) => {
        const before = score(signals);
        ok(score({ ...signals, touches: [...signals.touches, newTouch] }) >= before, "touch");
        ok(score({ ...signals, open_deals: [...signals.open_deals, newDeal] }) >= before, "deal");
        // The next meeting is the earliest one.
        const earliest = signals.next_meeting === null ||
            Date.parse(newNext.start_time) < Date.parse(signals.next_meeting.start_time)
          ? newNext
          : signals.next_meeting;
        ok(score({ ...signals, next_meeting: earliest }) >= before, "next meeting");
        // The latest three moods count: a good one can push out only something no better.
        const good = { meeting_id: newTouch.id, at: NOW, sentiment: "positive" as const };
        const latest = [
          good,
          ...signals.sentiments.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at)),
        ].slice(0, 3);
        ok(score({ ...signals, sentiments: latest }) >= before, "mood");
        ok(score({ ...signals, overdue_tasks: signals.overdue_tasks.slice(1) }) >= before, "task");
      },
    ),
    { numRuns: 2_000 },
  );
});
