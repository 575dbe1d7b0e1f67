// Loopback ports of a stack: the usual ones moved by an offset, free ones for tests, and who holds a
// port that is taken.

import { DEFAULT_PORTS, type StackPorts } from "./contracts.ts";
import { StackError } from "./postgres/stack_error.ts";

const LOOPBACK = "127.0.0.1";
// Below the range that systems take the ports of outgoing connections from.
const FIRST_FREE_PORT = 12_000;
const FREE_PORT_COUNT = 20_000;
const MAX_ATTEMPTS = 200;
const PASSING_CONNECTION_MS = 5_000;
const LISTEN_ATTEMPTS = 3;
const PORT_IS_TAKEN = /AddrInUse|in use|is taken/i;

/** A room of the stack that listens. */
export type PortName = keyof StackPorts;

/** The names of all ports, in the order in which they are reported. */
export const PORT_NAMES: readonly PortName[] = [
  "gateway",
  "database",
  "storage",
  "providers",
  "cron",
];

/** The default ports, each moved by the same number. */
export function portsWithOffset(offset: number): StackPorts {
  return mapPorts((name) => DEFAULT_PORTS[name] + offset);
}

/** Ports that nobody uses at this moment. */
export function freePorts(): StackPorts {
  const chosen = new Set<number>();
  return mapPorts(() => {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const port = FIRST_FREE_PORT + Math.floor(Math.random() * FREE_PORT_COUNT);
      if (chosen.has(port) || !canListen(port)) continue;
      chosen.add(port);
      return port;
    }
    throw new StackError("No free port was found.", "Stop what listens on so many ports.");
  });
}

/**
 * Makes sure that every port can be listened on.
 *
 * @throws {StackError} Naming each taken port and, where it can be told, who holds it.
 */
export async function requireFreePorts(ports: StackPorts): Promise<void> {
  const lines = await Promise.all(PORT_NAMES.map(async (name) => {
    const port = ports[name];
    if (await becomesFree(port)) return null;
    const holder = await findListener(port);
    return `Port ${port} (${name}) is taken${holder ? ` by ${holder}` : ""}.`;
  }));
  const problems = lines.filter((line) => line !== null);
  if (problems.length === 0) return;
  throw new StackError(
    problems.join("\n"),
    "Stop what listens there (`supabase stop`, if it is a Supabase stack), or move this stack: deno task start --port-offset 1000",
  );
}

// The usual ports lie where the system takes those of outgoing connections from, so one of them may be
// taken for a moment by nobody who listens.
async function becomesFree(port: number): Promise<boolean> {
  const deadline = Date.now() + PASSING_CONNECTION_MS;
  while (!canListen(port)) {
    const isPassing = Deno.build.os === "linux" && await listeningInode(port) === null;
    if (!isPassing || Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return true;
}

/**
 * Starts what listens on a port, once more when a passing connection happened to have it.
 *
 * @param start What starts it; it fails when the port is taken.
 */
export async function listenOn<T>(port: number, start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; attempt < LISTEN_ATTEMPTS; attempt++) {
    try {
      return await start();
    } catch (error) {
      if (!PORT_IS_TAKEN.test(String(error)) || !await becomesFree(port)) throw error;
    }
  }
  return await start();
}

function canListen(port: number): boolean {
  try {
    Deno.listen({ hostname: LOOPBACK, port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}

function mapPorts(portOf: (name: PortName) => number): StackPorts {
  return {
    gateway: portOf("gateway"),
    database: portOf("database"),
    storage: portOf("storage"),
    providers: portOf("providers"),
    cron: portOf("cron"),
  };
}

/** Describes the process that listens on a port, where the system shows it. */
async function findListener(port: number): Promise<string | null> {
  if (Deno.build.os !== "linux") return null;
  const inode = await listeningInode(port);
  if (!inode) return null;
  for await (const entry of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(entry.name) || !await holdsSocket(entry.name, inode)) continue;
    const words = (await Deno.readTextFile(`/proc/${entry.name}/cmdline`)).split("\0");
    return `process ${entry.name} (${words.join(" ").trim().slice(0, 80)})`;
  }
  return null;
}

async function listeningInode(port: number): Promise<string | null> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    for (const line of (await Deno.readTextFile(table)).split("\n")) {
      const fields = line.trim().split(/\s+/);
      if (fields[1]?.endsWith(suffix) && fields[3] === "0A") return fields[9] ?? null;
    }
  }
  return null;
}

async function holdsSocket(pid: string, inode: string): Promise<boolean> {
  try {
    for await (const fd of Deno.readDir(`/proc/${pid}/fd`)) {
      if (await Deno.readLink(`/proc/${pid}/fd/${fd.name}`) === `socket:[${inode}]`) return true;
    }
  } catch {
    // Another user's process, or one that has just ended.
  }
  return false;
}
