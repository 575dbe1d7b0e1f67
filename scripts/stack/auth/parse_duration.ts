// Durations in the notation of the hosted service: "24h", "1h30m", "300ms".

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
 * @returns milliseconds, or nothing when the text is no duration
 */
export function parseDuration(text: string): number | undefined {
  const isWellFormed = /^[+-]?(?:0|(?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+)$/.test(text);
  if (!isWellFormed) return undefined;
  const sign = text.startsWith("-") ? -1 : 1;
  const parts = [...text.matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)/g)];
  const total = parts.reduce((sum, [, amount = "0", unit = "ms"]) => {
    return sum + Number(amount) * (UNIT_MS[unit] ?? 0);
  }, 0);
  return sign * total;
}
