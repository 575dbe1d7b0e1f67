// PostgreSQL refuses to run as root: this decides which account it runs under and how to get there.

import { dirname } from "node:path";
import { StackError } from "./stack_error.ts";

/** The account that owns the data files and runs the server; null means the current one. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
}

/** A command line with the options to start it under the right account. */
export interface AccountCommand {
  readonly command: string;
  readonly args: string[];
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * Picks the account: the current one, or `postgres` or `nobody` where the current one is root.
 *
 * @throws {StackError} When root has no other account to use.
 */
export async function findServerAccount(): Promise<ServerAccount | null> {
  if (Deno.uid() !== 0) return null;
  const passwd = await Deno.readTextFile("/etc/passwd");
  for (const wanted of ["postgres", "nobody"]) {
    const fields = passwd.split("\n").map((line) => line.split(":")).find(([name]) =>
      name === wanted
    );
    if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new StackError(
    "PostgreSQL does not run as root, and this machine has neither a `postgres` nor a `nobody` user",
    "Start as an ordinary user, or create one with `useradd --system postgres`.",
  );
}

/**
 * Wraps a command so that it runs under an account.
 *
 * @param account What {@link findServerAccount} returned.
 * @param command Absolute path of the program.
 * @param args Its arguments.
 * @param paths Files and folders that the program must be able to reach.
 */
export async function commandForAccount(
  account: ServerAccount | null,
  command: string,
  args: string[],
  paths: string[],
): Promise<AccountCommand> {
  if (account === null) return { command, args };
  for (const path of [command, ...paths]) {
    if (!await canReach(account, path)) return viaSetpriv(account, command, args);
  }
  return { command, args, uid: account.uid, gid: account.gid };
}

// A project below /root or a private temporary folder is closed to every other account. The server
// gets just the right to pass through it, since moving the data elsewhere would surprise the owner.
async function viaSetpriv(
  account: ServerAccount,
  command: string,
  args: string[],
): Promise<AccountCommand> {
  const options = [
    `--reuid=${account.uid}`,
    `--regid=${account.gid}`,
    "--clear-groups",
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
    // Without it access(2), by which PostgreSQL looks for its own binary, leaves the right out.
    "--securebits=+no_setuid_fixup",
    "--",
  ];
  const probe = await new Deno.Command("setpriv", { args: [...options, "true"] }).output()
    .catch(() => null);
  if (!probe?.success) {
    throw new StackError(
      `The account that runs PostgreSQL (uid ${account.uid}) cannot enter the project's folder`,
      "Move the project to a folder that other users may enter, or start as an ordinary user.",
    );
  }
  return { command: "setpriv", args: [...options, command, ...args] };
}

async function canReach(account: ServerAccount, path: string): Promise<boolean> {
  let folder = dirname(await Deno.realPath(path));
  while (true) {
    const { mode, uid, gid } = await Deno.stat(folder);
    const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
    if (mode !== null && ((mode >> shift) & 1) === 0) return false;
    const parent = dirname(folder);
    if (parent === folder) return true;
    folder = parent;
  }
}
