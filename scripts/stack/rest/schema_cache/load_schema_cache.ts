// Reads everything that requests are planned against, in one consistent look at the catalog.
import type { RestConfig } from "../config/rest_config.ts";
import type { Queryable } from "../database/driver.ts";
import { loadComputedRelationships, loadForeignKeys } from "./load_foreign_keys.ts";
import { loadMediaHandlers, loadRepresentations, loadRoutines } from "./load_routines.ts";
import { loadPrimaryKeys, loadTables } from "./load_tables.ts";
import { deriveRelationships } from "./relationships.ts";
import type { SchemaCache, Table } from "./types.ts";
import { findViewKeys, viewPrimaryKeys } from "./view_keys.ts";
import { loadViewLineage } from "./view_lineage.ts";

async function readCatalog(database: Queryable, config: RestConfig): Promise<SchemaCache> {
  const { schemas } = config;
  const tables = await loadTables(database, schemas);
  const lineage = await loadViewLineage(
    database,
    [...new Set([...schemas, ...config.extraSearchPath])],
  );
  const viewKeys = await findViewKeys(database, lineage, schemas);
  const viewPrimary = viewPrimaryKeys(viewKeys);
  const withKeys = new Map<string, Table>();
  for (const [key, table] of tables) {
    withKeys.set(key, table.isView ? { ...table, primaryKey: viewPrimary.get(key) ?? [] } : table);
  }
  const foreignKeys = await loadForeignKeys(database);
  const computed = await loadComputedRelationships(database);
  const primaryKeys = new Map([...await loadPrimaryKeys(database), ...viewPrimary]);
  const zones = await database.query("select name from pg_catalog.pg_timezone_names");
  return {
    tables: withKeys,
    relationships: deriveRelationships(foreignKeys, viewKeys, primaryKeys, computed, schemas),
    routines: await loadRoutines(database, schemas, config.hoistedSettings),
    representations: await loadRepresentations(database),
    mediaHandlers: await loadMediaHandlers(database, schemas),
    timezones: new Set(zones.rows.map((row) => row.name ?? "")),
  };
}

/**
 * Reads the schema cache.
 *
 * @param database A connection of its own as the API's login role.
 * @param config Which schemas are exposed.
 */
export async function loadSchemaCache(
  database: Queryable,
  config: RestConfig,
): Promise<SchemaCache> {
  await database.query("begin isolation level repeatable read read only");
  try {
    // With nothing on the search path, the names of types come with their schemas.
    await database.query("select set_config('search_path', '', true)");
    return await readCatalog(database, config);
  } finally {
    await database.query("rollback");
  }
}
