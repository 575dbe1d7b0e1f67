// Turns the words that were said about a time into the day they mean. Words that may mean one of two
// days mean none here: a task that is due on the wrong day is worse than one without.
import { readNumbers } from "../../words/number_words.ts";
import { addDays, makeDate, weekdayOf } from "./plain_date.ts";

const WEEKDAYS: readonly string[] = [
  "sunday",
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
];
const MONTHS: readonly string[] = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];
const FRIDAY = 5;
const DAYS: Readonly<Record<string, number>> = { day: 1, week: 7 };

/**
 * Finds the day that a phrase means.
 *
 * @param phrase What was said, such as `by Friday` or `in two weeks`; English.
 * @param today The day it was said, `YYYY-MM-DD`.
 * @returns The day; null where the words mean none, or more than one.
 */
export function readDueDate(phrase: string, today: string): string | null {
  const words = phrase.normalize("NFKC").toLowerCase().replace(/[^\p{L}\p{N}\s/-]/gu, "").trim();
  return readDistance(words, today) ?? readRelative(words, today) ?? readWeekday(words, today) ??
    readCalendarDay(words, today);
}

function readRelative(words: string, today: string): string | null {
  if (/\bday after tomorrow\b/.test(words)) return addDays(today, 2);
  if (/\btomorrow\b/.test(words)) return addDays(today, 1);
  if (
    /\b(?:today|tonight|eod|end of (?:the )?day|this (?:morning|afternoon|evening))\b/.test(words)
  ) {
    return today;
  }
  const toFriday = FRIDAY - weekdayOf(today);
  if (/\bend of next week\b/.test(words)) return addDays(today, toFriday + 7);
  if (/\b(?:eow|end of (?:the |this )?week)\b/.test(words)) {
    return toFriday >= 0 ? addDays(today, toFriday) : null;
  }
  if (/\b(?:eom|end of (?:the |this )?month)\b/.test(words)) return lastOfMonth(today);
  return null;
}

function readDistance(words: string, today: string): string | null {
  const match = /\b(?:in|within) (.+?) (day|week)s?\b/.exec(words) ??
    /\b(.+?) (day|week)s? from (?:now|today)\b/.exec(words);
  if (match === null) return null;
  const [, amount = "", unit = ""] = match;
  const [number, ...others] = readNumbers(amount);
  const count = number?.value ?? (/^(?:a|an|the next)$/.test(amount) ? 1 : null);
  const isCount = count !== null && others.length === 0 && Number.isInteger(count) && count <= 366;
  return isCount ? addDays(today, count * (DAYS[unit] ?? 1)) : null;
}

function readWeekday(words: string, today: string): string | null {
  const named = WEEKDAYS.filter((day) => new RegExp(`\\b${day}\\b`).test(words));
  const [day] = named;
  if (named.length !== 1 || day === undefined) return null;
  // Said on a Wednesday, "next Friday" is in two days for some and in nine for others
  if (/\b(?:next|following|last|or|every|week)\b/.test(words) || /\d/.test(words)) return null;
  return addDays(today, (WEEKDAYS.indexOf(day) - weekdayOf(today) + 7) % 7 || 7);
}

function readCalendarDay(words: string, today: string): string | null {
  const iso = /\b(\d{4})-(\d{2})-(\d{2})\b/.exec(words);
  if (iso !== null) return makeDate(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const month = MONTHS.findIndex((name) =>
    new RegExp(`\\b(?:${name}|${name.slice(0, 3)})\\b`).test(words)
  );
  const numbers = readNumbers(words).map(({ value }) => value);
  const years = numbers.filter((value) => value >= 2000 && value < 2200);
  const days = numbers.filter((value) => value >= 1 && value <= 31);
  const [day] = days;
  if (days.length !== 1 || day === undefined || days.length + years.length !== numbers.length) {
    return null;
  }
  const [thisYear = 0, thisMonth = 0] = today.split("-").map(Number);
  if (month >= 0) {
    const [year] = years;
    if (year !== undefined) return makeDate(year, month + 1, day);
    const date = makeDate(thisYear, month + 1, day);
    return date !== null && date < today ? makeDate(thisYear + 1, month + 1, day) : date;
  }
  if (!/\bthe \p{L}*\s?(?:\p{L}+|\d{1,2})(?:st|nd|rd|th)\b/u.test(words) || years.length > 0) {
    return null;
  }
  const date = makeDate(thisYear, thisMonth, day);
  if (date !== null && date >= today) return date;
  return thisMonth === 12 ? makeDate(thisYear + 1, 1, day) : makeDate(thisYear, thisMonth + 1, day);
}

function lastOfMonth(today: string): string {
  const [year = 0, month = 0] = today.split("-").map(Number);
  const next = month === 12 ? makeDate(year + 1, 1, 1) : makeDate(year, month + 1, 1);
  return addDays(next ?? today, -1);
}
