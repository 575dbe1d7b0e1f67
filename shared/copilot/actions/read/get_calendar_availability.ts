// Looks up when the caller is free, by their own calendar and their own clocks (C-24).
import { z } from "zod";
import { fromPostgrestError } from "../../../errors/app_error.ts";
import {
  AvailabilityData,
  AvailabilityFound,
  availabilityPanel,
  buildAvailability,
  chooseSlots,
} from "../../panels/availability.ts";
import type { ReadAction } from "../action.ts";
import { evidenceRows } from "../evidence_rows.ts";

const PERIODS = ["today", "tomorrow", "this_week", "next_week", "weekday"] as const;

/** Which days, and how much time. */
const AvailabilityArgs = z.strictObject({
  period: z.enum(PERIODS).optional().describe("Without one: `days` days from `first_day`."),
  weekday: z.int().min(1).max(7).optional().describe("1 is Monday; only with period weekday."),
  first_day: z.iso.date().optional().describe("Today where it is missing."),
  days: z.int().min(1).max(31).default(7),
  minutes: z.int().min(15).max(480).default(30).describe("Least length of a free time."),
  starts_hour: z.int().min(0).max(23).default(9),
  ends_hour: z.int().min(1).max(24).default(18),
  with_weekends: z.boolean().default(false),
  without_all_day: z.boolean().default(false)
    .describe("Takes days for free although a whole-day event is on them."),
}).refine(({ starts_hour, ends_hour }) => starts_hour < ends_hour, {
  path: ["ends_hour"],
  message: "must be after starts_hour",
}).refine((args) => (args.period === "weekday") === (args.weekday !== undefined), {
  path: ["weekday"],
  message: "goes with period weekday, and only with it",
});

/** The action. */
export const getCalendarAvailability: ReadAction<typeof AvailabilityArgs, typeof AvailabilityData> =
  {
    kind: "read",
    name: "get_calendar_availability",
    description:
      "Says when the person is free in their working hours (9 to 18 unless said otherwise), in their own time zone, with a few times to offer.",
    label: "Looking at your calendar",
    args: AvailabilityArgs,
    result: AvailabilityData,
    // Titles of what takes the time are whoever invited's words.
    readsForeignText: true,
    explainArgs: (args) => ({
      period: args.period ?? "days",
      days: args.days,
      minutes: args.minutes,
    }),
    async run(ctx, args) {
      const { data, error } = await ctx.db.rpc("get_calendar_availability", {
        p_org_id: ctx.orgId,
        p_period: args.period ?? null,
        p_weekday: args.weekday ?? null,
        p_first_day: args.first_day ?? null,
        p_day_count: args.days,
        p_minutes: args.minutes,
        p_starts_hour: args.starts_hour,
        p_ends_hour: args.ends_hour,
        p_with_weekends: args.with_weekends ||
          (args.period === "weekday" && (args.weekday ?? 0) > 5),
        p_without_all_day: args.without_all_day,
        p_now: ctx.clock.now().toISOString(),
      });
      if (error) throw fromPostgrestError(error);
      const found = AvailabilityFound.parse(data);
      const answer: AvailabilityData = { ...found, slots: chooseSlots(found) };
      const panel = buildAvailability(answer);
      return {
        data: answer,
        evidence: evidenceRows(
          found.busy.map((event) => ["calendar_events", event.calendar_event_id] as const),
        ),
        count: found.free.length,
        panel,
        text: availabilityPanel.describe(panel),
      };
    },
  };
