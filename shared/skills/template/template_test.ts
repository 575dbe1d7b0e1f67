import assert from "node:assert/strict";
import fc from "fast-check";
import {
  cleanDeep,
  cleanUnresolvedVariables,
  hasUnresolvedVariables,
} from "./clean_unresolved_variables.ts";
import { resolveExpression, resolveTemplate } from "./resolve_expression.ts";
import { parsePath, resolvePath } from "./resolve_path.ts";

const CONTEXT = {
  foo: 42,
  list: [1, 2, 3],
  empty: null,
  outputs: { leads: [{ contact: { name: "Dana Reyes" } }, { contact: { name: "Priya Nair" } }] },
};

Deno.test("U60-096 a path finds nested values by array index, and undefined where there is none", () => {
  assert.equal(resolvePath(CONTEXT, "outputs.leads[0].contact.name"), "Dana Reyes");
  assert.equal(resolvePath(CONTEXT, "outputs.leads[1].contact.name"), "Priya Nair");
  assert.deepEqual(resolvePath(CONTEXT, "list"), [1, 2, 3]);
  assert.equal(resolvePath(CONTEXT, "list.length"), 3);
  for (
    const path of [
      "outputs.leads[2].contact.name",
      "outputs.leads.contact",
      "nothing.at.all",
      "foo.bar",
      "empty.bar",
      "outputs[0]",
      "[0]",
      "",
      " ",
      ".",
      "a..b",
      "outputs.leads[-1]",
      "outputs.leads[x]",
      "outputs leads",
      "toString",
      "list.map",
      "foo.toFixed",
    ]
  ) {
    assert.equal(resolvePath(CONTEXT, path), undefined, path);
  }
});

Deno.test("U60-096 a path through __proto__, constructor or prototype finds nothing, also where there is an own one", () => {
  const own = JSON.parse(
    '{"a": {"__proto__": {"x": 1}, "constructor": {"x": 1}, "prototype": {"x": 1}}}',
  );
  for (const name of ["__proto__", "constructor", "prototype"]) {
    assert.ok(Object.hasOwn(own.a, name), "the control: it is there");
    for (const path of [`a.${name}`, `a.${name}.x`, name, `${name}.x`, `list[0].${name}`]) {
      assert.equal(resolvePath(own, path), undefined, path);
      assert.equal(parsePath(path), null, path);
    }
  }
});

Deno.test("U60-096 no path throws or finds what is not an own value, whatever the data is", () => {
  const data = fc.jsonValue();
  const path = fc.oneof(
    fc.string(),
    fc.array(
      fc.constantFrom(
        "a",
        "b",
        "[0]",
        "[1]",
        ".",
        "__proto__",
        "constructor",
        "length",
        "$",
        "{",
        "}",
      ),
    )
      .map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(data, path, (value, text) => {
      const found = resolvePath({ a: value }, text);
      assert.notEqual(found, Object.prototype);
      assert.notEqual(typeof found, "function");
    }),
    { numRuns: 3_000 },
  );
  const trap = {
    get name(): string {
      throw new Error("read");
    },
  };
  assert.equal(resolvePath({ trap }, "trap.name"), undefined);
});

Deno.test("U60-097 a lone expression keeps the type, any other writes the value into the text", () => {
  assert.equal(resolveExpression("${foo}", CONTEXT), 42);
  assert.deepEqual(resolveExpression("${list}", CONTEXT), [1, 2, 3]);
  assert.equal(resolveExpression("${empty}", CONTEXT), null);
  assert.equal(resolveExpression("${missing}", CONTEXT), undefined);
  assert.equal(resolveExpression("Hello ${foo}!", CONTEXT), "Hello 42!");
  assert.equal(resolveExpression("${foo}${foo}", CONTEXT), "4242");
  assert.equal(
    resolveExpression("${list} of ${outputs.leads[0].contact.name}", CONTEXT),
    "1, 2, 3 of Dana Reyes",
  );
  assert.equal(resolveExpression("Hello ${missing}!", CONTEXT), "Hello ${missing}!");
  assert.equal(resolveExpression("no variable", CONTEXT), "no variable");
});

Deno.test("U60-097 a lone expression gives back any JSON value as it is", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    assert.deepEqual(resolveExpression("${value}", { value }), value);
  }));
});

Deno.test("U60-097 a value that holds an expression is text and is not resolved again", () => {
  const context = { note: "see ${secret} and ${note}", secret: "S3CRET" };
  assert.equal(resolveExpression("Note: ${note}", context), "Note: see ${secret} and ${note}");
  assert.deepEqual(resolveTemplate({ a: "${note}", b: ["x ${note}"] }, context), {
    a: "see ${secret} and ${note}",
    b: ["x see ${secret} and ${note}"],
  });
});

Deno.test("U60-097 arguments are resolved in every depth, and what is missing is left out", () => {
  assert.deepEqual(
    resolveTemplate({
      id: "${missing}",
      n: "${foo}",
      t: "n=${foo}",
      l: ["${list[0]}", "${missing}", { d: "${empty}", e: "${missing}" }],
      k: true,
    }, CONTEXT),
    { n: 42, t: "n=42", l: [1, { d: null }], k: true },
  );
});

Deno.test("U60-098 what is not resolved becomes the word a reader expects", () => {
  assert.equal(cleanUnresolvedVariables("Task for ${name}"), "Task for contact");
  assert.equal(
    cleanUnresolvedVariables("Prep ${outputs.meeting.title} with ${company.name}"),
    "Prep title with company",
  );
  assert.equal(
    cleanUnresolvedVariables("Hi ${contact.firstName}, about ${deal.name}"),
    "Hi contact, about deal",
  );
  assert.equal(cleanUnresolvedVariables("Call ${x.y[0].zzz} today"), "Call today");
  assert.equal(cleanUnresolvedVariables("Thanks ${zzz}."), "Thanks.");
  assert.equal(cleanUnresolvedVariables("${constructor}${__proto__}"), "");
  assert.equal(cleanUnresolvedVariables("costs $5 {really}"), "costs $5 {really}");
  assert.deepEqual(cleanDeep({ a: ["For ${name}"], n: 1 }), { a: ["For contact"], n: 1 });
});

Deno.test("U60-064 U60-098 no text keeps a variable once it is cleaned, and a text without one stays", () => {
  const pieces = fc.array(
    fc.constantFrom("$", "{", "}", "a", " ", "${", "${name}", ".", "[0]", "\n"),
    { maxLength: 40 },
  )
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.oneof(pieces, fc.string()), (text) => {
      const cleaned = cleanUnresolvedVariables(text);
      assert.ok(!hasUnresolvedVariables(cleaned), cleaned);
      if (!hasUnresolvedVariables(text)) assert.equal(cleaned, text);
      assert.equal(cleanUnresolvedVariables(cleaned), cleaned);
    }),
    { numRuns: 3_000 },
  );
});
