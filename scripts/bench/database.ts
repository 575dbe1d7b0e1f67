// A database to measure on: the embedded server in a temporary folder, migrated and filled.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import type { PlatformRole } from "../stack/contracts.ts";
import { applyMigrations } from "../stack/postgres/migrations.ts";
import { installPlatform } from "../stack/postgres/platform.ts";
import { startPostgres } from "../stack/postgres/server.ts";

const PROJECT_DIR = fileURLToPath(new URL("../../", import.meta.url));
const PASSWORDS: Readonly<Record<PlatformRole, string>> = {
  supabase_admin: "bench",
  postgres: "bench",
  authenticator: "bench",
  supabase_auth_admin: "bench",
};

/** How many rows to load. */
export interface WorldSize {
  readonly deals: number;
  readonly segments: number;
}

/** A filled database; `connect` opens a connection of its own each time. */
export interface BenchDatabase extends AsyncDisposable {
  url(role: PlatformRole): string;
  connect(role: PlatformRole): Promise<pg.Client>;
}

/** Boots, migrates and fills. One million deals and as many segments take about a minute. */
export async function openBenchDatabase(size: WorldSize): Promise<BenchDatabase> {
  const dataDir = await Deno.makeTempDir({ prefix: "sixty-bench-" });
  const server = await startPostgres({ dataDir, port: freePort(), passwords: PASSWORDS });
  await installPlatform(server, { databasePasswords: PASSWORDS });
  await applyMigrations(server.url("postgres"), join(PROJECT_DIR, "supabase/migrations"));
  const connect = async (role: PlatformRole): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: server.url(role) });
    await client.connect();
    return client;
  };
  const admin = await connect("supabase_admin");
  await load(admin, size);
  await admin.end();
  return {
    url: (role) => server.url(role),
    connect,
    async [Symbol.asyncDispose]() {
      await server.stop();
      await Deno.remove(dataDir, { recursive: true });
    },
  };
}

/** The id that load_world.sql gave to the numbered thing. */
export const idSql = (kind: string, number: number): string => `bench.id('${kind}', ${number})`;

async function load(admin: pg.Client, size: WorldSize): Promise<void> {
  const script = await Deno.readTextFile(new URL("./load_world.sql", import.meta.url));
  const filled = script
    .replaceAll("{deals}", String(size.deals))
    .replaceAll("{segments}", String(size.segments));
  // One by one: vacuum refuses to run among other statements.
  for (const statement of filled.split(/;\s*\n(?=\S|$)/)) {
    if (statement.replaceAll(/--.*$/gm, "").trim() !== "") await admin.query(statement);
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
