// The store of recordings on S3, or on whatever speaks its protocol. Raw calls instead of the SDK: an
// upload has two seconds of CPU, and the SDK needs almost twice as much for each byte (ADR 0011).
import { z } from "zod";
import {
  type MultipartPage,
  type NewMultipart,
  type NewObject,
  type ObjectStorage,
  ObjectStorageError,
  type PartUpload,
  type StoredObject,
  type StoredPart,
} from "@shared/recordings/object_storage.ts";
import { type ReadVariable, readVariables } from "../env/platform_env.ts";
import { crc32Base64 } from "./crc32.ts";
import type { S3Client, S3ClientDeps, S3Sender } from "./s3_client.ts";
import { elements, elementText, escapeXml } from "./s3_xml.ts";

/** Where the bucket is, and who we are to it (U60-141). */
const StorageSettings = z.object({
  AWS_REGION: z.string().regex(/^[a-z0-9-]{2,40}$/),
  AWS_S3_BUCKET: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
  AWS_ACCESS_KEY_ID: z.string().min(1),
  AWS_SECRET_ACCESS_KEY: z.string().min(1),
  AWS_SESSION_TOKEN: z.string().min(1).optional(),
  AWS_S3_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
});

/** What the store needs from outside. */
export interface S3StorageDeps extends Omit<S3ClientDeps, "settings"> {
  readonly readVariable: ReadVariable;
}

const MARK_HEADER = "x-amz-meta-sixty-upload";
/** Deleted in one call. */
const DELETE_MAX = 1_000;

/**
 * Opens the store.
 *
 * @param deps Settings, network, clock, and the end of the time that the caller has.
 * @returns The store of the configured bucket.
 * @throws {EnvironmentError} When a setting is missing.
 *
 * @example An address for fifteen minutes
 * ```ts ignore
 * const storage = createS3Storage({ readVariable, fetch, now: () => clock.now(), signal });
 * const url = await storage.presignGet("meeting-recordings/…/video.mp4", 900);
 * ```
 */
export function createS3Storage(deps: S3StorageDeps): ObjectStorage {
  const settings = readVariables(StorageSettings, deps.readVariable);
  let opened: S3Client | undefined;
  const open = async (): Promise<S3Client> => opened ??= await openClient(settings, deps);
  const client: S3Sender = { send: async (call) => await (await open()).send(call) };
  return {
    bucket: settings.AWS_S3_BUCKET,
    createMultipart: (upload) => createMultipart(client, upload),
    uploadPart: (part) => uploadPart(client, part),
    listParts: (key, uploadId, after) => listParts(client, key, uploadId, after),
    completeMultipart: (key, uploadId, parts, bytes) =>
      completeMultipart(client, key, uploadId, parts, bytes),
    abortMultipart: (key, uploadId) => abortMultipart(client, key, uploadId),
    listMultiparts: (prefix, from) => listMultiparts(client, prefix, from),
    putObject: (object) => putObject(client, object),
    headObject: (key) => headObject(client, key),
    deletePrefix: (prefix) => deletePrefix(client, prefix),
    measurePrefix: async (prefix) => {
      const sum = { objects: 0, bytes: 0 };
      for await (const { bytes } of listObjects(client, prefix)) {
        sum.objects += 1;
        sum.bytes += bytes;
      }
      return sum;
    },
    presignGet: async (key, seconds) => (await open()).presign(key, seconds),
  };
}

/** Loads the client with the first call: many a run of the functions that could make one makes none. */
async function openClient(
  settings: z.infer<typeof StorageSettings>,
  deps: S3StorageDeps,
): Promise<S3Client> {
  const { S3Client } = await import("./s3_client.ts");
  return new S3Client({
    ...deps,
    settings: {
      region: settings.AWS_REGION,
      bucket: settings.AWS_S3_BUCKET,
      accessKeyId: settings.AWS_ACCESS_KEY_ID,
      secretAccessKey: settings.AWS_SECRET_ACCESS_KEY,
      sessionToken: settings.AWS_SESSION_TOKEN,
      endpoint: settings.AWS_S3_ENDPOINT,
    },
  });
}

async function createMultipart(
  client: S3Sender,
  { key, contentType, mark }: NewMultipart,
): Promise<string> {
  const { text } = await client.send({
    method: "POST",
    key,
    query: { uploads: "" },
    headers: {
      "content-type": contentType,
      [MARK_HEADER]: mark,
      "x-amz-checksum-algorithm": "CRC32",
    },
    // A second one would be an orphan
    isRepeatable: false,
  });
  return required(elementText(text, "UploadId"));
}

async function uploadPart(
  client: S3Sender,
  { key, uploadId, number, bytes }: PartUpload,
): Promise<StoredPart> {
  const checksum = crc32Base64(bytes);
  const { headers } = await client.send({
    method: "PUT",
    key,
    query: { partNumber: String(number), uploadId },
    headers: { "x-amz-checksum-crc32": checksum },
    body: bytes,
  });
  const verified = headers.get("x-amz-checksum-crc32") ?? checksum;
  if (verified !== checksum) throw new ObjectStorageError("corrupted", 200);
  return { number, bytes: bytes.byteLength, etag: required(headers.get("etag")), checksum };
}

