// A database server in a temporary folder, for tests that need one of their own.

import type { PlatformRole } from "../../../scripts/stack/contracts.ts";
import { connect, type Connection } from "../../../scripts/stack/postgres/connection.ts";
import { installPlatform } from "../../../scripts/stack/postgres/platform.ts";
import type { ExtensionFile } from "../../../scripts/stack/postgres/server_tree.ts";
import { type PostgresServer, startPostgres } from "../../../scripts/stack/postgres/server.ts";

/** Passwords of every throw-away server. */
export const PASSWORDS: Readonly<Record<PlatformRole, string>> = {
  supabase_admin: "admin pass/word",
  postgres: "p",
  authenticator: "a",
  supabase_auth_admin: "s",
};

/** Finds a loopback port that nobody uses. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

/** A server with the platform installed, gone with its folder at the end of the scope. */
export interface ThrowawayServer extends AsyncDisposable {
  readonly server: PostgresServer;
}

/** Starts a server in a temporary folder and installs the platform. */
export async function throwawayServer(
  options: { readonly extensionFiles?: readonly ExtensionFile[] } = {},
): Promise<ThrowawayServer> {
  const dataDir = await Deno.makeTempDir({ prefix: "sixty-postgres-" });
  const server = await startPostgres({
    dataDir,
    port: freePort(),
    passwords: PASSWORDS,
    ...options,
  });
  await installPlatform(server, { databasePasswords: PASSWORDS });
  return {
    server,
    async [Symbol.asyncDispose](): Promise<void> {
      await server.stop();
      await Deno.remove(dataDir, { recursive: true });
    },
  };
}

/** A connection that ends with its scope. */
export async function session(
  server: PostgresServer,
  role: PlatformRole,
  database?: string,
): Promise<Connection & AsyncDisposable> {
  const client = await connect(server.url(role, database));
  return Object.assign(client, {
    async [Symbol.asyncDispose](): Promise<void> {
      await client.end();
    },
  });
}

/** The first column of the first row. */
export async function scalar(
  client: Connection,
  query: string,
  parameters: unknown[] = [],
): Promise<unknown> {
  const result = await client.query<unknown[]>({
    text: query,
    values: parameters,
    rowMode: "array",
  });
  return result.rows[0]?.[0];
}

/** Asserts nothing: runs a statement and tells which SQLSTATE and message it failed with. */
export async function failure(
  client: Connection,
  query: string,
): Promise<{ code: string; message: string }> {
  try {
    await client.query(query);
  } catch (error) {
    if (error instanceof Error && "code" in error) {
      return { code: String(error.code), message: error.message };
    }
    throw error;
  }
  throw new Error(`Did not fail: ${query}`);
}
