// Days and hours of a proposal: as somebody names them, as an instant, and as a preview says them.
import { z } from "zod";

/** With an offset; without one it is the person's own clock; a day alone is that day's end of work. */
export const MomentArg = z.union([
  z.iso.datetime({ offset: true }),
  z.iso.datetime({ local: true }),
  z.iso.date(),
]).describe("ISO 8601. Without an offset it is the person's own local time.");

const END_OF_WORK = "T17:00:00";

/**
 * Makes an instant of what somebody named.
 *
 * @param text See `MomentArg`.
 * @param timeZone IANA zone of the person.
 * @returns In UTC.
 */
export function toInstant(text: string, timeZone: string): string {
  if (/(?:Z|[+-]\d{2}:?\d{2})$/.test(text) && text.includes("T")) {
    return new Date(text).toISOString();
  }
  const wall = Date.parse(`${text.includes("T") ? text : text + END_OF_WORK}Z`);
  // Twice, because the first guess may lie on the other side of a change of clocks
  const guess = wall - offsetAt(wall, timeZone);
  return new Date(wall - offsetAt(guess, timeZone)).toISOString();
}

/** How far the clocks of a zone are before UTC at a moment, in milliseconds. */
function offsetAt(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).formatToParts(at);
  const part = (type: string) => parts.find((found) => found.type === type)?.value ?? "00";
  const wall = Date.parse(
    `${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}:${
      part("second")
    }Z`,
  );
  return wall - Math.floor(at / 1_000) * 1_000;
}

const DAYS: readonly string[] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS: readonly string[] = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/**
 * Says when something is. The database says it in the same words (`private.say_moment`) and refuses a
 * preview that has others, so nothing of it is left to a runtime's own way of writing dates.
 *
 * @param at An instant; null for never.
 * @param timeZone IANA zone of the person.
 * @returns As `Fri 27 Nov 2026, 17:00 (America/New_York)`.
 */
export function sayMoment(at: string | null, timeZone: string): string {
  if (at === null) return "none";
  const instant = Date.parse(at);
  const wall = new Date(instant + offsetAt(instant, timeZone));
  const clock = wall.toISOString().slice(11, 16);
  return `${DAYS[wall.getUTCDay()]} ${wall.getUTCDate()} ${
    MONTHS[wall.getUTCMonth()]
  } ${wall.getUTCFullYear()}, ${clock} (${timeZone})`;
}
