// The rooms of one stack, each opened with what it needs of the others.

import { join } from "node:path";
import type { JWTPayload } from "jose";
import type { DatabaseServer, HttpRoom } from "./contracts.ts";
import type { FunctionLogLine } from "./functions/function_worker.ts";
import type { FunctionsRoom } from "./functions/supervisor.ts";
import { DEVELOPMENT_BUCKET, functionVariables } from "./function_variables.ts";
import type { Foundation } from "./foundation.ts";
import { listenOn } from "./ports.ts";
import { startWorkerRoom, type WorkerRoom, type WorkerRoomSpec } from "./worker_rooms.ts";

/** Checks a token and returns its claims. */
export type Verify = (jwt: string) => Promise<JWTPayload>;

/** Starts the database and brings it up to date: platform, migrations, seed, vault. */
export async function openDatabase(foundation: Foundation): Promise<DatabaseServer> {
  const { options, keys, warden } = foundation;
  const report = options.onProgress ?? (() => {});
  const [{ startPostgres }, { installPlatform }, { applyMigrations }] = await Promise.all([
    import("./postgres/server.ts"),
    import("./postgres/platform.ts"),
    import("./postgres/migrations.ts"),
  ]);
  const server = await listenOn(options.ports.database, () =>
    startPostgres({
      dataDir: join(options.dataDir, "database"),
      port: options.ports.database,
      passwords: keys.databasePasswords,
      onProgress: (message) => report(`Database: ${message}`),
    }));
  try {
    await warden.watch(server.pid, "QUIT");
    await installPlatform(server, keys);
    const migrationsDir = join(options.projectDir, "supabase", "migrations");
    await applyMigrations(
      server.url("postgres"),
      migrationsDir,
      (name) => report(`Migration ${name}`),
    );
    await fill(foundation, server);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

async function fill(
  { options, keys, url }: Foundation,
  server: DatabaseServer,
): Promise<void> {
  if (options.seed !== false) {
    const { seedOnce } = await import("./seed_database.ts");
    const seedFile = join(options.projectDir, "supabase", "seed.sql");
    if (await seedOnce(server.url("postgres"), seedFile)) {
      options.onProgress?.("Seeded the database");
    }
  }
  const { storeVaultSecrets } = await import("./vault_secrets.ts");
  await storeVaultSecrets(server.url("supabase_admin"), {
    project_url: url,
    service_role_key: keys.secretKeys.cron,
  });
}

/** Opens /rest/v1. */
export async function openRest(
  { config }: Foundation,
  database: DatabaseServer,
  verify: Verify,
): Promise<HttpRoom> {
  const { createRestHandler } = await import("./rest/handler.ts");
  return await createRestHandler({
    databaseUrl: database.url("authenticator"),
    schemas: [...config.schemas],
    extraSearchPath: [...config.extraSearchPath],
    anonRole: "anon",
    maxRows: config.maxRows,
    verify,
  });
}

/** Opens /auth/v1. */
export async function openAuth(
  { options, config, keys, issuer }: Foundation,
  database: DatabaseServer,
): Promise<HttpRoom> {
  const { passwordCost } = options;
  const { createAuthHandler } = await import("./auth/handler.ts");
  return await createAuthHandler({
    databaseUrl: database.url("supabase_auth_admin"),
    keys,
    issuer,
    ...config.auth,
    ...(passwordCost === undefined ? {} : { bcryptCost: passwordCost }),
  });
}

/** Opens /functions/v1; no function starts before its first request. */
export async function openFunctions(
  { options, keys, settings, warden, logDir }: Foundation,
  verify: Verify,
): Promise<FunctionsRoom> {
  const { createFunctionsHandler } = await import("./functions/supervisor.ts");
  return await createFunctionsHandler({
    projectDir: options.projectDir,
    env: functionVariables(options.ports, keys, settings),
    verify,
    warden,
    watch: options.watch ?? true,
    onLog: (line) => appendLog(join(logDir, `${line.slug}.log`), line),
  });
}

/** Starts the cron worker: schedules and queued HTTP calls of the database. */
export async function openCron(
  foundation: Foundation,
  database: DatabaseServer,
): Promise<WorkerRoom> {
  const port = foundation.options.ports.cron;
  return await startRoom(foundation, port, {
    name: "cron",
    module: new URL("./cron/main.ts", import.meta.url),
    args: ["--port", String(port)],
    env: { CRON_DATABASE_URL: database.url("supabase_admin") },
    healthUrl: `http://127.0.0.1:${port}/health`,
  });
}

/** Starts the object store. */
export async function openStorage(foundation: Foundation): Promise<WorkerRoom> {
  const { options, keys, settings } = foundation;
  const port = options.ports.storage;
  return await startRoom(foundation, port, {
    name: "storage",
    module: new URL("./storage/main.ts", import.meta.url),
    args: [
      ...["--port", String(port), "--data-dir", join(options.dataDir, "storage")],
      ...["--bucket", settings["AWS_S3_BUCKET"] ?? DEVELOPMENT_BUCKET],
    ],
    env: {
      STORAGE_ACCESS_KEY_ID: keys.storage.accessKeyId,
      STORAGE_SECRET_ACCESS_KEY: keys.storage.secretAccessKey,
    },
    healthUrl: `http://127.0.0.1:${port}/_health`,
  });
}

/** Starts the simulators of third parties. */
export async function openProviders(foundation: Foundation): Promise<WorkerRoom> {
  const { options, keys, settings, url } = foundation;
  const port = options.ports.providers;
  const variables = functionVariables(options.ports, keys, settings);
  return await startRoom(foundation, port, {
    name: "providers",
    module: new URL("../providers/main.ts", import.meta.url),
    args: ["--port", String(port)],
    env: {
      MEETINGBAAS_API_KEY: variables["MEETINGBAAS_API_KEY"] ?? "",
      MEETINGBAAS_WEBHOOK_URL: `${url}/functions/v1/meetingbaas-webhook`,
      MEETINGBAAS_WEBHOOK_SECRET: variables["MEETINGBAAS_WEBHOOK_SECRET"] ?? "",
    },
    healthUrl: `http://127.0.0.1:${port}/_health`,
  });
}

async function startRoom(
  { options, logDir, claim, warden }: Foundation,
  port: number,
  spec: WorkerRoomSpec,
): Promise<WorkerRoom> {
  const onTrouble = options.onTrouble ?? (() => {});
  return await listenOn(
    port,
    () => startWorkerRoom(spec, { logDir, claim, warden, onTrouble }),
  );
}

// Synchronous, so that lines keep their order; a development function writes few of them.
function appendLog(path: string, line: FunctionLogLine): void {
  Deno.writeTextFileSync(path, `${line.text}\n`, { append: true });
}
