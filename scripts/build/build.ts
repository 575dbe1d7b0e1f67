// Builds what is deployed: one minified file per function in dist/supabase, beside a config.toml that
// points at it. Server-side bundling on the platform accepts 5 MB of source, and the SDKs as npm
// packages are several times that; a bundle holds only what is used.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type DeployableFunction, deployableFunctions } from "./deployable_functions.ts";

/** Our own limit for one bundle; the platform's is 5 MB. */
export const MAX_BUNDLE_BYTES = 1_500_000;

/** One built function. */
export interface Bundle {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly gzipBytes: number;
}

/**
 * Bundles every function into `<outDir>/supabase/functions/<name>/index.js`.
 *
 * @param projectDir The repository.
 * @param outDir Where `supabase/` is written; emptied first.
 * @returns The bundles, in name order.
 * @throws {Error} A bundle does not build.
 */
export async function build(projectDir: string, outDir: string): Promise<Bundle[]> {
  await Deno.remove(outDir, { recursive: true }).catch(ignoreNotFound);
  const functions = await deployableFunctions(join(projectDir, "supabase/functions"));
  const bundles: Bundle[] = [];
  for (const deployable of functions) bundles.push(await bundle(projectDir, outDir, deployable));
  await writeConfig(projectDir, outDir);
  return bundles;
}

async function bundle(
  projectDir: string,
  outDir: string,
  { name, entrypoint }: DeployableFunction,
): Promise<Bundle> {
  const path = join(outDir, "supabase/functions", name, "index.js");
  await Deno.mkdir(join(outDir, "supabase/functions", name), { recursive: true });
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--minify", "--platform", "deno", "--output", path, entrypoint],
    cwd: projectDir,
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) {
    throw new Error(`Cannot bundle "${name}": ${new TextDecoder().decode(stderr)}`);
  }
  return { name, path, ...await sizes(path) };
}

async function sizes(path: string): Promise<{ bytes: number; gzipBytes: number }> {
  const code = await Deno.readFile(path);
  const compressed = new Blob([code]).stream().pipeThrough(new CompressionStream("gzip"));
  const gzipBytes = (await new Response(compressed).arrayBuffer()).byteLength;
  return { bytes: code.byteLength, gzipBytes };
}

/** The same settings with each entrypoint replaced by its bundle, which needs no import map. */
async function writeConfig(projectDir: string, outDir: string): Promise<void> {
  const source = await Deno.readTextFile(join(projectDir, "supabase/config.toml"));
  const config = source
    .replaceAll(/^\s*import_map\s*=.*\n/gm, "")
    .replaceAll(/^\s*entrypoint\s*=.*\n/gm, "")
    .replaceAll(
      /^\[functions\.([A-Za-z0-9_-]+)\]\n/gm,
      (header, name) => `${header}entrypoint = "./functions/${name}/index.js"\n`,
    );
  await Deno.writeTextFile(join(outDir, "supabase/config.toml"), config);
}

function ignoreNotFound(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(0)} kB`;
}

if (import.meta.main) {
  const projectDir = fileURLToPath(new URL("../../", import.meta.url));
  const bundles = await build(projectDir, join(projectDir, "dist"));
  for (const { name, bytes, gzipBytes } of bundles) {
    console.log(
      `${name.padEnd(28)} ${kilobytes(bytes).padStart(9)}  gzip ${kilobytes(gzipBytes)}`,
    );
  }
  const tooLarge = bundles.filter(({ bytes }) => bytes > MAX_BUNDLE_BYTES);
  if (tooLarge.length > 0) {
    console.error(
      `Over ${kilobytes(MAX_BUNDLE_BYTES)}: ${tooLarge.map(({ name }) => name).join(", ")}`,
    );
    Deno.exit(1);
  }
}
