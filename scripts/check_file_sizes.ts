// Files stay small enough to be read: 300 lines of source, 600 of tests or SQL. What is longer is
// listed in file_size_exceptions.json with its reason; what no longer is must leave the list. How
// long a function may be is a lint rule.
import { join } from "node:path";
import { z } from "zod";
import { projectDir } from "./checks/project_dir.ts";
import { type Finding, reportFindings } from "./checks/report_findings.ts";
import { type SourceFile, sourceFiles } from "./checks/source_files.ts";

const MAX_SOURCE_LINES = 300;
const MAX_OTHER_LINES = 600;
const GENERATED: ReadonlySet<string> = new Set([
  "shared/database/database.types.ts",
  "shared/skills/library.generated.ts",
]);
const EXCEPTIONS = "scripts/file_size_exceptions.json";

/** Path → why the file is longer. */
const Exceptions = z.record(z.string(), z.string().min(20));

/**
 * Finds files that are too long.
 *
 * @param files The project's files.
 * @param exceptions Path → why it may be longer.
 * @returns A finding for each file, and for each exception that is not needed.
 */
export function checkFileSizes(
  files: readonly SourceFile[],
  exceptions: Readonly<Record<string, string>>,
): Finding[] {
  const findings: Finding[] = [];
  const tooLong = new Set<string>();
  for (const { path, text } of files) {
    const lines = text.split("\n").length - 1;
    const limit = limitOf(path);
    if (lines <= limit || GENERATED.has(path)) continue;
    tooLong.add(path);
    if (!(path in exceptions)) findings.push(`${path}: ${lines} lines; ${limit} at most`);
  }
  for (const path of Object.keys(exceptions)) {
    if (!tooLong.has(path)) findings.push(`${EXCEPTIONS}: ${path} needs no exception`);
  }
  return findings;
}

function limitOf(path: string): number {
  const isSource = path.endsWith(".ts") && !path.endsWith("_test.ts") && !path.startsWith("tests/");
  return isSource ? MAX_SOURCE_LINES : MAX_OTHER_LINES;
}

async function main(): Promise<void> {
  const root = projectDir();
  const files = await sourceFiles(root, ["shared", "supabase", "scripts", "tests"], [
    ".ts",
    ".sql",
  ]);
  const exceptions = JSON.parse(await Deno.readTextFile(join(root, EXCEPTIONS)));
  reportFindings("file sizes", checkFileSizes(files, Exceptions.parse(exceptions)));
}

if (import.meta.main) await main();
