// Reading: which columns, which rows, in which order, and how many.

import assert from "node:assert/strict";
import { openRestStage } from "./rest_stage.ts";

const stage = await openRestStage();
const rest = await stage.serve();
Deno.test.afterAll(async () => {
  await rest[Symbol.asyncDispose]();
  await stage.close();
});
const people = () => rest.anon.from("people");

async function ids(query: PromiseLike<{ data: unknown; error: unknown }>): Promise<number[]> {
  const { data, error } = await query;
  assert.equal(error, null);
  assert.ok(Array.isArray(data));
  return data.map(({ id }) => id);
}

Deno.test("select gives columns, aliases, casts and places in JSON", async () => {
  const { data, error, status } = await people()
    .select("id, who:name, age::text, level:data->level, floor:data->place->>floor, full_label")
    .eq("id", 1);
  assert.equal(error, null);
  assert.equal(status, 200);
  assert.deepEqual(data, [
    { id: 1, who: "Ada", age: "36", level: 3, floor: "2", full_label: "Ada (36)" },
  ]);
});

Deno.test("every comparison finds its rows", async () => {
  const q = () => people().select("id").order("id");
  assert.deepEqual(await ids(q().eq("name", "Ada")), [1]);
  assert.deepEqual(await ids(q().neq("name", "Ada")), [2, 3, 4]);
  assert.deepEqual(await ids(q().gt("age", 17)), [1, 3]);
  assert.deepEqual(await ids(q().gte("age", 17).lt("age", 52)), [1, 2]);
  assert.deepEqual(await ids(q().lte("age", 17)), [2]);
  assert.deepEqual(await ids(q().like("name", "%o%")), [2, 4]);
  assert.deepEqual(await ids(q().ilike("name", "A%")), [1]);
  assert.deepEqual(await ids(q().likeAnyOf("name", ["A%", "C%"])), [1, 3]);
  assert.deepEqual(await ids(q().ilikeAllOf("name", ["%e%", "%b%"])), [4]);
  assert.deepEqual(await ids(q().is("age", null)), [4]);
  assert.deepEqual(await ids(q().not("age", "is", null)), [1, 2, 3]);
  assert.deepEqual(await ids(q().in("name", ["Ada", "Dee, the Boss"])), [1, 4]);
  assert.deepEqual(await ids(q().filter("name", "match", "^[AB]")), [1, 2]);
  assert.deepEqual(await ids(q().filter("name", "imatch", "^[ab]")), [1, 2]);
  assert.deepEqual(await ids(q().filter("age", "isdistinct", "36")), [2, 3, 4]);
  assert.deepEqual(await ids(q().filter("age", "eq(any)", "{17,52}")), [2, 3]);
  assert.deepEqual(await ids(q().match({ age: 36, company_id: 1 })), [1]);
});

Deno.test("arrays, JSON and ranges are compared with their own operators", async () => {
  const q = () => people().select("id").order("id");
  assert.deepEqual(await ids(q().contains("skills", ["code"])), [1, 2]);
  assert.deepEqual(await ids(q().containedBy("skills", ["code", "sales"])), [2, 3, 4]);
  assert.deepEqual(await ids(q().overlaps("skills", ["math", "sales"])), [1, 3]);
  assert.deepEqual(await ids(q().contains("data", { level: 2 })), [3]);
  assert.deepEqual(await ids(q().eq("data->place->floor", 2)), [1]);
  assert.deepEqual(await ids(q().rangeLt("active_during", "[2021-06-01,2021-07-01)")), [1]);
  assert.deepEqual(await ids(q().rangeGt("active_during", "[2019-01-01,2020-01-01)")), [1, 2]);
  assert.deepEqual(await ids(q().rangeGte("active_during", "[2021-01-01,2021-02-01)")), [2]);
  assert.deepEqual(await ids(q().rangeLte("active_during", "[2020-01-01,2021-01-01)")), [1]);
  assert.deepEqual(await ids(q().rangeAdjacent("active_during", "[2021-01-01,2021-06-01)")), [
    1,
    2,
  ]);
});

Deno.test("full text is searched in every dialect", async () => {
  const q = () => people().select("id").order("id");
  const english = { config: "english" };
  assert.deepEqual(await ids(q().textSearch("biography", "write", english)), [1, 2]);
  assert.deepEqual(
    await ids(q().textSearch("biography", "writes engine", { ...english, type: "plain" })),
    [1],
  );
  assert.deepEqual(
    await ids(q().textSearch("biography", "learns to write", { ...english, type: "phrase" })),
    [2],
  );
  assert.deepEqual(
    await ids(q().textSearch("biography", "write -engine", { ...english, type: "websearch" })),
    [2],
  );
});

