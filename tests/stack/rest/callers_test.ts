// Who calls: roles and claims, tokens that are refused, and what the database may know and forbid.

import assert from "node:assert/strict";
import { openRestStage, signToken, USER_ONE, USER_TWO } from "./rest_stage.ts";

const stage = await openRestStage();
const rest = await stage.serve();
Deno.test.afterAll(async () => {
  await rest[Symbol.asyncDispose]();
  await stage.close();
});

async function withToken(token: string): Promise<Response> {
  return await rest.request("/people?select=id&limit=1", {
    headers: { Authorization: `Bearer ${token}` },
  });
}

Deno.test("U60-039 each person sees their own rows, the service role all of them", async () => {
  const one = await rest.as({ sub: USER_ONE });
  const two = await rest.as({ sub: USER_TWO });
  const service = await rest.as({ role: "service_role" });
  assert.deepEqual((await one.from("secrets").select("body")).data, [{ body: "of one" }]);
  assert.deepEqual((await two.from("secrets").select("body")).data, [{ body: "of two" }]);
  assert.equal((await service.from("secrets").select("body")).data?.length, 2);
  const forged = await one.from("secrets").insert({ owner: USER_TWO, body: "planted" });
  assert.equal(forged.status, 403);
  assert.equal(forged.error?.code, "42501");
  assert.equal((await one.from("secrets").insert({ owner: USER_ONE, body: "own" })).status, 201);
});

Deno.test("without a right, callers without a login get 401 and others 403", async () => {
  const anonymous = await rest.anon.from("secrets").select("body");
  assert.equal(anonymous.status, 401);
  assert.equal(anonymous.error?.code, "42501");
  const response = await rest.request("/secrets");
  assert.equal(response.headers.get("www-authenticate"), "Bearer");
  await response.body?.cancel();
});

Deno.test("the two walk through the same connections and never meet", async () => {
  const clients = [await rest.as({ sub: USER_ONE }), await rest.as({ sub: USER_TWO })];
  const bodies = await Promise.all(Array.from({ length: 60 }, async (_value, i) => {
    const client = clients[i % 2];
    const { data } = await client?.from("secrets").select("owner") ?? {};
    return data?.every(({ owner }) => owner === (i % 2 === 0 ? USER_ONE : USER_TWO));
  }));
  assert.deepEqual(new Set(bodies), new Set([true]));
});

Deno.test("a token that is present and bad is refused, never taken for none", async () => {
  assert.equal((await withToken(await signToken({ role: "anon" }))).status, 200);
  const refused: Array<[string, string, string]> = [
    ["", "PGRST301", "Empty JWT is sent in Authorization header"],
    ["nonsense", "PGRST301", "Expected 3 parts in JWT; got 1"],
    ["a.b.c", "PGRST301", "No suitable key or wrong key type"],
    [await signToken({ role: "anon" }, "-1h"), "PGRST303", "JWT expired"],
  ];
  for (const [token, code, message] of refused) {
    const response = await withToken(token);
    assert.equal(response.status, 401);
    assert.match(response.headers.get("www-authenticate") ?? "", /^Bearer error="invalid_token"/);
    const body = await response.json();
    assert.deepEqual([body.code, body.message], [code, message]);
  }
});

Deno.test("a token without a role is nobody, a role that does not exist is refused", async () => {
  const roleless = await rest.request("/rpc/whoami", {
    method: "POST",
    headers: { Authorization: `Bearer ${await signToken({ sub: USER_ONE })}` },
  });
  assert.equal((await roleless.json()).role, "anon");
  const unknown = await withToken(await signToken({ role: "emperor" }));
  assert.equal(unknown.status, 401);
  assert.equal((await unknown.json()).code, "22023");
  await using closed = await stage.serve({ anonRole: null });
  const anonymous = await closed.request("/people");
  assert.equal(anonymous.status, 401);
  assert.equal((await anonymous.json()).code, "PGRST302");
});

Deno.test("the database knows the request, within its transaction", async () => {
  const token = await signToken({ role: "authenticated", sub: USER_ONE });
  const headers = { Authorization: `Bearer ${token}`, "X-Probe": "7", Cookie: "taste=sweet; a=b" };
  const response = await rest.request("/rpc/whoami", { headers });
  assert.deepEqual(await response.json(), {
    role: "authenticated",
    method: "GET",
    path: "/rpc/whoami",
    agent: "7",
    cookie: "sweet",
    sub: USER_ONE,
    read_only: "on",
    timeout: "700ms",
  });
  const next = await rest.request("/rpc/whoami", { method: "POST" });
  const { role, sub, agent, timeout } = await next.json();
  assert.deepEqual({ role, sub, agent, timeout }, {
    role: "anon",
    sub: null,
    agent: null,
    timeout: "5s",
  });
});

Deno.test("each role has its own patience", async () => {
  const hasty = await rest.as({ sub: USER_ONE });
  const { status, error } = await hasty.rpc("slow", { seconds: 3 });
  assert.equal(status, 500);
  assert.equal(error?.code, "57014");
  assert.equal((await hasty.rpc("slow", { seconds: 0 })).data, "done");
  assert.equal((await rest.anon.rpc("slow", { seconds: 0.9 })).data, "done");
});

Deno.test("a function can be asked before each request, and refuse it", async () => {
  await using guarded = await stage.serve({ preRequest: "hidden.check_request" });
  assert.equal((await guarded.anon.from("people").select("id").limit(1)).status, 200);
  const headers = { "x-blocked": "yes" };
  for (const path of ["/people?select=id", "/rpc/numbers?up_to=1", "/"]) {
    const response = await guarded.request(path, { headers });
    assert.equal(response.status, 400);
    assert.deepEqual(await response.json(), {
      code: "PT400",
      details: null,
      hint: null,
      message: "blocked",
    });
  }
  const write = await guarded.request("/companies", {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json" },
    body: JSON.stringify({ name: "Blocked" }),
  });
  assert.equal(write.status, 400);
  await write.body?.cancel();
  assert.deepEqual(await stage.sql("select 1 from public.companies where name = 'Blocked'"), []);
});

Deno.test("a role's isolation level holds for its transactions", async () => {
  await stage.sql(`
    create or replace function public.isolation() returns text language sql stable
    as $$ select current_setting('transaction_isolation') $$;
    alter role service_role set default_transaction_isolation = 'serializable'`);
  await rest.room.reload();
  const service = await rest.as({ role: "service_role" });
  assert.equal((await service.rpc("isolation")).data, "serializable");
  assert.equal((await rest.anon.rpc("isolation")).data, "read committed");
  const failed = await service.from("people").select("1");
  assert.ok(failed.error);
  assert.equal((await service.rpc("isolation")).data, "serializable");
});
