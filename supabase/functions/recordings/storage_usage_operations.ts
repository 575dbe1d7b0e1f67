// Storage and its cost, for who may see costs. Trust boundary: a user's token; the database asks for
// the permission.
import { readStorageUsage } from "@shared/recordings/storage_usage.ts";
import { StorageUsage, StorageUsageQuery } from "@shared/recordings/storage_usage_contract.ts";
import type { Api } from "../_shared/http/create_api.ts";

/**
 * Adds `GET /recordings/storage-usage` (U60-133).
 *
 * @param api The function `recordings`. Its other paths with one part come after this one.
 */
export function addStorageUsage(api: Api): void {
  api.operation({
    operation: "recordings.storage_usage",
    method: "get",
    path: "/storage-usage",
    summary: "Says how much is stored, what this month cost so far and what the next may cost.",
    query: StorageUsageQuery,
    response: StorageUsage,
    errors: ["organization_not_found", "no_active_organization", "forbidden", "mfa_required"],
  }, async (ctx, { query }) => ({ data: await readStorageUsage(ctx, query) }));
}
