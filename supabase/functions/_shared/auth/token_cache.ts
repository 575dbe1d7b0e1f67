// Remembers tokens that were verified, since checking a signature costs thirty times the rest of a
// request. Bounded in number and time, and never past the token's own end. It remembers nothing
// about rights: membership and session are looked up in the database on every request, so taking
// either away works at once.
import type { Clock } from "@shared/platform/clock.ts";
import type { Caller } from "./caller.ts";

/** How much is remembered, and for how long. */
export interface TokenCacheLimits {
  readonly maxEntries: number;
  readonly maxAgeMs: number;
}

interface Entry {
  readonly caller: Caller;
  readonly goodUntilMs: number;
}

const DEFAULT_LIMITS: TokenCacheLimits = { maxEntries: 1000, maxAgeMs: 30_000 };

/**
 * Verified callers by the credential that they sent. A digest as key would hide nothing, since the
 * caller holds the token for the database, and would cost more than the rest of the look-up.
 */
export class TokenCache {
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;
  readonly #limits: TokenCacheLimits;

  /**
   * @param clock Decides when an entry is too old.
   * @param limits At most this many entries, each at most this old.
   */
  constructor(clock: Clock, limits: TokenCacheLimits = DEFAULT_LIMITS) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** How many callers are remembered. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * Looks a token up.
   *
   * @param credential What was sent.
   * @returns The caller, while both the entry and the token are good.
   */
  get(credential: string): Caller | undefined {
    const entry = this.#entries.get(credential);
    if (entry === undefined) return undefined;
    if (this.#clock.now().getTime() < entry.goodUntilMs) return entry.caller;
    this.#entries.delete(credential);
    return undefined;
  }

  /**
   * Remembers a verified caller.
   *
   * @param credential What was sent.
   * @param caller Who the token turned out to be.
   */
  set(credential: string, caller: Caller): void {
    const nowMs = this.#clock.now().getTime();
    const goodUntilMs = Math.min(caller.expiresAtMs, nowMs + this.#limits.maxAgeMs);
    if (goodUntilMs <= nowMs) return;
    this.#entries.delete(credential);
    if (this.#entries.size >= this.#limits.maxEntries) this.#evictOldest();
    this.#entries.set(credential, { caller, goodUntilMs });
  }

  #evictOldest(): void {
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
