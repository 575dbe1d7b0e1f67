// upload-recording-to-s3 and poll-s3-upload-queue on a running stack: woken, polled, woken twice, with
// addresses that have ended and a provider that fails, down to the bytes in the bucket.
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { z } from "zod";
import { createRivals, eventually } from "../support/rivals.ts";
import { testStack } from "../support/stack.ts";
import { openTestStorage } from "../support/stored_recording.ts";

const MEBIBYTE = 1024 * 1024;
const stack = await testStack();
const { rep } = await createRivals(stack);
const bucket = openTestStorage(stack);

const Put = z.object({ id: z.string(), url: z.string() });
const Checksum = z.object({ sha256: z.string() });
const Created = z.object({ data: z.object({ bot_id: z.string() }) });

const artifacts = (order: Record<string, unknown>): Promise<unknown> =>
  stack.controlProviders({ provider: "artifacts", ...order });

interface Recording {
  readonly id: string;
  /** Ids at the artifact host, by file. */
  readonly files: Readonly<Record<string, string>>;
}

/** A recording whose bot has just completed. */
async function recorded(
  sizes: Readonly<Record<string, number>>,
  botId: string = crypto.randomUUID(),
): Promise<Recording> {
  const id = crypto.randomUUID();
  await stack.sql(
    `insert into public.recordings (org_id, id, owner_user_id, storage_user_id, meeting_key, title,
       meeting_url, platform, scheduled_start_at, status, bot_id)
     values ($1, $2, $3, $3, $4, 'Weekly', 'https://meet.google.com/abc-defg-hij', 'meet', now(), 'completed', $5)`,
    [rep.orgId, id, rep.userId, `test:${id}`, botId],
  );
  const files: Record<string, string> = {};
  for (const [kind, bytes] of Object.entries(sizes)) {
    const made = Put.parse(await artifacts({ action: "put", kind, bytes }));
    files[kind] = made.id;
    await stack.sql(
      `insert into private.recording_sources (org_id, recording_id, kind, url, expires_at)
       values ($1, $2, $3, $4, now() + interval '4 hours')
       -- The stack's own sweep may have asked for them already
       on conflict (org_id, recording_id, kind) do update set url = excluded.url, expires_at = excluded.expires_at`,
      [rep.orgId, id, kind, made.url],
    );
  }
  return { id, files };
}

const start = ({ id }: Recording): Promise<unknown> =>
  stack.sql("select private.start_recording_uploads($1, $2)", [rep.orgId, id]);
const call = (name: string): Promise<unknown> =>
  stack.sql("select private.call_function($1)", [name]);

async function stateOf({ id }: Recording): Promise<Record<string, unknown>> {
  const [row] = await stack.sql(
    `select r.s3_upload_status, r.s3_upload_retry_count, r.s3_upload_error, r.s3_upload_is_retryable,
       r.s3_upload_is_terminal, r.s3_video_url, r.s3_audio_url, r.s3_file_size_bytes::int as bytes, r.s3_prefix,
       (select sum(u.invocations)::int from private.recording_uploads as u where u.recording_id = r.id) as invocations
     from public.recordings as r where r.id = $1`,
    [id],
  );
  return row ?? {};
}

async function becomes(recording: Recording, status: string): Promise<Record<string, unknown>> {
  await eventually(
    `the upload is ${status}`,
    async () => (await stateOf(recording))["s3_upload_status"] === status,
    30_000,
  );
  return await stateOf(recording);
}

