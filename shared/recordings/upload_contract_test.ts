// Unit tests of the sizes of parts.
import { ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { MAX_PARTS, MIN_PART_BYTES, partSizeOf } from "./upload_contract.ts";

const GIBIBYTE = 1024 ** 3;

Deno.test("R-15 V-07 parts are exactly 5 MiB, and larger only where 10,000 would not do", () => {
  strictEqual(MIN_PART_BYTES, 5_242_880);
  for (const bytes of [1, MIN_PART_BYTES, GIBIBYTE, MAX_PARTS * MIN_PART_BYTES]) {
    strictEqual(partSizeOf(bytes), MIN_PART_BYTES, `${bytes}`);
  }
  strictEqual(partSizeOf(MAX_PARTS * MIN_PART_BYTES + 1), 6 * 1024 * 1024);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 45 }), (bytes) => {
      const size = partSizeOf(bytes);
      ok(Math.ceil(bytes / size) <= MAX_PARTS);
      ok(size === MIN_PART_BYTES || Math.ceil(bytes / (size - 1024 * 1024)) > MAX_PARTS);
    }),
  );
});
