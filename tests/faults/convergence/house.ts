// The whole product in one process: a real database, the data API, the object store, the simulated
// third parties, and every function, each call of which runs in a process of its own that can be killed
// between any two things it does. Calls that the database makes wait until a test lets them go.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { serveProviders } from "../../../scripts/providers/server.ts";
import { createKeys } from "../../../scripts/stack/auth/keys.ts";
import { createTokenVerifier } from "../../../scripts/stack/auth/tokens.ts";
import type { HttpRoom, PlatformRole } from "../../../scripts/stack/contracts.ts";
import {
  DEVELOPMENT_BUCKET,
  functionVariables,
} from "../../../scripts/stack/function_variables.ts";
import { serveGateway } from "../../../scripts/stack/gateway/gateway.ts";
import { applyMigrations } from "../../../scripts/stack/postgres/migrations.ts";
import { freePorts } from "../../../scripts/stack/ports.ts";
import { installPlatform } from "../../../scripts/stack/postgres/platform.ts";
import { StackError, startPostgres } from "../../../scripts/stack/postgres/server.ts";
import { createRestHandler } from "../../../scripts/stack/rest/handler.ts";
import { serveStorage } from "../../../scripts/stack/storage/server.ts";
import { storeVaultSecrets } from "../../../scripts/stack/vault_secrets.ts";
import { startWarden } from "../../../scripts/stack/warden.ts";
import type { Chaos } from "./chaos.ts";
import { FunctionsRoom } from "./functions_room.ts";

const PROJECT_DIR = fileURLToPath(new URL("../../../", import.meta.url));
const PASSWORDS: Readonly<Record<PlatformRole, string>> = {
  supabase_admin: "house",
  postgres: "house",
  authenticator: "house",
  supabase_auth_admin: "house",
};

/** A row of a result. */
export type Row = Record<string, unknown>;

/** The running product. */
export interface House extends AsyncDisposable {
  readonly url: string;
  readonly functions: FunctionsRoom;
  readonly bucket: string;
  /** Runs SQL as the superuser. */
  sql<T extends Row>(text: string, parameters?: readonly unknown[]): Promise<T[]>;
  /** Runs SQL as the schedule does. */
  runScheduled(command: string): Promise<void>;
  /** Sends a control request to the simulators. */
  control(document: Row): Promise<unknown>;
  /** What the simulators have seen. */
  ledgers(): Promise<Row>;
  /** The functions' own settings, for looking into the store with the same client. */
  readVariable(name: string): string | undefined;
  /** What goes wrong from now on. */
  setChaos(chaos: Chaos): void;
  /** Sends a control request to the object store. */
  controlStore(document: Row): Promise<unknown>;
  /** Kills the database's process with SIGKILL and starts it again. */
  crashDatabase(): Promise<void>;
}

/** What a house may be opened with. */
export interface HouseOptions {
  /** Makes the room of the functions; without it, one that kills processes in thought only. */
  readonly createRoom?: (
    variables: Readonly<Record<string, string>>,
    url: string,
  ) => FunctionsRoom;
}

/**
 * Opens the house. Takes some seconds.
 *
 * @param options Its room of functions.
 * @returns The house; disposing of it ends everything in it.
 */
