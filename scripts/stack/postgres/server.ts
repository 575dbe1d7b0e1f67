// A PostgreSQL 17 server of the stack's own: made on first use, resumed afterwards.

import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { DatabaseServer, PlatformRole, Progress } from "../contracts.ts";
import { connect, type Connection, withConnection } from "./connection.ts";
import {
  createCluster,
  type DataFolder,
  dataFolder,
  hasCluster,
  writeConfiguration,
} from "./data_folder.ts";
import { findNativeBinaries } from "./native_binaries.ts";
import { clearLeftovers, startPostmaster } from "./postmaster.ts";
import { buildServerTree } from "./server_tree.ts";
import { findServerAccount } from "./server_account.ts";
import { StackError } from "./stack_error.ts";

export { StackError } from "./stack_error.ts";

/** A {@link DatabaseServer} with what the platform's installation needs to know of it. */
export interface PostgresServer extends DatabaseServer {
  readonly majorVersion: number;
  readonly folder: DataFolder;
  /** Process id of the server. */
  readonly pid: number;
}

/** How to start a server. */
export interface StartPostgresOptions {
  /** Folder of the database; made when missing. */
  readonly dataDir: string;
  readonly port: number;
  readonly passwords: Readonly<Record<PlatformRole, string>>;
  readonly onProgress?: Progress;
  /** Files of further extensions, pgTAP for example, besides those that the stack brings. */
  readonly extensionFiles?: readonly string[];
}

const MAJOR_VERSION = 17;

/**
 * Starts the embedded PostgreSQL on 127.0.0.1, with `supabase_admin` as its superuser.
 *
 * @throws {StackError} When the port is taken, the folder is half made or in use, or PostgreSQL is
 * not installed for this machine.
 */
export async function startPostgres(options: StartPostgresOptions): Promise<PostgresServer> {
  const folder = dataFolder(resolve(options.dataDir));
  const report = options.onProgress ?? (() => {});
  const installation = await findNativeBinaries();
  const account = await findServerAccount();
  if (!await hasCluster(folder, MAJOR_VERSION)) {
    report("making an empty database");
    const password = options.passwords.supabase_admin;
    await createCluster(folder, installation.initdb, account, password, localeArguments());
  } else if (await clearLeftovers(folder)) {
    report("stopped the database of a killed run");
  }
  await writeConfiguration(folder, account, serverSettings());
  const postgres = await buildServerTree(folder.serverTree, installation, [
    ...stackExtensionFiles(["pg_cron", "pg_net", "supabase_vault"]),
    ...options.extensionFiles ?? [],
  ]);
  const postmaster = await startPostmaster(folder, postgres, account, options.port);
  const server = describeServer({
    majorVersion: MAJOR_VERSION,
    folder,
    port: options.port,
    passwords: options.passwords,
    pid: postmaster.pid,
    stop: postmaster.stop,
  });
  await checkPassword(server);
  return server;
}

/** What {@link describeServer} needs of a started server. */
export interface StartedServer {
  readonly majorVersion: number;
  readonly folder: DataFolder;
  readonly port: number;
  readonly passwords: Readonly<Record<PlatformRole, string>>;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Gives a started server, whatever its version, the face that the other rooms know. */
export function describeServer(started: StartedServer): PostgresServer {
  const url = (role: PlatformRole, database = "postgres"): string =>
    `postgresql://${role}:${encodeURIComponent(started.passwords[role])}` +
    `@127.0.0.1:${started.port}/${database}`;
  return {
    majorVersion: started.majorVersion,
    folder: started.folder,
    port: started.port,
    pid: started.pid,
    url,
    createDatabase: (name, template = "postgres") =>
      runOnMaintenance(
        url("supabase_admin", "template1"),
        `create database ${quoteIdentifier(name)} template ${quoteIdentifier(template)} ` +
          "strategy file_copy",
      ),
    dropDatabase: (name) =>
      runOnMaintenance(
        url("supabase_admin", "template1"),
        `drop database if exists ${quoteIdentifier(name)} with (force)`,
      ),
    stop: () => started.stop(),
  };
}

/** Runs some work as the superuser in one of a server's databases. */
export function withSuperuser<T>(
  server: DatabaseServer,
  database: string,
  run: (client: Connection) => Promise<T>,
): Promise<T> {
  return withConnection(server.url("supabase_admin", database), run);
}

const BUSY_RETRY_MS = 3_000;

// A connection that was just closed may be seen in the source database for some milliseconds more.
async function runOnMaintenance(url: string, statement: string): Promise<void> {
  const client = await connect(url);
  try {
    const deadline = Date.now() + BUSY_RETRY_MS;
    while (true) {
      try {
        await client.query(statement);
        return;
      } catch (error) {
        const isBusy = error instanceof Error && "code" in error && error.code === "55006";
        if (!isBusy || Date.now() > deadline) throw error;
        await new Promise((resume) => setTimeout(resume, 20));
      }
    }
  } finally {
    await client.end();
  }
}

async function checkPassword(server: PostgresServer): Promise<void> {
  try {
    const client = await connect(server.url("supabase_admin", "template1"));
    await client.end();
  } catch (cause) {
    await server.stop();
    throw new StackError(
      `The database folder was made with other passwords: ${server.folder.root}`,
      "Put the keys file back that belongs to it, or start over with the `reset` task.",
      { cause },
    );
  }
}

const STACK_EXTENSIONS = {
  pg_cron: "1.6.4",
  pg_net: "0.19.7",
  supabase_vault: "0.3.1",
} as const;

/** Files of the extensions that stand in for those of the platform. */
export function stackExtensionFiles(names: ReadonlyArray<keyof typeof STACK_EXTENSIONS>): string[] {
  return names.flatMap((name) =>
    [`${name}.control`, `${name}--${STACK_EXTENSIONS[name]}.sql`].map((file) =>
      fileURLToPath(import.meta.resolve(`./extensions/${file}`))
    )
  );
}

/** Quotes a name for use in SQL. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function localeArguments(): string[] {
  // The built-in provider sorts alike on every system; the C library's part names differ.
  const libc = Deno.build.os === "linux"
    ? ["--locale=C.UTF-8"]
    : ["--locale=C", "--lc-ctype=UTF-8"];
  return [...libc, "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
}

function serverSettings(): Record<string, string> {
  return { ...commonSettings(), scram_iterations: "1024" };
}

/** Settings of every server of the stack: a development machine's memory, full durability. */
export function commonSettings(): Record<string, string> {
  return {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: "200",
    shared_buffers: "128MB",
    effective_cache_size: "1GB",
    work_mem: "8MB",
    maintenance_work_mem: "64MB",
    dynamic_shared_memory_type: "posix",
    wal_level: "replica",
    max_wal_size: "1GB",
    fsync: "on",
    synchronous_commit: "on",
    shared_preload_libraries: "pg_stat_statements",
    jit: "off",
    timezone: "UTC",
    log_timezone: "UTC",
    datestyle: "ISO, MDY",
    lc_messages: "C",
    lc_monetary: "C",
    lc_numeric: "C",
    lc_time: "C",
    default_text_search_config: "pg_catalog.english",
    log_line_prefix: "%m [%p] %q%u@%d ",
    log_min_messages: "warning",
    log_statement: "none",
  };
}
