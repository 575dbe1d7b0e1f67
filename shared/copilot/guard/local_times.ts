// The days and hours of what was read, as the person reads them: in their own zone.
import { formatsByZone } from "../../platform/formats_by_zone.ts";

const formatOf = formatsByZone("en-CA", {
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const MONTHS: readonly string[] =
  "january february march april may june july august september october november december".split(
    " ",
  );
const WEEKDAYS: readonly string[] = "sunday monday tuesday wednesday thursday friday saturday"
  .split(" ");
const MONTH = `(?<month>${MONTHS.map((name) => `${name}|${name.slice(0, 3)}`).join("|")}|sept)\\.?`;
const DAY = "(?<day>\\d{1,2})(?:st|nd|rd|th)?";
const YEAR = "(?:,? (?<year>\\d{4}))?";

/** How people write a day. */
const DATE_FORMS: readonly RegExp[] = [
  "\\b(?<year>\\d{4})-(?<number>\\d{2})-(?<day>\\d{2})(?!\\d)",
  `\\b${MONTH} ${DAY}${YEAR}\\b`,
  `\\b${DAY}(?: of)? ${MONTH}${YEAR}(?![a-z])`,
].map((form) => new RegExp(form, "g"));
const TIME_FORMS: readonly RegExp[] = [
  "\\b(?<hour>\\d{1,2}):(?<minute>\\d{2})(?::\\d{2})?(?: ?(?<half>[ap])\\.?m\\b\\.?)?",
  "\\b(?<hour>\\d{1,2}) ?(?<half>[ap])\\.?m\\b\\.?",
].map((form) => new RegExp(form, "g"));
const WEEKDAY = new RegExp(`\\b(?:${WEEKDAYS.join("|")})s?\\b`, "g");
const RELATIVE = /\b(?:yesterday|tomorrow)\b/g;
const SPAN = /(?<![\d.,])(?<count>\d+)[ -]?(?<unit>minute|min|hour|hr|h|day|week)s?\b/g;
const MINUTES_OF: Readonly<Record<string, number>> = {
  minute: 1,
  min: 1,
  hour: 60,
  hr: 60,
  h: 60,
  day: 1_440,
  week: 10_080,
};
const DAY_MS = 86_400_000;

/** Days, hours and spans that may be said. */
export class LocalTimes {
  readonly #days = new Set<string>();
  readonly #clock = new Set<string>();
  readonly #spans = new Set<string>();
  readonly #now: Date;
  readonly #today: string;
  readonly #format: Intl.DateTimeFormat;

  constructor({ now, timeZone }: { readonly now: Date; readonly timeZone: string }) {
    this.#format = formatOf(timeZone);
    this.#now = now;
    this.#today = this.#local(now).day;
    this.#days.add(this.#today);
  }

  /** Adds a point in time, and how far from now it is. */
  addInstant(text: string): void {
    const date = new Date(text);
    if (Number.isNaN(date.getTime())) return;
    const { day, time } = this.#local(date);
    this.#addDay(day);
    this.#clock.add(time);
    this.#addSpanMinutes(Math.abs(date.getTime() - this.#now.getTime()) / 60_000);
  }

  /** Adds how long something takes that has a start and an end. */
  addSpan(row: Readonly<Record<string, unknown>>): void {
    const start = row["start_time"] ?? row["starts_at"];
    const end = row["end_time"] ?? row["ends_at"];
    if (typeof start !== "string" || typeof end !== "string") return;
    const minutes = (Date.parse(end) - Date.parse(start)) / 60_000;
    if (minutes > 0) this.#addSpanMinutes(minutes);
  }

  /** Adds the days, hours and spans that a text names. */
  addText(text: string): void {
    const lower = text.toLowerCase();
    if (!/\d|day|tomorrow/.test(lower)) return;
    for (const day of this.#daysIn(lower)) this.#addDay(day);
    for (const time of timesIn(lower)) this.#clock.add(time.value);
    for (const [word] of lower.matchAll(WEEKDAY)) this.#days.add(word.replace(/s$/, ""));
    for (const [word] of lower.matchAll(RELATIVE)) this.#days.add(word);
    for (const { groups } of lower.matchAll(SPAN)) this.#spans.add(spanOf(groups));
  }

  /**
   * Takes the days, hours and spans out of a text that may be said.
   *
   * @param text A text, in lower case.
   * @returns What is left of it; null when it names a day or an hour that nothing bears out.
   */
  takeKnown(text: string): string | null {
    let rest = text;
    for (const form of DATE_FORMS) {
      for (const match of [...rest.matchAll(form)]) {
        if (!this.#isKnownDay(match.groups ?? {})) return null;
        rest = rest.replace(match[0], " ");
      }
    }
    for (const { said, value } of timesIn(rest)) {
      if (!this.#clock.has(value)) return null;
      rest = rest.replace(said, " ");
    }
    for (const [word] of rest.matchAll(WEEKDAY)) {
      if (!this.#isKnownWeekday(word.replace(/s$/, ""))) return null;
    }
    for (const [word] of rest.matchAll(RELATIVE)) {
      if (!this.#isKnownRelative(word)) return null;
    }
    return rest.replaceAll(SPAN, (said, ...args) => {
      const groups: Record<string, string> = args.at(-1);
      return this.#spans.has(spanOf(groups)) ? " " : said;
    });
  }

  #addDay(day: string): void {
    this.#days.add(day);
    const apart = Math.abs(Date.parse(day) - Date.parse(this.#today)) / DAY_MS;
    this.#addSpanMinutes(apart * 1_440);
  }

  /** People say spans in whole units, rounded either way. */
  #addSpanMinutes(minutes: number): void {
    for (const size of [1, 60, 1_440, 10_080]) {
      // A week is not counted in minutes, nor a year in hours
      if (minutes / size > 400) continue;
      for (const round of [Math.floor, Math.round, Math.ceil]) {
        this.#spans.add(`${round(minutes / size)}:${size}`);
      }
    }
  }

  #local(date: Date): { readonly day: string; readonly time: string } {
    const part = Object.fromEntries(
      this.#format.formatToParts(date).map(({ type, value }) => [type, value]),
    );
    return {
      day: `${part["year"]}-${part["month"]}-${part["day"]}`,
      time: `${part["hour"]}:${part["minute"]}`,
    };
  }

  #daysIn(text: string): string[] {
    return DATE_FORMS.flatMap((form) =>
      [...text.matchAll(form)].map(({ groups }) => {
        const { year, month, day } = readDay(groups ?? {});
        return `${year ?? this.#today.slice(0, 4)}-${month}-${day}`;
      })
    );
  }

  #isKnownDay(groups: Readonly<Record<string, string | undefined>>): boolean {
    const { year, month, day } = readDay(groups);
    if (year !== null) return this.#days.has(`${year}-${month}-${day}`);
    return [...this.#days].some((known) => known.endsWith(`-${month}-${day}`));
  }

  #isKnownWeekday(word: string): boolean {
    if (this.#days.has(word)) return true;
    return [...this.#days].some((day) =>
      /^\d/.test(day) && WEEKDAYS[new Date(`${day}T12:00:00Z`).getUTCDay()] === word
    );
  }

  #isKnownRelative(word: string): boolean {
    const shift = word === "tomorrow" ? DAY_MS : -DAY_MS;
    const day = new Date(Date.parse(`${this.#today}T12:00:00Z`) + shift).toISOString().slice(0, 10);
    return this.#days.has(word) || this.#days.has(day);
  }
}

function readDay(groups: Readonly<Record<string, string | undefined>>): {
  readonly year: string | null;
  readonly month: string;
  readonly day: string;
} {
  const named = MONTHS.findIndex((name) => name.startsWith((groups["month"] ?? "?").slice(0, 3)));
  return {
    year: groups["year"] ?? null,
    month: groups["number"] ?? String(named + 1).padStart(2, "0"),
    day: (groups["day"] ?? "").padStart(2, "0"),
  };
}

function timesIn(text: string): { readonly said: string; readonly value: string }[] {
  const left = { text };
  return TIME_FORMS.flatMap((form) =>
    [...left.text.matchAll(form)].map(({ 0: said, groups }) => {
      left.text = left.text.replace(said, " ");
      const half = groups?.["half"];
      const hour = Number(groups?.["hour"]) % (half === undefined ? 25 : 12) +
        (half === "p" ? 12 : 0);
      const minute = groups?.["minute"] ?? "00";
      return { said, value: `${String(hour).padStart(2, "0")}:${minute}` };
    })
  );
}

function spanOf(groups: Readonly<Record<string, string | undefined>> | undefined): string {
  return `${Number(groups?.["count"])}:${MINUTES_OF[groups?.["unit"] ?? ""]}`;
}
