// The lanes of `deno task test`: what each runs, what it needs, how long it may take.

/** A kind of test with its own ground under it. */
export interface Lane {
  readonly name: string;
  /** What a failure of it would mean, for the reader of the log. */
  readonly proves: string;
  readonly runner:
    | { readonly kind: "deno"; readonly paths: readonly string[]; readonly needsStack: boolean }
    | {
      readonly kind: "pgtap";
      readonly paths: readonly string[];
      readonly server: "embedded" | "debian15";
    };
  /** After this the lane counts as hung. */
  readonly limitSeconds: number;
}

/** The lane whose gates check the types of every file, the tests of all other lanes among them. */
export const TYPES_LANE = "lint";

/** All lanes, the longest first, so that none ends alone. */
export const LANES: readonly Lane[] = [
  denoLane("isolation", "no tenant reaches another's rows", ["tests/isolation"], false, 900),
  denoLane(
    "functions",
    "functions behave over HTTP, their workers on a running stack",
    ["tests/functions", "tests/workers"],
    true,
    600,
  ),
  denoLane(
    "stack",
    "the stand-ins behave as the platform",
    ["tests/stack", "tests/providers"],
    true,
    900,
  ),
  denoLane("faults", "killed processes lose nothing", ["tests/faults"], false, 600),
  denoLane(
    "unit",
    "each part does what it says",
    ["shared", "supabase/functions", "scripts"],
    false,
    240,
  ),
  denoLane(TYPES_LANE, "the rules of the house hold", ["tests/lint"], false, 240),
  denoLane("e2e", "journeys hold from end to end", ["tests/e2e"], true, 300),
  denoLane("deno214", "bundles run on the hosted runtime's Deno", ["tests/deno214"], false, 300),
  denoLane("plans", "no hot query scans or sorts at size", ["tests/plans"], false, 300),
  pgtapLane("db15", "it keeps them on PostgreSQL 15 with the real pg_cron", "debian15", 240),
  pgtapLane("db", "the database keeps its rules", "embedded", 240),
];

const GIB = 2 ** 30;

/**
 * How many lanes run side by side. Each waits a third of its time or more, so that three keep two
 * cores busy; a small machine has the memory for two.
 *
 * @param availableBytes Memory that nobody uses.
 */
export function lanesAtOnce(availableBytes: number): number {
  return availableBytes >= 6 * GIB ? 3 : 2;
}

function denoLane(
  name: string,
  proves: string,
  paths: readonly string[],
  needsStack: boolean,
  limitSeconds: number,
): Lane {
  return { name, proves, runner: { kind: "deno", paths, needsStack }, limitSeconds };
}

function pgtapLane(
  name: string,
  proves: string,
  server: "embedded" | "debian15",
  limitSeconds: number,
): Lane {
  return {
    name,
    proves,
    runner: { kind: "pgtap", paths: ["tests/database"], server },
    limitSeconds,
  };
}
