// Jobs run when they are due and as who made them, requests leave after the commit, and a clock can be
// moved through a day in seconds.

import assert from "node:assert/strict";
import { startCronWorker } from "../../../scripts/stack/cron/worker.ts";
import type { Connection } from "../../../scripts/stack/postgres/connection.ts";
import {
  freePort,
  scalar,
  session,
  type ThrowawayServer,
  throwawayServer,
} from "../postgres/throwaway_server.ts";

const options = { sanitizeOps: false, sanitizeResources: false };

async function databaseWithExtensions(): Promise<ThrowawayServer> {
  const context = await throwawayServer();
  await using postgres = await session(context.server, "postgres");
  await postgres.query(`
    create extension pg_cron;
    create extension pg_net with schema extensions;
    create schema private;
    create table private.heartbeats (job text, who text, path text, at timestamptz default now());
  `);
  return context;
}

async function waitFor(what: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!await what()) {
    assert.ok(Date.now() < deadline, `waited too long for ${what}`);
    await new Promise((resume) => setTimeout(resume, 10));
  }
}

async function runs(client: Connection): Promise<Array<Record<string, unknown>>> {
  const { rows } = await client.query(
    "select jobname, status, return_message, " +
      "to_char(start_time at time zone 'utc', 'YYYY-MM-DD HH24:MI') as started " +
      "from cron.job_run_details join cron.job using (jobid) order by runid",
  );
  return rows;
}

Deno.test("the cron worker runs jobs and sends requests", options, async (test) => {
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
    assert.ok(elapsedMs < 10_000, `a day took ${elapsedMs} ms`);
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
        "select count(*)::int from cron.job_run_details where status = 'succeeded'",
      ) === 2
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

Deno.test("the cron worker sends what SQL queued", options, async (test) => {
  await using context = await databaseWithExtensions();
  const { server } = context;
  await using postgres = await session(server, "postgres");
  const databaseUrl = server.url("supabase_admin");
  const seen: Array<{ method: string; url: string; headers: Headers; body: string }> = [];
  const release = Promise.withResolvers<void>();
  const receiver = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/slow") await release.promise;
      seen.push({
        method: request.method,
        url: request.url,
        headers: request.headers,
        body: await request.text(),
      });
      if (pathname === "/moved") return Response.redirect(new URL("/there", request.url), 302);
      return Response.json({ ok: pathname }, { status: pathname === "/teapot" ? 418 : 200 });
    },
  );
  const base = `http://127.0.0.1:${receiver.addr.port}`;
  const worker = await startCronWorker({ databaseUrl, port: 0 });
  const responseTo = async (id: unknown): Promise<Record<string, unknown>> => {
    await waitFor(async () =>
      await scalar(postgres, "select true from net._http_response where id = $1", [id]) === true
    );
    const { rows } = await postgres.query("select * from net._http_response where id = $1", [id]);
    return rows[0];
  };

  await test.step("a committed request is sent with its headers and body as they stand", async () => {
    const id = await scalar(
      postgres,
      'select net.http_post($1, body := $2, headers := $3, params := \'{"a": "1 2"}\')',
      [`${base}/hook`, '{"b": "é", "a": [1, 2]}', '{"X-Sig": "v1,abc"}'],
    );
    const response = await responseTo(id);
    assert.equal(response.status_code, 200);
    assert.equal(response.content, '{"ok":"/hook"}');
    assert.match(String(response.content_type), /^application\/json/);
    assert.equal(response.timed_out, false);
    assert.equal(response.error_msg, null);
    const [request] = seen;
    assert.equal(request?.method, "POST");
    assert.equal(request?.url, `${base}/hook?a=1%202`);
    assert.equal(request?.body, '{"a": [1, 2], "b": "é"}');
    assert.equal(request?.headers.get("x-sig"), "v1,abc");
    assert.equal(request?.headers.get("content-type"), "application/json");
    assert.equal(request?.headers.get("user-agent"), "pg_net/0.19.7");
    assert.equal(await scalar(postgres, "select count(*)::int from net.http_request_queue"), 0);
  });

  await test.step("a request that rolls back is never sent, one under way is not sent before the commit", async () => {
    seen.length = 0;
    await postgres.query("begin");
    await postgres.query("select net.http_get($1)", [`${base}/never`]);
    await postgres.query("rollback");
    await postgres.query("begin");
    await postgres.query("select net.http_get($1)", [`${base}/later`]);
    await new Promise((resume) => setTimeout(resume, 100));
    assert.equal(seen.length, 0);
    const id = await scalar(postgres, "select max(id) from net.http_request_queue");
    await postgres.query("commit");
    await responseTo(id);
    assert.deepEqual(seen.map((request) => request.url), [`${base}/later`]);
  });

  await test.step("statuses, redirects and deletes come back as they are", async () => {
    const teapot = await scalar(postgres, "select net.http_get($1)", [`${base}/teapot`]);
    assert.equal((await responseTo(teapot)).status_code, 418);
    const moved = await scalar(postgres, "select net.http_post($1)", [`${base}/moved`]);
    assert.equal((await responseTo(moved)).content, '{"ok":"/there"}');
    seen.length = 0;
    const gone = await scalar(postgres, "select net.http_delete($1)", [`${base}/x`]);
    await responseTo(gone);
    assert.equal(seen[0]?.method, "DELETE");
  });

  await test.step("timeouts and dead addresses are written down", async () => {
    const slow = await scalar(
      postgres,
      "select net.http_get($1, timeout_milliseconds := 50)",
      [`${base}/slow`],
    );
    const timedOut = await responseTo(slow);
    assert.equal(timedOut.timed_out, true);
    assert.match(String(timedOut.error_msg), /^Timeout of 50 ms reached\. Total time: /);
    const refused = await scalar(postgres, "select net.http_get($1)", [
      `http://127.0.0.1:${freePort()}/`,
    ]);
    const response = await responseTo(refused);
    assert.equal(response.timed_out, false);
    assert.equal(response.status_code, null);
    assert.equal(response.error_msg, "Couldn't connect to server");
    release.resolve();
  });

  await test.step("five hundred requests in one transaction all arrive once", async () => {
    seen.length = 0;
    await postgres.query("select net.http_post($1 || n) from generate_series(1, 500) as n", [
      `${base}/many/`,
    ]);
    await worker.settle();
    assert.equal(seen.length, 500);
    assert.equal(new Set(seen.map((request) => request.url)).size, 500);
    assert.equal(await scalar(postgres, "select count(*)::int from net.http_request_queue"), 0);
  });

  await test.step("old responses expire, the worker is known to be up", async () => {
    await postgres.query(
      "insert into net._http_response (id, created) values (-1, now() - interval '7 hours')",
    );
    await postgres.query("select net.check_worker_is_up()");
    await postgres.query("select cron.schedule('tick', '1 second', 'select 1')");
    await waitFor(async () =>
      await scalar(postgres, "select count(*)::int from net._http_response where id = -1") === 0
    );
    await postgres.query("select cron.unschedule('tick')");
  });

  await worker.close();
  await receiver.shutdown();
});

