// One request is one transaction. Pipelined, it takes one round trip; statement by statement it takes
// as many as there are statements, which only exists to be compared with.
import type { RenderedSql } from "../sql/fragment.ts";
import type { PooledClient } from "./driver.ts";
import {
  isStaleStatement,
  PipelinedQuery,
  PipelineError,
  type PipelineStatement,
  sqlState,
  type StatementResult,
} from "./pipelined_query.ts";
import type { StatementRegistry } from "./statement_registry.ts";

export type Transport = "pipelined" | "sequential";

/** What a transaction consists of. */
export interface TransactionScript {
  readonly role: string;
  /** Another isolation level than the usual one. */
  readonly isolation: string | undefined;
  readonly isReadOnly: boolean;
  /** Settings, and the function to be asked first. */
  readonly before: readonly RenderedSql[];
  readonly main: PipelineStatement;
  /** What is asked afterwards within the transaction. */
  readonly after: readonly RenderedSql[];
  /** A statement that fails when the result is not acceptable; then nothing is kept. */
  readonly guard: RenderedSql | undefined;
  readonly rollsBack: boolean;
}

/** What came of a transaction. */
export interface TransactionResult {
  readonly main: StatementResult;
  readonly after: readonly StatementResult[];
  /** Whether the guard failed, so that nothing was kept. */
  readonly isRefused: boolean;
}

const GUARD_STATE = "22P02";
const CHECK_CONSTRAINTS: RenderedSql = { text: "set constraints all immediate", values: [] };

function plain(text: string): RenderedSql {
  return { text, values: [] };
}

function begin({ isolation, isReadOnly }: TransactionScript): RenderedSql {
  const level = isolation === undefined ? "" : ` isolation level ${isolation}`;
  return plain(`begin${level}${isReadOnly ? " read only" : ""}`);
}

function withRole(script: TransactionScript, statement: PipelineStatement): PipelineStatement {
  // Row security is planned for one role: sharing a plan would mean planning anew at each change.
  return { ...statement, variant: script.role };
}

/** The statements in their order, and where the main one and the guard stand. */
function lay(script: TransactionScript): {
  statements: PipelineStatement[];
  mainIndex: number;
  guardIndex: number;
  isExplicit: boolean;
} {
  const { before, main, after, guard, rollsBack, isolation } = script;
  const isExplicit = rollsBack || isolation !== undefined;
  const head = [...(isExplicit ? [begin(script)] : []), ...before];
  const body = [withRole(script, main), ...after.map((each) => withRole(script, each))];
  const statements = [...head, ...body];
  const guardIndex = guard ? statements.length : -1;
  if (guard) statements.push(guard);
  if (rollsBack) statements.push(CHECK_CONSTRAINTS);
  if (isExplicit) statements.push(plain(rollsBack ? "rollback" : "commit"));
  return { statements, mainIndex: head.length, guardIndex, isExplicit };
}

async function sendPipeline(
  client: PooledClient,
  statements: readonly PipelineStatement[],
  registry: StatementRegistry,
): Promise<readonly StatementResult[]> {
  const query = new PipelinedQuery(statements, registry);
  client.query(query);
  return await query.outcome;
}

async function sendOneByOne(
  client: PooledClient,
  statements: readonly PipelineStatement[],
  registry: StatementRegistry,
): Promise<readonly StatementResult[]> {
  const results: StatementResult[] = [];
  for (const [i, statement] of statements.entries()) {
    try {
      results.push(...await sendPipeline(client, [statement], registry));
    } catch (error) {
      if (!(error instanceof PipelineError)) throw error;
      throw new PipelineError(error.cause, i, results);
    }
  }
  return results;
}

async function runOnce(
  client: PooledClient,
  script: TransactionScript,
  registry: StatementRegistry,
  transport: Transport,
): Promise<TransactionResult> {
  const { statements, mainIndex, guardIndex, isExplicit } = lay(script);
  const collect = (
    results: readonly StatementResult[],
    isRefused: boolean,
  ): TransactionResult => {
    const main = results[mainIndex];
    if (!main) throw new Error("the main statement gave no result");
    const after = results.slice(mainIndex + 1, mainIndex + 1 + script.after.length);
    return { main, after, isRefused };
  };
  try {
    const send = transport === "pipelined" ? sendPipeline : sendOneByOne;
    const whole = isExplicit || transport === "pipelined"
      ? statements
      : [begin(script), ...statements, plain("commit")];
    const results = await send(client, whole, registry);
    return collect(whole === statements ? results : results.slice(1), false);
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    const offset = isExplicit || transport === "pipelined" ? 0 : 1;
    if (isExplicit || transport === "sequential") await client.query("rollback");
    const isRefused = guardIndex >= 0 && error.failedIndex === guardIndex + offset &&
      sqlState(error.cause) === GUARD_STATE;
    if (!isRefused) throw error.cause;
    return collect(error.results.slice(offset), true);
  }
}

/**
 * Runs a transaction.
 *
 * @param client A connection with no transaction open.
 * @param registry The prepared statements of that connection.
 * @throws {Error} What the server said, when it refused.
 */
export async function runTransaction(
  client: PooledClient,
  script: TransactionScript,
  registry: StatementRegistry,
  transport: Transport,
): Promise<TransactionResult> {
  try {
    return await runOnce(client, script, registry, transport);
  } catch (error) {
    // The table has changed since the statement was prepared. Nothing was kept, so once more.
    if (error instanceof Error && isStaleStatement(error)) {
      return await runOnce(client, script, registry, transport);
    }
    throw error;
  }
}
