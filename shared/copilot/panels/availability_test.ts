// Property tests of the times that are offered.
import { deepStrictEqual, match, ok } from "node:assert/strict";
import fc from "fast-check";
import {
  type AvailabilityFound,
  availabilityPanel,
  buildAvailability,
  chooseSlots,
} from "./availability.ts";

const MINUTE = 60_000;
const MIDNIGHT = Date.parse("2026-11-23T00:00:00Z");

function found(minutes: number, pieces: readonly (readonly [number, number])[]): AvailabilityFound {
  return {
    org_id: "00000000-0000-4000-8000-000000000001",
    now: "2026-11-22T00:00:00Z",
    time_zone: "UTC",
    first_day: "2026-11-23",
    last_day: "2026-11-29",
    minutes,
    starts_hour: 0,
    ends_hour: 24,
    with_weekends: true,
    busy: [],
    free: pieces.map(([from, to]) => {
      const starts = new Date(MIDNIGHT + from * MINUTE).toISOString();
      return {
        day: starts.slice(0, 10),
        starts_at: starts,
        ends_at: new Date(MIDNIGHT + to * MINUTE).toISOString(),
      };
    }),
  };
}

Deno.test("chooseSlots() offers only what is free, of just that length, on the quarter of an hour", () => {
  const piece = fc.tuple(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 1, max: 600 }));
  fc.assert(fc.property(
    fc.integer({ min: 15, max: 480 }),
    fc.array(piece, { maxLength: 12 }),
    (minutes, lengths) => {
      const pieces = lengths.map(([from, length]) => [from, from + length] as const)
        .toSorted((a, b) => a[0] - b[0]);
      const available = found(minutes, pieces);
      const slots = chooseSlots(available);
      ok(slots.length <= 6);
      for (const { starts_at, ends_at, day } of slots) {
        const [start, end] = [Date.parse(starts_at), Date.parse(ends_at)];
        deepStrictEqual(end - start, minutes * MINUTE);
        deepStrictEqual(start % (15 * MINUTE), 0);
        ok(
          available.free.some((free) =>
            Date.parse(free.starts_at) <= start && end <= Date.parse(free.ends_at)
          ),
        );
        ok(slots.filter((slot) => slot.day === day).length <= 2);
      }
    },
  ));
});

Deno.test("C-24 availability is said in the person's own clocks", () => {
  const panel = buildAvailability({ ...found(30, [[540, 1_080]]), slots: [] });
  match(availabilityPanel.describe(panel), /• Mon.* 09:00–18:00/);
  match(
    availabilityPanel.describe({ ...panel, time_zone: "America/New_York" }),
    /• Mon.* 04:00–13:00/,
  );
  match(availabilityPanel.describe({ ...panel, free: [] }), /You have no 30 minutes free/);
});
