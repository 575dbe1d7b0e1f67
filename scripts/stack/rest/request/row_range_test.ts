// Ranges of rows, and what becomes of those that make no sense.

import assert from "node:assert/strict";
import {
  ALL_ROWS,
  contentRange,
  intersectRanges,
  isEmptyRange,
  isLimitZero,
  rangeFromHeader,
  rangeFromParameters,
  restrictRange,
} from "./row_range.ts";

Deno.test("rangeFromHeader() reads ranges with and without an end, and ignores nonsense", () => {
  assert.deepEqual(rangeFromHeader("2-5"), { first: 2, last: 5 });
  assert.deepEqual(rangeFromHeader("2-"), { first: 2, last: null });
  assert.deepEqual(rangeFromHeader("items=0-1"), ALL_ROWS);
  assert.deepEqual(rangeFromHeader(null), ALL_ROWS);
  assert.ok(isEmptyRange(rangeFromHeader("5-2")));
});

Deno.test("restrictRange() keeps within the maximum and leaves a limit of zero alone", () => {
  assert.deepEqual(restrictRange(ALL_ROWS, 10), { first: 0, last: 9 });
  assert.deepEqual(restrictRange({ first: 5, last: 6 }, 10), { first: 5, last: 6 });
  assert.deepEqual(restrictRange({ first: 5, last: null }, 10), { first: 5, last: 14 });
  assert.ok(isLimitZero(restrictRange(rangeFromParameters("0", undefined), 10)));
  assert.deepEqual(restrictRange(ALL_ROWS, null), ALL_ROWS);
});

Deno.test("intersectRanges() gives the rows in both", () => {
  assert.deepEqual(intersectRanges({ first: 2, last: null }, { first: 0, last: 4 }), {
    first: 2,
    last: 4,
  });
  assert.ok(isEmptyRange(intersectRanges({ first: 6, last: 5 }, ALL_ROWS)));
});

Deno.test("contentRange() names rows only where there are any", () => {
  assert.equal(contentRange(0, 1, 4), "0-1/4");
  assert.equal(contentRange(0, -1, null), "*/*");
  assert.equal(contentRange(0, 3, 0), "*/0");
});
