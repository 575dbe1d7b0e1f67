// The part of the PostgreSQL driver that is used here, typed: the package brings no types along.
import pg from "pg";

/** A row with every value in the text form of the database. */
export type TextRow = Readonly<Record<string, string | null>>;

/** Something that queries can be sent to. */
export interface Queryable {
  query(text: string, values?: readonly (string | null)[]): Promise<{ rows: TextRow[] }>;
}

/** The wire below a client: protocol messages, written one after the other. */
export interface WireConnection {
  readonly stream: { cork(): void; uncork(): void };
  parse(message: { text: string; name: string; types?: readonly number[] }): void;
  bind(message: { statement: string; values: readonly (string | null)[] }): void;
  describe(message: { type: "P" | "S"; name: string }): void;
  execute(message: Record<string, never>): void;
  close(message: { type: "P" | "S"; name: string }): void;
  sync(): void;
}

/** What the server tells while a query runs. */
export interface WireQuery {
  submit(connection: WireConnection): Error | null;
  handleRowDescription(message: { fields: ReadonlyArray<{ dataTypeID: number }> }): void;
  handleDataRow(message: { fields: readonly (string | null)[] }): void;
  handleCommandComplete(message: unknown): void;
  handlePortalSuspended(): void;
  handleEmptyQuery(): void;
  handleReadyForQuery(): void;
  handleCopyInResponse(connection: unknown): void;
  handleCopyData(): void;
  handleError(error: Error): void;
}

/** A client of the database. */
export interface DatabaseClient extends Queryable {
  query(text: string, values?: readonly (string | null)[]): Promise<{ rows: TextRow[] }>;
  query(query: WireQuery): WireQuery;
  on(event: "error" | "end", listener: (error: Error) => void): void;
  on(event: "notification", listener: (message: { payload?: string }) => void): void;
  connect(): Promise<void>;
  end(): Promise<void>;
}

/** A client that was taken from a pool. */
export interface PooledClient extends DatabaseClient {
  release(error?: Error | boolean): void;
}

/** A pool of clients. */
export interface ClientPool {
  connect(): Promise<PooledClient>;
  on(event: "error", listener: (error: Error) => void): void;
  end(): Promise<void>;
}

// Values stay as the database wrote them: bodies are passed on, never interpreted.
const AS_TEXT = { getTypeParser: () => (value: string): string => value };

/** How a client or a pool connects. */
export interface ConnectOptions {
  readonly connectionString: string;
  readonly applicationName: string;
  readonly max?: number;
  readonly connectionTimeoutMillis?: number;
  readonly idleTimeoutMillis?: number;
}

function settings(options: ConnectOptions): Record<string, unknown> {
  return {
    ...options,
    application_name: options.applicationName,
    types: AS_TEXT,
  };
}

// The driver hands every call through to the query object, which its published types do not tell.
function asDeclaredAbove<T>(instance: unknown): T {
  return instance as T;
}

/** Makes a client; it connects when told. */
export function createClient(options: ConnectOptions): DatabaseClient {
  return asDeclaredAbove<DatabaseClient>(new pg.Client(settings(options)));
}

/** Makes a pool; it connects when asked for a client. */
export function createPool(options: ConnectOptions): ClientPool {
  const pool = new pg.Pool(settings(options));
  // The end of the server may be told to a connection that somebody has and is not asking anything just
  // then. The next query on it fails; without a listener the whole process would.
  pool.on("connect", (client) => client.on("error", () => {}));
  return asDeclaredAbove<ClientPool>(pool);
}
