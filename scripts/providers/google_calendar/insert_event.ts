// events.insert: an event with an id of the client's, or of the service's, and invitations.
import { createHash } from "node:crypto";
import { z } from "zod";
import { nameOf } from "../people.ts";
import { stableId } from "../seeded_random.ts";
import type { CalendarAccount } from "./calendar_account.ts";
import {
  type Attendee,
  type EventResource,
  type EventTime,
  instantOf,
  renderEvent,
} from "./calendar_event.ts";
import { badParameter, GoogleError } from "./google_error.ts";

/** An event that was made through the API, as the ledger keeps it. */
export interface InsertEntry {
  readonly account: string;
  readonly id: string;
  readonly send_updates: string;
  readonly invited: readonly string[];
  /** SHA-256, in hex, of the request's body as it came. */
  readonly sha256: string;
  readonly at: string;
}

const Time = z.object({
  dateTime: z.iso.datetime({ offset: true }).optional(),
  date: z.iso.date().optional(),
  timeZone: z.string().optional(),
});
const NewEvent = z.looseObject({
  id: z.string().optional(),
  summary: z.string().optional(),
  description: z.string().optional(),
  location: z.string().optional(),
  start: Time,
  end: Time,
  attendees: z.array(z.looseObject({ email: z.email() })).optional(),
});
const CLIENT_ID = /^[a-v0-9]{5,1024}$/;

/**
 * Makes an event.
 *
 * @param account Whose calendar.
 * @param text The request's body.
 * @param sendUpdates Who is told: all, externalOnly or none.
 * @param now The simulators' time.
 * @returns The event, and its line in the ledger.
 * @throws {GoogleError} 400 for what makes no event, 409 for an id that is or was there.
 */
export function insertEvent(
  account: CalendarAccount,
  text: string,
  sendUpdates: string,
  now: Date,
): { event: EventResource; entry: InsertEntry } {
  const parsed = NewEvent.safeParse(readJson(text));
  if (!parsed.success) throw required(String(parsed.error.issues[0]?.path[0] ?? "body"));
  const { id = stableId(crypto.randomUUID()), start, end, attendees = [] } = parsed.data;
  if (!CLIENT_ID.test(id)) throw badParameter("id", "Invalid resource id value.");
  if (account.find(id) !== undefined) {
    throw new GoogleError(409, {
      reason: "duplicate",
      message: "The requested identifier already exists.",
    });
  }
  const times = { start: readTime(start, "start"), end: readTime(end, "end") };
  if (instantOf(times.end, account.timeZone) < instantOf(times.start, account.timeZone)) {
    throw new GoogleError(400, {
      domain: "calendar",
      reason: "timeRangeEmpty",
      message: "The specified time range is empty.",
    });
  }
  const invited = attendees.map(({ email }) => email.toLowerCase())
    .filter((email) => email !== account.email);
  const stored = account.put({
    id,
    status: "confirmed",
    ...(parsed.data.summary !== undefined && { summary: parsed.data.summary }),
    ...(parsed.data.description !== undefined && { description: parsed.data.description }),
    ...(parsed.data.location !== undefined && { location: parsed.data.location }),
    ...times,
    organizer: { email: account.email, self: true },
    creator: { email: account.email, self: true },
    ...(invited.length > 0 && { attendees: guestList(account, invited) }),
  });
  return {
    event: renderEvent(stored),
    entry: {
      account: account.email,
      id,
      send_updates: sendUpdates,
      invited: sendUpdates === "none" ? [] : invited,
      sha256: createHash("sha256").update(text).digest("hex"),
      at: now.toISOString(),
    },
  };
}

function guestList(account: CalendarAccount, invited: readonly string[]): Attendee[] {
  return [
    {
      email: account.email,
      displayName: account.displayName,
      self: true,
      organizer: true,
      responseStatus: "accepted",
    },
    ...invited.map((email): Attendee => ({
      email,
      displayName: nameOf(email),
      responseStatus: "needsAction",
    })),
  ];
}

function readTime(time: z.infer<typeof Time>, field: string): EventTime {
  const { dateTime, date, timeZone } = time;
  if (dateTime !== undefined) return { dateTime, ...(timeZone !== undefined && { timeZone }) };
  if (date !== undefined) return { date };
  throw required(field);
}

function required(field: string): GoogleError {
  return new GoogleError(400, { reason: "required", message: `Missing ${field} time.` });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new GoogleError(400, { reason: "parseError", message: "Parse Error" });
  }
}
