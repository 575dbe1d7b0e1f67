// `status`, `stop` and `reset`: commands about a stack that another process runs.

import { join } from "node:path";
import type { CliOptions } from "./cli_options.ts";
import { commandPrefix } from "./command_prefix.ts";
import { stopLeftServer } from "./postgres/left_server.ts";
import { StackError } from "./postgres/stack_error.ts";
import { signalProcess, waitForExit } from "./process_identity.ts";
import { findRunningStack, readState, reapChildren, statePaths } from "./stack_state.ts";

const STOP_LIMIT_MS = 20_000;
/** What `reset` leaves, if it is whole: people keep their keys, as with Supabase's own reset. */
const KEYS = "keys.json";

/** Shows the running stack. @returns 0, or 1 when there is none. */
export async function statusCommand(options: CliOptions): Promise<number> {
  const state = await findRunningStack(options.dataDir);
  if (!state) {
    console.error(`No stack runs on ${options.dataDir}. Start one: ${commandPrefix()} start`);
    return 1;
  }
  if (!state.description) {
    console.error(`The stack of process ${state.process.pid} is still starting.`);
    return 1;
  }
  const { gatherReport } = await import("./gather_report.ts");
  const { renderEnvironment, renderJson, renderReport } = await import("./status_report.ts");
  const render = { text: renderReport, json: renderJson, env: renderEnvironment }[options.format];
  console.log(render(await gatherReport(state.description)));
  return 0;
}

/** Stops the running stack. @returns 0, also when there was none. */
export async function stopCommand(options: CliOptions): Promise<number> {
  const hasStopped = await stopRunning(options.dataDir) ||
    await stopLeftServer(join(options.dataDir, "database"));
  console.log(hasStopped ? "Stopped; the data is kept for the next start" : "No stack was running");
  return 0;
}

/** Stops the stack, if it runs, and deletes its data. @returns 0. */
export async function resetCommand(options: CliOptions): Promise<number> {
  await stopRunning(options.dataDir);
  // The end of a killed stack's children, before their folders go.
  await reapChildren(await readState(options.dataDir));
  await stopLeftServer(join(options.dataDir, "database"));
  const folder = statePaths(options.dataDir);
  for (const name of await namesIn(options.dataDir)) {
    const path = join(options.dataDir, name);
    if (path === folder.lock || (name === KEYS && await areWhole(path))) continue;
    await Deno.remove(path, { recursive: true });
  }
  console.log(`Deleted the data in ${options.dataDir}. Start afresh: ${commandPrefix()} start`);
  return 0;
}

/**
 * Stops the stack of a data folder.
 *
 * @returns Whether there was one.
 * @throws {StackError} When it doesn't end.
 */
async function stopRunning(dataDir: string): Promise<boolean> {
  const state = await findRunningStack(dataDir);
  if (!state) return false;
  await signalProcess(state.process, "SIGTERM");
  if (await waitForExit(state.process, STOP_LIMIT_MS)) return true;
  await signalProcess(state.process, "SIGKILL");
  await reapChildren(state);
  if (await waitForExit(state.process, STOP_LIMIT_MS)) return true;
  throw new StackError(
    `The stack of process ${state.process.pid} does not end.`,
    `End it by hand: kill -9 ${state.process.pid}`,
  );
}

async function areWhole(keysFile: string): Promise<boolean> {
  const { KeysFileError, loadOrCreateKeys } = await import("./auth/keys.ts");
  try {
    await loadOrCreateKeys(keysFile);
    return true;
  } catch (error) {
    if (error instanceof KeysFileError) return false;
    throw error;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) names.push(entry.name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names;
}
