// Requests that SQL queued leave after the commit, once, and their answers come back to SQL.

import assert from "node:assert/strict";
import { startCronWorker } from "../../../scripts/stack/cron/worker.ts";
import { freePort, scalar, session } from "../postgres/throwaway_server.ts";
import { databaseWithExtensions, waitFor } from "./cron_database.ts";

const options = { sanitizeOps: false, sanitizeResources: false };

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
