// Writes docs/requirements.md from the names of the tests: which requirement is proved by which of
// them. What each requirement says is in requirements_catalogue.json; a test that cites one without
// wording fails: `generate_requirements.ts [--check]`.
import { join } from "node:path";
import { z } from "zod";
import { writeOrCheck } from "./checks/generated_file.ts";
import { projectDir } from "./checks/project_dir.ts";
import { type Finding, reportFindings } from "./checks/report_findings.ts";
import { type SourceFile, sourceFiles } from "./checks/source_files.ts";

/** A test that says what it proves. */
export interface Proof {
  readonly path: string;
  /** The test's name without the ids. */
  readonly name: string;
  readonly ids: readonly string[];
}

const Catalogue = z.record(z.string().regex(/^[A-Z0-9]{3}-\d{3}$/), z.string().min(10));

const ID = /\b(?:U60|COP|FLW|TEL|CRE)-\d{3}\b/g;
const LEADING_IDS = /^(?:[A-Z]-\d+ |T-\d+:? |(?:U60|COP|FLW|TEL|CRE)-\d{3}:? )*/;
/** Names of tests and steps; the last text of a pgTAP assertion is found by its ids. */
const TEST_NAME =
  /^\s*(?:await )?(?:Deno\.test|t\.step)(?:\.\w+)?\(\s*(?:\{\s*name:\s*)?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)/gm;
const SQL_TEXT = /'((?:[^']|'')*)'/g;

/** Its texts quote made-up tests. */
const OWN_TEST = "scripts/generate_requirements_test.ts";

const HEAD = `# Requirements

Made by \`deno task docs:requirements\` from the names of the tests; a requirement is here when a test
proves it. What each says is in \`scripts/requirements_catalogue.json\`.
`;

/**
 * Finds the tests that cite requirements.
 *
 * @param files TypeScript and SQL tests.
 * @returns One proof for each test, in order.
 */
export function findProofs(files: readonly SourceFile[]): Proof[] {
  return files.flatMap(({ path, text }) => {
    const names = path.endsWith(".sql")
      ? [...withoutSqlComments(text).matchAll(SQL_TEXT)].map(([, name = ""]) =>
        name.replaceAll("''", "'")
      )
      : [...text.matchAll(TEST_NAME)].map(([, literal = ""]) => unquote(literal));
    return names.flatMap((name) => {
      const ids = [...new Set(name.match(ID) ?? [])];
      return ids.length === 0 ? [] : [{ path, ids, name: name.replace(LEADING_IDS, "") }];
    });
  });
}

/**
 * Describes which requirements are proved by what.
 *
 * @param proofs From `findProofs`.
 * @param catalogue Id → what it says.
 * @returns The text of docs/requirements.md, and a finding for each cited id without wording.
 */
export function describeRequirements(
  proofs: readonly Proof[],
  catalogue: Readonly<Record<string, string>>,
): { readonly text: string; readonly findings: Finding[] } {
  const byId = new Map<string, Proof[]>();
  for (const proof of proofs) {
    for (const id of proof.ids) byId.set(id, [...byId.get(id) ?? [], proof]);
  }
  const findings: Finding[] = [];
  const sections: string[] = [];
  for (const [id, cited] of [...byId].sort(([a], [b]) => a < b ? -1 : 1)) {
    const wording = catalogue[id];
    const [first] = cited;
    if (wording === undefined) {
      findings.push(`${first?.path}: cites ${id}, which has no wording in the catalogue`);
      continue;
    }
    const lines = [...new Set(cited.map(({ path, name }) => `- ${escape(name)} (\`${path}\`)`))];
    sections.push(`\n## ${id}\n\n${wording}\n\n${lines.sort().join("\n")}\n`);
  }
  return { text: `${HEAD}${sections.join("")}`, findings };
}

function unquote(literal: string): string {
  return literal.slice(1, -1).replace(/\\(.)/g, "$1");
}

function withoutSqlComments(text: string): string {
  return text.replace(/^\s*--.*$/gm, "");
}

function escape(name: string): string {
  return name.replace(/\s+/g, " ").replace(/([*_<>[\]`\\])/g, "\\$1");
}

async function main(): Promise<void> {
  const root = projectDir();
  const folders = ["shared", "supabase/functions", "scripts", "tests"];
  const files = (await sourceFiles(root, folders, ["_test.ts", ".test.sql"]))
    .filter(({ path }) => path !== OWN_TEST);
  const catalogue = JSON.parse(
    await Deno.readTextFile(join(root, "scripts/requirements_catalogue.json")),
  );
  const { text, findings } = describeRequirements(findProofs(files), Catalogue.parse(catalogue));
  const path = join(root, "docs/requirements.md");
  const file = { path, text, command: "deno task docs:requirements" };
  reportFindings("requirements", [...findings, ...await writeOrCheck(file)]);
}

if (import.meta.main) await main();
