// What row-level security costs: the application's query as a signed-in member, against the same rows
// by a hand-written `where` without policies. Both in the envelope that the data API uses, with a
// different member each time, so that neither side lives on what the last query left behind.
import { deepStrictEqual, ok } from "node:assert/strict";
import type pg from "pg";
import type { BenchDatabase } from "./database.ts";
import { type Envelope, type Member, openBareEnvelope, openMemberEnvelope } from "./envelope.ts";
import { type BenchRow, compare, type Goal } from "./harness.ts";
import { type MemberWithDeals, pick, readTenants, type Tenant } from "./tenants.ts";

/** What row security may cost, on every way to the rows. */
export const ROW_SECURITY_GOALS: Readonly<Record<"top50" | "byId" | "count", Goal>> = {
  top50: { atMost: 1.25 },
  byId: { atMost: 1.25 },
  count: { atMost: 1.7 },
};
/** The same time whatever the size of the table; the rest is noise and one more index level. */
const FLAT: Goal = { atMost: 1.5 };
const ROUNDS = 300;
/** Counting 100,000 rows takes long enough to be measured by fewer. */
const LONG_ROUNDS = 40;

interface HotQuery {
  readonly name: string;
  readonly goal: Goal;
  readonly isCount?: true;
  readonly sql: string;
  values(member: MemberWithDeals, round: number): string[];
}

/**
 * Measures top-N, by-id and count, for a large and for small organizations, with sharing on and off;
 * then the member's own time in a large table against a small one.
 *
 * @param world One million rows.
 * @param smallWorld Ten thousand rows, in small organizations of the same size.
 * @returns The rows of the table.
 */
export async function benchRowSecurity(
  world: BenchDatabase,
  smallWorld: BenchDatabase,
): Promise<BenchRow[]> {
  const large = await openSide(world);
  const small = await openSide(smallWorld);
  const rows: BenchRow[] = [];
  for (const isShared of [true, false]) {
    for (const side of [large, small]) {
      await side.admin.query("update public.org_settings set enable_crm_sharing = $1", [isShared]);
      await side.admin.query("vacuum analyze public.org_settings");
    }
    for (const tenant of large.tenants) {
      for (const query of queries(isShared)) {
        rows.push(await compareWithHand(large, tenant, query, isShared));
      }
    }
    rows.push(...await compareSizes(large, small, isShared));
  }
  for (const side of [large, small]) await side.close();
  return rows;
}

/** One database and the two ways into it. */
interface Side {
  readonly admin: pg.Client;
  readonly asMember: Envelope;
  readonly byHand: Envelope;
  readonly tenants: readonly Tenant[];
  close(): Promise<void>;
}

async function openSide(database: BenchDatabase): Promise<Side> {
  const member = await database.connect("authenticator");
  const bare = await database.connect("authenticator");
  const admin = await database.connect("supabase_admin");
  return {
    admin,
    asMember: await openMemberEnvelope(member),
    byHand: openBareEnvelope(bare),
    tenants: await readTenants(admin),
    async close() {
      await Promise.all([member.end(), bare.end(), admin.end()]);
    },
  };
}

/** With sharing off the application asks for the person's own rows, as policies would return them. */
function queries(isShared: boolean): HotQuery[] {
  const mine = isShared ? "" : " and user_id = $2";
  const scope = (member: Member): string[] => isShared ? [member.org] : [member.org, member.person];
  return [
    {
      name: "top 50",
      goal: ROW_SECURITY_GOALS.top50,
      sql: `select id, name, amount, created_at from public.deals where org_id = $1${mine}
        order by created_at desc limit 50`,
      values: scope,
    },
    {
      name: "by id",
      goal: ROW_SECURITY_GOALS.byId,
      sql: "select id, name, amount, created_at from public.deals where org_id = $1 and id = $2",
      values: (member, round) => [member.org, pick(member.deals, round)],
    },
    {
      name: "count",
      isCount: true,
      goal: ROW_SECURITY_GOALS.count,
      sql: `select count(*) from public.deals where org_id = $1${mine}`,
      values: scope,
    },
  ];
}

async function compareWithHand(
  side: Side,
  tenant: Tenant,
  query: HotQuery,
  isShared: boolean,
): Promise<BenchRow> {
  const name = `${query.name} ${isShared ? "shared" : "private"}`;
  await checkSameRows(side, tenant, query, name);
  const ours = rotate(side.asMember, tenant, query, name);
  const theirs = rotate(side.byHand, tenant, query, name);
  return await compare({
    name: `rls, driver: ${query.name}, ${tenant.name}, sharing ${isShared ? "on" : "off"}`,
    against: "hand-written where",
    goal: query.goal,
    rounds: tenant.isLarge && query.isCount && isShared ? LONG_ROUNDS : ROUNDS,
    ours,
    theirs,
  });
}

async function compareSizes(large: Side, small: Side, isShared: boolean): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const [index, tenant] of large.tenants.entries()) {
    const other = small.tenants[index];
    if (other === undefined) throw new RangeError("Both worlds must have the same tenants");
    for (const query of queries(isShared)) {
      // A tenth of a larger table is more to count; only organizations of one size compare.
      if (tenant.isLarge && query.isCount) continue;
      const name = `${query.name} ${isShared ? "shared" : "private"}`;
      rows.push(
        await compare({
          name: `rls flat, driver: ${query.name}, ${tenant.name}, sharing ${
            isShared ? "on" : "off"
          }`,
          against: "same query, 10,000 rows",
          goal: FLAT,
          rounds: ROUNDS,
          ours: rotate(large.asMember, tenant, query, name),
          theirs: rotate(small.asMember, other, query, name),
        }),
      );
    }
  }
  return rows;
}

/** The same query for one member after the other. */
function rotate(
  envelope: Envelope,
  { members }: Tenant,
  query: HotQuery,
  name: string,
): () => Promise<void> {
  let round = 0;
  return async () => {
    const member = pick(members, round);
    const values = query.values(member, Math.floor(round / members.length));
    round += 1;
    await envelope(member, { name, sql: query.sql, values });
  };
}

async function checkSameRows(
  { asMember, byHand }: Side,
  { members }: Tenant,
  query: HotQuery,
  name: string,
): Promise<void> {
  for (const member of members) {
    const named = { name, sql: query.sql, values: query.values(member, 0) };
    const rows = await asMember(member, named);
    ok(rows.length > 0, `${name} returned nothing`);
    deepStrictEqual(rows, await byHand(member, named), `${name} returned other rows`);
  }
}
