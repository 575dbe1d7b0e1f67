// Measures two ways of doing the same thing side by side. Machines drift and neighbours make noise, so
// only the ratio of medians taken in alternation is a result; absolute times are context.

/** A bound on a ratio, or a figure that is only stated. */
export type Goal =
  | { readonly atMost: number }
  | { readonly atLeast: number }
  | "stated";

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
  /** Cleans up after each timing; not timed. */
  readonly afterEach?: () => Promise<void>;
  /**
   * `time`: ratio of median durations, ours ÷ theirs (lower is better).
   * `rate`: the reverse, so that a goal can say "at least 0.6 of the other's rate".
   */
  readonly ratioOf?: "time" | "rate";
}

/** One row of the table; times are milliseconds per operation, unless `unit` says otherwise. */
export interface BenchRow {
  readonly unit?: "calls" | "MB" | "MB/s" | "CPU s/GiB" | "MiB";
  readonly name: string;
  readonly against: string;
  readonly oursMs: number;
  readonly theirsMs: number;
  readonly oursP99Ms: number;
  readonly theirsP99Ms: number;
  readonly ratio: number;
  readonly goal: string;
  readonly holds: boolean;
}

/** Runs one comparison: ours, theirs, theirs, ours, … so that neither always goes first. */
export async function compare(comparison: Comparison): Promise<BenchRow> {
  const { ours, theirs, rounds, warmupRounds = Math.min(10, rounds) } = comparison;
  const oursMs: number[] = [];
  const theirsMs: number[] = [];
  for (let round = -warmupRounds; round < rounds; round++) {
    const isOursFirst = round % 2 === 0;
    const first = await timed(isOursFirst ? ours : theirs, comparison);
    const second = await timed(isOursFirst ? theirs : ours, comparison);
    if (round < 0) continue;
    oursMs.push(isOursFirst ? first : second);
    theirsMs.push(isOursFirst ? second : first);
  }
  return toRow(comparison, oursMs, theirsMs);
}

/** Makes the row of figures that were taken. */
export function toRow(
  comparison: Pick<Comparison, "name" | "against" | "goal" | "ratioOf">,
  ours: readonly number[],
  theirs: readonly number[],
): BenchRow {
  const oursMs = quantile(ours, 0.5);
  const theirsMs = quantile(theirs, 0.5);
  const ratio = comparison.ratioOf === "rate" ? theirsMs / oursMs : oursMs / theirsMs;
  return {
    name: comparison.name,
    against: comparison.against,
    oursMs,
    theirsMs,
    oursP99Ms: quantile(ours, 0.99),
    theirsP99Ms: quantile(theirs, 0.99),
    ratio,
    goal: describeGoal(comparison.goal),
    holds: holds(comparison.goal, ratio),
  };
}

/** True when the ratio keeps the bound. */
export function holds(goal: Goal, ratio: number): boolean {
  if (goal === "stated") return true;
  return "atMost" in goal ? ratio <= goal.atMost : ratio >= goal.atLeast;
}

/** The bound as the table prints it. */
export function describeGoal(goal: Goal): string {
  if (goal === "stated") return "stated";
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

async function timed(
  operation: () => Promise<void> | void,
  { batch = 1, afterEach }: Comparison,
): Promise<number> {
  const start = performance.now();
  for (let index = 0; index < batch; index++) await operation();
  const elapsedMs = performance.now() - start;
  await afterEach?.();
  return elapsedMs / batch;
}
