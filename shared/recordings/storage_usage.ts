// What keeping recordings takes up and costs: reading the figures, and computing them once a day.
import { z } from "zod";
import { fromPostgrestError } from "../errors/app_error.ts";
import type { RequestContext, ServiceContext } from "../platform/request_context.ts";
import { StorageUsage, type StorageUsageQuery } from "./storage_usage_contract.ts";

/**
 * Reads the figures of an organization, or of the platform.
 *
 * @param ctx The caller; the database first asks whether they may see costs.
 * @param query Whose figures, and how many days of them.
 * @returns Total GB, this month's cost, next month's projection and a series by UTC day (U60-133).
 * @throws {AppError} `forbidden`, `mfa_required`, `organization_not_found` or
 * `no_active_organization`.
 */
export async function readStorageUsage(
  ctx: RequestContext,
  query: StorageUsageQuery,
): Promise<StorageUsage> {
  const { data, error } = await ctx.db.rpc("get_storage_usage", {
    p_scope: query.scope,
    p_org_id: query.org_id ?? ctx.orgId,
    p_days: query.days,
  });
  if (error) throw fromPostgrestError(error);
  return StorageUsage.parse(data);
}

const Recorded = z.strictObject({ days: z.int(), rows: z.int() });
/** How much a run computed. */
export type RecordedUsage = z.infer<typeof Recorded>;

/** Some four hundred days after a year without a tick; the next one goes on. */
const MAX_DAYS = 400;

/**
 * Computes every UTC day that is over and was not computed yet, so that a tick that came twice or not
 * at all makes no difference (U60-134).
 *
 * @param ctx Opened for the reason `record_s3_usage`.
 * @returns How many days, and how many rows changed.
 * @throws {AppError} When the database can't be reached.
 */
export async function recordStorageUsage(ctx: ServiceContext): Promise<RecordedUsage> {
  const { data, error } = await ctx.db.rpc("record_s3_usage", { p_max_days: MAX_DAYS });
  if (error) throw fromPostgrestError(error);
  const recorded = Recorded.parse(data);
  ctx.log.info("storage_usage_recorded", {
    operation: "recordings.record_storage_usage",
    count: recorded.days,
  });
  return recorded;
}
