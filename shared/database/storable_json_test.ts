// Unit tests of what the database can keep.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { storableJson } from "./storable_json.ts";

Deno.test("storableJson() passes what can be kept as it is, and else takes out only what can't", () => {
  const plain = { text: "Zoë 👍 \n", list: [1, null, true] };
  strictEqual(storableJson(plain), plain);
  deepStrictEqual(storableJson({ text: "\\u0000" }), { text: "\\u0000" });
  deepStrictEqual(storableJson({ "a\0": ["x\0y", { b: "\ud800z 👍 \\ud800" }], n: null }), {
    a: ["xy", { b: "\ufffdz 👍 \\ud800" }],
    n: null,
  });
});

Deno.test("storableJson() leaves nothing that jsonb refuses, and the rest of every text", () => {
  const text = fc.array(fc.constantFrom("\0", "\ud83d", "\ude00", "\\u0000", "a", "\n")).map((
    all,
  ) => all.join(""));
  fc.assert(fc.property(fc.dictionary(text, fc.array(text)), (value) => {
    const kept = JSON.stringify(storableJson(value));
    ok(kept.isWellFormed());
    ok(!JSON.stringify(JSON.parse(kept)).replaceAll("\\\\", "").match(/\\u(?:0000|d[89a-f])/i));
  }));
});
