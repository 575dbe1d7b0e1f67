// Keeps reads that were parsed, planned and written as SQL, for when they come again.
import type { PreparedRequest } from "./execute_plan.ts";

const MAX_ENTRIES = 1_000;
const MAX_KEY_LENGTH = 4_000;

/** The headers that change what a read means. */
const HEADERS = ["accept", "accept-profile", "prefer", "range", "content-type"];

/** Reads by what they consist of; those unused for longest make room for new ones. */
export class RequestCache {
  readonly #entries = new Map<string, PreparedRequest>();

  /** What a request is recognised by; undefined when it is not worth keeping. */
  static key(request: Request, url: URL): string | undefined {
    if (request.method !== "GET" && request.method !== "HEAD") return undefined;
    const headers = HEADERS.map((name) => request.headers.get(name) ?? "");
    const key = [request.method, url.pathname, url.search, ...headers].join("\n");
    return key.length > MAX_KEY_LENGTH ? undefined : key;
  }

  /** Finds a read. */
  get(key: string): PreparedRequest | undefined {
    const entry = this.#entries.get(key);
    if (entry) {
      this.#entries.delete(key);
      this.#entries.set(key, entry);
    }
    return entry;
  }

  /** Keeps a read. */
  set(key: string, entry: PreparedRequest): void {
    this.#entries.set(key, entry);
    if (this.#entries.size <= MAX_ENTRIES) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }
}
