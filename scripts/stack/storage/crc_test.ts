// Each CRC against its published check value, in any pieces, and joined without the bytes.
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { combineCrc, type CrcName, createCrc } from "./crc.ts";

const CHECK_VALUES: Readonly<Record<CrcName, string>> = {
  CRC32: "cbf43926",
  CRC32C: "e3069283",
  CRC64NVME: "ae8b14860a799888",
};
const NAMES: readonly CrcName[] = ["CRC32", "CRC32C", "CRC64NVME"];

function crcOf(name: CrcName, ...pieces: Uint8Array[]): Uint8Array {
  const crc = createCrc(name);
  for (const piece of pieces) crc.update(piece);
  return crc.digest();
}

Deno.test("createCrc() gives the published check values", () => {
  for (const name of NAMES) {
    const value = crcOf(name, Buffer.from("123456789"));
    assert.equal(Buffer.from(value).toString("hex"), CHECK_VALUES[name], name);
  }
});

Deno.test("createCrc() and combineCrc() don't care where a text is cut", () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  for (const name of NAMES) {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        const whole = crcOf(name, new Uint8Array([...a, ...b]));
        assert.deepEqual(new Uint8Array(crcOf(name, a, b)), new Uint8Array(whole));
        const joined = combineCrc(name, crcOf(name, a), crcOf(name, b), b.length);
        assert.deepEqual(new Uint8Array(joined), new Uint8Array(whole));
      }),
      { numRuns: 60 },
    );
  }
});
