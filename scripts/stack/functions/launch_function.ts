// Starts the process of a function: its own permissions, its own environment, its own heap.

import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { FunctionSpec } from "./discover_functions.ts";
import type { FunctionLimits } from "./function_worker.ts";

/** What decides how a process is started. */
export interface LaunchOptions {
  readonly spec: FunctionSpec;
  readonly projectDir: string;
  /** The only folder that the function may write to. */
  readonly workDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly limits: FunctionLimits;
}

const BOOTSTRAP = new URL("./bootstrap.ts", import.meta.url);

/**
 * Starts a function's process; it serves on the socket once its module is loaded.
 *
 * @param options The function and its limits.
 * @param socketPath Where it listens.
 */
export function launchFunction(options: LaunchOptions, socketPath: string): Deno.ChildProcess {
  const { spec, projectDir, workDir, limits } = options;
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--cached-only",
      "--no-lock",
      ...configArguments(projectDir),
      ...(spec.importMap ? [`--import-map=${spec.importMap}`] : []),
      `--v8-flags=--max-old-space-size=${limits.heapMegabytes}`,
      "--allow-net",
      "--allow-env",
      "--allow-sys=hostname",
      `--allow-read=${readableByFunctions(projectDir, spec).concat(workDir).join(",")}`,
      `--allow-write=${workDir}`,
      BOOTSTRAP.href,
      socketPath,
      pathToFileURL(spec.entrypoint).href,
    ],
    cwd: workDir,
    clearEnv: true,
    env: { ...options.env, DENO_DIR: denoDir(), DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
    // Ctrl-C in the terminal is the stack's to handle, and then in order.
    detached: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

// The packages that are installed are used as they are: a function must not change them, nor the
// lock file, and needs no resolution while it boots.
function configArguments(projectDir: string): string[] {
  const config = join(projectDir, "deno.json");
  if (!existsSync(config)) return ["--no-config", "--node-modules-dir=none"];
  const hasPackages = existsSync(join(projectDir, "node_modules"));
  return [`--config=${config}`, `--node-modules-dir=${hasPackages ? "manual" : "none"}`];
}

/** The sources, and neither the stack's keys nor the project's settings. */
function readableByFunctions(projectDir: string, spec: FunctionSpec): string[] {
  return [
    join(projectDir, "supabase", "functions"),
    join(projectDir, "shared"),
    join(projectDir, "node_modules"),
    dirname(spec.entrypoint),
    ...(spec.importMap ? [spec.importMap] : []),
  ];
}

function existsSync(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function denoDir(): string {
  const home = Deno.env.get("HOME") ?? "";
  const cache = Deno.build.os === "darwin"
    ? join(home, "Library", "Caches")
    : Deno.env.get("XDG_CACHE_HOME") ?? join(home, ".cache");
  return Deno.env.get("DENO_DIR") ?? join(cache, "deno");
}
