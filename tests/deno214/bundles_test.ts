// The bundles that are deployed, on the Deno version of the hosted runtime. Each is served as a process
// of its own with no import map, no node_modules and no file access, as the platform would.
import { ok, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { build, type Bundle, MAX_BUNDLE_BYTES } from "../../scripts/build/build.ts";

/** Deno of the hosted edge runtime 1.74. */
const HOSTED_DENO = "deno@2.1.4";
const PROJECT_DIR = fileURLToPath(new URL("../../", import.meta.url));
const BOOT_LIMIT_MS = 20_000;

const outDir = await Deno.makeTempDir({ prefix: "sixty-bundles-" });
const bundles = await build(PROJECT_DIR, outDir);
const denoDir = await Deno.makeTempDir({ prefix: "sixty-deno214-" });

for (const bundle of bundles) {
  Deno.test(`COP-031 ${bundle.name} boots on Deno 2.1.4 and refuses a caller without credentials`, async () => {
    ok(bundle.bytes <= MAX_BUNDLE_BYTES, `${bundle.name} has ${bundle.bytes} bytes`);
    await using served = await serve(bundle);
    const version = await fetch(`${served.url}/${bundle.name}/openapi.json`);
    strictEqual(version.status, 200);
    const description = await version.json();
    ok(Object.keys(description.paths).length > 0, "the contract names its routes");

    const refused = await fetch(`${served.url}/${bundle.name}/no-such-route`, { method: "POST" });
    ok([400, 401, 404, 405].includes(refused.status), `${refused.status}`);
    strictEqual(refused.headers.get("content-type"), "application/problem+json");
    await refused.body?.cancel();
  });
}

interface Served extends AsyncDisposable {
  readonly url: string;
}

async function serve(bundle: Bundle): Promise<Served> {
  const port = freePort();
  const process = new Deno.Command("npx", {
    args: [
      "--yes",
      HOSTED_DENO,
      "serve",
      "--allow-net",
      "--allow-env",
      "--no-config",
      "--cached-only",
      "--host",
      "127.0.0.1",
      "--port",
      String(port),
      bundle.path,
    ],
    env: { ...settings(bundle.name), DENO_DIR: denoDir },
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const errors = new Response(process.stderr).text();
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    await killTree(process.pid);
    await process.status;
    await errors;
  };
  if (!await answers(url)) {
    await stop();
    throw new Error(`"${bundle.name}" does not answer on Deno 2.1.4: ${await errors}`);
  }
  return { url, [Symbol.asyncDispose]: stop };
}

/** The platform's variables with invented values; nothing is called with them here. */
function settings(name: string): Record<string, string> {
  return {
    SUPABASE_URL: "http://127.0.0.1:9",
    SUPABASE_PUBLISHABLE_KEYS: '{"default":"sb_publishable_test"}',
    SUPABASE_SECRET_KEYS: '{"default":"sb_secret_test","cron":"sb_secret_cron"}',
    SUPABASE_JWKS: '{"keys":[]}',
    SUPABASE_FUNCTION_SLUG: name,
    SIXTY_ENVIRONMENT: "development",
    SIXTY_ALLOWED_ORIGINS: "http://localhost:5173",
    FATHOM_API_BASE_URL: "http://127.0.0.1:9/fathom/external/v1",
    GOOGLE_CALENDAR_BASE_URL: "http://127.0.0.1:9/google/calendar/v3",
    GOOGLE_OAUTH_TOKEN_URL: "http://127.0.0.1:9/google/oauth2/token",
    GOOGLE_OAUTH_CLIENT_ID: "test-client",
    GOOGLE_OAUTH_CLIENT_SECRET: "test-secret",
  };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function answers(url: string): Promise<boolean> {
  const deadline = performance.now() + BOOT_LIMIT_MS;
  while (performance.now() < deadline) {
    try {
      const response = await fetch(url);
      await response.body?.cancel();
      return true;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return false;
}

/** npx leaves the real process as a child of its own. */
async function killTree(pid: number): Promise<void> {
  const { stdout } = await new Deno.Command("pgrep", { args: ["-P", String(pid)] }).output();
  for (const child of new TextDecoder().decode(stdout).split("\n").filter(Boolean)) {
    await killTree(Number(child));
  }
  try {
    Deno.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
