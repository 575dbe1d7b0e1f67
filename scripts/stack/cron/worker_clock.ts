// The worker's clock: real time, moved forward where a test asks for it.

/** A clock that keeps real time from wherever it was moved to. */
export class WorkerClock {
  #offsetMs = 0;

  /** The current time of the worker. */
  now(): Date {
    return new Date(this.nowMs());
  }

  /** The current time of the worker, in milliseconds. */
  nowMs(): number {
    return Date.now() + this.#offsetMs;
  }

  /** Moves the clock to a later time; an earlier one changes nothing. */
  moveTo(timeMs: number): void {
    this.#offsetMs = Math.max(this.#offsetMs, timeMs - Date.now());
  }
}
