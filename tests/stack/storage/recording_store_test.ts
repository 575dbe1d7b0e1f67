// The product's own client of the store, against the stack's S3 server.
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import type { ObjectStorage } from "../../../shared/recordings/object_storage.ts";
import { createS3Storage } from "../../../supabase/functions/_shared/providers/s3_storage.ts";
import { CREDENTIALS, patternBytes as bytesOf, startStorage } from "./start_storage.ts";
import type { StorageUnderTest } from "./start_storage.ts";

const PREFIX = "meeting-recordings/0/1/2/";
const KEY = `${PREFIX}video.mp4`;
const PART_BYTES = 5 * 1024 * 1024;

interface Rig extends AsyncDisposable {
  readonly server: StorageUnderTest;
  readonly store: ObjectStorage;
}

async function rig(): Promise<Rig> {
  const server = await startStorage();
  const variables: Readonly<Record<string, string>> = {
    AWS_REGION: "us-east-1",
    AWS_S3_BUCKET: "media",
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_S3_ENDPOINT: server.url,
  };
  const store = createS3Storage({
    readVariable: (name) => variables[name],
    fetch,
    now: () => new Date(),
    signal: new AbortController().signal,
    wait: () => Promise.resolve(),
  });
  return { server, store, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

Deno.test("V-07 R-15 an upload in parts is listed, completed and read back, byte by byte", async () => {
  await using r = await rig();
  const parts = [bytesOf(PART_BYTES, 1), bytesOf(PART_BYTES, 2), bytesOf(77, 3)];
  const whole = new Uint8Array(parts.flatMap((part) => [...part]));
  const upload = { key: KEY, contentType: "video/mp4", mark: "attempt-1" };
  const uploadId = await r.store.createMultipart(upload);
  const sent = [];
  for (const [index, bytes] of parts.entries()) {
    sent.push(await r.store.uploadPart({ key: KEY, uploadId, number: index + 1, bytes }));
  }
  deepStrictEqual(await r.store.listParts(KEY, uploadId, 0), sent);
  deepStrictEqual(await r.store.listParts(KEY, uploadId, 2), sent.slice(2));
  deepStrictEqual((await r.store.listMultiparts(PREFIX, null)).uploads.map((u) => u.uploadId), [
    uploadId,
  ]);
  const etag = await r.store.completeMultipart(KEY, uploadId, sent, whole.byteLength);
  deepStrictEqual(await r.store.headObject(KEY), {
    bytes: whole.byteLength,
    etag,
    mark: "attempt-1",
  });
  const answer = await fetch(await r.store.presignGet(KEY, 60));
  strictEqual(answer.headers.get("content-type"), "video/mp4");
  strictEqual(await sha256(new Uint8Array(await answer.arrayBuffer())), await sha256(whole));
  deepStrictEqual(await r.store.measurePrefix(PREFIX), { objects: 1, bytes: whole.byteLength });
});

Deno.test("V-07 a total that is not the source's is refused by the store itself", async () => {
  await using r = await rig();
  const uploadId = await r.store.createMultipart({ key: KEY, contentType: "video/mp4", mark: "m" });
  const part = await r.store.uploadPart({ key: KEY, uploadId, number: 1, bytes: bytesOf(9, 1) });
  await rejects(r.store.completeMultipart(KEY, uploadId, [part], 10), { failure: "rejected" });
  const other = { ...part, checksum: "AAAAAA==" };
  await rejects(r.store.completeMultipart(KEY, uploadId, [other], 9), { failure: "invalid_parts" });
  await r.store.completeMultipart(KEY, uploadId, [part], 9);
});

Deno.test("an upload that is gone says so; aborting it again does no harm", async () => {
  await using r = await rig();
  const uploadId = await r.store.createMultipart({ key: KEY, contentType: "video/mp4", mark: "m" });
  await r.store.abortMultipart(KEY, uploadId);
  await r.store.abortMultipart(KEY, uploadId);
  await rejects(r.store.uploadPart({ key: KEY, uploadId, number: 1, bytes: bytesOf(9, 1) }), {
    failure: "no_such_upload",
    code: "storage_no_such_upload",
  });
  deepStrictEqual((await r.store.listMultiparts(PREFIX, null)).uploads, []);
});

Deno.test("what fails for a moment is sent again, what is refused is not", async () => {
  await using r = await rig();
  const put = (): Promise<string> =>
    r.store.putObject({ key: KEY, contentType: "audio/flac", mark: "m", bytes: bytesOf(9, 1) });
  const fault = (fault: Record<string, unknown>): Promise<void> =>
    r.server.control({ action: "fault", operation: "PutObject", ...fault });
  await fault({ do: "slow_down", count: 2 });
  await put();
  await fault({ do: "error", code: "InternalError", count: 3 });
  await rejects(put(), { failure: "unavailable", status: 500 });
  await fault({ do: "error", code: "AccessDenied" });
  await rejects(put(), { failure: "denied", status: 403 });
  await fault({ do: "lose_answer" });
  await put();
});

Deno.test("an upload is not begun twice when the first answer was lost", async () => {
  await using r = await rig();
  await r.server.control({
    action: "fault",
    operation: "CreateMultipartUpload",
    do: "lose_answer",
  });
  const begin = r.store.createMultipart({ key: KEY, contentType: "video/mp4", mark: "m" });
  await rejects(begin, { name: "ObjectStorageError" });
  ok((await r.store.listMultiparts(PREFIX, null)).uploads.length <= 1);
});

Deno.test("a prefix is emptied of objects and open uploads, and no other is touched", async () => {
  await using r = await rig();
  const put = (key: string): Promise<string> =>
    r.store.putObject({ key, contentType: "audio/flac", mark: "m", bytes: bytesOf(9, 1) });
  for (let n = 0; n < 3; n++) await put(`${PREFIX}${n}`);
  await put("meeting-recordings/0/1/20/audio.flac");
  await r.store.createMultipart({ key: KEY, contentType: "video/mp4", mark: "m" });
  strictEqual(await r.store.deletePrefix(PREFIX), 3);
  deepStrictEqual(await r.store.measurePrefix("meeting-recordings/"), { objects: 1, bytes: 9 });
  deepStrictEqual((await r.store.listMultiparts("", null)).uploads, []);
  await rejects(r.store.deletePrefix("meeting-recordings/0"), RangeError);
});

Deno.test("U60-141 without its settings there is no store", () => {
  let message = "";
  try {
    createS3Storage({
      readVariable: (name) => name === "AWS_REGION" ? "us-east-1" : undefined,
      fetch,
      now: () => new Date(),
      signal: new AbortController().signal,
    });
  } catch (error) {
    message = String(error);
  }
  strictEqual(
    message,
    "EnvironmentError: AWS_S3_BUCKET is not set; AWS_ACCESS_KEY_ID is not set; AWS_SECRET_ACCESS_KEY is not set",
  );
});
