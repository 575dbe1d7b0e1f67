// Seed data goes in once, with the first boot of a data folder.

import { applySeed } from "./postgres/migrations.ts";
import { withConnection } from "./postgres/connection.ts";

const SEED_PATH = "supabase/seed.sql";

/**
 * Applies the project's seed unless the database has it, and notes it where Supabase's own command
 * line would.
 *
 * @param databaseUrl Connection of the role `postgres`.
 * @param seedFile The file; a project without one is fine.
 * @returns Whether it was applied now.
 */
export async function seedOnce(databaseUrl: string, seedFile: string): Promise<boolean> {
  const text = await readIfThere(seedFile);
  if (text === null || await isSeeded(databaseUrl)) return false;
  await applySeed(databaseUrl, seedFile);
  await withConnection(databaseUrl, async (client) => {
    await client.query(
      "insert into supabase_migrations.seed_files (path, hash) values ($1, $2) on conflict do nothing",
      [SEED_PATH, await sha256(text)],
    );
  });
  return true;
}

async function isSeeded(databaseUrl: string): Promise<boolean> {
  return await withConnection(databaseUrl, async (client) => {
    await client.query(
      "create table if not exists supabase_migrations.seed_files (path text primary key, hash text not null)",
    );
    // People there without a note: the seed went in and the stack was killed before it was noted.
    const found = await client.query<{ seeded: boolean }>(
      "select exists (select from supabase_migrations.seed_files) or exists (select from auth.users) as seeded",
    );
    return found.rows[0]?.seeded ?? false;
  });
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex();
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
