// Sends several statements in one go. Until the single Sync at their end they are one transaction:
// it takes one round trip, is committed when all went well and rolled back when one did not.
import type { RenderedSql } from "../sql/fragment.ts";
import type { StatementRegistry } from "./statement_registry.ts";
import type { WireConnection, WireQuery } from "./driver.ts";

/** What one statement of a pipeline gave. */
export interface StatementResult {
  readonly rows: ReadonlyArray<readonly (string | null)[]>;
  /** The types of the columns, where they were asked for. */
  readonly columnTypes: readonly number[];
}

/** A statement of a pipeline. */
export interface PipelineStatement extends RenderedSql {
  /** Whether the types of its columns matter. */
  readonly describes?: boolean;
  /** Tells apart uses of one text that need a plan of their own, such as different roles. */
  readonly variant?: string;
}

/** What the server calls an error, as far as it was the server that said it. */
export function sqlState(error: Error): string | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : undefined;
}

/** Whether a prepared statement no longer fits the database that it was prepared for. */
export function isStaleStatement(error: Error): boolean {
  return sqlState(error) === "26000" || error.message.startsWith("cached plan must not change");
}

function statementKey({ text, variant }: PipelineStatement): string {
  return variant === undefined ? text : `${variant}\0${text}`;
}

/** A pipeline that stopped at one of its statements. */
export class PipelineError extends Error {
  override readonly name = "PipelineError";

  /**
   * @param cause What the server said.
   * @param failedIndex Which statement it said it about; the number of statements for the commit.
   * @param results What the statements before gave.
   */
  constructor(
    override readonly cause: Error,
    readonly failedIndex: number,
    readonly results: readonly StatementResult[],
  ) {
    super(cause.message);
  }
}

/** A pipeline on its way; the driver tells it what the server answers. */
export class PipelinedQuery implements WireQuery {
  readonly #statements: readonly PipelineStatement[];
  readonly #registry: StatementRegistry;
  readonly #results: StatementResult[] = [];
  readonly #prepared = new Set<string>();
  readonly #outcome = Promise.withResolvers<readonly StatementResult[]>();
  #rows: Array<readonly (string | null)[]> = [];
  #columnTypes: readonly number[] = [];

  constructor(statements: readonly PipelineStatement[], registry: StatementRegistry) {
    this.#statements = statements;
    this.#registry = registry;
  }

  /** What the statements gave, once all of them have. */
  get outcome(): Promise<readonly StatementResult[]> {
    return this.#outcome.promise;
  }

  submit(connection: WireConnection): Error | null {
    connection.stream.cork();
    try {
      for (const statement of this.#statements) this.#send(connection, statement);
      connection.sync();
    } finally {
      connection.stream.uncork();
    }
    return null;
  }

  #send(connection: WireConnection, statement: PipelineStatement): void {
    const { text, values, describes } = statement;
    const key = statementKey(statement);
    const { name, isNew, evicted } = this.#registry.use(key);
    for (const old of evicted) connection.close({ type: "S", name: old });
    if (isNew) {
      this.#prepared.add(key);
      connection.parse({ text, name });
    }
    connection.bind({ statement: name, values });
    if (describes) connection.describe({ type: "P", name: "" });
    connection.execute({});
  }

  handleRowDescription({ fields }: { fields: ReadonlyArray<{ dataTypeID: number }> }): void {
    this.#columnTypes = fields.map(({ dataTypeID }) => dataTypeID);
  }

  handleDataRow({ fields }: { fields: readonly (string | null)[] }): void {
    this.#rows.push(fields);
  }

  handleCommandComplete(): void {
    this.#results.push({ rows: this.#rows, columnTypes: this.#columnTypes });
    this.#rows = [];
    this.#columnTypes = [];
  }

  handleEmptyQuery(): void {
    this.handleCommandComplete();
  }

  handlePortalSuspended(): void {}

  handleCopyInResponse(): void {}

  handleCopyData(): void {}

  handleReadyForQuery(): void {
    this.#outcome.resolve(this.#results);
  }

  handleError(error: Error): void {
    const failedIndex = this.#results.length;
    // Those that never ran were not prepared either, and of the failed one nobody can tell.
    for (const statement of this.#statements.slice(failedIndex)) {
      const key = statementKey(statement);
      if (this.#prepared.has(key) || isStaleStatement(error)) this.#registry.forget(key);
    }
    this.#outcome.reject(new PipelineError(error, failedIndex, this.#results));
  }
}
