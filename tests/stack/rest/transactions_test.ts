// One request, one transaction: at once with others, after a change of the schema, after a failure.

import assert from "node:assert/strict";
import { openRestStage, type ServedRest } from "./rest_stage.ts";

const stage = await openRestStage();
const rest = await stage.serve();
Deno.test.afterAll(async () => {
  await rest[Symbol.asyncDispose]();
  await stage.close();
});

async function eventually(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!await isTrue()) {
    assert.ok(Date.now() < deadline, "it never happened");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function statusOf(served: ServedRest, path: string): Promise<number> {
  const response = await served.request(path);
  await response.body?.cancel();
  return response.status;
}

Deno.test("more callers than connections are all answered, and each change counts once", async () => {
  const calls = Array.from({ length: 50 }, () => rest.anon.rpc("bump", { p_name: "crowd" }));
  const answers = await Promise.all(calls);
  const values = answers.map(({ data }) => Number(data)).toSorted((a, b) => a - b);
  assert.deepEqual(values, Array.from({ length: 50 }, (_value, i) => i + 1));
});

Deno.test("failures beside successes leave no trace in each other", async () => {
  const requests = Array.from({ length: 40 }, async (_value, i) => {
    if (i % 4 === 0) return (await rest.anon.from("companies").insert({ name: "Acme" })).status;
    if (i % 4 === 1) return (await rest.anon.from("people").select("nonsense")).status;
    if (i % 4 === 2) return (await rest.anon.rpc("teapot")).status;
    return (await rest.anon.from("people").select("id").eq("id", 1)).status;
  });
  const statuses = await Promise.all(requests);
  statuses.forEach((status, i) => assert.equal(status, [409, 400, 418, 200][i % 4]));
});

Deno.test("statement by statement the answers are the same", async () => {
  await using slow = await stage.serve({ transport: "sequential" });
  const query = (served: ServedRest) =>
    served.anon.from("people").select("id, companies(name)", { count: "exact" }).order("id");
  const [one, other] = [await query(rest), await query(slow)];
  assert.deepEqual(one.data, other.data);
  assert.equal(one.count, other.count);
  const single = await slow.anon.from("companies")
    .insert([{ name: "S1" }, { name: "S2" }]).select("id").single();
  assert.equal(single.error?.code, "PGRST116");
  assert.deepEqual(await stage.sql("select 1 from public.companies where name = 'S1'"), []);
  assert.equal((await slow.anon.rpc("teapot")).status, 418);
  assert.equal((await slow.anon.rpc("bump", { p_name: "slow" })).data, 1);
  const undone = await slow.anon.from("companies").insert({ name: "S3" }).select("id").rollback();
  assert.equal(undone.error, null);
  assert.deepEqual(await stage.sql("select 1 from public.companies where name = 'S3'"), []);
});

Deno.test("a constraint that waits for the end still fails the request", async () => {
  await stage.sql(`
    create table public.late (id int primary key, other int unique deferrable initially deferred);
    insert into public.late values (1, 1);
    grant all on public.late to anon;
    notify pgrst`);
  await eventually(async () => await statusOf(rest, "/late") === 200);
  const insert = (): PromiseLike<{ status: number }> =>
    rest.anon.from("late").insert({ id: 2, other: 1 }).select("id");
  assert.equal((await insert()).status, 409);
  const dryRun = await rest.anon.from("late").insert({ id: 2, other: 1 }).select("id").rollback();
  assert.equal(dryRun.status, 409);
});

Deno.test("notify pgrst makes new tables, columns and functions known", async () => {
  assert.equal(await statusOf(rest, "/newcomers"), 404);
  await stage.sql(`
    create table public.newcomers (id int primary key, company_id bigint references public.companies);
    grant select on public.newcomers to anon;
    notify pgrst, 'reload schema'`);
  await eventually(async () =>
    await statusOf(rest, "/newcomers?select=id,companies(name)") === 200
  );
});

Deno.test("those who wait for a connection are served, although the schema is read anew", async () => {
  const crowd = Array.from({ length: 24 }, () => rest.anon.rpc("slow", { seconds: 0.05 }));
  const answers = Promise.all(crowd);
  for (let i = 0; i < 3; i += 1) await rest.room.reload();
  assert.deepEqual(new Set((await answers).map(({ data }) => data)), new Set(["done"]));
});

Deno.test("notify pgrst reads the settings of the login role anew", async () => {
  const count = async (): Promise<number | undefined> =>
    (await rest.anon.from("people").select("id")).data?.length;
  assert.equal(await count(), 4);
  await stage.sql(`
    alter role authenticator set pgrst.db_max_rows = '3';
    alter role authenticator set pgrst.db_pre_request = 'hidden.check_request';
    alter role authenticator set pgrst.db_plan_enabled = 'false';
    notify pgrst, 'reload config'`);
  await eventually(async () => await count() === 3);
  const blocked = await rest.request("/people", { headers: { "x-blocked": "1" } });
  assert.equal(blocked.status, 400);
  await blocked.body?.cancel();
  assert.equal((await rest.anon.from("people").select("id").explain()).error?.code, "PGRST107");
  await stage.sql("alter role authenticator reset all");
  await rest.room.reload();
  assert.equal(await count(), 4);
});

Deno.test("a table that changed under a prepared statement is read again", async () => {
  await stage.sql(`
    create table public.shifting (id int primary key, value int);
    insert into public.shifting values (1, 5);
    grant select on public.shifting to anon`);
  await rest.room.reload();
  const read = () => rest.anon.from("shifting").select("value").eq("id", 1);
  for (let i = 0; i < 8; i += 1) assert.deepEqual((await read()).data, [{ value: 5 }]);
  await stage.sql("alter table public.shifting alter column value type text using 'v' || value");
  assert.deepEqual((await read()).data, [{ value: "v5" }]);
  await rest.room.reload();
  assert.deepEqual((await read().eq("value", "v5")).data, [{ value: "v5" }]);
});

Deno.test("connections that the server ended are replaced", async () => {
  await stage.sql(`
    select pg_terminate_backend(pid) from pg_stat_activity
    where application_name in ('rest', 'rest listener')`);
  await eventually(async () => await statusOf(rest, "/people?select=id") === 200);
  await stage.sql(
    "create view public.revived as select 1 as id; grant select on public.revived to anon",
  );
  // The listener missed nothing: it reads everything anew when it is back.
  await eventually(async () => await statusOf(rest, "/revived") === 200);
});
