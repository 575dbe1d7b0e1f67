// Slack's library wants more of Node than the hosted runtime's Deno has. Bundled as it is deployed, our
// client posts and finds there all the same.
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { startProviders } from "../providers/start_providers.ts";

/** Deno of the hosted edge runtime 1.74. */
const HOSTED_DENO = "deno@2.1.4";
const PROJECT_DIR = fileURLToPath(new URL("../../", import.meta.url));
const POSTING = `
import { createSlack } from "${PROJECT_DIR}supabase/functions/_shared/providers/slack.ts";
const slack = createSlack({
  readVariable: (name) => Deno.env.get(name),
  fetch,
  signal: AbortSignal.timeout(10_000),
});
const message = { channelId: "C02SALES", effectId: "00000000-0000-4000-8000-000000000001", text: "Ünder 2.1.4" };
const posted = await slack.post("xoxb-sim-T0HOSTED", message);
const found = await slack.findPosted("xoxb-sim-T0HOSTED", { ...message, since: new Date() });
console.log(JSON.stringify({ deno: Deno.version.deno, posted, found }));
`;

Deno.test("COP-031 Slack's library posts on Deno 2.1.4, without leave to look at the system", async () => {
  await using providers = await startProviders();
  const dir = await Deno.makeTempDir({ prefix: "sixty-slack-214-" });
  const [entry, bundle] = [
    `${PROJECT_DIR}tests/deno214/.slack_${crypto.randomUUID()}.ts`,
    `${dir}/slack.js`,
  ];
  await Deno.writeTextFile(entry, POSTING);
  try {
    const bundled = await new Deno.Command(Deno.execPath(), {
      args: ["bundle", "--quiet", "--minify", "--platform", "deno", "--output", bundle, entry],
      cwd: PROJECT_DIR,
    }).output();
    strictEqual(bundled.success, true, new TextDecoder().decode(bundled.stderr));
  } finally {
    await Deno.remove(entry);
  }
  const { code, stdout, stderr } = await new Deno.Command("npx", {
    args: [
      "--yes",
      HOSTED_DENO,
      "run",
      "--allow-net",
      "--allow-env",
      "--no-config",
      "--cached-only",
      bundle,
    ],
    env: { SLACK_API_BASE_URL: `${providers.url}/slack/api/`, DENO_DIR: dir },
  }).output();
  strictEqual(code, 0, new TextDecoder().decode(stderr));
  const said = JSON.parse(new TextDecoder().decode(stdout));
  strictEqual(said.deno, "2.1.4");
  deepStrictEqual(said.found, said.posted);
  await Deno.remove(dir, { recursive: true });
});
