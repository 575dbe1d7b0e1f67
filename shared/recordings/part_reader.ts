// Cuts a stream into parts of one size, with two buffers that are used over and over: one is filled
// while the other is sent. The stream writes into them directly where it can, which spares a copy of
// every byte.
import { ArtifactError } from "./fetch_artifact.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * A read comes back with so much, or with the rest of the part. Each time that the stream hands over
 * what it has costs CPU, and TLS has 16 KiB at a time; so we let it gather. More would call a slow
 * source silent that still makes it within its lease: half a MiB in 30 s is slower than 5 MiB in 180 s.
 */
const PIECE_BYTES = 512 * 1024;

/** Reads parts off a file that is being downloaded. */
export class PartReader {
  readonly #direct: ReadableStreamBYOBReader | null;
  readonly #copying: ReadableStreamDefaultReader<Bytes> | null;
  readonly #spare: ArrayBuffer[] = [];
  readonly #partBytes: number;
  readonly #timer: ReturnType<typeof setInterval>;
  #left: Bytes = new Uint8Array(0);
  #waitingSince: number | null = null;

  /**
   * @param body The file.
   * @param partBytes Size of a buffer: no part is larger.
   * @param idleMs A read that waits longer ends the stream.
   */
  constructor(body: ReadableStream<Bytes>, partBytes: number, idleMs: number) {
    this.#partBytes = partBytes;
    this.#direct = directReader(body);
    this.#copying = this.#direct === null ? body.getReader() : null;
    this.#timer = setInterval(() => {
      const since = this.#waitingSince;
      if (since !== null && performance.now() - since > idleMs) void this.close();
    }, Math.min(1_000, idleMs));
  }

  /**
   * Reads the next bytes.
   *
   * @param length How many; at most the size of a part.
   * @returns Exactly so many, in a buffer that goes back with {@link recycle}.
   * @throws {ArtifactError} `unavailable` when the stream ends or breaks before.
   */
  async read(length: number): Promise<Bytes> {
    let buffer = this.#spare.pop() ?? new ArrayBuffer(this.#partBytes);
    let filled = 0;
    while (filled < length) {
      this.#waitingSince = performance.now();
      const piece = this.#direct === null
        ? await this.#copy(new Uint8Array(buffer, filled, length - filled))
        : await fill(this.#direct, new Uint8Array(buffer, filled, length - filled));
      this.#waitingSince = null;
      buffer = piece.buffer;
      filled += piece.byteLength;
    }
    return new Uint8Array(buffer, 0, length);
  }

  /** Takes a part's buffer back, once nobody looks at it any more. */
  recycle(part: Bytes): void {
    this.#spare.push(part.buffer);
  }

  /**
   * Reads and forgets.
   *
   * @param length How many bytes.
   */
  async skip(length: number): Promise<void> {
    for (let rest = length; rest > 0;) {
      const part = await this.read(Math.min(rest, this.#partBytes));
      rest -= part.byteLength;
      this.recycle(part);
    }
  }

  /** Ends the download; a read that waits fails. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    try {
      await (this.#direct ?? this.#copying)?.cancel();
    } catch {
      // It had failed already, and whoever read from it was told
    }
  }

  async #copy(target: Bytes): Promise<Bytes> {
    if (this.#left.byteLength === 0) this.#left = await next(this.#copying);
    const piece = this.#left.subarray(0, target.byteLength);
    target.set(piece);
    this.#left = this.#left.subarray(piece.byteLength);
    return target.subarray(0, piece.byteLength);
  }
}

/** Streams of the network can write into a buffer of ours; those that others made may not. */
function directReader(body: ReadableStream<Bytes>): ReadableStreamBYOBReader | null {
  try {
    return body.getReader({ mode: "byob" });
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

async function fill(reader: ReadableStreamBYOBReader, target: Bytes): Promise<Bytes> {
  const min = Math.min(target.byteLength, PIECE_BYTES);
  const { done, value } = await readOrFail(() => reader.read(target, { min }));
  if (done || value === undefined) throw new ArtifactError("unavailable");
  return value;
}

async function next(reader: ReadableStreamDefaultReader<Bytes> | null): Promise<Bytes> {
  if (reader === null) throw new ArtifactError("unavailable");
  const { done, value } = await readOrFail(() => reader.read());
  if (done) throw new ArtifactError("unavailable");
  return value;
}

async function readOrFail<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    throw new ArtifactError("unavailable", null, { cause });
  }
}
