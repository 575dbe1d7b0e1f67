// Runs the database's own tests against one mutant at a time. A mutant is made inside of the test's
// transaction, so that its end takes the mutant away too and a database serves any number of them.
// @ts-types="@types/pg"
import pg from "pg";
import { relative } from "node:path";
import {
  connect,
  type Connection,
  withConnection,
} from "../../../scripts/stack/postgres/connection.ts";
import type { PostgresServer } from "../../../scripts/stack/postgres/server.ts";
import { parseTap } from "../../../scripts/stack/postgres/tap.ts";
import { sourceFiles } from "../../../scripts/checks/source_files.ts";
import type { GuardMutant } from "./guard_mutants.ts";

/** A file of database tests. */
export interface DatabaseTest {
  readonly path: string;
  readonly text: string;
}

/** What came of a mutant: the file that noticed it, or nothing. */
export interface GuardVerdict {
  readonly mutant: GuardMutant;
  readonly killedBy: string | null;
}

const TEMPLATE = "guards_template";
const BEGIN = /^begin;$/m;
/** Longer than any statement of a test takes. */
const ENDLESS_MS = 5_000;

/** Databases with the tests' support, and the tests that pass on them. */
export interface GuardJudge {
  readonly tests: readonly DatabaseTest[];
  /** Files that fail although nothing is broken; the rest are run quickest first from then on. */
  findBrokenTests(): Promise<string[]>;
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
  const durations = new Map<string, number>();
  await server.createDatabase(TEMPLATE);
  const support = await sourceFiles(root, ["tests/support"], [".sql"]);
  await withConnection(server.url("postgres", TEMPLATE), async (client) => {
    for (const { text } of support) await client.query(text);
  });
  const databases = Array.from({ length: parallel }, (_, index) => `guards_${index}`);
  for (const database of databases) await server.createDatabase(database, TEMPLATE);

  async function share<Item, Result>(
    items: readonly Item[],
    work: (database: string, item: Item) => Promise<Result>,
  ): Promise<Result[]> {
    const pending = [...items.entries()];
    const results: Array<readonly [number, Result]> = [];
    await Promise.all(databases.map(async (database) => {
      for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
        results.push([next[0], await work(database, next[1])]);
      }
    }));
    return results.sort(([a], [b]) => a - b).map(([, result]) => result);
  }

  return {
    tests,
    findBrokenTests: async () => {
      const verdicts = await share(tests, async (database, test) => {
        const began = performance.now();
        const isFine = await passes(server, database, test, "");
        durations.set(test.path, performance.now() - began);
        return isFine ? [] : [test.path];
      });
      tests.sort((a, b) => (durations.get(a.path) ?? 0) - (durations.get(b.path) ?? 0));
      return verdicts.flat();
    },
    judge: (mutants) =>
      share(mutants, async (database, mutant) => ({
        mutant,
        killedBy: await findKiller(server, database, tests, mutant),
      })),
  };
}

async function findKiller(
  server: PostgresServer,
  database: string,
  tests: readonly DatabaseTest[],
  mutant: GuardMutant,
): Promise<string | null> {
  for (const test of candidates(tests, mutant)) {
    if (!await passes(server, database, test, mutant.sql)) return test.path;
  }
  return null;
}

/** Files that mention what is broken: those that call it by its name first, of either the quickest first. */
function candidates(tests: readonly DatabaseTest[], { terms }: GuardMutant): DatabaseTest[] {
  const [own, ...others] = terms.map((term) => new RegExp(`\\b${term}\\b`));
  const direct = tests.filter(({ text }) => own?.test(text));
  const indirect = tests.filter(({ text }) =>
    !own?.test(text) && others.some((pattern) => pattern.test(text))
  );
  return [...direct, ...indirect];
}

/** Runs a file as role postgres until something fails. */
async function passes(
  server: PostgresServer,
  database: string,
  test: DatabaseTest,
  mutation: string,
): Promise<boolean> {
  const client = await connect(server.url("postgres", database));
  try {
    await client.query("begin");
    // Without its guard something may go on for ever, and that is noticed, too
    await client.query(`set local statement_timeout = '${ENDLESS_MS}ms'`);
    // Apart from the file: a mutant that cannot be made must not count as noticed.
    await client.query(mutation);
    return await runToFailure(client, test.text.replace(BEGIN, ""));
  } finally {
    await client.end();
  }
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
    if (lines.at(-1)?.includes("not ok ") && parseTap(lines).failures.length > 0) resolve(false);
  });
  query.on("error", () => resolve(false));
  query.on("end", () => {
    const { passed, failures, planProblem } = parseTap(lines);
    resolve(passed > 0 && failures.length === 0 && planProblem === null);
  });
  client.query(query);
  return await promise;
}
