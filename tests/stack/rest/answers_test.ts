// Forms of answers: media types, values, single objects, schemas, plans, what browsers are told.

import assert from "node:assert/strict";
import { openRestStage } from "./rest_stage.ts";

const stage = await openRestStage();
const rest = await stage.serve();
Deno.test.afterAll(async () => {
  await rest[Symbol.asyncDispose]();
  await stage.close();
});
const people = () => rest.anon.from("people");

Deno.test("single wants exactly one row, maybeSingle at most one", async () => {
  assert.deepEqual((await people().select("id").eq("id", 1).single()).data, { id: 1 });
  const none = await people().select("id").eq("id", 99).single();
  assert.equal(none.status, 406);
  assert.deepEqual({ ...none.error }, {
    code: "PGRST116",
    details: "The result contains 0 rows",
    hint: null,
    message: "Cannot coerce the result to a single JSON object",
  });
  const maybe = await people().select("id").eq("id", 99).maybeSingle();
  assert.equal(maybe.data, null);
  assert.equal(maybe.error, null);
  assert.equal((await people().select("id").maybeSingle()).error?.code, "PGRST116");
});

Deno.test("CSV names its columns, nulls can be left out of JSON", async () => {
  const { data } = await people().select("id, name, age").gt("id", 2).order("id").csv();
  assert.equal(data, 'id,name,age\n3,Cy,52\n4,"Dee, the Boss",');
  const stripped = await people().select("id, age").eq("id", 4).stripNulls();
  assert.deepEqual(stripped.data, [{ id: 4 }]);
  const one = await people().select("id, age").eq("id", 4).stripNulls().single();
  assert.deepEqual(one.data, { id: 4 });
});

Deno.test("an answer says what it is of, where it lies, and how long it is", async () => {
  const response = await rest.request("/people?select=id&order=id&limit=2", {
    headers: { Prefer: "count=exact, timezone=Europe/Berlin" },
  });
  assert.equal(response.status, 206);
  assert.equal(response.headers.get("content-range"), "0-1/4");
  assert.equal(response.headers.get("content-type"), "application/json; charset=utf-8");
  assert.equal(response.headers.get("content-location"), "/people?limit=2&order=id&select=id");
  assert.equal(
    response.headers.get("preference-applied"),
    "count=exact, timezone=Europe/Berlin",
  );
  assert.deepEqual(await response.json(), [{ id: 1 }, { id: 2 }]);
});

Deno.test("the Range header cuts rows as limit and offset do", async () => {
  const response = await rest.request("/people?select=id&order=id", {
    headers: { Range: "1-2", "Range-Unit": "items" },
  });
  assert.equal(response.headers.get("content-range"), "1-2/*");
  assert.deepEqual(await response.json(), [{ id: 2 }, { id: 3 }]);
  const wrong = await rest.request("/people", { headers: { Range: "3-1" } });
  assert.equal(wrong.status, 416);
  await wrong.body?.cancel();
});

Deno.test("schemas are chosen by profile, and named in the answer", async () => {
  const { data } = await rest.anon.schema("other").from("rooms").select("name");
  assert.deepEqual(data, [{ name: "Blue" }]);
  const response = await rest.request("/rooms", { headers: { "Accept-Profile": "other" } });
  assert.equal(response.headers.get("content-profile"), "other");
  await response.body?.cancel();
  const hidden = await rest.anon.schema("hidden").from("rooms").select("name");
  assert.equal(hidden.status, 406);
  assert.equal(hidden.error?.code, "PGRST106");
  assert.equal(hidden.error?.hint, "Only the following schemas are exposed: public, other");
});

Deno.test("execution plans are shown where that is switched on", async () => {
  const text = await people().select("id").explain();
  assert.match(String(text.data), /Aggregate/);
  const json = await people().select("id").explain({ format: "json", analyze: true });
  assert.ok(Array.isArray(json.data));
  await using closed = await stage.serve({ settings: {} });
  const refused = await closed.anon.from("people").select("id").explain();
  assert.equal(refused.status, 406);
  assert.equal(refused.error?.code, "PGRST107");
});

