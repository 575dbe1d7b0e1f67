// No hot query reads a table from end to end or sorts more than a page, as whoever asks it: a signed-in
// member of an organization large enough to tell, with sharing on and off, an operator, or a worker;
// prepared as the data API prepares.
import { deepStrictEqual, ok } from "node:assert/strict";
import { openBenchDatabase, statementsOf } from "../../scripts/bench/database.ts";
import { type Asker, HOT_QUERIES } from "./hot_queries.ts";
import { reportPlans, takeFindings } from "./plan_lint.ts";

/** The first organization holds a tenth: 5,000 deals and a quarter as many of the rest. */
const SIZE = { deals: 50_000, segments: 20_000 };
/** From the sixth execution on, PostgreSQL may prefer a plan that knows no parameters. */
const EXECUTIONS = 7;

const database = await openBenchDatabase(SIZE);
Deno.test.afterAll(async () => await database[Symbol.asyncDispose]());
const client = await database.connect("supabase_admin");
Deno.test.afterAll(async () => await client.end());
const { rows: [ids] } = await client.query<Record<string, string>>(`
  select bench.id('org', 1) as org, bench.id('person', 1) as person, bench.id('session', 1) as session,
    bench.id('person', 101) as operator, bench.id('session', 101) as "operatorSession",
    bench.id('contact', 1000) as contact, bench.id('company', 1000) as company,
    bench.id('deal', 1000) as deal, bench.id('meeting', 100) as meeting, bench.id('stage', 1) as stage,
    bench.id('recording', 1000) as recording, bench.id('conversation', 100) as conversation`);
ok(ids !== undefined);
for (const name of ["load_recordings", "load_conversations"]) {
  const script = await Deno.readTextFile(new URL(`./${name}.sql`, import.meta.url));
  for (const statement of statementsOf(script)) await client.query(statement);
}
// The middle of two thousand messages
const { rows: [middle] } = await client.query<{ turn: string }>(
  "select turn_id as turn from public.copilot_messages where conversation_id = $1 and seq = 1001",
  [ids.conversation],
);
ids.turn = middle?.turn ?? "";

const person = { iss: "http://127.0.0.1:54321/auth/v1", role: "authenticated" };
/** Database role and claims of a request. */
const ASKERS: Readonly<Record<Asker, { role: string; claims: Record<string, unknown> }>> = {
  member: {
    role: "authenticated",
    claims: { ...person, sub: ids.person, session_id: ids.session, aal: "aal1" },
  },
  operator: {
    role: "authenticated",
    claims: { ...person, sub: ids.operator, session_id: ids.operatorSession, aal: "aal2" },
  },
  worker: { role: "service_role", claims: { role: "service_role" } },
  clock: { role: "postgres", claims: {} },
};
const notices = await reportPlans(client);

/** What holds in a request: the session's settings of who logs in, then those of the person's role. */
const ROLE_SETTINGS = `
  select set_config(split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1), true)
  from pg_db_role_setting cross join unnest(setconfig) as setting
  where setrole in ('authenticator'::regrole, $1::regrole) and setdatabase = 0
    and setting !~ '^(pgrst|session_preload_libraries)'`;

for (const isShared of [true, false]) {
  for (const { name, asker, sql, parameters } of HOT_QUERIES) {
    const setting = isShared ? "shared" : "private";
    // With sharing off an application asks for what is the person's own.
    if (!isShared && /first page|of a stage|open deals/.test(name)) continue;
    // What members share is nothing to a worker.
    if (!isShared && asker !== "member") continue;
    Deno.test(`U60-159 the plan of "${name}", ${setting}, neither scans nor sorts`, async () => {
      await client.query(
        "update public.org_settings set enable_crm_sharing = $1, enable_meeting_sharing = $1, enable_task_sharing = $1 where org_id = $2",
        [isShared, ids.org],
      );
      await client.query("begin");
      const { role, claims } = ASKERS[asker];
      await client.query(ROLE_SETTINGS, [role]);
      await client.query(
        "select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)",
        [role, JSON.stringify(claims)],
      );
      notices.length = 0;
      const values = parameters.map((parameter) => ids[parameter]);
      for (let execution = 0; execution < EXECUTIONS; execution++) {
        await client.query({ name: `hot ${name}`, text: sql, values });
      }
      // A plan is reported when its portal closes, the last one at the end of the transaction.
      await client.query("rollback");
      ok(notices.length >= EXECUTIONS, "plans were reported");
      const findings = takeFindings(notices);
      deepStrictEqual([...new Set(findings)], []);
    });
  }
}

Deno.test("U60-159 control: the lint notices a sequential scan and a large sort", async () => {
  await client.query("begin");
  await client.query("set local enable_indexscan = off");
  await client.query("set local enable_indexonlyscan = off");
  await client.query("set local enable_bitmapscan = off");
  notices.length = 0;
  await client.query("select id from public.deals where org_id = $1 order by name", [ids.org]);
  await client.query("rollback");
  const findings = takeFindings(notices).join("\n");
  ok(findings.includes("sequential scan of 50000 rows of deals"), `no scan in: ${findings}`);
  ok(findings.includes("sort of 5000 rows"), `no sort in: ${findings}`);
});
