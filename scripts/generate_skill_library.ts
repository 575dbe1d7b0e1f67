// Compiles the documents of the library into a module: `generate_skill_library.ts [--check]`. A
// function is bundled without files beside it, so what it knows must be code.
import { basename, join } from "node:path";
import type { SkillDocument } from "../shared/skills/document.ts";
import { readDocument } from "../shared/skills/parse_document.ts";
import { AppError } from "../shared/errors/app_error.ts";
import { formatText, writeOrCheck } from "./checks/generated_file.ts";
import { projectDir } from "./checks/project_dir.ts";
import { type Finding, reportFindings } from "./checks/report_findings.ts";

const FOLDERS = { skill: "skills", sequence: "sequences" } as const;
const HEAD = `// Made by \`deno task skills:library\` from shared/skills/library; change it there.
import type { LibraryEntry } from "./library.ts";

/** Documents by key and then version. */
export const LIBRARY_ENTRIES: readonly LibraryEntry[] = `;

/** A document and the file that it stands in. */
interface Compiled {
  readonly file: string;
  readonly document: SkillDocument;
  readonly sha256: string;
}

/**
 * Compiles the library.
 *
 * @param root The project.
 * @returns The text of the module, and what is wrong with documents.
 */
export async function compileLibrary(root: string): Promise<{ text: string; findings: Finding[] }> {
  const compiled: Compiled[] = [];
  const findings: Finding[] = [];
  for (const kind of ["skill", "sequence"] as const) {
    const folder = join(root, "shared/skills/library", FOLDERS[kind]);
    for await (const { name } of Deno.readDir(folder)) {
      const file = join(folder, name);
      try {
        const entry = { file, ...await readDocument(await Deno.readTextFile(file)) };
        findings.push(...checkPlace(entry, kind));
        compiled.push(entry);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        findings.push(...error.issues.map(({ path, message }) => `${name}: ${path}: ${message}`));
      }
    }
  }
  compiled.sort((a, b) =>
    a.document.key < b.document.key
      ? -1
      : a.document.key > b.document.key
      ? 1
      : a.document.version - b.document.version
  );
  const entries = compiled.map(({ document, sha256 }) => ({ document, sha256 }));
  return { text: await formatText(`${HEAD}${JSON.stringify(entries)};\n`, "ts"), findings };
}

/** `key.md` holds the newest version, `key@2.md` an older one. */
function checkPlace({ file, document }: Compiled, kind: SkillDocument["kind"]): Finding[] {
  const name = basename(file);
  const findings: Finding[] = [];
  if (document.kind !== kind) findings.push(`${name}: a ${document.kind} among ${FOLDERS[kind]}`);
  const isCurrent = name === `${document.key}.md`;
  if (!isCurrent && name !== `${document.key}@${document.version}.md`) {
    findings.push(`${name}: is named like another document; its key is ${document.key}`);
  }
  return findings;
}

if (import.meta.main) {
  const root = projectDir();
  const { text, findings } = await compileLibrary(root);
  const path = join(root, "shared/skills/library.generated.ts");
  const stale = findings.length === 0
    ? await writeOrCheck({ path, text, command: "deno task skills:library" })
    : [];
  reportFindings("skill library", [...findings, ...stale]);
}
