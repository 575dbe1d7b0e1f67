// Transcriptions that wait for their callback, and posts to these as the transcriber would make them.
import { createHash, randomBytes } from "node:crypto";
import { createRecording } from "./bot_reports.ts";
import type { Actor } from "./rivals.ts";
import type { TestStack } from "./stack.ts";

/** A job that a test may call back about. */
export interface TestTranscription {
  readonly id: string;
  readonly jobId: string;
  readonly token: string;
}

/**
 * Makes a transcription whose job is under way.
 *
 * @param stack The running stack.
 * @param actor Whose recording it is of.
 */
export async function createTranscription(
  stack: TestStack,
  actor: Actor,
): Promise<TestTranscription> {
  const recording = await createRecording(stack, actor);
  const token = randomBytes(32).toString("base64url");
  const jobId = crypto.randomUUID();
  const [row] = await stack.sql<{ id: string }>(
    `insert into private.recording_transcriptions (org_id, recording_id, provider, status, job_id,
       callback_token_hash, submitted_at, next_poll_at)
     values ($1, $2, 'gladia', 'waiting', $3, $4, now(), now() + interval '1 hour') returning id`,
    [recording.orgId, recording.id, jobId, createHash("sha256").update(token).digest("hex")],
  );
  return { id: row?.id ?? "", jobId, token };
}

/**
 * Posts to a callback's address.
 *
 * @param stack The running stack.
 * @param token Its last part.
 * @param body What.
 * @param headers Beside the content type.
 */
export async function postCallback(
  stack: TestStack,
  token: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return await stack.callFunction(`process-gladia-webhook/${token}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
}
