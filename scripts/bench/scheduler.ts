// Planning due meetings: ten thousand of a million events in one statement, against inserting the same
// rows bare and against a loop over them; a look that finds nothing; and eight schedulers at once.
import { strictEqual } from "node:assert/strict";
import type pg from "pg";
import { type BenchDatabase, openBenchDatabase } from "./database.ts";
import { type BenchRow, compare, toRow } from "./harness.ts";

const EVENTS = 1_000_000;
const DUE = 10_000;
const ROUNDS = 5;
const EMPTY_ROUNDS = 200;
/** A loop over all of them takes long and is the same for each. */
const LOOPED = 1_000;
const SCHEDULERS = 8;
const EMPTY_MAX_MS = 10;

const CLAIM = "select (public.claim_due_meetings() ->> 'claimed')::int as claimed";

/** What a claim writes, in the order in which it can be written again. */
const WRITTEN = [
  "public.recordings",
  "private.job_keys",
  "private.jobs",
  "public.recording_events",
];

/**
 * Measures the scheduler.
 *
 * @returns The rows of the table.
 */
export async function benchScheduler(): Promise<BenchRow[]> {
  await using world = await openBenchDatabase({ deals: 0, segments: 0, others: 0 });
  const admin = await world.connect("supabase_admin");
  try {
    await fill(admin);
    const empty = await measureEmpty(admin, "scheduler: a look that finds nothing due");
    await makeDue(admin);
    const rows = [await compareWithBareInsert(admin), await compareWithLoop(admin)];
    rows.push(await measureEight(world, admin));
    rows.push(await measureEmpty(admin, "scheduler: a look that finds 10,000 planned already"));
    return [empty, ...rows];
  } finally {
    await admin.end();
  }
}

/** A million events in 1,000 organizations, none of them due. */
async function fill(admin: pg.Client): Promise<void> {
  await admin.query("set session_replication_role = replica");
  await admin.query(
    `insert into public.calendar_events (
       org_id, user_id, external_id, ical_uid, title, start_time, end_time, attendees, attendees_count, meeting_url
     )
     select o.org_id, o.user_id, 'event' || e, 'event' || e || '@bench', 'Event ' || e, t.at, t.at + interval '30 minutes',
       '[{"email": "ada@bench.test", "self": true}, {"email": "bo@buyer.test"}]', 2, 'https://meet.google.com/bench-' || e
     from generate_series(1, ${EVENTS}) as e
     join bench.owners as o on o.person = bench.person_of(e)
     cross join lateral (
       select now() + case when e % 2 = 0 then 1 else -1 end * (interval '1 day' + e * interval '7 seconds') as at
     ) as t`,
  );
  await admin.query("set session_replication_role = origin");
  await admin.query("update private.plan_limits set daily_bots = 1000000");
  await admin.query("vacuum analyze public.calendar_events");
}

/** Every hundredth event begins in a minute; it stays due for as long as this takes. */
async function makeDue(admin: pg.Client): Promise<void> {
  await admin.query("set session_replication_role = replica");
  await admin.query(
    `update public.calendar_events set start_time = now() + interval '1 minute', end_time = now() + interval '3 hours'
     where external_id in (select 'event' || e * ${
      EVENTS / DUE
    } from generate_series(1, ${DUE}) as e)`,
  );
  await admin.query("set session_replication_role = origin");
  await admin.query("vacuum analyze public.calendar_events");
}

async function claim(client: pg.Client): Promise<number> {
  const { rows: [row] } = await client.query<{ claimed: number }>(CLAIM);
  return row?.claimed ?? Number.NaN;
}

/** Back to nothing planned, and the events due again. */
async function forget(admin: pg.Client): Promise<void> {
  await admin.query(`truncate ${WRITTEN.join(", ")}, private.recording_sources cascade`);
  await admin.query("set session_replication_role = replica");
  await admin.query(
    "update public.calendar_events set start_time = now() + interval '1 minute' where start_time between now() - interval '1 hour' and now() + interval '1 hour'",
  );
  await admin.query("set session_replication_role = origin");
  await admin.query("vacuum public.calendar_events");
}

