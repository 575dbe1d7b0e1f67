// Reads a request's body without ever holding more of it than is allowed, whatever its headers say.
import { AppError } from "@shared/errors/app_error.ts";

/** How much is read, and how long it is waited for. */
export interface BodyLimits {
  readonly maxBytes: number;
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 15_000;

/**
 * Reads the body as bytes.
 *
 * @param request The request.
 * @param limits Size and time.
 * @returns The bytes exactly as they came; empty when there is no body.
 * @throws {AppError} `body_too_large`, `request_timeout`, `invalid_request` (the caller hung up) or
 * `unsupported_media_type` (compressed: what it grows to is unknown).
 */
export async function readBody(
  request: Request,
  limits: BodyLimits,
): Promise<Uint8Array<ArrayBuffer>> {
  const encoding = request.headers.get("content-encoding");
  if (encoding !== null && encoding.trim().toLowerCase() !== "identity") {
    throw new AppError("unsupported_media_type");
  }
  // Refused before the first byte; the stream is counted all the same, as headers can lie
  if (Number(request.headers.get("content-length") ?? 0) > limits.maxBytes) {
    await request.body?.cancel();
    throw new AppError("body_too_large");
  }
  const bytes = await readAnnounced(request, limits.maxBytes);
  if (bytes !== null) return bytes;
  if (request.body === null) return new Uint8Array(0);

  const reader = request.body.getReader();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    void reader.cancel();
  }, limits.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  try {
    return await collect(reader, limits.maxBytes, () => isLate);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Bodies of an announced length below 100 kB, in one piece: several times as quick as chunk by chunk.
 * The server has cut the body at the length that was announced, which was found small enough, and
 * the platform ends a connection that stands still.
 */
async function readAnnounced(
  request: Request,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  if (!/^\d{1,5}$/.test(request.headers.get("content-length") ?? "")) return null;
  let bytes;
  try {
    bytes = await request.bytes();
  } catch (cause) {
    throw new AppError("invalid_request", { cause });
  }
  if (bytes.byteLength > maxBytes) throw new AppError("body_too_large");
  return bytes;
}

async function collect(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
  maxBytes: number,
  isLate: () => boolean,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  while (true) {
    const { done, value } = await readChunk(reader);
    if (isLate()) throw new AppError("request_timeout");
    if (done) break;
    length += value.byteLength;
    if (length > maxBytes) {
      await reader.cancel();
      throw new AppError("body_too_large");
    }
    chunks.push(value);
  }
  const [only] = chunks;
  if (only !== undefined && chunks.length === 1) return only;
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

async function readChunk(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
): Promise<ReadableStreamReadResult<Uint8Array<ArrayBuffer>>> {
  try {
    return await reader.read();
  } catch (cause) {
    throw new AppError("invalid_request", { cause });
  }
}
