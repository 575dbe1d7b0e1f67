// A PostgreSQL 17 server of the stack's own: made on first use, resumed afterwards.

import { fileURLToPath } from "node:url";
import type { PlatformRole, Progress } from "../contracts.ts";
import { type PostgresServer, startCluster } from "./cluster.ts";
import { openDataFolder } from "./data_folder.ts";
import { findPgtap } from "./find_pgtap.ts";
import { findNativeBinaries } from "./native_binaries.ts";
import { findServerAccount } from "./server_account.ts";
import type { ExtensionFile } from "./server_tree.ts";

export type { PostgresServer } from "./cluster.ts";
export { StackError } from "./stack_error.ts";

/** How to start a server. */
export interface StartPostgresOptions {
  /** Folder of the database; made when missing. */
  readonly dataDir: string;
  readonly port: number;
  readonly passwords: Readonly<Record<PlatformRole, string>>;
  readonly onProgress?: Progress;
  /** Files of further extensions, or in place of those that the stack brings. */
  readonly extensionFiles?: readonly ExtensionFile[];
}

/**
 * Starts the embedded PostgreSQL on 127.0.0.1, with `supabase_admin` as its superuser.
 *
 * @throws {StackError} When the port is taken, the folder is half written or in use, or PostgreSQL is
 * not installed for this machine.
 */
export async function startPostgres(options: StartPostgresOptions): Promise<PostgresServer> {
  return await startCluster({
    folder: await openDataFolder(options.dataDir),
    installation: await findNativeBinaries(),
    account: await findServerAccount(),
    extensionFiles: [
      ...stackExtensionFiles(["pg_cron", "pg_net", "supabase_vault"]),
      ...await findPgtap(),
      ...options.extensionFiles ?? [],
    ],
    locale: localeArguments(),
    settings: { ...commonSettings(), scram_iterations: "1024" },
    port: options.port,
    passwords: options.passwords,
    report: options.onProgress ?? (() => {}),
  });
}

const STACK_EXTENSIONS = {
  pg_cron: "1.6.4",
  pg_net: "0.19.7",
  supabase_vault: "0.3.1",
} as const;

/** Files of the extensions that stand in for those of the platform. */
export function stackExtensionFiles(
  names: ReadonlyArray<keyof typeof STACK_EXTENSIONS>,
): ExtensionFile[] {
  return names.flatMap((name) =>
    [`${name}.control`, `${name}--${STACK_EXTENSIONS[name]}.sql`].map((file) => ({
      name: file,
      source: fileURLToPath(import.meta.resolve(`./extensions/${file}`)),
    }))
  );
}

function localeArguments(): string[] {
  // The built-in provider sorts alike on every system; the C library's part names differ.
  const libc = Deno.build.os === "linux"
    ? ["--locale=C.UTF-8"]
    : ["--locale=C", "--lc-ctype=UTF-8"];
  return [...libc, "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
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
    log_checkpoints: "off",
  };
}
