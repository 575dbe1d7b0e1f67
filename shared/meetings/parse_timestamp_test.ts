// Unit tests of the times that recorders write.
import { strictEqual } from "node:assert/strict";
import { parseInstant, parseOffsetMs } from "./parse_timestamp.ts";

Deno.test("parseOffsetMs() reads hours, minutes, seconds and fractions", () => {
  strictEqual(parseOffsetMs("00:00:00"), 0);
  strictEqual(parseOffsetMs("01:02:03"), 3_723_000);
  strictEqual(parseOffsetMs("02:03"), 123_000);
  strictEqual(parseOffsetMs(" 100:00:00.5 "), 360_000_500);
});

Deno.test("parseOffsetMs() gives null for what is no offset", () => {
  for (
    const text of [null, undefined, "", "soon", "00:61:00", "00:00:99", "-1:00", "1", "1:2:3:4"]
  ) {
    strictEqual(parseOffsetMs(text), null, String(text));
  }
});

Deno.test("parseInstant() gives UTC for instants and null for wall-clock times", () => {
  strictEqual(parseInstant("2026-11-22T10:00:00+02:00"), "2026-11-22T08:00:00.000Z");
  strictEqual(parseInstant("2026-11-22T10:00:00Z"), "2026-11-22T10:00:00.000Z");
  for (
    const text of [null, undefined, "", "2026-11-22T10:00:00", "2026-11-22", "2026-99-99T10:00Z"]
  ) {
    strictEqual(parseInstant(text), null, String(text));
  }
});
