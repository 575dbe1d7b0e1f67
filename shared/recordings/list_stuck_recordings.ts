// Lists recordings that somebody should look at: what failed for good, and what does not move.
import { z } from "zod";
import { fromPostgrestError } from "../errors/app_error.ts";
import type { RequestContext } from "../platform/request_context.ts";
import { type StuckQuery, StuckRecording } from "./contract.ts";

/**
 * Lists them, those first that have waited for longest.
 *
 * @param ctx The caller.
 * @param query An organization's, as far as the caller may read them, or the platform's.
 * @returns Ids, states and codes; no contents.
 * @throws {AppError} `forbidden` to who asks for the platform and does not operate it,
 * `organization_not_found` or `no_active_organization`.
 */
export async function listStuckRecordings(
  ctx: RequestContext,
  query: StuckQuery,
): Promise<StuckRecording[]> {
  const { data, error } = query.scope === "platform"
    ? await ctx.db.rpc("list_stuck_recordings_of_platform", { p_limit: query.limit })
    : await ctx.db.rpc("list_stuck_recordings", {
      p_org_id: query.org_id ?? ctx.orgId,
      p_limit: query.limit,
    });
  if (error) throw fromPostgrestError(error);
  return z.array(StuckRecording).parse(data);
}
