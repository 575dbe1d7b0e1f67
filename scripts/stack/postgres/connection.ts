// One short-lived connection to a database of the stack, closed whatever happens.

// @ts-types="@types/pg"
import pg from "pg";

/** A client of the `pg` driver. */
export type Connection = pg.Client;

/**
 * Opens a connection. The caller ends it.
 *
 * @param url Connection string with user, password and database.
 * @param applicationName Shown in `pg_stat_activity`.
 */
export async function connect(
  url: string,
  applicationName = "sixty-stack",
): Promise<Connection> {
  const client = new pg.Client({ connectionString: url, application_name: applicationName });
  // A server that stops while the client is idle emits an error event, which would end the process.
  client.on("error", () => {});
  await client.connect();
  return client;
}

/**
 * Runs some work on a connection of its own.
 *
 * @param url Connection string with user, password and database.
 * @param run The work.
 * @returns What the work returns.
 */
export async function withConnection<T>(
  url: string,
  run: (client: Connection) => Promise<T>,
): Promise<T> {
  const client = await connect(url);
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}
