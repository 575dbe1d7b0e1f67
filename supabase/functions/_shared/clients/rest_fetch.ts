// The network as a database client sees it: a time limit on every call, and what the calls took.

/** Counts what one request spent on the database. */
export interface DatabaseMeter {
  dbMs: number;
  dbCalls: number;
}

const TIMEOUT_MS = 8_000;

/**
 * Wraps the network for one request.
 *
 * @param fetch The network.
 * @param meter Gets what each call took.
 * @param caller Whose going away ends the calls; left out where the work must go on. Only asked when
 * a call is made: following a connection costs something on every request.
 * @returns A fetch that never waits longer than 8 seconds for an answer.
 */
export function createRestFetch(
  fetch: typeof globalThis.fetch,
  meter: DatabaseMeter,
  caller?: { readonly signal: AbortSignal },
): typeof globalThis.fetch {
  return async (input, init) => {
    const limits = [AbortSignal.timeout(TIMEOUT_MS)];
    if (caller !== undefined) limits.push(caller.signal);
    if (init?.signal) limits.push(init.signal);
    const startedAt = performance.now();
    meter.dbCalls += 1;
    try {
      return await fetch(input, { ...init, signal: AbortSignal.any(limits) });
    } finally {
      meter.dbMs += performance.now() - startedAt;
    }
  };
}
