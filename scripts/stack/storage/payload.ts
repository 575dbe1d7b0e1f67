// Receives a body: unframes it, hands it on piece by piece, and vouches for every promise about it.
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { decodeAwsChunked, type Trailers } from "./aws_chunked.ts";
import type { Authentication } from "./authenticate.ts";
import {
  checkForm,
  type ChecksumAlgorithm,
  checksumHeader,
  createChecksum,
  type PromisedChecksum,
  promisedChecksum,
  toBase64,
} from "./checksums.ts";
import { S3Error } from "./s3_error.ts";
import type { S3Request } from "./s3_request.ts";

/** What is known about a body once it was received and every promise held. */
export interface ReceivedPayload {
  readonly size: number;
  /** Lower-case hex. */
  readonly md5: string;
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly value: string } | undefined;
}

/** Where the bytes go. */
export type PayloadSink = (chunk: Uint8Array) => Promise<void>;

/** The most that one upload may carry: 5 GiB. */
export const MAX_UPLOAD_BYTES = 5 * 1024 ** 3;
const MAX_DOCUMENT_BYTES = 2 * 1024 * 1024;

/**
 * Streams a body into a sink and verifies it.
 *
 * @param request The request.
 * @param auth Its verified signature.
 * @param sink Takes the bytes; what it wrote must be thrown away if this throws.
 * @param promised The checksum to hold the bytes against; null where the header means another thing.
 * @throws {S3Error} `BadDigest`, `XAmzContentSHA256Mismatch`, `IncompleteBody` and their kin.
 */
export async function receivePayload(
  request: S3Request,
  auth: Authentication,
  sink: PayloadSink,
  promised: PromisedChecksum | null = promisedChecksum(request) ?? null,
): Promise<ReceivedPayload> {
  const expectedSize = declaredSize(request, auth);
  const contentMd5 = declaredMd5(request);
  const algorithm = promised?.algorithm;
  const trailers: Trailers = new Map();
  const md5 = createHash("md5");
  const sha256 = isHash(auth.payloadHash) ? createHash("sha256") : undefined;
  const checksum = algorithm === undefined ? undefined : createChecksum(algorithm);
  let size = 0;
  for await (const chunk of payloadOf(request, auth, trailers)) {
    size += chunk.length;
    if (size > expectedSize) throw new S3Error("IncompleteBody");
    md5.update(chunk);
    sha256?.update(chunk);
    checksum?.update(chunk);
    await sink(chunk);
  }
  if (size !== expectedSize) throw incompleteBody(expectedSize, size);
  if (sha256 !== undefined) {
    const actual = sha256.digest("hex");
    if (actual !== auth.payloadHash) throw sha256Mismatch(auth.payloadHash, actual);
  }
  const digest = md5.digest();
  if (contentMd5 !== undefined && contentMd5 !== digest.toString("base64")) {
    throw new S3Error("BadDigest", undefined, [
      ["ExpectedDigest", contentMd5],
      ["CalculatedDigest", digest.toString("base64")],
    ]);
  }
  const result = { size, md5: digest.toString("hex") };
  if (algorithm === undefined || checksum === undefined) return { ...result, checksum: undefined };
  const value = toBase64(checksum.digest());
  comparePromise(algorithm, promised?.value ?? trailerValue(algorithm, trailers), value);
  return { ...result, checksum: { algorithm, value } };
}

/**
 * Receives a small document as text.
 *
 * @param request The request.
 * @param auth Its verified signature.
 * @param promised As for `receivePayload`.
 * @throws {S3Error} `MalformedXML` when it is larger than any real one.
 */
export async function receiveDocument(
  request: S3Request,
  auth: Authentication,
  promised?: null,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  await receivePayload(request, auth, (chunk) => {
    total += chunk.length;
    if (total > MAX_DOCUMENT_BYTES) throw new S3Error("MalformedXML");
    chunks.push(chunk.slice());
    return Promise.resolve();
  }, promised);
  return Buffer.concat(chunks).toString("utf8");
}

async function* payloadOf(
  request: S3Request,
  auth: Authentication,
  trailers: Trailers,
): AsyncGenerator<Uint8Array> {
  const body = connectionBody(request);
  if (auth.payloadHash.startsWith("STREAMING-")) yield* decodeAwsChunked(body, auth, trailers);
  else yield* body;
}

/** A client that goes away in the middle is an incomplete body, not a failure of ours. */
async function* connectionBody(request: S3Request): AsyncGenerator<Uint8Array> {
  if (request.body === null) return;
  try {
    yield* request.body;
  } catch (cause) {
    if (cause instanceof S3Error) throw cause;
    throw new S3Error("IncompleteBody");
  }
}

function declaredSize(request: S3Request, auth: Authentication): number {
  const name = auth.payloadHash.startsWith("STREAMING-")
    ? "x-amz-decoded-content-length"
    : "content-length";
  const text = request.header(name) ?? (request.body === null ? "0" : undefined);
  if (text === undefined || !/^\d{1,15}$/.test(text)) throw new S3Error("MissingContentLength");
  const size = Number(text);
  if (size > MAX_UPLOAD_BYTES) {
    throw new S3Error("EntityTooLarge", undefined, [
      ["ProposedSize", size],
      ["MaxSizeAllowed", MAX_UPLOAD_BYTES],
    ]);
  }
  return size;
}

function declaredMd5(request: S3Request): string | undefined {
  const value = request.header("content-md5");
  if (value === undefined) return undefined;
  const bytes = Buffer.from(value, "base64");
  if (bytes.length !== 16 || bytes.toString("base64") !== value) {
    throw new S3Error("InvalidDigest", undefined, [["Content-MD5", value]]);
  }
  return value;
}

function trailerValue(algorithm: ChecksumAlgorithm, trailers: Trailers): string {
  const value = trailers.get(checksumHeader(algorithm));
  if (value === undefined) throw new S3Error("MalformedTrailerError");
  return checkForm(algorithm, value);
}

function comparePromise(algorithm: ChecksumAlgorithm, promised: string, actual: string): void {
  if (promised === actual) return;
  throw new S3Error(
    "BadDigest",
    `The ${algorithm} you specified did not match the calculated checksum.`,
  );
}

function incompleteBody(expected: number, actual: number): S3Error {
  return new S3Error(
    "IncompleteBody",
    "You did not provide the number of bytes specified by the Content-Length HTTP header",
    [["NumberBytesExpected", expected], ["NumberBytesProvided", actual]],
  );
}

function sha256Mismatch(expected: string, actual: string): S3Error {
  return new S3Error("XAmzContentSHA256Mismatch", undefined, [
    ["ClientComputedContentSHA256", expected],
    ["S3ComputedContentSHA256", actual],
  ]);
}

function isHash(payloadHash: string): boolean {
  return /^[0-9a-f]{64}$/.test(payloadHash);
}
