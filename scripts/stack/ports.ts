// Loopback ports of a stack: the usual ones moved by an offset, free ones for tests, and who holds a
// port that is taken.

import { DEFAULT_PORTS, type StackPorts } from "./contracts.ts";
import { StackError } from "./postgres/stack_error.ts";

const LOOPBACK = "127.0.0.1";

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

/** Ports that nobody listens on at this moment. */
export function freePorts(): StackPorts {
  // All are held at once, so that no two rooms get the same one.
  const listeners = PORT_NAMES.map(() => Deno.listen({ hostname: LOOPBACK, port: 0 }));
  try {
    return mapPorts((name) => {
      const listener = listeners[PORT_NAMES.indexOf(name)];
      if (!listener) throw new RangeError(`Unknown port "${name}"`);
      return listener.addr.port;
    });
  } finally {
    for (const listener of listeners) listener.close();
  }
}

/**
 * Makes sure that every port can be listened on.
 *
 * @throws {StackError} Naming each taken port and, where it can be told, who holds it.
 */
export async function requireFreePorts(ports: StackPorts): Promise<void> {
  const taken = PORT_NAMES.filter((name) => !canListen(ports[name]));
  if (taken.length === 0) return;
  const lines = await Promise.all(taken.map(async (name) => {
    const holder = await findListener(ports[name]);
    return `Port ${ports[name]} (${name}) is taken${holder ? ` by ${holder}` : ""}.`;
  }));
  throw new StackError(
    lines.join("\n"),
    "Stop what listens there (`supabase stop`, if it is a Supabase stack), or move this stack: deno task start --port-offset 1000",
  );
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
