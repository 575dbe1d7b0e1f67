// Jobs run when they are due and as who made them, and a clock can be moved through a day in seconds.

import assert from "node:assert/strict";
import { startCronWorker } from "../../../scripts/stack/cron/worker.ts";
import type { Connection } from "../../../scripts/stack/postgres/connection.ts";
import { scalar, session } from "../postgres/throwaway_server.ts";
import { databaseWithExtensions, waitFor } from "./cron_database.ts";

const options = { sanitizeOps: false, sanitizeResources: false };

async function runs(client: Connection): Promise<Array<Record<string, unknown>>> {
  const { rows } = await client.query(
    "select jobname, status, return_message, " +
      "to_char(start_time at time zone 'utc', 'YYYY-MM-DD HH24:MI') as started " +
      "from cron.job_run_details join cron.job using (jobid) order by runid",
  );
  return rows;
}

Deno.test("the cron worker runs jobs", options, async (test) => {
  await using context = await databaseWithExtensions();
  const { server } = context;
  await using postgres = await session(server, "postgres");
  await using admin = await session(server, "supabase_admin");
  const databaseUrl = server.url("supabase_admin");
  const worker = await startCronWorker({ databaseUrl, port: 0 });

  await test.step("a day of schedules passes in seconds, in order", async () => {
    await postgres.query("select cron.schedule('hourly', '7 * * * *', 'select 1')");
    await postgres.query("select cron.schedule('nightly', '30 3 * * *', 'select 1; select 2')");
    await postgres.query(
      "select cron.schedule('every five', '*/5 * * * *', " +
        "'insert into private.heartbeats (job) values (''five'')')",
    );
    await postgres.query("select cron.schedule('monthly', '0 0 30 2 *', 'select 1')");
    const before = worker.now();
    const began = performance.now();
    const report = await worker.advance("P1D");
    const elapsedMs = performance.now() - began;
    assert.equal(report.runs, 24 + 1 + 288);
    assert.ok(elapsedMs < 60_000, `a day took ${elapsedMs} ms`);
    const movedMs = worker.now().getTime() - before.getTime();
    assert.ok(movedMs >= 86_400_000 && movedMs < 86_420_000, `the clock moved ${movedMs} ms`);

    const log = await runs(postgres);
    assert.deepEqual(
      Object.fromEntries(
        ["hourly", "nightly", "every five", "monthly"].map((name) => [
          name,
          log.filter((run) => run.jobname === name).length,
        ]),
      ),
      { hourly: 24, nightly: 1, "every five": 288, monthly: 0 },
    );
    const started = log.map((run) => String(run.started));
    assert.deepEqual(started, started.toSorted());
    for (const run of log.filter((entry) => entry.jobname === "hourly")) {
      assert.match(String(run.started), /:07$/);
    }
    assert.equal(await scalar(postgres, "select count(*)::int from private.heartbeats"), 288);
    await postgres.query(
      "select cron.unschedule(jobname) from cron.job; delete from cron.job_run_details",
    );
  });

  await test.step("the log has pg_cron's words", async () => {
    await postgres.query("select cron.schedule($1, '* * * * *', $2)", [
      "a insert",
      "insert into private.heartbeats (job) values ('x')",
    ]);
    for (
      const [name, command] of [
        ["b rows", "select generate_series(1, 3)"],
        ["c two", "select 1; select 2"],
        ["d create", "create table private.made (id int)"],
        ["e do", "do $$ begin perform 1; end $$"],
        ["f fails", "select 1 / 0"],
        ["g unknown", "select *\nfrom nowhere"],
        ["h none", "select 1 where false"],
        ["i empty", ""],
        [
          "j raises",
          "do $$ begin raise exception 'boom' using detail = 'd', hint = 'h'; end $$",
        ],
      ]
    ) {
      await postgres.query("select cron.schedule($1, '* * * * *', $2)", [name, command]);
    }
    await worker.advance("PT1M");
    assert.deepEqual(
      (await runs(postgres)).map((run) => [run.jobname, run.status, run.return_message]),
      [
        ["a insert", "succeeded", "INSERT 0 1"],
        ["b rows", "succeeded", "3 rows"],
        ["c two", "succeeded", "1 row"],
        ["d create", "succeeded", "CREATE TABLE"],
        ["e do", "succeeded", "DO"],
        ["f fails", "failed", "ERROR:  division by zero\n"],
        [
          "g unknown",
          "failed",
          'ERROR:  relation "nowhere" does not exist\nLINE 2: from nowhere\n             ^\n',
        ],
        ["h none", "succeeded", "0 rows"],
        ["i empty", "succeeded", "0 rows"],
        [
          "j raises",
          "failed",
          "ERROR:  boom\nDETAIL:  d\nHINT:  h\n" +
          "CONTEXT:  PL/pgSQL function inline_code_block line 1 at RAISE\n",
        ],
      ],
    );
    await postgres.query(
      "select cron.unschedule(jobname) from cron.job; delete from cron.job_run_details",
    );
  });

  await test.step("a job runs as the role that made it, with that role's settings, and leaves nothing behind", async () => {
    await admin.query(`
      create role worker login;
      alter role worker set work_mem = '7MB';
      grant usage on schema cron, private to worker;
      grant insert on private.heartbeats to worker;
    `);
    await admin.query("set role worker");
    const command = "set search_path = private; " +
      "insert into heartbeats (job, who, path) values ('worker', session_user || ' ' || current_user, " +
      "current_setting('work_mem'))";
    await admin.query("select cron.schedule('as worker', '* * * * *', $1)", [command]);
    await admin.query("select cron.schedule('reads', '* * * * *', 'table private.heartbeats')");
    await admin.query("reset role");
    await postgres.query("select cron.schedule('as postgres', '* * * * *', $1)", [
      "insert into private.heartbeats (job, who, path) values ('postgres', session_user, current_setting('search_path'))",
    ]);
    await worker.advance("PT1M");
    const { rows } = await postgres.query(
      "select who, path from private.heartbeats where who is not null order by who",
    );
    assert.deepEqual(rows, [
      { who: "postgres", path: '"$user", public, extensions' },
      { who: "worker worker", path: "7MB" },
    ]);
    assert.equal(
      await scalar(
        admin,
        "select return_message from cron.job_run_details where command like 'table%'",
      ),
      "ERROR:  permission denied for table heartbeats\n",
    );
    await admin.query("delete from cron.job; delete from cron.job_run_details");
  });

  await test.step("intervals of seconds, changes and pauses are followed while time passes", async () => {
    await postgres.query("select cron.schedule('often', '20 seconds', 'select 1')");
    await postgres.query(
      "select cron.schedule('once', '* * * * *', 'select cron.unschedule(''once'')')",
    );
    await worker.advance({ minutes: 2 });
    const log = await runs(postgres);
    assert.equal(log.filter((run) => run.jobname === "often").length, 6);
    assert.equal(
      await scalar(
        postgres,
        "select count(*)::int from cron.job_run_details where command like '%once%'",
      ),
      1,
    );
    await postgres.query("select cron.alter_job(jobid, active := false) from cron.job");
    assert.equal((await worker.advance({ minutes: 2 })).runs, 0);
    await postgres.query("select cron.unschedule('often'); delete from cron.job_run_details");
  });

  await test.step("a job of the real clock runs by itself, one run at a time", async () => {
    await postgres.query("select cron.schedule('each second', '1 second', 'select pg_sleep(0.3)')");
    await waitFor(async () =>
      await scalar(
        postgres,
        "select count(*) >= 2 from cron.job_run_details where status = 'succeeded'",
      ) === true
    );
    const overlaps = await scalar(
      postgres,
      "select count(*)::int from cron.job_run_details a join cron.job_run_details b " +
        "on a.runid < b.runid and b.start_time < a.end_time",
    );
    assert.equal(overlaps, 0);
    await postgres.query("select cron.unschedule('each second')");
    await worker.settle();
    await postgres.query("delete from cron.job_run_details");
  });

  await worker.close();
});
