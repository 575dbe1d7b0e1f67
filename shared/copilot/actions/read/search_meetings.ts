// Searches what was said in the meetings that the caller may read.
import { z } from "zod";
import { searchMeetings as searchTranscripts } from "../../../search/search_meetings.ts";
import {
  type MeetingSearchResults,
  meetingSearchResultsPanel,
  PassagesFound,
} from "../../panels/meeting_search_results.ts";
import type { ReadAction } from "../action.ts";
import { evidenceRows } from "../evidence_rows.ts";

/** What is looked for. */
const SearchArgs = z.strictObject({
  query: z.string().trim().min(1).max(500)
    .describe('Words, "exact phrases", or and -without, as in a web search.'),
  order: z.enum(["relevance", "recent"]).default("relevance"),
  limit: z.int().min(1).max(20).default(8),
});

/** The action. */
export const searchMeetings: ReadAction<typeof SearchArgs, typeof PassagesFound> = {
  kind: "read",
  name: "search_meetings",
  description: "Searches the transcripts of meetings for words, and returns the passages.",
  label: "Searching your meetings",
  args: SearchArgs,
  result: PassagesFound,
  readsForeignText: true,
  // The words looked for may be anybody's name.
  explainArgs: ({ order, limit }) => ({ order, limit }),
  async run(ctx, { query, order, limit }) {
    const page = await searchTranscripts(ctx, { q: query, org_id: ctx.orgId, order, limit });
    const found: PassagesFound = {
      query,
      time_zone: ctx.person.timeZone,
      has_more: page.next_cursor !== null,
      hits: page.data,
    };
    const panel: MeetingSearchResults = { type: "meeting_search_results", version: 1, ...found };
    return {
      data: found,
      evidence: evidenceRows(found.hits.flatMap(({ segment_id, meeting_id }) => [
        ["transcript_segments", segment_id] as const,
        ["meetings", meeting_id] as const,
      ])),
      count: found.hits.length,
      panel,
      text: meetingSearchResultsPanel.describe(panel),
    };
  },
};
