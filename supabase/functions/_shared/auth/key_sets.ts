// Public keys of the issuers that we trust: our own come with the platform's settings, others are
// fetched from the address that the operator configured, kept for a while and refreshed when a token
// names a key that is not there.
import type { Clock } from "@shared/platform/clock.ts";
import { KeySet } from "../env/platform_env.ts";

const MAX_AGE_MS = 10 * 60_000;
/** However many tokens name unknown keys, the issuer is asked this seldom. */
const COOLDOWN_MS = 30_000;
const TIMEOUT_MS = 3_000;
const MAX_BYTES = 64 * 1024;

/** Gives the keys of one issuer. */
export interface KeySource {
  /**
   * @param kid The key that a token names.
   * @returns The issuer's keys, fresh enough to hold it if it exists.
   */
  keysFor(kid: string): Promise<KeySet>;
}

/**
 * Keys that never change while the function runs.
 *
 * @param keys The keys.
 * @returns The source.
 */
export function fixedKeys(keys: KeySet): KeySource {
  return { keysFor: () => Promise.resolve(keys) };
}

/** Keys that an issuer publishes at an address. */
export class RemoteKeys implements KeySource {
  readonly #url: string;
  readonly #fetch: typeof globalThis.fetch;
  readonly #clock: Clock;
  #keys: KeySet | undefined;
  #fetchedAtMs = Number.NEGATIVE_INFINITY;
  #pending: Promise<KeySet> | undefined;

  /**
   * @param url Where the keys are; from the settings, never from a token.
   * @param fetch The network.
   * @param clock Decides when they are too old.
   */
  constructor(url: string, fetch: typeof globalThis.fetch, clock: Clock) {
    this.#url = url;
    this.#fetch = fetch;
    this.#clock = clock;
  }

  /** @inheritdoc */
  async keysFor(kid: string): Promise<KeySet> {
    const ageMs = this.#clock.now().getTime() - this.#fetchedAtMs;
    const known = this.#keys;
    if (known !== undefined && ageMs < MAX_AGE_MS) {
      if (ageMs < COOLDOWN_MS || known.keys.some((key) => key.kid === kid)) return known;
    }
    // Many requests at once ask once
    this.#pending ??= this.#load();
    try {
      return await this.#pending;
    } finally {
      this.#pending = undefined;
    }
  }

  async #load(): Promise<KeySet> {
    const response = await this.#fetch(this.#url, {
      redirect: "error",
      headers: { accept: "application/json" },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = response.ok ? await response.text() : "";
    if (text === "" || text.length > MAX_BYTES) throw new TypeError("no usable key set");
    this.#keys = KeySet.parse(JSON.parse(text));
    this.#fetchedAtMs = this.#clock.now().getTime();
    return this.#keys;
  }
}
