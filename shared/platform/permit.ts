// A right that the database gives and that ends by itself. Who sends something outside asks first
// whether it may; a process that sleeps between the answer and the sending must find out by itself that
// others have gone on meanwhile. No database can tell it, and its wall clock may be wrong.

/** The right to do one thing outside, for a while. Make it before asking for the right. */
export class Permit {
  readonly #elapsedMs: () => number;
  readonly #limitMs: number;
  readonly #askedAt: number;

  /**
   * @param limitMs How long it holds, counted from the asking: the answer may have been read much
   *   later. Less than the lease that it comes with.
   * @param elapsedMs Milliseconds that never go back; replaced in tests.
   */
  constructor(limitMs: number, elapsedMs: () => number = () => performance.now()) {
    this.#limitMs = limitMs;
    this.#elapsedMs = elapsedMs;
    this.#askedAt = elapsedMs();
  }

  /** Whether it is too late: somebody else may do it now. */
  get isOver(): boolean {
    return this.#elapsedMs() - this.#askedAt > this.#limitMs;
  }
}
