// Gets an access token that is good for now. Of several workers that find it stale, one refreshes it
// and the others wait: the right to refresh is a lease in the database, not a lock in memory.
import { fromPostgrestError } from "../errors/app_error.ts";
import { CalendarProviderError, type RefreshedTokens } from "./calendar_provider.ts";
import { AccessAnswer, type CalendarClaim } from "./contract.ts";
import type { CalendarSyncDeps } from "./sync_deps.ts";

const WAIT_MS = 250;
/** Longer than a refresh usually takes; whoever waits in vain tries again on the next occasion. */
const WAITS_MAX = 40;

/** What refreshing needs of a worker. */
export type RefreshDeps = Pick<CalendarSyncDeps, "ctx" | "workerId"> & {
  readonly provider: Pick<CalendarSyncDeps["provider"], "refreshTokens">;
};

/**
 * Gets an access token.
 *
 * @param deps The worker's handles.
 * @param claim The calendar whose access it is.
 * @param rejectedToken A token that the service just refused although it should be good.
 * @returns The token.
 * @throws {CalendarProviderError} `grant_revoked` when only the person can mend it, `unavailable`
 *   when the service or the other refresher takes too long.
 */
export async function getAccessToken(
  deps: CalendarSyncDeps,
  claim: CalendarClaim,
  rejectedToken: string | null = null,
): Promise<string> {
  for (let waits = 0; waits < WAITS_MAX; waits++) {
    const { data, error } = await deps.ctx.db.rpc("begin_calendar_access", {
      p_org_id: claim.org_id,
      p_connection_id: claim.connection_id,
      p_worker: deps.workerId,
      p_rejected_token: rejectedToken,
    });
    if (error) throw fromPostgrestError(error);
    const answer = AccessAnswer.parse(data);
    if (answer.status === "fresh") return answer.access_token;
    if (answer.status === "needs_reconnect") throw new CalendarProviderError("grant_revoked");
    if (answer.status === "refresh") return await refreshAccess(deps, claim, answer.refresh_token);
    await deps.wait(WAIT_MS);
  }
  throw new CalendarProviderError("unavailable");
}

/**
 * Trades the refresh token for an access token and stores it, by whoever holds the right to.
 *
 * @param deps The worker's handles.
 * @param claim The connection.
 * @param refreshToken From the vault.
 * @returns The access token.
 * @throws {CalendarProviderError} Written down, and final where the grant is revoked.
 */
export async function refreshAccess(
  deps: RefreshDeps,
  claim: Pick<CalendarClaim, "org_id" | "connection_id">,
  refreshToken: string,
): Promise<string> {
  let tokens: RefreshedTokens;
  try {
    tokens = await deps.provider.refreshTokens(refreshToken);
  } catch (error) {
    const failure = error instanceof CalendarProviderError ? error.failure : "unavailable";
    const { error: notRecorded } = await deps.ctx.db.rpc("fail_calendar_refresh", {
      p_org_id: claim.org_id,
      p_connection_id: claim.connection_id,
      p_worker: deps.workerId,
      p_error: failure,
      p_is_final: failure === "grant_revoked",
    });
    if (notRecorded) throw fromPostgrestError(notRecorded);
    throw error;
  }
  const { error } = await deps.ctx.db.rpc("complete_calendar_refresh", {
    p_org_id: claim.org_id,
    p_connection_id: claim.connection_id,
    p_worker: deps.workerId,
    p_access_token: tokens.accessToken,
    p_expires_in_seconds: tokens.expiresInSeconds,
    p_refresh_token: tokens.refreshToken,
  });
  if (error) throw fromPostgrestError(error);
  return tokens.accessToken;
}
