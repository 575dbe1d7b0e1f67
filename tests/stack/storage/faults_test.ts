// Scripted faults: each strikes the calls it is meant for, as often as it says, and no other.
import assert from "node:assert/strict";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { z } from "zod";
import { patternBytes, startStorage } from "./start_storage.ts";

const MIB = 1024 * 1024;
const RELAXED = {
  requestChecksumCalculation: "WHEN_REQUIRED",
  responseChecksumValidation: "WHEN_REQUIRED",
} as const;

Deno.test("storage fails the nth call of an operation with the error asked for", async () => {
  await using storage = await startStorage();
  const { client } = storage;
  const put = (key: string) =>
    client.send(new PutObjectCommand({ Bucket: "media", Key: key, Body: "x" }));
  await storage.control({
    action: "fault",
    do: "slow_down",
    operation: "PutObject",
    key: "a/*",
    nth: 2,
  });
  await put("b/1");
  await put("a/1");
  await assert.rejects(put("a/2"), { name: "SlowDown" });
  await put("a/2");
  await storage.control({ action: "fault", do: "error", code: "InternalError", count: 2 });
  await assert.rejects(put("c"), { name: "InternalError" });
  await assert.rejects(put("c"), { name: "InternalError" });
  await put("c");
});

Deno.test("storage's retried faults are survived by the SDK", async () => {
  await using storage = await startStorage();
  const client = storage.connect({ maxAttempts: 3 });
  await storage.control({ action: "fault", do: "error", code: "ServiceUnavailable", count: 2 });
  await client.send(new PutObjectCommand({ Bucket: "media", Key: "a", Body: "x" }));
  const state = await fetch(`${storage.url}/_control`);
  const { calls } = z.looseObject({ calls: z.record(z.string(), z.number()) })
    .parse(await state.json());
  assert.equal(calls.PutObject, 3);
});

Deno.test("storage fails one part; lib-storage aborts and leaves nothing", async () => {
  await using storage = await startStorage();
  await storage.control({
    action: "fault",
    do: "error",
    code: "InternalError",
    operation: "UploadPart",
    partNumber: 2,
  });
  const upload = new Upload({
    client: storage.connect(RELAXED),
    params: { Bucket: "media", Key: "big", Body: patternBytes(11 * MIB) },
  });
  await assert.rejects(upload.done(), { name: "InternalError" });
  assert.deepEqual(await storage.files(), []);
});

Deno.test("storage cuts uploads and downloads in the middle", async () => {
  await using storage = await startStorage();
  const client = storage.connect(RELAXED);
  const target = { Bucket: "media", Key: "cut" };
  const body = patternBytes(2 * MIB);
  await storage.control({ action: "fault", do: "cut", operation: "PutObject", afterBytes: MIB });
  await assert.rejects(client.send(new PutObjectCommand({ ...target, Body: body })));
  assert.deepEqual(await storage.files(), []);
  await client.send(new PutObjectCommand({ ...target, Body: body }));
  await storage.control({ action: "fault", do: "cut", operation: "GetObject", afterBytes: MIB });
  const broken = await client.send(new GetObjectCommand(target));
  await assert.rejects(broken.Body?.transformToByteArray() ?? Promise.resolve());
  const whole = await client.send(new GetObjectCommand(target));
  assert.deepEqual(await whole.Body?.transformToByteArray(), body);
});

Deno.test("storage loses the answer of a completion; repeating it is safe", async () => {
  await using storage = await startStorage();
  const client = storage.connect(RELAXED);
  const at = { Bucket: "media", Key: "lost" };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(at));
  const target = { ...at, UploadId };
  const { ETag } = await client.send(
    new UploadPartCommand({ ...target, PartNumber: 1, Body: patternBytes(10) }),
  );
  const complete = () =>
    client.send(
      new CompleteMultipartUploadCommand({
        ...target,
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
      }),
    );
  await storage.control({
    action: "fault",
    do: "lose_answer",
    operation: "CompleteMultipartUpload",
  });
  await assert.rejects(complete());
  await client.send(new HeadObjectCommand(at));
  assert.match((await complete()).ETag ?? "", /-1"$/);
  const abort = client.send(new AbortMultipartUploadCommand(target));
  await assert.rejects(abort, { name: "NoSuchUpload" });
});

Deno.test("storage gives wrong tags, corrupt bytes and late answers on demand", async () => {
  await using storage = await startStorage();
  const { client } = storage;
  const target = { Bucket: "media", Key: "odd" };
  const right = await client.send(new PutObjectCommand({ ...target, Body: "content" }));
  await storage.control({ action: "fault", do: "wrong_etag", operation: "HeadObject" });
  const head = () => client.send(new HeadObjectCommand(target));
  assert.notEqual((await head()).ETag, right.ETag);
  assert.equal((await head()).ETag, right.ETag);
  await storage.control({ action: "fault", do: "corrupt", operation: "GetObject" });
  const read = async () =>
    (await client.send(new GetObjectCommand(target))).Body?.transformToString();
  await assert.rejects(read(), /[Cc]hecksum/);
  assert.equal(await read(), "content");
  await storage.control({ action: "fault", do: "delay", ms: 120 });
  const started = performance.now();
  await head();
  assert.ok(performance.now() - started >= 110);
});

Deno.test("storage refuses scripts that make no sense", async () => {
  await using storage = await startStorage();
  const refused = async (document: Readonly<Record<string, unknown>>) =>
    await assert.rejects(storage.control(document), /Cannot script/);
  await refused({ action: "explode" });
  await refused({ action: "fault", do: "explode" });
  await refused({ action: "fault", do: "error", code: "NoSuchError" });
  await refused({ action: "fault", do: "delay", operation: "NoSuchOperation" });
  await refused({ action: "fault", do: "delay", ms: -1 });
  const fromPage = await fetch(`${storage.url}/_control`, {
    method: "POST",
    headers: { origin: "https://evil.example" },
    body: '{"action":"reset"}',
  });
  assert.equal(fromPage.status, 403);
  await storage.control({ action: "fault", do: "delay", ms: 1 });
  await storage.control({ action: "reset" });
});
