// A time zone that clocks can be read in.
import { z } from "zod";

/** An IANA zone that this runtime knows. */
export const TimeZone = z.string().refine(isTimeZone, { message: "is not a time zone" })
  .describe("IANA zone in which the days begin and end.");

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en-GB", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
