// How healthy the relationship with a contact is (V-01): a published formula over rows, no model.
// docs/relationship-health.md is its reader's version; a test compares their figures. Each part says
// which rows its points come from. A signal that is good never lowers the score.
import type { EvidenceRow } from "../actions/action.ts";
import type { FoundSignals } from "../panels/crm_reports.ts";

const DAY_MS = 86_400_000;

/** The figures of the formula. */
export const HEALTH_FORMULA = {
  /** Full points up to `freshDays` after the last touch, none from `coldDays` on, evenly between. */
  recency: { max: 30, freshDays: 3, coldDays: 60 },
  /** For each touch of the last 90 days. */
  frequency: { max: 20, pointsEach: 2 },
  /** For each touch of the last 60 days in which the contact took part. */
  reciprocity: { max: 15, pointsEach: 5, days: 60 },
  /** For each of the last three meetings of 90 days whose mood is known. */
  sentiment: { max: 15, positive: 5, neutral: 3, mixed: 2, negative: 0 },
  /** For the next meeting in the person's own calendar. */
  next_meeting: { max: 10, soonDays: 14, soon: 10, laterDays: 30, later: 6 },
  /** For an open deal, and for one whose stage changed in the last 30 days. */
  deals: { max: 10, open: 5, moving: 5, movingDays: 30 },
  /** Taken away for each open task about the contact that is overdue. */
  overdue_tasks: { max: 10, pointsEach: 3 },
} as const;

/** From these scores on. */
export const HEALTH_BANDS = { strong: 70, steady: 40 } as const;

/** A part of the score. */
export type HealthPart = keyof typeof HEALTH_FORMULA;

/** Points of one part and the rows that they come from. */
export interface HealthComponent {
  readonly part: HealthPart;
  /** Whole points; negative only for overdue tasks. */
  readonly points: number;
  readonly max: number;
  /** Rows behind the points; none where there are no points. */
  readonly evidence: readonly EvidenceRow[];
}

/** The score of one relationship. */
export interface RelationshipScore {
  /** 0 to 100. */
  readonly score: number;
  readonly band: "strong" | "steady" | "fading" | "no_history";
  readonly components: readonly HealthComponent[];
}

/** What the score is made from. */
export type HealthSignals = Pick<
  FoundSignals,
  "now" | "touches" | "sentiments" | "next_meeting" | "open_deals" | "overdue_tasks"
>;

/**
 * Scores a relationship. Deterministic: the same rows at the same time give the same score.
 *
 * @param signals Rows that the caller may read, and the time that they are seen from.
 * @returns The score, and each part with its evidence.
 */
export function scoreRelationship(signals: HealthSignals): RelationshipScore {
  const components = [
    scoreRecency(signals),
    scoreFrequency(signals),
    scoreReciprocity(signals),
    scoreSentiment(signals),
    scoreNextMeeting(signals),
    scoreDeals(signals),
    scoreOverdueTasks(signals),
  ];
  const sum = components.reduce((total, { points }) => total + points, 0);
  const score = Math.min(100, Math.max(0, sum));
  const isBlank = components.every(({ evidence }) => evidence.length === 0);
  return { score, band: isBlank ? "no_history" : bandOf(score), components };
}

function bandOf(score: number): RelationshipScore["band"] {
  if (score >= HEALTH_BANDS.strong) return "strong";
  return score >= HEALTH_BANDS.steady ? "steady" : "fading";
}

function component(
  part: HealthPart,
  points: number,
  rows: ReadonlyArray<{ readonly table: EvidenceRow["table"]; readonly id: string }>,
): HealthComponent {
  const evidence = points === 0 ? [] : rows.map(({ table, id }) => ({ table, id }));
  return { part, points, max: HEALTH_FORMULA[part].max, evidence };
}

/** Days between a moment and now; moments still to come are no days ago. */
function daysSince(at: string, now: string): number {
  return Math.max(0, (Date.parse(now) - Date.parse(at)) / DAY_MS);
}

function latestFirst(signals: HealthSignals): HealthSignals["touches"] {
  return [...signals.touches].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}

function scoreRecency(signals: HealthSignals): HealthComponent {
  const { max, freshDays, coldDays } = HEALTH_FORMULA.recency;
  const last = latestFirst(signals)[0];
  if (last === undefined) return component("recency", 0, []);
  const days = daysSince(last.at, signals.now);
  const share = Math.min(1, Math.max(0, (coldDays - days) / (coldDays - freshDays)));
  return component("recency", Math.floor(max * share), [last]);
}

function scoreFrequency(signals: HealthSignals): HealthComponent {
  const { max, pointsEach } = HEALTH_FORMULA.frequency;
  const counted = latestFirst(signals).slice(0, max / pointsEach);
  return component("frequency", counted.length * pointsEach, counted);
}

function scoreReciprocity(signals: HealthSignals): HealthComponent {
  const { max, pointsEach, days } = HEALTH_FORMULA.reciprocity;
  const counted = latestFirst(signals)
    .filter((touch) => touch.is_theirs && daysSince(touch.at, signals.now) <= days)
    .slice(0, max / pointsEach);
  return component("reciprocity", counted.length * pointsEach, counted);
}

function scoreSentiment(signals: HealthSignals): HealthComponent {
  const points = signals.sentiments.reduce(
    (sum, { sentiment }) => sum + HEALTH_FORMULA.sentiment[sentiment],
    0,
  );
  const rows = signals.sentiments.map(({ meeting_id }) => ({
    table: "meetings" as const,
    id: meeting_id,
  }));
  return component("sentiment", points, rows);
}

function scoreNextMeeting(signals: HealthSignals): HealthComponent {
  const { soonDays, soon, laterDays, later } = HEALTH_FORMULA.next_meeting;
  const next = signals.next_meeting;
  if (next === null) return component("next_meeting", 0, []);
  const days = (Date.parse(next.start_time) - Date.parse(signals.now)) / DAY_MS;
  const points = days <= soonDays ? soon : days <= laterDays ? later : 0;
  return component("next_meeting", points, [{
    table: "calendar_events",
    id: next.calendar_event_id,
  }]);
}

function scoreDeals(signals: HealthSignals): HealthComponent {
  const { open, moving, movingDays } = HEALTH_FORMULA.deals;
  const newest =
    [...signals.open_deals].sort((a, b) =>
      Date.parse(b.stage_changed_at) - Date.parse(a.stage_changed_at)
    )[0];
  if (newest === undefined) return component("deals", 0, []);
  const isMoving = daysSince(newest.stage_changed_at, signals.now) <= movingDays;
  return component("deals", open + (isMoving ? moving : 0), [{ table: "deals", id: newest.id }]);
}

function scoreOverdueTasks(signals: HealthSignals): HealthComponent {
  const { max, pointsEach } = HEALTH_FORMULA.overdue_tasks;
  const taken = Math.min(max, signals.overdue_tasks.length * pointsEach);
  const rows = signals.overdue_tasks.map(({ id }) => ({ table: "tasks" as const, id }));
  // Not -0: the figures are compared and printed.
  return component("overdue_tasks", taken === 0 ? 0 : -taken, rows);
}
