// The in-isolate mode that unit tests use.

import { rejects, strictEqual } from "node:assert/strict";
import { loadFunctionInIsolate } from "../../../scripts/stack/functions/isolate.ts";
import { serveFixture } from "./serve_fixture.ts";

Deno.test("loadFunctionInIsolate() gives the handler that the process would run", async () => {
  await using fixture = await serveFixture({
    files: {
      "hello/index.ts": "export default { fetch: (r) => new Response(new URL(r.url).pathname) };",
    },
  });
  const handler = await loadFunctionInIsolate(fixture.projectDir, "hello");
  const direct = await handler(new Request("http://127.0.0.1/hello/x"));
  strictEqual(await direct.text(), await (await fixture.call("hello/x")).text());
  await rejects(loadFunctionInIsolate(fixture.projectDir, "nowhere"), /no such function/);
});
