// A database to measure on: the embedded server in a temporary folder, migrated and filled.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import type { PlatformRole } from "../stack/contracts.ts";
import { applyMigrations } from "../stack/postgres/migrations.ts";
import { installPlatform } from "../stack/postgres/platform.ts";
import { startPostgres } from "../stack/postgres/server.ts";
import { startWarden } from "../stack/warden.ts";

const PROJECT_DIR = fileURLToPath(new URL("../../", import.meta.url));
const PASSWORDS: Readonly<Record<PlatformRole, string>> = {
  supabase_admin: "bench",
  postgres: "bench",
  authenticator: "bench",
  supabase_auth_admin: "bench",
};

/** How many rows to load; none leaves the migrated tables empty. */
export interface WorldSize {
  readonly deals: number;
  readonly segments: number;
  /** Organizations; the first one holds a tenth of all rows. 1,000 unless said. */
  readonly orgs?: number;
  /** Companies, contacts, tasks, activities and events, each; a quarter of the deals unless said. */
  readonly others?: number;
}

/** A filled database; `connect` opens a connection of its own each time. */
export interface BenchDatabase extends AsyncDisposable {
  url(role: PlatformRole): string;
  connect(role: PlatformRole): Promise<pg.Client>;
}

/**
 * Boots, migrates and fills. One million deals and as many segments take about two minutes.
 *
 * @param size How many rows.
 * @returns The database; disposing of it stops the server and removes its folder.
 */
export async function openBenchDatabase(size: WorldSize): Promise<BenchDatabase> {
  await using cleanup = new AsyncDisposableStack();
  const dataDir = await Deno.makeTempDir({ prefix: "sixty-bench-" });
  cleanup.defer(() => Deno.remove(dataDir, { recursive: true }));
  const server = await startPostgres({ dataDir, port: freePort(), passwords: PASSWORDS });
  cleanup.defer(() => server.stop());
  // Whoever kills the measurement must not have to look for its server.
  const warden = startWarden();
  cleanup.defer(() => warden.close());
  await warden.watch(server.pid, "QUIT");
  await installPlatform(server, { databasePasswords: PASSWORDS });
  await applyMigrations(server.url("postgres"), join(PROJECT_DIR, "supabase/migrations"));
  const connect = async (role: PlatformRole): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: server.url(role) });
    // A connection that the end of the server cuts off has nobody left to tell.
    client.on("error", () => {});
    await client.connect();
    return client;
  };
  const admin = await connect("supabase_admin");
  try {
    await load(admin, size);
  } finally {
    await admin.end();
  }
  const owned = cleanup.move();
  return {
    url: (role) => server.url(role),
    connect,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The id that load_world.sql gave to the numbered thing. */
export const idSql = (kind: string, number: number): string => `bench.id('${kind}', ${number})`;

const STATEMENT = /(?:\$\$[^]*?\$\$|--.*$|'[^']*'|[^;])+/gm;

async function load(admin: pg.Client, size: WorldSize): Promise<void> {
  const script = await Deno.readTextFile(new URL("./load_world.sql", import.meta.url));
  const filled = script
    .replaceAll("{deals}", String(size.deals))
    .replaceAll("{segments}", String(size.segments))
    .replaceAll("{orgs}", String(size.orgs ?? 1000))
    .replaceAll("{others}", String(size.others ?? Math.floor(size.deals / 4)));
  for (const statement of statementsOf(filled)) await admin.query(statement);
}

/**
 * Takes a script apart, to be run one by one: vacuum refuses to run among other statements.
 *
 * @param script SQL; no semicolon stands in a quoted name.
 * @returns Its statements, in order.
 */
export function statementsOf(script: string): string[] {
  return (script.match(STATEMENT) ?? []).filter((statement) =>
    statement.replaceAll(/--.*$/gm, "").trim() !== ""
  );
}

/** A loopback port that nobody listens on. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
