// Buckets and objects through the AWS SDK: what is written is what is read, and refusals are S3's.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { patternBytes, startStorage } from "./start_storage.ts";

async function put(
  client: S3Client,
  key: string,
  body: string | Uint8Array,
  more: Partial<PutObjectCommandInput> = {},
) {
  return await client.send(
    new PutObjectCommand({ Bucket: "media", Key: key, Body: body, ...more }),
  );
}

/** Runs a call that must be refused, and gives the code and the status. */
async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (cause) {
    if (cause instanceof S3ServiceException) {
      return `${cause.$metadata.httpStatusCode} ${cause.name}`;
    }
    throw cause;
  }
  assert.fail("The call was accepted");
}

Deno.test("storage makes, finds, lists and deletes buckets", async () => {
  await using storage = await startStorage();
  const { client } = storage;
  await client.send(new CreateBucketCommand({ Bucket: "recordings" }));
  await client.send(new CreateBucketCommand({ Bucket: "recordings" }));
  const list = await client.send(new ListBucketsCommand({}));
  assert.deepEqual(list.Buckets?.map(({ Name }) => Name), ["media", "recordings"]);
  const head = await client.send(new HeadBucketCommand({ Bucket: "recordings" }));
  assert.equal(head.BucketRegion, "us-east-1");
  await client.send(new GetBucketLocationCommand({ Bucket: "recordings" }));
  await client.send(new PutObjectCommand({ Bucket: "recordings", Key: "a", Body: "x" }));
  const remove = () => client.send(new DeleteBucketCommand({ Bucket: "recordings" }));
  assert.equal(await refusal(remove()), "409 BucketNotEmpty");
  await client.send(new DeleteObjectCommand({ Bucket: "recordings", Key: "a" }));
  await remove();
  assert.equal(await refusal(remove()), "404 NoSuchBucket");
  assert.equal(
    await refusal(client.send(new HeadBucketCommand({ Bucket: "recordings" }))),
    "404 NotFound",
  );
  assert.equal(
    await refusal(client.send(new CreateBucketCommand({ Bucket: "Not_A_Bucket" }))),
    "400 InvalidBucketName",
  );
});

Deno.test("storage gives back bytes, headers, metadata, checksum and entity tag", async () => {
  await using storage = await startStorage();
  const { client } = storage;
  const body = patternBytes(300_000);
  const stored = await put(client, "calls/Ä b+c (1)'*!.bin", body, {
    ContentType: "video/mp4",
    CacheControl: "max-age=60",
    ContentDisposition: 'attachment; filename="a.mp4"',
    Metadata: { org: "acme", note: "two words" },
  });
  assert.equal(stored.ETag, `"${createHash("md5").update(body).digest("hex")}"`);
  assert.ok(stored.ChecksumCRC32);
  const target = { Bucket: "media", Key: "calls/Ä b+c (1)'*!.bin" };
  const read = await client.send(new GetObjectCommand({ ...target, ChecksumMode: "ENABLED" }));
  assert.deepEqual(await read.Body?.transformToByteArray(), body);
  assert.equal(read.ContentType, "video/mp4");
  assert.equal(read.CacheControl, "max-age=60");
  assert.equal(read.ContentDisposition, 'attachment; filename="a.mp4"');
  assert.deepEqual(read.Metadata, { org: "acme", note: "two words" });
  assert.equal(read.ChecksumCRC32, stored.ChecksumCRC32);
  const head = await client.send(new HeadObjectCommand(target));
  assert.equal(head.ContentLength, body.length);
  assert.equal(head.ETag, stored.ETag);
  assert.ok(head.LastModified && Math.abs(head.LastModified.getTime() - Date.now()) < 10_000);
});

