// The `x-amz-checksum-…` family: which one a request names, and whether the bytes agree with it.
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { combineCrc, createCrc, type RunningChecksum } from "./crc.ts";
import { S3Error } from "./s3_error.ts";
import type { S3Request } from "./s3_request.ts";

/** The algorithms, as S3 writes them in documents. */
export const CHECKSUM_ALGORITHMS = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const;

/** One of them. */
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

/** Over the whole object, or over the checksums of its parts. */
export type ChecksumType = "FULL_OBJECT" | "COMPOSITE";

/** A stored checksum; a composite one ends in `-<number of parts>`. */
export interface StoredChecksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly value: string;
  readonly type: ChecksumType;
}

/** A checksum that the client promised: in a header, or in a trailer after the body. */
export interface PromisedChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Undefined while it is still to come in the trailer. */
  readonly value: string | undefined;
}

const DIGEST_BYTES: Readonly<Record<ChecksumAlgorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
};

/** The header that carries a checksum. */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** The element that carries a checksum. */
export function checksumElement(algorithm: ChecksumAlgorithm): string {
  return `Checksum${algorithm}`;
}

/**
 * Reads an algorithm's name.
 *
 * @throws {S3Error} `InvalidRequest` when it is none of S3's.
 */
export function parseChecksumAlgorithm(text: string): ChecksumAlgorithm {
  const found = CHECKSUM_ALGORITHMS.find((name) => name === text.toUpperCase());
  if (found !== undefined) return found;
  throw new S3Error(
    "InvalidRequest",
    "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
  );
}

/**
 * Finds the checksum that a request promises.
 *
 * @param request The request; a presigned one may promise in its query.
 * @throws {S3Error} `InvalidRequest` on two promises, or on one that is never kept.
 */
export function promisedChecksum(request: S3Request): PromisedChecksum | undefined {
  const promises: PromisedChecksum[] = [];
  const trailer = request.header("x-amz-trailer")?.trim().toLowerCase();
  for (const algorithm of CHECKSUM_ALGORITHMS) {
    const name = checksumHeader(algorithm);
    const value = request.amz(name);
    if (value !== undefined) promises.push({ algorithm, value: checkForm(algorithm, value) });
    if (trailer === name) promises.push({ algorithm, value: undefined });
  }
  if (promises.length > 1) {
    throw new S3Error(
      "InvalidRequest",
      "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
    );
  }
  if (request.amz("x-amz-sdk-checksum-algorithm") !== undefined && promises.length === 0) {
    throw new S3Error(
      "InvalidRequest",
      "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.",
    );
  }
  return promises[0];
}

/**
 * Checks that a checksum value can be one at all.
 *
 * @returns The value.
 * @throws {S3Error} `InvalidRequest`.
 */
export function checkForm(algorithm: ChecksumAlgorithm, value: string): string {
  const bytes = new Uint8Array(Buffer.from(value, "base64"));
  const isValid = bytes.length === DIGEST_BYTES[algorithm] && toBase64(bytes) === value;
  if (isValid) return value;
  throw new S3Error(
    "InvalidRequest",
    `Value for ${checksumHeader(algorithm)} header is invalid.`,
  );
}

/** Starts a checksum over a stream. */
export function createChecksum(algorithm: ChecksumAlgorithm): RunningChecksum {
  if (algorithm !== "SHA1" && algorithm !== "SHA256") return createCrc(algorithm);
  const hash = createHash(algorithm.toLowerCase());
  return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest() };
}

/**
 * Makes the checksum of a completed multipart upload out of those of its parts.
 *
 * @param algorithm The upload's algorithm.
 * @param type How it is to be combined.
 * @param parts Value and size of each part, in order.
 */
export function combineChecksums(
  algorithm: ChecksumAlgorithm,
  type: ChecksumType,
  parts: ReadonlyArray<{ readonly value: string; readonly size: number }>,
): StoredChecksum {
  const digests = parts.map(({ value }) => new Uint8Array(Buffer.from(value, "base64")));
  if (type === "COMPOSITE") {
    const whole = createChecksum(algorithm);
    for (const digest of digests) whole.update(digest);
    return { algorithm, type, value: `${toBase64(whole.digest())}-${parts.length}` };
  }
  if (algorithm === "SHA1" || algorithm === "SHA256") {
    throw new S3Error("InvalidRequest", `${algorithm} cannot be combined over a full object.`);
  }
  let combined: Uint8Array = digests[0] ?? new Uint8Array();
  for (const [index, part] of parts.entries()) {
    if (index === 0) continue;
    combined = combineCrc(algorithm, combined, digests[index] ?? new Uint8Array(), part.size);
  }
  return { algorithm, type, value: toBase64(combined) };
}

/** Encodes bytes in base64. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
