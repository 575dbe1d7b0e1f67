// Events between the work that makes them and a listener that may come late, be slow or go away. The
// work never waits for who listens.

/** A queue with one listener. */
export class EventQueue<T> {
  readonly #waiting: T[] = [];
  #wake: (() => void) | null = null;
  #end: { readonly failure: unknown } | null = null;
  #isDropped = false;

  /** Adds an event; nothing is kept once the listener has gone. */
  push(event: T): void {
    if (this.#isDropped || this.#end !== null) return;
    this.#waiting.push(event);
    this.#wake?.();
  }

  /** Ends the queue after what is in it. */
  close(): void {
    this.#end ??= { failure: undefined };
    this.#wake?.();
  }

  /** Ends the queue with an error, which the listener gets after what is in it. */
  fail(failure: unknown): void {
    this.#end ??= { failure };
    this.#wake?.();
  }

  /** The events; leaving the loop is going away. */
  async *listen(): AsyncGenerator<T, void, void> {
    try {
      for (;;) {
        const next = this.#waiting.shift();
        if (next !== undefined) {
          yield next;
          continue;
        }
        if (this.#end !== null) {
          if (this.#end.failure !== undefined) throw this.#end.failure;
          return;
        }
        await new Promise<void>((resolve) => this.#wake = resolve);
        this.#wake = null;
      }
    } finally {
      this.#isDropped = true;
      this.#waiting.length = 0;
    }
  }
}
