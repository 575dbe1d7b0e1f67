// Pages of a listing, however small, add up to the whole listing.
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { takePage } from "./listing.ts";
import { compareUtf8 } from "./object_index.ts";

Deno.test("takePage() loses and repeats nothing at any page size", () => {
  const key = fc.string({ unit: fc.constantFrom("a", "b", "/", "é"), minLength: 1, maxLength: 6 });
  const prefix = fc.constantFrom("", "a", "a/", "b");
  const delimiter = fc.constantFrom("", "/");
  fc.assert(fc.property(
    fc.uniqueArray(key, { maxLength: 30 }),
    prefix,
    delimiter,
    fc.integer({ min: 1, max: 5 }),
    (keys, prefix, delimiter, limit) => {
      const sorted = keys.sort(compareUtf8);
      const all = takePage(sorted, { prefix, delimiter, after: "", limit: 1000 });
      const names: string[] = [];
      const groups: string[] = [];
      let after: string | undefined = "";
      while (after !== undefined) {
        const page = takePage(sorted, { prefix, delimiter, after, limit });
        assert.ok(page.names.length + page.commonPrefixes.length <= limit);
        names.push(...page.names);
        groups.push(...page.commonPrefixes);
        after = page.next;
      }
      assert.deepEqual(names, all.names);
      assert.deepEqual(groups, all.commonPrefixes);
    },
  ));
});

Deno.test("compareUtf8() orders as the bytes do", () => {
  const unit = fc.constantFrom(
    "a",
    "é",
    "\u07ff",
    "\ud7ff",
    "\ue000",
    "\uffee",
    "\u{10000}",
    "\u{1f600}",
  );
  const text = fc.string({ unit, maxLength: 4 });
  fc.assert(fc.property(text, text, (a, b) => {
    const expected = Buffer.compare(Buffer.from(a), Buffer.from(b));
    assert.equal(Math.sign(compareUtf8(a, b)), expected);
  }));
});