/** The bytes under an `s3://` address are those of the provider's file. */
async function holdsFile(place: unknown, artifactId: string | undefined): Promise<void> {
  const key = String(place).replace(/^s3:\/\/[^/]+\//, "");
  const stored = await fetch(await bucket.presignGet(key, 60));
  const bytes = new Uint8Array(await stored.arrayBuffer());
  const { sha256 } = Checksum.parse(await artifacts({ action: "checksum", id: artifactId }));
  strictEqual(createHash("sha256").update(bytes).digest("hex"), sha256);
}

Deno.test("U60-111 U60-119 U60-120 U60-121 a finished recording is in the bucket without anybody asking", async () => {
  const recording = await recorded({ video: 12 * MEBIBYTE + 7, audio: MEBIBYTE });
  await start(recording);
  const state = await becomes(recording, "complete");
  strictEqual(state["bytes"], 13 * MEBIBYTE + 7);
  const prefix = `meeting-recordings/${rep.orgId}/${rep.userId}/${recording.id}/`;
  strictEqual(state["s3_prefix"], prefix);
  ok(String(state["s3_video_url"]).endsWith(`/${prefix}video.mp4`));
  ok(String(state["s3_audio_url"]).endsWith(`/${prefix}audio.flac`));
  await holdsFile(state["s3_video_url"], recording.files["video"]);
  await holdsFile(state["s3_audio_url"], recording.files["audio"]);
});

Deno.test("U60-112 U60-115 a wake-up that got lost costs one tick of the poller", async () => {
  const recording = await recorded({ video: MEBIBYTE });
  // Started while nobody could be called
  await stack.sql(
    `with u as (
       insert into private.recording_uploads (org_id, recording_id, kind, object_key)
       select org_id, id, 'video', s3_prefix || 'video.mp4' from public.recordings where id = $1
     )
     update public.recordings set s3_upload_status = 'pending' where id = $1`,
    [recording.id],
  );
  await stack.advanceClock("PT1M");
  await holdsFile((await becomes(recording, "complete"))["s3_video_url"], recording.files["video"]);
});

Deno.test("U60-116 an address that has ended is asked for again and the recording not given up", async () => {
  const url = `${stack.description.providersUrl}/meeting-baas/v2/bots`;
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "x-meeting-baas-api-key": "sim-meetingbaas-key",
      "content-type": "application/json",
    },
    body: JSON.stringify({
      bot_name: "Notetaker",
      meeting_url: `https://meet.google.com/${crypto.randomUUID().slice(0, 8)}`,
    }),
  });
  const { data: { bot_id: botId } } = Created.parse(await response.json());
  await stack.controlProviders({ provider: "meeting_baas", action: "finish", bot_id: botId });
  const recording = await recorded({ video: MEBIBYTE }, botId);
  await stack.sql(
    "update private.recording_sources set expires_at = now() - interval '1 hour' where recording_id = $1",
    [recording.id],
  );
  await start(recording);
  const state = await becomes(recording, "complete");
  // What the bot itself has, not what the dead address led to
  ok(Number(state["bytes"]) > 20 * MEBIBYTE, String(state["bytes"]));
  strictEqual(state["s3_upload_retry_count"], 0);
});

Deno.test("U60-117 U60-118 C-05 C-06 four failures, each visible, then the end; and a person may go on", async () => {
  const recording = await recorded({ video: MEBIBYTE });
  await artifacts({
    action: "fault",
    id: recording.files["video"],
    do: "error",
    status: 503,
    count: 4,
  });
  await start(recording);
  for (let failures = 1; failures <= 4; failures++) {
    await eventually(
      `failure ${failures} is recorded`,
      async () => (await stateOf(recording))["s3_upload_retry_count"] === failures,
    );
    const state = await stateOf(recording);
    deepStrictEqual(
      [
        state["s3_upload_status"],
        state["s3_upload_error"],
        state["s3_upload_is_retryable"],
        state["s3_upload_is_terminal"],
      ],
      ["failed", "source_unavailable", failures < 4, failures === 4],
    );
    await stack.sql(
      "update private.recording_uploads set next_attempt_at = now() where recording_id = $1",
      [recording.id],
    );
    await call("poll-s3-upload-queue");
  }
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  strictEqual((await stateOf(recording))["s3_upload_retry_count"], 4, "no fifth try");
  await stack.sql("select private.retry_recording_upload($1, $2)", [rep.orgId, recording.id]);
  await holdsFile((await becomes(recording, "complete"))["s3_video_url"], recording.files["video"]);
});

Deno.test("U60-112 pollers and workers may run at once: each file is taken once", async () => {
  const recordings = [];
  for (let n = 0; n < 8; n++) recordings.push(await recorded({ video: MEBIBYTE + n }));
  await Promise.all([
    ...recordings.map(start),
    ...Array.from({ length: 4 }, () => call("poll-s3-upload-queue")),
    ...Array.from({ length: 4 }, () => call("upload-recording-to-s3")),
  ]);
  for (const recording of recordings) {
    const state = await becomes(recording, "complete");
    strictEqual(state["invocations"], 1);
    strictEqual((await bucket.measurePrefix(String(state["s3_prefix"]))).objects, 1);
  }
});

Deno.test("U60-120 U60-143 nobody tells a worker what to upload, and strangers tell it nothing", async () => {
  for (const name of ["upload-recording-to-s3", "poll-s3-upload-queue"]) {
    const response = await stack.callFunction(name, {
      method: "POST",
      headers: { authorization: `Bearer ${rep.token}`, "content-type": "application/json" },
      body: "{}",
    });
    strictEqual(response.status, 401, name);
    strictEqual((await response.json()).code, "invalid_signature");
    const [sent] = await stack.sql<{ id: string }>(
      `select private.call_function($1, '{"recording_id": "x", "prefix": "meeting-recordings/"}') as id`,
      [name],
    );
    let answer: Record<string, unknown> | undefined;
    await eventually("the signed call is answered", async () => {
      [answer] = await stack.sql(
        "select status_code, content::jsonb ->> 'code' as code from net._http_response where id = $1",
        [sent?.id],
      );
      return answer !== undefined;
    });
    deepStrictEqual([answer?.["status_code"], answer?.["code"]], [400, "invalid_request"], name);
  }
});
