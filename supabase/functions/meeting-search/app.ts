// Searching what was said in meetings. Trust boundary: a user's token.
import { SearchBody, SearchHit, SearchQuery } from "@shared/search/contract.ts";
import { searchMeetings } from "@shared/search/search_meetings.ts";
import { z } from "zod";
import { type Api, createApi } from "../_shared/http/create_api.ts";
import { type FunctionDeps, productionDeps } from "../_shared/http/function_deps.ts";

const SearchHits = z.array(SearchHit).describe("Passages, best or newest first.");
const ERRORS = ["organization_not_found", "no_active_organization", "mfa_required"] as const;

/**
 * Builds `meeting-search`: `GET /meeting-search?q=…`, or the same as a POST, so that what is looked
 * for need not stand in an address.
 *
 * @param deps Its surroundings; tests pass their own.
 * @returns The function.
 */
export function createApp(deps: FunctionDeps = productionDeps()): Api {
  const api = createApi("meeting-search", deps);

  api.operation({
    operation: "meetings.search",
    method: "get",
    path: "/",
    summary: "Finds what was said in meetings that the caller may read, with the matches' places.",
    query: SearchQuery,
    response: SearchHits,
    errors: ERRORS,
  }, (ctx, { query }) => searchMeetings(ctx, query));

  api.operation({
    operation: "meetings.search_by_post",
    method: "post",
    path: "/",
    summary: "The same search; the words stand in the body, so no address or log holds them.",
    body: SearchBody,
    response: SearchHits,
    errors: ERRORS,
  }, (ctx, { body }) => searchMeetings(ctx, body));

  return api;
}
