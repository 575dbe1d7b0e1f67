// pgTAP files run without pg_prove, and the stand-in answers as pgTAP does.

import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type PgtapReport, runPgtap } from "../../../scripts/stack/postgres/pgtap.ts";
import type { ExtensionFile } from "../../../scripts/stack/postgres/server_tree.ts";
import { throwawayServer } from "./throwaway_server.ts";

const options = { sanitizeOps: false, sanitizeResources: false };

const FILES: Readonly<Record<string, string>> = {
  "a/passes.test.sql": `
    begin;
    select plan(6);
    create temporary table rows (a int, b text);
    insert into rows values (1, 'x'), (2, null);
    select ok(true, 'is true'), ok(1 = 1, 'twice in a row');
    select is(1, 1, 'one');
    select throws_ok('select 1 / 0', '22012', 'division by zero', 'divides');
    select results_eq('select a from rows order by a', array[1, 2], 'rows');
    select bag_eq('select a, b from rows', 'select * from (values (2, null), (1, ''x'')) as v', 'bag');
    select * from finish();
    rollback;
  `,
  "b/fails.test.sql": `
    begin;
    select * from no_plan();
    set local role authenticated;
    select is('have'::text, 'want', 'the words agree');
    select ok(null, 'null is not true');
    select lives_ok('select 1 / 0', 'lives');
    select throws_ok('select 1', '42501', null, 'is denied');
    select is_empty('select 1', 'nothing there');
    select set_eq('select 1', array[2], 'same set');
    select isnt(1, 1, 'differs');
    select * from finish();
    rollback;
  `,
  "c/breaks.test.sql": `
    begin;
    select plan(2);
    select pass('came here');
    select nowhere();
    rollback;
  `,
  "d/short.test.sql": `
    select plan(3);
    select pass('alone');
    select * from finish();
  `,
};

async function runWith(extensionFiles: readonly ExtensionFile[]): Promise<PgtapReport> {
  const testsDir = await Deno.makeTempDir({ prefix: "sixty-pgtap-" });
  for (const [name, text] of Object.entries(FILES)) {
    await Deno.mkdir(join(testsDir, name, ".."), { recursive: true });
    await Deno.writeTextFile(join(testsDir, name), text);
  }
  const support = join(testsDir, "support.sql");
  await Deno.writeTextFile(support, "create extension pgtap with schema extensions;");
  await using context = await throwawayServer({ extensionFiles });
  const report = await runPgtap({ server: context.server, testsDir, supportFiles: [support] });
  await Deno.remove(testsDir, { recursive: true });
  return report;
}

function assertReport(report: PgtapReport): void {
  const [passes, fails, breaks, short] = report.files;
  assert.deepEqual([passes?.file, passes?.passed, passes?.failures], ["a/passes.test.sql", 6, []]);
  assert.equal(fails?.passed, 0);
  assert.deepEqual(fails?.failures.map((failure) => failure.name), [
    "the words agree",
    "null is not true",
    "lives",
    "is denied",
    "nothing there",
    "same set",
    "differs",
  ]);
  assert.match(fails?.failures[0]?.diagnostics ?? "", /have: have\s+want: want/);
  assert.match(fails?.failures[2]?.diagnostics ?? "", /22012: division by zero/);
  assert.equal(breaks?.passed, 1);
  assert.match(breaks?.failures[0]?.diagnostics ?? "", /^line 5: function nowhere\(\) does not/);
  assert.deepEqual(short?.failures, [{
    name: "runs as many tests as planned",
    diagnostics: "3 planned, 1 ran",
  }]);
  assert.deepEqual([report.passed, report.failed], [8, 9]);
}

Deno.test("runPgtap counts, names and explains, with the stand-in of pgTAP", options, async () => {
  const dir = "../../../scripts/stack/postgres/extensions/pgtap/";
  assertReport(
    await runWith(["pgtap.control", "pgtap--1.2.0.sql"].map((name) => ({
      name,
      source: fileURLToPath(import.meta.resolve(`${dir}${name}`)),
    }))),
  );
});

Deno.test("runPgtap finds the same with the pgTAP that the machine has", options, async () => {
  assertReport(await runWith([]));
});
