import { deepStrictEqual } from "node:assert/strict";
import { countJunit } from "./junit.ts";

Deno.test("countJunit() tells passed, failed and skipped cases apart", () => {
  const xml = `<?xml version="1.0"?><testsuites><testsuite name="a">
    <testcase name="one" time="0.1"/>
    <testcase name="two"><failure message="not ok">trace</failure></testcase>
    <testcase name="three"><skipped/></testcase>
    <testcase name="four" time="0.2">
    </testcase>
  </testsuite></testsuites>`;
  deepStrictEqual(countJunit(xml), { passed: 2, failed: 1, skipped: 1 });
});

Deno.test("countJunit() finds nothing in an empty report", () => {
  deepStrictEqual(countJunit("<testsuites></testsuites>"), { passed: 0, failed: 0, skipped: 0 });
});
