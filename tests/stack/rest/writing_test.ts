// Writing: inserts, upserts, updates and deletes, what they return and what they undo.

import assert from "node:assert/strict";
import { openRestStage } from "./rest_stage.ts";

const stage = await openRestStage();
const rest = await stage.serve();
Deno.test.afterAll(async () => {
  await rest[Symbol.asyncDispose]();
  await stage.close();
});
const companies = () => rest.anon.from("companies");

async function countOf(name: string): Promise<number> {
  const { count } = await companies().select("id", { count: "exact", head: true }).eq("name", name);
  return count ?? -1;
}

Deno.test("an insert says nothing unless it is asked to", async () => {
  const quiet = await companies().insert({ name: "Quiet" });
  assert.deepEqual({ ...quiet, success: true }, {
    count: null,
    data: null,
    error: null,
    status: 201,
    statusText: "Created",
    success: true,
  });
  const shown = await companies().insert({ name: "Shown", city: "Rome" }).select("name, city");
  assert.equal(shown.status, 201);
  assert.deepEqual(shown.data, [{ name: "Shown", city: "Rome" }]);
});

Deno.test("many rows go in at once; columns left out are null or have their defaults", async () => {
  const rows = [{ name: "Bulk one", city: "Oslo" }, { name: "Bulk two" }];
  const nulls = await companies().insert(rows, { count: "exact" }).select("name, city");
  assert.deepEqual(nulls.data, [
    { name: "Bulk one", city: "Oslo" },
    { name: "Bulk two", city: null },
  ]);
  assert.equal(nulls.count, 2);
  const defaults = await companies()
    .insert([{ name: "Bulk three", city: "Oslo" }, { name: "Bulk four" }], {
      defaultToNull: false,
    })
    .select("name, city");
  assert.deepEqual(defaults.data, [
    { name: "Bulk three", city: "Oslo" },
    { name: "Bulk four", city: "Nowhere" },
  ]);
});

Deno.test("an insert can show what it is related to", async () => {
  const { data, error } = await rest.anon.from("people")
    .insert({ name: "Eve", company_id: 1 })
    .select("name, companies(name)").single();
  assert.equal(error, null);
  assert.deepEqual(data, { name: "Eve", companies: { name: "Acme" } });
});

Deno.test("the address of a new row is in its headers when only headers are wanted", async () => {
  const response = await rest.request("/companies", {
    method: "POST",
    headers: { "Content-Type": "application/json", Prefer: "return=headers-only" },
    body: JSON.stringify({ id: 70, name: "Addressed" }),
  });
  assert.equal(response.status, 201);
  assert.equal(response.headers.get("location"), "/companies?id=eq.70");
  assert.equal(response.headers.get("preference-applied"), "return=headers-only");
  assert.equal(await response.text(), "");
});

Deno.test("an upsert merges or ignores, by the primary key or another", async () => {
  const merged = await companies()
    .upsert({ name: "Acme", city: "Bonn" }, { onConflict: "name" }).select("id, city");
  assert.equal(merged.status, 200);
  assert.deepEqual(merged.data, [{ id: 1, city: "Bonn" }]);
  const created = await companies().upsert({ id: 80, name: "Fresh" }).select("id");
  assert.equal(created.status, 201);
  const ignored = await companies()
    .upsert([{ id: 1, name: "Other" }], { ignoreDuplicates: true }).select("id");
  assert.deepEqual(ignored.data, []);
  assert.equal(await countOf("Other"), 0);
});

Deno.test("a single upsert takes its key from the address and nothing else", async () => {
  const put = (path: string, body: unknown) =>
    rest.request(path, {
      method: "PUT",
      headers: { "Content-Type": "application/json", Prefer: "return=representation" },
      body: JSON.stringify(body),
    });
  const made = await put("/companies?id=eq.90", { id: 90, name: "Put" });
  assert.equal(made.status, 201);
  assert.deepEqual(await made.json(), [{ id: 90, name: "Put", city: "Nowhere" }]);
  const again = await put("/companies?id=eq.90", { id: 90, name: "Put again", city: "Ulm" });
  assert.equal(again.status, 200);
  await again.body?.cancel();
  const mismatch = await put("/companies?id=eq.91", { id: 92, name: "No" });
  assert.equal(mismatch.status, 400);
  assert.equal((await mismatch.json()).code, "PGRST115");
  assert.equal(await countOf("No"), 0);
  const filters = await put("/companies?name=eq.Put", { id: 90, name: "Put" });
  assert.equal(filters.status, 405);
  assert.equal((await filters.json()).code, "PGRST105");
});

