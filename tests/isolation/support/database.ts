// A database of the lane's own: the embedded server with the platform and the project's migrations.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import type { PlatformRole } from "../../../scripts/stack/contracts.ts";
import { applyMigrations } from "../../../scripts/stack/postgres/migrations.ts";
import { installPlatform } from "../../../scripts/stack/postgres/platform.ts";
import { startPostgres } from "../../../scripts/stack/postgres/server.ts";

const PASSWORDS: Readonly<Record<PlatformRole, string>> = {
  supabase_admin: "isolation",
  postgres: "isolation",
  authenticator: "isolation",
  supabase_auth_admin: "isolation",
};

const PROJECT_DIR = fileURLToPath(new URL("../../../", import.meta.url));

/** A migrated database and a superuser's connection to it. */
export interface IsolationDatabase extends AsyncDisposable {
  readonly client: pg.Client;
}

/** Boots a server in a temporary folder on a free port and applies every migration. */
export async function openDatabase(): Promise<IsolationDatabase> {
  const dataDir = await Deno.makeTempDir({ prefix: "sixty-isolation-" });
  const server = await startPostgres({ dataDir, port: freePort(), passwords: PASSWORDS });
  await installPlatform(server, { databasePasswords: PASSWORDS });
  await applyMigrations(server.url("postgres"), join(PROJECT_DIR, "supabase/migrations"));
  const client = new pg.Client({ connectionString: server.url("supabase_admin") });
  await client.connect();
  return {
    client,
    async [Symbol.asyncDispose]() {
      await client.end();
      await server.stop();
      await Deno.remove(dataDir, { recursive: true });
    },
  };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
