// What the platform's advisors and our own rules beside them say about a database, less what was
// decided otherwise for a reason.
import { join } from "node:path";
import { z } from "zod";
import { withConnection } from "../stack/postgres/connection.ts";
import { runCommand } from "./generated_file.ts";
import type { Finding } from "./report_findings.ts";
import { sourceFiles } from "./source_files.ts";

/** The platform's command line; its version decides which advisors there are. */
const SUPABASE_CLI = "supabase@3.1.0";
const RULES = "tests/lint/advisors";
const EXCEPTIONS = "tests/lint/advisor_exceptions.json";

/** One piece of advice. */
export interface Advice {
  /** The rule. */
  readonly name: string;
  /** What is wrong, in words. */
  readonly detail: string;
  /** The rule and the object, always written the same way. */
  readonly cacheKey: string;
}

/** Advice that is not followed, and why. */
export interface AdvisorException {
  readonly name: string;
  /** Pattern of the advice's key. */
  readonly cacheKey: string;
  readonly reason: string;
}

const Report = z.object({
  results: z.array(z.object({ name: z.string(), detail: z.string(), cacheKey: z.string() })),
});

const Exceptions = z.array(
  z.strictObject({ name: z.string(), cacheKey: z.string(), reason: z.string().min(40) }),
);

/**
 * Asks the platform's advisors, at every level.
 *
 * @param databaseUrl The database, for role postgres.
 * @param root The repository.
 * @returns Their advice.
 * @throws {Error} When the command line fails; with its words.
 */
export async function askAdvisors(databaseUrl: string, root: string): Promise<Advice[]> {
  const url = new URL(databaseUrl);
  // The command line insists on TLS otherwise
  url.searchParams.set("sslmode", "disable");
  const report = await runCommand("npx", [
    ...["--yes", SUPABASE_CLI, "db", "advisors", `--remote=${url.href}`, "--workdir", root],
    ...["--type", "all", "--level", "info", "--fail-on", "none", "--output-format", "json"],
  ]);
  return Report.parse(JSON.parse(report)).results;
}

/**
 * Runs our own rules, each a query with a row for each thing that is wrong.
 *
 * @param databaseUrl The database, for role postgres.
 * @param root The repository.
 * @returns Their advice.
 */
export async function runOwnRules(databaseUrl: string, root: string): Promise<Advice[]> {
  const rules = await sourceFiles(root, [RULES], [".sql"]);
  return await withConnection(databaseUrl, async (client) => {
    const advice: Advice[] = [];
    for (const { text } of rules) {
      const { rows } = await client.query<{ name: string; object: string; detail: string }>(text);
      for (const { name, object, detail } of rows) {
        advice.push({ name, detail, cacheKey: `${name}_${object}` });
      }
    }
    return advice;
  });
}

/**
 * Reads what was decided otherwise.
 *
 * @param root The repository.
 * @returns The exceptions.
 */
export async function readAdvisorExceptions(root: string): Promise<AdvisorException[]> {
  return Exceptions.parse(JSON.parse(await Deno.readTextFile(join(root, EXCEPTIONS))));
}

/**
 * Takes away the advice that is excepted.
 *
 * @param advice All advice.
 * @param exceptions What is not followed.
 * @returns A finding for each piece that remains, and for each exception that nothing needs.
 */
export function judgeAdvice(
  advice: readonly Advice[],
  exceptions: readonly AdvisorException[],
): Finding[] {
  const matches = (exception: AdvisorException, { name, cacheKey }: Advice): boolean =>
    exception.name === name && new RegExp(exception.cacheKey).test(cacheKey);
  return [
    ...advice
      .filter((given) => !exceptions.some((exception) => matches(exception, given)))
      .map(({ name, detail }) => `${name}: ${detail}`),
    ...exceptions
      .filter((exception) => !advice.some((given) => matches(exception, given)))
      .map(({ name }) => `${EXCEPTIONS}: ${name} needs no exception`),
  ];
}
