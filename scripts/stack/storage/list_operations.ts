// ListObjectsV2 and its predecessor ListObjects.
import { Buffer } from "node:buffer";
import { takePage } from "./listing.ts";
import type { ObjectRecord } from "./object_index.ts";
import type { Call } from "./operation.ts";
import { quoted, xmlResponse } from "./responses.ts";
import { S3Error } from "./s3_error.ts";
import type { S3Request } from "./s3_request.ts";
import { encodeRfc3986 } from "./signature.ts";
import type { XmlFields } from "./xml.ts";

const MAX_PAGE = 1000;

/** Lists objects, page by page, by continuation token. */
export function listObjectsV2(call: Call): Promise<Response> {
  const { request, store } = call;
  const bucket = store.index.bucket(request.requiredBucket);
  const token = request.param("continuation-token");
  const startAfter = request.param("start-after") ?? "";
  const common = readCommon(request);
  const page = takePage(bucket.sortedKeys, {
    ...common,
    after: token === undefined ? startAfter : decodeToken(token),
  });
  const encode = encoder(request);
  const withOwner = request.param("fetch-owner") === "true";
  return Promise.resolve(xmlResponse("ListBucketResult", [
    ["Name", bucket.name],
    ["Prefix", encode(common.prefix)],
    ["Delimiter", common.delimiter === "" ? undefined : encode(common.delimiter)],
    ["MaxKeys", common.limit],
    ["EncodingType", request.param("encoding-type")],
    ["KeyCount", page.names.length + page.commonPrefixes.length],
    ["IsTruncated", page.next !== undefined],
    ["ContinuationToken", token],
    ["NextContinuationToken", page.next === undefined ? undefined : encodeToken(page.next)],
    ["StartAfter", startAfter === "" ? undefined : encode(startAfter)],
    ...contents(page.names, bucket.objects, encode, withOwner),
    ...prefixes(page.commonPrefixes, encode),
  ]));
}

/** Lists objects, page by page, by marker. */
export function listObjects(call: Call): Promise<Response> {
  const { request, store } = call;
  const bucket = store.index.bucket(request.requiredBucket);
  const marker = request.param("marker") ?? "";
  const common = readCommon(request);
  const page = takePage(bucket.sortedKeys, { ...common, after: marker });
  const encode = encoder(request);
  const hasNextMarker = page.next !== undefined && common.delimiter !== "";
  return Promise.resolve(xmlResponse("ListBucketResult", [
    ["Name", bucket.name],
    ["Prefix", encode(common.prefix)],
    ["Marker", encode(marker)],
    ["NextMarker", hasNextMarker ? encode(page.next ?? "") : undefined],
    ["Delimiter", common.delimiter === "" ? undefined : encode(common.delimiter)],
    ["MaxKeys", common.limit],
    ["EncodingType", request.param("encoding-type")],
    ["IsTruncated", page.next !== undefined],
    ...contents(page.names, bucket.objects, encode, true),
    ...prefixes(page.commonPrefixes, encode),
  ]));
}

function readCommon(request: S3Request): { prefix: string; delimiter: string; limit: number } {
  return {
    prefix: request.param("prefix") ?? "",
    delimiter: request.param("delimiter") ?? "",
    limit: readLimit(request, "max-keys"),
  };
}

/**
 * Reads a page size.
 *
 * @param request The request.
 * @param name `max-keys`, `max-parts` or `max-uploads`.
 * @returns At most 1000, which is also what absence means.
 * @throws {S3Error} `InvalidArgument` for anything but a number.
 */
export function readLimit(request: S3Request, name: string): number {
  const text = request.param(name);
  if (text === undefined || text === "") return MAX_PAGE;
  if (!/^\d{1,10}$/.test(text)) {
    throw new S3Error("InvalidArgument", `Provided ${name} not an integer or within integer range`);
  }
  return Math.min(MAX_PAGE, Number(text));
}

/**
 * Chooses how keys are written: as they are, or percent-encoded for those XML cannot carry.
 *
 * @throws {S3Error} `InvalidArgument` for an unknown encoding.
 */
export function encoder(request: S3Request): (text: string) => string {
  const type = request.param("encoding-type");
  if (type === undefined) return (text) => text;
  if (type !== "url") {
    throw new S3Error("InvalidArgument", "Invalid Encoding Method specified in Request");
  }
  return (text) => text.split("/").map(encodeRfc3986).join("/");
}

function contents(
  names: readonly string[],
  objects: ReadonlyMap<string, ObjectRecord>,
  encode: (text: string) => string,
  withOwner: boolean,
): XmlFields {
  return names.flatMap((name) => {
    const record = objects.get(name);
    if (record === undefined) return [];
    const fields: XmlFields = [
      ["Key", encode(name)],
      ["LastModified", record.lastModified],
      ["ETag", quoted(record.etag)],
      ["ChecksumAlgorithm", record.checksum?.algorithm],
      ["ChecksumType", record.checksum?.type],
      ["Size", record.size],
      ["Owner", withOwner ? [["ID", "local"], ["DisplayName", "local"]] : undefined],
      ["StorageClass", "STANDARD"],
    ];
    return [["Contents", fields] as const];
  });
}

/** Common prefixes, as elements. */
export function prefixes(names: readonly string[], encode: (text: string) => string): XmlFields {
  return names.map((name) => ["CommonPrefixes", [["Prefix", encode(name)]]] as const);
}

function encodeToken(next: string): string {
  return Buffer.from(`1:${next}`).toString("base64url");
}

function decodeToken(token: string): string {
  const text = Buffer.from(token, "base64url").toString("utf8");
  if (text.startsWith("1:")) return text.slice(2);
  throw new S3Error("InvalidArgument", "The continuation token provided is incorrect", [
    ["ArgumentName", "continuation-token"],
  ]);
}
