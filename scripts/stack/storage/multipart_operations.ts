// CreateMultipartUpload, UploadPart, UploadPartCopy, AbortMultipartUpload.
import {
  type ChecksumAlgorithm,
  checksumElement,
  checksumHeader,
  type ChecksumType,
  parseChecksumAlgorithm,
} from "./checksums.ts";
import { resolveRange } from "./conditions.ts";
import { copyBytes, openCopySource } from "./copy_source.ts";
import type { Call } from "./operation.ts";
import { receivePayload } from "./payload.ts";
import { quoted, xmlResponse } from "./responses.ts";
import { S3Error } from "./s3_error.ts";
import type { S3Request } from "./s3_request.ts";
import { checkKey, readStoredHeaders } from "./stored_headers.ts";
import type { Part, Upload } from "./upload_store.ts";

const MAX_PART_NUMBER = 10_000;

/** Starts an upload in parts. */
export async function createMultipartUpload(call: Call): Promise<Response> {
  const { request, store } = call;
  const bucket = request.requiredBucket;
  const key = request.requiredKey;
  checkKey(key);
  store.index.bucket(bucket);
  const checksum = readChecksumChoice(request);
  const id = crypto.randomUUID().replaceAll("-", "") + crypto.randomUUID().replaceAll("-", "");
  await store.uploads.create(bucket, {
    id,
    key,
    initiatedAt: call.now().toISOString(),
    ...readStoredHeaders(request),
    ...(checksum && { checksumAlgorithm: checksum.algorithm, checksumType: checksum.type }),
  });
  return xmlResponse("InitiateMultipartUploadResult", [
    ["Bucket", bucket],
    ["Key", key],
    ["UploadId", id],
  ], {
    "x-amz-server-side-encryption": "AES256",
    ...(checksum && {
      "x-amz-checksum-algorithm": checksum.algorithm,
      "x-amz-checksum-type": checksum.type,
    }),
  });
}

function readChecksumChoice(
  request: S3Request,
): { algorithm: ChecksumAlgorithm; type: ChecksumType } | undefined {
  const name = request.amz("x-amz-checksum-algorithm");
  const type = request.amz("x-amz-checksum-type");
  if (name === undefined) {
    if (type === undefined) return undefined;
    throw new S3Error(
      "InvalidRequest",
      "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
    );
  }
  const algorithm = parseChecksumAlgorithm(name);
  const chosen = type ?? (algorithm === "CRC64NVME" ? "FULL_OBJECT" : "COMPOSITE");
  const isPossible = chosen === "COMPOSITE"
    ? algorithm !== "CRC64NVME"
    : chosen === "FULL_OBJECT" && algorithm.startsWith("CRC");
  if (!isPossible || (chosen !== "COMPOSITE" && chosen !== "FULL_OBJECT")) {
    throw new S3Error(
      "InvalidRequest",
      `The ${chosen} checksum type cannot be used with the ${name.toLowerCase()} checksum algorithm.`,
    );
  }
  return { algorithm, type: chosen };
}

/** Takes one part; the same number again replaces it. */
export async function uploadPart(call: Call): Promise<Response> {
  const { request, store } = call;
  const { upload, number } = readPartTarget(call);
  const writer = await store.blobs.create();
  try {
    const payload = await receivePayload(request, call.auth, async (chunk) => {
      call.tap(chunk);
      await writer.write(chunk);
    });
    checkPartAlgorithm(upload, payload.checksum?.algorithm);
    const part: Part = {
      number,
      size: payload.size,
      etag: payload.md5,
      lastModified: call.now().toISOString(),
      segment: await writer.commit(),
      ...(payload.checksum && { checksum: payload.checksum }),
    };
    await storePart(call, upload, part);
    return new Response(null, {
      headers: {
        etag: quoted(part.etag),
        "x-amz-server-side-encryption": "AES256",
        ...(part.checksum && { [checksumHeader(part.checksum.algorithm)]: part.checksum.value }),
      },
    });
  } finally {
    await writer.discard();
  }
}

