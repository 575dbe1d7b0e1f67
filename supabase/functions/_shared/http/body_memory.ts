// Memory for the copies that fetch() makes of large bodies. It keeps one of every body that it is given,
// in new memory, which the collector gives back when dozens of MB have gathered: a GiB in parts of 5 MiB
// costs a tenth of its CPU in fresh pages and collections, and 60 MB at the peak.

type Bytes = Uint8Array<ArrayBuffer>;

/** Memory that bodies are copied into, used over and over. */
export class BodyMemory {
  readonly #spare: ArrayBuffer[] = [];

  /**
   * Makes a call whose body is copied into memory from here.
   *
   * @param bytes The body.
   * @param send Makes the call with the same bytes, and ends when nobody needs the copy any more.
   * @returns What the call gives.
   */
  async lend<T>(bytes: Bytes, send: (body: Bytes) => Promise<T>): Promise<T> {
    const spare = this.#spare.pop();
    const isLargeEnough = spare !== undefined && spare.byteLength >= bytes.byteLength;
    const memory = isLargeEnough ? spare : new ArrayBuffer(bytes.byteLength);
    try {
      return await send(copiedInto(memory, bytes));
    } finally {
      this.#spare.push(memory);
    }
  }
}

/**
 * The same bytes, whose slice() lies in `memory`: where a copy goes is what `Symbol.species` is asked
 * for. Whoever copies by other means gets a copy like any other.
 */
function copiedInto(memory: ArrayBuffer, bytes: Bytes): Bytes {
  function Copy(first: number | ArrayBuffer, offset?: number, length?: number): Bytes {
    // A number of bytes for slice(), a window on the same bytes for subarray()
    return typeof first === "number"
      ? new Uint8Array(memory, 0, first)
      : new Uint8Array(first, offset, length);
  }
  const body = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Object.defineProperty(body, "constructor", { value: { [Symbol.species]: Copy } });
}
