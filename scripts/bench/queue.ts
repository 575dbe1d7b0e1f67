// The outbox: claiming and ticking off in batches of 100 by four callers, against what the same table
// does when the ids are known and the rows are deleted; on an empty outbox, at a backlog of a million,
// and after a million jobs have gone through.
import { strictEqual } from "node:assert/strict";
import type pg from "pg";
import { type BenchDatabase, openBenchDatabase } from "./database.ts";
import { type BenchRow, toRow } from "./harness.ts";

const CALLERS = 4;
const BATCH = 100;
/** Jobs a timing; some tenths of a second. */
const JOBS = 12_000;
const ROUNDS = 9;
const WARMUP_ROUNDS = 2;
const MANY = 1_000_000;

/**
 * Measures the outbox in the three states it can be in.
 *
 * @returns The rows of the table; times are per batch and caller.
 */
export async function benchQueue(): Promise<BenchRow[]> {
  const nothing = { deals: 0, segments: 0, others: 0, orgs: 2 };
  await using freshWorld = await openBenchDatabase(nothing);
  await using fullWorld = await openBenchDatabase(nothing);
  await using fresh = await Outbox.open(freshWorld);
  await using full = await Outbox.open(fullWorld);

  const rows = await measure("outbox: claim and complete, empty otherwise", fresh, null);
  await full.enqueue("bench.queue", MANY);
  rows.push(...await measure("outbox: the same before a backlog of a million", full, fresh));
  await full.drain("bench.queue");
  rows.push(...await measure("outbox: the same after a million went through", full, fresh));
  return rows;
}

async function measure(
  name: string,
  outbox: Outbox,
  fresh: Outbox | null,
): Promise<BenchRow[]> {
  const ours: number[] = [];
  const limit: number[] = [];
  const freshly: number[] = [];
  const timings = [
    async () => ours.push(await outbox.timeQueue()),
    async () => limit.push(await outbox.timeKnownIds()),
    async () => freshly.push(await (fresh ?? outbox).timeQueue()),
  ];
  for (let round = -WARMUP_ROUNDS; round < ROUNDS; round++) {
    // Each goes first as often as the others.
    for (const index of [0, 1, 2]) await timings[(index + round + WARMUP_ROUNDS) % 3]?.();
    if (round < 0) { for (const samples of [ours, limit, freshly]) samples.length = 0; }
  }
  const rows = [toRow(
    { name, against: "update and delete by known ids", goal: { atLeast: 0.65 }, ratioOf: "rate" },
    ours,
    limit,
  )];
  if (fresh !== null) {
    const goal = { atLeast: 0.8 };
    rows.push(toRow({ name, against: "an empty outbox", goal, ratioOf: "rate" }, ours, freshly));
  }
  return rows;
}

/** One outbox, and four callers of it. */
class Outbox implements AsyncDisposable {
  readonly #admin: pg.Client;
  readonly #callers: readonly pg.Client[];
  #kinds = 0;

  private constructor(admin: pg.Client, callers: readonly pg.Client[]) {
    this.#admin = admin;
    this.#callers = callers;
  }

  static async open(world: BenchDatabase): Promise<Outbox> {
    const admin = await world.connect("supabase_admin");
    const callers = [];
    for (let index = 0; index < CALLERS; index++) {
      const caller = await world.connect("supabase_admin");
      // The limit is one by ids; an empty table's statistics must not make a scan of it.
      await caller.query("set enable_seqscan = off");
      callers.push(caller);
    }
    return new Outbox(admin, callers);
  }

  /** Due jobs of one kind, with what the product's carry: organization, key, 100 bytes of payload. */
  async enqueue(kind: string, count: number): Promise<void> {
    await this.#admin.query(
      `with new as (
         insert into private.jobs (org_id, kind, idempotency_key, payload, request_id, run_at)
         select bench.id('org', 1), $1, $1 || ':' || private.new_id(),
           jsonb_build_object('recording_id', private.new_id(), 'of', repeat('x', 40)), 'bench', now() - interval '1 minute'
         from generate_series(1, $2::integer) as n
         returning idempotency_key, id
       )
       insert into private.job_keys (key, job_id) select idempotency_key, id from new`,
      [kind, count],
    );
  }

  /** Milliseconds a batch: claim, complete. The backlog's kind is this one when there is a backlog. */
  async timeQueue(): Promise<number> {
    const { rows: [backlog] } = await this.#admin.query<{ any: boolean }>(
      "select exists (select from private.jobs where kind = 'bench.queue' and state = 'ready') as any",
    );
    if (backlog?.any) return await this.#timeBatches((caller) => this.#work(caller, "bench.queue"));
    const kind = `bench.fresh_${++this.#kinds}`;
    await this.enqueue(kind, JOBS);
    return await this.#timeBatches((caller) => this.#work(caller, kind));
  }

  /** The least that a leased job can cost: what the claim writes, by id, and the end of the row. */
  async timeKnownIds(): Promise<number> {
    const kind = `bench.known_${++this.#kinds}`;
    await this.enqueue(kind, JOBS);
    const { rows } = await this.#admin.query<{ id: string }>(
      "select id from private.jobs where kind = $1 order by run_at, id",
      [kind],
    );
    const ids = rows.map(({ id }) => id);
    return await this.#timeBatches(async (caller) => {
      const batch = ids.splice(0, BATCH);
      await caller.query({
        name: "known-claim",
        text:
          `update private.jobs set state = 'running', attempts = attempts + 1, locked_by = 'bench',
            locked_until = clock_timestamp() + interval '60 seconds', run_at = clock_timestamp() + interval '60 seconds'
          where id = any($1) returning id, payload`,
        values: [batch],
      });
      const text = "delete from private.jobs where id = any($1)";
      await caller.query({ name: "known-complete", text, values: [batch] });
    });
  }

  /** Sends everything of a kind through the outbox. */
  async drain(kind: string): Promise<void> {
    await Promise.all(this.#callers.map(async (caller) => {
      while (await this.#work(caller, kind, 500) > 0);
    }));
  }

  async #timeBatches(work: (caller: pg.Client) => Promise<unknown>): Promise<number> {
    const start = performance.now();
    await Promise.all(this.#callers.map(async (caller) => {
      for (let batch = 0; batch < JOBS / BATCH / CALLERS; batch++) await work(caller);
    }));
    return (performance.now() - start) / (JOBS / BATCH / CALLERS);
  }

  async #work(caller: pg.Client, kind: string, batch = BATCH): Promise<number> {
    const { rows } = await caller.query<{ id: string }>({
      name: "claim",
      text: "select id, payload from public.claim_jobs($1, $2, 60, 'bench')",
      values: [kind, batch],
    });
    if (rows.length === 0) return 0;
    const { rows: [done] } = await caller.query<{ count: number }>({
      name: "complete",
      text: "select cardinality(public.complete_jobs($1, 'bench')) as count",
      values: [rows.map(({ id }) => id)],
    });
    strictEqual(done?.count, rows.length);
    return rows.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of [this.#admin, ...this.#callers]) await client.end();
  }
}