async function listParts(
  client: S3Sender,
  key: string,
  uploadId: string,
  after: number,
): Promise<readonly StoredPart[]> {
  const parts: StoredPart[] = [];
  for (let marker = String(after);;) {
    const { text } = await client.send({
      method: "GET",
      key,
      query: { uploadId, "part-number-marker": marker, "max-parts": "1000" },
    });
    for (const part of elements(text, "Part")) {
      parts.push({
        number: Number(required(elementText(part, "PartNumber"))),
        bytes: Number(required(elementText(part, "Size"))),
        etag: required(elementText(part, "ETag")),
        checksum: required(elementText(part, "ChecksumCRC32")),
      });
    }
    if (elementText(text, "IsTruncated") !== "true") return parts;
    marker = required(elementText(text, "NextPartNumberMarker"));
  }
}

async function completeMultipart(
  client: S3Sender,
  key: string,
  uploadId: string,
  parts: readonly StoredPart[],
  bytes: number,
): Promise<string> {
  const list = parts.map((part) =>
    `<Part><PartNumber>${part.number}</PartNumber><ETag>${escapeXml(part.etag)}</ETag>` +
    `<ChecksumCRC32>${part.checksum}</ChecksumCRC32></Part>`
  ).join("");
  const { text } = await client.send({
    method: "POST",
    key,
    query: { uploadId },
    headers: { "content-type": "application/xml", "x-amz-mp-object-size": String(bytes) },
    body: `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${list}` +
      "</CompleteMultipartUpload>",
  });
  return required(elementText(text, "ETag"));
}

async function abortMultipart(client: S3Sender, key: string, uploadId: string): Promise<void> {
  try {
    await client.send({ method: "DELETE", key, query: { uploadId } });
  } catch (error) {
    if (!(error instanceof ObjectStorageError) || error.failure !== "no_such_upload") throw error;
  }
}

async function listMultiparts(
  client: S3Sender,
  prefix: string,
  from: string | null,
): Promise<MultipartPage> {
  const [keyMarker, idMarker] = from?.split("\n") ?? [];
  const { text } = await client.send({
    method: "GET",
    query: {
      uploads: "",
      prefix,
      "max-uploads": "1000",
      ...(keyMarker === undefined ? {} : { "key-marker": keyMarker }),
      ...(idMarker === undefined ? {} : { "upload-id-marker": idMarker }),
    },
  });
  const uploads = elements(text, "Upload").map((upload) => ({
    key: required(elementText(upload, "Key")),
    uploadId: required(elementText(upload, "UploadId")),
    initiatedAt: new Date(required(elementText(upload, "Initiated"))),
  }));
  const isLast = elementText(text, "IsTruncated") !== "true";
  const next = `${elementText(text, "NextKeyMarker")}\n${elementText(text, "NextUploadIdMarker")}`;
  return { uploads, next: isLast ? null : next };
}

async function putObject(
  client: S3Sender,
  { key, contentType, mark, bytes }: NewObject,
): Promise<string> {
  const { headers } = await client.send({
    method: "PUT",
    key,
    headers: {
      "content-type": contentType,
      [MARK_HEADER]: mark,
      "x-amz-checksum-crc32": crc32Base64(bytes),
    },
    body: bytes,
  });
  return required(headers.get("etag"));
}

async function headObject(client: S3Sender, key: string): Promise<StoredObject | null> {
  try {
    const { headers } = await client.send({ method: "HEAD", key });
    return {
      bytes: Number(required(headers.get("content-length"))),
      etag: required(headers.get("etag")),
      mark: headers.get(MARK_HEADER),
    };
  } catch (error) {
    if (error instanceof ObjectStorageError && error.status === 404) return null;
    throw error;
  }
}

async function* listObjects(
  client: S3Sender,
  prefix: string,
): AsyncGenerator<{ readonly key: string; readonly bytes: number }> {
  let token: string | null = null;
  do {
    const query: Record<string, string> = { "list-type": "2", prefix, "max-keys": "1000" };
    if (token !== null) query["continuation-token"] = token;
    const { text } = await client.send({ method: "GET", query });
    for (const object of elements(text, "Contents")) {
      yield {
        key: required(elementText(object, "Key")),
        bytes: Number(required(elementText(object, "Size"))),
      };
    }
    token = elementText(text, "IsTruncated") === "true"
      ? elementText(text, "NextContinuationToken")
      : null;
  } while (token !== null);
}

async function deletePrefix(client: S3Sender, prefix: string): Promise<number> {
  if (!prefix.endsWith("/")) throw new RangeError("A prefix to delete ends with a slash");
  let from: string | null = null;
  do {
    const page: MultipartPage = await listMultiparts(client, prefix, from);
    for (const { key, uploadId } of page.uploads) await abortMultipart(client, key, uploadId);
    from = page.next;
  } while (from !== null);
  const keys: string[] = [];
  for await (const { key } of listObjects(client, prefix)) keys.push(key);
  for (let start = 0; start < keys.length; start += DELETE_MAX) {
    await deleteKeys(client, keys.slice(start, start + DELETE_MAX));
  }
  return keys.length;
}

async function deleteKeys(client: S3Sender, keys: readonly string[]): Promise<void> {
  const list = keys.map((key) => `<Object><Key>${escapeXml(key)}</Key></Object>`).join("");
  const body = new TextEncoder().encode(`<Delete><Quiet>true</Quiet>${list}</Delete>`);
  await client.send({
    method: "POST",
    query: { delete: "" },
    headers: { "content-type": "application/xml", "x-amz-checksum-crc32": crc32Base64(body) },
    body,
  });
}

function required(text: string | null): string {
  if (text === null || text === "") throw new ObjectStorageError("rejected", 200);
  return text;
}