/** Takes one part out of another object. */
export async function uploadPartCopy(call: Call): Promise<Response> {
  const { upload, number } = readPartTarget(call);
  const source = openCopySource(call);
  const range = readCopyRange(call.request, source.record.size);
  const copied = await copyBytes(call, source, range, upload.checksumAlgorithm);
  const part: Part = {
    number,
    size: copied.segment.size,
    etag: copied.md5,
    lastModified: call.now().toISOString(),
    segment: copied.segment,
    ...(copied.checksum && { checksum: copied.checksum }),
  };
  await storePart(call, upload, part);
  return xmlResponse("CopyPartResult", [
    ["LastModified", part.lastModified],
    ["ETag", quoted(part.etag)],
    ...(part.checksum
      ? [[checksumElement(part.checksum.algorithm), part.checksum.value] as const]
      : []),
  ]);
}

function readCopyRange(
  request: S3Request,
  size: number,
): { start: number; length: number } | undefined {
  const header = request.amz("x-amz-copy-source-range");
  if (header === undefined) return undefined;
  const range = /^bytes=\d+-\d+$/.test(header) ? resolveRange(header, size) : undefined;
  if (range === undefined) {
    throw new S3Error(
      "InvalidArgument",
      "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
      [["ArgumentName", "x-amz-copy-source-range"], ["ArgumentValue", header]],
    );
  }
  if (Number(header.slice(header.indexOf("-") + 1)) >= size) {
    throw new S3Error(
      "InvalidArgument",
      `Range specified is not valid for source object of size: ${size}`,
    );
  }
  return range;
}

function readPartTarget(call: Call): { upload: Upload; number: number } {
  const { request, store } = call;
  const text = request.param("partNumber") ?? "";
  const number = Number(text);
  if (!/^\d{1,6}$/.test(text) || number < 1 || number > MAX_PART_NUMBER) {
    throw new S3Error(
      "InvalidArgument",
      "Part number must be an integer between 1 and 10000, inclusive",
      [["ArgumentName", "partNumber"], ["ArgumentValue", text]],
    );
  }
  store.index.bucket(request.requiredBucket);
  const id = request.param("uploadId") ?? "";
  return {
    upload: store.uploads.get(request.requiredBucket, request.requiredKey, id),
    number,
  };
}

/** S3 refuses parts that don't carry the checksum which the upload was created for. */
function checkPartAlgorithm(upload: Upload, given: ChecksumAlgorithm | undefined): void {
  const expected = upload.checksumAlgorithm;
  if (expected === undefined || expected === given) return;
  throw new S3Error(
    "InvalidRequest",
    `Checksum Type mismatch occurred, expected checksum Type: ${expected.toLowerCase()}, actual checksum Type: ${
      given?.toLowerCase() ?? "null"
    }`,
  );
}

/** Keeps a part, unless its upload was aborted or completed while the bytes came in. */
async function storePart(call: Call, upload: Upload, part: Part): Promise<void> {
  const { uploads, blobs, locks } = call.store;
  try {
    await locks.run(`upload:${upload.id}`, async () => {
      await uploads.putPart(uploads.get(upload.bucket, upload.key, upload.id), part);
    });
  } catch (cause) {
    await blobs.remove([part.segment]);
    throw cause;
  }
}

/** Gives an upload up and frees its parts. */
export async function abortMultipartUpload(call: Call): Promise<Response> {
  const { request, store } = call;
  const bucket = request.requiredBucket;
  store.index.bucket(bucket);
  const id = request.param("uploadId") ?? "";
  await store.locks.run(`upload:${id}`, async () => {
    await store.uploads.remove(store.uploads.get(bucket, request.requiredKey, id));
  });
  return new Response(null, { status: 204 });
}
