// Uploads in parts arrive whole: combined checksums, and streams through lib-storage.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import {
  type ChecksumAlgorithm,
  type CompletedPart,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { HandUpload, MIB, refusal, RELAXED } from "./hand_upload.ts";
import { patternBytes, startStorage } from "./start_storage.ts";

Deno.test("storage combines checksums of parts, composite and over the full object", async () => {
  await using storage = await startStorage();
  const { client } = storage;
  const body = patternBytes(5 * MIB + 1234);
  const composite = await HandUpload.start(client, "composite", { ChecksumAlgorithm: "CRC32" });
  await composite.part(1, body.subarray(0, 5 * MIB));
  await composite.part(2, body.subarray(5 * MIB));
  const bare = composite.parts.map(({ ETag, PartNumber }) => ({ ETag, PartNumber }));
  // Known to surprise callers: S3 wants the checksum of each part once more.
  assert.equal(await refusal(composite.complete(bare as CompletedPart[])), "400 InvalidRequest");
  assert.match((await composite.complete()).ChecksumCRC32 ?? "", /^.{8}-2$/);
  for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "CRC64NVME"] as const) {
    const field = `Checksum${ChecksumAlgorithm}` as const;
    const single = await client.send(
      new PutObjectCommand({ Bucket: "media", Key: "one", Body: body, ChecksumAlgorithm }),
    );
    const full = storage.connect({ requestChecksumCalculation: "WHEN_REQUIRED" });
    const upload = await HandUpload.start(full, ChecksumAlgorithm, {
      ChecksumAlgorithm,
      ChecksumType: "FULL_OBJECT",
    });
    const parts = [body.subarray(0, 5 * MIB), body.subarray(5 * MIB)];
    const completed: CompletedPart[] = [];
    for (const [index, Body] of parts.entries()) {
      const PartNumber = index + 1;
      const sent = await full.send(
        new UploadPartCommand({ ...upload.target, PartNumber, Body, ChecksumAlgorithm }),
      );
      assert.ok(sent.ETag);
      completed.push({ PartNumber, ETag: sent.ETag });
    }
    const wrong = { [field]: ChecksumAlgorithm === "CRC64NVME" ? "AAAAAAAAAAA=" : "AAAAAA==" };
    assert.equal(await refusal(upload.complete(completed, wrong)), "400 BadDigest");
    const done = await upload.complete(completed, { [field]: single[field] });
    assert.ok(single[field]);
    assert.equal(done[field], single[field], ChecksumAlgorithm);
  }
  const mixed = await HandUpload.start(client, "mixed", {
    ChecksumAlgorithm: "SHA256" satisfies ChecksumAlgorithm,
  });
  assert.equal(await refusal(mixed.part(1, patternBytes(1))), "400 InvalidRequest");
});

Deno.test("storage takes a stream of unknown length from lib-storage and gives it back", async () => {
  await using storage = await startStorage();
  const chunk = patternBytes(MIB);
  async function* source(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 12; i++) yield await Promise.resolve(chunk);
  }
  for (const settings of [{}, RELAXED]) {
    const client = storage.connect(settings);
    const target = { Bucket: "media", Key: "stream" };
    const upload = new Upload({
      client,
      params: { ...target, Body: Readable.from(source()) },
      queueSize: 2,
    });
    await upload.done();
    const read = await client.send(new GetObjectCommand(target));
    const hash = createHash("md5").update(await read.Body?.transformToByteArray() ?? "");
    const expected = createHash("md5");
    for (let i = 0; i < 12; i++) expected.update(chunk);
    assert.equal(hash.digest("hex"), expected.digest("hex"));
  }
});

Deno.test("storage sees lib-storage abort when the source fails", async () => {
  await using storage = await startStorage();
  async function* source(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(patternBytes(6 * MIB));
    throw new Error("The source broke");
  }
  const upload = new Upload({
    client: storage.client,
    params: { Bucket: "media", Key: "broken", Body: Readable.from(source()) },
  });
  await assert.rejects(upload.done());
  await upload.abort();
  const left = await storage.client.send(new ListMultipartUploadsCommand({ Bucket: "media" }));
  assert.deepEqual(left.Uploads ?? [], []);
});
