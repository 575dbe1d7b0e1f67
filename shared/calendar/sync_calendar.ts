// Brings one calendar up to date, page by page. Each page is applied as it comes; the sync token is
// stored in the transaction of the last one, so a run that dies midway repeats what it did, and
// repeating changes nothing.
import { asJson } from "../database/as_json.ts";
import { fromPostgrestError } from "../errors/app_error.ts";
import { CalendarProviderError, type EventsPageRequest } from "./calendar_provider.ts";
import { AppliedPage, type CalendarClaim, type CalendarSyncResult } from "./contract.ts";
import { getAccessToken } from "./get_access_token.ts";
import type { GoogleEventsPage } from "./google_event.ts";
import { normalizeGoogleEvent } from "./normalize_google_event.ts";
import type { CalendarSyncDeps } from "./sync_deps.ts";

const ATTEMPTS_MAX = 3;
const BACKOFF_MS = 500;
/** Longer waits are left to the schedule. */
const WAIT_MAX_MS = 5_000;

/**
 * Brings one claimed calendar up to date and gives the lease back, whatever happens.
 *
 * @param deps The worker's handles.
 * @param claim The calendar and where its last run stopped.
 * @returns What changed.
 * @throws {CalendarProviderError} After the failure and the time of the next try were recorded.
 */
export async function syncCalendar(
  deps: CalendarSyncDeps,
  claim: CalendarClaim,
): Promise<CalendarSyncResult> {
  try {
    return await runSync(deps, claim);
  } catch (error) {
    await releaseFailed(deps, claim, error);
    throw error;
  }
}

interface Run {
  accessToken: string;
  syncToken: string | null;
  pageToken: string | null;
  hasRestarted: boolean;
}

async function runSync(deps: CalendarSyncDeps, claim: CalendarClaim): Promise<CalendarSyncResult> {
  const run: Run = {
    accessToken: await getAccessToken(deps, claim),
    syncToken: claim.sync_token,
    pageToken: claim.page_token,
    hasRestarted: false,
  };
  const sum = { pages: 0, created: 0, updated: 0, cancelled: 0, removed: 0 };
  for (;;) {
    const page = await readPageOrRestart(deps, claim, run);
    if (page === null) {
      Object.assign(sum, { pages: 0, created: 0, updated: 0, cancelled: 0, removed: 0 });
      continue;
    }
    const applied = await applyPage(deps, claim, page);
    sum.pages += 1;
    sum.created += applied.created;
    sum.updated += applied.updated;
    sum.cancelled += applied.cancelled;
    sum.removed += applied.removed;
    run.pageToken = page.nextPageToken ?? null;
    const isComplete = run.pageToken === null;
    if (!isComplete && !deps.ctx.signal.aborted) continue;
    if (!isComplete) await release(deps, claim, null, 0);
    return {
      mode: run.syncToken === null ? "full" : "incremental",
      is_complete: isComplete,
      ...sum,
    };
  }
}

/** Reads a page; null when the sync token or the page token had died and everything begins anew. */
async function readPageOrRestart(
  deps: CalendarSyncDeps,
  claim: CalendarClaim,
  run: Run,
): Promise<GoogleEventsPage | null> {
  try {
    return await readPage(deps, claim, run);
  } catch (error) {
    const isExpired = error instanceof CalendarProviderError &&
      (error.failure === "sync_token_expired" ||
        (error.failure === "rejected" && (run.syncToken !== null || run.pageToken !== null)));
    if (!isExpired || run.hasRestarted) throw error;
    const { error: refused } = await deps.ctx.db.rpc("restart_calendar_sync", {
      p_org_id: claim.org_id,
      p_connection_id: claim.connection_id,
      p_worker: deps.workerId,
    });
    if (refused) throw fromPostgrestError(refused);
    Object.assign(run, { syncToken: null, pageToken: null, hasRestarted: true });
    return null;
  }
}

async function readPage(
  deps: CalendarSyncDeps,
  claim: CalendarClaim,
  run: Run,
): Promise<GoogleEventsPage> {
  let hasRefreshed = false;
  for (let attempt = 1;; attempt++) {
    try {
      return await deps.provider.listEvents(pageRequest(claim, run));
    } catch (error) {
      if (!(error instanceof CalendarProviderError)) throw error;
      if (error.failure === "access_token_rejected" && !hasRefreshed) {
        hasRefreshed = true;
        run.accessToken = await getAccessToken(deps, claim, run.accessToken);
        continue;
      }
      const waitMs = error.retryAfterMs ?? BACKOFF_MS * 2 ** (attempt - 1) * (0.5 + Math.random());
      if (!error.isTransient || attempt >= ATTEMPTS_MAX || waitMs > WAIT_MAX_MS) throw error;
      await deps.wait(waitMs);
    }
  }
}

function pageRequest(claim: CalendarClaim, run: Run): EventsPageRequest {
  return {
    accessToken: run.accessToken,
    calendarId: claim.calendar_id,
    syncToken: run.syncToken,
    pageToken: run.pageToken,
    // Not allowed beside a sync token; otherwise it keeps endless series within bounds
    timeMin: run.syncToken === null ? claim.time_min : null,
  };
}

async function applyPage(
  deps: CalendarSyncDeps,
  claim: CalendarClaim,
  page: GoogleEventsPage,
): Promise<AppliedPage> {
  const events = page.items.map((item) => normalizeGoogleEvent(item, page.timeZone ?? null))
    .filter((event) => event !== null);
  const { data, error } = await deps.ctx.db.rpc("apply_calendar_page", {
    p_org_id: claim.org_id,
    p_connection_id: claim.connection_id,
    p_worker: deps.workerId,
    p_events: asJson(events),
    p_next_page_token: page.nextPageToken ?? null,
    p_next_sync_token: page.nextSyncToken ?? null,
  });
  if (error) throw fromPostgrestError(error);
  return AppliedPage.parse(data);
}

async function releaseFailed(
  deps: CalendarSyncDeps,
  claim: CalendarClaim,
  error: unknown,
): Promise<void> {
  const failure = error instanceof CalendarProviderError ? error.failure : "internal_error";
  const retryMs = error instanceof CalendarProviderError ? error.retryAfterMs : null;
  await release(deps, claim, failure, retryMs === null ? null : Math.ceil(retryMs / 1_000));
}

async function release(
  deps: CalendarSyncDeps,
  claim: CalendarClaim,
  failure: string | null,
  retrySeconds: number | null,
): Promise<void> {
  const { error } = await deps.ctx.db.rpc("release_calendar_sync", {
    p_org_id: claim.org_id,
    p_connection_id: claim.connection_id,
    p_worker: deps.workerId,
    p_error: failure,
    p_retry_seconds: retrySeconds,
  });
  if (error) throw fromPostgrestError(error);
}
