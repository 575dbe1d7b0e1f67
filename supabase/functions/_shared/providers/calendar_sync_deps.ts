// The handles of a calendar worker: a service client, Google, and a name for its leases.
import type { CalendarSyncDeps } from "@shared/calendar/sync_deps.ts";
import type { ServiceContext } from "@shared/platform/request_context.ts";
import type { ReadVariable } from "../env/platform_env.ts";
import { createGoogleCalendar } from "./google_calendar.ts";

/** What a worker is made of. */
export interface WorkerContext {
  readonly ctx: Pick<ServiceContext, "db" | "log" | "clock" | "signal" | "fetch">;
  readonly readVariable: ReadVariable;
}

/**
 * Makes the handles of one run.
 *
 * @param worker Its context and settings.
 * @returns The handles.
 * @throws {EnvironmentError} When Google's OAuth client is not configured.
 *
 * @example In a job
 * ```ts ignore
 * run: (ctx) => syncDueCalendars(createCalendarSyncDeps({ ctx, readVariable: deps.readVariable })),
 * ```
 */
export function createCalendarSyncDeps({ ctx, readVariable }: WorkerContext): CalendarSyncDeps {
  return {
    ctx,
    provider: createGoogleCalendar({ readVariable, fetch: ctx.fetch, signal: ctx.signal }),
    workerId: `calendar:${crypto.randomUUID()}`,
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}
