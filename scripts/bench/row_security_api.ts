// What row security costs a client: the same request to the data API over HTTP, once by a signed-in
// member and once in a role that no policy binds, asking for the same rows by hand.
import { ok, strictEqual } from "node:assert/strict";
import { type DataApi, serveDataApi } from "./data_api.ts";
import type { BenchDatabase } from "./database.ts";
import { type BenchRow, compare, type Goal } from "./harness.ts";
import { ROW_SECURITY_GOALS } from "./row_security.ts";
import { type MemberWithDeals, pick, readTenants, type Tenant } from "./tenants.ts";

const ROUNDS = 300;
const LONG_ROUNDS = 40;

interface ApiQuery {
  readonly name: string;
  readonly goal: Goal;
  readonly isCount: boolean;
  path(member: MemberWithDeals, turn: number): string;
}

/**
 * Measures top-N, by-id and count through gateway and REST room.
 *
 * @param world One million rows.
 * @returns The rows of the table.
 */
export async function benchRowSecurityApi(world: BenchDatabase): Promise<BenchRow[]> {
  await using api = await serveDataApi(world);
  const admin = await world.connect("supabase_admin");
  const rows: BenchRow[] = [];
  for (const isShared of [true, false]) {
    await admin.query("update public.org_settings set enable_crm_sharing = $1", [isShared]);
    await admin.query("vacuum analyze public.org_settings");
    for (const tenant of await readTenants(admin)) {
      const tokens = await signTokens(api, tenant);
      for (const query of queries(isShared)) {
        rows.push(await compareRoles(api, tenant, tokens, query, isShared));
      }
    }
  }
  await admin.end();
  return rows;
}

interface Tokens {
  readonly member: string;
  readonly reader: string;
}

async function signTokens(api: DataApi, { members }: Tenant): Promise<Tokens[]> {
  return await Promise.all(members.map(async (member) => ({
    member: await api.tokenFor(member),
    reader: await api.tokenFor(member, { role: "bench_reader" }),
  })));
}

function queries(isShared: boolean): ApiQuery[] {
  const scope = ({ org, person }: MemberWithDeals): string =>
    `org_id=eq.${org}${isShared ? "" : `&user_id=eq.${person}`}`;
  const columns = "select=id,name,amount,created_at";
  return [
    {
      name: "top 50",
      goal: ROW_SECURITY_GOALS.top50,
      isCount: false,
      path: (member) => `deals?${columns}&${scope(member)}&order=created_at.desc&limit=50`,
    },
    {
      name: "by id",
      goal: ROW_SECURITY_GOALS.byId,
      isCount: false,
      path: (member, turn) =>
        `deals?${columns}&org_id=eq.${member.org}&id=eq.${pick(member.deals, turn)}`,
    },
    {
      name: "count",
      goal: ROW_SECURITY_GOALS.count,
      isCount: true,
      path: (member) => `deals?select=id&${scope(member)}&limit=1`,
    },
  ];
}

async function compareRoles(
  api: DataApi,
  tenant: Tenant,
  tokens: readonly Tokens[],
  query: ApiQuery,
  isShared: boolean,
): Promise<BenchRow> {
  const read = (role: keyof Tokens, turn: number): Promise<string> =>
    send(api, query, pick(tenant.members, turn), pick(tokens, turn)[role], turn);
  for (const [turn] of tenant.members.entries()) {
    const answer = await read("member", turn);
    ok(answer.length > 10, `${query.name} returned nothing`);
    strictEqual(answer, await read("reader", turn), `${query.name} returned other rows`);
  }
  const rotate = (role: keyof Tokens): () => Promise<void> => {
    let turn = 0;
    return async () => {
      await read(role, turn++);
    };
  };
  return await compare({
    name: `rls, data API: ${query.name}, ${tenant.name}, sharing ${isShared ? "on" : "off"}`,
    against: "hand-written filter, no policies",
    goal: query.goal,
    rounds: tenant.isLarge && query.isCount && isShared ? LONG_ROUNDS : ROUNDS,
    warmupRounds: 20,
    ours: rotate("member"),
    theirs: rotate("reader"),
  });
}

async function send(
  { url, keys }: DataApi,
  query: ApiQuery,
  member: MemberWithDeals,
  token: string,
  turn: number,
): Promise<string> {
  const path = query.path(member, Math.floor(turn / 10));
  const response = await fetch(`${url}/rest/v1/${path}`, {
    headers: {
      apikey: keys.publishableKeys.default,
      authorization: `Bearer ${token}`,
      ...(query.isCount ? { prefer: "count=exact" } : {}),
    },
  });
  const text = await response.text();
  ok(response.ok, text);
  return query.isCount ? `${response.headers.get("content-range")} rows` : text;
}
