// Builds one database from supabase/schemas and one from supabase/migrations, and says where they
// differ: what the database is and how it got there must be the same thing.
import { join } from "node:path";
import { projectDir } from "./checks/project_dir.ts";
import { dumpSchema } from "./checks/dump_schema.ts";
import { type Finding, reportFindings } from "./checks/report_findings.ts";
import { withScratchServer } from "./checks/scratch_database.ts";
import { sourceFiles } from "./checks/source_files.ts";
import { withConnection } from "./stack/postgres/connection.ts";
import { applyMigrations } from "./stack/postgres/migrations.ts";

/**
 * Runs schema files in the order of their names.
 *
 * @param databaseUrl A database that holds what the platform brings; used as role postgres.
 * @param root The repository.
 * @throws {Error} Naming the file that failed.
 */
export async function applySchemaFiles(databaseUrl: string, root: string): Promise<void> {
  const files = await sourceFiles(root, ["supabase/schemas"], [".sql"]);
  await withConnection(databaseUrl, async (client) => {
    for (const { path, text } of files) {
      try {
        await client.query("begin");
        await client.query(text);
        await client.query("commit");
      } catch (cause) {
        throw new Error(`${path}: ${cause instanceof Error ? cause.message : "failed"}`, { cause });
      }
    }
  });
}

/**
 * Compares two descriptions of a database.
 *
 * @param declared Lines of the one built from schema files.
 * @param migrated Lines of the one built from migrations.
 * @returns A finding for each object that only one of them has or that differs, with the place.
 */
export function compareSchemas(
  declared: readonly string[],
  migrated: readonly string[],
): Finding[] {
  const left = byObject(declared);
  const right = byObject(migrated);
  const objects = [...new Set([...left.keys(), ...right.keys()])].sort();
  return objects.flatMap((object) => {
    const inSchemas = left.get(object);
    const inMigrations = right.get(object);
    if (inSchemas === inMigrations) return [];
    if (inMigrations === undefined) return [`${object}: only in schemas/`];
    if (inSchemas === undefined) return [`${object}: only in migrations/`];
    return [`${object}: ${firstDifference(inSchemas, inMigrations)}`];
  });
}

/** Object → its lines as one text; some kinds have several lines of the same name. */
function byObject(lines: readonly string[]): Map<string, string> {
  const objects = new Map<string, string>();
  for (const line of lines) {
    const end = line.indexOf(": ");
    const object = line.slice(0, end);
    objects.set(object, `${objects.get(object) ?? ""}${line.slice(end + 2)}\n`);
  }
  return objects;
}

function firstDifference(inSchemas: string, inMigrations: string): string {
  let start = 0;
  while (inSchemas[start] === inMigrations[start]) start += 1;
  const from = Math.max(0, start - 20);
  const show = (text: string): string => JSON.stringify(text.slice(from, from + 80));
  return `schemas/ has ${show(inSchemas)}, migrations/ has ${show(inMigrations)}`;
}

async function main(): Promise<void> {
  const root = projectDir();
  const findings = await withScratchServer(async (server) => {
    const declared = await server.createDatabase("declared");
    const migrated = await server.createDatabase("migrated");
    await applySchemaFiles(declared, root);
    await applyMigrations(migrated, join(root, "supabase/migrations"));
    return compareSchemas(await dumpSchema(declared), await dumpSchema(migrated));
  });
  reportFindings("schema parity", findings);
}

if (import.meta.main) await main();
