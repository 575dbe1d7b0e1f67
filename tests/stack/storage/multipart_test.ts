// Uploads in parts through the AWS SDK: order, sizes, abort, listing, copies, repetition.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { HandUpload, MIB, refusal, RELAXED } from "./hand_upload.ts";
import { patternBytes, startStorage } from "./start_storage.ts";

Deno.test("storage joins parts that came in any order, and tags them as S3 does", async () => {
  await using storage = await startStorage();
  const client = storage.connect(RELAXED);
  const body = patternBytes(11 * MIB);
  const pieces = [
    body.subarray(0, 5 * MIB),
    body.subarray(5 * MIB, 10 * MIB),
    body.subarray(10 * MIB),
  ];
  const upload = await HandUpload.start(client, "v.mp4", {
    ContentType: "video/mp4",
    Metadata: { a: "1" },
  });
  for (const index of [2, 0, 1]) await upload.part(index + 1, pieces[index] ?? new Uint8Array());
  await upload.part(2, pieces[1] ?? new Uint8Array());
  const parts = upload.parts.slice(1, 3).concat(upload.parts[0] ?? []);
  const done = await upload.complete(parts);
  const md5s = pieces.map((piece) => createHash("md5").update(piece).digest());
  const etag = `"${createHash("md5").update(Buffer.concat(md5s)).digest("hex")}-3"`;
  assert.equal(done.ETag, etag);
  const at = { Bucket: "media", Key: "v.mp4" };
  const whole = await client.send(new GetObjectCommand(at));
  assert.equal(whole.ContentType, "video/mp4");
  assert.deepEqual(whole.Metadata, { a: "1" });
  assert.deepEqual(await whole.Body?.transformToByteArray(), body);
  const start = 5 * MIB - 3;
  const across = await client.send(
    new GetObjectCommand({ ...at, Range: `bytes=${start}-${start + 5 * MIB + 9}` }),
  );
  assert.deepEqual(
    await across.Body?.transformToByteArray(),
    body.subarray(start, start + 5 * MIB + 10),
  );
  const second = await client.send(new HeadObjectCommand({ ...at, PartNumber: 2 }));
  assert.equal(second.ContentLength, 5 * MIB);
  assert.equal(second.PartsCount, 3);
  assert.equal((await upload.complete(parts)).ETag, etag);
  assert.equal((await storage.files()).length, 4);
});

Deno.test("storage refuses parts too small, out of order, unknown or altered", async () => {
  await using storage = await startStorage();
  const client = storage.connect(RELAXED);
  const upload = await HandUpload.start(client, "p");
  // 5 MB are not 5 MiB: the one size that everybody gets wrong.
  const small = await upload.part(1, patternBytes(5_000_000));
  const last = await upload.part(2, patternBytes(10));
  assert.equal(await refusal(upload.complete()), "400 EntityTooSmall");
  const big = await upload.part(1, patternBytes(5 * MIB));
  assert.equal(await refusal(upload.complete([last, big])), "400 InvalidPartOrder");
  assert.equal(await refusal(upload.complete([small, last])), "400 InvalidPart");
  assert.equal(
    await refusal(upload.complete([big, { ...last, PartNumber: 3 }])),
    "400 InvalidPart",
  );
  assert.equal(await refusal(upload.complete([])), "400 MalformedXML");
  assert.equal(await refusal(upload.part(0, patternBytes(1))), "400 InvalidArgument");
  assert.equal(await refusal(upload.part(10_001, patternBytes(1))), "400 InvalidArgument");
  assert.equal(
    await refusal(upload.complete([big, last], { MpuObjectSize: 5 })),
    "400 InvalidRequest",
  );
  await upload.complete([big, last], { MpuObjectSize: 5 * MIB + 10 });
});

