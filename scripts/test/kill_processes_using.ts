// Ends what a killed lane left running, recognised by the lane's own folder in its command line.

/**
 * Kills every process that was started with a folder in its arguments.
 *
 * @param folder A temporary folder whose name nobody else uses.
 */
export async function killProcessesUsing(folder: string): Promise<void> {
  if (Deno.build.os !== "linux") return;
  for await (const entry of Deno.readDir("/proc")) {
    const pid = Number(entry.name);
    if (!Number.isInteger(pid) || pid === Deno.pid) continue;
    if (!await isStartedWith(pid, folder)) continue;
    try {
      Deno.kill(pid, "SIGKILL");
    } catch {
      // It has just ended.
    }
  }
}

async function isStartedWith(pid: number, folder: string): Promise<boolean> {
  try {
    // With the separator: one lane's name may be the beginning of another's.
    return (await Deno.readTextFile(`/proc/${pid}/cmdline`)).includes(`${folder}/`);
  } catch {
    return false;
  }
}
