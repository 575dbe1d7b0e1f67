// What holds for everything in the migrated database; each rule is shown to fail when it is broken.
import { deepStrictEqual, ok } from "node:assert/strict";
import { openDatabase } from "../isolation/support/database.ts";
import { SCHEMA_RULES } from "./support/schema_rules.ts";

type SchemaRuleName = keyof typeof SCHEMA_RULES;

const database = await openDatabase();
Deno.test.afterAll(async () => await database[Symbol.asyncDispose]());
const { client } = database;

/** Lists what breaks a rule, after a change that is rolled back. */
async function listBroken(query: string, change = ""): Promise<string[]> {
  await client.query("begin");
  try {
    await client.query(change);
    const { rows } = await client.query<{ broken: string }>(query);
    return rows.map(({ broken }) => broken);
  } finally {
    await client.query("rollback");
  }
}

/** Rules that some test below asks for. */
const asked = new Set<SchemaRuleName>();

/** Makes the body of a test: nothing breaks the rule, and its control does. */
function holds(rule: SchemaRuleName): () => Promise<void> {
  asked.add(rule);
  const { broken, control } = SCHEMA_RULES[rule];
  return async () => {
    deepStrictEqual(await listBroken(broken), []);
    ok((await listBroken(broken, control)).length > 0, "the control breaks nothing");
  };
}

Deno.test(
  "TEL-009 TEL-010 TEL-011 TEL-013 CRE-028 CRE-029 CRE-030 CRE-031 every column says its data class and what it is",
  holds("dataClasses"),
);
Deno.test(
  "TEL-013 a column whose name says that it holds a secret has that class",
  holds("secretColumns"),
);
Deno.test("every table and view says what it is for", holds("tableComments"));
Deno.test("every function says what it does", holds("functionComments"));
Deno.test("TEL-017 a function that runs with its owner's rights says why", holds("definerReasons"));
Deno.test(
  "no function finds what it calls by a search path that its caller sets",
  holds("searchPaths"),
);
Deno.test("a function keeps the plans of what it asks: none is in SQL", holds("keptPlans"));
Deno.test(
  "U60-148 functions that run with their owner's rights are in private, out of the API's reach",
  holds("definerSchemas"),
);
Deno.test("TEL-017 no function is for everybody", holds("publicFunctions"));
Deno.test("U60-148 no view runs with its owner's rights", holds("definerViews"));
Deno.test("U60-189 row-level security is enabled and forced on every table", holds("rowSecurity"));
Deno.test("U60-149 policies are for signed-in people only", holds("policyRoles"));
Deno.test(
  "FLW-019 nobody of the API may truncate, reference or hang triggers on a table",
  holds("widePrivileges"),
);
Deno.test(
  "FLW-002 every table that names an organization requires one, bar those written before or after it",
  holds("requiredOrganizations"),
);
Deno.test("U60-149 the key of a tenant table begins with its organization", holds("tenantKeys"));
Deno.test(
  "U60-149 every index of a tenant table begins with its organization",
  holds("tenantIndexes"),
);
Deno.test(
  "U60-149 a key from one tenant table to another takes the organization along",
  holds("tenantForeignKeys"),
);
Deno.test(
  "FLW-002 the organization of a tenant table is one that exists",
  holds("existingOrganizations"),
);
Deno.test(
  "states are text with a check, because policies keep enums from their index",
  holds("enums"),
);
Deno.test("a column that holds a state says by a check which there are", holds("stateChecks"));
Deno.test("times know their zone, texts have no length, documents are jsonb", holds("columnTypes"));
Deno.test("updated_at is kept by a trigger, whatever a caller sends", holds("updatedAt"));
Deno.test(
  "U60-188 changes of a table that people or their rights are in leave a row in the audit log",
  holds("auditTriggers"),
);

Deno.test("every rule of the schema is tested", () => {
  deepStrictEqual([...asked].sort(), Object.keys(SCHEMA_RULES).sort());
});

const OWNER_COLUMNS = `
select array_agg(a.attname::text order by a.attname) as columns
from pg_constraint as k
join pg_attribute as a on a.attrelid = k.conrelid and a.attnum = any (k.conkey) and a.attname <> 'org_id'
where k.conrelid = $1::regclass and k.contype = 'f'
  and k.confrelid = 'public.organization_members'::regclass and a.attnotnull`;

/** Required columns of a table that name a member of the row's organization. */
async function ownersOf(table: string): Promise<readonly string[]> {
  const { rows: [row] } = await client.query<{ columns: string[] }>(OWNER_COLUMNS, [
    `public.${table}`,
  ]);
  return row?.columns ?? [];
}

Deno.test("U60-046 U60-053 the owner column of meetings is owner_user_id, a member of its organization", async () => {
  deepStrictEqual(await ownersOf("meetings"), ["owner_user_id"]);
});

Deno.test("U60-047 U60-053 the owner column of contacts is user_id, a member of its organization", async () => {
  deepStrictEqual(await ownersOf("contacts"), ["user_id"]);
});

Deno.test("U60-048 U60-053 the owner column of deals is user_id, a member of its organization", async () => {
  deepStrictEqual(await ownersOf("deals"), ["user_id"]);
});

Deno.test("U60-049 U60-053 the owner column of activities is user_id, a member of its organization", async () => {
  deepStrictEqual(await ownersOf("activities"), ["user_id"]);
});

Deno.test("U60-050 U60-053 the owner column of tasks is user_id, a member of its organization", async () => {
  deepStrictEqual(await ownersOf("tasks"), ["user_id"]);
});

Deno.test("U60-051 U60-053 the owner column of calendar_events is user_id, a member of its organization", async () => {
  deepStrictEqual(await ownersOf("calendar_events"), ["user_id"]);
});

Deno.test("U60-053 a renamed owner column is noticed", async () => {
  await client.query("begin");
  try {
    await client.query("alter table public.deals rename column user_id to seller_id");
    deepStrictEqual(await ownersOf("deals"), ["seller_id"]);
  } finally {
    await client.query("rollback");
  }
});
