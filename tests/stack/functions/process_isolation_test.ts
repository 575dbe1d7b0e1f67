// One function's trouble stays its own.

import { deepStrictEqual, notStrictEqual, ok, strictEqual } from "node:assert/strict";
import { serveFixture } from "./serve_fixture.ts";

const HELLO = "export default { fetch: () => new Response('hello') };";
const CRASHING = `
export default { fetch(r) {
  if (r.method === "GET") return new Response(String(Deno.pid));
  setTimeout(() => { throw new Error("out of the blue"); }, 0);
  return new Promise(() => {});
} };`;
const GREEDY = `
export default { fetch() {
  const hoard = [];
  for (;;) hoard.push(new Array(1e5).fill(Math.random() + "x"));
} };`;

Deno.test("a crash answers WORKER_ERROR, leaves the others serving, and the next call works", async () => {
  await using fixture = await serveFixture({
    files: { "hello/index.ts": HELLO, "crashing/index.ts": CRASHING },
  });
  strictEqual(await (await fixture.call("hello")).text(), "hello");
  const helloPids = fixture.room.pidsOf("hello");
  const before = await (await fixture.call("crashing")).text();

  const crash = await fixture.call("crashing", { method: "POST" });
  strictEqual(crash.status, 500);
  deepStrictEqual(await crash.json(), {
    code: "WORKER_ERROR",
    message: "Function exited due to an error (please check logs)",
  });
  ok(fixture.log.some((line) => line.text.includes("out of the blue")), "the log says why");
  strictEqual(await (await fixture.call("hello")).text(), "hello");
  deepStrictEqual(fixture.room.pidsOf("hello"), helloPids);
  const after = await (await fixture.call("crashing")).text();
  notStrictEqual(after, before);
});

Deno.test("a function that outgrows its heap answers WORKER_LIMIT with 546", async () => {
  await using fixture = await serveFixture({
    files: { "greedy/index.ts": GREEDY, "hello/index.ts": HELLO },
    limits: { heapMegabytes: 32 },
  });
  const response = await fixture.call("greedy");
  strictEqual(response.status, 546);
  strictEqual((await response.json()).code, "WORKER_LIMIT");
  strictEqual(await (await fixture.call("hello")).text(), "hello");
});

Deno.test("an endless loop ends at the wall clock limit with 546", async () => {
  await using fixture = await serveFixture({
    files: { "endless/index.ts": "export default { fetch() { for (;;); } };" },
    limits: { wallClockMs: 800 },
  });
  const response = await fixture.call("endless");
  strictEqual(response.status, 546);
  strictEqual((await response.json()).code, "WORKER_LIMIT");
});

Deno.test("a process that has had half its time is replaced, without a failed call", async () => {
  await using fixture = await serveFixture({
    files: {
      "pid/index.ts": `
        addEventListener("beforeunload", (e) => console.log("leaving for " + e.detail.reason));
        export default { fetch: () => new Response(String(Deno.pid)) };`,
    },
    limits: { wallClockMs: 1_000 },
  });
  const pids = new Set<string>();
  for (let call = 0; call < 20; call++) {
    const response = await fixture.call("pid");
    strictEqual(response.status, 200);
    pids.add(await response.text());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  ok(pids.size >= 2, `${pids.size} processes served`);
  ok(fixture.log.some((line) => line.text === "leaving for early_drop"), "it was told");
});

Deno.test("a function that cannot boot answers BOOT_ERROR", async (t) => {
  await using fixture = await serveFixture({
    files: {
      "throws/index.ts": "throw new Error('at import');",
      "silent/index.ts": "export const nothing = 1;",
      "broken/index.ts": "import './missing.ts';",
    },
    limits: { bootTimeoutMs: 600 },
  });
  for (const slug of ["throws", "silent", "broken"]) {
    await t.step(slug, async () => {
      const response = await fixture.call(slug);
      strictEqual(response.status, 503);
      deepStrictEqual(await response.json(), {
        code: "BOOT_ERROR",
        message: "Worker failed to boot (please check logs)",
      });
    });
  }
  await t.step("and boots once its source is corrected", async () => {
    await fixture.write("throws/index.ts", HELLO);
    strictEqual(await (await fixture.call("throws")).text(), "hello");
  });
});

Deno.test("both forms of a function work, and an error in a handler is its own 500", async () => {
  await using fixture = await serveFixture({
    files: {
      "classic/index.ts": "Deno.serve((r) => new Response(r.url));",
      "options/index.ts":
        "Deno.serve({ port: 8000, onError: () => new Response('mine', { status: 418 }) }, () => { throw new Error('x'); });",
      "throws/index.ts": "export default { fetch() { throw new Error('x'); } };",
    },
  });
  strictEqual(
    await (await fixture.call("classic/a?b=1")).text(),
    "http://127.0.0.1:54321/classic/a?b=1",
  );
  const own = await fixture.call("options");
  strictEqual(own.status, 418);
  strictEqual(await own.text(), "mine");
  const pids = fixture.room.pidsOf("throws");
  const failed = await fixture.call("throws");
  strictEqual(failed.status, 500);
  await failed.body?.cancel();
  strictEqual(pids.length, 0);
  strictEqual(fixture.room.pidsOf("throws").length, 1, "its process lives on");
});

Deno.test("requests that come at once share one process", async () => {
  await using fixture = await serveFixture({
    files: { "pid/index.ts": "export default { fetch: () => new Response(String(Deno.pid)) };" },
  });
  const answers = await Promise.all(Array.from({ length: 20 }, () => fixture.call("pid")));
  const pids = new Set(await Promise.all(answers.map((answer) => answer.text())));
  strictEqual(pids.size, 1);
});
