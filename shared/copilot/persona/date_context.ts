// The day, for whoever writes about days: in the zone of the person, not of the server (U60-099,
// U60-100, C-24).

/** What a model is told about the day. */
const INSTRUCTION = "Use this date when making any date references";

/**
 * Says what day it is for a person.
 *
 * @param now The moment.
 * @param timeZone The person's IANA zone; UTC stands in for one that is not known here.
 * @returns Two lines that stay the same until the person's midnight.
 */
export function dateContext(now: Date, timeZone: string): string {
  return `TODAY'S DATE: ${dayOf(now, timeZone)}\n${INSTRUCTION}.`;
}

function dayOf(now: Date, timeZone: string): string {
  const style = { weekday: "long", year: "numeric", month: "long", day: "numeric" } as const;
  try {
    return now.toLocaleDateString("en-US", { ...style, timeZone });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return now.toLocaleDateString("en-US", { ...style, timeZone: "UTC" });
  }
}
