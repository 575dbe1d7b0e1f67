// A database that stopped at the migrations of 23 November and lived on: work in every state, words
// that were said. The migrations since then lose nothing of it, and a worker in the middle of a job
// doesn't notice.
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { projectDir } from "../../scripts/checks/project_dir.ts";
import { withScratchServer } from "../../scripts/checks/scratch_database.ts";
import { type Connection, withConnection } from "../../scripts/stack/postgres/connection.ts";
import { applyMigrations, applySeed } from "../../scripts/stack/postgres/migrations.ts";

const LAST_LANDED = "20261123090000";
const MIGRATIONS = join(projectDir(), "supabase/migrations");

/** What `claim_jobs` and `complete_job` are told. */
const WORKER = "worker of yesterday";

type Row = Record<string, unknown>;

/** Jobs in every state, with and without a key, as the landed functions leave them. */
const WORK = `
  select private.enqueue_job('upgrade.' || k.kind, jsonb_build_object('n', n), null, k.kind || n, null, 1, null, null)
  from unnest(array['done', 'dead', 'running', 'ready']) as k (kind), generate_series(1, 3) as n;
  select private.enqueue_job('upgrade.' || k.kind, '{}', null, null, null, 1, null, null)
  from unnest(array['done', 'dead', 'running', 'ready']) as k (kind);
  select private.enqueue_job('upgrade.later', '{}', null, 'later', now() + interval '1 day', 5, null, null);
  select private.enqueue_job('upgrade.again', '{}', null, 'again', null, 5, null, null);
  select private.fail_job(j.id, '${WORKER}', 'upstream_timeout')
  from private.claim_jobs('upgrade.again', 10, 600, '${WORKER}') as j;
  select private.complete_job(j.id, '${WORKER}') from private.claim_jobs('upgrade.done', 10, 600, '${WORKER}') as j;
  select private.fail_job(j.id, '${WORKER}', 'upstream_timeout')
  from private.claim_jobs('upgrade.dead', 10, 600, '${WORKER}') as j;
  select private.claim_jobs('upgrade.running', 10, 600, '${WORKER}');
`;

/** Builds the database as it landed, with the development data and work, then brings it up to date. */
async function upgrade(
  look: (client: Connection, before: ReadonlyMap<string, readonly Row[]>) => Promise<void>,
): Promise<void> {
  const landed = await Deno.makeTempDir({ prefix: "sixty-landed-" });
  try {
    for await (const { name } of Deno.readDir(MIGRATIONS)) {
      if (name.slice(0, LAST_LANDED.length) > LAST_LANDED) continue;
      await Deno.copyFile(join(MIGRATIONS, name), join(landed, name));
    }
    await withScratchServer(async (server) => {
      const url = await server.createDatabase("upgraded");
      ok(await applyMigrations(url, landed) >= 27, "the landed migrations");
      await applySeed(url, join(projectDir(), "tests/stack/upgrade_seed.sql"));
      const before = await withConnection(url, async (client) => {
        await client.query(WORK);
        return await readTables(client);
      });
      ok(await applyMigrations(url, MIGRATIONS) >= 20, "the migrations since then");
      await withConnection(url, (client) => look(client, before));
    });
  } finally {
    await Deno.remove(landed, { recursive: true });
  }
}

/** Every row of every table of the project: name → rows in a stable order. */
async function readTables(client: Connection): Promise<Map<string, Row[]>> {
  const { rows: tables } = await client.query<{ name: string }>(`
    select format('%s.%I', c.relnamespace::regnamespace, c.relname) as name from pg_class as c
    where c.relkind = 'r' and c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)`);
  const contents = new Map<string, Row[]>();
  for (const { name } of tables) {
    const { rows } = await client.query<{ row: Row }>(
      `select to_jsonb(t) as row from ${name} as t`,
    );
    contents.set(name, rows.map(({ row }) => row));
  }
  return contents;
}

/** The rows that are no longer among those there are, in the columns they had. */
function lost(before: readonly Row[], after: readonly Row[]): Row[] {
  const columns = Object.keys(before[0] ?? {});
  const text = (row: Row): string => JSON.stringify(columns.map((column) => row[column]));
  const kept = new Set(after.map(text));
  return before.filter((row) => !kept.has(text(row)));
}

