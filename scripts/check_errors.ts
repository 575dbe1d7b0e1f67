// Every code that the database raises for callers is in the catalogue with the same status, and every
// code of the catalogue is used; docs/errors.md says what the catalogue says.
import { join } from "node:path";
import { ERROR_CATALOGUE, isErrorCode } from "../shared/errors/catalogue.ts";
import { writeOrCheck } from "./checks/generated_file.ts";
import { projectDir } from "./checks/project_dir.ts";
import { type Finding, reportFindings } from "./checks/report_findings.ts";
import { type SourceFile, sourceFiles } from "./checks/source_files.ts";
import { describeErrors } from "./generate_errors.ts";

/** `raise sqlstate 'PT404' using message = 'not_found'`, in any spacing. */
const RAISE =
  /\braise\s+(?:exception\s+)?(?:using\s+[^;]*?errcode\s*=\s*|sqlstate\s+)'(PT\d{3})'[^;]*/gi;
const MESSAGE = /message\s*=\s*'([^']*)'/i;

/**
 * Compares what is raised and used with the catalogue.
 *
 * @param sql Schema files.
 * @param code TypeScript of the product, without tests.
 * @returns A finding for each code that is unknown, has another status, or is never used.
 */
export function checkErrors(sql: readonly SourceFile[], code: readonly SourceFile[]): Finding[] {
  const findings: Finding[] = [];
  const raised = new Set<string>();
  for (const { path, text } of sql) {
    for (const [statement, state = ""] of text.matchAll(RAISE)) {
      const message = MESSAGE.exec(statement)?.[1] ?? "";
      raised.add(message);
      if (!isErrorCode(message)) {
        findings.push(`${path}: raises "${message}", which is not in the catalogue`);
      } else if (`PT${ERROR_CATALOGUE[message].status}` !== state) {
        const { status } = ERROR_CATALOGUE[message];
        findings.push(`${path}: raises ${message} as ${state}; the catalogue says ${status}`);
      }
    }
  }
  const source = code.map(({ text }) => text).join("\n");
  for (const known of Object.keys(ERROR_CATALOGUE)) {
    if (!raised.has(known) && !source.includes(`"${known}"`)) {
      findings.push(`shared/errors/catalogue.ts: nothing answers ${known}`);
    }
  }
  return findings;
}

/** Where codes are declared: what stands there answers nothing. */
const CATALOGUE: ReadonlySet<string> = new Set([
  "shared/errors/catalogue.ts",
  "shared/errors/copilot_errors.ts",
]);

async function main(): Promise<void> {
  const root = projectDir();
  const sql = await sourceFiles(root, ["supabase/schemas", "supabase/migrations"], [".sql"]);
  const code = (await sourceFiles(root, ["shared", "supabase/functions"], [".ts"]))
    .filter(({ path }) => !path.endsWith("_test.ts") && !CATALOGUE.has(path));
  const document = {
    path: join(root, "docs/errors.md"),
    text: describeErrors(),
    command: "deno task docs:errors",
  };
  reportFindings("errors", [
    ...checkErrors(sql, code),
    ...await writeOrCheck(document, ["--check"]),
  ]);
}

if (import.meta.main) await main();
