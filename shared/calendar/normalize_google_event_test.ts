// Unit tests of the translation from Google's event into ours.
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { GoogleEvent } from "./google_event.ts";
import { normalizeGoogleEvent } from "./normalize_google_event.ts";
import type { SyncedEvent } from "./synced_event.ts";

const TIMES = {
  start: { dateTime: "2026-11-23T09:00:00+01:00", timeZone: "Europe/Berlin" },
  end: { dateTime: "2026-11-23T09:30:00+01:00", timeZone: "Europe/Berlin" },
};

function normalize(fields: Record<string, unknown>): SyncedEvent | null {
  return normalizeGoogleEvent(GoogleEvent.parse({ id: "e1", ...fields }), "Europe/Berlin");
}

Deno.test("U60-101 normalizeGoogleEvent() counts people, not rooms, each once", () => {
  const count = (attendees: unknown[], more: Record<string, unknown> = {}): number | undefined =>
    normalize({ ...TIMES, attendees, ...more })?.attendees_count;
  strictEqual(count([]), 0);
  strictEqual(count([{ email: "me@acme.test", self: true }]), 1);
  strictEqual(
    count([{ email: "me@acme.test", self: true }, {
      email: "room@resource.calendar.google.com",
      resource: true,
    }]),
    1,
  );
  strictEqual(count([{ email: "me@acme.test" }, { email: "ME@acme.test" }]), 1);
  strictEqual(count([{ email: "me@acme.test" }, { email: "bo@buyer.test" }]), 2);
  strictEqual(count([{ email: "me@acme.test", additionalGuests: 2 }]), 3);
  strictEqual(count([{ email: "me@acme.test" }], { attendeesOmitted: true }), 2);
});

Deno.test("U60-056 normalizeGoogleEvent() takes a cancelled event that is only an id", () => {
  const event = normalize({ status: "cancelled" });
  strictEqual(event?.status, "cancelled");
  strictEqual(event?.start, null);
  const exception = normalize({
    status: "cancelled",
    recurringEventId: "base",
    originalStartTime: { dateTime: "2026-11-23T09:00:00Z" },
  });
  strictEqual(exception?.recurring_event_id, "base");
});

Deno.test("U60-056 normalizeGoogleEvent() leaves out a live event without times", () => {
  strictEqual(normalize({ status: "confirmed" }), null);
  strictEqual(normalize({ start: { dateTime: "nonsense" }, end: { dateTime: "nonsense" } }), null);
  strictEqual(normalize(TIMES)?.start?.at, "2026-11-23T08:00:00.000Z");
});

Deno.test("C-24 normalizeGoogleEvent() keeps an all-day event as a date in the calendar's zone", () => {
  const event = normalize({ start: { date: "2026-11-23" }, end: { date: "2026-11-24" } });
  deepStrictEqual([event?.start, event?.all_day, event?.time_zone], [
    { at: null, on: "2026-11-23" },
    true,
    "Europe/Berlin",
  ]);
});

Deno.test("U60-056 normalizeGoogleEvent() knows that the calendar's owner declined", () => {
  const attendees = [{ email: "me@acme.test", self: true, responseStatus: "declined" }, {
    email: "bo@buyer.test",
    responseStatus: "accepted",
  }];
  strictEqual(normalize({ ...TIMES, attendees })?.response_status, "declined");
  const other = attendees.map((person) => ({ ...person, self: !person.self }));
  strictEqual(normalize({ ...TIMES, attendees: other })?.response_status, "accepted");
});

Deno.test("U60-056 normalizeGoogleEvent() takes null in every field but id", () => {
  const keys = Object.keys(GoogleEvent.shape).filter((key) => key !== "id");
  strictEqual(normalize(Object.fromEntries(keys.map((key) => [key, null]))), null);
  for (const key of keys.filter((name) => name !== "start")) {
    strictEqual(normalize({ ...TIMES, [key]: null })?.external_id, "e1", key);
  }
});
