// Makes the preview picture of one stored video: a signed address of fifteen minutes goes to the
// thumbnail service, and what it answers is stored once (U60-126 to U60-129). Handles
// `recording.thumbnail`.
import { z } from "zod";
import { fromPostgrestError } from "../errors/app_error.ts";
import type { ClaimedJob, HandleJob, JobOutcome } from "../platform/jobs.ts";
import type { ServiceContext } from "../platform/request_context.ts";
import { parseStoredPlace } from "./stored_place.ts";
import { ThumbnailError, type ThumbnailService } from "./thumbnail_service.ts";

/** How long the service may read the video: U60-127. */
export const THUMBNAIL_URL_SECONDS = 900;

const Payload = z.object({ recording_id: z.uuid() });

/** What the handler needs beside the database. */
export interface ThumbnailDeps {
  readonly service: ThumbnailService;
  /**
   * Signs an address of a stored file.
   *
   * @param key Its key in the bucket.
   * @param seconds How long the address is good.
   */
  presignGet(key: string, seconds: number): Promise<string>;
}

/**
 * Makes the handler.
 *
 * @param deps The service and the signer.
 * @returns The handler; repeating a job whose picture is stored asks nobody.
 */
export function createThumbnailHandler(deps: ThumbnailDeps): HandleJob {
  return async (ctx, job) => {
    const { recording_id: recordingId } = Payload.parse(job.payload);
    const about = { p_org_id: job.orgId, p_recording_id: recordingId };
    const { data, error } = await ctx.db.rpc("begin_thumbnail", about);
    if (error) throw fromPostgrestError(error);
    if (data === null) return { outcome: "done" };
    const place = parseStoredPlace(data);
    if (place === null) {
      return await fail(
        ctx,
        job,
        recordingId,
        "thumbnail_place_malformed",
        true,
      );
    }
    try {
      const url = await deps.presignGet(place.key, THUMBNAIL_URL_SECONDS);
      const made = await deps.service.makeThumbnail(url);
      const stored = await ctx.db.rpc("store_thumbnail", {
        ...about,
        p_url: made.httpUrl,
        p_s3_location: made.s3Location,
      });
      if (stored.error) throw fromPostgrestError(stored.error);
      return { outcome: "done" };
    } catch (cause) {
      ctx.log.warn("thumbnail_failed", {
        operation: "recordings.thumbnail",
        entity_id: recordingId,
        cause,
      });
      // Whatever it was, on its last attempt the part must come to an end
      const failure = cause instanceof ThumbnailError ? cause.failure : "interrupted";
      const isHopeless = failure === "rejected" || failure === "not_configured";
      return await fail(
        ctx,
        job,
        recordingId,
        `thumbnail_${failure}`,
        isHopeless,
      );
    }
  };
}

async function fail(
  ctx: ServiceContext,
  job: ClaimedJob,
  recordingId: string,
  code: string,
  isHopeless: boolean,
): Promise<JobOutcome> {
  const isFinal = isHopeless || job.attempt >= job.maxAttempts;
  const { error } = await ctx.db.rpc("fail_thumbnail", {
    p_org_id: job.orgId,
    p_recording_id: recordingId,
    p_code: code,
    p_is_final: isFinal,
  });
  if (error) throw fromPostgrestError(error);
  return isFinal ? { outcome: "failed", code } : { outcome: "retry", at: null, code };
}
