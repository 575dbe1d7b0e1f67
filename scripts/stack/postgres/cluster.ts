// Starts a database server of the stack, of whatever version: folder, configuration, program, process.

import type { DatabaseServer, PlatformRole, Progress } from "../contracts.ts";
import { connect, type Connection, withConnection } from "./connection.ts";
import { createCluster, type DataFolder, hasCluster, writeConfiguration } from "./data_folder.ts";
import { clearLeftovers, type Postmaster, startPostmaster } from "./postmaster.ts";
import { buildServerTree, type ExtensionFile, type PostgresInstallation } from "./server_tree.ts";
import type { ServerAccount } from "./server_account.ts";
import { StackError } from "./stack_error.ts";

/** A {@link DatabaseServer} with what the platform's installation needs to know of it. */
export interface PostgresServer extends DatabaseServer {
  readonly majorVersion: number;
  readonly folder: DataFolder;
  /** Process id of the server. */
  readonly pid: number;
}

/** Everything that makes one server differ from another. */
export interface ClusterPlan {
  readonly folder: DataFolder;
  readonly installation: PostgresInstallation;
  readonly account: ServerAccount | null;
  readonly extensionFiles: readonly ExtensionFile[];
  /** Arguments of `initdb` that choose collation and character classes. */
  readonly locale: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
  /** Further variables of the server's process. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly port: number;
  readonly passwords: Readonly<Record<PlatformRole, string>>;
  readonly report: Progress;
}

/**
 * Starts a server on 127.0.0.1, with `supabase_admin` as its superuser.
 *
 * @throws {StackError} When the port is taken, the folder is half written, of other keys, or in use.
 */
export async function startCluster(plan: ClusterPlan): Promise<PostgresServer> {
  const { folder, installation, account } = plan;
  if (!await hasCluster(folder, installation.majorVersion)) {
    plan.report("making an empty database");
    await createCluster(
      folder,
      installation.initdb,
      account,
      plan.passwords.supabase_admin,
      plan.locale,
    );
  } else if (await clearLeftovers(folder)) {
    plan.report("stopped the database of a killed run");
  }
  await writeConfiguration(folder, account, plan.settings);
  const postgres = await buildServerTree(folder.serverTree, installation, plan.extensionFiles);
  const postmaster = await startPostmaster(
    folder,
    postgres,
    account,
    plan.port,
    plan.environment ?? {},
  );
  const server = describeServer(plan, postmaster);
  await checkPassword(server);
  return server;
}

function describeServer(plan: ClusterPlan, postmaster: Postmaster): PostgresServer {
  const url = (role: PlatformRole, database = "postgres"): string =>
    `postgresql://${role}:${encodeURIComponent(plan.passwords[role])}` +
    `@127.0.0.1:${plan.port}/${database}`;
  return {
    majorVersion: plan.installation.majorVersion,
    folder: plan.folder,
    port: plan.port,
    pid: postmaster.pid,
    url,
    createDatabase: (name, template = "postgres") =>
      withConnection(
        url("supabase_admin", "template1"),
        (client) => copyDatabase(client, name, template),
      ),
    dropDatabase: (name) =>
      withConnection(url("supabase_admin", "template1"), async (client) => {
        await client.query(
          `drop database if exists ${client.escapeIdentifier(name)} with (force)`,
        );
      }),
    stop: () => postmaster.stop(),
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

async function copyDatabase(client: Connection, name: string, template: string): Promise<void> {
  const { rows } = await client.query<{ owner: string }>(
    "select datdba::regrole::text as owner from pg_database where datname = $1",
    [template],
  );
  // The real pg_cron always sits in its database; it comes back a second later.
  await client.query(
    "select pg_terminate_backend(pid) from pg_stat_activity " +
      "where datname = $1 and backend_type like 'pg_cron%'",
    [template],
  );
  await client.query(
    `create database ${client.escapeIdentifier(name)} ` +
      `template ${client.escapeIdentifier(template)} ` +
      `owner ${rows[0]?.owner ?? "postgres"} strategy file_copy`,
  );
}

async function checkPassword(server: PostgresServer): Promise<void> {
  try {
    const client = await connect(server.url("supabase_admin", "template1"));
    await client.end();
  } catch (cause) {
    await server.stop();
    throw new StackError(
      `The database folder was made with other passwords: ${server.folder.root}`,
      "Put the keys file back that belongs to it, or start over: deno task reset",
      { cause },
    );
  }
}
