// Reads the counts of a JUnit report, as Deno's test runner writes it.

import type { TestCounts } from "./lane_result.ts";

const CASE = /<testcase\b[^>]*?(?:\/>|>([\s\S]*?)<\/testcase>)/g;

/**
 * Counts the test cases of a report.
 *
 * @param xml The report.
 */
export function countJunit(xml: string): TestCounts {
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for (const [, body = ""] of xml.matchAll(CASE)) {
    if (/<(failure|error)\b/.test(body)) failed++;
    else if (/<skipped\b/.test(body)) skipped++;
    else passed++;
  }
  return { passed, failed, skipped };
}
