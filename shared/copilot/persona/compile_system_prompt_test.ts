// Unit tests of instructions: what comes first stays the same, and the day is the person's own.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { compileSystemPrompt } from "./compile_system_prompt.ts";
import { dateContext } from "./date_context.ts";

const at = (iso: string, timeZone: string) => dateContext(new Date(iso), timeZone).split("\n");
const persona = (text: string) => ({ text });
const DATE = { now: new Date("2026-11-22T17:00:00Z"), timeZone: "America/New_York" };

Deno.test("U60-099 U60-100 dateContext() names the day and asks to use it", () => {
  deepStrictEqual(at("2026-11-22T17:00:00Z", "America/New_York"), [
    "TODAY'S DATE: Sunday, November 22, 2026",
    "Use this date when making any date references.",
  ]);
});

Deno.test("C-24 dateContext() is of the person's zone, not of the server's", () => {
  const cases: ReadonlyArray<readonly [string, string, string]> = [
    ["2026-11-22T02:00:00Z", "America/New_York", "Saturday, November 21, 2026"],
    ["2026-11-22T02:00:00Z", "Asia/Tokyo", "Sunday, November 22, 2026"],
    ["2026-12-31T23:30:00Z", "Europe/Berlin", "Friday, January 1, 2027"],
    ["2026-11-22T10:30:00Z", "Pacific/Kiritimati", "Monday, November 23, 2026"],
    ["2026-11-22T11:30:00Z", "Pacific/Niue", "Sunday, November 22, 2026"],
    ["2026-11-22T10:30:00Z", "Pacific/Niue", "Saturday, November 21, 2026"],
    ["2026-11-22T18:14:00Z", "Asia/Kathmandu", "Sunday, November 22, 2026"],
    ["2026-11-22T18:15:00Z", "Asia/Kathmandu", "Monday, November 23, 2026"],
    ["2026-11-22T02:00:00Z", "Nowhere/Atall", "Sunday, November 22, 2026"],
  ];
  for (const [iso, zone, day] of cases) {
    strictEqual(at(iso, zone)[0], `TODAY'S DATE: ${day}`, `${iso} ${zone}`);
  }
});

Deno.test("C-24 dateContext() changes at midnight also on the days with 23 and 25 hours", () => {
  // Clocks change on March 8 and November 1, 2026 in New York, at two in the morning
  const cases: ReadonlyArray<readonly [string, string]> = [
    ["2026-03-08T04:59:59Z", "Saturday, March 7, 2026"],
    ["2026-03-08T05:00:00Z", "Sunday, March 8, 2026"],
    ["2026-03-09T03:59:59Z", "Sunday, March 8, 2026"],
    ["2026-03-09T04:00:00Z", "Monday, March 9, 2026"],
    ["2026-11-01T03:59:59Z", "Saturday, October 31, 2026"],
    ["2026-11-01T04:00:00Z", "Sunday, November 1, 2026"],
    ["2026-11-02T04:59:59Z", "Sunday, November 1, 2026"],
    ["2026-11-02T05:00:00Z", "Monday, November 2, 2026"],
  ];
  for (const [iso, day] of cases) {
    strictEqual(at(iso, "America/New_York")[0], `TODAY'S DATE: ${day}`, iso);
  }
});

Deno.test("U60-073 compileSystemPrompt() begins alike for everybody, and the day comes last", () => {
  fc.assert(fc.property(fc.string(), fc.string(), fc.string(), (a, b, index) => {
    const ofA = compileSystemPrompt({ persona: persona(a), skillsIndex: index, date: DATE });
    const ofB = compileSystemPrompt({ persona: persona(b), skillsIndex: index, date: DATE });
    const shared = ofA.indexOf("WHAT CAN BE DONE") + index.length;
    strictEqual(ofA.slice(0, shared), ofB.slice(0, shared));
    ok(ofA.endsWith(`${a}\n\n${dateContext(DATE.now, DATE.timeZone)}`));
  }));
});

Deno.test("U60-073 compileSystemPrompt() gives the same bytes all day long", () => {
  const prompt = (iso: string) =>
    compileSystemPrompt({
      persona: persona("You are Sarah's dedicated sales analyst at Fernhollow Software."),
      skillsIndex: "list_tasks",
      date: { ...DATE, now: new Date(iso) },
    });
  strictEqual(prompt("2026-11-22T05:00:00Z"), prompt("2026-11-23T04:59:59Z"));
  ok(prompt("2026-11-22T05:00:00Z") !== prompt("2026-11-23T05:00:00Z"));
});

Deno.test("U60-099 U60-100 compileSystemPrompt() always tells the day, also where there is no persona", () => {
  for (const who of [persona("You are Sarah's dedicated sales analyst."), null]) {
    const prompt = compileSystemPrompt({ persona: who, skillsIndex: "list_tasks", date: DATE });
    ok(prompt.includes("TODAY'S DATE: Sunday, November 22, 2026\nUse this date when making any"));
    ok(!/undefined|\$\{/.test(prompt));
  }
});
