// Notices that whoever launched the stack is gone: `npx` and `deno task` stand between the terminal
// and this process, and when one of them is killed it tells nobody.

import { identifyProcess, isRunning, type ProcessIdentity } from "./process_identity.ts";

const POLL_MS = 500;
/** A command line that does nothing but lead to `task start`. */
const LAUNCHER = /\btask\0?[\s\0]+start\b/;

/**
 * Waits until one of the processes that launched this one has ended; for ever when there is none.
 */
export async function launcherEnds(): Promise<void> {
  const launchers = await findLaunchers();
  if (launchers.length === 0) return await new Promise<void>(() => {});
  while (true) {
    for (const launcher of launchers) {
      if (!await isRunning(launcher)) return;
    }
    await new Promise((resolve) => {
      Deno.unrefTimer(Number(setTimeout(resolve, POLL_MS)));
    });
  }
}

async function findLaunchers(): Promise<ProcessIdentity[]> {
  if (Deno.build.os !== "linux") return [];
  const found: ProcessIdentity[] = [];
  let pid = Deno.ppid;
  while (pid > 1) {
    const commandLine = await readProc(pid, "cmdline");
    if (commandLine === null || !LAUNCHER.test(commandLine)) return found;
    const launcher = await identifyProcess(pid);
    if (launcher) found.push(launcher);
    const stat = await readProc(pid, "stat") ?? "";
    pid = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] ?? 0);
  }
  return found;
}

async function readProc(pid: number, file: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(`/proc/${pid}/${file}`);
  } catch {
    return null;
  }
}
