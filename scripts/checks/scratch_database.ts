// Databases to look at and throw away, as a hosted project would be before its first migration.
import { installPlatform } from "../stack/postgres/platform.ts";
import { type PostgresServer, startPostgres } from "../stack/postgres/server.ts";

const PASSWORD = "scratch";
const PASSWORDS = {
  supabase_admin: PASSWORD,
  postgres: PASSWORD,
  authenticator: PASSWORD,
  supabase_auth_admin: PASSWORD,
};

/** Makes databases on a server that lives as long as the work. */
export interface ScratchServer {
  /**
   * Makes a database that holds what the platform brings and nothing else.
   *
   * @param name Its name.
   * @returns Its address, for role postgres.
   */
  createDatabase(name: string): Promise<string>;
}

/**
 * Runs some work with a database server of its own, in a temporary folder.
 *
 * @param work What to do.
 * @returns What the work returns.
 */
export async function withScratchServer<T>(
  work: (server: ScratchServer) => Promise<T>,
): Promise<T> {
  const dataDir = await Deno.makeTempDir({ prefix: "sixty-scratch-" });
  try {
    const server = await startPostgres({ dataDir, port: freePort(), passwords: PASSWORDS });
    try {
      await installPlatform(server, { databasePasswords: PASSWORDS });
      return await work({ createDatabase: (name) => createDatabase(server, name) });
    } finally {
      await server.stop();
    }
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}

async function createDatabase(server: PostgresServer, name: string): Promise<string> {
  await server.createDatabase(name);
  return server.url("postgres", name);
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}
