// The secrets that a scheduled call needs, put where production has them: in the vault.

import { withConnection } from "./postgres/connection.ts";

/**
 * Stores or updates secrets by name.
 *
 * @param databaseUrl Connection of a role that may write to the vault.
 * @param secrets Values by name.
 */
export async function storeVaultSecrets(
  databaseUrl: string,
  secrets: Readonly<Record<string, string>>,
): Promise<void> {
  await withConnection(databaseUrl, async (client) => {
    const available = await client.query<{ exists: boolean }>(
      "select to_regclass('vault.secrets') is not null as exists",
    );
    if (!available.rows[0]?.exists) return;
    for (const [name, value] of Object.entries(secrets)) {
      const found = await client.query<{ id: string; decrypted_secret: string }>(
        "select id, decrypted_secret from vault.decrypted_secrets where name = $1",
        [name],
      );
      const present = found.rows[0];
      if (!present) {
        await client.query("select vault.create_secret($1, $2)", [value, name]);
      } else if (present.decrypted_secret !== value) {
        await client.query("select vault.update_secret($1, $2)", [present.id, value]);
      }
    }
  });
}
