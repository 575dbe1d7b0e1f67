// A table of an extension that may not be created yet, or may be dropped while the worker runs.

import type { Connection } from "../postgres/connection.ts";

const UNDEFINED = new Set(["42P01", "3F000"]);

/** Asks once whether the table is there, and again only after it was gone. */
export class ExtensionTable {
  readonly #client: Connection;
  readonly #name: string;
  #isKnown = false;

  /** @param name The table's name with its schema. */
  constructor(client: Connection, name: string) {
    this.#client = client;
    this.#name = name;
  }

  /** Runs some work that needs the table; gives the other value where there is none. */
  async use<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
    if (!this.#isKnown) {
      const { rows } = await this.#client.query("select to_regclass($1) is not null as yes", [
        this.#name,
      ]);
      if (rows[0]?.yes !== true) return otherwise;
      this.#isKnown = true;
    }
    try {
      return await work();
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "";
      if (!UNDEFINED.has(code)) throw error;
      this.#isKnown = false;
      return otherwise;
    }
  }
}
