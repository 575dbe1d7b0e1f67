// Recordings whose files really lie in the running stack's bucket, as if a bot had made them yesterday.
import type { ObjectStorage } from "@shared/recordings/object_storage.ts";
import { formatStoredPlace } from "@shared/recordings/stored_place.ts";
import { DEVELOPMENT_BUCKET } from "../../scripts/stack/function_variables.ts";
import { createS3Storage } from "../../supabase/functions/_shared/providers/s3_storage.ts";
import type { Actor } from "./rivals.ts";
import type { TestStack } from "./stack.ts";

/** A recording of a test. */
export interface StoredRecording {
  readonly id: string;
  readonly orgId: string;
  readonly meetingId: string;
  readonly prefix: string;
  /** Contents of its video. */
  readonly video: Uint8Array;
}

/**
 * Opens the stack's own store, past all functions.
 *
 * @param stack The running stack.
 * @param now The time that addresses are signed at.
 */
export function openTestStorage(
  stack: TestStack,
  now: () => Date = () => new Date(),
): ObjectStorage {
  const { url, accessKeyId, secretAccessKey } = stack.description.storage;
  const variables: Readonly<Record<string, string>> = {
    AWS_REGION: "us-east-1",
    AWS_S3_BUCKET: DEVELOPMENT_BUCKET,
    AWS_S3_ENDPOINT: url,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
  return createS3Storage({
    readVariable: (name) => variables[name],
    fetch,
    now,
    signal: new AbortController().signal,
  });
}

/**
 * Makes a recording with a video that is stored, its meeting linked.
 *
 * @param stack The running stack.
 * @param owner Whose.
 * @param title Its title.
 */
export async function givenStoredRecording(
  stack: TestStack,
  owner: Actor,
  title = "Kickoff",
): Promise<StoredRecording> {
  const id = crypto.randomUUID();
  const prefix = `meeting-recordings/${owner.orgId}/${owner.userId}/${id}/`;
  const video = crypto.getRandomValues(new Uint8Array(50_000));
  await openTestStorage(stack).putObject({
    key: `${prefix}video.mp4`,
    contentType: "video/mp4",
    mark: id,
    bytes: video,
  });
  const place = formatStoredPlace({ bucket: DEVELOPMENT_BUCKET, key: `${prefix}video.mp4` });
  const [meeting] = await stack.sql<{ id: string }>(
    `insert into public.meetings (org_id, owner_user_id, source_type, external_id, title, started_at, video_url)
     values ($1, $2, '60_notetaker', $3, $4, now() - interval '1 day', $5) returning id`,
    [owner.orgId, owner.userId, id, title, place],
  );
  const meetingId = meeting?.id ?? "";
  await stack.sql(
    `insert into public.recordings (org_id, id, owner_user_id, storage_user_id, meeting_key, title, meeting_url,
       platform, scheduled_start_at, scheduled_end_at, status, meeting_id, s3_upload_status,
       s3_video_url, s3_file_size_bytes, transcript_status, thumbnail_status, outcome, settled_at)
     values ($1, $2, $3, $3, $6, $4, 'https://meet.google.com/abc-defg-hij', 'meet',
       now() - interval '1 day', now() - interval '23 hours', 'completed', $5, 'complete', $6, 50000,
       'complete', 'complete', 'complete', now())`,
    [owner.orgId, id, owner.userId, title, meetingId, place],
  );
  await stack.sql(
    `insert into private.recording_uploads (org_id, recording_id, kind, object_key, state, source_bytes,
       bytes_done, parts_done, part_size, invocations, started_at, completed_at)
     values ($1, $2, 'video', $3, 'complete', 50000, 50000, 1, 5242880, 1, now(), now())`,
    [owner.orgId, id, `${prefix}video.mp4`],
  );
  await stack.sql(
    `select private.note_recording_event(r, 'upload', 'stored', '{"file": "video", "bytes": 50000}')
     from public.recordings as r where r.id = $1`,
    [id],
  );
  return { id, orgId: owner.orgId, meetingId, prefix, video };
}
