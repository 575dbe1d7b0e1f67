// What a calendar service must be able to do for us, and how it may fail. The edge implements it.
import type { GoogleEventsPage } from "./google_event.ts";

/** One page of one calendar. */
export interface EventsPageRequest {
  readonly accessToken: string;
  /** The service's own id of the calendar, such as `primary`. */
  readonly calendarId: string;
  /** Present: only what changed since. Absent: everything from `timeMin` on. */
  readonly syncToken: string | null;
  readonly pageToken: string | null;
  readonly timeMin: string | null;
}

/** A fresh access token; most refreshes bring no new refresh token, and the old one stays good. */
export interface RefreshedTokens {
  readonly accessToken: string;
  readonly expiresInSeconds: number;
  readonly refreshToken: string | null;
}

/** A calendar service. */
export interface CalendarProvider {
  /** Reads one page. @throws {CalendarProviderError} */
  listEvents(request: EventsPageRequest): Promise<GoogleEventsPage>;
  /** Trades the refresh token for an access token. @throws {CalendarProviderError} */
  refreshTokens(refreshToken: string): Promise<RefreshedTokens>;
}

/**
 * Why a call failed, as far as it decides what to do next.
 *
 * - `sync_token_expired`: forget the token and start over.
 * - `access_token_rejected`: refresh once, then give up.
 * - `grant_revoked`: only the person can mend it.
 * - `forbidden`, `calendar_not_found`: only the person can mend it.
 * - `rate_limited`, `unavailable`: later.
 * - `client_rejected`: the service does not accept our own OAuth client; only an operator can mend it.
 * - `rejected`, `malformed_answer`: a defect, ours or theirs.
 */
export type CalendarFailure =
  | "sync_token_expired"
  | "access_token_rejected"
  | "grant_revoked"
  | "forbidden"
  | "calendar_not_found"
  | "rate_limited"
  | "unavailable"
  | "client_rejected"
  | "rejected"
  | "malformed_answer";

/** A call of the calendar service that did not work. */
export class CalendarProviderError extends Error {
  override readonly name = "CalendarProviderError";

  /**
   * @param failure What it means for us.
   * @param status The HTTP status, if there was an answer.
   * @param retryAfterMs How long the service asked us to wait.
   * @param options The cause, if something was thrown.
   */
  constructor(
    readonly failure: CalendarFailure,
    readonly status: number | null = null,
    readonly retryAfterMs: number | null = null,
    options?: ErrorOptions,
  ) {
    super(failure, options);
  }

  /** The same, under the name that the log reads. */
  get code(): string {
    return this.failure;
  }

  /** Whether trying again later can help without anybody doing anything. */
  get isTransient(): boolean {
    return this.failure === "rate_limited" || this.failure === "unavailable";
  }
}
