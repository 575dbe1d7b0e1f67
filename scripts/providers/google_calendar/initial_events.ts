// The calendar of a fresh account: a believable week around now, the same for the same day.
import {
  colleagueAt,
  type Customer,
  customersOf,
  domainOf,
  nameOf,
  type Person,
} from "../people.ts";
import { SeededRandom, stableId } from "../seeded_random.ts";
import { type Attendee, type EventContent, timedAt } from "./calendar_event.ts";

/** Whose calendar, and on which day it is made. */
export interface FreshCalendar {
  readonly email: string;
  readonly timeZone: string;
  readonly today: Temporal.PlainDate;
}

interface Slot {
  readonly day: number;
  readonly hour: number;
  readonly minute?: number;
  readonly minutes: number;
}

/**
 * Fills a calendar. Each event stands for a case that a sync must understand.
 *
 * @param calendar Whose.
 */
export function createInitialEvents(calendar: FreshCalendar): EventContent[] {
  const random = new SeededRandom(`${calendar.email} ${calendar.today}`);
  const book = customersOf(domainOf(calendar.email));
  const offset = random.below(book.length);
  const customers = [...book.slice(offset), ...book.slice(0, offset)];
  return [
    ...eventsWithLinks(calendar, customers, random),
    ...eventsWithTwists(calendar, customers),
    ...ownEvents(calendar),
  ];
}

/** Meetings whose way in stands in a different place each time. */
function eventsWithLinks(
  calendar: FreshCalendar,
  customers: readonly Customer[],
  random: SeededRandom,
): EventContent[] {
  const draft = drafter(calendar);
  const [first, second, third, fourth] = customers;
  if (!first || !second || !third || !fourth) return [];
  const meet = `https://meet.google.com/${meetCode(calendar)}`;
  const zoom = `https://example.zoom.us/j/${80_000_000_000 + random.below(9_999_999_999)}`;
  const teams = `https://teams.microsoft.com/l/meetup-join/19%3ameeting_${
    stableId(calendar.email, 16)
  }%40thread.v2/0`;
  const morning = 9 + random.below(2);
  return [
    // The video link stands where Google puts its own.
    draft("pricing", { day: 0, hour: morning, minutes: 45 }, {
      summary: `${first.company} – pricing review`,
      ...withGuests(calendar.email, first.people, "accepted"),
      hangoutLink: meet,
      conferenceData: {
        conferenceId: meetCode(calendar),
        conferenceSolution: { name: "Google Meet", key: { type: "hangoutsMeet" } },
        entryPoints: [
          { entryPointType: "video", uri: meet, label: meet.slice(8) },
          { entryPointType: "phone", uri: "tel:+1-555-010-0199", pin: "418207#" },
        ],
      },
    }),
    // The link stands in the description and nowhere else.
    draft("discovery", { day: 0, hour: 14, minutes: 30 }, {
      summary: `${second.company} discovery call`,
      description: `Agenda\n1. How you work today\n2. What hurts\n\nJoin Zoom Meeting\n${zoom}\n`,
      ...withGuests(calendar.email, second.people, "accepted"),
    }),
    // The link stands in the location.
    draft("security", { day: 1, hour: 11, minutes: 60 }, {
      summary: `${third.company} security review`,
      location: teams,
      ...withGuests(calendar.email, third.people, "tentative"),
    }),
    draft("demo", { day: 2, hour: 15, minutes: 45 }, {
      summary: `${fourth.company} product demo`,
      ...withGuests(calendar.email, fourth.people.slice(0, 1), "needsAction"),
      hangoutLink: meet,
    }),
    draft("kickoff", { day: -3, hour: 10, minutes: 60 }, {
      summary: `${first.company} kickoff`,
      ...withGuests(calendar.email, first.people, "accepted"),
      hangoutLink: meet,
    }),
  ];
}

