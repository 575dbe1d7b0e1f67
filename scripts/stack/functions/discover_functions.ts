// Which functions a project has and how each is run: the folders and config.toml, read by the
// platform's own rules.

import { dirname, isAbsolute, join, resolve } from "node:path";
import { parse } from "smol-toml";
import { z } from "zod";

/** One function that the platform would deploy. */
export interface FunctionSpec {
  /** Folder name, first segment of its path. */
  readonly slug: string;
  /** Absolute path of the module that is run. */
  readonly entrypoint: string;
  /** Absolute path of the import map, or of a deno.json that holds the imports. */
  readonly importMap: string | null;
  /** Whether the gateway asks for a token of this project first. */
  readonly verifyJwt: boolean;
}

/** A `config.toml` that can't be used. */
export class FunctionConfigError extends Error {
  override readonly name = "FunctionConfigError";
}

const DEPLOYABLE_SLUG = /^[A-Za-z][A-Za-z0-9_-]*$/;

const functionConfig = z.object({
  enabled: z.boolean().default(true),
  verify_jwt: z.boolean().default(true),
  entrypoint: z.string().optional(),
  import_map: z.string().optional(),
});
const projectConfig = z.object({ functions: z.record(z.string(), functionConfig).default({}) });
type FunctionConfig = z.infer<typeof functionConfig>;

/**
 * Lists the functions of a project by name: a folder of `supabase/functions` counts when its name is
 * deployable and it has an `index.ts`, or an entrypoint in `supabase/config.toml` that exists.
 *
 * @param projectDir The folder that holds `supabase/`.
 * @throws {FunctionConfigError} When config.toml can't be read.
 */
export async function discoverFunctions(projectDir: string): Promise<Map<string, FunctionSpec>> {
  const supabaseDir = join(resolve(projectDir), "supabase");
  const functionsDir = join(supabaseDir, "functions");
  const config = await readConfig(join(supabaseDir, "config.toml"));
  const slugs = new Set([...await folderNames(functionsDir), ...Object.keys(config)]);

  const found = new Map<string, FunctionSpec>();
  for (const slug of [...slugs].sort()) {
    const settings = config[slug] ?? functionConfig.parse({});
    if (!settings.enabled || !DEPLOYABLE_SLUG.test(slug)) continue;
    const folder = join(functionsDir, slug);
    const entrypoint = fromSupabaseDir(supabaseDir, settings.entrypoint) ??
      join(folder, "index.ts");
    if (!await isFile(entrypoint)) continue;
    const importMap = await findImportMap(supabaseDir, dirname(entrypoint), settings);
    found.set(slug, { slug, entrypoint, importMap, verifyJwt: settings.verify_jwt });
  }
  return found;
}

async function readConfig(path: string): Promise<Record<string, FunctionConfig>> {
  if (!await isFile(path)) return {};
  try {
    return projectConfig.parse(parse(await Deno.readTextFile(path))).functions;
  } catch (cause) {
    throw new FunctionConfigError(`Cannot read the functions in ${path}: ${describe(cause)}`, {
      cause,
    });
  }
}

function describe(error: unknown): string {
  if (error instanceof z.ZodError) return z.prettifyError(error);
  return error instanceof Error ? error.message : String(error);
}

async function folderNames(directory: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(directory)) {
      if (entry.isDirectory) names.push(entry.name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names;
}

function fromSupabaseDir(supabaseDir: string, path: string | undefined): string | undefined {
  if (!path) return undefined;
  return isAbsolute(path) ? path : join(supabaseDir, path);
}

// In the platform's order: config.toml, the function's own deno.json, the map shared by all.
async function findImportMap(
  supabaseDir: string,
  functionDir: string,
  settings: FunctionConfig,
): Promise<string | null> {
  const configured = fromSupabaseDir(supabaseDir, settings.import_map);
  if (configured) return await followImportMap(configured);
  for (const name of ["deno.json", "deno.jsonc"]) {
    const path = join(functionDir, name);
    if (await isFile(path)) return await followImportMap(path);
  }
  const shared = join(supabaseDir, "functions", "import_map.json");
  return await isFile(shared) ? shared : null;
}

// A deno.json that only points to a map stands for that map, as it does when it is deployed.
async function followImportMap(denoJson: string): Promise<string> {
  if (!await isFile(denoJson)) return denoJson;
  const pointer = z.object({ importMap: z.string() })
    .safeParse(parseJson(await Deno.readTextFile(denoJson)));
  return pointer.success ? resolve(dirname(denoJson), pointer.data.importMap) : denoJson;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A file with comments holds its imports itself, and the runtime reads those.
    return null;
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return false;
    }
    throw error;
  }
}
