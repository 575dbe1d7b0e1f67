// Rooms in processes of their own: the cron worker, the object store and the simulators. A busy room
// can't delay the others, and one that dies is started again.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { StackError } from "./postgres/stack_error.ts";
import type { StackClaim } from "./stack_state.ts";
import type { Warden } from "./warden.ts";

/** What a room's process is started with. */
export interface WorkerRoomSpec {
  readonly name: string;
  /** Its entry module. */
  readonly module: URL;
  readonly args: readonly string[];
  /** Settings that must not be seen in the process list. */
  readonly env: Readonly<Record<string, string>>;
  /** Answers 2xx once the room serves. */
  readonly healthUrl: string;
}

/** What all rooms of a stack share. */
export interface WorkerRoomsOptions {
  readonly logDir: string;
  readonly claim: StackClaim;
  readonly warden: Warden;
  /** Told when a room died and is started again. */
  readonly onTrouble: (message: string) => void;
}

/** A room that runs in a process of its own. */
export interface WorkerRoom {
  /** Ends the process. */
  close(): Promise<void>;
}

const STACK_CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));
const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 3_000;
const RESTART_DELAY_MS = 500;
const POLL_MS = 10;

/**
 * Starts a room and waits until it serves.
 *
 * @throws {StackError} When it ends or stays silent.
 */
export async function startWorkerRoom(
  spec: WorkerRoomSpec,
  options: WorkerRoomsOptions,
): Promise<WorkerRoom> {
  const logFile = join(options.logDir, `${spec.name}.log`);
  let isClosing = false;
  let process = await launch(spec, options, logFile);
  await waitUntilServing(spec, process, logFile);
  const supervision = supervise();

  async function supervise(): Promise<void> {
    while (!isClosing) {
      const { code, signal } = await process.status;
      await forget(process.pid, options);
      if (isClosing) return;
      options.onTrouble(`${spec.name} ended (${signal ?? code}) and is started again: ${logFile}`);
      await pause(RESTART_DELAY_MS);
      process = await launch(spec, options, logFile);
    }
  }
  return {
    async close() {
      isClosing = true;
      await end(process);
      await supervision;
    },
  };
}

async function launch(
  spec: WorkerRoomSpec,
  options: WorkerRoomsOptions,
  logFile: string,
): Promise<Deno.ChildProcess> {
  const child = new Deno.Command("/bin/sh", {
    // The shell only opens the log and becomes the room, so that no pipe of ours has to be kept empty.
    args: [
      "-c",
      'exec "$@" >>"$STACK_ROOM_LOG" 2>&1',
      "sh",
      Deno.execPath(),
      "run",
      "--quiet",
      "--no-lock",
      `--config=${STACK_CONFIG}`,
      "--node-modules-dir=manual",
      "-A",
      spec.module.href,
      ...spec.args,
    ],
    env: { ...spec.env, STACK_ROOM_LOG: logFile, NO_COLOR: "1" },
    // A room that reads to its end knows when the stack is gone, even without the warden.
    stdin: "piped",
    detached: true,
  }).spawn();
  child.unref();
  await options.warden.watch(child.pid);
  await options.claim.addChild(spec.name, child.pid);
  return child;
}

async function forget(pid: number, options: WorkerRoomsOptions): Promise<void> {
  await options.warden.forget(pid);
  await options.claim.removeChild(pid);
}

async function waitUntilServing(
  spec: WorkerRoomSpec,
  process: Deno.ChildProcess,
  logFile: string,
): Promise<void> {
  const ended = endOf(process);
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline) {
    if (await isServing(spec.healthUrl)) return;
    if (await Promise.race([ended, pause(POLL_MS)])) {
      throw new StackError(`${spec.name} did not start:\n${await tail(logFile)}`, `See ${logFile}`);
    }
  }
  await end(process);
  throw new StackError(
    `${spec.name} did not answer within ${START_LIMIT_MS / 1000} s`,
    `See ${logFile}`,
  );
}

async function endOf(process: Deno.ChildProcess): Promise<true> {
  await process.status;
  return true;
}

async function isServing(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

async function end(process: Deno.ChildProcess): Promise<void> {
  process.ref();
  trySignal(process, "SIGTERM");
  const timer = setTimeout(() => trySignal(process, "SIGKILL"), STOP_LIMIT_MS);
  await process.status;
  clearTimeout(timer);
  await process.stdin.close().catch(() => undefined);
}

function trySignal(process: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    process.kill(signal);
  } catch {
    // It has ended already.
  }
}

async function tail(path: string): Promise<string> {
  try {
    return (await Deno.readTextFile(path)).trim().split("\n").slice(-12).join("\n");
  } catch {
    return "(no log)";
  }
}

async function pause(ms: number): Promise<false> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return false;
}
