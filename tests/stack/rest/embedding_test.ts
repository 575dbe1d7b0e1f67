// Reading across relationships: embeds, spreads, their filters and their failures.

import assert from "node:assert/strict";
import { openRestStage } from "./rest_stage.ts";

const stage = await openRestStage();
const rest = await stage.serve();
Deno.test.afterAll(async () => {
  await rest[Symbol.asyncDispose]();
  await stage.close();
});

async function rows(query: PromiseLike<{ data: unknown; error: unknown }>): Promise<unknown> {
  const { data, error } = await query;
  assert.equal(error, null);
  return data;
}

Deno.test("to-one, to-many, one-to-one and many-to-many embed in one another", async () => {
  const data = await rows(
    rest.anon.from("people")
      .select("name, companies(name, people(id)), passports(number), tags(label)")
      .eq("id", 1)
      .order("id", { referencedTable: "companies.people" }),
  );
  assert.deepEqual(data, [{
    name: "Ada",
    companies: { name: "Acme", people: [{ id: 1 }, { id: 2 }] },
    passports: { number: "A-1" },
    tags: [{ label: "early" }],
  }]);
});

Deno.test("missing others are null or an empty list", async () => {
  const data = await rows(
    rest.anon.from("people").select("id, companies(id), tags(id), passports(number)").eq("id", 4),
  );
  assert.deepEqual(data, [{ id: 4, companies: null, tags: [], passports: null }]);
});

Deno.test("embeds have filters, orders and limits of their own", async () => {
  const data = await rows(
    rest.anon.from("companies")
      .select("name, people(name)")
      .gt("people.age", 16)
      .order("name", { referencedTable: "people", ascending: false })
      .limit(1, { referencedTable: "people" })
      .order("id"),
  );
  assert.deepEqual(data, [
    { name: "Acme", people: [{ name: "Bob" }] },
    { name: "Globex", people: [{ name: "Cy" }] },
    { name: "Initech", people: [] },
  ]);
});

Deno.test("an inner embed filters its parents, also when they are counted", async () => {
  const { data, count, error } = await rest.anon.from("companies")
    .select("name, people!inner(name)", { count: "exact" })
    .gt("people.age", 40);
  assert.equal(error, null);
  assert.deepEqual(data, [{ name: "Globex", people: [{ name: "Cy" }] }]);
  assert.equal(count, 1);
});

Deno.test("parents can be chosen by whether they have an embed at all", async () => {
  const without = await rows(
    rest.anon.from("companies").select("name, people()").is("people", null),
  );
  assert.deepEqual(without, [{ name: "Initech" }]);
  const either = await rows(
    rest.anon.from("people").select("id, passports(), tags()")
      .or("passports.not.is.null,tags.not.is.null").order("id"),
  );
  assert.deepEqual(either, [{ id: 1 }, { id: 2 }, { id: 3 }]);
});

Deno.test("a filter across an embed and its parent is one tree", async () => {
  const data = await rows(
    rest.anon.from("people").select("id, companies!inner(name)")
      .or("name.eq.Acme,city.eq.Paris", { referencedTable: "companies" }).order("id"),
  );
  assert.deepEqual(data, [
    { id: 1, companies: { name: "Acme" } },
    { id: 2, companies: { name: "Acme" } },
    { id: 3, companies: { name: "Globex" } },
  ]);
});

Deno.test("rows can be ordered by a to-one embed", async () => {
  const data = await rows(
    rest.anon.from("people").select("id, companies(name)")
      .not("company_id", "is", null)
      .order("companies(name)", { ascending: false }).order("id"),
  );
  assert.deepEqual((data as Array<{ id: number }>).map(({ id }) => id), [3, 1, 2]);
  const refused = await rest.anon.from("companies").select("id, people(id)").order("people(id)");
  assert.equal(refused.error?.code, "PGRST118");
});

Deno.test("spreads lift columns up, as values of one and as lists of many", async () => {
  const one = await rows(
    rest.anon.from("people").select("id, ...companies(company:name, city)").eq("id", 1),
  );
  assert.deepEqual(one, [{ id: 1, company: "Acme", city: "Berlin" }]);
  const many = await rows(
    rest.anon.from("people").select("id, ...tags(labels:label)")
      .eq("id", 2).order("label", { referencedTable: "tags", ascending: false }),
  );
  assert.deepEqual(many, [{ id: 2, labels: ["late", "early"] }]);
});

Deno.test("aggregates of an embed are taken per parent, those of a spread over all", async () => {
  const embedded = await rows(
    rest.anon.from("companies").select("name, people(age.sum())").eq("id", 1),
  );
  assert.deepEqual(embedded, [{ name: "Acme", people: [{ sum: 53 }] }]);
  const spread = await rows(
    rest.anon.from("people").select("age.sum(), ...companies(city)")
      .not("company_id", "is", null).order("city", { referencedTable: "companies" }),
  );
  assert.deepEqual(
    (spread as Array<{ city: string }>).toSorted((a, b) => a.city < b.city ? -1 : 1),
    [{ sum: 53, city: "Berlin" }, { sum: 52, city: "Paris" }],
  );
});

Deno.test("several relationships need a name: the key, its column, or what it points at", async () => {
  const { error, status } = await rest.anon.from("people").select("id, people(id)");
  assert.equal(status, 300);
  assert.equal(error?.code, "PGRST201");
  const manager = await rows(
    rest.anon.from("people").select("id, manager_id(name), mentor:mentor_id(name)").eq("id", 3),
  );
  assert.deepEqual(manager, [{ id: 3, manager_id: { name: "Ada" }, mentor: { name: "Bob" } }]);
  const managed = await rows(
    rest.anon.from("people").select("id, managed:people!manager_id(id)").eq("id", 1)
      .order("id", { referencedTable: "managed" }),
  );
  assert.deepEqual(managed, [{ id: 1, managed: [{ id: 2 }, { id: 3 }] }]);
});

Deno.test("views embed and are embedded by the keys that they show", async () => {
  const data = await rows(
    rest.anon.from("adults").select("name, companies(name)").order("id"),
  );
  assert.deepEqual(data, [
    { name: "Ada", companies: { name: "Acme" } },
    { name: "Cy", companies: { name: "Globex" } },
  ]);
  const inverse = await rows(rest.anon.from("companies").select("adults(name)").eq("id", 2));
  assert.deepEqual(inverse, [{ adults: [{ name: "Cy" }] }]);
});

Deno.test("a function can be a relationship", async () => {
  const data = await rows(
    rest.anon.from("companies").select("name, elders(name, passports(number))").eq("id", 1),
  );
  assert.deepEqual(data, [
    { name: "Acme", elders: [{ name: "Ada", passports: { number: "A-1" } }] },
  ]);
});

Deno.test("what is not related is refused, with a hint at what is", async () => {
  const { error, status } = await rest.anon.from("companies").select("peoples(id)");
  assert.equal(status, 400);
  assert.deepEqual({ ...error }, {
    code: "PGRST200",
    details: "Searched for a foreign key relationship between 'companies' and 'peoples' in the " +
      "schema 'public', but no matches were found.",
    hint: "Perhaps you meant 'people' instead of 'peoples'.",
    message: "Could not find a relationship between 'companies' and 'peoples' in the schema cache",
  });
  const filter = await rest.anon.from("companies").select("id").eq("people.id", 1);
  assert.equal(filter.error?.code, "PGRST108");
});