Deno.test("media types that cannot be made are refused", async () => {
  const response = await rest.request("/people", { headers: { Accept: "image/png" } });
  assert.equal(response.status, 406);
  assert.equal(
    (await response.json()).message,
    "None of these media types are available: image/png",
  );
  const liked = await rest.request("/people?select=id&id=eq.1", {
    headers: { Accept: "image/png, text/csv;q=0.5, */*;q=0.1" },
  });
  assert.equal(await liked.text(), "id\n1");
});

Deno.test("unknown preferences only matter to those who want them to", async () => {
  const lenient = await rest.request("/people?limit=1", { headers: { Prefer: "haste=much" } });
  assert.equal(lenient.status, 200);
  await lenient.body?.cancel();
  const strict = await rest.request("/people?limit=1", {
    headers: { Prefer: "handling=strict, haste=much" },
  });
  assert.equal(strict.status, 400);
  assert.equal((await strict.json()).details, "Invalid preferences: haste=much");
});

Deno.test("OPTIONS names the methods, and answers browsers that ask first", async () => {
  const table = await rest.request("/people", { method: "OPTIONS" });
  assert.equal(table.headers.get("allow"), "OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE");
  const fn = await rest.request("/rpc/bump", { method: "OPTIONS" });
  assert.equal(fn.status, 404, "a function is found by its arguments");
  await fn.body?.cancel();
  const nothing = await rest.request("/rpc/nothing", { method: "OPTIONS" });
  assert.equal(nothing.headers.get("allow"), "OPTIONS,POST");
  const preflight = await rest.request("/people", {
    method: "OPTIONS",
    headers: {
      Origin: "https://example.test",
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "x-mine",
    },
  });
  assert.match(
    preflight.headers.get("access-control-allow-headers") ?? "",
    /Authorization, x-mine/,
  );
});

Deno.test("the root describes what the caller may use", async () => {
  const response = await rest.request("/");
  assert.equal(response.headers.get("content-type"), "application/openapi+json; charset=utf-8");
  const { swagger, paths, definitions } = await response.json();
  assert.equal(swagger, "2.0");
  assert.ok(paths["/people"].get);
  assert.ok(paths["/rpc/add"].post);
  assert.equal(definitions.people.properties.age.type, "integer");
  assert.equal(paths["/secrets"], undefined, "no right, no mention");
});

Deno.test("a function that returns a media type answers in it", async () => {
  const page = await rest.request("/rpc/page", { headers: { Accept: "text/html" } });
  assert.equal(page.headers.get("content-type"), "text/html");
  assert.equal(await page.text(), "<p>hello</p>");
  const bytes = await rest.request("/rpc/raw_bytes", {
    headers: { Accept: "application/octet-stream" },
  });
  assert.equal(bytes.headers.get("content-type"), "application/octet-stream");
  assert.deepEqual(new Uint8Array(await bytes.arrayBuffer()), new Uint8Array([0, 255, 16]));
});

Deno.test("an aggregate makes a media type of a table's rows, and of no other's", async () => {
  const lines = await rest.request("/tags?id=lt.3&order=id", { headers: { Accept: "text/lines" } });
  assert.equal(lines.headers.get("content-type"), "text/lines");
  assert.equal(await lines.text(), "early\nlate\n");
  const other = await rest.request("/companies", { headers: { Accept: "text/lines" } });
  assert.equal(other.status, 406);
  await other.body?.cancel();
});

Deno.test("a domain is read, written and compared in its text form", async () => {
  const paints = () => rest.anon.from("paints");
  assert.deepEqual((await paints().select("*").order("id")).data, [
    { id: 1, shade: "#0000ff" },
    { id: 2, shade: "#00ff00" },
  ]);
  assert.deepEqual((await paints().select("id").eq("shade", "#00ff00")).data, [{ id: 2 }]);
  assert.deepEqual((await paints().select("id").in("shade", ["#0000ff"])).data, [{ id: 1 }]);
  const added = await paints().insert({ id: 3, shade: "#010203" }).select("shade").single();
  assert.deepEqual(added.data, { shade: "#010203" });
  const [row] = await stage.sql("select shade::int as shade from public.paints where id = 3");
  assert.equal(row?.shade, String(0x010203));
});