Deno.test("the cron worker's process", options, async (test) => {
  await using context = await databaseWithExtensions();
  const { server } = context;
  await using postgres = await session(server, "postgres");
  const spawn = async (): Promise<{ process: Deno.ChildProcess; url: string }> => {
    const port = freePort();
    const process = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--no-check",
        "--config",
        new URL(import.meta.resolve("../../../deno.json")).pathname,
        new URL(import.meta.resolve("../../../scripts/stack/cron/main.ts")).pathname,
        "--port",
        String(port),
      ],
      env: { CRON_DATABASE_URL: server.url("supabase_admin") },
      stdin: "piped",
      stdout: "null",
      stderr: "inherit",
    }).spawn();
    const url = `http://127.0.0.1:${port}`;
    await waitFor(async () => {
      try {
        return (await (await fetch(`${url}/health`)).json()).status === "ok";
      } catch {
        return false;
      }
    });
    return { process, url };
  };
  const control = async (url: string, body: unknown, headers = {}): Promise<Response> =>
    await fetch(`${url}/_control`, { method: "POST", body: JSON.stringify(body), headers });

  await test.step("a killed worker loses no schedule, and closes the log of the run it broke", async () => {
    await postgres.query("select cron.schedule('long', '1 second', 'select pg_sleep(30)')");
    await postgres.query("select cron.schedule('hourly', '0 * * * *', 'select 1')");
    const first = await spawn();
    await waitFor(async () =>
      await scalar(
        postgres,
        "select count(*)::int from cron.job_run_details where status = 'running'",
      ) === 1
    );
    first.process.kill("SIGKILL");
    await first.process.status;
    await first.process.stdin.close().catch(() => {});
    await postgres.query("select cron.unschedule('long')");

    const second = await spawn();
    const { rows } = await postgres.query(
      "select status, return_message from cron.job_run_details where command like '%sleep%'",
    );
    assert.deepEqual(rows, [{ status: "failed", return_message: "server restarted" }]);
    const answer = await (await control(second.url, { advance: "PT3H" })).json();
    assert.equal(answer.runs, 3);
    assert.ok(Date.parse(answer.now) > Date.now() + 10_700_000);
    await second.process.stdin.close();
    assert.equal((await second.process.status).code, 0);
  });

  await test.step("the control interface runs a job by name, and refuses browsers and nonsense", async () => {
    const { process, url } = await spawn();
    assert.deepEqual((await (await control(url, { run: "hourly" })).json()).runs, 1);
    assert.equal((await control(url, { run: "nosuch" })).status, 404);
    assert.equal((await control(url, { settle: true })).status, 200);
    assert.equal((await control(url, { advance: "soon" })).status, 400);
    assert.equal((await control(url, { advance: "-PT1H" })).status, 400);
    assert.equal((await control(url, { backwards: true })).status, 400);
    const fromPage = await control(url, { run: "hourly" }, { origin: "http://evil.test" });
    assert.equal(fromPage.status, 403);
    process.kill("SIGTERM");
    assert.equal((await process.status).code, 0);
    await process.stdin.close().catch(() => {});
  });

  await test.step("a worker that lost its database ends, so that it is started again", async () => {
    const { process } = await spawn();
    await postgres.end();
    await server.stop();
    assert.equal((await process.status).code, 1);
    await process.stdin.close().catch(() => {});
  });
});
