// Listing recordings, and one recording: its timeline, playback, trying again, deleting.
import { z } from "zod";
import type { ErrorCode } from "@shared/errors/catalogue.ts";
import type { RequestContext } from "@shared/platform/request_context.ts";
import {
  DeletedRecording,
  InOrg,
  Playback,
  PlaybackInput,
  Recording,
  RecordingPath,
  RecordingsQuery,
  Retried,
  Timeline,
} from "@shared/recordings/contract.ts";
import { deleteRecording } from "@shared/recordings/delete_recording.ts";
import { listRecordings } from "@shared/recordings/list_recordings.ts";
import { type PlaybackStorage, playRecording } from "@shared/recordings/play_recording.ts";
import {
  readRecording,
  readTimeline,
  type RecordingRef,
} from "@shared/recordings/read_recording.ts";
import { retryRecording } from "@shared/recordings/retry_recordings.ts";
import type { Api } from "../_shared/http/create_api.ts";
import type { FunctionDeps } from "../_shared/http/function_deps.ts";
import { createS3Storage } from "../_shared/providers/s3_storage.ts";

const READ_ERRORS: readonly ErrorCode[] = [
  "not_found",
  "organization_not_found",
  "no_active_organization",
  "mfa_required",
];
const WRITE_ERRORS: readonly ErrorCode[] = [...READ_ERRORS, "forbidden"];

/**
 * Adds the operations.
 *
 * @param api The function `recordings`.
 * @param deps Its surroundings, for signing addresses.
 */
export function addRecordingOperations(api: Api, deps: FunctionDeps): void {
  addReading(api);
  addPlayback(api, deps);
  addChanging(api);
}

function addReading(api: Api): void {
  api.operation({
    operation: "recordings.list",
    method: "get",
    path: "/",
    summary: "Lists the recordings that the caller may read, the latest first.",
    query: RecordingsQuery,
    response: z.array(Recording),
    errors: ["organization_not_found", "no_active_organization", "mfa_required"],
  }, (ctx, { query }) => listRecordings(ctx, query));

  api.operation({
    operation: "recordings.get",
    method: "get",
    path: "/:recordingId",
    summary: "Shows how far each part of a recording is.",
    params: RecordingPath,
    query: InOrg,
    response: Recording,
    errors: READ_ERRORS,
  }, async (ctx, input) => ({ data: await readRecording(ctx, refOf(ctx, input)) }));

  api.operation({
    operation: "recordings.timeline",
    method: "get",
    path: "/:recordingId/timeline",
    summary: "Shows everything that happened to a recording, with times, attempts and progress.",
    params: RecordingPath,
    query: InOrg,
    response: Timeline,
    errors: READ_ERRORS,
  }, async (ctx, input) => ({ data: await readTimeline(ctx, refOf(ctx, input)) }));
}

function addPlayback(api: Api, deps: FunctionDeps): void {
  api.operation({
    operation: "recordings.play",
    method: "post",
    path: "/:recordingId/playback",
    summary: "Gives an address at which a stored file plays for fifteen minutes; it is logged.",
    params: RecordingPath,
    query: InOrg,
    body: PlaybackInput,
    response: Playback,
    errors: [...READ_ERRORS, "recording_not_stored", "not_configured"],
  }, async (ctx, input) => ({
    data: await playRecording(
      ctx,
      () => openStorage(ctx, deps),
      refOf(ctx, input),
      input.body.file,
    ),
  }));
}

function addChanging(api: Api): void {
  api.operation({
    operation: "recordings.retry",
    method: "post",
    path: "/:recordingId/retry",
    summary: "Takes up again what has failed of a recording.",
    params: RecordingPath,
    query: InOrg,
    response: Retried,
    errors: WRITE_ERRORS,
  }, async (ctx, input) => ({ data: await retryRecording(ctx, refOf(ctx, input)) }));

  api.operation({
    operation: "recordings.delete",
    method: "delete",
    path: "/:recordingId",
    summary: "Deletes a recording of the caller's own: meeting, transcript and files.",
    params: RecordingPath,
    query: InOrg,
    response: DeletedRecording,
    errors: WRITE_ERRORS,
  }, async (ctx, input) => {
    const ref = refOf(ctx, input);
    await deleteRecording(ctx, ref);
    return { data: { recording_id: ref.recordingId, deleted: true as const } };
  });
}

function refOf(
  ctx: RequestContext,
  { params, query }: {
    readonly params: z.infer<typeof RecordingPath>;
    readonly query: z.infer<typeof InOrg>;
  },
): RecordingRef {
  return { recordingId: params.recordingId, orgId: query.org_id ?? ctx.orgId };
}

function openStorage(ctx: RequestContext, { readVariable }: FunctionDeps): PlaybackStorage {
  const { clock, fetch, signal } = ctx;
  return createS3Storage({ readVariable, fetch, now: () => clock.now(), signal });
}
