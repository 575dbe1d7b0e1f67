// Turns that this isolate works on, so that stopping one needs no detour. Whoever stops one has asked
// the database first whose it is.

const MAX_REMEMBERED = 1_000;

/** The turns that go on here. */
export class RunningTurns {
  readonly #turns = new Map<string, AbortController>();
  readonly #seen = new Set<string>();

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
    this.#seen.add(turnId);
    for (const oldest of this.#seen) {
      if (this.#seen.size <= MAX_REMEMBERED) break;
      this.#seen.delete(oldest);
    }
    return () => {
      if (this.#turns.get(turnId) === stop) this.#turns.delete(turnId);
    };
  }

  /** Whether a turn went on here lately: sent again, it is read back and not answered. */
  hasSeen(turnId: string): boolean {
    return this.#seen.has(turnId);
  }

  /** Stops a turn, if it goes on here. */
  stop(turnId: string): void {
    this.#turns.get(turnId)?.abort("cancelled");
  }
}
