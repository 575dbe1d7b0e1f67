// The server process: started, awaited, stopped, and found again after its parent was killed.

import { dirname, join } from "node:path";
import { type DataFolder, readIfExists, serverEnvironment } from "./data_folder.ts";
import { commandForAccount, type ServerAccount } from "./server_account.ts";
import { isProcessGone } from "../process_gone.ts";
import { StackError } from "./stack_error.ts";

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 10_000;
const POLL_MS = 5;

/** A running server process. */
export interface Postmaster {
  readonly pid: number;
  /** Ends all sessions and stops; comes back when the process is gone. */
  stop(): Promise<void>;
}

/**
 * Starts the server and waits until it takes connections.
 *
 * @throws {StackError} When the port is taken, or when the server ends or stays silent.
 */
export async function startPostmaster(
  folder: DataFolder,
  postgres: string,
  account: ServerAccount | null,
  port: number,
  environment: Readonly<Record<string, string>>,
): Promise<Postmaster> {
  refuseTakenPort(port);
  const logged = await readIfExists(folder.logFile);
  const { command, args, ...identity } = await commandForAccount(
    account,
    postgres,
    ["-D", folder.cluster, "-p", String(port)],
    [folder.cluster],
  );
  // The shell hands its own process over to the server, with the log as its output, so that
  // nothing breaks when this process dies. Detached: Ctrl-C reaches only the stack, which then
  // stops its rooms in order.
  const child = new Deno.Command("sh", {
    args: ["-c", 'exec "$@" >>"$LOG" 2>&1', "sh", command, ...args],
    ...identity,
    clearEnv: true,
    env: { ...serverEnvironment(), ...environment, LOG: folder.logFile },
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn();
  child.unref();
  await Deno.writeTextFile(folder.ownerFile, String(Deno.pid));
  const ended = watchEnd(child);
  await waitUntilReady(folder, child.pid, ended, port, logged?.length ?? 0);
  return { pid: child.pid, stop: () => stopChild(child, ended) };
}

interface Ending {
  isOver: boolean;
  readonly status: Promise<Deno.CommandStatus>;
}

function watchEnd(child: Deno.ChildProcess): Ending {
  const ending: Ending = { isOver: false, status: markWhenOver() };
  async function markWhenOver(): Promise<Deno.CommandStatus> {
    const status = await child.status;
    ending.isOver = true;
    return status;
  }
  return ending;
}

async function waitUntilReady(
  folder: DataFolder,
  pid: number,
  ending: Ending,
  port: number,
  logOffset: number,
): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline) {
    const lines = (await readIfExists(join(folder.cluster, "postmaster.pid")))?.split("\n") ?? [];
    if (lines[0] === String(pid) && lines[7]?.trim() === "ready") return;
    if (ending.isOver) {
      const log = (await readIfExists(folder.logFile) ?? "").slice(logOffset).trim();
      throw explainEarlyEnd(log, port, folder);
    }
    await sleep(POLL_MS);
  }
  Deno.kill(pid, "SIGQUIT");
  throw new StackError(
    `The database did not start within ${START_LIMIT_MS / 1000} s`,
    `Its log is ${folder.logFile}.`,
  );
}

function explainEarlyEnd(log: string, port: number, folder: DataFolder): StackError {
  if (log.includes("Address already in use")) return takenPort(port);
  return new StackError(
    `The database stopped while it started:\n${log.split("\n").slice(-5).join("\n")}`,
    `Its log is ${folder.logFile}. To start over with an empty database: deno task reset`,
  );
}

/**
 * Throws when something already listens on a loopback port.
 *
 * @throws {StackError} With the port in its message.
 */
export function refuseTakenPort(port: number): void {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) throw takenPort(port);
    throw error;
  }
}

function takenPort(port: number): StackError {
  return new StackError(
    `Port ${port} of 127.0.0.1 is taken, the database cannot listen there`,
    "Stop what uses it, another stack for example, or choose another port.",
  );
}

async function stopChild(child: Deno.ChildProcess, ending: Ending): Promise<void> {
  if (ending.isOver) return;
  child.ref();
  for (const signal of ["SIGINT", "SIGQUIT", "SIGKILL"] as const) {
    try {
      child.kill(signal);
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
    const timer = sleep(STOP_LIMIT_MS);
    const isOver = await Promise.race([ending.status, timer]);
    if (isOver !== undefined) {
      timer.cancel();
      return;
    }
  }
}

/**
 * Clears what a killed run left: a server that lost its parent is stopped, a lock file without a
 * server is removed.
 *
 * @returns Whether a server had to be stopped.
 * @throws {StackError} When the server still has its parent, so another stack uses the folder.
 */
export async function clearLeftovers(folder: DataFolder): Promise<boolean> {
  const lockFile = join(folder.cluster, "postmaster.pid");
  const lock = await readIfExists(lockFile);
  if (lock === null) return false;
  const pid = Number(lock.split("\n")[0]);
  const server = await describeProcess(pid);
  if (server === null || !server.commandLine.includes(folder.cluster)) {
    await Deno.remove(lockFile);
    return false;
  }
  const owner = Number(await readIfExists(folder.ownerFile) ?? "0");
  if (server.parent === owner) {
    throw new StackError(
      `The database folder is in use by the stack of process ${owner}: ${dirname(folder.cluster)}`,
      "Stop that one first, by Ctrl-C where it runs or by: deno task stop",
    );
  }
  await stopOrphan(pid, folder);
  return true;
}

async function stopOrphan(pid: number, folder: DataFolder): Promise<void> {
  for (const signal of ["SIGINT", "SIGQUIT"] as const) {
    Deno.kill(pid, signal);
    const deadline = Date.now() + STOP_LIMIT_MS;
    while (Date.now() < deadline) {
      const server = await describeProcess(pid);
      if (server === null || !server.commandLine.includes(folder.cluster)) return;
      await sleep(POLL_MS);
    }
  }
  throw new StackError(
    `The database server of a killed run does not stop: process ${pid}`,
    `End it with \`kill -9 ${pid}\` and start again.`,
  );
}

interface ProcessDescription {
  readonly parent: number;
  readonly commandLine: string;
}

async function describeProcess(pid: number): Promise<ProcessDescription | null> {
  if (!Number.isInteger(pid) || pid <= 0) return null;
  if (Deno.build.os !== "linux") return await describeByPs(pid);
  try {
    const commandLine = await Deno.readTextFile(`/proc/${pid}/cmdline`);
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    // The name in parentheses may hold spaces; state and parent follow the last one.
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z") return null;
    return { parent: Number(parent), commandLine };
  } catch (error) {
    if (isProcessGone(error)) return null;
    throw error;
  }
}

async function describeByPs(pid: number): Promise<ProcessDescription | null> {
  const result = await new Deno.Command("ps", { args: ["-o", "ppid=,command=", "-p", `${pid}`] })
    .output();
  const found = new TextDecoder().decode(result.stdout).trim().match(/^(\d+)\s+(.*)$/);
  if (!found) return null;
  return { parent: Number(found[1]), commandLine: found[2] ?? "" };
}

function sleep(ms: number): Promise<void> & { cancel(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  return Object.assign(promise, {
    cancel(): void {
      clearTimeout(timer);
      resolve();
    },
  });
}
