// Times as recorders write them: offsets as "HH:MM:SS", instants as ISO 8601.

const OFFSET = /^(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/;

/**
 * Reads an offset from the start of a recording.
 *
 * @param text `HH:MM:SS`, `MM:SS`, or either with a fraction.
 * @returns Milliseconds, or null for anything else.
 */
export function parseOffsetMs(text: string | null | undefined): number | null {
  const match = OFFSET.exec(text?.trim() ?? "");
  if (!match) return null;
  const [, hours = "0", minutes = "0", seconds = "0", fraction = "0"] = match;
  if (Number(minutes) > 59 || Number(seconds) > 59) return null;
  const whole = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return whole * 1000 + Number(fraction.padEnd(3, "0"));
}

/**
 * Reads an instant with its offset written out.
 *
 * @param text ISO 8601 with `Z` or a numeric offset.
 * @returns The same instant in UTC, or null for anything else: a time without an offset is no instant.
 */
export function parseInstant(text: string | null | undefined): string | null {
  const trimmed = text?.trim() ?? "";
  if (!INSTANT.test(trimmed)) return null;
  const instant = new Date(trimmed);
  return Number.isNaN(instant.getTime()) ? null : instant.toISOString();
}
