// What the PostgreSQL 15 lane needs from Debian, and whether this machine has it.

const REQUIRED: Readonly<Record<string, string>> = {
  "postgresql-15": "/usr/lib/postgresql/15/bin/postgres",
  "postgresql-15-cron": "/usr/share/postgresql/15/extension/pg_cron.control",
  "postgresql-15-pgtap": "/usr/share/postgresql/15/extension/pgtap.control",
  "postgresql-15-plpgsql-check": "/usr/share/postgresql/15/extension/plpgsql_check.control",
};

/** The Debian packages that the lane still needs; none when it can run. */
export async function missingForDebian15(): Promise<string[]> {
  const missing: string[] = [];
  for (const [name, file] of Object.entries(REQUIRED)) {
    try {
      await Deno.stat(file);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      missing.push(name);
    }
  }
  return missing;
}
