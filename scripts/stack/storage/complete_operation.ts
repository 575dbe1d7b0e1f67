// CompleteMultipartUpload: checks the list of parts against what arrived and makes the object.
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import {
  CHECKSUM_ALGORITHMS,
  checksumElement,
  combineChecksums,
  type StoredChecksum,
} from "./checksums.ts";
import { checkWriteConditions, readConditions } from "./conditions.ts";
import type { ObjectRecord } from "./object_index.ts";
import type { Call } from "./operation.ts";
import { receiveDocument } from "./payload.ts";
import { quoted, xmlResponse } from "./responses.ts";
import { S3Error } from "./s3_error.ts";
import type { Part, Upload } from "./upload_store.ts";
import { childText, parseXml, type XmlElement, XmlSyntaxError } from "./xml.ts";

/** The least that every part but the last must hold: 5 MiB. */
export const MIN_PART_BYTES = 5 * 1024 * 1024;
const MAX_PARTS = 10_000;

interface ListedPart {
  readonly number: number;
  readonly etag: string;
  readonly checksum: string | undefined;
}

/** Joins the parts into an object. Repeating a completed call gives the same answer. */
export async function completeMultipartUpload(call: Call): Promise<Response> {
  const { request, store } = call;
  const bucket = request.requiredBucket;
  const key = request.requiredKey;
  store.index.bucket(bucket);
  const id = request.param("uploadId") ?? "";
  // The promised checksum is that of the object to be made, not of this document.
  const document = await receiveDocument(request, call.auth, null);
  const listed = parseCompletion(document);
  const record = await store.locks.run(`upload:${id}`, async () => {
    const upload = store.uploads.find(bucket, key, id);
    if (upload === undefined) return repeatedCompletion(call, id);
    return await finish(call, upload, listed);
  });
  return xmlResponse("CompleteMultipartUploadResult", [
    ["Location", `http://${request.host}${request.rawPath}`],
    ["Bucket", bucket],
    ["Key", key],
    ["ETag", quoted(record.etag)],
    ...(record.checksum
      ? [
        [checksumElement(record.checksum.algorithm), record.checksum.value] as const,
        ["ChecksumType", record.checksum.type] as const,
      ]
      : []),
  ], { "x-amz-server-side-encryption": "AES256" });
}

function repeatedCompletion(call: Call, id: string): ObjectRecord {
  const { request, store } = call;
  const record = store.index.bucket(request.requiredBucket).objects.get(request.requiredKey);
  if (record?.uploadId === id) return record;
  throw new S3Error("NoSuchUpload", undefined, [["UploadId", id]]);
}

async function finish(
  call: Call,
  upload: Upload,
  listed: readonly ListedPart[],
): Promise<ObjectRecord> {
  const { index, uploads, locks } = call.store;
  const parts = matchParts(upload, listed);
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const declared = call.request.amz("x-amz-mp-object-size");
  if (declared !== undefined && Number(declared) !== size) {
    throw new S3Error(
      "InvalidRequest",
      `The provided 'x-amz-mp-object-size' header value ${declared} does not match what was computed: ${size}`,
    );
  }
  const checksum = wholeChecksum(call, upload, parts);
  const record: ObjectRecord = {
    key: upload.key,
    size,
    etag: multipartEtag(parts),
    lastModified: upload.initiatedAt,
    headers: upload.headers,
    metadata: upload.metadata,
    segments: parts.map(({ segment }) => segment),
    ...(checksum && { checksum }),
    uploadId: upload.id,
  };
  await locks.run(`object:${upload.bucket}/${upload.key}`, async () => {
    const existing = index.bucket(upload.bucket).objects.get(upload.key);
    checkWriteConditions(existing, readConditions((name) => call.request.header(name)));
    await index.put(upload.bucket, record);
  });
  await uploads.remove(upload, new Set(record.segments.map(({ file }) => file)));
  return record;
}

function matchParts(upload: Upload, listed: readonly ListedPart[]): Part[] {
  const parts: Part[] = [];
  for (const [position, wanted] of listed.entries()) {
    const previous = listed[position - 1];
    if (previous !== undefined && wanted.number <= previous.number) {
      throw new S3Error("InvalidPartOrder", undefined, [["UploadId", upload.id]]);
    }
  }
  for (const wanted of listed) {
    const part = upload.parts.get(wanted.number);
    const isSame = part?.etag === wanted.etag &&
      (wanted.checksum === undefined || wanted.checksum === part.checksum?.value);
    if (part === undefined || !isSame) {
      throw new S3Error("InvalidPart", undefined, [
        ["UploadId", upload.id],
        ["PartNumber", wanted.number],
        ["ETag", wanted.etag],
      ]);
    }
    if (upload.checksumType === "COMPOSITE" && wanted.checksum === undefined) {
      throw missingPartChecksum(upload, wanted.number);
    }
    parts.push(part);
  }
  for (const part of parts.slice(0, -1)) {
    if (part.size >= MIN_PART_BYTES) continue;
    throw new S3Error("EntityTooSmall", undefined, [
      ["ProposedSize", part.size],
      ["MinSizeAllowed", MIN_PART_BYTES],
      ["PartNumber", part.number],
      ["ETag", part.etag],
    ]);
  }
  return parts;
}

function missingPartChecksum(upload: Upload, number: number): S3Error {
  return new S3Error(
    "InvalidRequest",
    `The upload was created using a ${
      upload.checksumAlgorithm?.toLowerCase() ?? ""
    } checksum. The complete request must include the checksum for each part. It was missing for part ${number} in the request.`,
  );
}

function wholeChecksum(
  call: Call,
  upload: Upload,
  parts: readonly Part[],
): StoredChecksum | undefined {
  const { checksumAlgorithm: algorithm, checksumType: type } = upload;
  if (algorithm === undefined || type === undefined) return undefined;
  const values = parts.map((part) => ({ value: part.checksum?.value ?? "", size: part.size }));
  const combined = combineChecksums(algorithm, type, values);
  const header = `x-amz-checksum-${algorithm.toLowerCase()}`;
  const promised = call.request.amz(header);
  if (promised !== undefined && promised !== combined.value) {
    throw new S3Error(
      "BadDigest",
      `The ${algorithm} you specified did not match the calculated checksum.`,
    );
  }
  return combined;
}

/** S3's tag of an object in parts: the MD5 of the parts' MD5s, and their number. */
function multipartEtag(parts: readonly Part[]): string {
  const hash = createHash("md5");
  for (const part of parts) hash.update(Buffer.from(part.etag, "hex"));
  return `${hash.digest("hex")}-${parts.length}`;
}

function parseCompletion(document: string): ListedPart[] {
  let root: XmlElement;
  try {
    root = parseXml(document);
  } catch (cause) {
    if (cause instanceof XmlSyntaxError) throw new S3Error("MalformedXML");
    throw cause;
  }
  const elements = root.children.filter(({ name }) => name === "Part");
  const isSized = elements.length > 0 && elements.length <= MAX_PARTS;
  if (root.name !== "CompleteMultipartUpload" || !isSized) throw new S3Error("MalformedXML");
  return elements.map((element) => {
    const number = childText(element, "PartNumber")?.trim() ?? "";
    const etag = childText(element, "ETag")?.trim().replace(/^"(.*)"$/, "$1");
    if (!/^\d{1,5}$/.test(number) || etag === undefined) throw new S3Error("MalformedXML");
    const checksum = CHECKSUM_ALGORITHMS
      .map((algorithm) => childText(element, checksumElement(algorithm)))
      .find((value) => value !== undefined);
    return { number: Number(number), etag, checksum };
  });
}
