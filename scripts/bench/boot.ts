// How long each function takes from the start of its process to its first answer, against a function
// that does nothing; with the size of its import graph and of the file that is deployed.
import { strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SignJWT } from "jose";
import { build } from "../build/build.ts";
import { createKeys } from "../stack/auth/keys.ts";
import { importSigningKey } from "../stack/auth/signing_key.ts";
import { DEFAULT_PORTS, type StackKeys } from "../stack/contracts.ts";
import { functionVariables } from "../stack/function_variables.ts";
import { discoverFunctions, type FunctionSpec } from "../stack/functions/discover_functions.ts";
import { functionEnvironment } from "../stack/functions/function_environment.ts";
import { FunctionWorker, HOSTED_LIMITS } from "../stack/functions/function_worker.ts";
import { startWarden } from "../stack/warden.ts";
import { claimsOf } from "./envelope.ts";
import { type BenchRow, compare } from "./harness.ts";

const PROJECT_DIR = fileURLToPath(new URL("../../", import.meta.url)).replace(/\/$/, "");
const ROUNDS = 11;
/** The first ones fill the code cache, as any earlier start on a machine has done. */
const WARMUP_ROUNDS = 3;

/** Requests that are checked, understood to be signed in, and refused for their contents. */
const SIGNED_IN: Readonly<Record<string, { readonly path: string; readonly body?: string }>> = {
  "api-copilot": { path: "/api-copilot/chat", body: "{}" },
  "calendar-sync": { path: "/calendar-sync?unknown=1" },
  "meeting-search": { path: "/meeting-search?unknown=1" },
};

/**
 * Measures every deployable function.
 *
 * @returns The rows of the table.
 */
export async function benchBoot(): Promise<BenchRow[]> {
  const tempDir = await Deno.makeTempDir({ prefix: "sixty-bench-boot-" });
  try {
    await using boots = await Boots.open(tempDir);
    const bundles = await build(PROJECT_DIR, join(tempDir, "dist"));
    const specs = await discoverFunctions(PROJECT_DIR);
    const rows: BenchRow[] = [];
    for (const spec of specs.values()) {
      const bytes = bundles.find(({ name }) => name === spec.slug)?.bytes ?? Number.NaN;
      const size = `${await graphSize(spec)}, bundle ${(bytes / 1000).toFixed(0)} kB`;
      rows.push(
        await boots.compareWithBare(`boot: ${spec.slug} (${size})`, () => boots.boot(spec)),
      );
    }
    for (const [slug, request] of Object.entries(SIGNED_IN)) {
      const spec = specs.get(slug);
      if (spec === undefined) continue;
      const row = await boots.compareWithBare(
        `boot: ${slug}, to the first signed-in answer`,
        () => boots.boot(spec, request),
      );
      rows.push({ ...row, goal: "stated", holds: true });
    }
    return rows;
  } finally {
    await Deno.remove(tempDir, { recursive: true });
  }
}

/** Starts processes of functions and sees to it that each is gone before the next one starts. */
class Boots implements AsyncDisposable {
  readonly #dir: string;
  readonly #keys: StackKeys;
  readonly #token: string;
  readonly #warden = startWarden();
  readonly #bare: FunctionSpec;
  #workers: FunctionWorker[] = [];

  private constructor(dir: string, keys: StackKeys, token: string, bare: FunctionSpec) {
    this.#dir = dir;
    this.#keys = keys;
    this.#token = token;
    this.#bare = bare;
  }

  static async open(dir: string): Promise<Boots> {
    const keys = await createKeys();
    const member = { org: "", person: crypto.randomUUID(), session: crypto.randomUUID() };
    const token = await new SignJWT({
      ...claimsOf(member),
      iss: `http://127.0.0.1:${DEFAULT_PORTS.gateway}/auth/v1`,
    })
      .setProtectedHeader({ alg: "ES256", kid: keys.signingJwk.kid, typ: "JWT" })
      .sign(await importSigningKey(keys.signingJwk));
    await Deno.mkdir(join(dir, "bare"));
    const entrypoint = join(dir, "bare", "index.ts");
    await Deno.writeTextFile(
      entrypoint,
      "export default { fetch: () => new Response(null, { status: 401 }) };\n",
    );
    return new Boots(dir, keys, token, {
      slug: "bare",
      entrypoint,
      importMap: null,
      verifyJwt: false,
    });
  }

  compareWithBare(name: string, ours: () => Promise<void>): Promise<BenchRow> {
    return compare({
      name,
      against: "a function that does nothing",
      goal: { atMost: 3 },
      rounds: ROUNDS,
      warmupRounds: WARMUP_ROUNDS,
      ours,
      theirs: () => this.boot(this.#bare),
      afterEach: () => this.#endAll(),
    });
  }

  /** From the start of the process to its answer; without a request of its own, to a refusal. */
  async boot(
    spec: FunctionSpec,
    signedIn?: { readonly path: string; readonly body?: string },
  ): Promise<void> {
    const workDir = await Deno.makeTempDir({ dir: this.#dir });
    const variables = functionVariables(DEFAULT_PORTS, this.#keys, {});
    const worker = new FunctionWorker({
      spec,
      projectDir: PROJECT_DIR,
      workDir,
      env: functionEnvironment(variables, spec.slug),
      limits: HOSTED_LIMITS,
      warden: this.#warden,
      onLog: () => {},
    });
    this.#workers.push(worker);
    const request = signedIn === undefined
      ? { path: `/${spec.slug}`, body: "{}", status: [401, 404] }
      : { ...signedIn, status: [400] };
    const body = request.body ?? null;
    const response = await worker.fetch(
      new Request(`http://function.test${request.path}`, {
        method: body === null ? "GET" : "POST",
        headers: {
          "content-type": "application/json",
          ...(signedIn === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
        },
      }),
      body,
    );
    const text = await response.text();
    strictEqual(request.status.includes(response.status), true, `${response.status} ${text}`);
  }

  async #endAll(): Promise<void> {
    for (const worker of this.#workers) worker.kill();
    await Promise.all(this.#workers.map(({ ended }) => ended));
    this.#workers = [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#endAll();
    await this.#warden.close();
  }
}

interface GraphInfo {
  readonly modules: ReadonlyArray<{ readonly specifier: string }>;
}

/** Lazily loaded modules included: all that can ever be loaded. */
async function graphSize({ entrypoint }: FunctionSpec): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entrypoint],
    cwd: PROJECT_DIR,
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`Cannot read the graph: ${new TextDecoder().decode(stderr)}`);
  const info: GraphInfo = JSON.parse(new TextDecoder().decode(stdout));
  const own = info.modules.filter(({ specifier }) => specifier.startsWith("file:"));
  const packages = info.modules.filter(({ specifier }) => specifier.startsWith("npm:"));
  return `${own.length} modules, ${packages.length} packages`;
}
