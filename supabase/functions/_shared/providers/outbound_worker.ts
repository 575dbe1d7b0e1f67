// The handles of the worker that executes confirmed actions: the services, and a name for its leases.
import type { OutboundDeps } from "@shared/outbound/delivery.ts";
import type { ClaimedJob } from "@shared/platform/jobs.ts";
import type { ServiceContext } from "@shared/platform/request_context.ts";
import { CalendarProviderError } from "@shared/calendar/calendar_provider.ts";
import { EnvironmentError, type ReadVariable } from "../env/platform_env.ts";
import { createGmail } from "./gmail.ts";
import { createGoogleCalendar } from "./google_calendar.ts";
import { createCalendarEvents } from "./google_calendar_events.ts";
import { createSlack } from "./slack.ts";

/**
 * Opens the services for one job.
 *
 * @param ctx The job's.
 * @param job The job; its worker also holds the lease of a token that is refreshed.
 * @param readVariable Settings.
 * @returns The services; null, or a refusal at first use, where one is not configured.
 */
export function openOutbound(
  ctx: ServiceContext,
  job: ClaimedJob,
  readVariable: ReadVariable,
): OutboundDeps {
  const { fetch, clock, signal } = ctx;
  const deps = { readVariable, fetch, clock, signal };
  return {
    ctx,
    workerId: `outbound:${job.id}:${job.worker}`,
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    provider: configured(ctx, () => createGoogleCalendar(deps)) ?? {
      refreshTokens: () => Promise.reject(new CalendarProviderError("client_rejected")),
    },
    email: configured(ctx, () => createGmail(deps)),
    slack: configured(ctx, () => createSlack(deps)),
    calendar: configured(ctx, () => createCalendarEvents(deps)),
  };
}

function configured<T>(ctx: ServiceContext, open: () => T): T | null {
  try {
    return open();
  } catch (cause) {
    if (!(cause instanceof EnvironmentError)) throw cause;
    ctx.log.error("outbound_not_configured", { operation: "outbound.open", cause });
    return null;
  }
}
