// Brings the caller's own calendars up to date, on demand. What is theirs is decided by their own
// client; the service client only ever gets ids that it gave.
import { z } from "zod";
import { AppError, fromPostgrestError } from "../errors/app_error.ts";
import type { RequestContext } from "../platform/request_context.ts";
import { CalendarProviderError } from "./calendar_provider.ts";
import { CalendarSyncResult, ClaimAnswer, type SyncCalendarInput } from "./contract.ts";
import { syncCalendar } from "./sync_calendar.ts";
import type { CalendarSyncDeps } from "./sync_deps.ts";

const LEASE_SECONDS = 120;

/** The caller's connections, as the database function `my_calendar_connections` returns them. */
export const MyConnections = z.strictObject({
  org_id: z.uuid(),
  connections: z.array(z.strictObject({
    id: z.uuid(),
    status: z.enum(["active", "needs_reconnect", "disconnected"]),
    account_email: z.string(),
    calendar_id: z.string(),
    last_synced_at: z.iso.datetime({ offset: true }).nullable(),
    last_error: z.string().nullable().describe("A code, such as grant_revoked."),
  })),
}).describe("The caller's calendar connections in one organization; never a token.");
/** See the schema of the same name. */
export type MyConnections = z.infer<typeof MyConnections>;

/** What came of it, a calendar each. */
export const MyCalendarsSynced = z.strictObject({
  org_id: z.uuid(),
  calendars: z.array(z.strictObject({ connection_id: z.uuid(), result: CalendarSyncResult })),
}).describe("What a synchronization changed, a calendar each.");
/** See the schema of the same name. */
export type MyCalendarsSynced = z.infer<typeof MyCalendarsSynced>;

/**
 * Lists the caller's calendar connections.
 *
 * @param ctx The caller.
 * @param orgId One of their organizations; null for the active one.
 * @returns The connections and their state.
 * @throws {AppError} `organization_not_found` or `no_active_organization`.
 */
export async function listMyConnections(
  ctx: RequestContext,
  orgId: string | null,
): Promise<MyConnections> {
  const { data, error } = await ctx.db.rpc("my_calendar_connections", { p_org_id: orgId });
  if (error) throw fromPostgrestError(error);
  return MyConnections.parse(data);
}

/**
 * Brings the caller's calendars of one organization up to date.
 *
 * @param ctx The caller.
 * @param openDeps Opens the worker's handles, once it is known that there is work.
 * @param input The organization, if one is named.
 * @returns What changed.
 * @throws {AppError} `calendar_not_connected`, `calendar_reconnect_required`, `already_running`, or
 *   `upstream_unavailable` and `upstream_failed` when the calendar service does not play along.
 */
export async function syncMyCalendars(
  ctx: RequestContext,
  openDeps: () => Promise<CalendarSyncDeps>,
  input: SyncCalendarInput,
): Promise<MyCalendarsSynced> {
  const mine = await listMyConnections(ctx, input.org_id ?? ctx.orgId);
  const active = mine.connections.filter((connection) => connection.status === "active");
  if (active.length === 0) {
    const isDead = mine.connections.some((connection) => connection.status === "needs_reconnect");
    throw new AppError(isDead ? "calendar_reconnect_required" : "calendar_not_connected");
  }
  const deps = await openDeps();
  const calendars: MyCalendarsSynced["calendars"] = [];
  for (const connection of active) {
    const result = await syncOne(deps, mine.org_id, connection.id);
    calendars.push({ connection_id: connection.id, result });
  }
  return { org_id: mine.org_id, calendars };
}

async function syncOne(
  deps: CalendarSyncDeps,
  orgId: string,
  connectionId: string,
): Promise<CalendarSyncResult> {
  const { data, error } = await deps.ctx.db.rpc("claim_calendar_sync", {
    p_org_id: orgId,
    p_connection_id: connectionId,
    p_worker: deps.workerId,
    p_lease_seconds: LEASE_SECONDS,
  });
  if (error) throw fromPostgrestError(error);
  const answer = ClaimAnswer.parse(data);
  if (answer.status === "busy") throw new AppError("already_running");
  if (answer.status === "needs_reconnect") throw new AppError("calendar_reconnect_required");
  if (answer.status !== "claimed") throw new AppError("calendar_not_connected");
  try {
    return await syncCalendar(deps, answer.claim);
  } catch (error) {
    throw error instanceof CalendarProviderError ? toAppError(error) : error;
  }
}

function toAppError(error: CalendarProviderError): AppError {
  switch (error.failure) {
    case "grant_revoked":
    case "access_token_rejected":
    case "forbidden":
    case "calendar_not_found":
      return new AppError("calendar_reconnect_required", { cause: error });
    case "rate_limited":
    case "unavailable":
      return new AppError("upstream_unavailable", {
        cause: error,
        ...(error.retryAfterMs === null
          ? {}
          : { retryAfterSeconds: Math.ceil(error.retryAfterMs / 1_000) }),
      });
    default:
      return new AppError("upstream_failed", { cause: error });
  }
}
