// What a running stack leaves in its data folder: a lock, and a note by which `status` and `stop` find
// it and the next start cleans up after one that was killed.

import { join } from "node:path";
import { z } from "zod";
import {
  identifyProcess,
  isRunning,
  type ProcessIdentity,
  signalProcess,
  waitForExit,
} from "./process_identity.ts";
import { StackError } from "./postgres/stack_error.ts";
import { type StackDescription, stackDescription } from "./stack_description.ts";

const processIdentity = z.object({ pid: z.number().int(), startedAt: z.string() });
const stateFile = z.object({
  process: processIdentity,
  /** Processes that end with the stack; the database looks after itself. */
  children: z.array(processIdentity.extend({ name: z.string() })),
  /** Set once everything serves. */
  description: stackDescription.nullable(),
});

/** The note of a stack that runs or was killed. */
export type StackState = z.infer<typeof stateFile>;

const REAP_LIMIT_MS = 5_000;

/** The files of one data folder that this module keeps. */
export function statePaths(dataDir: string): { readonly state: string; readonly lock: string } {
  return { state: join(dataDir, "state.json"), lock: join(dataDir, "lock") };
}

/** Reads the note, or `null` when there is none or it was cut off. */
export async function readState(dataDir: string): Promise<StackState | null> {
  try {
    const text = await Deno.readTextFile(statePaths(dataDir).state);
    const parsed = stateFile.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return null;
    throw error;
  }
}

/** The note of the stack that runs on a data folder now, or `null`. */
export async function findRunningStack(dataDir: string): Promise<StackState | null> {
  const state = await readState(dataDir);
  return state && await isRunning(state.process) ? state : null;
}

/** A data folder that belongs to this process until it ends or lets go. */
export interface StackClaim {
  /** Notes a process that ends with the stack. */
  addChild(name: string, pid: number): Promise<void>;
  removeChild(pid: number): Promise<void>;
  /** Notes that everything serves. */
  publish(description: StackDescription): Promise<void>;
  release(): Promise<void>;
}

/**
 * Keeps one person's data out of another's hands: files that root wrote would shut its owner out.
 *
 * @param dataDir The folder; it may be missing.
 * @throws {StackError} When it belongs to somebody else.
 */
export async function requireOwnFolder(dataDir: string): Promise<void> {
  const uid = Deno.uid();
  try {
    const owner = (await Deno.stat(dataDir)).uid;
    if (uid === null || owner === null || owner === uid) return;
    throw new StackError(
      `The data folder belongs to another user (uid ${owner}, and this is ${uid}): ${dataDir}`,
      "Run it as that user, or keep other data elsewhere: deno task start --data-dir <folder>",
    );
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * Claims a data folder for this process, after ending what a killed stack left running.
 *
 * @throws {StackError} When another stack holds the folder.
 */
export async function claimDataDir(dataDir: string): Promise<StackClaim> {
  await Deno.mkdir(dataDir, { recursive: true });
  const paths = statePaths(dataDir);
  const lock = await Deno.open(paths.lock, { create: true, write: true });
  // The system lets go of this lock with the process, however it ends.
  if (!await lock.tryLock(true)) {
    lock.close();
    throw await describeHolder(dataDir);
  }
  await reapChildren(await readState(dataDir));
  const own = await identifyProcess(Deno.pid);
  if (!own) throw new Error("Cannot identify this process");
  let state: StackState = { process: own, children: [], description: null };
  let writes = Promise.resolve();

  // One after the other: rooms start at the same time, and the last note must be the newest.
  function update(next: StackState): Promise<void> {
    state = next;
    writes = writeAfter(writes, paths.state, () => state);
    return writes;
  }
  await update(state);
  return {
    async addChild(name, pid) {
      const child = await identifyProcess(pid);
      if (child) await update({ ...state, children: [...state.children, { name, ...child }] });
    },
    async removeChild(pid) {
      await update({ ...state, children: state.children.filter((child) => child.pid !== pid) });
    },
    publish: (description) => update({ ...state, description }),
    async release() {
      await writes;
      await Deno.remove(paths.state).catch(() => undefined);
      lock.close();
    },
  };
}

async function writeAfter(
  previous: Promise<void>,
  path: string,
  content: () => StackState,
): Promise<void> {
  await previous;
  const draft = `${path}.draft`;
  // It names the database's passwords.
  await Deno.writeTextFile(draft, JSON.stringify(content(), null, 2), { mode: 0o600 });
  await Deno.rename(draft, path);
}

async function describeHolder(dataDir: string): Promise<StackError> {
  const state = await findRunningStack(dataDir);
  const where = state?.description ? `, at ${state.description.url}` : "";
  return new StackError(
    state
      ? `A stack already runs on this data: process ${state.process.pid}${where}.`
      : `Another process holds the data folder ${dataDir}.`,
    "Use it (deno task status), or end it first: deno task stop",
  );
}

/** Ends the processes that a killed stack left, and only those. */
export async function reapChildren(state: StackState | null): Promise<void> {
  const orphans: ProcessIdentity[] = [];
  for (const child of state?.children ?? []) {
    if (!await isRunning(child)) continue;
    await signalProcess(child, "SIGKILL");
    orphans.push(child);
  }
  for (const orphan of orphans) await waitForExit(orphan, REAP_LIMIT_MS);
}
