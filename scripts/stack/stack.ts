// Starts a whole stack: database, rest, auth, functions, the gateway in front of them, and the rooms
// that run beside. What depends on nothing starts at once; nothing is left behind when a step fails.

import type { DatabaseServer, HttpRoom } from "./contracts.ts";
import { type Foundation, layFoundation, type StackOptions } from "./foundation.ts";
import {
  openAuth,
  openCron,
  openDatabase,
  openFunctions,
  openProviders,
  openRest,
  openStorage,
} from "./open_rooms.ts";
import { listenOn } from "./ports.ts";
import type { StackDescription } from "./stack_description.ts";

export type { StackOptions } from "./foundation.ts";

/** A running stack. */
export interface Stack {
  readonly description: StackDescription;
  readonly functions: readonly string[];
  /** Stops everything that was started, in order; a second call waits for the first. */
  stop(): Promise<void>;
}

/**
 * Starts a stack on 127.0.0.1 and waits until everything serves.
 *
 * @throws {StackError} With the way out, when a port is taken, the data folder is in use or broken, a
 * migration fails, or the project is not a development one.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  await using cleanup = new AsyncDisposableStack();
  const report = options.onProgress ?? (() => {});
  const foundation = await layFoundation(options, cleanup);
  const { claim, keys, issuer } = foundation;

  report("Starting the database, the object store and the simulators");
  const { createTokenVerifier } = await import("./auth/tokens.ts");
  const verify = createTokenVerifier(keys, issuer);
  const [database, functions] = await Promise.all([
    keep(cleanup, openDatabase(foundation), (server) => server.stop()),
    keep(cleanup, openFunctions(foundation, verify), close),
    keep(cleanup, openStorage(foundation), close),
    keep(cleanup, openProviders(foundation), close),
  ]);
  report("Starting rest, auth and cron");
  const [rest, auth] = await Promise.all([
    keep(cleanup, openRest(foundation, database, verify), close),
    keep(cleanup, openAuth(foundation, database), close),
    keep(cleanup, openCron(foundation, database), close),
  ]);
  const gateway = await openGateway(foundation, { rest, auth, functions });
  cleanup.defer(() => gateway.close());

  const description = describe(foundation, database);
  await claim.publish(description);
  const owned = cleanup.move();
  let stopping: Promise<void> | null = null;
  return {
    description,
    functions: functions.list().map((spec) => spec.slug),
    stop: () => stopping ??= owned.disposeAsync(),
  };
}

interface Closable {
  close(): Promise<void>;
}

function close(room: Closable): Promise<void> {
  return room.close();
}

// Rooms open side by side. When one fails, those still on their way must be waited for and closed too.
async function keep<T>(
  cleanup: AsyncDisposableStack,
  opening: Promise<T>,
  undo: (opened: T) => Promise<void>,
): Promise<T> {
  cleanup.defer(async () => {
    const [outcome] = await Promise.allSettled([opening]);
    if (outcome.status === "fulfilled") await undo(outcome.value);
  });
  return await opening;
}

async function openGateway(
  { options, keys }: Foundation,
  rooms: { readonly rest: HttpRoom; readonly auth: HttpRoom; readonly functions: HttpRoom },
): Promise<Closable> {
  const { serveGateway } = await import("./gateway/gateway.ts");
  const { gateway: port } = options.ports;
  const onError = (error: unknown): void =>
    options.onTrouble?.(`The gateway met an error: ${String(error)}`);
  return await listenOn(
    port,
    () => Promise.try(() => serveGateway({ port, ...rooms, keys, onError })),
  );
}

function describe(
  { options, keys, url }: Foundation,
  database: DatabaseServer,
): StackDescription {
  const { ports } = options;
  return {
    pid: Deno.pid,
    projectDir: options.projectDir,
    dataDir: options.dataDir,
    url,
    ports,
    publishableKey: keys.publishableKeys.default,
    secretKey: keys.secretKeys.default,
    cronKey: keys.secretKeys.cron,
    databaseUrls: {
      supabase_admin: database.url("supabase_admin"),
      postgres: database.url("postgres"),
      authenticator: database.url("authenticator"),
    },
    storage: { url: `http://127.0.0.1:${ports.storage}`, ...keys.storage },
    providersUrl: `http://127.0.0.1:${ports.providers}`,
    cronUrl: `http://127.0.0.1:${ports.cron}`,
  };
}
