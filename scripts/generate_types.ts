// Writes shared/database/database.types.ts by the platform's own command line, from a running
// database or, without an address, from one that is made of the migrations for the purpose:
// `generate_types.ts [--check] [<database url>]`.
import { join } from "node:path";
import { formatText, runCommand, writeOrCheck } from "./checks/generated_file.ts";
import { projectDir } from "./checks/project_dir.ts";
import { reportFindings } from "./checks/report_findings.ts";
import { withScratchServer } from "./checks/scratch_database.ts";
import { applyMigrations } from "./stack/postgres/migrations.ts";

/** The platform's command line; its version decides what the types look like. */
const SUPABASE_CLI = "supabase@3.1.0";

/**
 * Generates the types of schema `public`, as `supabase gen types` does.
 *
 * @param databaseUrl A database with the project's migrations; read as role postgres.
 * @param workdir The repository.
 * @returns The text of the file, formatted.
 * @throws {Error} When the command line fails; with its words.
 */
export async function generateTypes(databaseUrl: string, workdir: string): Promise<string> {
  const url = new URL(databaseUrl);
  // The command line insists on TLS otherwise
  url.searchParams.set("sslmode", "disable");
  const raw = await runCommand("npx", [
    ...["--yes", SUPABASE_CLI, "gen", "types", "--lang", "typescript", "--schema", "public"],
    ...["--workdir", workdir, `--remote=${url.href}`],
  ]);
  return await formatText(raw, "ts");
}

async function main(): Promise<void> {
  const root = projectDir();
  const [databaseUrl] = Deno.args.filter((argument) => !argument.startsWith("--"));
  const text = databaseUrl !== undefined
    ? await generateTypes(databaseUrl, root)
    : await withScratchServer(async (server) => {
      const url = await server.createDatabase("types");
      await applyMigrations(url, join(root, "supabase/migrations"));
      return await generateTypes(url, root);
    });
  const path = join(root, "shared/database/database.types.ts");
  reportFindings("types", await writeOrCheck({ path, text, command: "deno task db:types" }));
}

if (import.meta.main) await main();
