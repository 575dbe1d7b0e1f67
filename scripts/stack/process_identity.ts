// Tells a process from a later one with the same number, so that a stack never ends a stranger.

import { isProcessGone } from "./process_gone.ts";

/** One process of this machine. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in whatever form the system tells it. */
  readonly startedAt: string;
}

/** Identifies a process that runs now, or `null` when there is none. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | null> {
  if (!Number.isInteger(pid) || pid <= 0) return null;
  const startedAt = Deno.build.os === "linux" ? await startInProc(pid) : await startByPs(pid);
  return startedAt === null ? null : { pid, startedAt };
}

/** Whether exactly this process still runs. */
export async function isRunning(process: ProcessIdentity): Promise<boolean> {
  return (await identifyProcess(process.pid))?.startedAt === process.startedAt;
}

/**
 * Waits until a process is gone.
 *
 * @param limitMs How long to wait.
 * @returns Whether it went in time.
 */
export async function waitForExit(process: ProcessIdentity, limitMs: number): Promise<boolean> {
  const deadline = Date.now() + limitMs;
  while (await isRunning(process)) {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}

/** Sends a signal to a process, if it still runs. */
export async function signalProcess(
  process: ProcessIdentity,
  signal: Deno.Signal,
): Promise<void> {
  if (!await isRunning(process)) return;
  try {
    Deno.kill(process.pid, signal);
  } catch (error) {
    // It may have ended since.
    if (await isRunning(process)) throw error;
  }
}

async function startInProc(pid: number): Promise<string | null> {
  try {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    // The name in parentheses may hold anything; the state and nineteen fields later the start.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? null : fields[19] ?? null;
  } catch (error) {
    if (isProcessGone(error)) return null;
    throw error;
  }
}

async function startByPs(pid: number): Promise<string | null> {
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "lstart=", "-p", `${pid}`] })
    .output();
  return new TextDecoder().decode(stdout).trim() || null;
}
