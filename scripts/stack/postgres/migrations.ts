// Applies migrations and seed data as the platform's own command line does.

import { basename, join } from "node:path";
import type { Progress } from "../contracts.ts";
import { type Connection, withConnection } from "./connection.ts";
import { StackError } from "./stack_error.ts";

interface Migration {
  readonly version: string;
  readonly name: string;
  readonly file: string;
}

/**
 * Applies every migration that the database does not have yet, in order, each in a transaction of
 * its own together with its entry in `supabase_migrations.schema_migrations`.
 *
 * @param databaseUrl Connection of the role `postgres`, as in production.
 * @param migrationsDir Folder with `<version>_<name>.sql` files.
 * @param onProgress Told the name of each migration before it runs.
 * @returns How many were applied.
 * @throws {StackError} With file, line and the database's words when one fails.
 */
export async function applyMigrations(
  databaseUrl: string,
  migrationsDir: string,
  onProgress: Progress = () => {},
): Promise<number> {
  const migrations = await listMigrations(migrationsDir);
  return await withConnection(databaseUrl, async (client) => {
    await createHistory(client);
    const applied = await readHistory(client);
    refuseMissing(applied, migrations, migrationsDir);
    let count = 0;
    for (const migration of migrations) {
      if (applied.has(migration.version)) continue;
      onProgress(basename(migration.file, ".sql"));
      await applyMigration(client, migration);
      count++;
    }
    return count;
  });
}

/**
 * Runs a file of seed data in one transaction.
 *
 * @param databaseUrl Connection of the role `postgres`.
 * @param file The file.
 * @throws {StackError} With line and the database's words when it fails.
 */
export async function applySeed(databaseUrl: string, file: string): Promise<void> {
  const text = await Deno.readTextFile(file);
  await withConnection(databaseUrl, async (client) => {
    await client.query("begin");
    await runFile(client, file, text);
    await client.query("commit");
  });
}

async function listMigrations(migrationsDir: string): Promise<Migration[]> {
  const migrations: Migration[] = [];
  for await (const entry of Deno.readDir(migrationsDir)) {
    const [, version, name] = entry.name.match(/^(\d+)_(.*)\.sql$/) ?? [];
    if (version === undefined || name === undefined) continue;
    migrations.push({ version, name, file: join(migrationsDir, entry.name) });
  }
  migrations.sort((a, b) => a.version < b.version ? -1 : 1);
  for (const [index, migration] of migrations.entries()) {
    if (migrations[index + 1]?.version === migration.version) {
      throw new StackError(
        `Two migrations have the version ${migration.version}`,
        "Give one of them a later time stamp.",
      );
    }
  }
  return migrations;
}

async function createHistory(client: Connection): Promise<void> {
  await client.query("set client_min_messages = warning");
  await client.query(`
    create schema if not exists supabase_migrations;
    create table if not exists supabase_migrations.schema_migrations (
      version text not null primary key,
      statements text[],
      name text
    );
  `);
  await client.query("reset client_min_messages");
}

async function readHistory(client: Connection): Promise<Set<string>> {
  const result = await client.query<{ version: string }>(
    "select version from supabase_migrations.schema_migrations",
  );
  return new Set(result.rows.map((row) => row.version));
}

function refuseMissing(
  applied: ReadonlySet<string>,
  migrations: readonly Migration[],
  migrationsDir: string,
): void {
  const known = new Set(migrations.map((migration) => migration.version));
  const missing = [...applied].filter((version) => !known.has(version));
  if (missing.length === 0) return;
  throw new StackError(
    `The database has migrations that ${migrationsDir} lacks: ${missing.join(", ")}`,
    "Bring the files back, or start over: deno task reset",
  );
}

async function applyMigration(client: Connection, migration: Migration): Promise<void> {
  const text = await Deno.readTextFile(migration.file);
  await client.query("begin");
  try {
    await runFile(client, migration.file, text);
    await client.query(
      "insert into supabase_migrations.schema_migrations (version, name, statements) " +
        "values ($1, $2, $3)",
      [migration.version, migration.name, [text]],
    );
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
  // A migration that sets something for its session must not steer the next one.
  await client.query("reset all");
}

async function runFile(client: Connection, file: string, text: string): Promise<void> {
  try {
    await client.query(text);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const position = "position" in error ? Number(error.position) : NaN;
    const line = Number.isNaN(position) ? "" : `:${text.slice(0, position).split("\n").length}`;
    const details = ["detail", "hint", "where"]
      .map((key) => Object.entries(error).find(([name]) => name === key)?.[1])
      .filter((value) => typeof value === "string")
      .map((value) => `\n  ${value}`)
      .join("");
    throw new StackError(
      `${basename(file)}${line}: ${error.message}${details}`,
      "Correct the file and start again; nothing of it was applied.",
      { cause: error },
    );
  }
}
