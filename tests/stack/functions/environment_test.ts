// What a function sees and may do: its own settings, the network, and nothing of the machine.

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { serveFixture } from "./serve_fixture.ts";

const TRY = `
async function outcome(action) {
  try { return String(await action()); } catch (error) { return error.name; }
}
export default { async fetch() {
  return Response.json({
    env: Deno.env.toObject(),
    run: await outcome(() => new Deno.Command("/bin/true").output()),
    readHosts: await outcome(() => Deno.readTextFile("/etc/hosts")),
    readKeys: await outcome(() => Deno.readTextFile(new URL("../../../.stack/keys.json", import.meta.url))),
    readDotEnv: await outcome(() => Deno.readTextFile(new URL("../../../.env", import.meta.url))),
    write: await outcome(() => Deno.writeTextFile(new URL("./x", import.meta.url), "x")),
    ownSource: (await outcome(() => Deno.readTextFile(new URL(import.meta.url)))).includes("ownSource"),
    worker: typeof Worker,
    ffi: await outcome(() => Deno.dlopen("libc.so.6", {})),
  });
} };`;

Deno.test("a function sees its settings and its name, and no other variable", async () => {
  Deno.env.set("SIXTY_CANARY", "of the parent");
  try {
    await using fixture = await serveFixture({
      files: { "nosy/index.ts": TRY },
      env: {
        SUPABASE_URL: "http://127.0.0.1:54321",
        MY_SETTING: "1",
        HOME: "/root",
        SUPABASE_INTERNAL_SECRET: "x",
      },
    });
    await Deno.mkdir(`${fixture.projectDir}/.stack`);
    await Deno.writeTextFile(`${fixture.projectDir}/.stack/keys.json`, "keys");
    await Deno.writeTextFile(`${fixture.projectDir}/.env`, "A=1");
    const seen = await (await fixture.call("nosy")).json();
    deepStrictEqual(seen.env, {
      MY_SETTING: "1",
      SUPABASE_FUNCTION_SLUG: "nosy",
      SUPABASE_URL: "http://127.0.0.1:54321",
    });
    for (const denied of ["run", "readHosts", "readKeys", "readDotEnv", "write", "ffi"]) {
      match(seen[denied], /^NotCapable/, denied);
    }
    strictEqual(seen.ownSource, true, "it may read what is deployed");
    strictEqual(seen.worker, "undefined", "the hosted runtime has no workers");
  } finally {
    Deno.env.delete("SIXTY_CANARY");
  }
});

Deno.test("functions don't see each other's name", async () => {
  const source =
    "export default { fetch: () => new Response(Deno.env.get('SUPABASE_FUNCTION_SLUG')) };";
  await using fixture = await serveFixture({
    files: { "one/index.ts": source, "two/index.ts": source },
  });
  strictEqual(await (await fixture.call("one")).text(), "one");
  strictEqual(await (await fixture.call("two")).text(), "two");
});