/** Meetings that are not what they seem. */
function eventsWithTwists(
  calendar: FreshCalendar,
  customers: readonly Customer[],
): EventContent[] {
  const draft = drafter(calendar);
  const [, second, third, fourth] = customers;
  if (!second || !third || !fourth) return [];
  return [
    // Declined: it is in the calendar, and yet not a meeting of this person.
    draft("declined", { day: 0, hour: 16, minutes: 30 }, {
      summary: `${third.company} newsletter sync`,
      ...withGuests(calendar.email, third.people, "declined"),
    }),
    // Invited by the customer; one person and a room.
    draft("onsite", { day: 4, hour: 13, minutes: 90 }, {
      summary: `On site at ${second.company}`,
      location: `${second.company}, Harbour Street 12`,
      organizer: { email: second.people[0].email },
      attendees: [
        { email: second.people[0].email, organizer: true, responseStatus: "accepted" },
        { email: calendar.email, self: true, responseStatus: "accepted" },
        {
          email: "room-elm@resource.calendar.google.com",
          displayName: "Elm",
          resource: true,
          responseStatus: "accepted",
        },
      ],
    }),
    // Called off before anybody synced.
    draft("cancelled", { day: 1, hour: 16, minutes: 30 }, {
      status: "cancelled",
      summary: `${fourth.company} follow-up`,
      ...withGuests(calendar.email, fourth.people, "accepted"),
    }),
  ];
}

/** What has nothing to do with customers. */
function ownEvents(calendar: FreshCalendar): EventContent[] {
  const draft = drafter(calendar);
  const { today, email } = calendar;
  const colleague = colleagueAt(domainOf(email));
  return [
    draft("focus", { day: 0, hour: 11, minute: 30, minutes: 90 }, {
      summary: "Focus time",
      eventType: "focusTime",
      transparency: "opaque",
    }),
    {
      ...draft("quarter", { day: 0, hour: 0, minutes: 0 }, {
        summary: "Quarter planning week",
        transparency: "transparent",
      }),
      start: { date: today.toString() },
      end: { date: today.add({ days: 1 }).toString() },
    },
    draft("dentist", { day: 1, hour: 8, minutes: 45 }, {
      summary: "Dentist",
      visibility: "private",
    }),
    // A series: with singleEvents its instances arrive one by one, today's among them.
    draft("oneonone", { day: -14, hour: 13, minutes: 30 }, {
      summary: "Weekly one-to-one",
      ...withGuests(email, [colleague], "accepted"),
      recurrence: ["RRULE:FREQ=WEEKLY;COUNT=8"],
    }),
  ];
}

type Details = Partial<Omit<EventContent, "id" | "start" | "end">>;

function drafter(
  { email, timeZone, today }: FreshCalendar,
): (name: string, slot: Slot, details: Details) => EventContent {
  return (name, slot, details) => {
    const start = today.add({ days: slot.day }).toZonedDateTime({
      timeZone,
      plainTime: Temporal.PlainTime.from({ hour: slot.hour, minute: slot.minute ?? 0 }),
    });
    return {
      id: stableId(`${email} ${today} ${name}`),
      status: "confirmed",
      start: timedAt(start),
      end: timedAt(start.add({ minutes: slot.minutes })),
      organizer: { email, self: true },
      creator: { email, self: true },
      ...details,
    };
  };
}

function withGuests(
  email: string,
  guests: readonly Person[],
  own: Attendee["responseStatus"],
): { attendees: Attendee[] } {
  return {
    attendees: [
      { email, displayName: nameOf(email), self: true, organizer: true, responseStatus: own },
      ...guests.map((guest): Attendee => ({
        email: guest.email,
        displayName: guest.name,
        responseStatus: "accepted",
      })),
    ],
  };
}

function meetCode({ email, today }: FreshCalendar): string {
  const letters = stableId(`meet ${email} ${today}`, 10)
    .replace(/\d/g, (digit) => "ghijklmnop".charAt(Number(digit)));
  return `${letters.slice(0, 3)}-${letters.slice(3, 7)}-${letters.slice(7, 10)}`;
}
