// Turns that this isolate works on, so that stopping one needs no detour. Whoever stops one has asked
// the database first whose it is.

/** The turns that go on here. */
export class RunningTurns {
  readonly #turns = new Map<string, AbortController>();

  /** How many go on. */
  get size(): number {
    return this.#turns.size;
  }

  /**
   * Notes that a turn goes on.
   *
   * @param turnId The turn.
   * @param stop Stops it.
   * @returns To be called when it is over.
   */
  enter(turnId: string, stop: AbortController): () => void {
    this.#turns.set(turnId, stop);
    return () => {
      if (this.#turns.get(turnId) === stop) this.#turns.delete(turnId);
    };
  }

  /** Stops a turn, if it goes on here. */
  stop(turnId: string): void {
    this.#turns.get(turnId)?.abort("cancelled");
  }
}
