// Reads the Test Anything Protocol, as far as pgTAP writes it.

/** One test that failed. */
export interface TapFailure {
  readonly name: string;
  /** What pgTAP says about it. */
  readonly diagnostics: string;
}

/** What a stream of lines says. */
export interface TapReport {
  readonly passed: number;
  readonly failures: readonly TapFailure[];
  /** Set when there is no plan, or when another number of tests ran. */
  readonly planProblem: string | null;
}

/**
 * Counts results. A failing test that is marked as to be done counts as passed.
 *
 * @param lines Lines that are no TAP are passed over.
 */
export function parseTap(lines: readonly string[]): TapReport {
  const failures: Array<{ name: string; diagnostics: string }> = [];
  let passed = 0;
  let seen = 0;
  let planned: number | null = null;
  let open: { name: string; diagnostics: string } | null = null;
  for (const line of lines) {
    const plan = line.match(/^1\.\.(\d+)/);
    if (plan) {
      planned = Number(plan[1]);
      continue;
    }
    const result = line.match(/^(not )?ok \d+(?: - )?(.*)$/);
    if (result) {
      seen++;
      open = null;
      const name = result[2]?.trim() ?? "";
      if (result[1] === undefined || /# TODO\b/.test(name)) passed++;
      else {
        open = { name: name || `test ${seen}`, diagnostics: "" };
        failures.push(open);
      }
    } else if (open !== null && line.startsWith("#")) {
      open.diagnostics += `${open.diagnostics === "" ? "" : "\n"}${line.replace(/^# ?/, "")}`;
    }
  }
  return { passed, failures, planProblem: findPlanProblem(planned, seen) };
}

function findPlanProblem(planned: number | null, seen: number): string | null {
  if (planned === null) {
    return `${seen} ran, but there is no plan: \`select * from finish();\` is missing`;
  }
  if (planned === seen && seen > 0) return null;
  return `${planned} planned, ${seen} ran`;
}
