// Takes `aws-chunked` framing off a body while it streams, verifying chunk and trailer signatures.
import { createHash } from "node:crypto";
import type { Authentication } from "./authenticate.ts";
import { S3Error } from "./s3_error.ts";
import { EMPTY_SHA256, isSameSignature, sha256Hex, sign } from "./signature.ts";

/** Trailing headers, known once the last byte was read. */
export type Trailers = Map<string, string>;

const MAX_LINE_BYTES = 16 * 1024;
const MIN_SIGNED_CHUNK_BYTES = 8192;
const NO_BYTES = new Uint8Array();

/**
 * Decodes a chunked body.
 *
 * @param body The framed bytes.
 * @param auth The verified request; its signature seeds the chain of chunk signatures.
 * @param trailers Filled with what follows the last chunk.
 * @returns The payload, piece by piece; nothing is held back, so commit only after the end.
 * @throws {S3Error} `SignatureDoesNotMatch`, `IncompleteBody`, `InvalidChunkSizeError`,
 * `MalformedTrailerError`.
 */
export async function* decodeAwsChunked(
  body: AsyncIterable<Uint8Array>,
  auth: Authentication,
  trailers: Trailers,
): AsyncGenerator<Uint8Array> {
  const isSigned = auth.payloadHash.startsWith("STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
  const reader = new ChunkReader(body);
  let previous = auth.signature;
  let shortChunks = 0;
  while (true) {
    const { size, signature } = parseChunkHeader(await reader.line(), isSigned);
    const hash = createHash("sha256");
    for (let rest = size; rest > 0;) {
      const piece = await reader.take(rest);
      rest -= piece.length;
      if (isSigned) hash.update(piece);
      yield piece;
    }
    if (isSigned) {
      const text = chunkText("AWS4-HMAC-SHA256-PAYLOAD", auth, previous, [
        EMPTY_SHA256,
        hash.digest("hex"),
      ]);
      const expected = sign(auth, text);
      if (!isSameSignature(expected, signature)) throw new S3Error("SignatureDoesNotMatch");
      previous = expected;
    }
    if (size === 0) break;
    if (await reader.line() !== "") throw new S3Error("IncompleteBody");
    // A short chunk must be the last, so a chunk after a short one is one too many.
    if (isSigned && shortChunks > 0) throw new S3Error("InvalidChunkSizeError");
    if (size < MIN_SIGNED_CHUNK_BYTES) shortChunks += 1;
  }
  await readTrailers(reader, auth, previous, isSigned, trailers);
}

function parseChunkHeader(line: string, isSigned: boolean): { size: number; signature: string } {
  const fields = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line);
  if (fields === null) throw new S3Error("IncompleteBody");
  if (isSigned && fields[2] === undefined) throw new S3Error("SignatureDoesNotMatch");
  return { size: parseInt(fields[1] ?? "", 16), signature: fields[2] ?? "" };
}

async function readTrailers(
  reader: ChunkReader,
  auth: Authentication,
  previous: string,
  isSigned: boolean,
  trailers: Trailers,
): Promise<void> {
  let signed = "";
  let signature: string | undefined;
  // Some SDKs leave out the empty line after the trailers, so the end of the body ends them too.
  for (let line = await reader.lineOrEnd(); line; line = await reader.lineOrEnd()) {
    const colon = line.indexOf(":");
    if (colon < 1) throw new S3Error("MalformedTrailerError");
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === "x-amz-trailer-signature") {
      signature = value;
      continue;
    }
    if (trailers.has(name) || trailers.size >= 16) throw new S3Error("MalformedTrailerError");
    trailers.set(name, value);
    signed += `${name}:${value}\n`;
  }
  if (!await reader.isAtEnd()) throw new S3Error("IncompleteBody");
  const needsSignature = auth.payloadHash.endsWith("-PAYLOAD-TRAILER") && isSigned;
  if (!needsSignature) {
    if (isSigned && trailers.size > 0) throw new S3Error("MalformedTrailerError");
    return;
  }
  const text = chunkText("AWS4-HMAC-SHA256-TRAILER", auth, previous, [sha256Hex(signed)]);
  if (signature === undefined || !isSameSignature(sign(auth, text), signature)) {
    throw new S3Error("SignatureDoesNotMatch");
  }
}

function chunkText(
  algorithm: string,
  auth: Authentication,
  previous: string,
  hashes: readonly string[],
): string {
  return [algorithm, auth.timestamp, auth.scope, previous, ...hashes].join("\n");
}

/** Reads lines and counted bytes off a stream of pieces, without joining them. */
class ChunkReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #piece: Uint8Array = NO_BYTES;
  #isDone = false;

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#source = body[Symbol.asyncIterator]();
  }

  async #fill(): Promise<boolean> {
    while (this.#piece.length === 0 && !this.#isDone) {
      const next = await this.#source.next();
      if (next.done) this.#isDone = true;
      else this.#piece = next.value;
    }
    return this.#piece.length > 0;
  }

  async isAtEnd(): Promise<boolean> {
    return !await this.#fill();
  }

  /** Gives between one and `limit` bytes. */
  async take(limit: number): Promise<Uint8Array> {
    if (!await this.#fill()) throw new S3Error("IncompleteBody");
    const taken = this.#piece.subarray(0, limit);
    this.#piece = this.#piece.subarray(taken.length);
    return taken;
  }

  async line(): Promise<string> {
    const line = await this.lineOrEnd();
    if (line === undefined) throw new S3Error("IncompleteBody");
    return line;
  }

  /** Gives a line without its CRLF, or undefined at the end of the body. */
  async lineOrEnd(): Promise<string | undefined> {
    let line = "";
    while (await this.#fill()) {
      const feed = this.#piece.indexOf(10);
      const end = feed === -1 ? this.#piece.length : feed + 1;
      line += new TextDecoder("latin1").decode(this.#piece.subarray(0, end));
      this.#piece = this.#piece.subarray(end);
      if (line.length > MAX_LINE_BYTES) throw new S3Error("IncompleteBody");
      if (feed === -1) continue;
      if (!line.endsWith("\r\n")) throw new S3Error("IncompleteBody");
      return line.slice(0, -2);
    }
    if (line !== "") throw new S3Error("IncompleteBody");
    return undefined;
  }
}
