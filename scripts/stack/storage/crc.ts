// The cyclic checksums of S3, over streams, and the arithmetic that joins those of parts.
import { crc32 } from "node:zlib";

/** A checksum that takes bytes as they come. */
export interface RunningChecksum {
  update(chunk: Uint8Array): void;
  digest(): Uint8Array;
}

/** A reflected CRC: width in bits and reversed polynomial. */
interface CrcParameters {
  readonly width: 32 | 64;
  readonly polynomial: bigint;
}

/** The parameters of each CRC that S3 accepts. */
export const CRC_PARAMETERS = {
  CRC32: { width: 32, polynomial: 0xedb88320n },
  CRC32C: { width: 32, polynomial: 0x82f63b78n },
  CRC64NVME: { width: 64, polynomial: 0x9a6c9329ac4bc9b5n },
} as const satisfies Record<string, CrcParameters>;

/** The name of a CRC, as S3 writes it. */
export type CrcName = keyof typeof CRC_PARAMETERS;

/**
 * Starts a CRC.
 *
 * @param name Which one.
 */
export function createCrc(name: CrcName): RunningChecksum {
  if (name === "CRC32") return new NativeCrc32();
  return new TableCrc(CRC_PARAMETERS[name]);
}

class NativeCrc32 implements RunningChecksum {
  #value = 0;

  update(chunk: Uint8Array): void {
    this.#value = crc32(chunk, this.#value);
  }

  digest(): Uint8Array {
    return bigEndian(BigInt(this.#value), 4);
  }
}

/** Eight bytes a step, the register held as two 32-bit halves. */
class TableCrc implements RunningChecksum {
  readonly #bytes: number;
  readonly #low: ReadonlyArray<Uint32Array>;
  readonly #high: ReadonlyArray<Uint32Array>;
  #a = 0xffffffff;
  #b: number;

  constructor(parameters: CrcParameters) {
    this.#bytes = parameters.width / 8;
    this.#b = parameters.width === 64 ? 0xffffffff : 0;
    const { low, high } = tablesFor(parameters);
    this.#low = low;
    this.#high = high;
  }

  update(chunk: Uint8Array): void {
    const [l0, l1, l2, l3, l4, l5, l6, l7] = this.#low;
    const [h0, h1, h2, h3, h4, h5, h6, h7] = this.#high;
    if (!l0 || !l1 || !l2 || !l3 || !l4 || !l5 || !l6 || !l7) return;
    if (!h0 || !h1 || !h2 || !h3 || !h4 || !h5 || !h6 || !h7) return;
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let a = this.#a;
    let b = this.#b;
    let at = 0;
    for (; at + 8 <= chunk.length; at += 8) {
      const x = a ^ view.getUint32(at, true);
      const y = b ^ view.getUint32(at + 4, true);
      const [i7, i6, i5, i4] = [x & 255, (x >>> 8) & 255, (x >>> 16) & 255, x >>> 24];
      const [i3, i2, i1, i0] = [y & 255, (y >>> 8) & 255, (y >>> 16) & 255, y >>> 24];
      a = look(l7, i7) ^ look(l6, i6) ^ look(l5, i5) ^ look(l4, i4) ^
        look(l3, i3) ^ look(l2, i2) ^ look(l1, i1) ^ look(l0, i0);
      b = look(h7, i7) ^ look(h6, i6) ^ look(h5, i5) ^ look(h4, i4) ^
        look(h3, i3) ^ look(h2, i2) ^ look(h1, i1) ^ look(h0, i0);
    }
    for (; at < chunk.length; at += 1) {
      const index = (a ^ view.getUint8(at)) & 255;
      a = ((a >>> 8) | (b << 24)) ^ look(l0, index);
      b = (b >>> 8) ^ look(h0, index);
    }
    this.#a = a;
    this.#b = b;
  }

  digest(): Uint8Array {
    const a = BigInt(~this.#a >>> 0);
    if (this.#bytes === 4) return bigEndian(a, 4);
    return bigEndian((BigInt(~this.#b >>> 0) << 32n) | a, 8);
  }
}

function look(table: Uint32Array, index: number): number {
  return table[index] ?? 0;
}

interface CrcTables {
  readonly low: ReadonlyArray<Uint32Array>;
  readonly high: ReadonlyArray<Uint32Array>;
}

const cachedTables = new Map<bigint, CrcTables>();

function tablesFor({ polynomial }: CrcParameters): CrcTables {
  const cached = cachedTables.get(polynomial);
  if (cached !== undefined) return cached;
  const low = Array.from({ length: 8 }, () => new Uint32Array(256));
  const high = Array.from({ length: 8 }, () => new Uint32Array(256));
  for (let byte = 0; byte < 256; byte++) {
    let value = BigInt(byte);
    for (let slice = 0; slice < 8; slice++) {
      for (let bit = 0; bit < 8; bit++) {
        value = (value & 1n) === 1n ? (value >> 1n) ^ polynomial : value >> 1n;
      }
      low[slice]?.fill(Number(value & 0xffffffffn), byte, byte + 1);
      high[slice]?.fill(Number(value >> 32n), byte, byte + 1);
    }
  }
  const tables = { low, high };
  cachedTables.set(polynomial, tables);
  return tables;
}

/**
 * Joins the CRCs of two neighbouring pieces into that of the whole, without their bytes.
 *
 * @param name Which CRC.
 * @param first That of the first piece.
 * @param second That of the second.
 * @param secondLength How many bytes the second piece has.
 */
export function combineCrc(
  name: CrcName,
  first: Uint8Array,
  second: Uint8Array,
  secondLength: number,
): Uint8Array {
  const { width, polynomial } = CRC_PARAMETERS[name];
  let value = fromBigEndian(first);
  let shift = zeroBitOperator(width, polynomial);
  // One zero byte is eight zero bits; each further squaring doubles the distance.
  for (let i = 0; i < 3; i++) shift = square(shift);
  for (let length = secondLength; length > 0; length = Math.floor(length / 2)) {
    if (length % 2 === 1) value = apply(shift, value);
    shift = square(shift);
  }
  return bigEndian(value ^ fromBigEndian(second), width / 8);
}

function zeroBitOperator(width: number, polynomial: bigint): bigint[] {
  const rows = [polynomial];
  for (let bit = 1; bit < width; bit++) rows.push(1n << BigInt(bit - 1));
  return rows;
}

function apply(matrix: readonly bigint[], vector: bigint): bigint {
  let result = 0n;
  let rest = vector;
  for (const row of matrix) {
    if ((rest & 1n) === 1n) result ^= row;
    rest >>= 1n;
  }
  return result;
}

function square(matrix: readonly bigint[]): bigint[] {
  return matrix.map((row) => apply(matrix, row));
}

function bigEndian(value: bigint, bytes: number): Uint8Array {
  const result = new Uint8Array(bytes);
  let rest = value;
  for (let i = bytes - 1; i >= 0; i--) {
    result[i] = Number(rest & 255n);
    rest >>= 8n;
  }
  return result;
}

function fromBigEndian(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
