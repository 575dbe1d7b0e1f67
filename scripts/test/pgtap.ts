// The process of a database lane: a server of its own with the platform and the project's migrations,
// and every pgTAP file on it. Prints a line a file and writes a JUnit report.
//
//   deno run -A scripts/test/pgtap.ts --server=embedded --junit-path=/tmp/r.xml tests/database

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createKeys } from "../stack/auth/keys.ts";
import type { PostgresServer } from "../stack/postgres/cluster.ts";
import { applyMigrations } from "../stack/postgres/migrations.ts";
import { type PgtapFileResult, runPgtap } from "../stack/postgres/pgtap.ts";
import { installPlatform } from "../stack/postgres/platform.ts";
import { freePorts } from "../stack/ports.ts";
import { startWarden } from "../stack/warden.ts";

const PROJECT_DIR = fileURLToPath(new URL("../../", import.meta.url));
const SUPPORT_DIR = join(PROJECT_DIR, "tests", "support");

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
  await using cleanup = new AsyncDisposableStack();
  const server = await openServer(values.server, cleanup);
  const report = await runPgtap({
    server,
    testsDir: join(PROJECT_DIR, positionals[0] ?? "tests/database"),
    supportFiles: await sqlFilesIn(SUPPORT_DIR),
    filter: values.filter,
    onFile: print,
  });
  const files = [...report.files];
  if (values.server === "debian15" && !values.filter) files.push(await checkFunctions(server));
  if (values["junit-path"]) await Deno.writeTextFile(values["junit-path"], toJunit(files));
  const isClean = files.every((file) => file.failures.length === 0);
  return isClean && report.passed > 0 ? 0 : 1;
}

/** plpgsql_check is on PostgreSQL 15 only; a finding counts as a failed test. */
async function checkFunctions(server: PostgresServer): Promise<PgtapFileResult> {
  const began = performance.now();
  const { checkPlpgsql } = await import("../stack/postgres/plpgsql_check.ts");
  const failures = (await checkPlpgsql(server)).map((finding) => ({
    name: `${finding.function}:${finding.line ?? "?"} ${finding.level}: ${finding.message}`,
    diagnostics: [finding.statement, finding.detail, finding.hint].filter(Boolean).join("\n"),
  }));
  const result = {
    file: "plpgsql_check finds nothing in any function",
    passed: failures.length === 0 ? 1 : 0,
    failures,
    elapsedMs: performance.now() - began,
  };
  print(result);
  return result;
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
  const start = kind === "debian15"
    ? (await import("../stack/postgres/debian15.ts")).startDebian15
    : (await import("../stack/postgres/server.ts")).startPostgres;
  const server = await start({ dataDir, port: freePorts().database, passwords });
  cleanup.defer(() => server.stop());
  await warden.watch(server.pid, "QUIT");
  await installPlatform(server, { databasePasswords: passwords });
  await applyMigrations(server.url("postgres"), join(PROJECT_DIR, "supabase", "migrations"));
  return server;
}

function print({ file, passed, failures, elapsedMs }: PgtapFileResult): void {
  const verdict = failures.length === 0 ? "ok" : "not ok";
  const counts = `${passed} passed, ${failures.length} failed`;
  console.log(`${verdict} ${file} (${counts}, ${Math.round(elapsedMs)} ms)`);
  for (const { name, diagnostics } of failures) {
    console.log(`    ✗ ${name}`);
    for (const line of diagnostics.split("\n")) console.log(`      ${line}`);
  }
}

function toJunit(files: readonly PgtapFileResult[]): string {
  const suites = files.map(({ file, passed, failures }) => {
    const cases = [
      ...Array.from({ length: passed }, () => testCase(file, "")),
      ...failures.map(({ name }) => testCase(file, `<failure message="${escapeXml(name)}"/>`)),
    ];
    return `<testsuite name="${escapeXml(file)}">\n${cases.join("\n")}\n</testsuite>`;
  });
  return `<?xml version="1.0"?>\n<testsuites>\n${suites.join("\n")}\n</testsuites>\n`;
}

function testCase(file: string, body: string): string {
  return `<testcase name="${escapeXml(file)}">${body}</testcase>`;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

async function sqlFilesIn(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isFile && entry.name.endsWith(".sql")) files.push(join(folder, entry.name));
  }
  return files.sort();
}

if (import.meta.main) Deno.exit(await main());
