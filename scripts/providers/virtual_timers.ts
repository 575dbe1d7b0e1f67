// Things that are to happen at a moment of the simulators' time: they happen when that time comes,
// and at once, in order, when it is skipped.
import type { VirtualClock } from "./virtual_clock.ts";

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly work: (dueAt: Date) => void;
}

/** Setting one timer too far ahead for the system would make it ring at once. */
const LONGEST_WAIT_MS = 3_600_000;

/** A queue of things to do. */
export class VirtualTimers {
  readonly #clock: VirtualClock;
  #timers: Timer[] = [];
  #bell: ReturnType<typeof setTimeout> | undefined;
  #set = 0;

  /** @param clock The simulators' time. */
  constructor(clock: VirtualClock) {
    this.#clock = clock;
    clock.onMove(() => this.#ring());
  }

  /** How many things are still to be done. */
  get pending(): number {
    return this.#timers.length;
  }

  /**
   * Plans something.
   *
   * @param delaySeconds Counted from `from`.
   * @param work Gets the moment that it was planned for, which a skip may have left behind.
   * @param from The present, unless the caller counts from another moment.
   */
  after(delaySeconds: number, work: (dueAt: Date) => void, from: Date = this.#clock.now()): void {
    this.#set += 1;
    this.#timers.push({ dueMs: from.getTime() + delaySeconds * 1000, order: this.#set, work });
    this.#timers.sort((one, other) => one.dueMs - other.dueMs || one.order - other.order);
    this.#wind();
  }

  /** Forgets all. */
  clear(): void {
    this.#timers = [];
    clearTimeout(this.#bell);
  }

  #ring(): void {
    for (let next = this.#timers[0]; next !== undefined; next = this.#timers[0]) {
      if (next.dueMs > this.#clock.now().getTime()) break;
      this.#timers.shift();
      next.work(new Date(next.dueMs));
    }
    this.#wind();
  }

  #wind(): void {
    clearTimeout(this.#bell);
    const next = this.#timers[0];
    if (next === undefined) return;
    const waitMs = Math.max(0, next.dueMs - this.#clock.now().getTime());
    this.#bell = setTimeout(() => this.#ring(), Math.min(waitMs, LONGEST_WAIT_MS));
  }
}
