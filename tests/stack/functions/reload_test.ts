// A changed source is served with the next request.

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { serveFixture, until } from "./serve_fixture.ts";

const says = (word: string): string =>
  `import { suffix } from "../_shared/suffix.ts";
   export default { fetch: () => new Response("${word}" + suffix) };`;

Deno.test("functions are loaded anew when they change, and only those that may have", async (t) => {
  await using fixture = await serveFixture({
    watch: true,
    files: {
      "one/index.ts": says("one"),
      "two/index.ts": says("two"),
      "_shared/suffix.ts": "export const suffix = '';",
    },
  });
  const text = async (slug: string): Promise<string> => await (await fixture.call(slug)).text();
  strictEqual(await text("one"), "one");
  strictEqual(await text("two"), "two");

  await t.step("its own change", async () => {
    const pids = fixture.room.pidsOf("two");
    await fixture.write("one/index.ts", says("uno"));
    await until(async () => await text("one") === "uno", "the change is served");
    deepStrictEqual(fixture.room.pidsOf("two"), pids, "the other one was left alone");
  });
  await t.step("a change of what they share", async () => {
    await fixture.write("_shared/suffix.ts", "export const suffix = '!';");
    await until(async () => await text("one") === "uno!", "one has it");
    await until(async () => await text("two") === "two!", "two has it");
  });
  await t.step("a new function, and its settings", async () => {
    await fixture.write("three/index.ts", says("three"));
    await until(async () => {
      const response = await fixture.call("three");
      await response.body?.cancel();
      return response.status === 401;
    }, "it is served, and asks for a token");
    await Deno.writeTextFile(
      `${fixture.projectDir}/supabase/config.toml`,
      "[functions.three]\nverify_jwt = false\n",
    );
    await until(async () => await text("three") === "three!", "config.toml is honoured");
  });
  await t.step("a folder that goes", async () => {
    await Deno.remove(`${fixture.projectDir}/supabase/functions/three`, { recursive: true });
    await until(async () => (await text("three")) === "Function not found", "it is gone");
  });
});
