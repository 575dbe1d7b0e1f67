// The meeting_search_results panel, version 1: passages of transcripts with the places of what matched.
import { z } from "zod";
import { SearchHit } from "../../search/contract.ts";
import { definePanel } from "./panel.ts";
import { dayOf, formatDay, plainLine } from "./plain_text.ts";
import { TimeZone } from "./time_zone.ts";

const LINES_MAX = 8;

/** What a search found: a page of passages. */
export const PassagesFound = z.strictObject({
  query: z.string(),
  time_zone: TimeZone,
  has_more: z.boolean(),
  hits: z.array(SearchHit),
});
/** See the schema of the same name. */
export type PassagesFound = z.infer<typeof PassagesFound>;

/** The panel. */
export const MeetingSearchResults = PassagesFound.extend({
  type: z.literal("meeting_search_results"),
  version: z.literal(1),
}).describe("What was said in meetings about something, best first.");
/** See the schema of the same name. */
export type MeetingSearchResults = z.infer<typeof MeetingSearchResults>;

function describeResults({ query, hits, has_more, time_zone }: MeetingSearchResults): string {
  const about = `“${plainLine(query)}”`;
  if (hits.length === 0) return `Nothing was said about ${about} in the meetings you can read.`;
  const lines = hits.slice(0, LINES_MAX).map((hit) => {
    const speaker = hit.speaker_name === null ? "" : `${plainLine(hit.speaker_name)}: `;
    const day = formatDay(dayOf(hit.started_at, time_zone), "short");
    return `• ${day}, ${plainLine(hit.meeting_title)}, at ${
      formatOffset(hit.start_ms)
    }: ${speaker}${plainLine(hit.snippet.text, 300)}`;
  });
  const isCut = has_more || hits.length > lines.length;
  return [`What was said about ${about}:`, ...lines, ...(isCut ? ["… and more."] : [])].join("\n");
}

/** Where in a recording something was said, as `1:02:03` or `4:05`. */
function formatOffset(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, index) => index === 0 ? String(part) : String(part).padStart(2, "0"))
    .join(":");
}

/** How the panel is published. */
export const meetingSearchResultsPanel = definePanel({
  summary: "Passages of transcripts that match some words, each with its meeting and speaker.",
  schema: MeetingSearchResults,
  example: {
    type: "meeting_search_results",
    version: 1,
    query: "night shift",
    time_zone: "Europe/Berlin",
    has_more: false,
    hits: [{
      segment_id: "00000000-0000-4000-8000-000000000031",
      meeting_id: "00000000-0000-4000-8000-000000000032",
      meeting_title: "Northwind: discovery",
      started_at: "2026-11-16T14:00:00+00:00",
      speaker_name: "Ada Park",
      start_ms: 245_000,
      snippet: {
        text: "The roll-out must not stop the night shift.",
        highlights: [{ start: 31, end: 36 }, { start: 37, end: 42 }],
      },
      actions: [{ type: "open_meeting", meeting_id: "00000000-0000-4000-8000-000000000032" }],
    }],
  },
  describe: describeResults,
});