Deno.test("storage aborts without a trace, also while parts are still coming in", async () => {
  await using storage = await startStorage();
  const client = storage.connect(RELAXED);
  const upload = await HandUpload.start(client, "gone");
  await upload.part(1, patternBytes(5 * MIB));
  const racing = Promise.allSettled([2, 3, 4].map((n) => upload.part(n, patternBytes(5 * MIB))));
  await upload.abort();
  await racing;
  assert.deepEqual(await storage.files(), []);
  assert.equal(await refusal(upload.part(1, patternBytes(1))), "404 NoSuchUpload");
  assert.equal(await refusal(upload.complete()), "404 NoSuchUpload");
  assert.equal(await refusal(upload.abort()), "404 NoSuchUpload");
});

Deno.test("storage lists parts and uploads page by page, for those who resume or sweep", async () => {
  await using storage = await startStorage();
  const client = storage.connect(RELAXED);
  const upload = await HandUpload.start(client, "a/1");
  for (const number of [3, 1, 2]) await upload.part(number, patternBytes(number));
  const first = await client.send(new ListPartsCommand({ ...upload.target, MaxParts: 2 }));
  assert.deepEqual(first.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size]), [[1, 1], [
    2,
    2,
  ]]);
  assert.equal(first.IsTruncated, true);
  assert.ok(first.NextPartNumberMarker);
  const second = await client.send(
    new ListPartsCommand({ ...upload.target, PartNumberMarker: first.NextPartNumberMarker }),
  );
  assert.deepEqual(second.Parts?.map(({ PartNumber }) => PartNumber), [3]);
  await HandUpload.start(client, "a/1");
  await HandUpload.start(client, "b");
  const list = (more: Record<string, unknown>) =>
    client.send(new ListMultipartUploadsCommand({ Bucket: "media", ...more }));
  assert.deepEqual((await list({})).Uploads?.map(({ Key }) => Key), ["a/1", "a/1", "b"]);
  const page = await list({ MaxUploads: 1 });
  assert.equal(page.IsTruncated, true);
  const rest = await list({
    KeyMarker: page.NextKeyMarker,
    UploadIdMarker: page.NextUploadIdMarker,
  });
  assert.deepEqual(rest.Uploads?.map(({ Key }) => Key), ["a/1", "b"]);
  const grouped = await list({ Delimiter: "/" });
  assert.deepEqual(grouped.CommonPrefixes?.map(({ Prefix }) => Prefix), ["a/"]);
  await storage.restart();
  assert.equal((await list({})).Uploads?.length, 3);
  const kept = await client.send(new ListPartsCommand(upload.target));
  assert.equal(kept.Parts?.length, 3);
});

Deno.test("storage copies ranges of an object into parts", async () => {
  await using storage = await startStorage();
  const client = storage.connect(RELAXED);
  const body = patternBytes(6 * MIB);
  await client.send(new PutObjectCommand({ Bucket: "media", Key: "from", Body: body }));
  const upload = await HandUpload.start(client, "to");
  const copy = async (PartNumber: number, CopySourceRange: string) => {
    const { CopyPartResult } = await client.send(
      new UploadPartCopyCommand({
        ...upload.target,
        PartNumber,
        CopySource: "media/from",
        CopySourceRange,
      }),
    );
    upload.parts.push({ PartNumber, ETag: CopyPartResult?.ETag });
  };
  await copy(1, `bytes=0-${5 * MIB - 1}`);
  await copy(2, `bytes=${5 * MIB}-${6 * MIB - 1}`);
  assert.equal(await refusal(copy(3, `bytes=0-${6 * MIB}`)), "400 InvalidArgument");
  await upload.complete();
  const read = await client.send(new GetObjectCommand({ Bucket: "media", Key: "to" }));
  assert.deepEqual(await read.Body?.transformToByteArray(), body);
});

Deno.test("storage completes conditionally, and a refused completion keeps the upload", async () => {
  await using storage = await startStorage();
  const client = storage.connect(RELAXED);
  const uploads = await Promise.all([1, 2, 3].map(() => HandUpload.start(client, "once")));
  for (const upload of uploads) await upload.part(1, patternBytes(100));
  const outcomes = await Promise.allSettled(
    uploads.map((upload) => upload.complete(upload.parts, { IfNoneMatch: "*" })),
  );
  assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
  const left = await client.send(new ListMultipartUploadsCommand({ Bucket: "media" }));
  assert.equal(left.Uploads?.length, 2);
});
