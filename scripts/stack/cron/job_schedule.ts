// When a job is due: pg_cron's schedule texts, in UTC.

import { Cron } from "croner";

/** A schedule, ready to be asked. */
export type JobSchedule =
  /** Due at times that the calendar gives. */
  | { readonly kind: "calendar"; next(afterMs: number): number | null }
  /** Due so long after the last start. */
  | { readonly kind: "interval"; readonly everyMs: number }
  /** Due once when the worker starts. */
  | { readonly kind: "start" }
  /** Never due; pg_cron keeps such a job and lets it rest. */
  | { readonly kind: "never" };

const SHORTHANDS: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

/**
 * Reads a schedule.
 *
 * @param text Five fields, `n seconds`, or one of cron's shorthands.
 */
export function parseJobSchedule(text: string): JobSchedule {
  const interval = text.match(/^\s*(\d{1,2})\s*seconds?\s*$/i);
  if (interval) return { kind: "interval", everyMs: Number(interval[1]) * 1_000 };
  const trimmed = text.trim();
  if (trimmed === "@reboot" || trimmed === "@restart") return { kind: "start" };
  const fields = (SHORTHANDS[trimmed] ?? trimmed).split(/[ \t]+/).slice(0, 5);
  const [, , dayOfMonth = "*", , dayOfWeek = "*"] = fields;
  try {
    const cron = new Cron(fields.map(toCroner).join(" "), {
      paused: true,
      mode: "5-part",
      timezone: "UTC",
      // As in every cron since Vixie's: two restricted day fields widen each other, but a field that
      // begins with a star, `*/2` too, narrows the other.
      domAndDow: dayOfMonth.startsWith("*") || dayOfWeek.startsWith("*"),
    });
    return {
      kind: "calendar",
      next: (afterMs) => cron.nextRun(new Date(afterMs))?.getTime() ?? null,
    };
  } catch {
    // A range that runs backwards, for example, is accepted by pg_cron and matches nothing.
    return { kind: "never" };
  }
}

function toCroner(field: string): string {
  return field === "$" ? "L" : field;
}
