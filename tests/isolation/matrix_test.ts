// The isolation matrix: every table, view and function × every principal × own, assigned, colleague's
// and foreign rows × every operation, in three settings of the organizations. What is expected stands
// in expectations.json; what is not declared there fails. `deno task isolation:observe` prints what
// the database does now, to be read and judged before it is copied.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import expectations from "./expectations.json" with { type: "json" };
import { openDatabase } from "./support/database.ts";
import { tryGrafts } from "./support/grafting.ts";
import { prepareMatrix, type TableExpectation } from "./support/matrix.ts";
import { Judge, readMutants } from "./support/mutation.ts";
import type { RoutineExpectation } from "./support/routines.ts";

const runnerSql = await Deno.readTextFile(new URL("./support/runner.sql", import.meta.url));
const database = await openDatabase();
Deno.test.afterAll(async () => await database[Symbol.asyncDispose]());
const { client } = database;
const matrix = await prepareMatrix(client, runnerSql);
const tables: Readonly<Record<string, TableExpectation>> = expectations.tables;
const functions: Readonly<Record<string, RoutineExpectation>> = expectations.functions;

for (const relation of matrix.relations) {
  Deno.test(`T-01 U60-149 COP-001 CRE-026 isolation of ${relation.name}`, async () => {
    ok(relation.name in tables, `"${relation.name}" is not declared in expectations.json`);
    deepStrictEqual(await matrix.expectationOf(relation), tables[relation.name]);
  });
}

Deno.test("T-01 U60-148 isolation of every function", async () => {
  deepStrictEqual(await matrix.routines(), functions);
});

Deno.test("T-01 expectations.json declares nothing that does not exist", () => {
  const names = new Set(matrix.relations.map(({ name }) => name));
  deepStrictEqual(Object.keys(tables).filter((name) => !names.has(name)), []);
});

Deno.test("T-02 no row of ours hangs on the rivals', and theirs looks like one that never was", async () => {
  await client.query("begin");
  const grafts = [];
  for (const relation of matrix.relations) {
    grafts.push(...await tryGrafts(client, matrix.world, relation));
  }
  await client.query("rollback");
  ok(grafts.length > 40, `${grafts.length} grafts tried`);
  deepStrictEqual(grafts.filter(({ code }) => code !== "23503"), []);
});

Deno.test("U60-189 every mutant of a policy, privilege or key is noticed by the matrix", async () => {
  const byName = new Map(matrix.relations.map((relation) => [relation.name, relation]));
  const judge = new Judge(client, matrix);
  const survivors: string[] = [];
  let killed = 0;
  for (const mutant of await readMutants(client, matrix)) {
    const relation = byName.get(mutant.table);
    const healthy = tables[mutant.table];
    if (relation === undefined || healthy === undefined) continue;
    const verdict = await judge.judge(relation, mutant, healthy);
    if (verdict === "survived") survivors.push(`${mutant.table}: ${mutant.name}`);
    if (verdict === "killed") killed++;
  }
  console.log(`${killed} mutants killed, ${survivors.length} survived`);
  deepStrictEqual(survivors, []);
  ok(killed >= 600, `${killed} mutants`);
});

Deno.test("CRE-026 the matrix is as large as it claims", () => {
  ok(matrix.cellCount > 10_000, `${matrix.cellCount} cells`);
  strictEqual(Object.keys(tables).length, matrix.relations.length);
});