Deno.test("updates and deletes change the filtered rows and return them", async () => {
  await companies().insert([{ name: "Change one" }, { name: "Change two" }]);
  const updated = await companies().update({ city: "Lima" }, { count: "exact" })
    .like("name", "Change%").select("name, city").order("name");
  assert.equal(updated.status, 200);
  assert.equal(updated.count, 2);
  assert.deepEqual(updated.data, [
    { name: "Change one", city: "Lima" },
    { name: "Change two", city: "Lima" },
  ]);
  const quiet = await companies().update({ city: "Quito" }).eq("name", "Change one");
  assert.equal(quiet.status, 204);
  const deleted = await companies().delete({ count: "exact" }).like("name", "Change%");
  assert.equal(deleted.status, 204);
  assert.equal(deleted.count, 2);
  assert.equal(await countOf("Change one"), 0);
});

Deno.test("a single object is refused with the number of rows, and nothing is kept", async () => {
  const many = await companies().insert([{ name: "Twin a" }, { name: "Twin b" }])
    .select("id").single();
  assert.equal(many.status, 406);
  assert.equal(many.error?.code, "PGRST116");
  assert.equal(many.error?.details, "The result contains 2 rows");
  assert.equal(await countOf("Twin a"), 0);
  const one = await companies().insert({ name: "Single" }).select("name").single();
  assert.deepEqual(one.data, { name: "Single" });
  assert.equal(await countOf("Single"), 1);
});

Deno.test("more rows than max-affected allows are refused, and nothing is kept", async () => {
  await companies().insert([{ name: "Limit a" }, { name: "Limit b" }]);
  const refused = await companies().delete().like("name", "Limit%")
    .setHeader("Prefer", "handling=strict, max-affected=1");
  assert.equal(refused.status, 400);
  assert.equal(refused.error?.code, "PGRST124");
  assert.equal(refused.error?.details, "The query affects 2 rows");
  assert.equal(await countOf("Limit a"), 1);
  const allowed = await companies().delete().like("name", "Limit%")
    .setHeader("Prefer", "handling=strict, max-affected=2");
  assert.equal(allowed.status, 204);
});

Deno.test("a caller may have a write undone after it was shown", async () => {
  const { data, error } = await companies().insert({ name: "Dry run" }).select("name").rollback();
  assert.equal(error, null);
  assert.deepEqual(data, [{ name: "Dry run" }]);
  assert.equal(await countOf("Dry run"), 0);
  await using fixed = await stage.serve({ settings: { mayEndTransaction: false } });
  await fixed.anon.from("companies").insert({ name: "Wet run" }).rollback();
  assert.equal(await countOf("Wet run"), 1);
});

Deno.test("the columns parameter leaves other keys of a body alone", async () => {
  const response = await rest.request("/companies?columns=name&select=name,city", {
    method: "POST",
    headers: { "Content-Type": "application/json", Prefer: "return=representation" },
    body: JSON.stringify([{ name: "Columns", city: "Ignored", nonsense: 1 }]),
  });
  assert.deepEqual(await response.json(), [{ name: "Columns", city: "Nowhere" }]);
});

Deno.test("bodies that make no sense are refused before the database sees them", async () => {
  const post = async (body: string, type = "application/json") => {
    const response = await rest.request("/companies", {
      method: "POST",
      headers: { "Content-Type": type },
      body,
    });
    return { status: response.status, code: (await response.json()).code };
  };
  assert.deepEqual(await post("{"), { status: 400, code: "PGRST102" });
  assert.deepEqual(await post('[{"name":"x"},{"city":"y"}]'), { status: 400, code: "PGRST102" });
  assert.deepEqual(await post('{"nonsense":1}'), { status: 400, code: "PGRST204" });
  assert.deepEqual(await post("x", "image/png"), { status: 400, code: "PGRST102" });
});

Deno.test("CSV and forms can be stored too", async () => {
  const csv = await rest.request("/companies", {
    method: "POST",
    headers: { "Content-Type": "text/csv", Prefer: "return=representation" },
    body: 'name,city\n"Comma, Inc",NULL\n',
  });
  assert.equal((await csv.json())[0].name, "Comma, Inc");
  const form = await rest.request("/companies", {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: "name=Form+Ltd&city=Bern",
  });
  assert.equal(form.status, 201);
  assert.equal(await countOf("Form Ltd"), 1);
});

Deno.test("what the database refuses comes back with its code and a fitting status", async () => {
  const twice = await companies().insert({ name: "Globex" });
  assert.equal(twice.status, 409);
  assert.equal(twice.error?.code, "23505");
  const missing = await rest.anon.from("people").insert({ name: "Nobody", company_id: 999 });
  assert.equal(missing.status, 409);
  assert.equal(missing.error?.code, "23503");
  const wrong = await rest.anon.from("people").insert({ name: "X", age: "old" });
  assert.equal(wrong.status, 400);
  assert.equal(wrong.error?.code, "22P02");
  const nothing = await rest.anon.from("people").insert({ age: 1 });
  assert.equal(nothing.error?.code, "23502");
});
