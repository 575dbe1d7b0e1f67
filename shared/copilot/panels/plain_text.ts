// Words, days and times as every panel says them in plain text. Words of people outside are shown on
// one line and without angle brackets, so that no client can mistake them for markup.

import { formatsByZone } from "../../platform/formats_by_zone.ts";

const dayFormat = (style: "long" | "short"): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat("en-GB", {
    timeZone: "UTC",
    weekday: style,
    day: "numeric",
    month: style,
  });
const DAYS = { long: dayFormat("long"), short: dayFormat("short") } as const;
const timesOf = formatsByZone("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const datesOf = formatsByZone("en-CA", { year: "numeric", month: "2-digit", day: "2-digit" });

/**
 * Puts foreign words on one line.
 *
 * @param text Anything that somebody wrote.
 * @param max Longest result, in UTF-16 code units.
 * @returns The same words without control or direction characters, line breaks and angle brackets.
 */
export function plainLine(text: string, max = 200): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ").replaceAll("<", "‹").replaceAll(
    ">",
    "›",
  )
    .trim().slice(0, max).toWellFormed();
}

/**
 * Says a date. A date is the same everywhere, so it is formatted where no offset can move it.
 *
 * @param day As `2026-11-23`.
 * @param style `long` for "Monday 23 November", `short` for "Mon 23 Nov".
 */
export function formatDay(day: string, style: "long" | "short"): string {
  return DAYS[style].format(new Date(`${day}T12:00:00Z`));
}

/**
 * Says the time of day.
 *
 * @param at A moment.
 * @param timeZone IANA zone whose clocks are read.
 * @returns As `09:30`.
 */
export function formatTime(at: string, timeZone: string): string {
  return timesOf(timeZone).format(new Date(at));
}

/**
 * Says which day a moment is on.
 *
 * @param at A moment.
 * @param timeZone IANA zone in which days begin and end.
 * @returns As `2026-11-23`.
 */
export function dayOf(at: string, timeZone: string): string {
  return datesOf(timeZone).format(new Date(at));
}

/**
 * Counts things.
 *
 * @param count How many.
 * @param noun One of them; `-s` makes several, unless said otherwise.
 * @param nouns Several of them.
 * @returns As `1 task` or `3 tasks`.
 */
export function countOf(count: number, noun: string, nouns = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : nouns}`;
}
