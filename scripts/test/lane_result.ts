// What became of a lane.

/** Counts of a lane and what its reader needs to see. */
export interface LaneResult {
  readonly lane: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly seconds: number;
  /** Shown in full when something failed. */
  readonly output: string;
  /** Why the lane as a whole failed or was left out. */
  readonly note: string | null;
}

/** Counts of tests. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}
