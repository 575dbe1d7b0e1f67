// Starts a throw-away stack as a child process, on free ports and a folder of its own. It ends, and
// takes its data along, when it is stopped or when this process ends in whatever way.

import { readDescription, type StackDescription } from "./stack_description.ts";

/** A stack that belongs to this process. */
export interface SpawnedStack {
  readonly description: StackDescription;
  /** Ends it and waits until it is gone. */
  stop(): Promise<void>;
}

/** How to start it. */
export interface SpawnStackOptions {
  /** Folder for its data; made when missing, removed at the end. */
  readonly dataDir: string;
  readonly seed?: boolean;
  readonly watch?: boolean;
  /** Keeps the stack from outliving a limit or a Ctrl-C while it starts. */
  readonly signal?: AbortSignal;
}

const START_LIMIT_MS = 120_000;
const POLL_MS = 30;

/**
 * Starts a stack and waits until it serves.
 *
 * @throws When it doesn't come up; what it said is on standard error.
 */
export async function spawnStack(options: SpawnStackOptions): Promise<SpawnedStack> {
  const { dataDir } = options;
  await Deno.mkdir(dataDir, { recursive: true });
  // Where this runs as root, the database runs as somebody else.
  await Deno.chmod(dataDir, 0o755);
  const descriptionFile = `${dataDir}.json`;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "-A",
      new URL("./cli.ts", import.meta.url).href,
      "start",
      "--ephemeral",
      "--quiet",
      "--free-ports",
      `--data-dir=${dataDir}`,
      `--describe-to=${descriptionFile}`,
      ...(options.seed === false ? ["--no-seed"] : []),
      ...(options.watch ? [] : ["--no-watch"]),
    ],
    // Its end tells the stack that this process is gone.
    stdin: "piped",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  child.unref();
  const ended = child.status;
  async function stop(): Promise<void> {
    child.ref();
    await child.stdin.close().catch(() => undefined);
    await ended;
  }
  try {
    const description = await waitForDescription(descriptionFile, ended, options.signal);
    return { description, stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    await Deno.remove(descriptionFile).catch(() => undefined);
  }
}

async function waitForDescription(
  path: string,
  ended: Promise<Deno.CommandStatus>,
  signal: AbortSignal | undefined,
): Promise<StackDescription> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline) {
    signal?.throwIfAborted();
    try {
      return await readDescription(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    const pause = new Promise<null>((resolve) => setTimeout(() => resolve(null), POLL_MS));
    const status = await Promise.race([ended, pause]);
    if (status) throw new Error(`The stack ended with code ${status.code} while it started`);
  }
  throw new Error(`The stack did not come up within ${START_LIMIT_MS / 1000} s`);
}
