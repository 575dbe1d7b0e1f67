// Brings every calendar whose time has come up to date, a few at a time, until none is due or the
// time is up. Several runs may overlap: each calendar has one lease.
import { z } from "zod";
import { fromPostgrestError } from "../errors/app_error.ts";
import { CalendarClaim } from "./contract.ts";
import { syncCalendar } from "./sync_calendar.ts";
import type { CalendarSyncDeps } from "./sync_deps.ts";

const BATCH_SIZE = 4;
/** Longer than a calendar may take; renewed with every page. */
const LEASE_SECONDS = 120;

/** How many calendars a run brought up to date, and how many it could not. */
export interface DueCalendarsResult {
  readonly synced: number;
  readonly failed: number;
}

/**
 * Works off the calendars that are due.
 *
 * @param deps The worker's handles; its signal ends the run.
 * @returns How many went well and how many did not; each failure is recorded with its connection.
 * @throws {AppError} When the database can't be reached.
 */
export async function syncDueCalendars(deps: CalendarSyncDeps): Promise<DueCalendarsResult> {
  let synced = 0;
  let failed = 0;
  while (!deps.ctx.signal.aborted) {
    const { data, error } = await deps.ctx.db.rpc("claim_due_calendar_syncs", {
      p_worker: deps.workerId,
      p_limit: BATCH_SIZE,
      p_lease_seconds: LEASE_SECONDS,
    });
    if (error) throw fromPostgrestError(error);
    const claims = z.array(CalendarClaim).parse(data);
    if (claims.length === 0) break;
    const outcomes = await Promise.all(claims.map((claim) => isSynced(deps, claim)));
    synced += outcomes.filter(Boolean).length;
    failed += outcomes.filter((isGood) => !isGood).length;
  }
  return { synced, failed };
}

async function isSynced(deps: CalendarSyncDeps, claim: CalendarClaim): Promise<boolean> {
  const about = {
    operation: "calendar.sync",
    org_id: claim.org_id,
    entity_id: claim.connection_id,
  };
  try {
    const result = await syncCalendar(deps, claim);
    deps.ctx.log.info("calendar_synced", { ...about, outcome: result.mode, count: result.pages });
    return true;
  } catch (cause) {
    deps.ctx.log.warn("calendar_not_synced", { ...about, cause });
    return false;
  }
}
