// The PostgreSQL 15 lane: Debian's server with the real pg_cron, pgTAP and plpgsql_check, under the
// same platform, to show that migrations and tests hold on the oldest version that is supported.

import { join } from "node:path";
import type { PlatformRole, Progress } from "../contracts.ts";
import { type PostgresServer, startCluster } from "./cluster.ts";
import { type DataFolder, openDataFolder, writeSecret } from "./data_folder.ts";
import { findServerAccount, type ServerAccount } from "./server_account.ts";
import { commonSettings, stackExtensionFiles } from "./server.ts";
import type { ExtensionFile } from "./server_tree.ts";
import { StackError } from "./stack_error.ts";

/** How to start the lane's server. */
export interface StartDebian15Options {
  /** Folder of the database; made when missing. */
  readonly dataDir: string;
  readonly port: number;
  readonly passwords: Readonly<Record<PlatformRole, string>>;
  readonly onProgress?: Progress;
}

const BIN_DIR = "/usr/lib/postgresql/15/bin";
const LIB_DIR = "/usr/lib/postgresql/15/lib";
const SHARE_DIR = "/usr/share/postgresql/15";

// Each package by a file that it installs.
const PACKAGES: Readonly<Record<string, string>> = {
  "postgresql-15": `${BIN_DIR}/postgres`,
  "postgresql-15-cron": `${LIB_DIR}/pg_cron.so`,
  "postgresql-15-pgtap": `${SHARE_DIR}/extension/pgtap.control`,
  "postgresql-15-plpgsql-check": `${LIB_DIR}/plpgsql_check.so`,
};

/** Names the Debian packages that the lane lacks on this machine. */
export async function missingDebianPackages(): Promise<string[]> {
  const missing: string[] = [];
  for (const [name, file] of Object.entries(PACKAGES)) {
    try {
      await Deno.stat(file);
    } catch {
      missing.push(name);
    }
  }
  return missing;
}

/**
 * Starts Debian's PostgreSQL 15 on 127.0.0.1, with `supabase_admin` as its superuser.
 *
 * @throws {StackError} When packages are missing, naming them, or as the embedded server does.
 */
export async function startDebian15(options: StartDebian15Options): Promise<PostgresServer> {
  const missing = await missingDebianPackages();
  if (missing.length > 0) {
    throw new StackError(
      `The PostgreSQL 15 lane lacks Debian packages: ${missing.join(", ")}`,
      `Run \`apt-get install -y ${missing.join(" ")}\`.`,
    );
  }
  const folder = await openDataFolder(options.dataDir);
  const account = await findServerAccount();
  return await startCluster({
    folder,
    installation: {
      majorVersion: 15,
      initdb: `${BIN_DIR}/initdb`,
      postgres: `${BIN_DIR}/postgres`,
      libDir: LIB_DIR,
      shareDir: SHARE_DIR,
    },
    account,
    extensionFiles: [
      ...stackExtensionFiles(["pg_net", "supabase_vault"]),
      await asTrusted("pg_cron"),
      await asTrusted("plpgsql_check"),
    ],
    locale: ["--locale=C.UTF-8"],
    settings: {
      ...commonSettings(),
      shared_preload_libraries: "pg_stat_statements,pg_cron",
      "cron.database_name": "postgres",
      // As clients of the server, jobs report in the words that readers of the log expect.
      "cron.use_background_workers": "off",
      "cron.host": "127.0.0.1",
      "cron.timezone": "UTC",
    },
    environment: { PGPASSFILE: await writePasswordFile(folder, account, options.passwords) },
    port: options.port,
    passwords: options.passwords,
    report: options.onProgress ?? (() => {}),
  });
}

// On the platform postgres, who is no superuser, may create these.
async function asTrusted(extension: string): Promise<ExtensionFile> {
  const name = `${extension}.control`;
  const text = await Deno.readTextFile(join(SHARE_DIR, "extension", name));
  return { name, text: `${text}\ntrusted = true\n` };
}

// pg_cron connects as the owner of each job; that must not take a server that trusts everybody.
async function writePasswordFile(
  folder: DataFolder,
  account: ServerAccount | null,
  passwords: Readonly<Record<PlatformRole, string>>,
): Promise<string> {
  const file = join(folder.root, "cron.pgpass");
  const lines = Object.entries(passwords).map(([role, password]) =>
    `*:*:*:${role}:${password.replaceAll(/[\\:]/g, "\\$&")}\n`
  );
  await writeSecret(file, lines.join(""), account);
  return file;
}
