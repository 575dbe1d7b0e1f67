// Brings connected calendars up to date, every 15 minutes. Trust boundary: the signed call of our
// own schedule.
import { syncDueCalendars } from "@shared/calendar/sync_due_calendars.ts";
import { createJob } from "../_shared/http/create_job.ts";
import type { ServedFunction } from "../_shared/http/create_webhook.ts";
import { type FunctionDeps, productionDeps } from "../_shared/http/function_deps.ts";
import { createCalendarSyncDeps } from "../_shared/providers/calendar_sync_deps.ts";

/**
 * Builds `calendar-sync-scheduler`.
 *
 * @param deps Its surroundings; tests pass their own.
 * @returns The function.
 */
export function createApp(deps: FunctionDeps = productionDeps()): ServedFunction {
  return createJob("calendar-sync-scheduler", {
    reason: "schedule_calendar_sync",
    run: async (ctx) => ({
      ...await syncDueCalendars(createCalendarSyncDeps({ ctx, readVariable: deps.readVariable })),
    }),
  }, deps);
}
