// Unit tests of the translation from Fathom's payload into a recorded meeting.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { FathomMeeting } from "./fathom_contract.ts";
import { normalizeFathomMeeting } from "./normalize_fathom_meeting.ts";

const FULL = {
  recording_id: 4711,
  title: "Impromptu",
  meeting_title: "Acme kickoff",
  url: "https://fathom.video/calls/4711",
  share_url: "https://fathom.video/share/abc",
  created_at: "2026-11-22T10:40:00Z",
  scheduled_start_time: "2026-11-22T10:00:00Z",
  scheduled_end_time: "2026-11-22T10:30:00Z",
  recording_start_time: "2026-11-22T10:01:00Z",
  recording_end_time: "2026-11-22T10:31:00Z",
  transcript_language: "en",
  calendar_invitees: [
    { name: "Ana", email: "Ana@Acme.test", email_domain: "acme.test", is_external: false },
    {
      name: "Bo",
      email: "bo@buyer.test",
      is_external: true,
      matched_speaker_display_name: "Bo Buyer",
    },
  ],
  recorded_by: { name: "Ana", email: "ana@acme.test", email_domain: "acme.test", team: null },
  transcript: [
    { speaker: { display_name: "Ana" }, text: "Hello", timestamp: "00:00:05" },
    { speaker: { display_name: "Bo Buyer" }, text: "Hi", timestamp: "00:00:07" },
    { speaker: { display_name: "Surprise Guest" }, text: "Me too", timestamp: "00:00:09" },
  ],
  default_summary: { template_name: "general", markdown_formatted: "## Summary\nGood." },
  action_items: [{
    description: "Send the offer",
    completed: false,
    user_generated: false,
    recording_timestamp: "00:10:00",
    recording_playback_url: "https://fathom.video/calls/4711?t=600",
    assignee: { name: "Ana", email: "ana@acme.test", team: null },
  }],
};

Deno.test("U60-054 normalizeFathomMeeting() keeps everything a full payload says", () => {
  const meeting = normalizeFathomMeeting(FathomMeeting.parse(FULL));
  strictEqual(meeting.recording_id, "4711");
  strictEqual(meeting.title, "Acme kickoff");
  strictEqual(meeting.started_at, "2026-11-22T10:01:00.000Z");
  deepStrictEqual(meeting.transcript?.map((line) => line.start_ms), [5000, 7000, 9000]);
  deepStrictEqual(
    meeting.attendees?.map((person) => person.email ?? person.name),
    ["ana@acme.test", "bo@buyer.test", "Surprise Guest"],
  );
  strictEqual(meeting.action_items?.[0]?.start_ms, 600_000);
});

Deno.test("U60-054 normalizeFathomMeeting() takes null in every field but recording_id", () => {
  const keys = Object.keys(FULL).filter((key) => key !== "recording_id");
  const nulls = Object.fromEntries(keys.map((key) => [key, null]));
  const meeting = normalizeFathomMeeting(FathomMeeting.parse({ ...nulls, recording_id: 1 }));
  deepStrictEqual(
    [meeting.title, meeting.attendees, meeting.transcript, meeting.summary, meeting.action_items],
    [null, null, null, null, null],
  );
  for (const key of keys) {
    ok(normalizeFathomMeeting(FathomMeeting.parse({ ...FULL, [key]: null })), key);
  }
});

Deno.test("U60-054 normalizeFathomMeeting() takes nulls inside lists and objects", () => {
  const meeting = normalizeFathomMeeting(FathomMeeting.parse({
    recording_id: "r_1",
    calendar_invitees: [null, { name: null, email: null, is_external: null }],
    recorded_by: { name: null, email: null },
    transcript: [null, { speaker: null, text: null, timestamp: null }, { text: "Only text" }],
    default_summary: { template_name: null, markdown_formatted: null },
    action_items: [null, { description: null, assignee: null }],
  }));
  deepStrictEqual(meeting.attendees, []);
  strictEqual(meeting.transcript?.length, 1);
  strictEqual(meeting.summary, null);
  deepStrictEqual(meeting.action_items, []);
});

Deno.test("FathomMeeting refuses a payload without a recording", () => {
  for (const body of [{}, { recording_id: null }, { recording_id: 1.5 }, [], "x", null]) {
    strictEqual(FathomMeeting.safeParse(body).success, false, JSON.stringify(body));
  }
  strictEqual(FathomMeeting.safeParse({ recording_id: 1 }).success, true);
});

Deno.test("normalizeFathomMeeting() drops links that are not http, and NULs", () => {
  const meeting = normalizeFathomMeeting(FathomMeeting.parse({
    recording_id: 1,
    url: "javascript:alert(1)",
    share_url: "data:text/html,x",
    meeting_title: "A\u0000B \ud800",
  }));
  strictEqual(meeting.video_url, null);
  strictEqual(meeting.share_url, null);
  strictEqual(meeting.title, "AB \ufffd");
});
