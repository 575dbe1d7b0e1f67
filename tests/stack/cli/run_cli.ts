// Runs the stack's command line as a user would, on a folder and ports of the test's own.

import { fileURLToPath } from "node:url";

/** What a command did. */
export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A place for one test's stacks. */
export interface CliSandbox extends AsyncDisposable {
  readonly dataDir: string;
  readonly portOffset: number;
  /** Runs a command to its end. */
  run(args: readonly string[], env?: Record<string, string>): Promise<CliResult>;
  /** Starts one that stays. */
  spawn(args: readonly string[]): Deno.ChildProcess;
}

const PROJECT_DIR = fileURLToPath(new URL("../../../", import.meta.url));
const CLI = fileURLToPath(new URL("../../../scripts/stack/cli.ts", import.meta.url));

/** Makes a sandbox; disposing of it stops what runs there and removes the data. */
export async function openSandbox(): Promise<CliSandbox> {
  const dataDir = await Deno.makeTempDir({ prefix: "stack-cli-" });
  await Deno.chmod(dataDir, 0o755);
  // Above the usual ports and those of outgoing connections, and not those of another run.
  const portOffset = 6_700 + Math.floor(Math.random() * 4_200);

  function commandOf(args: readonly string[], env: Record<string, string> = {}): Deno.Command {
    const [command = "", ...rest] = args;
    const own = command === "start" ? [`--port-offset=${portOffset}`] : [];
    return new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", CLI, command, `--data-dir=${dataDir}`, ...own, ...rest],
      cwd: PROJECT_DIR,
      env,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
  }
  async function run(
    args: readonly string[],
    env: Record<string, string> = {},
  ): Promise<CliResult> {
    const { code, stdout, stderr } = await commandOf(args, env).output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  }
  return {
    dataDir,
    portOffset,
    run,
    spawn: (args) => commandOf(args).spawn(),
    async [Symbol.asyncDispose]() {
      await run(["stop"]);
      await Deno.remove(dataDir, { recursive: true });
    },
  };
}
