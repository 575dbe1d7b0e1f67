// Runs pgTAP files over an ordinary connection: no pg_prove, no psql.

import { basename, relative } from "node:path";
// @ts-types="@types/pg"
import pg from "pg";
import type { PostgresServer } from "./cluster.ts";
import { type Connection, withConnection } from "./connection.ts";
import { StackError } from "./stack_error.ts";
import { parseTap, type TapFailure } from "./tap.ts";

/** What to run, and on which server. */
export interface RunPgtapOptions {
  /** A server with platform and migrations; nobody else may be connected to its database. */
  readonly server: PostgresServer;
  /** Folder that is searched for `*.test.sql`. */
  readonly testsDir: string;
  /** SQL files that are run first, in the test databases only. */
  readonly supportFiles?: readonly string[];
  /** Runs only files whose path contains this text. */
  readonly filter?: string;
  /** How many files run at a time, each in a database of its own. */
  readonly parallel?: number;
  readonly onFile?: (result: PgtapFileResult) => void;
}

/** How one file went. */
export interface PgtapFileResult {
  /** Path below the tests' folder. */
  readonly file: string;
  readonly passed: number;
  readonly failures: readonly TapFailure[];
  readonly elapsedMs: number;
}

/** How all went. */
export interface PgtapReport {
  readonly files: readonly PgtapFileResult[];
  readonly passed: number;
  readonly failed: number;
}

const TEMPLATE = "pgtap_template";

/**
 * Runs every test file as the role `postgres`, in copies of the server's database.
 *
 * @throws {StackError} When there is no test, or a support file fails.
 */
export async function runPgtap(options: RunPgtapOptions): Promise<PgtapReport> {
  const files = await findTests(options.testsDir, options.filter ?? "");
  if (files.length === 0) {
    throw new StackError(
      `No test file found in ${options.testsDir}`,
      "Name tests `<subject>.test.sql`.",
    );
  }
  await prepareTemplate(options);
  const pending = [...files];
  const results: PgtapFileResult[] = [];
  const worker = async (number: number): Promise<void> => {
    const database = `pgtap_${number}`;
    await options.server.dropDatabase(database);
    await options.server.createDatabase(database, TEMPLATE);
    for (let file = pending.shift(); file !== undefined; file = pending.shift()) {
      const result = await runTestFile(options, database, file);
      results.push(result);
      options.onFile?.(result);
    }
    await options.server.dropDatabase(database);
  };
  const count = Math.min(options.parallel ?? 2, files.length);
  await Promise.all(Array.from({ length: count }, (_, index) => worker(index + 1)));
  await options.server.dropDatabase(TEMPLATE);
  results.sort((a, b) => a.file < b.file ? -1 : 1);
  return {
    files: results,
    passed: results.reduce((sum, result) => sum + result.passed, 0),
    failed: results.reduce((sum, result) => sum + result.failures.length, 0),
  };
}

async function findTests(folder: string, filter: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) found.push(...await findTests(path, filter));
    else if (entry.name.endsWith(".test.sql") && path.includes(filter)) found.push(path);
  }
  return found.sort();
}

async function prepareTemplate(options: RunPgtapOptions): Promise<void> {
  await options.server.dropDatabase(TEMPLATE);
  await options.server.createDatabase(TEMPLATE);
  await withConnection(options.server.url("postgres", TEMPLATE), async (client) => {
    for (const file of options.supportFiles ?? []) {
      try {
        await client.query(await Deno.readTextFile(file));
      } catch (cause) {
        throw new StackError(
          `${basename(file)}: ${cause instanceof Error ? cause.message : String(cause)}`,
          "Correct the support file.",
          { cause },
        );
      }
    }
    await client.query("create extension if not exists pgtap with schema extensions");
  });
}

async function runTestFile(
  options: RunPgtapOptions,
  database: string,
  file: string,
): Promise<PgtapFileResult> {
  const began = performance.now();
  const text = await Deno.readTextFile(file);
  const { lines, error } = await withConnection(
    options.server.url("postgres", database),
    (client) => collectLines(client, text),
  );
  const report = parseTap(lines);
  const failures = [...report.failures];
  if (error !== null) failures.push({ name: "runs to its end", diagnostics: error });
  else if (report.planProblem !== null) {
    failures.push({ name: "runs as many tests as planned", diagnostics: report.planProblem });
  }
  return {
    file: relative(options.testsDir, file),
    passed: report.passed,
    failures,
    elapsedMs: performance.now() - began,
  };
}

// What was reported before an error is kept: it says how far the file came.
async function collectLines(
  client: Connection,
  text: string,
): Promise<{ lines: string[]; error: string | null }> {
  const lines: string[] = [];
  const { promise, resolve } = Promise.withResolvers<string | null>();
  // As arrays: two assertions of one name in a row would be one property of an object.
  const config: pg.QueryArrayConfig = { text, rowMode: "array" };
  const query = new pg.Query(config);
  query.on("row", (row: unknown) => {
    for (const cell of Array.isArray(row) ? row : []) {
      if (typeof cell === "string") lines.push(...cell.split("\n"));
    }
  });
  query.on("error", (error: Error) => resolve(describeError(error, text)));
  query.on("end", () => resolve(null));
  client.query(query);
  return { error: await promise, lines };
}

function describeError(error: Error, text: string): string {
  const position = "position" in error ? Number(error.position) : NaN;
  const line = Number.isNaN(position) ? "" : `line ${text.slice(0, position).split("\n").length}: `;
  const where = "where" in error && typeof error.where === "string" ? `\n${error.where}` : "";
  const code = "code" in error ? ` (${String(error.code)})` : "";
  return `${line}${error.message}${code}${where}`;
}
