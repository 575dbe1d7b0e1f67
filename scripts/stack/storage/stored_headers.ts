// What a client says about an object besides its bytes, and which of it is kept.
import { S3Error } from "./s3_error.ts";
import type { S3Request } from "./s3_request.ts";

/** Headers and metadata of a new object. */
export interface StoredHeaders {
  readonly headers: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
}

const MAX_METADATA_BYTES = 2048;
const MAX_KEY_BYTES = 1024;
const KEPT = [
  "content-type",
  "cache-control",
  "content-disposition",
  "content-language",
  "expires",
] as const;

/**
 * Reads what is to be stored with an object.
 *
 * @param request The request; presigned ones may carry metadata in the query.
 * @throws {S3Error} `MetadataTooLarge`.
 */
export function readStoredHeaders(request: S3Request): StoredHeaders {
  const headers: Record<string, string> = {};
  for (const name of KEPT) {
    const value = request.header(name);
    if (value !== undefined && value !== "") headers[name] = value;
  }
  const encoding = contentEncoding(request.header("content-encoding"));
  if (encoding !== undefined) headers["content-encoding"] = encoding;
  return { headers, metadata: readMetadata(request) };
}

function readMetadata(request: S3Request): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (const [name, value] of [...request.query, ...request.headers]) {
    const lower = name.toLowerCase();
    if (lower.startsWith("x-amz-meta-")) metadata[lower.slice("x-amz-meta-".length)] = value;
  }
  const size = Object.entries(metadata)
    .reduce((sum, [name, value]) => sum + byteLength(name) + byteLength(value), 0);
  if (size > MAX_METADATA_BYTES) {
    throw new S3Error("MetadataTooLarge", undefined, [
      ["Size", size],
      ["MaxSizeAllowed", MAX_METADATA_BYTES],
    ]);
  }
  return metadata;
}

/**
 * Checks that a key is short enough.
 *
 * @throws {S3Error} `KeyTooLongError`.
 */
export function checkKey(key: string): void {
  const size = byteLength(key);
  if (size <= MAX_KEY_BYTES) return;
  throw new S3Error("KeyTooLongError", undefined, [
    ["Size", size],
    ["MaxSizeAllowed", MAX_KEY_BYTES],
  ]);
}

/** `aws-chunked` describes the transfer, not the object. */
function contentEncoding(value: string | undefined): string | undefined {
  const kept = (value ?? "").split(",").map((part) => part.trim())
    .filter((part) => part !== "" && part !== "aws-chunked");
  return kept.length === 0 ? undefined : kept.join(",");
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
