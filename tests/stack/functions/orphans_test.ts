// Nothing outlives the stack, not even when it is killed.

import { match, ok, strictEqual } from "node:assert/strict";
import { isAlive, until } from "./serve_fixture.ts";

const PARENT = `
import { createFunctionsHandler } from "${new URL(
  "../../../scripts/stack/functions/supervisor.ts",
  import.meta.url,
)}";
const room = await createFunctionsHandler({
  projectDir: Deno.args[0], env: {}, watch: false, verify: () => Promise.resolve(),
});
for (const slug of ["idle", "busy"]) {
  const answer = room.fetch(new Request("http://127.0.0.1/" + slug));
  if (slug === "idle") await (await answer).text();
}
while (room.pidsOf("busy").length === 0) await new Promise((r) => setTimeout(r, 10));
await new Promise((r) => setTimeout(r, 300));
console.log(JSON.stringify([...room.pidsOf("idle"), ...room.pidsOf("busy")]));
await new Promise(() => setInterval(() => {}, 1000));
`;

Deno.test("kill -9 of the parent ends its functions, also one in an endless loop", async () => {
  const projectDir = await Deno.makeTempDir({ prefix: "orphans-" });
  const functions = `${projectDir}/supabase/functions`;
  for (const slug of ["idle", "busy"]) {
    await Deno.mkdir(`${functions}/${slug}`, { recursive: true });
  }
  await Deno.writeTextFile(
    `${functions}/idle/index.ts`,
    "export default { fetch: () => new Response('') };",
  );
  await Deno.writeTextFile(
    `${functions}/busy/index.ts`,
    "export default { fetch() { for (;;); } };",
  );
  await Deno.writeTextFile(
    `${projectDir}/supabase/config.toml`,
    "[functions.idle]\nverify_jwt = false\n[functions.busy]\nverify_jwt = false\n",
  );
  const parentFile = `${projectDir}/parent.ts`;
  await Deno.writeTextFile(parentFile, PARENT);
  const config = new URL("../../../deno.json", import.meta.url).pathname;
  const parent = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", `--config=${config}`, parentFile, projectDir],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = parent.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const line = (await reader.read()).value ?? "";
  match(line, /^\[\d+,\d+\]/);
  const pids: number[] = JSON.parse(line);
  for (const pid of pids) ok(await isAlive(pid), `${pid} runs`);

  parent.kill("SIGKILL");
  strictEqual((await parent.status).signal, "SIGKILL");
  await reader.cancel();
  for (const pid of pids) await until(async () => !await isAlive(pid), `${pid} ends`);
  await Deno.remove(projectDir, { recursive: true });
});
