// Bodies in `aws-chunked` framing: signed chunk by chunk or not, with trailers or without.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { Readable } from "node:stream";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { patternBytes, startStorage, type StorageUnderTest } from "./start_storage.ts";
import { plainChunks, signedChunks, type SignedRequest, signRequest } from "./sign_request.ts";

const CHUNKS = [patternBytes(65_536, 1), patternBytes(65_536, 2), patternBytes(1_000, 3)];
const WHOLE = new Uint8Array(CHUNKS.flatMap((chunk) => [...chunk]));
const SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
const SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
const UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

function checksumOf(bytes: Uint8Array): string {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(crc32(bytes));
  return buffer.toString("base64");
}

function seed(
  storage: StorageUnderTest,
  payloadHash: string,
  headers: Readonly<Record<string, string>> = {},
): SignedRequest {
  return signRequest({
    method: "PUT",
    url: `${storage.url}/media/chunked`,
    payloadHash,
    headers: {
      "content-encoding": "aws-chunked",
      "x-amz-decoded-content-length": String(WHOLE.length),
      ...headers,
    },
  });
}

async function send(request: SignedRequest, body: Uint8Array<ArrayBuffer>): Promise<string> {
  const answer = await fetch(request.url, { method: "PUT", headers: request.headers, body });
  const text = await answer.text();
  return answer.ok ? "200" : `${answer.status} ${/<Code>(\w+)/.exec(text)?.[1]}`;
}

async function assertStored(storage: StorageUnderTest): Promise<void> {
  const read = await storage.client.send(new GetObjectCommand({ Bucket: "media", Key: "chunked" }));
  assert.deepEqual(await read.Body?.transformToByteArray(), WHOLE);
  assert.equal(read.ETag, `"${createHash("md5").update(WHOLE).digest("hex")}"`);
  assert.equal(read.ContentEncoding, undefined);
}

/** Changes one byte, or cuts a piece out. */
function tamper(body: Uint8Array<ArrayBuffer>, at: number): Uint8Array<ArrayBuffer> {
  const changed = body.slice();
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}

Deno.test("storage verifies signed chunks and refuses every altered one", async () => {
  await using storage = await startStorage();
  const request = seed(storage, SIGNED);
  const body = signedChunks(request, CHUNKS);
  const second = 65_536 + 100;
  const text = (bytes: Uint8Array) => new TextDecoder("latin1").decode(bytes);
  const header = text(body).indexOf("chunk-signature=", second);
  const swapped = signedChunks(
    request,
    [CHUNKS[1], CHUNKS[0], CHUNKS[2]].filter((c) => c !== undefined),
  );
  const mutations: ReadonlyArray<readonly [string, Uint8Array<ArrayBuffer>, RegExp]> = [
    ["a byte of the first chunk", tamper(body, 200), /403 SignatureDoesNotMatch/],
    ["a byte of the second chunk", tamper(body, second + 500), /403 SignatureDoesNotMatch/],
    ["a chunk's signature", tamper(body, header + 20), /403 Sig|400 Incomplete/],
    ["chunks in another order", splice(body, swapped), /403 SignatureDoesNotMatch/],
    ["the end missing", body.slice(0, -90), /400 IncompleteBody/],
    ["cut in a chunk", body.slice(0, 70_000), /400 IncompleteBody/],
    ["bytes after the end", concat(body, new Uint8Array([65])), /400 (Incomplete|Malformed)/],
    ["no signatures", plainChunks(CHUNKS), /403 SignatureDoesNotMatch/],
    ["no framing", WHOLE.slice(), /400 IncompleteBody/],
    [
      "a trailer that nobody announced",
      signedChunks(request, CHUNKS, { "x-amz-meta-a": "1" }),
      /400 MalformedTrailerError/,
    ],
  ];
  for (const [name, bytes, expected] of mutations) {
    assert.match(await send(request, bytes), expected, name);
  }
  assert.deepEqual(await storage.files(), []);
  assert.equal(await send(request, body), "200");
  await assertStored(storage);
});

/** The first chunk's frame of one body before the other's data: a replay in another place. */
function splice(
  body: Uint8Array<ArrayBuffer>,
  other: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const frame = body.indexOf(10) + 1;
  return concat(body.slice(0, frame), other.slice(frame));
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}

Deno.test("storage refuses short chunks in the middle and wrong declared lengths", async () => {
  await using storage = await startStorage();
  const short = [patternBytes(100), patternBytes(WHOLE.length - 100)];
  const request = seed(storage, SIGNED);
  assert.equal(await send(request, signedChunks(request, short)), "403 InvalidChunkSizeError");
  for (const length of [WHOLE.length - 1, WHOLE.length + 1]) {
    const lying = seed(storage, SIGNED, { "x-amz-decoded-content-length": String(length) });
    assert.equal(await send(lying, signedChunks(lying, CHUNKS)), "400 IncompleteBody");
  }
  assert.deepEqual(await storage.files(), []);
  assert.equal(await send(request, signedChunks(request, CHUNKS)), "200");
});

Deno.test("storage holds bodies against the checksum in their trailer", async () => {
  await using storage = await startStorage();
  const name = "x-amz-checksum-crc32";
  const right = { [name]: checksumOf(WHOLE) };
  const wrong = { [name]: checksumOf(new Uint8Array(1)) };
  const announced = { "x-amz-trailer": name, "x-amz-sdk-checksum-algorithm": "CRC32" };
  const signed = seed(storage, SIGNED_TRAILER, announced);
  assert.equal(await send(signed, signedChunks(signed, CHUNKS, wrong)), "400 BadDigest");
  const forged = signedChunks(signed, CHUNKS, right);
  const text = new TextDecoder("latin1").decode(forged);
  const at = text.indexOf("x-amz-trailer-signature:") + 30;
  assert.equal(await send(signed, tamper(forged, at)), "403 SignatureDoesNotMatch");
  assert.equal(await send(signed, signedChunks(signed, CHUNKS)), "403 SignatureDoesNotMatch");
  assert.equal(await send(signed, signedChunks(signed, CHUNKS, right)), "200");
  await assertStored(storage);
  const unsigned = seed(storage, UNSIGNED_TRAILER, announced);
  assert.equal(await send(unsigned, plainChunks(CHUNKS, wrong)), "400 BadDigest");
  assert.equal(await send(unsigned, plainChunks(CHUNKS)), "400 MalformedTrailerError");
  assert.equal(await send(unsigned, plainChunks(CHUNKS, { [name]: "abc" })), "400 InvalidRequest");
  assert.equal(await send(unsigned, plainChunks(CHUNKS, right)), "200");
  await assertStored(storage);
});

Deno.test("storage takes the SDK's own chunked upload of a stream", async () => {
  await using storage = await startStorage();
  await storage.client.send(
    new PutObjectCommand({
      Bucket: "media",
      Key: "chunked",
      Body: Readable.from(CHUNKS.map((chunk) => Buffer.from(chunk))),
      ContentLength: WHOLE.length,
    }),
  );
  await assertStored(storage);
});
