// Boots a throw-away database with the platform and the project's migrations, for those who write
// SQL: `deno run -A scripts/stack/postgres/main.ts --dir /tmp/x --port 55001 [--seed]`. Ctrl-C stops
// it; the next run goes on with the same data.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { PlatformRole } from "../contracts.ts";
import { applyMigrations, applySeed } from "./migrations.ts";
import { installPlatform } from "./platform.ts";
import { StackError, startPostgres } from "./server.ts";

const PASSWORDS: Readonly<Record<PlatformRole, string>> = {
  supabase_admin: "supabase_admin",
  postgres: "postgres",
  authenticator: "authenticator",
  supabase_auth_admin: "supabase_auth_admin",
};

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      dir: { type: "string" },
      port: { type: "string", default: "55001" },
      seed: { type: "boolean", default: false },
    },
  });
  if (values.dir === undefined) {
    throw new StackError("No folder given", "Add `--dir <folder>`.");
  }
  const project = fileURLToPath(import.meta.resolve("../../../"));
  const server = await startPostgres({
    dataDir: values.dir,
    port: Number(values.port),
    passwords: PASSWORDS,
    onProgress: console.log,
  });
  Deno.addSignalListener("SIGINT", async () => {
    await server.stop();
    Deno.exit(0);
  });
  try {
    await installPlatform(server, { databasePasswords: PASSWORDS });
    const migrations = join(project, "supabase", "migrations");
    await Deno.mkdir(migrations, { recursive: true });
    await applyMigrations(server.url("postgres"), migrations, console.log);
    if (values.seed) {
      await applySeed(server.url("postgres"), join(project, "supabase", "seed.sql"));
    }
  } catch (error) {
    await server.stop();
    throw error;
  }
  for (const role of ["postgres", "authenticator", "supabase_admin"] as const) {
    console.log(server.url(role));
  }
  await new Promise(() => {
    // Runs until a signal ends the process.
    setInterval(() => {}, 1 << 30);
  });
}

try {
  await main();
} catch (error) {
  if (!(error instanceof StackError)) throw error;
  console.error(`${error.message}\n${error.wayOut}`);
  Deno.exit(1);
}
