// Bodies flow both ways as they come.

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { serveFixture, until } from "./serve_fixture.ts";

const STREAM = `
export default { fetch(request) {
  let timer;
  request.signal.addEventListener("abort", () => console.log("caller left"));
  const body = new ReadableStream({
    start(controller) {
      let n = 0;
      timer = setInterval(() => {
        controller.enqueue(new TextEncoder().encode("data: " + n++ + "\\n\\n"));
      }, 40);
    },
    cancel() { clearInterval(timer); console.log("stream cancelled"); },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
} };`;
const ECHO = `
export default { async fetch(request) {
  const body = new Uint8Array(await request.arrayBuffer());
  return Response.json({
    bytes: body.length,
    length: request.headers.get("content-length"),
    sum: body.reduce((sum, byte) => sum + byte, 0),
  });
} };`;

Deno.test("server-sent events arrive one by one, and a caller who leaves ends the stream", async () => {
  await using fixture = await serveFixture({ files: { "events/index.ts": STREAM } });
  const caller = new AbortController();
  const response = await fixture.call("events", { signal: caller.signal });
  strictEqual(response.headers.get("content-type"), "text/event-stream");
  ok(response.body);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const first = await reader.read();
  const second = await reader.read();
  deepStrictEqual([first.value, second.value], ["data: 0\n\n", "data: 1\n\n"]);
  caller.abort();
  await reader.closed.catch(() => undefined);
  await until(
    () => fixture.log.some((line) => line.text === "stream cancelled"),
    "the function learns that its caller left",
  );
});

Deno.test("a body arrives whole, with its length when it was told", async (t) => {
  await using fixture = await serveFixture({ files: { "echo/index.ts": ECHO } });
  for (const bytes of [0, 10, 3 * 1024 * 1024]) {
    await t.step(`${bytes} bytes`, async () => {
      const body = new Uint8Array(bytes).fill(1);
      const response = await fixture.call("echo", {
        method: "POST",
        body,
        headers: { "content-length": String(bytes) },
      });
      const seen = await response.json();
      strictEqual(seen.bytes, bytes);
      strictEqual(seen.sum, bytes);
    });
  }
});

Deno.test("statuses, headers and redirects pass unchanged", async () => {
  await using fixture = await serveFixture({
    files: {
      "moved/index.ts": `export default { fetch: () => new Response(null, {
        status: 302, headers: [["location", "https://example.com/"], ["set-cookie", "a=1"], ["set-cookie", "b=2"]],
      }) };`,
    },
  });
  const response = await fixture.call("moved");
  strictEqual(response.status, 302);
  strictEqual(response.headers.get("location"), "https://example.com/");
  deepStrictEqual(response.headers.getSetCookie(), ["a=1", "b=2"]);
  await response.body?.cancel();
});
