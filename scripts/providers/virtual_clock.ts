// The simulators' time: real, plus what a test has asked to skip.

/** A clock that can be set forward. */
export class VirtualClock {
  #offsetMs = 0;
  readonly #listeners: Array<() => void> = [];

  /** The time that simulated services believe in. */
  now(): Date {
    return new Date(Date.now() + this.#offsetMs);
  }

  /** Skips some time. */
  advance(seconds: number): void {
    this.#offsetMs += seconds * 1000;
    for (const listen of this.#listeners) listen();
  }

  /** Has somebody told of every skip. */
  onMove(listen: () => void): void {
    this.#listeners.push(listen);
  }

  /** Returns to real time. */
  reset(): void {
    this.#offsetMs = 0;
  }

  /** How far ahead it is. */
  get offsetSeconds(): number {
    return this.#offsetMs / 1000;
  }
}
