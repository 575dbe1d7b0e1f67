// Schedules mean here what they mean to pg_cron.

import assert from "node:assert/strict";
import { parseJobSchedule } from "../../../scripts/stack/cron/job_schedule.ts";

function times(schedule: string, from: string, count: number): string[] {
  const parsed = parseJobSchedule(schedule);
  assert.equal(parsed.kind, "calendar", schedule);
  const found: string[] = [];
  let at: number | null = Date.parse(from);
  while (found.length < count && at !== null && parsed.kind === "calendar") {
    at = parsed.next(at);
    if (at !== null) found.push(new Date(at).toISOString().slice(0, 16));
  }
  return found;
}

Deno.test("parseJobSchedule reads five fields in UTC", () => {
  assert.deepEqual(times("*/15 * * * *", "2026-11-22T10:00:00Z", 3), [
    "2026-11-22T10:15",
    "2026-11-22T10:30",
    "2026-11-22T10:45",
  ]);
  assert.deepEqual(times("30 3 * * mon-FRI", "2026-11-21T00:00:00Z", 2), [
    "2026-11-23T03:30",
    "2026-11-24T03:30",
  ]);
  assert.deepEqual(times("0 0 * * 7", "2026-11-22T00:00:00Z", 1), ["2026-11-29T00:00"]);
});

Deno.test("parseJobSchedule takes $ for the last day of the month", () => {
  assert.deepEqual(times("0 9 $ * *", "2027-01-31T09:00:00Z", 3), [
    "2027-02-28T09:00",
    "2027-03-31T09:00",
    "2027-04-30T09:00",
  ]);
});

Deno.test("parseJobSchedule lets two restricted day fields widen each other, a star narrow them", () => {
  // The 13th, and every Friday.
  assert.deepEqual(times("0 0 13 * 5", "2026-11-01T00:00:00Z", 3), [
    "2026-11-06T00:00",
    "2026-11-13T00:00",
    "2026-11-20T00:00",
  ]);
  // Odd days that are Fridays.
  assert.deepEqual(times("0 0 */2 * 5", "2026-11-01T00:00:00Z", 2), [
    "2026-11-13T00:00",
    "2026-11-27T00:00",
  ]);
});

Deno.test("parseJobSchedule knows seconds, shorthands, starts and schedules that never come", () => {
  assert.deepEqual(parseJobSchedule("30 seconds"), { kind: "interval", everyMs: 30_000 });
  assert.deepEqual(parseJobSchedule(" 1 SECOND"), { kind: "interval", everyMs: 1_000 });
  assert.equal(parseJobSchedule("@reboot").kind, "start");
  assert.deepEqual(times("@daily", "2026-11-22T10:00:00Z", 1), ["2026-11-23T00:00"]);
  assert.equal(parseJobSchedule("5-1 * * * *").kind, "never");
  const never = parseJobSchedule("0 0 31 2 *");
  assert.equal(never.kind === "calendar" ? never.next(Date.now()) : "no calendar", null);
});
