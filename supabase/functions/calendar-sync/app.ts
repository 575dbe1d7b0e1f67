// The caller's own calendar connections, and bringing them up to date on demand. Trust boundary: a
// user's token; the service role only reads and writes what that user's own client named.
import { SyncCalendarInput } from "@shared/calendar/contract.ts";
import {
  listMyConnections,
  MyCalendarsSynced,
  MyConnections,
  syncMyCalendars,
} from "@shared/calendar/sync_my_calendars.ts";
import { type Api, createApi } from "../_shared/http/create_api.ts";
import { type FunctionDeps, productionDeps } from "../_shared/http/function_deps.ts";
import { createCalendarSyncDeps } from "../_shared/providers/calendar_sync_deps.ts";

/** The run stops between two pages after this, and the next one goes on. */
const RUN_MS = 60_000;

/**
 * Builds `calendar-sync`.
 *
 * @param deps Its surroundings; tests pass their own.
 * @returns The function.
 */
export function createApp(deps: FunctionDeps = productionDeps()): Api {
  const api = createApi("calendar-sync", deps);

  api.operation({
    operation: "calendar.connections",
    method: "get",
    path: "/",
    summary: "Lists the caller's calendar connections and whether one needs to be reconnected.",
    query: SyncCalendarInput,
    response: MyConnections,
    errors: ["organization_not_found", "no_active_organization", "mfa_required"],
  }, async (ctx, { query }) => ({ data: await listMyConnections(ctx, query.org_id ?? ctx.orgId) }));

  api.operation({
    operation: "calendar.sync",
    method: "post",
    path: "/",
    summary:
      "Brings the caller's calendars up to date: what changed, or everything the first time.",
    body: SyncCalendarInput,
    response: MyCalendarsSynced,
    errors: [
      "organization_not_found",
      "no_active_organization",
      "mfa_required",
      "calendar_not_connected",
      "calendar_reconnect_required",
      "already_running",
      "not_configured",
      "upstream_unavailable",
      "upstream_failed",
    ],
  }, async (ctx, { body }, call) => {
    const openWorker = async (): Promise<ReturnType<typeof createCalendarSyncDeps>> => {
      const db = await call.service("refresh_calendar_tokens");
      const signal = AbortSignal.timeout(RUN_MS);
      const worker = { db, log: ctx.log, clock: ctx.clock, signal, fetch: ctx.fetch };
      return createCalendarSyncDeps({ ctx: worker, readVariable: deps.readVariable });
    };
    return { data: await syncMyCalendars(ctx, openWorker, body) };
  });

  return api;
}
