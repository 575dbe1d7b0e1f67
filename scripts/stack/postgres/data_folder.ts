// The folder that holds one stack's database: its layout, how it is made, how a broken one is told.

import { join } from "node:path";
import { commandForAccount, type ServerAccount } from "./server_account.ts";
import { StackError } from "./stack_error.ts";

/** Where everything of one database folder is. */
export interface DataFolder {
  readonly root: string;
  /** PostgreSQL's own files. */
  readonly cluster: string;
  readonly logFile: string;
  /** Names the process that started the server. */
  readonly ownerFile: string;
  /** The vault's root key, outside the database, so that a dump holds cipher text only. */
  readonly vaultKeyFile: string;
  /** Says what was installed in the database, so that a later start need not do it again. */
  readonly stampFile: string;
  /** The server's program with its extensions; can be rebuilt at any time. */
  readonly serverTree: string;
  /** Where an empty database is made, before it takes its place in one step. */
  readonly unfinished: string;
}

const VAULT_KEY = /^[0-9a-f]{64}$/;
const START_OVER = "Start over with an empty one: deno task reset";

/**
 * Names the parts of a database folder, and makes the folder itself when it is missing.
 *
 * @param path Where it is; the parts are named by its real path, whatever links lead there, since a
 * server that was left behind is recognised by it.
 */
export async function openDataFolder(path: string): Promise<DataFolder> {
  await Deno.mkdir(path, { recursive: true });
  const root = await Deno.realPath(path);
  return {
    root,
    cluster: join(root, "cluster"),
    logFile: join(root, "server.log"),
    ownerFile: join(root, "owner.pid"),
    vaultKeyFile: join(root, "vault.key"),
    stampFile: join(root, "platform.stamp"),
    serverTree: join(root, "server"),
    unfinished: join(root, "unfinished"),
  };
}

/**
 * Says whether a folder holds a database.
 *
 * @throws {StackError} When parts of it are missing, or when it is of another PostgreSQL version.
 */
export async function hasCluster(folder: DataFolder, majorVersion: number): Promise<boolean> {
  if (!await exists(folder.cluster)) return false;
  const version = (await readIfExists(join(folder.cluster, "PG_VERSION")))?.trim();
  const isWhole = await exists(join(folder.cluster, "global", "pg_control")) &&
    VAULT_KEY.test(await readIfExists(folder.vaultKeyFile) ?? "");
  if (!version || !isWhole) {
    throw new StackError(`The database folder is half written: ${folder.root}`, START_OVER);
  }
  if (Number(version) !== majorVersion) {
    throw new StackError(
      `The database folder is of PostgreSQL ${version}, this stack runs ${majorVersion}: ${folder.root}`,
      START_OVER,
    );
  }
  return true;
}

/**
 * Makes an empty cluster whose superuser is `supabase_admin`, and the vault key.
 *
 * @param adminPassword Password of the superuser.
 * @throws {StackError} When `initdb` fails.
 */
export async function createCluster(
  folder: DataFolder,
  initdb: string,
  account: ServerAccount | null,
  adminPassword: string,
  locale: readonly string[],
): Promise<void> {
  await giveTo(account, folder.root);
  // Left by a start that was interrupted right here: nothing was ever stored in it.
  if (await exists(folder.unfinished)) await Deno.remove(folder.unfinished, { recursive: true });
  // Of a database that was here before.
  if (await exists(folder.stampFile)) await Deno.remove(folder.stampFile);
  await Deno.mkdir(folder.unfinished, { mode: 0o700 });
  await giveTo(account, folder.unfinished);
  await writeSecret(folder.vaultKeyFile, randomHex(32), account);
  const passwordFile = join(folder.root, "initdb.password");
  await writeSecret(passwordFile, `${adminPassword}\n`, account);
  try {
    await runInitdb(folder, initdb, account, passwordFile, locale);
    await Deno.rename(folder.unfinished, folder.cluster);
  } finally {
    await Deno.remove(passwordFile);
  }
}

async function runInitdb(
  folder: DataFolder,
  initdb: string,
  account: ServerAccount | null,
  passwordFile: string,
  locale: readonly string[],
): Promise<void> {
  const { command, args, ...identity } = await commandForAccount(account, initdb, [
    `--pgdata=${folder.unfinished}`,
    "--username=supabase_admin",
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--no-sync",
    "--no-instructions",
    ...locale,
  ], [folder.unfinished]);
  const result = await new Deno.Command(command, {
    args,
    ...identity,
    clearEnv: true,
    env: serverEnvironment(),
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!result.success) {
    throw new StackError(
      `Cannot make the database folder: ${new TextDecoder().decode(result.stderr).trim()}`,
      START_OVER,
    );
  }
}

/**
 * Writes the configuration; every start does, so that a folder follows the stack's version.
 *
 * @param settings Name and value of every setting.
 */
export async function writeConfiguration(
  folder: DataFolder,
  account: ServerAccount | null,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const lines = Object.entries(settings).map(([name, value]) =>
    `${name} = '${value.replaceAll("'", "''")}'`
  );
  await writeSecret(join(folder.cluster, "postgresql.conf"), `${lines.join("\n")}\n`, account);
  await writeSecret(
    join(folder.cluster, "pg_hba.conf"),
    "host all all 127.0.0.1/32 scram-sha-256\n",
    account,
  );
}

/** The environment of every server program: nothing of the caller's leaks into it. */
export function serverEnvironment(): Record<string, string> {
  return { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };
}

/** Reads a small text file, or null when it does not exist. */
export async function readIfExists(path: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Writes a file that only the server's account and the current one can read. */
export async function writeSecret(
  path: string,
  content: string,
  account: ServerAccount | null,
): Promise<void> {
  await Deno.writeTextFile(path, content, { mode: 0o600 });
  await giveTo(account, path);
}

async function giveTo(account: ServerAccount | null, path: string): Promise<void> {
  if (account !== null) await Deno.chown(path, account.uid, account.gid);
}

function randomHex(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(bytes)).toHex();
}
