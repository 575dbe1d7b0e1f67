// The handles of a calendar worker: a service client, Google, and a name for its leases.
import type { CalendarSyncDeps } from "@shared/calendar/sync_deps.ts";
import { AppError } from "@shared/errors/app_error.ts";
import type { ServiceContext } from "@shared/platform/request_context.ts";
import { EnvironmentError, type ReadVariable } from "../env/platform_env.ts";
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
 * @throws {AppError} `not_configured` where there is no OAuth client of ours at Google.
 *
 * @example In a job
 * ```ts ignore
 * run: (ctx) => syncDueCalendars(createCalendarSyncDeps({ ctx, readVariable: deps.readVariable })),
 * ```
 */
export function createCalendarSyncDeps({ ctx, readVariable }: WorkerContext): CalendarSyncDeps {
  return {
    ctx,
    provider: openGoogle({ ctx, readVariable }),
    workerId: `calendar:${crypto.randomUUID()}`,
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}

function openGoogle({ ctx, readVariable }: WorkerContext): CalendarSyncDeps["provider"] {
  try {
    return createGoogleCalendar({ readVariable, fetch: ctx.fetch, signal: ctx.signal });
  } catch (cause) {
    if (cause instanceof EnvironmentError) throw new AppError("not_configured", { cause });
    throw cause;
  }
}