Deno.test("storage verifies every checksum algorithm and refuses a wrong one", async () => {
  await using storage = await startStorage();
  const { client } = storage;
  const expected = {
    CRC32: "y/Q5Jg==",
    CRC32C: "4waSgw==",
    CRC64NVME: "rosUhgp5mIg=",
    SHA1: createHash("sha1").update("123456789").digest("base64"),
    SHA256: createHash("sha256").update("123456789").digest("base64"),
  } as const;
  for (const algorithm of ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const) {
    const field = `Checksum${algorithm}` as const;
    const value = expected[algorithm];
    await put(client, algorithm, "123456789", { [field]: value });
    const head = await client.send(
      new HeadObjectCommand({ Bucket: "media", Key: algorithm, ChecksumMode: "ENABLED" }),
    );
    assert.equal(head[field], value, algorithm);
    assert.equal(
      await refusal(put(client, "wrong", "12345678x", { [field]: value })),
      "400 BadDigest",
      algorithm,
    );
  }
  assert.equal(
    await refusal(client.send(new HeadObjectCommand({ Bucket: "media", Key: "wrong" }))),
    "404 NotFound",
  );
});

Deno.test("storage holds a body against Content-MD5", async () => {
  await using storage = await startStorage();
  const md5 = createHash("md5").update("right").digest("base64");
  await put(storage.client, "a", "right", { ContentMD5: md5 });
  assert.equal(
    await refusal(put(storage.client, "b", "wrong", { ContentMD5: md5 })),
    "400 BadDigest",
  );
  assert.equal(
    await refusal(put(storage.client, "b", "wrong", { ContentMD5: "nonsense" })),
    "400 InvalidDigest",
  );
});

Deno.test("storage serves ranges, and refuses those that hold no byte", async () => {
  await using storage = await startStorage();
  const { client } = storage;
  await put(client, "r", "0123456789");
  const read = async (range: string): Promise<string> => {
    const got = await client.send(
      new GetObjectCommand({ Bucket: "media", Key: "r", Range: range }),
    );
    return `${got.$metadata.httpStatusCode} ${got.ContentRange ?? "-"} ${await got.Body
      ?.transformToString()}`;
  };
  assert.equal(await read("bytes=0-3"), "206 bytes 0-3/10 0123");
  assert.equal(await read("bytes=7-"), "206 bytes 7-9/10 789");
  assert.equal(await read("bytes=-2"), "206 bytes 8-9/10 89");
  assert.equal(await read("bytes=5-100"), "206 bytes 5-9/10 56789");
  assert.equal(await read("bytes=-100"), "206 bytes 0-9/10 0123456789");
  assert.equal(await read("bytes=4-2"), "200 - 0123456789");
  assert.equal(await read("bytes=0-1,3-4"), "200 - 0123456789");
  assert.equal(await refusal(read("bytes=10-")), "416 InvalidRange");
  assert.equal(await refusal(read("bytes=-0")), "416 InvalidRange");
});

Deno.test("storage honours conditions of reads and overrides of response headers", async () => {
  await using storage = await startStorage();
  const { client } = storage;
  const { ETag } = await put(client, "c", "content");
  const get = async (more: Record<string, unknown>) => {
    const read = await client.send(new GetObjectCommand({ Bucket: "media", Key: "c", ...more }));
    assert.equal(await read.Body?.transformToString(), "content");
    return read;
  };
  const past = new Date(Date.now() - 3_600_000);
  const future = new Date(Date.now() + 3_600_000);
  assert.equal((await get({ IfMatch: ETag })).ETag, ETag);
  assert.equal(await refusal(get({ IfMatch: '"0"' })), "412 PreconditionFailed");
  assert.match(await refusal(get({ IfNoneMatch: ETag })), /^304/);
  assert.equal((await get({ IfNoneMatch: '"0"' })).ETag, ETag);
  assert.match(await refusal(get({ IfModifiedSince: future })), /^304/);
  assert.equal((await get({ IfModifiedSince: past })).ETag, ETag);
  assert.equal(await refusal(get({ IfUnmodifiedSince: past })), "412 PreconditionFailed");
  assert.equal((await get({ IfMatch: ETag, IfUnmodifiedSince: past })).ETag, ETag);
  const read = await get({
    ResponseContentType: "text/plain",
    ResponseContentDisposition: "inline",
    ResponseCacheControl: "no-store",
  });
  assert.equal(read.ContentType, "text/plain");
  assert.equal(read.ContentDisposition, "inline");
  assert.equal(read.CacheControl, "no-store");
});

