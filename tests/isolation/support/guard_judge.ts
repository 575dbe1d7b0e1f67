// Runs the database's own tests against one mutant at a time. A mutant is made inside of the test's
// transaction, so that its end takes the mutant away too and a database serves any number of them.
// @ts-types="@types/pg"
import pg from "pg";
import { relative } from "node:path";
import { type Connection, withConnection } from "../../../scripts/stack/postgres/connection.ts";
import type { PostgresServer } from "../../../scripts/stack/postgres/server.ts";
import { parseTap } from "../../../scripts/stack/postgres/tap.ts";
import { sourceFiles } from "../../../scripts/checks/source_files.ts";
import type { GuardMutant } from "./guard_mutants.ts";

/** A file of database tests. */
interface DatabaseTest {
  readonly path: string;
  readonly text: string;
}

/** A file that passes on what is whole, and what it did there. */
interface Witness extends DatabaseTest {
  readonly elapsedMs: number;
  /** `schema.function` → how often it was called, by whatever way. */
  readonly calls: ReadonlyMap<string, number>;
}

/** What came of a mutant: the file that noticed it, or nothing. */
export interface GuardVerdict {
  readonly mutant: GuardMutant;
  readonly killedBy: string | null;
}

const TEMPLATE = "guards_template";
const BEGIN = /^begin;$/m;
const ROLLBACK = /^rollback;$/m;
/** A statement that takes longer than this, and than so many times its whole file, has no end. */
const ENDLESS_MS = 5_000;
const ENDLESS_TIMES = 5;

const CALLS = `
select schemaname || '.' || funcname as name, sum(calls)::integer as calls
from pg_catalog.pg_stat_xact_user_functions group by 1`;

/** Databases with the tests' support, and the tests that pass on them. */
export interface GuardJudge {
  /** Files that fail although nothing is broken. The others are the witnesses from then on. */
  findBrokenTests(): Promise<string[]>;
  /** Asks the witnesses about each mutant. */
  judge(mutants: readonly GuardMutant[]): Promise<GuardVerdict[]>;
}

/**
 * Makes the judge.
 *
 * @param server A server with platform and migrations.
 * @param root The repository.
 * @param parallel How many mutants are judged at a time.
 */
export async function prepareJudge(
  server: PostgresServer,
  root: string,
  parallel: number,
): Promise<GuardJudge> {
  const tests = (await sourceFiles(root, ["tests/database"], [".test.sql"]))
    .map(({ path, text }) => ({ path: relative("tests/database", path), text }));
  const healthy: Witness[] = [];
  await prepareTemplate(server, root);
  const databases = Array.from({ length: parallel }, (_, index) => `guards_${index}`);
  for (const database of databases) await server.createDatabase(database, TEMPLATE);

  async function share<Item, Result>(
    items: readonly Item[],
    work: (url: string, item: Item) => Promise<Result>,
  ): Promise<Result[]> {
    const pending = [...items.entries()];
    const results: Array<readonly [number, Result]> = [];
    await Promise.all(databases.map(async (database) => {
      for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
        results.push([next[0], await work(server.url("postgres", database), next[1])]);
      }
    }));
    return results.sort(([a], [b]) => a - b).map(([, result]) => result);
  }

  return {
    findBrokenTests: async () => {
      const broken = await share(tests, async (url, test) => {
        const witness = await runHealthy(url, test);
        if (witness === null) return [test.path];
        healthy.push(witness);
        return [];
      });
      return broken.flat();
    },
    judge: (mutants) =>
      share(mutants, async (url, mutant) => ({
        mutant,
        killedBy: await findKiller(url, witnessesOf(mutant.routine, healthy), mutant),
      })),
  };
}

async function prepareTemplate(server: PostgresServer, root: string): Promise<void> {
  await server.createDatabase(TEMPLATE);
  const support = await sourceFiles(root, ["tests/support"], [".sql"]);
  await withConnection(server.url("postgres", TEMPLATE), async (client) => {
    for (const { text } of support) await client.query(text);
  });
  const stopping = await Deno.readTextFile(new URL("./stop_at_failure.sql", import.meta.url));
  await withConnection(server.url("supabase_admin", TEMPLATE), async (client) => {
    await client.query(stopping);
    await client.query("grant set on parameter track_functions to postgres");
  });
}

async function findKiller(
  url: string,
  witnesses: readonly Witness[],
  mutant: GuardMutant,
): Promise<string | null> {
  for (const witness of witnesses) {
    if (!await passes(url, witness, mutant.sql)) return witness.path;
  }
  return null;
}

/**
 * Files that may notice that a function is other than it was, the likeliest first: those that call it,
 * the most calls in the least time first. To every other file a mutant is what is whole.
 */
function witnessesOf(routine: string, healthy: readonly Witness[]): Witness[] {
  const callRate = ({ calls, elapsedMs }: Witness): number => (calls.get(routine) ?? 0) / elapsedMs;
  return healthy.filter(({ calls }) => calls.has(routine))
    .sort((a, b) => callRate(b) - callRate(a));
}

/** Runs a file on what is whole; null when it does not pass. */
async function runHealthy(url: string, test: DatabaseTest): Promise<Witness | null> {
  return await withConnection(url, async (client) => {
    const began = performance.now();
    await client.query("begin");
    await client.query("set local track_functions = 'pl'");
    const text = test.text.replace(BEGIN, "").replace(ROLLBACK, "");
    if (!await runToFailure(client, text)) return null;
    const { rows } = await client.query<{ name: string; calls: number }>(CALLS);
    return {
      ...test,
      elapsedMs: performance.now() - began,
      calls: new Map(rows.map(({ name, calls }) => [name, calls])),
    };
  });
}

/** Runs a file on a mutant, as role postgres, until something fails. */
async function passes(
  url: string,
  { text, elapsedMs }: Witness,
  mutation: string,
): Promise<boolean> {
  return await withConnection(url, async (client) => {
    const limitMs = Math.ceil(Math.max(ENDLESS_MS, ENDLESS_TIMES * elapsedMs));
    await client.query("begin");
    // Without its guard something may go on for ever, and that is noticed, too
    await client.query(`set local statement_timeout = '${limitMs}ms'`);
    // Apart from the file: a mutant that cannot be made must not count as noticed.
    await client.query(mutation);
    return await runToFailure(client, text.replace(BEGIN, ""));
  });
}

async function runToFailure(client: Connection, text: string): Promise<boolean> {
  const lines: string[] = [];
  const { promise, resolve } = Promise.withResolvers<boolean>();
  // As arrays: two assertions of one name in a row would be one property of an object.
  const config: pg.QueryArrayConfig = { text, rowMode: "array" };
  const query = new pg.Query(config);
  query.on("row", (row: unknown) => {
    for (const cell of Array.isArray(row) ? row : []) {
      if (typeof cell === "string") lines.push(...cell.split("\n"));
    }
  });
  // Such as the end of the session, which comes with the first assertion that fails
  query.on("error", () => resolve(false));
  query.on("end", () => {
    const { passed, failures, planProblem } = parseTap(lines);
    resolve(passed > 0 && failures.length === 0 && planProblem === null);
  });
  client.query(query);
  return await promise;
}
