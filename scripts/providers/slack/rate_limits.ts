// How fast Slack lets itself be called: about one message a second and channel, and so many calls of a
// method a minute.
import { CallLimit } from "../call_limit.ts";
import type { VirtualClock } from "../virtual_clock.ts";

/** Calls a minute, by tier; posting has a limit of its own. */
const METHOD_LIMITS: Readonly<Record<string, number | undefined>> = {
  "conversations.history": 50,
  "conversations.list": 20,
  "auth.test": 600,
};

/** The limits of one simulator. */
export class SlackLimits {
  readonly #clock: VirtualClock;
  readonly #methods = new Map<string, CallLimit>();
  readonly #lastPosts = new Map<string, number>();
  /** Zero lets posts through as they come. */
  secondsPerMessage = 1;
  /** What apps outside of Slack's directory live with: one look into a history a minute, 15 messages. */
  isHistoryLimited = false;

  /** @param clock Tells when time has passed. */
  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** Counts a call of a method; gives the seconds to wait when it came too fast. */
  count(teamId: string, method: string): number | null {
    const perMinute = method === "conversations.history" && this.isHistoryLimited
      ? 1
      : METHOD_LIMITS[method];
    if (perMinute === undefined) return null;
    const key = `${method} ${perMinute}`;
    const limit = this.#methods.get(key) ?? new CallLimit(this.#clock, perMinute, 60);
    this.#methods.set(key, limit);
    const { isExceeded, resetSeconds } = limit.count(teamId);
    return isExceeded ? resetSeconds : null;
  }

  /** The seconds to wait before a post into a channel; none when it may be posted now. */
  waitForPost(teamId: string, channelId: string): number | null {
    const last = this.#lastPosts.get(`${teamId} ${channelId}`) ?? -Infinity;
    const next = last + this.secondsPerMessage * 1_000;
    const now = this.#clock.now().getTime();
    return now >= next ? null : Math.ceil((next - now) / 1_000);
  }

  /** Notes that something was posted. */
  notePost(teamId: string, channelId: string): void {
    this.#lastPosts.set(`${teamId} ${channelId}`, this.#clock.now().getTime());
  }

  /** As in the beginning. */
  reset(): void {
    this.#methods.clear();
    this.#lastPosts.clear();
    this.secondsPerMessage = 1;
    this.isHistoryLimited = false;
  }
}
