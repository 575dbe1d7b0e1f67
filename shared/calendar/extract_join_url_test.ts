// Unit tests of the order in which a join link is looked for.
import { strictEqual } from "node:assert/strict";
import { extractJoinUrl } from "./extract_join_url.ts";
import { GoogleEvent } from "./google_event.ts";

function joinUrl(fields: Record<string, unknown>): string | null {
  return extractJoinUrl(GoogleEvent.parse({ id: "e1", ...fields }));
}

const ENTRY = {
  conferenceData: {
    entryPoints: [
      { entryPointType: "phone", uri: "tel:+1555" },
      { entryPointType: "video", uri: "https://meet.google.com/aaa-bbbb-ccc" },
    ],
  },
};

Deno.test("U60-056 extractJoinUrl() prefers entry point, hangout, location, description", () => {
  const description = {
    description: 'See <a href="https://acme.zoom.us/j/1?pwd=x&amp;y=2">link</a>.',
  };
  const location = { location: "Room 4, https://teams.microsoft.com/l/meetup-join/1" };
  const hangout = { hangoutLink: "https://meet.google.com/hang-out-xyz" };
  const all = { ...description, ...location, ...hangout, ...ENTRY };
  strictEqual(joinUrl(all), "https://meet.google.com/aaa-bbbb-ccc");
  strictEqual(joinUrl({ ...all, conferenceData: null }), "https://meet.google.com/hang-out-xyz");
  strictEqual(
    joinUrl({ ...description, ...location }),
    "https://teams.microsoft.com/l/meetup-join/1",
  );
  strictEqual(joinUrl(description), "https://acme.zoom.us/j/1?pwd=x&y=2");
});

Deno.test("U60-056 extractJoinUrl() takes any link in a location, only calls in a description", () => {
  strictEqual(
    joinUrl({ location: "https://calls.example.test/room" }),
    "https://calls.example.test/room",
  );
  strictEqual(joinUrl({ description: "Agenda: https://docs.example.test/agenda" }), null);
  strictEqual(joinUrl({ description: "https://evilzoom.us/j/1" }), null);
  strictEqual(
    joinUrl({ description: "https://www.google.com/url?q=https://zoom.us/j/9&sa=D" }),
    "https://zoom.us/j/9",
  );
});

Deno.test("U60-091 extractJoinUrl() never gives a link that is not http", () => {
  strictEqual(joinUrl({ hangoutLink: "javascript:alert(1)", location: "ftp://x.test/y" }), null);
  strictEqual(joinUrl({ hangoutLink: null, location: null, description: null }), null);
});
