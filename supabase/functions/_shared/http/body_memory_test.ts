// Unit tests of the memory that fetch() copies bodies into.
import { deepStrictEqual, notStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { BodyMemory } from "./body_memory.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Sends bodies to itself; gives what arrived. */
async function echo(send: (url: string) => Promise<Response>): Promise<Bytes> {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const body = await request.bytes();
      const announced = request.headers.get("content-length");
      return new Response(body, { headers: { "x-announced": announced ?? "" } });
    },
  );
  const response = await send(`http://127.0.0.1:${server.addr.port}`);
  const body = await response.bytes();
  strictEqual(response.headers.get("x-announced"), String(body.byteLength));
  return body;
}

Deno.test("V-07 what arrives is what was sent, also when the memory is larger than the body", async () => {
  const memory = new BodyMemory();
  const part = crypto.getRandomValues(new Uint8Array(60_000));
  for (const bytes of [part, part.subarray(7, 20_000), part.subarray(0, 1), part]) {
    const arrived = await echo((url) =>
      memory.lend(bytes, (body) => fetch(url, { method: "PUT", body }))
    );
    deepStrictEqual(arrived, new Uint8Array(bytes));
  }
});

Deno.test("the copy that fetch() makes lies in the memory that was lent, and in the same one again", async () => {
  const memory = new BodyMemory();
  const seen: ArrayBuffer[] = [];
  for (const fill of [1, 2]) {
    await echo((url) =>
      memory.lend(new Uint8Array(30_000).fill(fill), async (body) => {
        const response = await fetch(url, { method: "PUT", body });
        // Written by fetch(), before this asks where slices lie
        const [copy] = [body.slice(0, 0).buffer];
        deepStrictEqual(new Uint8Array(copy), new Uint8Array(30_000).fill(fill));
        seen.push(copy);
        return response;
      })
    );
  }
  strictEqual(seen[0], seen[1]);
});

Deno.test("two calls at once have memory of their own, and a failed one gives it back", async () => {
  const memory = new BodyMemory();
  const copyOf = (fill: number) =>
    memory.lend(new Uint8Array(8).fill(fill), async (body) => {
      const copy = body.slice();
      await Promise.resolve();
      return copy;
    });
  const [one, two] = await Promise.all([copyOf(1), copyOf(2)]);
  deepStrictEqual([[...one], [...two]], [Array(8).fill(1), Array(8).fill(2)]);
  notStrictEqual(one.buffer, two.buffer);
  let lent: ArrayBuffer | undefined;
  await rejects(memory.lend(new Uint8Array(8), (body) => {
    lent = body.slice().buffer;
    return Promise.reject(new Error("cut"));
  }));
  strictEqual((await copyOf(3)).buffer, lent);
});

Deno.test("a window on a lent body shows the body's own bytes", async () => {
  const memory = new BodyMemory();
  const bytes = Uint8Array.of(1, 2, 3, 4);
  await memory.lend(bytes, (body) => {
    const window = body.subarray(1, 3);
    deepStrictEqual([...window], [2, 3]);
    strictEqual(window.buffer, bytes.buffer);
    return Promise.resolve();
  });
});
