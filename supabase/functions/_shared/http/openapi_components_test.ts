import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { nameRepeated } from "./openapi_components.ts";
import type { JsonObject, JsonValue } from "./openapi_document.ts";

const LONG = "said at length, so that writing it out again would cost something. ".repeat(6);
const person = { type: "object", properties: { name: { type: "string", description: LONG } } };
const card = {
  type: "object",
  properties: { type: { const: "contact_card" }, owner: person, note: { description: LONG } },
};

/** Writes every reference out again. */
function inline(value: JsonValue, schemas: JsonObject): JsonValue {
  if (Array.isArray(value)) return value.map((item) => inline(item, schemas));
  if (typeof value !== "object" || value === null) return value;
  const name = typeof value["$ref"] === "string" ? value["$ref"].split("/").at(-1) : undefined;
  if (name !== undefined) return inline(schemas[name] ?? null, schemas);
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, inline(part, schemas)]),
  );
}

Deno.test("nameRepeated() writes a schema once, under the name of what it is, and loses nothing", () => {
  const paths: JsonObject = {
    "/a": { operationId: "a.read", schema: { properties: { data: card } } },
    "/b": { operationId: "b.read", schema: { properties: { data: { items: card }, by: person } } },
  };
  const named = nameRepeated(paths);
  deepStrictEqual(Object.keys(named.schemas), ["ContactCard", "Owner"]);
  deepStrictEqual(inline(named.paths, named.schemas), paths);
  strictEqual(JSON.stringify(named).split(LONG).length - 1, 2, "each text once");
  deepStrictEqual(nameRepeated(paths), named);
});

Deno.test("nameRepeated() leaves alone what stands once, or is short", () => {
  const short = { type: "object", properties: { id: { type: "string" } } };
  const paths: JsonObject = { "/a": { one: card, two: short }, "/b": { three: short } };
  deepStrictEqual(nameRepeated(paths), { paths, schemas: {} });
});

Deno.test("nameRepeated() takes along what a schema that holds itself refers to", () => {
  const tree = { type: "array", items: { $ref: "#/$defs/tree" } };
  const schema = { $ref: "#/$defs/tree", $defs: { tree } };
  const { paths, schemas } = nameRepeated({ "/a": { schema } });
  const reference = "#/components/schemas/Definition1";
  deepStrictEqual(paths, { "/a": { schema: { $ref: reference } } });
  deepStrictEqual(schemas, { Definition1: { type: "array", items: { $ref: reference } } });
});

Deno.test("docs/openapi.json is small enough to be opened, and every reference in it leads somewhere", async () => {
  const path = new URL("../../../../docs/openapi.json", import.meta.url);
  const text = await Deno.readTextFile(path);
  ok(text.length < 1_000_000, `${text.length} characters`);
  const { components: { schemas } } = JSON.parse(text);
  const references = [...text.matchAll(/"\$ref": "([^"]+)"/g)].map(([, target = ""]) => target);
  ok(references.length > 100);
  for (const reference of references) {
    match(reference, /^#\/components\/schemas\/\w+$/);
    ok(Object.hasOwn(schemas, reference.split("/").at(-1) ?? ""), reference);
  }
});
