// Remembers which statements a connection has prepared, and under which names.

const MAX_STATEMENTS = 300;

/** How a statement is to be used on a connection. */
export interface StatementUse {
  readonly name: string;
  /** Whether it must be prepared first. */
  readonly isNew: boolean;
  /** Names that the server may drop. */
  readonly evicted: readonly string[];
}

/** The prepared statements of one connection; those unused for longest make room for new ones. */
export class StatementRegistry {
  readonly #names = new Map<string, string>();
  #forgotten: string[] = [];
  #sequence = 0;

  /** Looks a statement up, and remembers it as prepared from now on. */
  use(key: string): StatementUse {
    const known = this.#names.get(key);
    if (known !== undefined) {
      this.#names.delete(key);
      this.#names.set(key, known);
      return { name: known, isNew: false, evicted: [] };
    }
    this.#sequence += 1;
    const name = `rest_${this.#sequence}`;
    this.#names.set(key, name);
    return { name, isNew: true, evicted: [...this.#takeForgotten(), ...this.#takeOldest()] };
  }

  /** A statement failed: it is prepared anew, under another name, when it is next needed. */
  forget(key: string): void {
    const name = this.#names.get(key);
    if (name === undefined) return;
    this.#names.delete(key);
    this.#forgotten.push(name);
  }

  #takeForgotten(): string[] {
    const names = this.#forgotten;
    this.#forgotten = [];
    return names;
  }

  #takeOldest(): string[] {
    if (this.#names.size <= MAX_STATEMENTS) return [];
    for (const [key, name] of this.#names) {
      this.#names.delete(key);
      return [name];
    }
    return [];
  }
}
