// The connections of the room: taken for one transaction each, replaced when the schema changes.
import { connectionError, poolTimeout } from "../errors/database_errors.ts";
import { type ClientPool, createPool, type PooledClient } from "./driver.ts";
import { sqlState } from "./pipelined_query.ts";
import { StatementRegistry } from "./statement_registry.ts";
import {
  runTransaction,
  type TransactionResult,
  type TransactionScript,
  type Transport,
} from "./transaction.ts";

const ACQUIRE_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 600_000;

/** How the pool connects, and how it sends. */
export interface PoolOptions {
  readonly databaseUrl: string;
  readonly size: number;
  readonly transport: Transport;
}

function isFatal(error: unknown): boolean {
  if (!(error instanceof Error) || sqlState(error) === undefined) return true;
  return (error as { severity?: unknown }).severity !== "ERROR";
}

/** Connections of one age, and who still uses or awaits one of them. */
interface Generation {
  readonly pool: ClientPool;
  users: number;
  /** Resolved by the last user, once nobody new comes. */
  readonly isUnused: PromiseWithResolvers<void>;
  isRetired: boolean;
}

function connectionsOf({ databaseUrl, size }: PoolOptions): Generation {
  const pool = createPool({
    connectionString: databaseUrl,
    applicationName: "rest",
    max: size,
    connectionTimeoutMillis: ACQUIRE_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
  });
  // A connection that breaks while nobody uses it is dropped by the pool: nobody is to be told.
  pool.on("error", () => {});
  return { pool, users: 0, isUnused: Promise.withResolvers(), isRetired: false };
}

async function connect(pool: ClientPool): Promise<PooledClient> {
  try {
    return await pool.connect();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw message.startsWith("timeout exceeded") ? poolTimeout() : connectionError(message);
  }
}

// Ending a pool would leave those waiting for a connection waiting for ever.
async function retire(generation: Generation): Promise<void> {
  generation.isRetired = true;
  if (generation.users > 0) await generation.isUnused.promise;
  await generation.pool.end();
}

/** A pool of connections as the API's login role. */
export class DatabasePool {
  readonly #options: PoolOptions;
  readonly #registries = new WeakMap<PooledClient, StatementRegistry>();
  #generation: Generation;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#generation = connectionsOf(options);
  }

  async #use<T>(work: (client: PooledClient) => Promise<T>): Promise<T> {
    const generation = this.#generation;
    generation.users += 1;
    try {
      const client = await connect(generation.pool);
      try {
        const value = await work(client);
        client.release();
        return value;
      } catch (error) {
        client.release(isFatal(error));
        throw error;
      }
    } finally {
      generation.users -= 1;
      if (generation.isRetired && generation.users === 0) generation.isUnused.resolve();
    }
  }

  #registry(client: PooledClient): StatementRegistry {
    const registry = this.#registries.get(client) ?? new StatementRegistry();
    this.#registries.set(client, registry);
    return registry;
  }

  /**
   * Runs a transaction on a connection of its own.
   *
   * @throws {RestError} PGRST000 or PGRST003 when no connection is to be had.
   * @throws {Error} What the server said, when it refused.
   */
  async run(script: TransactionScript): Promise<TransactionResult> {
    const { transport } = this.#options;
    return await this.#use((client) =>
      runTransaction(client, script, this.#registry(client), transport)
    );
  }

  /** Starts over with new connections; those in use or awaited still serve. */
  async renew(): Promise<void> {
    const old = this.#generation;
    this.#generation = connectionsOf(this.#options);
    await retire(old);
  }

  /** Closes all connections, once they are free. */
  async close(): Promise<void> {
    await retire(this.#generation);
  }
}
