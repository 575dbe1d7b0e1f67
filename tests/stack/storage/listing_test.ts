// ListObjectsV2 and ListObjects: prefixes, delimiters, pages, and the order of UTF-8 bytes.
import assert from "node:assert/strict";
import {
  ListObjectsCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { startStorage } from "./start_storage.ts";

async function fill(client: S3Client, keys: readonly string[]): Promise<void> {
  await Promise.all(
    keys.map((key) => client.send(new PutObjectCommand({ Bucket: "media", Key: key, Body: "x" }))),
  );
}

Deno.test("storage lists keys in the order of their UTF-8 bytes", async () => {
  await using storage = await startStorage();
  const keys = ["Z", "a", "a/b", "a!", "é", "\uffee", "\u{1f600}"];
  await fill(storage.client, [...keys].reverse());
  const list = await storage.client.send(new ListObjectsV2Command({ Bucket: "media" }));
  const listed = list.Contents?.map(({ Key }) => Key ?? "");
  const expected = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  assert.deepEqual(listed, expected);
  assert.equal(list.KeyCount, keys.length);
  assert.equal(list.IsTruncated, false);
});

Deno.test("storage rolls keys up by delimiter, and pages count groups as one", async () => {
  await using storage = await startStorage();
  const { client } = storage;
  await fill(client, ["a/1", "a/2", "b/1", "b/c/2", "top", "zebra/1"]);
  const list = await client.send(new ListObjectsV2Command({ Bucket: "media", Delimiter: "/" }));
  assert.deepEqual(list.CommonPrefixes?.map(({ Prefix }) => Prefix), ["a/", "b/", "zebra/"]);
  assert.deepEqual(list.Contents?.map(({ Key }) => Key), ["top"]);
  const inner = await client.send(
    new ListObjectsV2Command({ Bucket: "media", Delimiter: "/", Prefix: "b/" }),
  );
  assert.deepEqual(inner.CommonPrefixes?.map(({ Prefix }) => Prefix), ["b/c/"]);
  assert.deepEqual(inner.Contents?.map(({ Key }) => Key), ["b/1"]);
  const seen: string[] = [];
  const pages = paginateListObjectsV2({ client, pageSize: 1 }, { Bucket: "media", Delimiter: "/" });
  for await (const page of pages) {
    assert.ok((page.KeyCount ?? 0) <= 1);
    for (const { Prefix } of page.CommonPrefixes ?? []) seen.push(Prefix ?? "");
    for (const { Key } of page.Contents ?? []) seen.push(Key ?? "");
  }
  assert.deepEqual(seen, ["a/", "b/", "top", "zebra/"]);
});

Deno.test("storage continues pages by token, start-after and marker", async () => {
  await using storage = await startStorage();
  const { client } = storage;
  const keys = Array.from({ length: 25 }, (_, i) => `k/${String(i).padStart(2, "0")}`);
  await fill(client, keys);
  const seen: string[] = [];
  for await (const page of paginateListObjectsV2({ client, pageSize: 10 }, { Bucket: "media" })) {
    seen.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ""));
  }
  assert.deepEqual(seen, keys);
  const after = await client.send(
    new ListObjectsV2Command({ Bucket: "media", StartAfter: "k/22", FetchOwner: true }),
  );
  assert.deepEqual(after.Contents?.map(({ Key }) => Key), ["k/23", "k/24"]);
  assert.ok(after.Contents?.[0]?.Owner);
  const older = await client.send(
    new ListObjectsCommand({ Bucket: "media", Marker: "k/19", MaxKeys: 3 }),
  );
  assert.deepEqual(older.Contents?.map(({ Key }) => Key), ["k/20", "k/21", "k/22"]);
  assert.equal(older.IsTruncated, true);
  const none = await client.send(new ListObjectsV2Command({ Bucket: "media", MaxKeys: 0 }));
  assert.equal(none.IsTruncated, false);
  const bad = client.send(new ListObjectsV2Command({ Bucket: "media", ContinuationToken: "?" }));
  await assert.rejects(bad, { name: "InvalidArgument" });
  const encoded = await client.send(
    new ListObjectsV2Command({ Bucket: "media", Prefix: "k/00", EncodingType: "url" }),
  );
  assert.equal(encoded.EncodingType, "url");
});
