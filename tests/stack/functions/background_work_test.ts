// EdgeRuntime.waitUntil, and the warning before a process has to leave.

import { ok, strictEqual } from "node:assert/strict";
import { serveFixture, until } from "./serve_fixture.ts";

const BACKGROUND = `
addEventListener("beforeunload", (event) => console.log("beforeunload " + event.detail.reason));
export default { fetch(request) {
  const ms = Number(new URL(request.url).searchParams.get("ms"));
  EdgeRuntime.waitUntil((async () => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    console.log("background done");
  })());
  return new Response("answered");
} };`;

Deno.test("waitUntil() keeps a process that was replaced until its work is done", async () => {
  await using fixture = await serveFixture({
    files: { "worker/index.ts": BACKGROUND },
    watch: true,
  });
  strictEqual(await (await fixture.call("worker?ms=700")).text(), "answered");
  const [old] = fixture.room.pidsOf("worker");
  await fixture.write("worker/index.ts", `${BACKGROUND}\n// changed`);
  await until(
    () => fixture.log.some((line) => line.text === "beforeunload early_drop"),
    "the change is noticed",
  );
  ok(!fixture.log.some((line) => line.text === "background done"), "the work is still under way");
  await until(
    () => fixture.log.some((line) => line.text === "background done"),
    "the work is finished",
  );
  await until(() => !fixture.room.pidsOf("worker").includes(old ?? 0), "the old process leaves");
});

Deno.test("a rejected background task is logged and does not end the process", async () => {
  await using fixture = await serveFixture({
    files: {
      "careless/index.ts": `export default { fetch() {
        EdgeRuntime.waitUntil(Promise.reject(new Error("lost")));
        return new Response(String(Deno.pid));
      } };`,
    },
  });
  const first = await (await fixture.call("careless")).text();
  await until(
    () => fixture.log.some((line) => line.text.includes("Background task failed: Error: lost")),
    "the failure is logged",
  );
  strictEqual(await (await fixture.call("careless")).text(), first);
});

Deno.test("closing the room tells functions and does not wait for ever", async () => {
  const fixture = await serveFixture({ files: { "worker/index.ts": BACKGROUND } });
  await (await fixture.call("worker?ms=60000")).text();
  const startedAt = Date.now();
  await fixture[Symbol.asyncDispose]();
  ok(Date.now() - startedAt < 5_000, "an endless task is cut off");
  ok(fixture.log.some((line) => line.text === "beforeunload termination"));
});
