// Measures two ways of doing the same thing side by side. Machines drift and neighbours make noise, so
// only the ratio of medians taken in alternation is a result; absolute times are context.

/** A bound on a ratio. */
export type Goal =
  | { readonly atMost: number }
  | { readonly atLeast: number };

/** Ours and what it is held against; each call is one operation. */
export interface Comparison {
  readonly name: string;
  /** What `theirs` is, for the table. */
  readonly against: string;
  readonly goal: Goal;
  readonly ours: () => Promise<void> | void;
  readonly theirs: () => Promise<void> | void;
  /** Alternations counted; each runs both once. */
  readonly rounds: number;
  /** Operations per timing, for those too short to time alone. */
  readonly batch?: number;
  readonly warmupRounds?: number;
  /**
   * `time`: ratio of median durations, ours ÷ theirs (lower is better).
   * `rate`: the reverse, so that a goal can say "at least 0.6 of the other's rate".
   */
  readonly ratioOf?: "time" | "rate";
}

/** One row of the table; times are milliseconds per operation. */
export interface BenchRow {
  readonly name: string;
  readonly against: string;
  readonly oursMs: number;
  readonly theirsMs: number;
  readonly oursP99Ms: number;
  readonly ratio: number;
  readonly goal: string;
  readonly holds: boolean;
}

/** Runs one comparison: ours, theirs, theirs, ours, … so that neither always goes first. */
export async function compare(comparison: Comparison): Promise<BenchRow> {
  const { ours, theirs, rounds, batch = 1, warmupRounds = Math.min(10, rounds) } = comparison;
  for (let round = 0; round < warmupRounds; round++) {
    await timed(ours, batch);
    await timed(theirs, batch);
  }
  const oursMs: number[] = [];
  const theirsMs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) {
      oursMs.push(await timed(ours, batch));
      theirsMs.push(await timed(theirs, batch));
    } else {
      theirsMs.push(await timed(theirs, batch));
      oursMs.push(await timed(ours, batch));
    }
  }
  return toRow(comparison, oursMs, theirsMs);
}

function toRow(comparison: Comparison, ours: number[], theirs: number[]): BenchRow {
  const oursMs = quantile(ours, 0.5);
  const theirsMs = quantile(theirs, 0.5);
  const ratio = comparison.ratioOf === "rate" ? theirsMs / oursMs : oursMs / theirsMs;
  return {
    name: comparison.name,
    against: comparison.against,
    oursMs,
    theirsMs,
    oursP99Ms: quantile(ours, 0.99),
    ratio,
    goal: describeGoal(comparison.goal),
    holds: holds(comparison.goal, ratio),
  };
}

/** True when the ratio keeps the bound. */
export function holds(goal: Goal, ratio: number): boolean {
  return "atMost" in goal ? ratio <= goal.atMost : ratio >= goal.atLeast;
}

/** The bound as the table prints it. */
export function describeGoal(goal: Goal): string {
  return "atMost" in goal ? `≤ ${goal.atMost}` : `≥ ${goal.atLeast}`;
}

/** The value below which the given share of the samples lies. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const index = Math.min(sorted.length - 1, Math.floor(sorted.length * share));
  const value = sorted[index];
  if (value === undefined) throw new RangeError("Cannot take a quantile: there are no samples");
  return value;
}

async function timed(operation: () => Promise<void> | void, batch: number): Promise<number> {
  const start = performance.now();
  for (let index = 0; index < batch; index++) await operation();
  return (performance.now() - start) / batch;
}
