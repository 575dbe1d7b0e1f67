// What row-level security costs: the application's query as a signed-in member, against the same rows
// by a hand-written `where` without policies. Both in the envelope that the data API uses.
import type pg from "pg";
import { type BenchDatabase, idSql } from "./database.ts";
import { type BenchRow, compare, type Goal } from "./harness.ts";

interface Tenant {
  readonly name: string;
  readonly org: number;
  readonly person: number;
}

const TENANTS: readonly Tenant[] = [
  { name: "100,000-row organization", org: 1, person: 1 },
  { name: "small organization", org: 2, person: 101 },
];
const TOP_N: Goal = { atMost: 1.25 };
const COUNT: Goal = { atMost: 1.7 };
const ROUNDS = 200;

/** Measures top-N, by-id and count for both tenants, with sharing on and off. */
export async function benchRowSecurity(database: BenchDatabase): Promise<BenchRow[]> {
  const member = await database.connect("authenticator");
  const bare = await database.connect("supabase_admin");
  const rows: BenchRow[] = [];
  for (const isShared of [true, false]) {
    await bare.query("update public.org_settings set enable_crm_sharing = $1", [isShared]);
    for (const tenant of TENANTS) {
      const ids = await readIds(bare, tenant);
      for (const query of queries(isShared)) {
        const values = query.values(ids);
        rows.push(
          await compare({
            name: `${query.name}, ${tenant.name}, sharing ${isShared ? "on" : "off"}`,
            against: "hand-written where",
            goal: query.goal,
            rounds: ROUNDS,
            ours: () => asMember(member, ids, query.name, query.sql, values),
            theirs: () => asOwner(bare, ids, query.name, query.sql, values),
          }),
        );
      }
    }
  }
  await member.end();
  await bare.end();
  return rows;
}

interface Ids {
  readonly org: string;
  readonly person: string;
  readonly session: string;
  readonly deal: string;
}

interface HotQuery {
  readonly name: string;
  readonly goal: Goal;
  readonly sql: string;
  values(ids: Ids): string[];
}

/** With sharing off the application asks for the person's own rows, as policies would return them. */
function queries(isShared: boolean): HotQuery[] {
  const mine = isShared ? "" : " and user_id = $2";
  const scope = (ids: Ids): string[] => isShared ? [ids.org] : [ids.org, ids.person];
  return [
    {
      name: "top 50",
      goal: TOP_N,
      sql: `select id, name, amount, created_at from public.deals where org_id = $1${mine}
        order by created_at desc limit 50`,
      values: scope,
    },
    {
      name: "by id",
      goal: TOP_N,
      sql: "select id, name, amount, created_at from public.deals where org_id = $1 and id = $2",
      values: (ids) => [ids.org, ids.deal],
    },
    {
      name: "count",
      goal: COUNT,
      sql: `select count(*) from public.deals where org_id = $1${mine}`,
      values: scope,
    },
  ];
}

const ENVELOPE = "select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)";

async function asMember(
  client: pg.Client,
  ids: Ids,
  name: string,
  sql: string,
  values: string[],
): Promise<void> {
  await inEnvelope(
    client,
    ["authenticated", claims(ids)],
    `member ${name} ${values.length}`,
    sql,
    values,
  );
}

async function asOwner(
  client: pg.Client,
  ids: Ids,
  name: string,
  sql: string,
  values: string[],
): Promise<void> {
  await inEnvelope(
    client,
    ["supabase_admin", claims(ids)],
    `owner ${name} ${values.length}`,
    sql,
    values,
  );
}

async function inEnvelope(
  client: pg.Client,
  settings: string[],
  name: string,
  sql: string,
  values: string[],
): Promise<void> {
  await client.query("begin read only");
  await client.query({ name: "envelope", text: ENVELOPE, values: settings });
  await client.query({ name, text: sql, values });
  await client.query("commit");
}

function claims(ids: Ids): string {
  return JSON.stringify({
    iss: "http://127.0.0.1:54321/auth/v1",
    role: "authenticated",
    sub: ids.person,
    session_id: ids.session,
    aal: "aal1",
  });
}

async function readIds(client: pg.Client, tenant: Tenant): Promise<Ids> {
  const { rows: [ids] } = await client.query<Ids>(
    `select ${idSql("org", tenant.org)} as org, ${idSql("person", tenant.person)} as person,
       ${idSql("session", tenant.person)} as session,
       (select id from public.deals where org_id = ${idSql("org", tenant.org)}
          and user_id = ${idSql("person", tenant.person)} limit 1) as deal`,
  );
  if (ids === undefined) throw new Error(`Cannot find the people of "${tenant.name}"`);
  return ids;
}
