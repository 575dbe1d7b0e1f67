// What needs somebody, and having all of it tried again.
import { z } from "zod";
import { Retried, RetryAllInput, StuckQuery, StuckRecording } from "@shared/recordings/contract.ts";
import { listStuckRecordings } from "@shared/recordings/list_stuck_recordings.ts";
import { retryAllRecordings } from "@shared/recordings/retry_recordings.ts";
import type { Api } from "../_shared/http/create_api.ts";

/**
 * Adds `GET /recordings/stuck` and `POST /recordings/retry`.
 *
 * @param api The function `recordings`. Its other paths with one part come after these.
 */
export function addOperatorOperations(api: Api): void {
  api.operation({
    operation: "recordings.stuck",
    method: "get",
    path: "/stuck",
    summary: "Lists recordings that failed for good or do not move, and why.",
    query: StuckQuery,
    response: z.array(StuckRecording),
    errors: ["organization_not_found", "no_active_organization", "forbidden", "mfa_required"],
  }, async (ctx, { query }) => ({ data: await listStuckRecordings(ctx, query) }));

  api.operation({
    operation: "recordings.retry_all",
    method: "post",
    path: "/retry",
    summary: "Takes up again what has failed of an organization's recordings; for its admins.",
    body: RetryAllInput,
    response: z.array(Retried),
    errors: ["organization_not_found", "no_active_organization", "forbidden", "mfa_required"],
  }, async (ctx, { body }) => ({ data: await retryAllRecordings(ctx, body) }));
}
