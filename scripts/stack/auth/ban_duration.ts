// How long a ban lasts, in the notation of the hosted service: "24h", "1h30m", "none".

import { AuthError } from "./auth_error.ts";

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  "µs": 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * Reads a duration.
 *
 * @returns milliseconds, 0 for "none"
 * @throws {AuthError} `validation_failed`
 */
export function parseBanDuration(text: string): number {
  if (text === "none") return 0;
  const isWellFormed = /^[+-]?(?:0|(?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+)$/.test(text);
  if (!isWellFormed) {
    const message = `invalid format for ban duration: time: invalid duration "${text}"`;
    throw new AuthError(400, "validation_failed", message);
  }
  const sign = text.startsWith("-") ? -1 : 1;
  const parts = [...text.matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)/g)];
  const total = parts.reduce((sum, [, amount = "0", unit = "ms"]) => {
    return sum + Number(amount) * (UNIT_MS[unit] ?? 0);
  }, 0);
  return sign * total;
}
