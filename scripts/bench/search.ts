// Full-text search by the checked function, against the search that one would write by hand without
// any check, in the same envelope. And the proof that it finds exactly what policies would let through.
import { deepStrictEqual } from "node:assert/strict";
import type pg from "pg";
import type { BenchDatabase } from "./database.ts";
import { type Envelope, type Member, openBareEnvelope, openMemberEnvelope } from "./envelope.ts";
import { type BenchRow, compare } from "./harness.ts";

const ROUNDS = 120;
const PAGE = 20;

/** How often a word is said follows its number: the tenth in one of nine segments. */
const QUESTIONS = [
  { name: "common word", text: wordOf(10) },
  { name: "rare word", text: wordOf(2000) },
  { name: "two words", text: `${wordOf(10)} ${wordOf(25)}` },
] as const;

/**
 * Measures search in small organizations and in one with 100,000 segments.
 *
 * @param world One million segments.
 * @returns The rows of the table.
 */
export async function benchSearch(world: BenchDatabase): Promise<BenchRow[]> {
  const member = await world.connect("authenticator");
  const bare = await world.connect("authenticator");
  const admin = await world.connect("supabase_admin");
  const asMember = await openMemberEnvelope(member);
  const byHand = openBareEnvelope(bare);
  await admin.query("update public.org_settings set enable_meeting_sharing = true");
  const tenants = [
    { name: "organization with a tenth of all segments", members: await readMembers(admin, "= 1") },
    { name: "small organizations", members: await readMembers(admin, "> 1") },
  ];
  const rows: BenchRow[] = [];
  for (const { name, members } of tenants) {
    for (const question of QUESTIONS) {
      await checkSameSegments(asMember, byHand, members, question.text);
      rows.push(
        await compare({
          name: `search: ${question.name}, ${name}`,
          against: "hand SQL, no checks",
          goal: { atMost: 1.25 },
          rounds: ROUNDS,
          ours: rotate(members, (who) => searchAsMember(asMember, who, question.text)),
          theirs: rotate(members, (who) => searchByHand(byHand, who, question.text)),
        }),
      );
    }
  }
  await Promise.all([member.end(), bare.end(), admin.end()]);
  return rows;
}

async function readMembers(admin: pg.Client, orgs: string): Promise<Member[]> {
  const { rows } = await admin.query<Member>(
    `select distinct on (p.org, p.person / 10) o.org_id as org, o.user_id as person,
       bench.id('session', o.person) as session
     from bench.people as p join bench.owners as o on o.person = p.person
     where p.org ${orgs} order by p.org, p.person / 10, p.person limit 10`,
  );
  return rows;
}

interface Found {
  readonly segment_id: string;
}

async function searchAsMember(envelope: Envelope, member: Member, text: string): Promise<Found[]> {
  const [row] = await envelope(member, {
    name: "search",
    sql: "select public.search_transcripts($1, $2, 'relevance', $3) as found",
    values: [member.org, text, PAGE],
  }) as [{ found: { results: Found[] } }];
  return row.found.results;
}

/** The page, its meetings and the marked passages: everything that the function answers. */
const HAND_SQL = `
  select s.id as segment_id, s.meeting_id, m.title as meeting_title, m.started_at, s.seq,
    s.speaker_name, s.start_ms, s.rank,
    ts_headline('pg_catalog.english', s.text, s.query,
      'MaxWords=40, MinWords=15, ShortWord=2, MaxFragments=2') as marked_text
  from (
    select t.*, q.query, ts_rank(t.tsv, q.query) as rank
    from public.transcript_segments as t, websearch_to_tsquery('pg_catalog.english', $2) as q (query)
    where t.org_id = $1 and t.tsv @@ q.query
    order by rank desc, t.id desc limit $3
  ) as s
  join public.meetings as m on m.org_id = s.org_id and m.id = s.meeting_id
  order by s.rank desc, s.id desc`;

async function searchByHand(envelope: Envelope, member: Member, text: string): Promise<Found[]> {
  return await envelope(member, {
    name: "search",
    sql: HAND_SQL,
    values: [member.org, text, PAGE],
  }) as Found[];
}

async function checkSameSegments(
  asMember: Envelope,
  byHand: Envelope,
  members: readonly Member[],
  text: string,
): Promise<void> {
  for (const member of members) {
    const ours = await searchAsMember(asMember, member, text);
    const theirs = await searchByHand(byHand, member, text);
    deepStrictEqual(ours.map(idOf), theirs.map(idOf), `other segments for "${text}"`);
  }
}

function idOf({ segment_id }: Found): string {
  return segment_id;
}

function rotate(
  members: readonly Member[],
  run: (member: Member) => Promise<unknown>,
): () => Promise<void> {
  let round = 0;
  return async () => {
    const member = members[round++ % members.length];
    if (member === undefined) throw new RangeError("There is nobody to search for");
    await run(member);
  };
}

/** The word with this number, as load_world.sql spells it. */
export function wordOf(number: number): string {
  return `word${String(number).replaceAll(/\d/g, (digit) => "abcdefghij".charAt(Number(digit)))}`;
}
