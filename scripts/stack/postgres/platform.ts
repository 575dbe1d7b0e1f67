// Installs in a server what a Supabase project holds before its first migration.

import { fileURLToPath } from "node:url";
import type { StackKeys } from "../contracts.ts";
import { readIfExists } from "./data_folder.ts";
import { type PostgresServer, withSuperuser } from "./cluster.ts";

/**
 * Makes or updates roles, schemas, default privileges, platform functions and extensions. May run
 * again at any time; a second run with the same files and keys does nothing.
 *
 * @param server A server that {@link startPostgres} started.
 * @param keys The passwords of the login roles are taken from here.
 */
export async function installPlatform(
  server: PostgresServer,
  keys: Pick<StackKeys, "databasePasswords">,
): Promise<void> {
  const statements = await readPlatform();
  const stamp = await digest([...statements, JSON.stringify(keys.databasePasswords)]);
  const { stampFile } = server.folder;
  if (await readIfExists(stampFile) === stamp) return;
  await withSuperuser(server, "postgres", async (client) => {
    await client.query("begin");
    await client.query("set local search_path = public, extensions");
    await client.query("set local client_min_messages = warning");
    for (const statement of statements) await client.query(statement);
    for (const [role, password] of Object.entries(keys.databasePasswords)) {
      await client.query(
        `alter role ${client.escapeIdentifier(role)} password ${client.escapeLiteral(password)}`,
      );
    }
    await client.query("commit");
  });
  await Deno.writeTextFile(stampFile, stamp);
}

async function readPlatform(): Promise<string[]> {
  const platform = await Deno.readTextFile(pathOf("./platform.sql"));
  // The tables of schema auth belong to the auth room.
  const auth = await readIfExists(pathOf("../auth/schema.sql"));
  return auth === null ? [platform] : [platform, auth];
}

function pathOf(relative: string): string {
  return fileURLToPath(import.meta.resolve(relative));
}

async function digest(parts: string[]): Promise<string> {
  const bytes = new TextEncoder().encode(parts.join("\0"));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
