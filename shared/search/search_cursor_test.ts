// Unit tests of the search cursor.
import { deepStrictEqual, throws } from "node:assert/strict";
import { decodeCursor, encodeCursor } from "./search_cursor.ts";

const ID = "5b6cfa4e-6d0c-4f0e-9c1e-0d4c5b5a7f10";
const BY_RANK = { rank: 0.06079271, id: ID };
const BY_TIME = { started_at: "2026-11-22T10:00:00+00:00", meeting_id: ID, seq: 3 };

Deno.test("decodeCursor() reads what encodeCursor() wrote", () => {
  deepStrictEqual(decodeCursor(encodeCursor(BY_RANK), "relevance"), BY_RANK);
  deepStrictEqual(decodeCursor(encodeCursor(BY_TIME), "recent"), BY_TIME);
});

Deno.test("decodeCursor() refuses what it did not write, and the other order's", () => {
  for (const cursor of ["", "x", "!!!", btoa("{}"), btoa('{"rank":"1","id":"2"}'), btoa("null")]) {
    throws(() => decodeCursor(cursor, "relevance"), { code: "invalid_request" }, cursor);
  }
  throws(() => decodeCursor(encodeCursor(BY_RANK), "recent"), { code: "invalid_request" });
  throws(() => decodeCursor(encodeCursor(BY_TIME), "relevance"), { code: "invalid_request" });
});
