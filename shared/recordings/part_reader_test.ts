// Unit tests of the cutter of streams: whatever the pieces that arrive, the parts are the same.
import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { PartReader } from "./part_reader.ts";

type Bytes = Uint8Array<ArrayBuffer>;
type Plain = ReadableStreamDefaultController<Bytes>;
const IDLE_MS = 60_000;

/** A stream of the given pieces, as the network makes it or as anybody may. */
function streamOf(pieces: readonly Bytes[], isNetwork: boolean): ReadableStream<Bytes> {
  const left = pieces.map((piece) => piece.slice());
  const pull = (controller: ReadableByteStreamController | Plain): void => {
    const piece = left.shift();
    if (piece !== undefined) return controller.enqueue(piece);
    controller.close();
    // Whoever waits for bytes is told that there are none
    if ("byobRequest" in controller) controller.byobRequest?.respond(0);
  };
  return isNetwork
    ? new ReadableStream({ type: "bytes", pull })
    : new ReadableStream<Bytes>({ pull });
}

const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 20 })
  .map((list) => list.map((piece) => new Uint8Array(piece)));

Deno.test("V-07 parts are the same however the bytes arrive, and no more than two buffers are used", async () => {
  await fc.assert(
    fc.asyncProperty(
      pieces,
      fc.integer({ min: 1, max: 64 }),
      fc.boolean(),
      async (list, size, isNetwork) => {
        const whole = list.flatMap((piece) => [...piece]);
        const reader = new PartReader(streamOf(list, isNetwork), size, IDLE_MS);
        const read: number[] = [];
        let sending: Bytes | undefined;
        for (let offset = 0; offset < whole.length; offset += size) {
          const part = await reader.read(Math.min(size, whole.length - offset));
          read.push(...part);
          if (sending !== undefined) reader.recycle(sending);
          sending = part;
          strictEqual(part.buffer.byteLength, size);
        }
        await reader.close();
        deepStrictEqual(read, whole);
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("a stream that ends early or breaks is a source that is unavailable", async () => {
  for (const isNetwork of [true, false]) {
    const short = new PartReader(streamOf([new Uint8Array(3)], isNetwork), 4, IDLE_MS);
    await rejects(short.read(4), { code: "source_unavailable" });
    await short.close();
  }
  const broken = new PartReader(
    new ReadableStream<Bytes>({ pull: (controller) => controller.error(new Error("reset")) }),
    4,
    IDLE_MS,
  );
  await rejects(broken.read(1), { code: "source_unavailable" });
  await broken.close();
});

Deno.test("a stream that says nothing is given up; one that nobody reads from is not", async () => {
  const silent = new PartReader(
    new ReadableStream<Bytes>({ type: "bytes", pull: () => new Promise(() => {}) }),
    4,
    30,
  );
  await rejects(silent.read(1), { code: "source_unavailable" });
  const waiting = new PartReader(streamOf([new Uint8Array(4)], true), 4, 30);
  await new Promise((resolve) => setTimeout(resolve, 120));
  strictEqual((await waiting.read(4)).byteLength, 4);
  await waiting.close();
});

Deno.test("what was sent before is skipped", async () => {
  const reader = new PartReader(
    streamOf([Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6, 7)], true),
    2,
    IDLE_MS,
  );
  await reader.skip(5);
  deepStrictEqual([...await reader.read(2)], [6, 7]);
  await reader.close();
});
