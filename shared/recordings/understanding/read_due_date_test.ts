// Unit tests of the day that words mean. 25 November 2026 is a Wednesday.
import { ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { addDays, localDate, makeDate } from "./plain_date.ts";
import { readDueDate } from "./read_due_date.ts";

Deno.test("U60-110 readDueDate() reads one day or none", () => {
  const cases: [string, string | null][] = [
    ["today", "2026-11-25"],
    ["by end of day", "2026-11-25"],
    ["tomorrow morning", "2026-11-26"],
    ["the day after tomorrow", "2026-11-27"],
    ["by Friday", "2026-11-27"],
    ["on Wednesday", "2026-12-02"],
    ["by the end of the week", "2026-11-27"],
    ["end of next week", "2026-12-04"],
    ["by end of month", "2026-11-30"],
    ["in two weeks", "2026-12-09"],
    ["within 10 days", "2026-12-05"],
    ["a week from today", "2026-12-02"],
    ["in a week", "2026-12-02"],
    ["by December 3rd", "2026-12-03"],
    ["on the 3rd of December", "2026-12-03"],
    ["March third", "2027-03-03"],
    ["January 15, 2028", "2028-01-15"],
    ["by the 15th", "2026-12-15"],
    ["on the 28th", "2026-11-28"],
    ["2026-12-24", "2026-12-24"],
    // Two days, or none
    ["next Friday", null],
    ["Thursday or Friday", null],
    ["next week", null],
    ["soon", null],
    ["February 30th", null],
    ["in a few days", null],
    ["March", null],
    ["12/1", null],
    ["in 9999 days", null],
    ["", null],
  ];
  for (const [phrase, date] of cases) strictEqual(readDueDate(phrase, "2026-11-25"), date, phrase);
});

Deno.test("readDueDate() gives a day that exists, for any words", () => {
  const words = fc.array(fc.oneof(
    fc.string(),
    fc.constantFrom(
      "by",
      "in",
      "the",
      "Friday",
      "3rd",
      "31",
      "February",
      "weeks",
      "end of",
      "2027",
    ),
  )).map((parts) => parts.join(" "));
  fc.assert(fc.property(words, fc.integer({ min: 0, max: 20_000 }), (phrase, days) => {
    const today = addDays("2000-01-01", days);
    const date = readDueDate(phrase, today);
    ok(date === null || makeDate(...split(date)) === date, String(date));
  }));
});

Deno.test("localDate() is the day of the owner, not of the server", () => {
  strictEqual(localDate("2026-11-25T23:30:00Z", "UTC"), "2026-11-25");
  strictEqual(localDate("2026-11-25T23:30:00Z", "Asia/Tokyo"), "2026-11-26");
  strictEqual(localDate("2026-11-25T03:30:00+00:00", "America/New_York"), "2026-11-24");
});

function split(date: string): [number, number, number] {
  const [year = 0, month = 0, day = 0] = date.split("-").map(Number);
  return [year, month, day];
}
