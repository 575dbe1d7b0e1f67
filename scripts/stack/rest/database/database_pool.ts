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

/** A pool of connections as the API's login role. */
export class DatabasePool {
  readonly #options: PoolOptions;
  readonly #registries = new WeakMap<PooledClient, StatementRegistry>();
  #pool: ClientPool;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#pool = this.#open();
  }

  #open(): ClientPool {
    const pool = createPool({
      connectionString: this.#options.databaseUrl,
      applicationName: "rest",
      max: this.#options.size,
      connectionTimeoutMillis: ACQUIRE_TIMEOUT_MS,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
    });
    // A connection that breaks while nobody uses it is dropped by the pool: nobody is to be told.
    pool.on("error", () => {});
    return pool;
  }

  async #connect(): Promise<PooledClient> {
    try {
      return await this.#pool.connect();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw message.startsWith("timeout exceeded") ? poolTimeout() : connectionError(message);
    }
  }

  /**
   * Runs a transaction on a connection of its own.
   *
   * @throws {RestError} PGRST000 or PGRST003 when no connection is to be had.
   * @throws {Error} What the server said, when it refused.
   */
  async run(script: TransactionScript): Promise<TransactionResult> {
    const client = await this.#connect();
    let registry = this.#registries.get(client);
    if (!registry) {
      registry = new StatementRegistry();
      this.#registries.set(client, registry);
    }
    try {
      const result = await runTransaction(client, script, registry, this.#options.transport);
      client.release();
      return result;
    } catch (error) {
      client.release(isFatal(error));
      throw error;
    }
  }

  /** Borrows a connection. */
  async use<T>(work: (client: PooledClient) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    try {
      const value = await work(client);
      client.release();
      return value;
    } catch (error) {
      client.release(isFatal(error));
      throw error;
    }
  }

  /** Starts over with new connections; those in use finish what they are at. */
  async renew(): Promise<void> {
    const old = this.#pool;
    this.#pool = this.#open();
    await old.end();
  }

  /** Closes all connections, once they are free. */
  async close(): Promise<void> {
    await this.#pool.end();
  }
}
