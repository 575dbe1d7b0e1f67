// `start`: boots the stack, says what is there, and stays until it is told to stop.

import { join } from "node:path";
import { type CliOptions, portsOf } from "./cli_options.ts";
import { commandPrefix } from "./command_prefix.ts";
import { gatherReport } from "./gather_report.ts";
import { launcherEnds } from "./launchers.ts";
import { StackError } from "./postgres/stack_error.ts";
import { renderReport } from "./status_report.ts";
import { readState } from "./stack_state.ts";
import { type Stack, startStack } from "./stack.ts";
import type { StackDescription } from "./stack_description.ts";
import { tryNext } from "./try_next.ts";

const STOP_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const SAME_SIGNAL_MS = 1_000;
/** Tells a stack that nobody waits for it. */
const DETACHED_VARIABLE = "STACK_DETACHED";
const DETACHED_LIMIT_MS = 180_000;
const POLL_MS = 50;
/** Least that bcrypt has: passwords of tests, gone with their stack, are worth nobody's guessing. */
const EPHEMERAL_PASSWORD_COST = 4;

/**
 * Runs a stack in the foreground.
 *
 * @returns The exit code.
 */
export async function startCommand(options: CliOptions): Promise<number> {
  const say = options.isQuiet ? () => {} : (line: string) => console.log(line);
  const stopAsked = Promise.withResolvers<void>();
  stopOnSignals(stopAsked.resolve, say);
  if (!Deno.env.has(DETACHED_VARIABLE)) void stopWithLauncher(stopAsked.resolve);
  if (options.isEphemeral) void stopWithInput(stopAsked.resolve);
  try {
    const stack = await startStack({
      projectDir: options.projectDir,
      dataDir: options.dataDir,
      ports: portsOf(options),
      seed: options.seed,
      watch: options.watch,
      ...(options.isEphemeral ? { passwordCost: EPHEMERAL_PASSWORD_COST } : {}),
      onProgress: (message) => say(`  ${message}`),
      onTrouble: (message) => console.error(message),
    });
    try {
      if (!options.isQuiet) await sayWhatIsThere(stack.description, placeOf(options));
      if (options.describeTo) await writeDescription(options.describeTo, stack);
      say(`Ready in ${secondsSinceStart()} s`);
      await stopAsked.promise;
    } finally {
      await stack.stop();
    }
  } finally {
    if (options.isEphemeral) await Deno.remove(options.dataDir, { recursive: true });
  }
  say("Stopped; the data is kept for the next start");
  return 0;
}

function stopOnSignals(stop: () => void, say: (line: string) => void): void {
  let firstAt = 0;
  for (const signal of STOP_SIGNALS) {
    Deno.addSignalListener(signal, () => {
      // One Ctrl-C arrives twice: from the terminal, and from the task runner that passes it on.
      if (firstAt > 0 && Date.now() - firstAt > SAME_SIGNAL_MS) {
        // The warden ends whatever is still there.
        Deno.exit(130);
      }
      if (firstAt > 0) return;
      firstAt = Date.now();
      say("\nStopping (once more to cut it short)");
      stop();
    });
  }
}

/**
 * Starts a stack that outlives this process.
 *
 * @returns The exit code, once everything serves.
 * @throws {StackError} When it doesn't come up.
 */
export async function startDetached(options: CliOptions): Promise<number> {
  const logDir = join(options.dataDir, "logs");
  await Deno.mkdir(logDir, { recursive: true });
  const logFile = join(logDir, "stack.log");
  const args = Deno.args.filter((argument) => argument !== "--detach");
  const child = new Deno.Command("/bin/sh", {
    args: [
      "-c",
      'exec "$@" >"$STACK_LOG" 2>&1',
      "sh",
      Deno.execPath(),
      "run",
      "-A",
      new URL("./cli.ts", import.meta.url).href,
      ...args,
    ],
    env: { STACK_LOG: logFile, [DETACHED_VARIABLE]: "1" },
    stdin: "null",
    detached: true,
  }).spawn();
  child.unref();
  const description = await waitForDescription(options.dataDir, child, logFile);
  await sayWhatIsThere(description, placeOf(options));
  const stop = `${commandPrefix()} stop${placeOf(options)}`;
  console.log(`It runs as process ${child.pid}; end it with: ${stop}`);
  console.log(`Ready in ${secondsSinceStart()} s`);
  return 0;
}

async function waitForDescription(
  dataDir: string,
  child: Deno.ChildProcess,
  logFile: string,
): Promise<StackDescription> {
  const ended = { isOver: false };
  void noteEnd(child, ended);
  const deadline = Date.now() + DETACHED_LIMIT_MS;
  while (Date.now() < deadline) {
    const state = await readState(dataDir);
    if (state?.process.pid === child.pid && state.description) return state.description;
    if (ended.isOver) {
      throw new StackError((await Deno.readTextFile(logFile)).trim(), `The log is ${logFile}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  child.kill("SIGTERM");
  throw new StackError(
    `The stack did not come up within ${DETACHED_LIMIT_MS / 1000} s`,
    `The log is ${logFile}`,
  );
}

async function noteEnd(child: Deno.ChildProcess, ended: { isOver: boolean }): Promise<void> {
  await child.status;
  ended.isOver = true;
}

/** Where the data lie, for whoever runs a command on them; nothing where they lie as usual. */
function placeOf({ dataDir, projectDir }: CliOptions): string {
  if (dataDir === join(projectDir, ".stack")) return "";
  return ` --data-dir ${/^[\w./-]+$/.test(dataDir) ? dataDir : `"${dataDir}"`}`;
}

async function sayWhatIsThere(description: StackDescription, place: string): Promise<void> {
  const report = await gatherReport(description);
  console.log(`\n${renderReport(report)}\n\nTry next:`);
  for (const line of tryNext(commandPrefix(), place)) console.log(`  ${line}`);
  console.log("");
}

async function writeDescription(path: string, stack: Stack): Promise<void> {
  const draft = `${path}.draft`;
  await Deno.writeTextFile(draft, JSON.stringify(stack.description), { mode: 0o600 });
  await Deno.rename(draft, path);
}

async function stopWithLauncher(stop: () => void): Promise<void> {
  await launcherEnds();
  stop();
}

async function stopWithInput(stop: () => void): Promise<void> {
  for await (const _ of Deno.stdin.readable);
  stop();
}

function secondsSinceStart(): string {
  return ((Date.now() - performance.timeOrigin) / 1000).toFixed(1);
}
