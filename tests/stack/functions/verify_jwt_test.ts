// The gateway's answers before a function is asked.

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { serveFixture, VALID_TOKEN } from "./serve_fixture.ts";

const PATH =
  "export default { fetch: (r) => new Response(r.method + ' ' + new URL(r.url).pathname) };";
const FILES = { "guarded/index.ts": PATH, "open/index.ts": PATH, "off/index.ts": PATH };
const CONFIG = `
[functions.open]
verify_jwt = false
[functions.off]
enabled = false
`;

Deno.test("verify_jwt is on unless config.toml says otherwise", async (t) => {
  await using fixture = await serveFixture({ files: FILES, config: CONFIG });

  await t.step("a call without a token is refused", async () => {
    const response = await fixture.call("guarded");
    strictEqual(response.status, 401);
    deepStrictEqual(await response.json(), { msg: "Error: Missing authorization header" });
  });
  await t.step("another scheme is refused", async () => {
    const response = await fixture.call("guarded", { headers: { authorization: "Basic abc" } });
    strictEqual(response.status, 401);
    deepStrictEqual(await response.json(), { msg: "Error: Auth header is not 'Bearer {token}'" });
  });
  await t.step("a bad token is refused", async () => {
    const response = await fixture.call("guarded", { headers: { authorization: "Bearer no" } });
    strictEqual(response.status, 401);
    deepStrictEqual(await response.json(), { msg: "Invalid JWT" });
  });
  await t.step("a good token passes, and the path begins with the name", async () => {
    const response = await fixture.call("guarded/deep/path", {
      headers: { authorization: `Bearer ${VALID_TOKEN}` },
    });
    strictEqual(response.status, 200);
    strictEqual(await response.text(), "GET /guarded/deep/path");
  });
  await t.step(
    "OPTIONS is exempt, so that a browser's preflight reaches the function",
    async () => {
      const response = await fixture.call("guarded", { method: "OPTIONS" });
      strictEqual(response.status, 200);
      strictEqual(await response.text(), "OPTIONS /guarded");
    },
  );
  await t.step("verify_jwt = false lets everybody in", async () => {
    const response = await fixture.call("open");
    strictEqual(response.status, 200);
    await response.body?.cancel();
  });
});

Deno.test("only what the platform would deploy is served", async (t) => {
  await using fixture = await serveFixture({
    files: {
      ...FILES,
      "_shared/index.ts": PATH,
      "9lives/index.ts": PATH,
      "no-entry/app.ts": PATH,
      "elsewhere/main.ts": PATH,
    },
    config: `${CONFIG}
[functions.elsewhere]
verify_jwt = false
entrypoint = "./functions/elsewhere/main.ts"
`,
  });
  deepStrictEqual(fixture.room.list().map((spec) => spec.slug), ["elsewhere", "guarded", "open"]);
  for (const slug of ["off", "_shared", "9lives", "no-entry", "nowhere"]) {
    await t.step(`${slug} is not found`, async () => {
      const response = await fixture.call(slug);
      strictEqual(response.status, 404);
      strictEqual(await response.text(), "Function not found");
    });
  }
  await t.step("an entrypoint of another name is served", async () => {
    strictEqual(await (await fixture.call("elsewhere")).text(), "GET /elsewhere");
  });
});
