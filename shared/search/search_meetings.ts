// Searches what was said in the meetings that the caller may read.
import { fromPostgrestError } from "../errors/app_error.ts";
import type { RequestContext } from "../platform/request_context.ts";
import { FoundSegments, type SearchBody, type SearchHit } from "./contract.ts";
import { parseMarks } from "./parse_marks.ts";
import { decodeCursor, encodeCursor } from "./search_cursor.ts";

/** One page of hits, and where the next one begins. */
export interface SearchPage {
  readonly data: SearchHit[];
  readonly next_cursor: string | null;
}

/**
 * Searches transcripts: one call of the database, as the caller.
 *
 * @param ctx The caller; the database checks membership first and applies the rule of the
 *   transcripts' own policy.
 * @param input Words, order and page.
 * @returns A page of passages with the places of the matches.
 * @throws {AppError} `organization_not_found`, `no_active_organization` or `invalid_request`.
 */
export async function searchMeetings(ctx: RequestContext, input: SearchBody): Promise<SearchPage> {
  const { data, error } = await ctx.db.rpc("search_transcripts", {
    p_org_id: input.org_id ?? ctx.orgId,
    p_query: input.q,
    p_order: input.order,
    p_limit: input.limit,
    p_after: input.cursor === undefined ? null : decodeCursor(input.cursor, input.order),
  });
  if (error) throw fromPostgrestError(error);
  const found = FoundSegments.parse(data);
  const hits = found.results.map((row): SearchHit => ({
    segment_id: row.segment_id,
    meeting_id: row.meeting_id,
    meeting_title: row.meeting_title,
    started_at: row.started_at,
    speaker_name: row.speaker_name,
    start_ms: row.start_ms,
    snippet: parseMarks(row.marked_text),
    actions: [{ type: "open_meeting", meeting_id: row.meeting_id }],
  }));
  const last = found.results.at(-1);
  if (!found.has_more || last === undefined) return { data: hits, next_cursor: null };
  const position = input.order === "relevance"
    ? { rank: last.rank, id: last.segment_id }
    : { started_at: last.started_at, meeting_id: last.meeting_id, seq: last.seq };
  return { data: hits, next_cursor: encodeCursor(position) };
}