Deno.test("or and and build trees, negated and nested", async () => {
  const q = () => people().select("id").order("id");
  assert.deepEqual(await ids(q().or("age.gt.50,name.eq.Bob")), [2, 3]);
  assert.deepEqual(await ids(q().or("and(age.gt.30,company_id.eq.1),age.is.null")), [1, 4]);
  assert.deepEqual(await ids(q().or('name.in.("Dee, the Boss",Ada),not.and(age.gt.1)')), [1, 4]);
});

Deno.test("order, limit and range cut the rows", async () => {
  const q = () => people().select("id");
  assert.deepEqual(await ids(q().order("age", { ascending: false })), [4, 3, 1, 2]);
  assert.deepEqual(
    await ids(q().order("age", { ascending: false, nullsFirst: false }).limit(2)),
    [3, 1],
  );
  assert.deepEqual(await ids(q().order("company_id").order("name").range(1, 2)), [2, 3]);
  assert.deepEqual(await ids(q().order("id").limit(0)), []);
  assert.deepEqual(await ids(q().order("data->level", { ascending: false }).limit(1)), [4]);
});

Deno.test("counts are exact, planned or estimated, with or without rows", async () => {
  const exact = await people().select("id", { count: "exact" }).order("id").range(1, 2);
  assert.equal(exact.count, 4);
  assert.equal(exact.status, 206);
  const head = await people().select("id", { count: "exact", head: true }).gt("age", 17);
  assert.equal(head.count, 2);
  assert.equal(head.data, null);
  await stage.sql("analyze public.people");
  const planned = await people().select("id", { count: "planned" });
  assert.equal(planned.count, 4);
  const estimated = await people().select("id", { count: "estimated" });
  assert.equal(estimated.count, 4);
});

Deno.test("a range behind the last row is refused with its bounds", async () => {
  const { error, status } = await people().select("id", { count: "exact" }).range(10, 12);
  assert.equal(status, 416);
  assert.equal(error?.code, "PGRST103");
  assert.equal(error?.details, "An offset of 10 was requested, but there are only 4 rows.");
});

Deno.test("aggregates group by the columns beside them", async () => {
  const { data, error } = await people()
    .select("company_id, age.sum(), oldest:age.max()::text, count()")
    .not("company_id", "is", null)
    .order("company_id");
  assert.equal(error, null);
  assert.deepEqual(data, [
    { company_id: 1, sum: 53, oldest: "36", count: 2 },
    { company_id: 2, sum: 52, oldest: "52", count: 1 },
  ]);
});

Deno.test("aggregates are refused where they are switched off", async () => {
  await using strict = await stage.serve({ settings: { aggregatesEnabled: false } });
  const { error, status } = await strict.anon.from("people").select("age.sum()");
  assert.equal(status, 400);
  assert.equal(error?.code, "PGRST123");
});

Deno.test("no answer has more rows than the maximum", async () => {
  await using limited = await stage.serve({ maxRows: 2 });
  const { data, count } = await limited.anon
    .from("people").select("id, managed:people!manager_id(id)", { count: "exact" })
    .order("id");
  assert.equal(data?.length, 2);
  assert.equal(count, 4);
  assert.equal((await limited.anon.rpc("numbers", { up_to: 5 })).data?.length, 2);
});

Deno.test("what does not parse is refused with the place and what was expected", async () => {
  const select = await rest.request("/people?select=id,name(");
  assert.equal(select.status, 400);
  const { code, message } = await select.json();
  assert.equal(code, "PGRST100");
  assert.match(
    message,
    /^"failed to parse select parameter \(id,name\(\)" \(line 1, column \d+\)$/,
  );
  const filter = await rest.request("/people?age=biggerthan.3");
  assert.deepEqual(await filter.json(), {
    code: "PGRST100",
    details: 'unexpected "b" expecting "not" or operator (eq, gt, ...)',
    hint: null,
    message: '"failed to parse filter (biggerthan.3)" (line 1, column 1)',
  });
});

Deno.test("what does not exist is refused with a hint", async () => {
  const table = await rest.anon.from("peeple").select("id");
  assert.equal(table.status, 404);
  assert.equal(table.error?.code, "PGRST205");
  assert.equal(table.error?.hint, "Perhaps you meant the table 'public.people'");
  const column = await people().select("nonsense");
  assert.equal(column.status, 400);
  assert.equal(column.error?.code, "42703");
  const path = await rest.request("/people/1");
  assert.equal(path.status, 404);
  assert.equal((await path.json()).code, "PGRST125");
});
