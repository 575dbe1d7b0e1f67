// Calling functions: arguments, overloads, what they return, and what they raise.

import assert from "node:assert/strict";
import { openRestStage } from "./rest_stage.ts";

const stage = await openRestStage();
const rest = await stage.serve();
Deno.test.afterAll(async () => {
  await rest[Symbol.asyncDispose]();
  await stage.close();
});

Deno.test("arguments come by name, in a body or in the address, and may be left out", async () => {
  assert.equal((await rest.anon.rpc("add", { a: 1, b: 2 })).data, 3);
  assert.equal((await rest.anon.rpc("add", { a: 1 })).data, 11);
  assert.equal((await rest.anon.rpc("add", { a: 1, b: 2 }, { get: true })).data, 3);
  const head = await rest.anon.rpc("add", { a: 1 }, { head: true });
  assert.equal(head.status, 200);
  assert.equal(head.data, null);
});

Deno.test("a variadic parameter takes a list or repeated arguments", async () => {
  assert.equal((await rest.anon.rpc("total", { numbers: [1, 2, 3] })).data, 6);
  const repeated = await rest.request("/rpc/total?numbers=1&numbers=2");
  assert.equal(await repeated.json(), 3);
});

Deno.test("a single unnamed parameter takes the whole body", async () => {
  assert.deepEqual((await rest.anon.rpc("echo", { any: [1, { thing: true }] })).data, {
    any: [1, { thing: true }],
  });
  const text = await rest.request("/rpc/shout", {
    method: "POST",
    headers: { "Content-Type": "text/plain" },
    body: "hey",
  });
  assert.equal(await text.json(), "HEY");
});

Deno.test("rows of a table can be filtered, ordered, counted and embedded", async () => {
  const { data, error, count } = await rest.anon
    .rpc("people_older_than", { years: 10 }, { count: "exact" })
    .select("name, companies(name)").lt("age", 50).order("name").limit(1);
  assert.equal(error, null);
  assert.equal(count, 2);
  assert.deepEqual(data, [{ name: "Ada", companies: { name: "Acme" } }]);
  const one = await rest.anon.rpc("first_person").select("id, passports(number)");
  assert.deepEqual(one.data, { id: 1, passports: { number: "A-1" } });
  const single = await rest.anon.rpc("people_older_than", { years: 50 }).select("id").single();
  assert.deepEqual(single.data, { id: 3 });
});

Deno.test("sets of values are lists, nothing is no content", async () => {
  assert.deepEqual((await rest.anon.rpc("numbers", { up_to: 3 })).data, [1, 2, 3]);
  const nothing = await rest.anon.rpc("nothing");
  assert.equal(nothing.status, 204);
  assert.equal(nothing.data, null);
});

Deno.test("a volatile function cannot write when it is called by GET; by POST it can", async () => {
  const get = await rest.anon.rpc("bump", { p_name: "get" }, { get: true });
  assert.equal(get.status, 405);
  assert.equal(get.error?.code, "25006");
  const post = await rest.anon.rpc("bump", { p_name: "post" });
  assert.equal(post.data, 1);
});

Deno.test("a refused function is undone", async () => {
  await rest.anon.rpc("bump", { p_name: "undo" });
  const limited = await rest.anon.rpc("bump", { p_name: "undo" })
    .setHeader("Prefer", "handling=strict, max-affected=1");
  assert.equal(limited.error?.code, "PGRST128");
  const [row] = await stage.sql("select value from public.counters where name = 'undo'");
  assert.equal(row?.value, "1");
});

Deno.test("unknown functions and arguments are refused with a hint", async () => {
  const name = await rest.anon.rpc("people_older_then", { years: 1 });
  assert.equal(name.status, 404);
  assert.equal(name.error?.code, "PGRST202");
  assert.equal(name.error?.hint, "Perhaps you meant to call the function public.people_older_than");
  const argument = await rest.anon.rpc("people_older_than", { year: 1 });
  assert.deepEqual({ ...argument.error }, {
    code: "PGRST202",
    details: "Searched for the function public.people_older_than with parameter year or with a " +
      "single unnamed json/jsonb parameter, but no matches were found in the schema cache.",
    hint: "Perhaps you meant to call the function public.people_older_than(years)",
    message: "Could not find the function public.people_older_than(year) in the schema cache",
  });
});

Deno.test("functions choose the status of what they raise", async () => {
  const { status, error } = await rest.anon.rpc("teapot");
  assert.equal(status, 418);
  assert.deepEqual({ ...error }, {
    code: "PT418",
    details: "short",
    hint: "stout",
    message: "teapot",
  });
});

Deno.test("functions can say a whole error answer, or parts of a good one", async () => {
  const error = await rest.request("/rpc/custom_answer", { method: "POST" });
  assert.equal(error.status, 402);
  assert.equal(error.headers.get("x-quota"), "0");
  assert.deepEqual(await error.json(), {
    code: "quota",
    details: null,
    hint: "wait",
    message: "too much",
  });
  const good = await rest.request("/rpc/created_elsewhere", { method: "POST" });
  assert.equal(good.status, 202);
  assert.equal(good.headers.get("x-job"), "42");
  assert.equal(await good.json(), "queued");
});

Deno.test("other methods than GET, HEAD and POST are refused", async () => {
  const response = await rest.request("/rpc/add", { method: "DELETE" });
  assert.equal(response.status, 405);
  assert.equal((await response.json()).code, "PGRST101");
});

Deno.test("a function's own patience holds for the whole call", async () => {
  const { error } = await rest.anon.rpc("patient");
  assert.equal(error?.code, "57014");
});
