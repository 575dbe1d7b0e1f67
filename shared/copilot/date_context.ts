// Which day it is for the person, as every prompt that writes an email says it (U60-099, U60-100).

/**
 * Says the date to a model.
 *
 * @param now The time.
 * @param timeZone IANA zone in which the person's days begin and end.
 * @returns Two lines: the date, and what to use it for. The same all day long.
 */
export function dateContext(now: Date, timeZone: string): string {
  const date = now.toLocaleDateString("en-US", {
    timeZone,
    weekday: "long",
    year: "numeric",
    month: "long",
    day: "numeric",
  });
  return `TODAY'S DATE: ${date}\nUse this date when making any date references.`;
}
