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
 * @returns A finding for each line that only one of them has.
 */
export function compareSchemas(
  declared: readonly string[],
  migrated: readonly string[],
): Finding[] {
  const inDeclared = new Set(declared);
  const inMigrated = new Set(migrated);
  return [
    ...declared.filter((line) => !inMigrated.has(line)).map((line) => `only in schemas/: ${line}`),
    ...migrated.filter((line) => !inDeclared.has(line)).map((line) =>
      `only in migrations/: ${line}`
    ),
  ];
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
