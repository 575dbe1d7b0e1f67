// A right that the database gives and that ends by itself. Who sends something outside asks first
// whether it may; a process that sleeps between the answer and the sending must find out by itself that
// others have gone on meanwhile. No database can tell it, and its wall clock may be wrong.

/** The right to do one thing outside, for a while. Make it before asking for the right. */
export class Permit {
  readonly #askedAt = performance.now();
  readonly #limitMs: number;

  /**
   * @param limitMs How long it holds, counted from the asking: the answer may have been read much
   *   later. Less than the lease that it comes with.
   */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** Whether it is too late: somebody else may do it now. */
  get isOver(): boolean {
    return performance.now() - this.#askedAt > this.#limitMs;
  }
}
