// Whether search finds what row security lets a person read, no more and no less: random people, random
// organizations and random words, over roles, switches and states that make them differ.
import { AssertionError, deepStrictEqual } from "node:assert/strict";
import type pg from "pg";
import type { BenchDatabase } from "./database.ts";
import { type Envelope, type Member, openMemberEnvelope } from "./envelope.ts";
import type { BenchRow } from "./harness.ts";
import { wordOf } from "./search.ts";

const PAIRS = 1000;
const PAGE = 50;
const SEED = 20_251_122;

/**
 * Compares the two on random pairs. Rearranges the database's roles, states and switches.
 *
 * @param world A small world with transcripts: the slow way reads every segment of an organization.
 * @returns One row; its ratio is the share of pairs that agree.
 */
export async function checkSearchPermissions(world: BenchDatabase): Promise<BenchRow> {
  const admin = await world.connect("supabase_admin");
  const client = await world.connect("authenticator");
  await rearrange(admin);
  const people = await readPeople(admin);
  const envelope = await openMemberEnvelope(client);
  const random = seededRandom(SEED);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const counts = { agreed: 0, found: 0, refused: 0, searchMs: 0, policyMs: 0 };
  for (let pair = 0; pair < PAIRS; pair++) {
    const person = pick(people);
    // Mostly an organization of theirs; otherwise one where they are nobody.
    const org = random() < 0.8 ? person.org : pick(people).org;
    const member = { ...person, org };
    const text = randomQuestion(random);
    const start = performance.now();
    const searched = await searchAll(client, envelope, member, text);
    const between = performance.now();
    const permitted = await readPermitted(envelope, member, text);
    counts.searchMs += between - start;
    counts.policyMs += performance.now() - between;
    if (searched === null) counts.refused += 1;
    if (permitted.length > 0) counts.found += 1;
    if (isSame(searched ?? [], permitted)) counts.agreed += 1;
  }
  await client.end();
  await admin.end();
  return {
    name: `search: permissions equal row security, ${PAIRS} random pairs, ` +
      `${
        PAIRS - counts.agreed
      } mismatches (${counts.found} found something, ${counts.refused} refused)`,
    against: "policies, reading all segments",
    oursMs: counts.searchMs / PAIRS,
    theirsMs: counts.policyMs / PAIRS,
    oursP99Ms: Number.NaN,
    theirsP99Ms: Number.NaN,
    ratio: counts.agreed / PAIRS,
    goal: "= 1",
    holds: counts.agreed === PAIRS && counts.found > PAIRS / 10,
  };
}

/** Every role and state, both switch positions, second factors demanded, and people in two places. */
async function rearrange(admin: pg.Client): Promise<void> {
  await admin.query("set session_replication_role = replica");
  await admin.query(
    `update public.organization_members as m
     set role = (array['owner', 'admin', 'manager', 'agent', 'viewer'])[1 + b.person % 5],
       status = (array['active', 'active', 'active', 'active', 'active', 'active', 'active', 'invited', 'suspended', 'removed'])
         [1 + b.person / 5 % 10]
     from bench.owners as b where b.user_id = m.user_id`,
  );
  await admin.query(
    `insert into public.organization_members (org_id, user_id, role, status)
     select n.org_id, b.user_id, (array['manager', 'agent', 'viewer'])[1 + b.person % 3], 'active'
     from bench.owners as b
     cross join lateral (
       select o.org_id from bench.owners as o where o.org_id <> b.org_id
       order by md5(o.org_id::text || b.person) limit 1
     ) as n
     where b.person % 4 = 0
     on conflict do nothing`,
  );
  await admin.query(
    `update public.org_settings as s
     set enable_meeting_sharing = o.n % 3 <> 0,
       mfa_required_for = (array['none', 'none', 'admins', 'none', 'everyone'])[1 + o.n % 5]
     from (select org_id, row_number() over (order by org_id) as n from public.org_settings) as o
     where o.org_id = s.org_id`,
  );
  await admin.query(
    `delete from auth.sessions as s using bench.owners as b where b.user_id = s.user_id and b.person % 17 = 0`,
  );
  await admin.query(
    `update auth.users as u set banned_until = now() + interval '1 day'
     from bench.owners as b where b.user_id = u.id and b.person % 19 = 0`,
  );
  await admin.query("reset session_replication_role");
  await admin.query("analyze public.organization_members");
}

async function readPeople(admin: pg.Client): Promise<Member[]> {
  const { rows } = await admin.query<Member>(
    `select m.org_id as org, m.user_id as person, bench.id('session', b.person) as session
     from public.organization_members as m join bench.owners as b on b.user_id = m.user_id
     order by m.org_id, m.user_id`,
  );
  return rows;
}

interface Hit {
  readonly segment_id: string;
  readonly rank: number;
}

/** Every page; null when the caller is told that there is no such organization. */
async function searchAll(
  client: pg.Client,
  envelope: Envelope,
  member: Member,
  text: string,
): Promise<string[] | null> {
  const ids: string[] = [];
  let after: string | null = null;
  while (true) {
    let page: { readonly has_more: boolean; readonly results: Hit[] };
    try {
      const [row] = await envelope(member, {
        name: "search page",
        sql: "select public.search_transcripts($1, $2, 'relevance', $3, $4) as page",
        values: [member.org, text, PAGE, after],
      }) as [{ page: typeof page }];
      page = row.page;
    } catch (error) {
      await client.query("rollback");
      if (isRefusal(error)) return null;
      throw error;
    }
    ids.push(...page.results.map(({ segment_id }) => segment_id));
    const last = page.results.at(-1);
    if (!page.has_more || last === undefined) return ids.sort();
    after = JSON.stringify({ rank: last.rank, id: last.segment_id });
  }
}

function isRefusal(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return code === "PT401" || code === "PT403" || code === "PT404";
}

async function readPermitted(envelope: Envelope, member: Member, text: string): Promise<string[]> {
  const rows = await envelope(member, {
    name: "permitted",
    sql: `select id from public.transcript_segments
      where org_id = $1 and tsv @@ websearch_to_tsquery('pg_catalog.english', $2)`,
    values: [member.org, text],
  }) as ReadonlyArray<{ readonly id: string }>;
  return rows.map(({ id }) => id).sort();
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  try {
    deepStrictEqual(left, right);
    return true;
  } catch (error) {
    if (error instanceof AssertionError) return false;
    throw error;
  }
}

function randomQuestion(random: () => number): string {
  const word = (): string => wordOf(Math.floor(2_000 ** random()));
  const kind = random();
  if (kind < 0.6) return word();
  if (kind < 0.8) return `${word()} ${word()}`;
  return kind < 0.9 ? `${word()} or ${word()}` : `${word()} -${word()}`;
}

/** The same numbers on every run. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