Deno.test("storage writes conditionally: of many creators of one key one wins", async () => {
  await using storage = await startStorage();
  const { client } = storage;
  const outcomes = await Promise.allSettled(
    Array.from({ length: 12 }, (_, i) => put(client, "once", `body ${i}`, { IfNoneMatch: "*" })),
  );
  assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
  assert.equal((await storage.files()).length, 2);
  const { ETag } = await client.send(new HeadObjectCommand({ Bucket: "media", Key: "once" }));
  assert.ok(ETag);
  await put(client, "once", "next", { IfMatch: ETag });
  assert.equal(
    await refusal(put(client, "once", "late", { IfMatch: ETag })),
    "412 PreconditionFailed",
  );
  assert.equal(await refusal(put(client, "none", "x", { IfMatch: ETag })), "404 NoSuchKey");
});

Deno.test("storage copies objects, with their metadata or with other", async () => {
  await using storage = await startStorage();
  const { client } = storage;
  const { ETag } = await put(client, "from/a b", "content", {
    ContentType: "text/plain",
    Metadata: { a: "1" },
  });
  const copy = (key: string, more: Record<string, unknown> = {}) =>
    client.send(
      new CopyObjectCommand({ Bucket: "media", Key: key, CopySource: "media/from/a%20b", ...more }),
    );
  const copied = await copy("to");
  assert.equal(copied.CopyObjectResult?.ETag, ETag);
  const read = await client.send(new GetObjectCommand({ Bucket: "media", Key: "to" }));
  assert.equal(await read.Body?.transformToString(), "content");
  assert.deepEqual(read.Metadata, { a: "1" });
  await copy("to", { MetadataDirective: "REPLACE", Metadata: { b: "2" } });
  const head = await client.send(new HeadObjectCommand({ Bucket: "media", Key: "to" }));
  assert.deepEqual(head.Metadata, { b: "2" });
  assert.equal(await refusal(copy("from/a b")), "400 InvalidRequest");
  assert.equal(await refusal(copy("x", { CopySourceIfMatch: '"0"' })), "412 PreconditionFailed");
  assert.equal(await refusal(copy("x", { CopySource: "media/nothing" })), "404 NoSuchKey");
  assert.equal(await refusal(copy("x", { CopySource: "nonsense" })), "400 InvalidArgument");
});

Deno.test("storage deletes one and many, and deleting nothing is fine", async () => {
  await using storage = await startStorage();
  const { client } = storage;
  for (const key of ["a", "b", "<c> & \r\n"]) await put(client, key, key);
  await client.send(new DeleteObjectCommand({ Bucket: "media", Key: "a" }));
  await client.send(new DeleteObjectCommand({ Bucket: "media", Key: "a" }));
  const gone = await client.send(
    new DeleteObjectsCommand({
      Bucket: "media",
      Delete: { Objects: [{ Key: "b" }, { Key: "<c> & \r\n" }, { Key: "never" }] },
    }),
  );
  assert.deepEqual(gone.Deleted?.map(({ Key }) => Key), ["b", "<c> & \r\n", "never"]);
  assert.deepEqual(await storage.files(), []);
  assert.equal(
    await refusal(client.send(new GetObjectCommand({ Bucket: "media", Key: "b" }))),
    "404 NoSuchKey",
  );
});

Deno.test("storage refuses what it does not implement and keys that are too long", async () => {
  await using storage = await startStorage();
  assert.equal(await refusal(put(storage.client, "k".repeat(1025), "x")), "400 KeyTooLongError");
  assert.equal(
    await refusal(put(storage.client, "k", "x", { Metadata: { a: "m".repeat(2048) } })),
    "400 MetadataTooLarge",
  );
  assert.equal(
    await refusal(
      storage.client.send(
        new GetObjectCommand({ Bucket: "media", Key: "k", VersionId: "v1" }),
      ),
    ),
    "501 NotImplemented",
  );
});
