// Asks the platform's advisors and our own rules about a migrated and seeded database; nothing may be
// left at any level but what tests/lint/advisor_exceptions.json gives a reason for.
import { join } from "node:path";
import { askAdvisors, judgeAdvice, readAdvisorExceptions, runOwnRules } from "./checks/advisors.ts";
import { projectDir } from "./checks/project_dir.ts";
import { reportFindings } from "./checks/report_findings.ts";
import { withScratchServer } from "./checks/scratch_database.ts";
import { applyMigrations, applySeed } from "./stack/postgres/migrations.ts";

async function main(): Promise<void> {
  const root = projectDir();
  const advice = await withScratchServer(async (server) => {
    const url = await server.createDatabase("advisors");
    await applyMigrations(url, join(root, "supabase/migrations"));
    await applySeed(url, join(root, "supabase/seed.sql"));
    return [...await askAdvisors(url, root), ...await runOwnRules(url, root)];
  });
  reportFindings("advisors", judgeAdvice(advice, await readAdvisorExceptions(root)));
}

if (import.meta.main) await main();
