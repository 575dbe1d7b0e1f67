// A person's Google access for one use: a token that is good now, refreshed under the same lease as the
// calendar's, and what is written down when Google no longer takes it.
import { CalendarProviderError } from "../calendar/calendar_provider.ts";
import { refreshAccess } from "../calendar/get_access_token.ts";
import type { CalendarSyncDeps } from "../calendar/sync_deps.ts";
import { fromPostgrestError } from "../errors/app_error.ts";
import { GoogleAccessAnswer } from "./outbound_contract.ts";
import { OutboundError } from "./outbound_error.ts";

const WAIT_MS = 250;
/** Longer than a refresh usually takes. */
const WAITS_MAX = 40;

/** Whose access, and for what. */
export interface GoogleUse {
  readonly orgId: string;
  readonly userId: string;
  readonly use: "email" | "calendar";
  /** The account that it must be; null takes the first that may be used so. */
  readonly accountEmail: string | null;
}

/** A token that is good for now. */
export interface GoogleAccess {
  readonly connectionId: string;
  readonly accountEmail: string;
  readonly calendarId: string;
  readonly accessToken: string;
}

/** Handles for getting tokens; `workerId` names the holder of the refresh lease. */
export type GoogleAccessDeps = Omit<CalendarSyncDeps, "provider"> & {
  readonly provider: Pick<CalendarSyncDeps["provider"], "refreshTokens">;
};

/**
 * Does something with a person's Google access. A token that is refused is replaced once.
 *
 * @param deps Database, token endpoint, time.
 * @param use Whose access, and for what.
 * @param work What to do; it may be done twice when it throws `access_rejected`.
 * @returns What the work returns.
 * @throws {OutboundError} `reconnect_required`, `scope_missing` or `not_connected` when only the person
 *   can mend it, `rate_limited` when the token endpoint has no time now, and what the work throws.
 */
export async function withGoogleAccess<T>(
  deps: GoogleAccessDeps,
  use: GoogleUse,
  work: (access: GoogleAccess) => Promise<T>,
): Promise<T> {
  const access = await getAccess(deps, use, null);
  try {
    return await work(access);
  } catch (cause) {
    if (!(cause instanceof OutboundError)) throw cause;
    if (cause.failure === "scope_missing") await reject(deps, use, access, cause.failure);
    if (cause.failure !== "access_rejected") throw cause;
  }
  const fresh = await getAccess(deps, use, access.accessToken);
  try {
    return await work(fresh);
  } catch (cause) {
    if (!(cause instanceof OutboundError)) throw cause;
    const { failure } = cause;
    if (failure !== "access_rejected" && failure !== "scope_missing") throw cause;
    await reject(deps, use, fresh, failure);
    if (failure === "scope_missing") throw cause;
    throw new OutboundError("reconnect_required", { status: cause.status, cause });
  }
}

async function getAccess(
  deps: GoogleAccessDeps,
  { orgId, userId, use, accountEmail }: GoogleUse,
  rejectedToken: string | null,
): Promise<GoogleAccess> {
  for (let waits = 0; waits < WAITS_MAX; waits++) {
    const { data, error } = await deps.ctx.db.rpc("begin_google_access", {
      p_org_id: orgId,
      p_user_id: userId,
      p_use: use,
      p_account_email: accountEmail,
      p_worker: deps.workerId,
      p_rejected_token: rejectedToken,
    });
    if (error) throw fromPostgrestError(error);
    const answer = GoogleAccessAnswer.parse(data);
    switch (answer.status) {
      case "needs_reconnect":
        throw new OutboundError("reconnect_required");
      case "scope_missing":
      case "not_connected":
        throw new OutboundError(answer.status);
      case "wait":
        await deps.wait(WAIT_MS);
        continue;
    }
    const accessToken = answer.status === "fresh"
      ? answer.access_token
      : await refresh(deps, orgId, answer.connection_id, answer.refresh_token);
    return {
      connectionId: answer.connection_id,
      accountEmail: answer.account_email,
      calendarId: answer.calendar_id,
      accessToken,
    };
  }
  throw new OutboundError("rate_limited");
}

async function refresh(
  deps: GoogleAccessDeps,
  orgId: string,
  connectionId: string,
  refreshToken: string,
): Promise<string> {
  try {
    return await refreshAccess(
      deps,
      { org_id: orgId, connection_id: connectionId },
      refreshToken,
    );
  } catch (cause) {
    if (!(cause instanceof CalendarProviderError)) throw cause;
    const { status } = cause;
    const retryAfterSeconds = cause.retryAfterMs === null ? null : cause.retryAfterMs / 1_000;
    if (cause.failure === "grant_revoked") {
      throw new OutboundError("reconnect_required", { status, cause });
    }
    if (cause.failure === "client_rejected") {
      throw new OutboundError("not_configured", { status, cause });
    }
    // Nothing was sent: there was nothing to send it with
    throw new OutboundError(cause.failure === "rate_limited" ? "rate_limited" : "unavailable", {
      status,
      retryAfterSeconds,
      cause,
    });
  }
}

async function reject(
  deps: GoogleAccessDeps,
  { orgId }: GoogleUse,
  { connectionId }: GoogleAccess,
  failure: string,
): Promise<void> {
  const { error } = await deps.ctx.db.rpc("reject_google_access", {
    p_org_id: orgId,
    p_connection_id: connectionId,
    p_error: failure === "access_rejected" ? "access_token_rejected" : failure,
  });
  if (error) throw fromPostgrestError(error);
}