export async function openHouse({ createRoom }: HouseOptions = {}): Promise<House> {
  await using cleanup = new AsyncDisposableStack();
  const dataDir = await Deno.makeTempDir({ prefix: "sixty-house-" });
  cleanup.defer(() => Deno.remove(dataDir, { recursive: true }).catch(() => undefined));
  await Deno.chmod(dataDir, 0o755);
  const keys = await createKeys();
  const ports = freePorts();
  const variables = functionVariables(ports, keys, {});
  const url = `http://127.0.0.1:${ports.gateway}`;

  const startDatabase = () =>
    startPostgres({
      dataDir: join(dataDir, "database"),
      port: ports.database,
      passwords: PASSWORDS,
    });
  let server = await startDatabase();
  cleanup.defer(() => server.stop());
  let crash: Promise<void> | null = null;
  const warden = startWarden();
  cleanup.defer(() => warden.close());
  await warden.watch(server.pid, "QUIT");
  const pool = openPool(server.url("supabase_admin"), cleanup);
  // Processes die here, never the machine: what was written stays in its memory, and a crash is over soon
  await pool.query("alter system set fsync = off");
  await pool.query("select pg_reload_conf()");
  await installPlatform(server, { databasePasswords: PASSWORDS });
  await applyMigrations(server.url("postgres"), join(PROJECT_DIR, "supabase/migrations"));
  await storeVaultSecrets(server.url("supabase_admin"), {
    project_url: url,
    service_role_key: keys.secretKeys.cron,
  });
  await pool.query(await Deno.readTextFile(new URL("./watch_steps.sql", import.meta.url)));
  const schedulePool = openPool(server.url("postgres"), cleanup);

  const providers = await serveProviders({
    port: ports.providers,
    meetingBaas: {
      apiKey: variables["MEETINGBAAS_API_KEY"] ?? "",
      webhook: {
        url: `${url}/functions/v1/meetingbaas-webhook`,
        secret: variables["MEETINGBAAS_WEBHOOK_SECRET"] ?? "",
      },
    },
  });
  cleanup.defer(() => providers.close());
  const storage = await serveStorage({
    port: ports.storage,
    dataDir: join(dataDir, "storage"),
    buckets: [DEVELOPMENT_BUCKET],
    credentials: keys.storage,
  });
  cleanup.defer(() => storage.close());

  const rest = await createRestHandler({
    databaseUrl: server.url("authenticator"),
    schemas: ["public"],
    extraSearchPath: ["public", "extensions"],
    anonRole: "anon",
    maxRows: 1000,
    verify: createTokenVerifier(keys, `${url}/auth/v1`),
  });
  cleanup.defer(() => rest.close());
  const functions = createRoom?.(variables, url) ??
    new FunctionsRoom((name) => variables[name], url);
  cleanup.defer(() => functions.quiesce());
  const gateway = serveGateway({
    port: ports.gateway,
    rest,
    auth: NO_ROOM,
    functions: { fetch: (request) => functions.fetch(request), close: () => Promise.resolve() },
    keys,
  });
  cleanup.defer(() => gateway.close());

  async function crashDatabase(): Promise<void> {
    const { pid } = server;
    Deno.kill(pid, "SIGKILL");
    await warden.forget(pid);
    // Its own processes notice a little later, and hold the port until then
    for (let tries = 0;; tries++) {
      try {
        server = await startDatabase();
        break;
      } catch (error) {
        if (!(error instanceof StackError) || tries >= 100) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    await warden.watch(server.pid, "QUIT");
  }

  /** What the crash of the database interrupts is done again after it. */
  async function outlive<T>(run: () => Promise<T>): Promise<T> {
    for (let tries = 0;; tries++) {
      await crash;
      try {
        return await run();
      } catch (error) {
        if (tries >= 5 || !isLostConnection(error)) throw error;
      }
    }
  }

  const owned = cleanup.move();
  return {
    url,
    functions,
    bucket: DEVELOPMENT_BUCKET,
    sql: async (text, parameters = []) =>
      (await outlive(() => pool.query(text, [...parameters]))).rows,
    runScheduled: async (command) => void await outlive(() => schedulePool.query(command)),
    control: (document) => post(`${providers.url}/_control`, document),
    ledgers: async () => await (await fetch(`${providers.url}/_control/state`)).json(),
    readVariable: (name) => variables[name],
    setChaos: (chaos) => functions.chaos = chaos,
    controlStore: (document) => post(`${storage.url}/_control`, document),
    crashDatabase: () => {
      crash ??= crashDatabase().finally(() => crash = null);
      return crash;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const NO_ROOM: HttpRoom = {
  fetch: () => Promise.resolve(new Response(null, { status: 404 })),
  close: () => Promise.resolve(),
};

function openPool(connectionString: string, cleanup: AsyncDisposableStack): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: 4 });
  // A connection that the end of the server cuts off has nobody left to tell
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  cleanup.defer(() => pool.end());
  return pool;
}

function isLostConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : "";
  return /^(57P0|08|ECONN)/.test(code) || /Connection terminated|ECONN/.test(error.message);
}

async function post(url: string, document: Row): Promise<unknown> {
  const response = await fetch(url, { method: "POST", body: JSON.stringify(document) });
  const text = await response.text();
  if (!response.ok) throw new Error(`The simulators refuse ${JSON.stringify(document)}: ${text}`);
  return text === "" ? null : JSON.parse(text);
}
