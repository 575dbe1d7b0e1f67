// Every guard is taken away once, and something must notice: the checks and triggers of tables by
// what they refuse and write, the guards in functions by the database's own tests.
import { deepStrictEqual, ok } from "node:assert/strict";
import { openDatabase } from "./support/database.ts";
import { GIVEN_SAMPLES } from "./support/check_samples.ts";
import { readRelations, type Relation } from "./support/catalogue.ts";
import { readChecks, readRowTriggers, tryCheck, tryTrigger } from "./support/table_guards.ts";
import { buildWorld, type RowKey } from "./support/world.ts";

const database = await openDatabase();
Deno.test.afterAll(async () => await database[Symbol.asyncDispose]());
const { client } = database;
const relations: readonly Relation[] = await readRelations(client);
const world = await buildWorld(client, relations);

/** Some row of a table. */
function rowOf(table: string): RowKey {
  const key = world.row(table, "own", "owner") ?? world.row(table, "colleague", "owner");
  if (key === undefined) throw new Error(`there is no row of ${table}`);
  return key;
}

Deno.test("T-02 each check constraint refuses what it is for, and nothing else does in its place", async () => {
  const checks = await readChecks(client);
  const problems = [];
  for (const check of checks) problems.push(...await tryCheck(client, check, rowOf(check.table)));
  deepStrictEqual(problems, []);
  ok(checks.length >= 90, `${checks.length} constraints`);
  const names = new Set(checks.map(({ name }) => name));
  deepStrictEqual(GIVEN_SAMPLES.filter((name) => !names.has(name)), []);
});

Deno.test("U60-188 each trigger keeps updated_at true or writes the audit, and nothing stands in for it", async () => {
  const triggers = await readRowTriggers(client);
  const problems = [];
  for (const trigger of triggers) {
    problems.push(...await tryTrigger(client, trigger, rowOf(trigger.table)));
  }
  deepStrictEqual(problems, []);
  ok(triggers.length >= 40, `${triggers.length} triggers`);
});
