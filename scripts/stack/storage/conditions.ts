// Preconditions of reads, writes and copies, and byte ranges.
import type { ObjectRecord } from "./object_index.ts";
import { S3Error } from "./s3_error.ts";

/** The four conditions of one request, by whatever header names they came. */
export interface Conditions {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
  readonly ifUnmodifiedSince: string | undefined;
}

/**
 * Reads the conditions out of headers.
 *
 * @param header Gives a header.
 * @param prefix `x-amz-copy-source-` for the source of a copy.
 */
export function readConditions(
  header: (name: string) => string | undefined,
  prefix = "",
): Conditions {
  return {
    ifMatch: header(`${prefix}if-match`),
    ifNoneMatch: header(`${prefix}if-none-match`),
    ifModifiedSince: header(`${prefix}if-modified-since`),
    ifUnmodifiedSince: header(`${prefix}if-unmodified-since`),
  };
}

/**
 * Checks the conditions of a read; an entity tag overrules the date beside it.
 *
 * @param record The object.
 * @param conditions What the client asked.
 * @throws {S3Error} `PreconditionFailed`, or `NotModified` where the client's copy is good.
 */
export function checkReadConditions(record: ObjectRecord, conditions: Conditions): void {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  if (ifMatch !== undefined) {
    if (!isTagListed(ifMatch, record.etag)) throw failed("If-Match");
  } else if (isBefore(ifUnmodifiedSince, record)) {
    throw failed("If-Unmodified-Since");
  }
  if (ifNoneMatch !== undefined) {
    if (isTagListed(ifNoneMatch, record.etag)) throw new S3Error("NotModified");
  } else if (isNotBefore(ifModifiedSince, record)) {
    throw new S3Error("NotModified");
  }
}

/**
 * Checks the conditions of a copy's source, where nothing is ever "not modified".
 *
 * @throws {S3Error} `PreconditionFailed`.
 */
export function checkCopySourceConditions(record: ObjectRecord, conditions: Conditions): void {
  try {
    checkReadConditions(record, conditions);
  } catch (cause) {
    if (cause instanceof S3Error && cause.code === "NotModified") throw failed("If-None-Match");
    throw cause;
  }
}

/**
 * Checks the conditions of a write, under the lock of its key.
 *
 * @param existing What the key holds now.
 * @param conditions What the client asked.
 * @throws {S3Error} `PreconditionFailed`; `NoSuchKey` for If-Match on nothing.
 */
export function checkWriteConditions(
  existing: ObjectRecord | undefined,
  conditions: Conditions,
): void {
  const { ifMatch, ifNoneMatch } = conditions;
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() !== "*") {
      throw new S3Error("NotImplemented", undefined, [["Header", "If-None-Match"]]);
    }
    if (existing !== undefined) throw failed("If-None-Match");
  }
  if (ifMatch === undefined) return;
  if (existing === undefined) throw new S3Error("NoSuchKey");
  if (!isTagListed(ifMatch, existing.etag)) throw failed("If-Match");
}

/**
 * Resolves a `Range` header.
 *
 * @param header The header; anything but one plain byte range is ignored, as HTTP wants it.
 * @param size The object's size.
 * @returns First byte and length, or undefined for the whole object.
 * @throws {S3Error} `InvalidRange` when no byte of it exists.
 */
export function resolveRange(
  header: string | undefined,
  size: number,
): { readonly start: number; readonly length: number } | undefined {
  const fields = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  const [, first = "", last = ""] = fields ?? [];
  if (fields === null || (first === "" && last === "")) return undefined;
  if (first !== "" && last !== "" && Number(last) < Number(first)) return undefined;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (start > end) {
    throw new S3Error("InvalidRange", undefined, [
      ["RangeRequested", header],
      ["ActualObjectSize", size],
    ]);
  }
  return { start, length: end - start + 1 };
}

/**
 * Says whether a list of entity tags holds one.
 *
 * @param list `*`, or tags with or without quotes.
 * @param etag Without quotes.
 */
export function isTagListed(list: string, etag: string): boolean {
  return list.split(",").some((entry) => {
    const tag = entry.trim().replace(/^W\//, "").replace(/^"(.*)"$/, "$1");
    return tag === "*" || tag === etag;
  });
}

function failed(condition: string): S3Error {
  return new S3Error("PreconditionFailed", undefined, [["Condition", condition]]);
}

/** HTTP dates have whole seconds. */
function modifiedSeconds(record: ObjectRecord): number {
  return Math.floor(Date.parse(record.lastModified) / 1000);
}

function isBefore(date: string | undefined, record: ObjectRecord): boolean {
  const time = Date.parse(date ?? "");
  return !Number.isNaN(time) && modifiedSeconds(record) > Math.floor(time / 1000);
}

function isNotBefore(date: string | undefined, record: ObjectRecord): boolean {
  const time = Date.parse(date ?? "");
  return !Number.isNaN(time) && modifiedSeconds(record) <= Math.floor(time / 1000);
}
