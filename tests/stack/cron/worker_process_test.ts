// The worker's process: killed, asked over its control interface, left without a database.

import assert from "node:assert/strict";
import { freePort, scalar, session } from "../postgres/throwaway_server.ts";
import { databaseWithExtensions, waitFor } from "./cron_database.ts";

const options = { sanitizeOps: false, sanitizeResources: false };

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
