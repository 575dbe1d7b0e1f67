// Takes up again what has failed, of one recording or of all that an admin may change.
import { z } from "zod";
import { fromPostgrestError } from "../errors/app_error.ts";
import type { RequestContext } from "../platform/request_context.ts";
import { Retried, type RetryAllInput } from "./contract.ts";
import type { RecordingRef } from "./read_recording.ts";

/**
 * Takes up what has failed of one recording.
 *
 * @param ctx The caller.
 * @param ref Which one.
 * @returns The parts that are tried again.
 * @throws {AppError} `not_found`, `forbidden` or `mfa_required`.
 */
export async function retryRecording(
  ctx: RequestContext,
  { recordingId, orgId }: RecordingRef,
): Promise<Retried> {
  const { data, error } = await ctx.db.rpc("retry_recording", {
    p_recording_id: recordingId,
    p_org_id: orgId,
  });
  if (error) throw fromPostgrestError(error);
  return Retried.parse(data);
}

/**
 * Takes up what has failed of an organization's recordings, the latest first.
 *
 * @param ctx The caller, who must be an admin.
 * @param input Whose, and how many at most.
 * @returns Each recording that was looked at, and its parts that are tried again.
 * @throws {AppError} `forbidden`, `mfa_required`, `organization_not_found` or
 * `no_active_organization`.
 */
export async function retryAllRecordings(
  ctx: RequestContext,
  input: RetryAllInput,
): Promise<Retried[]> {
  const { data, error } = await ctx.db.rpc("retry_all_recordings", {
    p_org_id: input.org_id ?? ctx.orgId,
    p_limit: input.limit,
  });
  if (error) throw fromPostgrestError(error);
  return z.array(Retried).parse(data);
}
