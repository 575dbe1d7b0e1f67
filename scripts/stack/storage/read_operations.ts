// GetObject and HeadObject: conditions, ranges, single parts, response overrides.
import { checkReadConditions, readConditions, resolveRange } from "./conditions.ts";
import type { ObjectRecord } from "./object_index.ts";
import type { Call } from "./operation.ts";
import { checksumHeaders, objectHeaders } from "./responses.ts";
import { S3Error } from "./s3_error.ts";
import type { S3Request } from "./s3_request.ts";

const OVERRIDES = [
  "content-type",
  "content-language",
  "expires",
  "cache-control",
  "content-disposition",
  "content-encoding",
] as const;

interface Slice {
  readonly start: number;
  readonly length: number;
  readonly isPartial: boolean;
}

/** Streams an object, or a range of it. */
export function getObject(call: Call): Promise<Response> {
  const { record, slice, headers } = prepareRead(call);
  const body = call.store.blobs.read(record.segments, slice.start, slice.length);
  return Promise.resolve(new Response(body, { status: slice.isPartial ? 206 : 200, headers }));
}

/** Gives what GetObject would, without the bytes. */
export function headObject(call: Call): Promise<Response> {
  const { slice, headers } = prepareRead(call);
  return Promise.resolve(new Response(null, { status: slice.isPartial ? 206 : 200, headers }));
}

function prepareRead(
  call: Call,
): { record: ObjectRecord; slice: Slice; headers: Record<string, string> } {
  const { request, store } = call;
  const key = request.requiredKey;
  const record = store.index.bucket(request.requiredBucket).objects.get(key);
  if (record === undefined) throw new S3Error("NoSuchKey", undefined, [["Key", key]]);
  checkReadConditions(record, readConditions((name) => request.header(name)));
  const slice = chooseSlice(request, record);
  const headers = objectHeaders(record);
  headers["content-length"] = String(slice.length);
  if (slice.isPartial) {
    headers["content-range"] = `bytes ${slice.start}-${
      slice.start + slice.length - 1
    }/${record.size}`;
  }
  // A client would hold the checksum of the whole against the part that it got.
  const isWhole = slice.length === record.size;
  if (request.amz("x-amz-checksum-mode") === "ENABLED" && isWhole) {
    Object.assign(headers, checksumHeaders(record.checksum));
  }
  if (request.param("partNumber") !== undefined && record.uploadId !== undefined) {
    headers["x-amz-mp-parts-count"] = String(record.segments.length);
  }
  for (const name of OVERRIDES) {
    const value = request.param(`response-${name}`);
    if (value !== undefined) headers[name] = checkHeaderValue(value);
  }
  return { record, slice, headers };
}

function checkHeaderValue(value: string): string {
  if (/^[\x20-\x7e\xa0-\xff\t]*$/.test(value)) return value;
  throw new S3Error(
    "InvalidArgument",
    "Header value cannot be represented using ISO-8859-1.",
    [["ArgumentValue", value]],
  );
}

function chooseSlice(request: S3Request, record: ObjectRecord): Slice {
  const partNumber = request.param("partNumber");
  const range = request.header("range");
  if (partNumber !== undefined) {
    if (range !== undefined) {
      throw new S3Error(
        "InvalidRequest",
        "Cannot specify both Range header and partNumber query parameter",
      );
    }
    return sliceOfPart(record, Number(partNumber));
  }
  const resolved = resolveRange(range, record.size);
  if (resolved === undefined) return { start: 0, length: record.size, isPartial: false };
  return { ...resolved, isPartial: true };
}

function sliceOfPart(record: ObjectRecord, number: number): Slice {
  const segment = record.segments[number - 1];
  if (segment === undefined) throw new S3Error("InvalidPartNumber");
  const start = record.segments.slice(0, number - 1).reduce((sum, { size }) => sum + size, 0);
  return { start, length: segment.size, isPartial: segment.size > 0 };
}
