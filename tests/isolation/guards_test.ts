// Every guard is taken away once, and something must notice: the checks and triggers of tables by
// what they refuse and write, the guards in functions by the database's own tests.
import { deepStrictEqual, ok } from "node:assert/strict";
import expectations from "./expectations.json" with { type: "json" };
import exceptions from "./guard_exceptions.json" with { type: "json" };
import { readRelations, readRoutine, readRoutines, type Relation } from "./support/catalogue.ts";
import { GIVEN_SAMPLES } from "./support/check_samples.ts";
import { readGuardMutants } from "./support/guard_mutants.ts";
import { openGuardServer } from "./support/guard_server.ts";
import { guardsIn } from "./support/guard_sites.ts";
import { readChecks, readUniques, tryCheck, tryUnique } from "./support/table_guards.ts";
import { readRowTriggers, tryTrigger, unevenAudits } from "./support/trigger_guards.ts";
import { buildWorld, type RowKey } from "./support/world.ts";

const server = await openGuardServer();
Deno.test.afterAll(async () => await server[Symbol.asyncDispose]());
const { client, judge } = server;
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

Deno.test("T-02 each unique key refuses a double, and nothing else does in its place", async () => {
  const uniques = await readUniques(client);
  const problems = [];
  for (const unique of uniques) {
    problems.push(...await tryUnique(client, unique, rowOf(unique.table)));
  }
  deepStrictEqual(problems, []);
  ok(uniques.length >= 10, `${uniques.length} keys`);
});

Deno.test("U60-188 each trigger keeps updated_at true or writes the audit, and nothing stands in for it", async () => {
  const triggers = await readRowTriggers(client);
  const problems = [];
  for (const trigger of triggers) {
    problems.push(...await tryTrigger(client, trigger, rowOf(trigger.table)));
  }
  deepStrictEqual(problems, []);
  deepStrictEqual(unevenAudits(triggers), []);
  ok(triggers.length >= 80, `${triggers.length} triggers`);
});

Deno.test("TEL-017 each right to run a function is missed when it is gone and noticed when it is given", async () => {
  const declared: Readonly<Record<string, { readonly execute: string }>> = expectations.functions;
  const survivors: string[] = [];
  let changed = 0;
  for (const { name, executableBy } of await readRoutines(client)) {
    for (const role of ["anon", "authenticated", "service_role"]) {
      const verb = executableBy.includes(role)
        ? `revoke execute on function ${name} from`
        : `grant execute on function ${name} to`;
      await client.query("begin");
      await client.query(`${verb} ${role}`);
      const mutant = await readRoutine(client, name);
      await client.query("rollback");
      changed++;
      if (mutant?.executableBy.join(" ") === declared[name]?.execute) {
        survivors.push(`${verb} ${role}`);
      }
    }
  }
  deepStrictEqual(survivors, []);
  ok(changed >= 300, `${changed} rights`);
});

Deno.test("CRE-026 U60-189 each guard of a function and each trigger is missed by a test when it is gone", async () => {
  deepStrictEqual(await judge.findBrokenTests(), [], "they must pass before they can tell");
  const mutants = await readGuardMutants(client);
  const verdicts = await judge.judge(mutants);
  const survivors = verdicts.filter(({ killedBy }) => killedBy === null)
    .map(({ mutant }) => `${mutant.subject}: ${mutant.name}`);
  const excepted = Object.keys(exceptions);
  console.log(`${verdicts.length - survivors.length} guards missed, ${survivors.length} survived`);
  deepStrictEqual(survivors.filter((survivor) => !excepted.includes(survivor)), []);
  deepStrictEqual(excepted.filter((exception) => !survivors.includes(exception)), []);
  ok(mutants.length >= 200, `${mutants.length} guards`);
});

const BODY = `
declare
  v_org_id uuid := private.require_org(p_org_id);
begin
  perform private.assert_owner_remains(v_org_id);
  if p_name is null then
    return null;
  end if;
  update public.deals as d set name = p_name
  where d.org_id = v_org_id and d.status = 'open' and d.user_id is distinct from p_user_id; -- and m.status = 'gone'
  if not found then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  return p_name || ' and state = ''x''';
end;`;

Deno.test("guardsIn() finds each guard once, and none in a comment or a text", () => {
  deepStrictEqual(guardsIn(BODY).map(({ name }) => name), [
    "private.require_org(p_org_id)",
    "perform private.assert_owner_remains(v_org_id);",
    "return early if p_name is null",
    "without d.status = 'open'",
    "without d.user_id is distinct from p_user_id",
    "raise not_found",
  ]);
});
