// A server of the guards' own: migrated, with its databases ready to be broken.
import { join } from "node:path";
import pg from "pg";
import { projectDir } from "../../../scripts/checks/project_dir.ts";
import type { PlatformRole } from "../../../scripts/stack/contracts.ts";
import { applyMigrations } from "../../../scripts/stack/postgres/migrations.ts";
import { installPlatform } from "../../../scripts/stack/postgres/platform.ts";
import { startPostgres } from "../../../scripts/stack/postgres/server.ts";
import { type GuardJudge, prepareJudge } from "./guard_judge.ts";

const PASSWORDS: Readonly<Record<PlatformRole, string>> = {
  supabase_admin: "guards",
  postgres: "guards",
  authenticator: "guards",
  supabase_auth_admin: "guards",
};

/** Mutants judged at a time: a core waits for none of them. */
const AT_A_TIME = 3;

/** A judge of function guards, and a superuser's connection to a database of its own. */
export interface GuardServer extends AsyncDisposable {
  readonly judge: GuardJudge;
  readonly client: pg.Client;
}

/** Boots a server in a temporary folder on a free port and applies every migration. */
export async function openGuardServer(): Promise<GuardServer> {
  const root = projectDir();
  const dataDir = await Deno.makeTempDir({ prefix: "sixty-guards-" });
  const server = await startPostgres({ dataDir, port: freePort(), passwords: PASSWORDS });
  await installPlatform(server, { databasePasswords: PASSWORDS });
  await applyMigrations(server.url("postgres"), join(root, "supabase/migrations"));
  // Copied before anybody connects: a database in use cannot be.
  const judge = await prepareJudge(server, root, AT_A_TIME);
  const client = new pg.Client({ connectionString: server.url("supabase_admin") });
  await client.connect();
  return {
    judge,
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
