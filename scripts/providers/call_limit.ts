// Counts calls in fixed windows, as providers limit them.
import type { VirtualClock } from "./virtual_clock.ts";

/** What is left after a call. */
export interface LimitState {
  readonly isExceeded: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the window ends. */
  readonly resetSeconds: number;
}

interface Window {
  readonly endsAt: number;
  used: number;
}

/** One limit, counted for each caller. */
export class CallLimit {
  readonly #clock: VirtualClock;
  readonly #defaults: { readonly limit: number; readonly windowSeconds: number };
  #limit: number;
  #windowSeconds: number;
  readonly #windows = new Map<string, Window>();

  /**
   * @param clock Tells when a window ends.
   * @param limit Calls in one window.
   * @param windowSeconds Its length.
   */
  constructor(clock: VirtualClock, limit: number, windowSeconds: number) {
    this.#clock = clock;
    this.#defaults = { limit, windowSeconds };
    this.#limit = limit;
    this.#windowSeconds = windowSeconds;
  }

  /** Sets another limit and starts all windows anew. */
  configure(limit: number, windowSeconds: number): void {
    this.#limit = limit;
    this.#windowSeconds = windowSeconds;
    this.#windows.clear();
  }

  /** Returns to the provider's own limit. */
  reset(): void {
    this.configure(this.#defaults.limit, this.#defaults.windowSeconds);
  }

  /** Counts a call. */
  count(caller: string): LimitState {
    const now = this.#clock.now().getTime();
    let window = this.#windows.get(caller);
    if (window === undefined || window.endsAt <= now) {
      window = { endsAt: now + this.#windowSeconds * 1000, used: 0 };
      this.#windows.set(caller, window);
    }
    window.used += 1;
    return {
      isExceeded: window.used > this.#limit,
      limit: this.#limit,
      remaining: Math.max(0, this.#limit - window.used),
      resetSeconds: Math.ceil((window.endsAt - now) / 1000),
    };
  }
}