const enqueueAgain = (key: string): string =>
  `select private.enqueue_job('upgrade.twice', '{}', null, '${key}', null, 1, null, null) as id`;

Deno.test("CRE-046 the migrations since 23 November lose no row, and no job is enqueued twice", async (test) => {
  await upgrade(async (client, before) => {
    const after = await readTables(client);
    const oldJobs = before.get("private.jobs") ?? [];
    const jobs = after.get("private.jobs") ?? [];

    await test.step("every row of every other table is as it was", () => {
      ok((before.get("public.transcript_segments") ?? []).length >= 20, "there are transcripts");
      for (const [table, rows] of before) {
        if (table !== "private.jobs") {
          deepStrictEqual(lost(rows, after.get(table) ?? []), [], table);
        }
      }
    });

    await test.step("what was said has no end, and is still found", async () => {
      const segments = after.get("public.transcript_segments") ?? [];
      deepStrictEqual([...new Set(segments.map(({ end_ms }) => end_ms))], [null]);
      const { rows: [found] } = await client.query<{ count: number }>(
        "select count(*)::int from public.transcript_segments where tsv @@ to_tsquery('english', 'price | pricing')",
      );
      ok((found?.count ?? 0) > 0, "words that the development data has");
    });

    await test.step("nothing that was logged is an alarm, nor can it be made one", async () => {
      const logged = after.get("public.security_audit_log") ?? [];
      ok(logged.length > 0, "there are rows");
      deepStrictEqual([...new Set(logged.map(({ severity }) => severity))], ["info"]);
      await rejects(
        client.query("update public.security_audit_log set severity = 'critical'"),
        /audit_log_is_append_only/,
      );
    });

    await test.step("jobs are what they were, save that the done ones left and the dead are out of the way", () => {
      const left = oldJobs.filter(({ state }) => state !== "done")
        .map((job) => job.state === "dead" ? { ...job, run_at: "infinity" } : job);
      strictEqual(left.length, 14);
      deepStrictEqual(lost(left, jobs), []);
      strictEqual(jobs.length, left.length);
    });

    await test.step("each key keeps its job, whatever state that was in, and enqueues nothing again", async () => {
      const keyed = oldJobs.filter(({ idempotency_key }) => idempotency_key !== null);
      strictEqual(keyed.length, 14);
      for (const { idempotency_key, id } of keyed) {
        deepStrictEqual((await client.query(enqueueAgain(String(idempotency_key)))).rows, [{ id }]);
      }
      const { rows: [twice] } = await client.query(
        "select count(*)::int from private.jobs where kind = 'upgrade.twice'",
      );
      deepStrictEqual(twice, { count: 0 });
    });

    await test.step("a key is forgotten no sooner than it would have been", async () => {
      const { rows } = await client.query<{ key: string }>(
        "select k.key from private.job_keys as k join private.jobs as j on j.id = k.job_id where k.created_at <> j.created_at",
      );
      deepStrictEqual(rows, []);
    });

    await test.step("the worker that held a lease finishes its jobs", async () => {
      const { rows } = await client.query<{ done: boolean }>(
        "select private.complete_job(j.id, $1) as done from private.jobs as j where j.kind = 'upgrade.running'",
        [WORKER],
      );
      deepStrictEqual(rows, Array(4).fill({ done: true }));
    });

    await test.step("what was ready is claimed, what was put off or buried is not", async () => {
      const claim = (kind: string): Promise<Row[]> =>
        client.query<Row>("select id from private.claim_jobs($1, 10, 60, 'new')", [
          `upgrade.${kind}`,
        ]).then(({ rows }) => rows);
      strictEqual((await claim("ready")).length, 4);
      strictEqual((await claim("ready")).length, 0);
      for (const kind of ["later", "again", "dead", "done"]) deepStrictEqual(await claim(kind), []);
    });

    await test.step("a caller of before, that fails a job with three arguments, is understood", async () => {
      const { rows } = await client.query(
        "select distinct public.fail_job(j.id, 'new', 'upstream_timeout') as state from private.jobs as j where j.kind = 'upgrade.ready'",
      );
      deepStrictEqual(rows, [{ state: "dead" }]);
    });
  });
});
