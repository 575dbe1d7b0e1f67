// Days without time and zone, as `YYYY-MM-DD`.

const DAY_MS = 86_400_000;

/**
 * The day that a moment falls on somewhere.
 *
 * @param moment ISO date and time with an offset.
 * @param timeZone IANA zone.
 */
export function localDate(moment: string, timeZone: string): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone }).format(new Date(moment));
}

/**
 * Makes a day of its numbers.
 *
 * @param year The year.
 * @param month From 1.
 * @param day From 1.
 * @returns Null where there is no such day.
 */
export function makeDate(year: number, month: number, day: number): string | null {
  const time = Date.UTC(year, month - 1, day);
  const text = toText(time);
  return text === `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}` ? text : null;
}

/**
 * Goes some days on.
 *
 * @param date The day.
 * @param days How many; may be negative.
 */
export function addDays(date: string, days: number): string {
  return toText(Date.parse(date) + days * DAY_MS);
}

/** The weekday of a day: 0 is Sunday. */
export function weekdayOf(date: string): number {
  return new Date(date).getUTCDay();
}

function toText(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function pad(value: number, length: number): string {
  return String(value).padStart(length, "0");
}