async function compareWithBareInsert(admin: pg.Client): Promise<BenchRow> {
  strictEqual(await claim(admin), DUE);
  const columns = new Map<string, string>();
  for (const table of WRITTEN) {
    const copy = copyOf(table);
    await admin.query(`create table bench.${copy} as select * from ${table}`);
    const { rows: [row] } = await admin.query<{ list: string }>(
      `select string_agg(quote_ident(attname), ', ' order by attnum) as list from pg_attribute
       where attrelid = '${table}'::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
    );
    columns.set(table, row?.list ?? "");
  }
  await forget(admin);
  return await compare({
    name: "scheduler: 10,000 due of a million events, planned and queued in one statement",
    against: "bare insert of the same rows",
    goal: { atMost: 3.5 },
    rounds: ROUNDS,
    warmupRounds: 1,
    ours: async () => strictEqual(await claim(admin), DUE),
    theirs: async () => {
      await admin.query("begin");
      for (const table of WRITTEN) {
        const list = columns.get(table);
        await admin.query(
          `insert into ${table} (${list}) select ${list} from bench.${copyOf(table)}`,
        );
      }
      await admin.query("commit");
    },
    afterEach: () => forget(admin),
  });
}

const copyOf = (table: string): string => table.replace(".", "_");

/** What one would write without thinking: read what is due, then look and insert row by row. */
async function loop(admin: pg.Client): Promise<void> {
  const { rows } = await admin.query(
    `select e.org_id, e.id, e.user_id, e.title, e.meeting_url, e.start_time, e.end_time, private.meeting_key(e) as key
     from public.calendar_events as e
     where e.start_time > now() - interval '15 minutes' and e.start_time <= now() + interval '150 seconds'
       and e.auto_join_enabled and not e.all_day and e.attendees_count > 1 and e.status <> 'cancelled' and e.meeting_url is not null
     limit ${LOOPED}`,
  );
  for (const event of rows) {
    const known = await admin.query(
      "select 1 from public.recordings where org_id = $1 and meeting_key = $2",
      [event.org_id, event.key],
    );
    if (known.rowCount !== 0) continue;
    const { rows: [recording] } = await admin.query(
      `insert into public.recordings (org_id, owner_user_id, storage_user_id, calendar_event_id, meeting_key, title, meeting_url,
         platform, scheduled_start_at, scheduled_end_at)
       values ($1, $2, $2, $3, $4, $5, $6, 'meet', $7, $8) returning id`,
      [
        event.org_id,
        event.user_id,
        event.id,
        event.key,
        event.title,
        event.meeting_url,
        event.start_time,
        event.end_time,
      ],
    );
    await admin.query(
      "select private.enqueue_job('recording.deploy', jsonb_build_object('recording_id', $1::uuid), $2, 'deploy:' || $1, null, 10, $3, null)",
      [recording.id, event.org_id, event.user_id],
    );
  }
  strictEqual(rows.length, LOOPED);
}

async function compareWithLoop(admin: pg.Client): Promise<BenchRow> {
  const ours: number[] = [];
  const looped: number[] = [];
  for (let round = 0; round < 3; round++) {
    ours.push(await time(async () => strictEqual(await claim(admin), DUE)));
    await forget(admin);
    looped.push(await time(() => loop(admin)) * (DUE / LOOPED));
    await forget(admin);
  }
  return toRow(
    {
      name: "scheduler: 10,000 due meetings",
      against: "a loop that looks and inserts row by row, no network between",
      goal: { atLeast: 15 },
      ratioOf: "rate",
    },
    ours,
    looped,
  );
}

async function measureEight(world: BenchDatabase, admin: pg.Client): Promise<BenchRow> {
  const clients: pg.Client[] = [];
  for (let index = 0; index < SCHEDULERS; index++) {
    clients.push(await world.connect("supabase_admin"));
  }
  const eight: number[] = [];
  const one: number[] = [];
  for (let round = 0; round < 3; round++) {
    one.push(await time(async () => strictEqual(await claim(admin), DUE)));
    await forget(admin);
    eight.push(
      await time(async () => {
        const claims = await Promise.all(clients.map(claim));
        strictEqual(claims.reduce((sum, claimed) => sum + claimed, 0), DUE);
      }),
    );
    const { rows: [count] } = await admin.query(
      "select count(*)::int as recordings, count(distinct (org_id, meeting_key))::int as meetings from public.recordings",
    );
    strictEqual(count.recordings, DUE);
    strictEqual(count.meetings, DUE);
    if (round < 2) await forget(admin);
  }
  for (const client of clients) await client.end();
  return toRow(
    {
      name: "scheduler: eight at once, each meeting claimed once",
      against: "one alone",
      goal: "stated",
    },
    eight,
    one,
  );
}

/** Held against a bound in milliseconds; the goal is written as the ratio to it. */
async function measureEmpty(admin: pg.Client, name: string): Promise<BenchRow> {
  const took: number[] = [];
  const isPlanned = name.includes("planned already");
  const rounds = isPlanned ? 10 : EMPTY_ROUNDS;
  for (let round = -rounds / 10; round < rounds; round++) {
    const ms = await time(async () => strictEqual(await claim(admin), 0));
    if (round >= 0) took.push(ms);
  }
  return toRow(
    {
      name,
      against: `${EMPTY_MAX_MS} ms`,
      goal: isPlanned ? "stated" : { atMost: 1 },
    },
    took,
    [EMPTY_MAX_MS],
  );
}

async function time(run: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}
