// Runs pgTAP files against a database of its own: the platform, the project's migrations, and the
// helpers in tests/support. Prints TAP and writes a JUnit report.
//
//   deno run -A scripts/test/pgtap.ts --server=embedded --junit-path=/tmp/r.xml tests/database

import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createKeys } from "../stack/auth/keys.ts";
import { withConnection } from "../stack/postgres/connection.ts";
import { applyMigrations } from "../stack/postgres/migrations.ts";
import { installPlatform } from "../stack/postgres/platform.ts";
import { type PostgresServer, startPostgres } from "../stack/postgres/server.ts";
import { freePorts } from "../stack/ports.ts";
import { startWarden } from "../stack/warden.ts";
import { summarizeTap, type TapSummary } from "./tap.ts";

const PROJECT_DIR = fileURLToPath(new URL("../../", import.meta.url));
const SUPPORT_DIR = join(PROJECT_DIR, "tests", "support");
const TEST_FILE = /\.test\.sql$/;

interface FileOutcome {
  readonly name: string;
  readonly seconds: number;
  readonly lines: readonly string[];
  readonly summary: TapSummary;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: {
      server: { type: "string", default: "embedded" },
      "junit-path": { type: "string" },
      filter: { type: "string", default: "" },
    },
  });
  const root = join(PROJECT_DIR, positionals[0] ?? "tests/database");
  const files = (await findTestFiles(root)).filter((file) => file.includes(values.filter));
  await using cleanup = new AsyncDisposableStack();
  const server = await openServer(values.server, cleanup);
  await prepare(server);

  const outcomes: FileOutcome[] = [];
  for (const file of files) {
    const outcome = await runFile(server.url("postgres"), file);
    outcomes.push(outcome);
    print(outcome);
  }
  if (values["junit-path"]) await Deno.writeTextFile(values["junit-path"], toJunit(outcomes));
  const failed = outcomes.reduce((sum, { summary }) => sum + summary.failed, 0);
  return failed === 0 && outcomes.length > 0 ? 0 : 1;
}

async function openServer(
  kind: string,
  cleanup: AsyncDisposableStack,
): Promise<PostgresServer> {
  const dataDir = await Deno.makeTempDir({ prefix: "pgtap-" });
  await Deno.chmod(dataDir, 0o755);
  cleanup.defer(() => Deno.remove(dataDir, { recursive: true }));
  const warden = startWarden();
  cleanup.defer(() => warden.close());
  const { databasePasswords: passwords } = await createKeys();
  const port = freePorts().database;
  const server = kind === "debian15"
    ? await (await import("../stack/postgres/debian15.ts")).startDebian15({
      dataDir,
      port,
      passwords,
    })
    : await startPostgres({ dataDir, port, passwords });
  cleanup.defer(() => server.stop());
  await warden.watch(server.pid, "QUIT");
  await installPlatform(server, { databasePasswords: passwords });
  return server;
}

async function prepare(server: PostgresServer): Promise<void> {
  await applyMigrations(server.url("postgres"), join(PROJECT_DIR, "supabase", "migrations"));
  await withConnection(server.url("supabase_admin"), async (client) => {
    await client.query("set client_min_messages = warning");
    const available = await client.query(
      "select from pg_available_extensions where name = 'pgtap'",
    );
    if (available.rowCount) {
      await client.query("create extension if not exists pgtap with schema extensions");
    }
    for (const file of await sqlFilesIn(SUPPORT_DIR)) {
      await client.query(await Deno.readTextFile(file));
    }
  });
}

/** Runs one file as the role `postgres`; what it left open is rolled back. */
async function runFile(databaseUrl: string, file: string): Promise<FileOutcome> {
  const startedAt = Date.now();
  const lines: string[] = [];
  try {
    await withConnection(databaseUrl, async (client) => {
      await client.query("set search_path = public, extensions");
      const results: unknown = await client.query(await Deno.readTextFile(file));
      for (const result of Array.isArray(results) ? results : [results]) {
        lines.push(...textOf(result));
      }
    });
  } catch (error) {
    lines.push(`not ok - the file runs to its end`, ...commented(describe(error)));
  }
  return {
    name: relative(PROJECT_DIR, file),
    seconds: (Date.now() - startedAt) / 1000,
    lines,
    summary: summarizeTap(lines),
  };
}

function textOf(result: unknown): string[] {
  if (typeof result !== "object" || result === null || !("rows" in result)) return [];
  const rows: unknown[] = Array.isArray(result.rows) ? result.rows : [];
  return rows.flatMap((row) =>
    Object.values(Object(row))
      .filter((value): value is string => typeof value === "string")
      .flatMap((value) => value.split("\n"))
  );
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const details = ["code", "detail", "hint", "where"]
    .map((key) => Object.entries(error).find(([name]) => name === key))
    .filter((entry) => entry?.[1])
    .map((entry) => entry?.join(": "));
  return [error.message, ...details].join("\n");
}

function commented(text: string): string[] {
  return text.split("\n").map((line) => `# ${line}`);
}

function print({ name, lines, summary, seconds }: FileOutcome): void {
  const counts = `${summary.passed} passed, ${summary.failed} failed`;
  console.log(`${summary.failed === 0 ? "ok" : "not ok"} ${name} (${counts}, ${seconds} s)`);
  if (summary.failed === 0) return;
  for (const problem of summary.problems) console.log(`    ${problem}`);
  // A file that broke off explains itself best by what came last.
  if (lines.length < 12) { for (const line of lines) console.log(`    | ${line}`); }
}

function toJunit(outcomes: readonly FileOutcome[]): string {
  const suites = outcomes.map(({ name, summary }) => {
    const cases = [
      ...Array.from({ length: summary.passed }, () => testCase(name, "")),
      ...Array.from({ length: summary.skipped }, () => testCase(name, "<skipped/>")),
      ...Array.from(
        { length: summary.failed },
        (_, index) =>
          testCase(name, `<failure message="${escapeXml(summary.problems[index] ?? "")}"/>`),
      ),
    ];
    return `<testsuite name="${escapeXml(name)}">\n${cases.join("\n")}\n</testsuite>`;
  });
  return `<?xml version="1.0"?>\n<testsuites>\n${suites.join("\n")}\n</testsuites>\n`;
}

function testCase(file: string, body: string): string {
  return `<testcase classname="${escapeXml(file)}" name="${
    escapeXml(basename(file))
  }">${body}</testcase>`;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

async function findTestFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) found.push(...await findTestFiles(path));
    else if (TEST_FILE.test(entry.name)) found.push(path);
  }
  return found.sort();
}

async function sqlFilesIn(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isFile && entry.name.endsWith(".sql")) files.push(join(folder, entry.name));
  }
  return files.sort();
}

if (import.meta.main) Deno.exit(await main());
