// The source of a server-side copy: found by header, checked, and read into a new file.
import { createHash } from "node:crypto";
import type { Segment } from "./blob_store.ts";
import { type ChecksumAlgorithm, createChecksum, toBase64 } from "./checksums.ts";
import { checkCopySourceConditions, readConditions } from "./conditions.ts";
import type { ObjectRecord } from "./object_index.ts";
import type { Call } from "./operation.ts";
import { MAX_UPLOAD_BYTES } from "./payload.ts";
import { S3Error } from "./s3_error.ts";

/** An object to copy from. */
export interface CopySource {
  readonly bucket: string;
  readonly record: ObjectRecord;
}

/** The copy's bytes. */
export interface CopiedBytes {
  readonly segment: Segment;
  readonly md5: string;
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly value: string } | undefined;
}

/**
 * Finds the object that `x-amz-copy-source` names.
 *
 * @throws {S3Error} `InvalidArgument`, `NoSuchBucket`, `NoSuchKey`, `PreconditionFailed`.
 */
export function openCopySource(call: Call): CopySource {
  const header = call.request.amz("x-amz-copy-source") ?? "";
  const [path = ""] = header.split("?");
  let decoded: string;
  try {
    decoded = decodeURIComponent(path).replace(/^\//, "");
  } catch (cause) {
    if (cause instanceof URIError) throw invalidSource(header);
    throw cause;
  }
  const slash = decoded.indexOf("/");
  if (slash < 1 || slash === decoded.length - 1) throw invalidSource(header);
  const bucket = decoded.slice(0, slash);
  const key = decoded.slice(slash + 1);
  const record = call.store.index.bucket(bucket).objects.get(key);
  if (record === undefined) throw new S3Error("NoSuchKey", undefined, [["Key", key]]);
  checkCopySourceConditions(
    record,
    readConditions((name) => call.request.header(name), "x-amz-copy-source-"),
  );
  return { bucket, record };
}

function invalidSource(header: string): S3Error {
  return new S3Error(
    "InvalidArgument",
    "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
    [["ArgumentName", "x-amz-copy-source"], ["ArgumentValue", header]],
  );
}

/**
 * Copies a source, or a range of it.
 *
 * @param call The call.
 * @param source The object.
 * @param range The bytes wanted; all without.
 * @param algorithm The checksum to compute on the way.
 */
export async function copyBytes(
  call: Call,
  source: CopySource,
  range: { readonly start: number; readonly length: number } | undefined,
  algorithm: ChecksumAlgorithm | undefined,
): Promise<CopiedBytes> {
  const { record } = source;
  const { start, length } = range ?? { start: 0, length: record.size };
  if (length > MAX_UPLOAD_BYTES) {
    throw new S3Error(
      "InvalidRequest",
      "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120",
    );
  }
  const md5 = createHash("md5");
  const checksum = algorithm === undefined ? undefined : createChecksum(algorithm);
  const writer = await call.store.blobs.create();
  try {
    for await (const chunk of call.store.blobs.read(record.segments, start, length)) {
      md5.update(chunk);
      checksum?.update(chunk);
      await writer.write(chunk);
    }
    const segment = await writer.commit();
    return {
      segment,
      md5: md5.digest("hex"),
      checksum: algorithm === undefined || checksum === undefined
        ? undefined
        : { algorithm, value: toBase64(checksum.digest()) },
    };
  } finally {
    await writer.discard();
  }
}
