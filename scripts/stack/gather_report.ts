// Collects what there is to say about a running stack.

import { discoverFunctions } from "./functions/discover_functions.ts";
import { listSeededLogins, readSeedPassword } from "./seeded_logins.ts";
import type { StackDescription } from "./stack_description.ts";
import type { StackReport } from "./status_report.ts";

/**
 * Asks the sources and the database about a running stack.
 *
 * @param description Where it runs.
 */
export async function gatherReport(description: StackDescription): Promise<StackReport> {
  const [functions, logins, password] = await Promise.all([
    discoverFunctions(description.projectDir),
    listSeededLogins(description.databaseUrls.supabase_admin),
    readSeedPassword(description.projectDir),
  ]);
  return { description, functions: [...functions.keys()], logins, password };
}
