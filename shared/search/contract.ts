// What meeting-search takes and answers.
import { z } from "zod";
import { OpenMeeting } from "../copilot/clickable_action.ts";

const fields = {
  q: z.string().trim().min(1).max(500)
    .describe('Words, "exact phrases", or and -without, as in a web search.'),
  org_id: z.uuid().optional()
    .describe("One of the caller's organizations; the active one where this is missing."),
  order: z.enum(["relevance", "recent"]).default("relevance"),
  cursor: z.string().max(500).optional().describe("`next_cursor` of the page before."),
};

/** A search, as the query of a GET. */
export const SearchQuery = z.strictObject({
  ...fields,
  limit: z.coerce.number().int().min(1).max(50).default(20),
}).describe("A search over transcripts.");

/** A search, as the body of a POST. */
export const SearchBody = z.strictObject({
  ...fields,
  limit: z.int().min(1).max(50).default(20),
}).describe("A search over transcripts.");
/** See the schema of the same name. */
export type SearchBody = z.infer<typeof SearchBody>;

/** A passage of a transcript. Plain text; what matched is given as offsets, never as markup. */
export const Snippet = z.strictObject({
  text: z.string(),
  highlights: z.array(z.strictObject({
    start: z.int().nonnegative().describe("In UTF-16 code units, as JavaScript counts."),
    end: z.int().positive().describe("Exclusive."),
  })),
});
/** See the schema of the same name. */
export type Snippet = z.infer<typeof Snippet>;

/** One passage that was found. */
export const SearchHit = z.strictObject({
  segment_id: z.uuid(),
  meeting_id: z.uuid(),
  meeting_title: z.string(),
  started_at: z.iso.datetime({ offset: true }),
  speaker_name: z.string().nullable(),
  start_ms: z.int().nonnegative().describe("Where in the recording it was said."),
  snippet: Snippet,
  actions: z.array(OpenMeeting),
});
/** See the schema of the same name. */
export type SearchHit = z.infer<typeof SearchHit>;

/** What the database function `search_transcripts` returns. */
export const FoundSegments = z.strictObject({
  org_id: z.uuid(),
  has_more: z.boolean(),
  results: z.array(z.strictObject({
    segment_id: z.uuid(),
    meeting_id: z.uuid(),
    meeting_title: z.string(),
    started_at: z.iso.datetime({ offset: true }),
    seq: z.int(),
    speaker_name: z.string().nullable(),
    start_ms: z.int(),
    rank: z.number(),
    marked_text: z.string(),
  })),
});
