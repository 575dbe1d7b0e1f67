// The auth room's way to the database: queries, and transactions that can defer effects to the commit.

import pg from "pg";

/** Runs one statement and returns its rows. */
export type RunQuery = <Row extends pg.QueryResultRow>(
  text: string,
  values?: readonly unknown[],
) => Promise<Row[]>;

/** Anything that statements can be run on. */
export interface Queryable {
  readonly query: RunQuery;
}

/** One open transaction. */
export interface Transaction extends Queryable {
  /** Remembers an effect that may only happen once the transaction is committed. */
  afterCommit(effect: () => void): void;
}

/** The pool of connections, all of role `supabase_auth_admin`. */
export interface Database extends Queryable {
  /** Commits what `work` did, or rolls all of it back when it throws. */
  transaction<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** An error that carries an SQLSTATE. */
export interface SqlError extends Error {
  readonly code: string;
  readonly hint?: string;
  readonly detail?: string;
  readonly constraint?: string;
}

/** Tells whether `error` came from the database with an SQLSTATE. */
export function hasErrorCode(error: unknown): error is SqlError {
  return error instanceof pg.DatabaseError && typeof error.code === "string";
}

/** Tells whether `error` says that the named constraint or unique index was violated. */
export function violates(error: unknown, constraint: string): boolean {
  return hasErrorCode(error) && error.code.startsWith("23") && error.constraint === constraint;
}

/**
 * Opens the pool.
 *
 * @param url connection string for role `supabase_auth_admin`
 * @param onError told about connections that broke while nobody used them
 */
export function openDatabase(url: string, onError: (error: unknown) => void): Database {
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  let isClosing = false;
  pool.on("error", (error) => {
    // A server that stops while the pool is closing ends connections that were ending anyway.
    if (!isClosing) onError(error);
  });
  return {
    query: async (text, values = []) => (await pool.query(text, [...values])).rows,
    transaction: (work) => runTransaction(pool, work),
    close: async () => {
      isClosing = true;
      await pool.end();
    },
  };
}

async function runTransaction<Result>(
  pool: pg.Pool,
  work: (tx: Transaction) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  const effects: Array<() => void> = [];
  let broken: Error | undefined;
  try {
    await client.query("begin");
    const result = await work({
      query: async (text, values = []) => (await client.query(text, [...values])).rows,
      afterCommit: (effect) => void effects.push(effect),
    });
    await client.query("commit");
    for (const effect of effects) effect();
    return result;
  } catch (error) {
    broken = await rollBack(client);
    throw error;
  } finally {
    client.release(broken);
  }
}

// A connection that can't even roll back is thrown away instead of going back to the pool.
async function rollBack(client: pg.PoolClient): Promise<Error | undefined> {
  try {
    await client.query("rollback");
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
