// Media files that exist nowhere: any byte of any of them is computed when it is read. A file begins
// as its format does, names the artifact that it is, and goes on with noise out of a seed.
import { Buffer } from "node:buffer";
import { createCipheriv, createHash } from "node:crypto";

/** What a media file consists of. */
export interface MediaSpec {
  /** The artifact's id; stands in the first 256 bytes. */
  readonly id: string;
  readonly kind: "video" | "audio" | "file";
  /** Same seed, same noise. */
  readonly seed: string;
  readonly bytes: number;
}

/** How the artifact's id is written into a media file. */
export const ARTIFACT_MARK = "sixty-artifact:";

const BLOCK_BYTES = 65_536;
const STAMP_BYTES = 8;
const CHECKSUM_STEP_BYTES = 4 * 1024 * 1024;

/** A readable media file. */
export class MediaFile {
  readonly #header: Uint8Array;
  readonly #noise: Uint8Array;

  /** @param spec What it consists of. */
  constructor(readonly spec: MediaSpec) {
    this.#header = createHeader(spec);
    this.#noise = createNoise(spec.seed);
  }

  /** Its length. */
  get bytes(): number {
    return this.spec.bytes;
  }

  /**
   * Computes a part of the file.
   *
   * @param offset Where it begins.
   * @param length How many bytes; the caller stays inside of the file.
   */
  read(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const target = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const position = offset + done;
      const within = position % BLOCK_BYTES;
      const part = this.#noise.subarray(
        within,
        within + Math.min(BLOCK_BYTES - within, length - done),
      );
      target.set(part, done);
      if (within < STAMP_BYTES) {
        this.#stamp(target, done - within, Math.floor(position / BLOCK_BYTES));
      }
      done += part.length;
    }
    if (offset < this.#header.length) {
      target.set(this.#header.subarray(offset, offset + Math.min(length, this.#header.length)));
    }
    return target;
  }

  /** Makes each block of the noise its own: one that arrives in another's place is noticed. */
  #stamp(target: Uint8Array, blockStart: number, block: number): void {
    for (let index = 0; index < STAMP_BYTES; index++) {
      const place = blockStart + index;
      if (place < 0 || place >= target.length) continue;
      const digit = Math.floor(block / 256 ** index) % 256;
      target[place] = (this.#noise[index] ?? 0) ^ digit;
    }
  }

  /** Computes the SHA-256 of the whole file, in hexadecimal digits, without ever holding it. */
  async checksum(): Promise<string> {
    const hash = createHash("sha256");
    for (let offset = 0; offset < this.bytes; offset += CHECKSUM_STEP_BYTES) {
      hash.update(this.read(offset, Math.min(CHECKSUM_STEP_BYTES, this.bytes - offset)));
      // Whoever reads at the same time is not made to wait for the whole of it.
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
    }
    return hash.digest("hex");
  }
}

function createNoise(seed: string): Uint8Array {
  const key = createHash("sha256").update(seed).digest().subarray(0, 16);
  return createCipheriv("aes-128-ctr", key, new Uint8Array(16)).update(new Uint8Array(BLOCK_BYTES));
}

function createHeader(spec: MediaSpec): Uint8Array {
  const mark = `${ARTIFACT_MARK}${spec.id}\n`;
  const header = spec.kind === "video"
    ? createMp4Header(mark, spec.bytes)
    : spec.kind === "audio"
    ? createFlacHeader(mark)
    : Buffer.from(mark);
  return header.subarray(0, spec.bytes);
}

/** ISO base media: `ftyp`, the mark in a `free` box, then one `mdat` that reaches to the end. */
function createMp4Header(mark: string, totalBytes: number): Uint8Array {
  const brands = Buffer.from("isom\0\0\x02\0isomiso2avc1mp41", "latin1");
  const type = box("ftyp", brands);
  const note = box("free", Buffer.from(mark));
  const data = Buffer.alloc(16);
  data.writeUInt32BE(1, 0);
  data.write("mdat", 4, "latin1");
  data.writeBigUInt64BE(BigInt(Math.max(16, totalBytes - type.length - note.length)), 8);
  return Buffer.concat([type, note, data]);
}

function box(name: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + content.length, 0);
  head.write(name, 4, "latin1");
  return Buffer.concat([head, content]);
}

/** FLAC: the stream's description (48 kHz, mono, 16 bit), then the mark as an application's block. */
function createFlacHeader(mark: string): Uint8Array {
  const info = Buffer.alloc(4 + 34);
  info.writeUInt32BE(34, 0);
  info.writeUInt16BE(4096, 4);
  info.writeUInt16BE(4096, 6);
  info.writeUIntBE((48_000 << 4) | 0, 14, 3);
  info.writeUInt8(0xf0, 17);
  const note = Buffer.from(`sxty${mark}`);
  const noteHead = Buffer.alloc(4);
  noteHead.writeUInt32BE(note.length, 0);
  noteHead.writeUInt8(0x82, 0);
  return Buffer.concat([Buffer.from("fLaC"), info, noteHead, note]);
}
