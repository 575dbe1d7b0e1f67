import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { summarizeTap } from "./tap.ts";

Deno.test("summarizeTap() counts assertions and keeps the diagnostics of failures", () => {
  const summary = summarizeTap([
    "1..3",
    "ok 1 - one",
    "not ok 2 - two",
    '# Failed test 2: "two"',
    "#         have: 1",
    "ok 3 - three # SKIP no vault",
    "# Looks like you failed 1 test of 3",
  ]);
  strictEqual(summary.passed, 1);
  strictEqual(summary.failed, 1);
  strictEqual(summary.skipped, 1);
  deepStrictEqual(summary.problems, [
    "not ok 2 - two",
    '# Failed test 2: "two"',
    "#         have: 1",
  ]);
});

Deno.test("summarizeTap() fails a file that stops before its plan is met", () => {
  const summary = summarizeTap(["1..2", "ok 1 - one"]);
  strictEqual(summary.failed, 1);
  deepStrictEqual(summary.problems, ["planned 2 assertions and ran 1"]);
});

Deno.test("summarizeTap() fails a file without a plan", () => {
  strictEqual(summarizeTap([]).failed, 1);
});

Deno.test("summarizeTap() does not count an expected failure as one", () => {
  const summary = summarizeTap(["1..1", "not ok 1 - later # TODO"]);
  strictEqual(summary.failed, 0);
});
