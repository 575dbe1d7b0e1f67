// Unit tests of the date that prompts carry.
import { strictEqual } from "node:assert/strict";
import { dateContext } from "./date_context.ts";

const USE = "\nUse this date when making any date references.";

Deno.test("U60-099 U60-100 the date is the person's own, in the form that prompts expect", () => {
  const late = new Date("2026-11-22T23:30:00Z");
  strictEqual(
    dateContext(late, "America/New_York"),
    `TODAY'S DATE: Sunday, November 22, 2026${USE}`,
  );
  strictEqual(dateContext(late, "Europe/Berlin"), `TODAY'S DATE: Monday, November 23, 2026${USE}`);
});

Deno.test("C-24 the date changes at the person's midnight, also on the day the clocks change", () => {
  const cases: [string, string, string][] = [
    ["2026-10-24T21:59:59Z", "Europe/Berlin", "Saturday, October 24, 2026"],
    ["2026-10-24T22:00:00Z", "Europe/Berlin", "Sunday, October 25, 2026"],
    ["2026-10-25T22:59:59Z", "Europe/Berlin", "Sunday, October 25, 2026"],
    ["2026-10-25T23:00:00Z", "Europe/Berlin", "Monday, October 26, 2026"],
  ];
  for (const [at, zone, date] of cases) {
    strictEqual(dateContext(new Date(at), zone), `TODAY'S DATE: ${date}${USE}`, at);
  }
});
