// Expands simple recurrences: daily and weekly, with interval, weekdays, count and end.
import {
  type EventContent,
  type EventTime,
  instantOf,
  type StoredEvent,
  timedAt,
} from "./calendar_event.ts";

/** Between which moments instances are wanted. */
export interface Horizon {
  readonly from: number;
  readonly until: number;
}

interface Rule {
  readonly frequency: "DAILY" | "WEEKLY";
  readonly interval: number;
  /** ISO weekdays, Monday is 1; empty for that of the first instance. */
  readonly weekdays: readonly number[];
  readonly count: number;
  readonly until: number;
}

const WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
const MAX_INSTANCES = 2000;

/**
 * Reads a rule.
 *
 * @param line `RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=10`
 * @throws {RangeError} For anything beyond daily and weekly rules.
 */
export function parseRule(line: string): Rule {
  const fields = new Map(
    line.replace(/^RRULE:/, "").split(";").map((part): [string, string] => {
      const [name = "", value = ""] = part.split("=");
      return [name, value];
    }),
  );
  const frequency = fields.get("FREQ");
  if (!line.startsWith("RRULE:") || (frequency !== "DAILY" && frequency !== "WEEKLY")) {
    throw new RangeError(`Unsupported recurrence: ${line}`);
  }
  const until = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)Z)?$/.exec(fields.get("UNTIL") ?? "");
  const [, year, month, day, hour = "23", minute = "59", second = "59"] = until ?? [];
  return {
    frequency,
    interval: Number(fields.get("INTERVAL") ?? 1),
    weekdays: (fields.get("BYDAY") ?? "").split(",").map((name) => WEEKDAYS.indexOf(name) + 1)
      .filter((weekday) => weekday > 0),
    count: Number(fields.get("COUNT") ?? MAX_INSTANCES),
    until: until === null
      ? Infinity
      : Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`),
  };
}

/**
 * Expands a recurring event.
 *
 * @param master The event with its rule.
 * @param exceptions Instances that were changed or cancelled; theirs is not made again.
 * @param timeZone The calendar's zone.
 * @param horizon Which instances are wanted.
 * @returns The untouched instances; the clock time stays when daylight saving changes.
 */
export function expandEvent(
  master: StoredEvent,
  exceptions: ReadonlySet<string>,
  timeZone: string,
  horizon: Horizon,
): StoredEvent[] {
  const [line] = master.content.recurrence ?? [];
  if (line === undefined) return [];
  const rule = parseRule(line);
  const { recurrence: _, ...content } = master.content;
  const first = zonedStart(content, timeZone);
  const length = instantOf(content.end, timeZone) - instantOf(content.start, timeZone);
  const instances: StoredEvent[] = [];
  let made = 0;
  for (const start of occurrences(first, rule)) {
    const begins = start.epochMilliseconds;
    if (made >= rule.count || begins > rule.until || begins > horizon.until) break;
    made += 1;
    if (begins + length <= horizon.from) continue;
    const id = instanceId(content.id, content.start, start);
    if (exceptions.has(id)) continue;
    const startTime = timeLike(content.start, start);
    instances.push({
      ...master,
      content: {
        ...content,
        id,
        start: startTime,
        end: timeLike(content.end, start.add({ milliseconds: length })),
        recurringEventId: content.id,
        originalStartTime: startTime,
      },
    });
    if (instances.length >= MAX_INSTANCES) break;
  }
  return instances;
}

/** `<base>_<UTC start>`, as Google names instances. */
function instanceId(base: string, like: EventTime, start: Temporal.ZonedDateTime): string {
  if ("date" in like) return `${base}_${start.toPlainDate().toString().replaceAll("-", "")}`;
  const utc = new Date(start.epochMilliseconds).toISOString().replace(/[-:]|\.\d{3}/g, "");
  return `${base}_${utc}`;
}

function timeLike(like: EventTime, moment: Temporal.ZonedDateTime): EventTime {
  return "date" in like ? { date: moment.toPlainDate().toString() } : timedAt(moment);
}

function zonedStart(content: EventContent, timeZone: string): Temporal.ZonedDateTime {
  const zone = "dateTime" in content.start ? content.start.timeZone ?? timeZone : timeZone;
  return Temporal.Instant.fromEpochMilliseconds(instantOf(content.start, timeZone))
    .toZonedDateTimeISO(zone);
}

function* occurrences(
  first: Temporal.ZonedDateTime,
  rule: Rule,
): Generator<Temporal.ZonedDateTime> {
  if (rule.frequency === "DAILY") {
    for (let step = 0; step < MAX_INSTANCES; step++) {
      yield first.add({ days: step * rule.interval });
    }
    return;
  }
  const weekdays = rule.weekdays.length > 0 ? [...rule.weekdays].sort() : [first.dayOfWeek];
  const monday = first.subtract({ days: first.dayOfWeek - 1 });
  for (let week = 0; week < MAX_INSTANCES; week += 1) {
    for (const weekday of weekdays) {
      const day = monday.add({ weeks: week * rule.interval, days: weekday - 1 });
      if (day.epochMilliseconds >= first.epochMilliseconds) yield day;
    }
  }
}
