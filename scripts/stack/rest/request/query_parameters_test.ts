// The grammar of query strings: what is understood, and how failures read.

import assert from "node:assert/strict";
import { RestError } from "../errors/rest_error.ts";
import { parseQueryParameters } from "./query_parameters.ts";
import type { SelectItem } from "./query_types.ts";

function failure(query: string): { message: string; details: unknown } {
  try {
    parseQueryParameters(query, false);
  } catch (error) {
    assert.ok(error instanceof RestError);
    assert.equal(error.status, 400);
    assert.equal(error.body.code, "PGRST100");
    return { message: error.body.message, details: error.body.details };
  }
  throw new assert.AssertionError({ message: `${query} was understood` });
}

function select(value: string): readonly SelectItem[] {
  return parseQueryParameters(`select=${encodeURIComponent(value)}`, false).select;
}

Deno.test("select understands aliases, casts, JSON paths and aggregates in any combination", () => {
  assert.deepEqual(select("a:b->c->>0::text.sum()::int"), [{
    kind: "column",
    field: {
      name: "b",
      path: [
        { arrow: "->", kind: "key", value: "c" },
        { arrow: "->>", kind: "index", value: "+0" },
      ],
    },
    aggregate: "sum",
    aggregateCast: "int",
    cast: "text",
    alias: "a",
  }]);
  assert.deepEqual(select("count()").map((item) => item.kind === "column" && item.aggregate), [
    "count",
  ]);
});

Deno.test("select understands embeds with hints and kinds of join in either order", () => {
  for (const text of ["x:rel!fk!inner(*)", "x:rel!inner!fk(*)"]) {
    const [embed] = select(text);
    assert.ok(embed?.kind === "relation");
    assert.deepEqual([embed.alias, embed.name, embed.hint, embed.join, embed.spread], [
      "x",
      "rel",
      "fk",
      "inner",
      false,
    ]);
  }
  const [spread] = select("...rel!left(a,other(b))");
  assert.ok(spread?.kind === "relation");
  assert.equal(spread.spread, true);
  assert.equal(spread.children.length, 2);
});

Deno.test("filters keep their place, their negation and their quantifier", () => {
  const { filters } = parseQueryParameters(
    "a.b=not.like(any).{x*,y*}&c->>d=in.(1,%22a,b%22)",
    false,
  );
  assert.deepEqual(filters, [
    {
      path: ["a"],
      value: {
        kind: "filter",
        field: { name: "b", path: [] },
        negated: true,
        operation: { kind: "quantified", operator: "like", quantifier: "any", value: "{x*,y*}" },
      },
    },
    {
      path: [],
      value: {
        kind: "filter",
        field: { name: "c", path: [{ arrow: "->>", kind: "key", value: "d" }] },
        negated: false,
        operation: { kind: "in", values: ["1", "a,b"] },
      },
    },
  ]);
});

Deno.test("a function called by GET takes plain values as arguments, others as filters", () => {
  const query = parseQueryParameters("a=1&b=eq.2&a=3", true);
  assert.deepEqual(query.arguments, [["a", "1"], ["a", "3"]]);
  assert.equal(query.filters.length, 1);
});

Deno.test("limits and offsets belong to the embeds that they name", () => {
  const { ranges } = parseQueryParameters(
    "limit=5&rel.offset=2&rel.limit=3&deep.er.offset=1",
    false,
  );
  assert.deepEqual(ranges, [
    { path: [], value: { first: 0, last: 4 } },
    { path: ["rel"], value: { first: 2, last: 4 } },
    { path: ["deep", "er"], value: { first: 1, last: null } },
  ]);
});

Deno.test("the canonical form is sorted and encoded, whatever was sent", () => {
  const { canonical } = parseQueryParameters("select=id&b=eq.a+b&a=eq.%C3%A9(1)", false);
  assert.equal(canonical, "a=eq.%C3%A9%281%29&b=eq.a%20b&select=id");
});

Deno.test("a percent sign that escapes nothing stands for itself", () => {
  const { filters } = parseQueryParameters("a=eq.50%&b=eq.%^x", false);
  assert.deepEqual(
    filters.map(({ value }) => value.operation.kind === "quantified" && value.operation.value),
    ["50%", "%^x"],
  );
});

Deno.test("failures name the place and everything that would have been right", () => {
  assert.deepEqual(failure("select=id,clients(name[])"), {
    message: '"failed to parse select parameter (id,clients(name[]))" (line 1, column 16)',
    details:
      `unexpected '[' expecting letter, digit, "-", "->>", "->", "::", ".", ")", "," or end ` +
      "of input",
  });
  assert.deepEqual(failure("id=noop.0"), {
    message: '"failed to parse filter (noop.0)" (line 1, column 1)',
    details: 'unexpected "o" expecting "not" or operator (eq, gt, ...)',
  });
  assert.deepEqual(failure("order=id.smth34"), {
    message: '"failed to parse order (id.smth34)" (line 1, column 4)',
    details: 'unexpected "s" expecting "asc", "desc", "nullsfirst" or "nullslast"',
  });
  assert.deepEqual(failure("or=(id.eq.1,not.xor(id.eq.2,id.eq.3))"), {
    message:
      '"failed to parse logic tree ((id.eq.1,not.xor(id.eq.2,id.eq.3)))" (line 1, column 16)',
    details: 'unexpected "x" expecting logic operator (and, or)',
  });
});
