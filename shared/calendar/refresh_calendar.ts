// Brings one connected calendar up to date because something is about to be done that depends on it.
import { fromPostgrestError } from "../errors/app_error.ts";
import { ClaimAnswer } from "./contract.ts";
import { syncCalendar } from "./sync_calendar.ts";
import type { CalendarSyncDeps } from "./sync_deps.ts";

const LEASE_SECONDS = 60;

/**
 * Refreshes a calendar, unless another worker is at it or it can't be read.
 *
 * @param deps The worker's handles; their signal bounds the time.
 * @param orgId The organization.
 * @param connectionId The connection.
 * @returns Whether this call brought it up to date.
 * @throws {CalendarProviderError} When the service does not play along; it is recorded by then.
 * @throws {AppError} When the database can't be reached.
 */
export async function refreshCalendar(
  deps: CalendarSyncDeps,
  orgId: string,
  connectionId: string,
): Promise<boolean> {
  const { data, error } = await deps.ctx.db.rpc("claim_calendar_sync", {
    p_org_id: orgId,
    p_connection_id: connectionId,
    p_worker: deps.workerId,
    p_lease_seconds: LEASE_SECONDS,
  });
  if (error) throw fromPostgrestError(error);
  const answer = ClaimAnswer.parse(data);
  if (answer.status !== "claimed") return false;
  return (await syncCalendar(deps, answer.claim)).is_complete;
}
