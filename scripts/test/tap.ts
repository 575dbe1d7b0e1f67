// Reads what a pgTAP file reports.

import type { TestCounts } from "./lane_result.ts";

/** Counts of one file, with the lines that explain its failures. */
export interface TapSummary extends TestCounts {
  /** Failed assertions with their diagnostics, and what is wrong with the file as a whole. */
  readonly problems: readonly string[];
}

const RESULT = /^(not )?ok\b\s*(?:\d+)?\s*(?:-\s*)?(.*)$/;
const PLAN = /^1\.\.(\d+)/;
const SKIP = /#\s*skip\b/i;
const TODO = /#\s*todo\b/i;

/**
 * Counts the assertions of one file. A file that ran fewer or more than it planned, or planned none,
 * has failed even when every assertion held.
 *
 * @param lines What the file's statements returned, in order.
 */
export function summarizeTap(lines: readonly string[]): TapSummary {
  const problems: string[] = [];
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  let planned: number | null = null;
  let isExplaining = false;
  for (const line of lines) {
    const plan = PLAN.exec(line);
    if (plan) planned = Number(plan[1]);
    const result = RESULT.exec(line);
    if (result) {
      const text = result[2] ?? "";
      const isFailure = result[1] !== undefined && !TODO.test(text);
      isExplaining = isFailure;
      if (isFailure) problems.push(line);
      if (isFailure) failed++;
      else if (SKIP.test(text)) skipped++;
      else passed++;
    } else if (isExplaining && line.startsWith("#")) {
      problems.push(line);
    }
  }
  const ran = passed + failed + skipped;
  if (planned === null) problems.push("no plan was made");
  else if (planned !== ran) problems.push(`planned ${planned} assertions and ran ${ran}`);
  const isIncomplete = planned === null || planned !== ran;
  return { passed, failed: failed + (isIncomplete ? 1 : 0), skipped, problems };
}
