// Plans a recording for every meeting that is due. All of it is one statement of the database, so any
// number of these may run at once.
import { z } from "zod";
import { fromPostgrestError } from "../errors/app_error.ts";
import type { ServiceContext } from "../platform/request_context.ts";

/** What one look came to. */
export const PlannedRecordings = z.strictObject({
  /** Meetings that a bot will be sent to. */
  claimed: z.int().nonnegative(),
  /** Meetings beyond their organization's bots of the day, told now. */
  refused: z.int().nonnegative(),
});
/** See the schema of the same name. */
export type PlannedRecordings = z.infer<typeof PlannedRecordings>;

/**
 * Looks once.
 *
 * @param ctx Opened for the reason `plan_recordings`.
 * @returns How many recordings were planned and refused.
 * @throws {AppError} When the database can't be reached; the next look finds the same meetings.
 */
export async function planRecordings(
  ctx: ServiceContext,
): Promise<PlannedRecordings> {
  const { data, error } = await ctx.db.rpc("claim_due_meetings");
  if (error) throw fromPostgrestError(error);
  return PlannedRecordings.parse(data);
}
