// A migration that has landed is in databases that nobody can reach from here, so it stays as it is:
// its SHA-256 is in landed_migrations.json. What is new sorts after everything that landed, or those
// databases would refuse it or, worse, run it late. `deno task db:land` adds what a release brought.
import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { z } from "zod";
import { projectDir } from "./checks/project_dir.ts";
import { type Finding, reportFindings } from "./checks/report_findings.ts";
import { sourceFiles } from "./checks/source_files.ts";

const LIST = "scripts/landed_migrations.json";

/** Name of a migration file → SHA-256 of its content, 64 hex digits. */
const Landed = z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/));
export type Landed = Readonly<Record<string, string>>;

/**
 * Compares migrations with those that landed.
 *
 * @param migrations Every migration there is: name → SHA-256.
 * @param landed Those that landed, as they were then.
 * @returns A finding for each that is gone, that changed, or that is new and sorts before a landed one.
 */
export function checkLanded(migrations: Landed, landed: Landed): Finding[] {
  const findings: Finding[] = [];
  for (const [name, hash] of Object.entries(landed)) {
    if (migrations[name] === undefined) findings.push(`${name}: has landed and is gone`);
    else if (migrations[name] !== hash) {
      findings.push(`${name}: has landed and was changed; write a new migration instead`);
    }
  }
  const last = Object.keys(landed).sort().at(-1) ?? "";
  for (const name of Object.keys(migrations)) {
    if (landed[name] === undefined && name < last) {
      findings.push(`${name}: is new and sorts before ${last}, which has landed`);
    }
  }
  return findings;
}

/**
 * Hashes the migrations of a repository.
 *
 * @param root The repository.
 * @returns Name of the file → SHA-256 of its content.
 */
export async function hashMigrations(root: string): Promise<Landed> {
  const hashes: Record<string, string> = {};
  for (const { path, text } of await sourceFiles(root, ["supabase/migrations"], [".sql"])) {
    hashes[basename(path)] = createHash("sha256").update(text).digest("hex");
  }
  return hashes;
}

/**
 * Reads which migrations landed.
 *
 * @param root The repository.
 * @returns Name of the file → SHA-256 of its content when it landed.
 */
export async function readLanded(root: string): Promise<Landed> {
  return Landed.parse(JSON.parse(await Deno.readTextFile(join(root, LIST))));
}

async function main(): Promise<void> {
  const root = projectDir();
  const migrations = await hashMigrations(root);
  const landed = await readLanded(root);
  const findings = checkLanded(migrations, landed);
  // Only what is right is added: a list that learned a changed migration would defend the change.
  if (Deno.args.includes("--add") && findings.length === 0) {
    await Deno.writeTextFile(join(root, LIST), `${JSON.stringify(migrations, null, 2)}\n`);
  }
  reportFindings("landed migrations", findings);
}

if (import.meta.main) await main();
