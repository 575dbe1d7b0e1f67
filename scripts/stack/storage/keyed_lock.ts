// Lets work on one name happen one at a time, while other names go on.

/** A lock for each name, made when needed and dropped when free. */
export class KeyedLock {
  readonly #tails = new Map<string, Promise<void>>();

  /**
   * Runs work once every earlier one of the same name is finished.
   *
   * @param name What must not be worked on twice at once.
   * @param work The critical section.
   */
  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(name);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#tails.set(name, promise);
    await before;
    try {
      return await work();
    } finally {
      if (this.#tails.get(name) === promise) this.#tails.delete(name);
      resolve();
    }
  }
}
