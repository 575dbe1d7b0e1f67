// The availability panel, version 1: when a person is free in their working hours, by their own clocks.
import { z } from "zod";
import { definePanel } from "./panel.ts";
import { formatDay, formatTime, plainLine } from "./plain_text.ts";
import { TimeZone } from "./time_zone.ts";

const MINUTE_MS = 60_000;
/** Meetings begin on these. */
const STEP_MS = 15 * MINUTE_MS;
const SLOTS_A_DAY = 2;
const SLOTS_MAX = 6;
const DAYS_MAX = 7;
const instant = z.iso.datetime({ offset: true });

const FreeTime = z.strictObject({
  day: z.iso.date(),
  starts_at: instant,
  ends_at: instant,
});

const BusyTime = z.strictObject({
  calendar_event_id: z.uuid(),
  title: z.string().nullable(),
  starts_at: instant,
  ends_at: instant,
  all_day: z.boolean().describe("Takes its days whole."),
  is_tentative: z.boolean().describe("Not answered yet, or answered with perhaps."),
});

const hours = {
  time_zone: TimeZone,
  first_day: z.iso.date(),
  last_day: z.iso.date(),
  minutes: z.int().min(15).max(480).describe("Least length of a free time."),
  starts_hour: z.int().min(0).max(23).describe("When a working day begins, by the wall clock."),
  ends_hour: z.int().min(1).max(24),
  with_weekends: z.boolean(),
};

/** What the database function `get_calendar_availability` returns. */
export const AvailabilityFound = z.strictObject({
  org_id: z.uuid(),
  now: instant,
  ...hours,
  free: z.array(FreeTime),
  busy: z.array(BusyTime),
});
/** See the schema of the same name. */
export type AvailabilityFound = z.infer<typeof AvailabilityFound>;

/** What `get_calendar_availability` answers. */
export const AvailabilityData = AvailabilityFound.extend({
  slots: z.array(FreeTime).describe("Times of just the length asked for, a few to offer."),
});
/** See the schema of the same name. */
export type AvailabilityData = z.infer<typeof AvailabilityData>;

/** The panel. */
export const Availability = z.strictObject({
  type: z.literal("availability"),
  version: z.literal(1),
  ...hours,
  free: z.array(FreeTime),
  slots: z.array(FreeTime).describe("Times of just the length asked for, a few to offer."),
  busy: z.array(BusyTime),
}).describe("When the person is free in their working hours.");
/** See the schema of the same name. */
export type Availability = z.infer<typeof Availability>;

/**
 * Chooses times to offer: of each day the first ones, on the quarter of an hour.
 *
 * @param found What is free; pieces in order.
 * @returns At most six, at most two a day.
 */
export function chooseSlots(found: AvailabilityFound): AvailabilityData["slots"] {
  const perDay = new Map<string, number>();
  const slots: AvailabilityData["slots"] = [];
  for (const { day, starts_at, ends_at } of found.free) {
    const length = found.minutes * MINUTE_MS;
    let start = nextStep(new Date(starts_at).getTime());
    const end = new Date(ends_at).getTime();
    while (start + length <= end && slots.length < SLOTS_MAX) {
      const count = perDay.get(day) ?? 0;
      if (count >= SLOTS_A_DAY) break;
      perDay.set(day, count + 1);
      slots.push({
        day,
        starts_at: new Date(start).toISOString(),
        ends_at: new Date(start + length).toISOString(),
      });
      start = nextStep(start + Math.max(length, 4 * STEP_MS));
    }
  }
  return slots;
}

function nextStep(at: number): number {
  return Math.ceil(at / STEP_MS) * STEP_MS;
}

/**
 * Makes the panel.
 *
 * @param data What is free and what is not.
 */
export function buildAvailability(data: AvailabilityData): Availability {
  const { org_id: _org, now: _now, ...shown } = data;
  return { type: "availability", version: 1, ...shown };
}

function describeAvailability(panel: Availability): string {
  const first = formatDay(panel.first_day, "short");
  const when = panel.first_day === panel.last_day
    ? `on ${formatDay(panel.first_day, "long")}`
    : `from ${first} to ${formatDay(panel.last_day, "short")}`;
  const wholeDays = panel.busy.filter(({ all_day }) => all_day)
    .map(({ title }) => plainLine(title ?? "Untitled", 80));
  const why = wholeDays.length === 0
    ? ""
    : `\nWhole days are taken by: ${[...new Set(wholeDays)].slice(0, 3).join(", ")}.`;
  const hours = `between ${panel.starts_hour}:00 and ${panel.ends_hour}:00`;
  if (panel.free.length === 0) {
    return `You have no ${panel.minutes} minutes free ${when}, ${hours}.${why}`;
  }
  const days = Map.groupBy(panel.free, ({ day }) => day);
  const lines = [...days].slice(0, DAYS_MAX).map(([day, times]) =>
    `• ${formatDay(day, "short")}: ${
      times.map(({ starts_at, ends_at }) =>
        `${formatTime(starts_at, panel.time_zone)}–${formatTime(ends_at, panel.time_zone)}`
      ).join(", ")
    }`
  );
  const rest = days.size - lines.length;
  return [
    `You are free ${when}, ${hours}:`,
    ...lines,
    ...(rest > 0 ? [`… and on ${rest} more days.`] : []),
  ].join("\n") + why;
}

/** How the panel is published. */
export const availabilityPanel = definePanel({
  summary: "Free times of the next days in the person's working hours, and a few to offer.",
  schema: Availability,
  example: {
    type: "availability",
    version: 1,
    time_zone: "Europe/Berlin",
    first_day: "2026-11-23",
    last_day: "2026-11-23",
    minutes: 30,
    starts_hour: 9,
    ends_hour: 18,
    with_weekends: false,
    free: [{
      day: "2026-11-23",
      starts_at: "2026-11-23T08:00:00+00:00",
      ends_at: "2026-11-23T16:00:00+00:00",
    }],
    slots: [{
      day: "2026-11-23",
      starts_at: "2026-11-23T08:00:00.000Z",
      ends_at: "2026-11-23T08:30:00.000Z",
    }],
    busy: [{
      calendar_event_id: "00000000-0000-4000-8000-000000000051",
      title: "Northwind: pilot review",
      starts_at: "2026-11-23T16:00:00+00:00",
      ends_at: "2026-11-23T17:00:00+00:00",
      all_day: false,
      is_tentative: false,
    }],
  },
  describe: describeAvailability,
});
