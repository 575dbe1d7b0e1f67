// A read as a signed-in person is one round trip to the database: settings, check and query go out
// together. Held against the same REST room sending one statement after the other.
import { strictEqual } from "node:assert/strict";
import { type DataApi, serveDataApi } from "./data_api.ts";
import { type BenchDatabase, idSql } from "./database.ts";
import type { Member } from "./envelope.ts";
import { type BenchRow, compare } from "./harness.ts";

const ROUNDS = 200;

/**
 * Measures one caller, and eight at a time.
 *
 * @param world Where the rows are.
 * @returns The rows of the table.
 */
export async function benchRest(world: BenchDatabase): Promise<BenchRow[]> {
  await using api = await serveDataApi(world);
  const { rest } = api;
  const sequential = await api.openRest({ transport: "sequential" });
  const requests = await readRequests(world, api);
  let turn = 0;
  const read = async (room: typeof rest): Promise<void> => {
    const request = requests[turn++ % requests.length];
    if (request === undefined) throw new RangeError("There are no requests to send");
    const response = await room.fetch(request.clone());
    strictEqual(response.status, 200);
    strictEqual((await response.json()).length, 1);
  };
  const readEight = async (room: typeof rest): Promise<void> => {
    await Promise.all(Array.from({ length: 8 }, () => read(room)));
  };
  const row = (name: string, run: (room: typeof rest) => Promise<void>): Promise<BenchRow> =>
    compare({
      name: `rest: user-scoped read by id, ${name}`,
      against: "four statements in turn",
      goal: { atLeast: 1.5 },
      ratioOf: "rate",
      rounds: ROUNDS,
      warmupRounds: 30,
      ours: () => run(rest),
      theirs: () => run(sequential),
    });
  return [await row("one caller", read), await row("eight callers", readEight)];
}

async function readRequests(world: BenchDatabase, api: DataApi): Promise<Request[]> {
  const admin = await world.connect("supabase_admin");
  const { rows } = await admin.query<Member & { deal: string }>(
    `select o.org_id as org, o.user_id as person, bench.id('session', o.person) as session,
       (select d.id from public.deals as d where d.org_id = o.org_id and d.user_id = o.user_id limit 1) as deal
     from bench.owners as o where o.org_id = ${idSql("org", 1)} order by o.person limit 20`,
  );
  await admin.end();
  return await Promise.all(rows.map(async (member) => {
    const query = `select=id,name,amount&org_id=eq.${member.org}&id=eq.${member.deal}`;
    return new Request(`${api.url}/deals?${query}`, {
      headers: { authorization: `Bearer ${await api.tokenFor(member)}` },
    });
  }));
}
