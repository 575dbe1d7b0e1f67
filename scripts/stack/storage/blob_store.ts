// Bytes on disk: immutable files, written under a temporary name and renamed, read as ranges.
import { join } from "node:path";

/** A stretch of an object, in a file of its own. */
export interface Segment {
  readonly file: string;
  readonly size: number;
}

/** A file being written. */
export interface BlobWriter {
  write(chunk: Uint8Array): Promise<void>;
  /** Makes the bytes readable. */
  commit(): Promise<Segment>;
  /** Leaves nothing behind; harmless after `commit`. */
  discard(): Promise<void>;
}

const WRITE_BUFFER_BYTES = 256 * 1024;
const READ_CHUNK_BYTES = 128 * 1024;

/** The files of every object and part. */
export class BlobStore {
  readonly #blobDir: string;
  readonly #temporaryDir: string;
  readonly #readers = new Map<string, number>();
  readonly #doomed = new Set<string>();

  private constructor(dataDir: string) {
    this.#blobDir = join(dataDir, "blobs");
    this.#temporaryDir = join(dataDir, "tmp");
  }

  /**
   * Opens the store; half-written files of an earlier run are removed.
   *
   * @param dataDir The server's folder.
   */
  static async open(dataDir: string): Promise<BlobStore> {
    const store = new BlobStore(dataDir);
    await Deno.mkdir(store.#blobDir, { recursive: true });
    await Deno.remove(store.#temporaryDir, { recursive: true }).catch(ignoreMissing);
    await Deno.mkdir(store.#temporaryDir, { recursive: true });
    return store;
  }

  /** Starts a new file. */
  async create(): Promise<BlobWriter> {
    const name = crypto.randomUUID();
    const temporary = join(this.#temporaryDir, name);
    const file = await Deno.open(temporary, { write: true, createNew: true });
    const target = join(this.#blobDir, name);
    return new FileWriter(file, temporary, target, name);
  }

  /**
   * Replaces a small file at once: a reader sees the old text or the new, never a mixture.
   *
   * @param path Where it stands.
   * @param text What it is to hold.
   */
  async replaceText(path: string, text: string): Promise<void> {
    const temporary = join(this.#temporaryDir, crypto.randomUUID());
    await Deno.writeTextFile(temporary, text);
    await Deno.rename(temporary, path);
  }

  /**
   * Streams a range over several segments.
   *
   * @param segments The object's segments.
   * @param start First byte.
   * @param length How many bytes.
   */
  read(segments: readonly Segment[], start: number, length: number): ReadableStream<Uint8Array> {
    this.#retain(segments);
    const source = this.#readRange(segments, start, length);
    const release = this.#releaseOnce(segments);
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        try {
          const next = await source.next();
          if (!next.done) return controller.enqueue(next.value);
          controller.close();
        } catch (cause) {
          controller.error(cause);
        }
        await release();
      },
      cancel: async () => {
        await source.return(undefined);
        await release();
      },
    }, { highWaterMark: 0 });
  }

  async *#readRange(
    segments: readonly Segment[],
    start: number,
    length: number,
  ): AsyncGenerator<Uint8Array> {
    let skip = start;
    let rest = length;
    for (const segment of segments) {
      if (rest === 0) return;
      if (skip >= segment.size) {
        skip -= segment.size;
        continue;
      }
      using file = await Deno.open(join(this.#blobDir, segment.file));
      if (skip > 0) await file.seek(skip, Deno.SeekMode.Start);
      let available = Math.min(rest, segment.size - skip);
      skip = 0;
      while (available > 0) {
        const buffer = new Uint8Array(Math.min(available, READ_CHUNK_BYTES));
        const count = await file.read(buffer);
        if (count === null) throw new Error(`Cannot read blob: ${segment.file} is too short`);
        available -= count;
        rest -= count;
        yield buffer.subarray(0, count);
      }
    }
  }

  /** Removes files, each as soon as nobody reads it any more. */
  async remove(segments: Iterable<Segment>): Promise<void> {
    for (const { file } of segments) {
      if (this.#readers.has(file)) this.#doomed.add(file);
      else await Deno.remove(join(this.#blobDir, file)).catch(ignoreMissing);
    }
  }

  /** Removes every file that a crash left without an owner. */
  async sweep(owned: ReadonlySet<string>): Promise<void> {
    for await (const entry of Deno.readDir(this.#blobDir)) {
      if (!owned.has(entry.name)) await Deno.remove(join(this.#blobDir, entry.name));
    }
  }

  #retain(segments: readonly Segment[]): void {
    for (const { file } of segments) this.#readers.set(file, (this.#readers.get(file) ?? 0) + 1);
  }

  #releaseOnce(segments: readonly Segment[]): () => Promise<void> {
    let isReleased = false;
    return async () => {
      if (isReleased) return;
      isReleased = true;
      for (const { file, size } of segments) {
        const readers = (this.#readers.get(file) ?? 1) - 1;
        if (readers > 0) this.#readers.set(file, readers);
        else this.#readers.delete(file);
        if (readers === 0 && this.#doomed.delete(file)) await this.remove([{ file, size }]);
      }
    };
  }
}

class FileWriter implements BlobWriter {
  readonly #buffer = new Uint8Array(WRITE_BUFFER_BYTES);
  #filled = 0;
  #size = 0;
  #isOpen = true;
  #isCommitted = false;

  constructor(
    readonly file: Deno.FsFile,
    readonly temporary: string,
    readonly target: string,
    readonly name: string,
  ) {}

  async write(chunk: Uint8Array): Promise<void> {
    this.#size += chunk.length;
    for (let at = 0; at < chunk.length;) {
      const piece = chunk.subarray(at, at + this.#buffer.length - this.#filled);
      this.#buffer.set(piece, this.#filled);
      this.#filled += piece.length;
      at += piece.length;
      if (this.#filled === this.#buffer.length) await this.#flush();
    }
  }

  async commit(): Promise<Segment> {
    await this.#flush();
    this.#close();
    await Deno.rename(this.temporary, this.target);
    this.#isCommitted = true;
    return { file: this.name, size: this.#size };
  }

  async discard(): Promise<void> {
    this.#close();
    if (!this.#isCommitted) await Deno.remove(this.temporary).catch(ignoreMissing);
  }

  async #flush(): Promise<void> {
    for (let at = 0; at < this.#filled;) {
      at += await this.file.write(this.#buffer.subarray(at, this.#filled));
    }
    this.#filled = 0;
  }

  #close(): void {
    if (this.#isOpen) this.file.close();
    this.#isOpen = false;
  }
}

/** Swallows the one failure that means "already gone". */
export function ignoreMissing(cause: unknown): void {
  if (!(cause instanceof Deno.errors.NotFound)) throw cause;
}
