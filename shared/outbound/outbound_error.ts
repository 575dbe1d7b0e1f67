// How sending something outside may fail, as far as it decides what to do next.

/**
 * - `access_rejected`: the access token is not taken; a fresh one is tried once.
 * - `reconnect_required`, `scope_missing`, `not_connected`: only the person, or an admin, can mend it.
 * - `channel_not_open`: an admin closed the channel, or Slack does not let us into it.
 * - `rejected`: the service refuses this content; sending it again changes nothing.
 * - `not_configured`: a setting of ours is missing or wrong; only an operator can mend it.
 * - `rate_limited`: surely not done; later. `unavailable`: later, and it may have been done.
 * - `look_up_unclear`: whether it was done could not be found out, so it is not done again now.
 */
export type OutboundFailure =
  | "access_rejected"
  | "reconnect_required"
  | "scope_missing"
  | "not_connected"
  | "channel_not_open"
  | "rejected"
  | "not_configured"
  | "rate_limited"
  | "unavailable"
  | "look_up_unclear";

/** Failures that no later try mends. */
const FINAL: ReadonlySet<OutboundFailure> = new Set([
  "access_rejected",
  "reconnect_required",
  "scope_missing",
  "not_connected",
  "channel_not_open",
  "rejected",
  "not_configured",
]);

/** What is known beside the failure itself. */
export interface OutboundErrorDetails {
  /** The HTTP status, if there was an answer. */
  readonly status?: number | null;
  /** How long the service asked us to wait. */
  readonly retryAfterSeconds?: number | null;
  /** Whether what was asked for may have been done although no good answer came; false unless said. */
  readonly mayHaveHappened?: boolean;
  readonly cause?: unknown;
}

/** A call of a service outside that did not work. */
export class OutboundError extends Error {
  override readonly name = "OutboundError";
  readonly status: number | null;
  readonly retryAfterSeconds: number | null;
  readonly mayHaveHappened: boolean;

  /**
   * @param failure What it means for us.
   * @param details What else is known.
   */
  constructor(readonly failure: OutboundFailure, details: OutboundErrorDetails = {}) {
    super(failure, details.cause === undefined ? undefined : { cause: details.cause });
    this.status = details.status ?? null;
    this.retryAfterSeconds = details.retryAfterSeconds ?? null;
    this.mayHaveHappened = details.mayHaveHappened ?? false;
  }

  /** The same as the failure, under the name that the log reads. */
  get code(): string {
    return this.failure;
  }

  /** Whether no later try mends it. */
  get isFinal(): boolean {
    return FINAL.has(this.failure);
  }
}
