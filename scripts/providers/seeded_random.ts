// Chance that can be repeated: the same seed gives the same choices.
import { createHash } from "node:crypto";

/** A source of repeatable choices. */
export class SeededRandom {
  readonly #seed: string;
  #drawn = 0;

  /** @param seed Any text. */
  constructor(seed: string) {
    this.#seed = seed;
  }

  /** Draws a whole number below a limit. */
  below(limit: number): number {
    this.#drawn += 1;
    const digest = createHash("sha256").update(`${this.#seed}#${this.#drawn}`).digest();
    return digest.readUIntBE(0, 6) % limit;
  }

  /** Chooses one of several; there must be one. */
  pick<T>(options: readonly [T, ...T[]]): T {
    return options[this.below(options.length)] ?? options[0];
  }
}

/**
 * Makes an identifier that is the same for the same text.
 *
 * @param text What it stands for.
 * @param length How many characters of `0-9a-f`.
 */
export function stableId(text: string, length = 26): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}
