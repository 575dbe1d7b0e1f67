// What a kill point is, and how one is told.
import type { Kind } from "../convergence/round.ts";
import type { Call, CallPhase } from "./call.ts";
import type { Act, Rival } from "./trap.ts";

/** One side of a call. */
export interface Step {
  /** Of which function; of any without it. */
  readonly of?: string;
  readonly matches: (call: Call) => boolean;
  readonly phase: CallPhase;
  /** Counts only when the database had some work to hand out. */
  readonly isTaking?: boolean;
}

/** A point at which things go wrong. */
export interface KillPoint {
  readonly pipeline: "webhook" | "job" | "scheduler" | "upload" | "transcription" | "cron";
  readonly name: string;
  readonly at: Step;
  /** The place within the call's transaction; see holds.sql. */
  readonly place?: string;
  /** The kind of meeting that comes by here. */
  readonly kind: Kind;
  /** What has to have happened before. */
  readonly prelude?: { readonly at: Step; readonly act: Act };
  /** Waits until the point was reached. */
  readonly parks?: Step;
  /** Does the same at the same time, whatever the fault is. */
  readonly rival?: Rival;
  /** Two meetings, and the organization may send one bot a day. */
  readonly isCapped?: true;
  /**
   * Who is held up here, asleep or while the same is delivered again, has a wave without other sleepers:
   * their time would add up, or pass for a process that is not asleep. A meeting that nobody planned for a
   * quarter of an hour is given up by design; and a process that is stopped after its last look and before
   * the first byte of its request, for longer than a meeting lasts, sends a bot into an empty room, which
   * no side can see.
   */
  readonly isHeldAlone?: true;
  /** Is passed often enough to be hit at the first or the second pass. */
  readonly isRepeated?: true;
}

/**
 * A call of the database, by its function.
 *
 * @param name Its name.
 * @param phase Which side of it.
 * @param of Whose call; anybody's without it.
 */
export function rpc(name: string, phase: CallPhase, of?: string): Step {
  return {
    ...(of === undefined ? {} : { of }),
    phase,
    matches: ({ url }) => url.includes(`/rest/v1/rpc/${name}`),
    ...(name.startsWith("claim_") ? { isTaking: true } : {}),
  };
}

/**
 * A call of a third party or of the store.
 *
 * @param route What method and address look like.
 * @param phase Which side of it.
 * @param of Whose call; anybody's without it.
 */
export function provider(route: RegExp, phase: CallPhase, of?: string): Step {
  return {
    ...(of === undefined ? {} : { of }),
    phase,
    matches: ({ method, url }) => route.test(`${method} ${url}`),
  };
}
