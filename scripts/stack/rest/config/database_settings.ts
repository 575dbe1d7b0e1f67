// Reads settings kept in the database: `alter role authenticator set pgrst.*`, and what other roles
// have been set to, such as their statement timeout.
import type { Queryable } from "../database/driver.ts";
import { parseQualifiedName } from "../schema_cache/names.ts";
import type { RestConfig, RoleSettings } from "./rest_config.ts";

const OWN_SETTINGS = `
  select distinct on (key) key, value
  from (
    select setdatabase,
      substr(setting, 7, strpos(setting, '=') - 7) as key,
      substr(setting, strpos(setting, '=') + 1) as value
    from pg_catalog.pg_db_role_setting
    cross join unnest(setconfig) as setting
    where setrole = (select oid from pg_catalog.pg_roles where rolname = current_user)
      and setdatabase in (
        0, (select oid from pg_catalog.pg_database where datname = current_database())
      )
      and setting like 'pgrst.%'
  ) as own
  order by key, setdatabase desc`;

const ROLE_SETTINGS = `
  select rolname as role,
    substr(setting, 1, strpos(setting, '=') - 1) as key,
    substr(setting, strpos(setting, '=') + 1) as value
  from pg_catalog.pg_roles
  cross join unnest(rolconfig) as setting
  where pg_catalog.pg_has_role(current_user, oid, 'member')
    and rolname <> current_user`;

const SETTABLE = `
  select name
  from pg_catalog.pg_settings
  where context = 'user' or pg_catalog.has_parameter_privilege(current_user, name, 'set')`;

function isTrue(value: string): boolean {
  return ["true", "t", "on", "yes", "1"].includes(value.trim().toLowerCase());
}

function list(value: string): string[] {
  return value.split(",").map((part) => part.trim()).filter((part) => part !== "");
}

function openApiMode(value: string): RestConfig["openApiMode"] {
  if (value === "disabled") return "disabled";
  return value === "ignore-privileges" ? "ignore-privileges" : "follow-privileges";
}

type Override = (value: string) => Partial<RestConfig>;

const OVERRIDES: Readonly<Record<string, Override>> = {
  db_schemas: (value) => ({ schemas: list(value) }),
  db_extra_search_path: (value) => ({ extraSearchPath: list(value) }),
  db_anon_role: (value) => ({ anonRole: value === "" ? null : value }),
  db_max_rows: (value) => ({ maxRows: /^\d+$/.test(value) ? Number(value) : null }),
  db_pre_request: (value) => ({ preRequest: value === "" ? null : parseQualifiedName(value) }),
  db_aggregates_enabled: (value) => ({ aggregatesEnabled: isTrue(value) }),
  db_plan_enabled: (value) => ({ planEnabled: isTrue(value) }),
  db_tx_end: (value) => ({
    mayEndTransaction: value.endsWith("-allow-override"),
    rollsBack: value.startsWith("rollback"),
  }),
  db_hoisted_tx_settings: (value) => ({ hoistedSettings: list(value) }),
  db_root_spec: (value) => ({ rootSpec: value === "" ? null : parseQualifiedName(value).name }),
  openapi_mode: (value) => ({ openApiMode: openApiMode(value) }),
};

function groupRoleSettings(
  rows: ReadonlyArray<Record<string, string | null>>,
  settable: ReadonlySet<string>,
): Map<string, RoleSettings> {
  const roles = new Map<string, { settings: Array<[string, string]>; isolation?: string }>();
  for (const { role, key, value } of rows) {
    if (!role || !key || value === null || value === undefined) continue;
    const entry = roles.get(role) ?? { settings: [] };
    if (key === "default_transaction_isolation") entry.isolation = value.toLowerCase();
    else if (settable.has(key)) entry.settings.push([key, value]);
    roles.set(role, entry);
  }
  return new Map(
    [...roles].map(([role, { settings, isolation }]) => [role, { settings, isolation }]),
  );
}

/**
 * Reads the settings kept in the database and lays them over those given.
 *
 * @param database A connection as the API's login role.
 * @param base The settings that the database may override.
 */
export async function loadDatabaseSettings(
  database: Queryable,
  base: RestConfig,
): Promise<RestConfig> {
  const own = await database.query(OWN_SETTINGS);
  const roles = await database.query(ROLE_SETTINGS);
  const settable = await database.query(SETTABLE);
  let config = base;
  for (const { key, value } of own.rows) {
    const override = OVERRIDES[key ?? ""];
    if (override && value !== null && value !== undefined) {
      config = { ...config, ...override(value) };
    }
  }
  const names = new Set(settable.rows.map((row) => row.name ?? ""));
  return { ...config, roleSettings: groupRoleSettings(roles.rows, names) };
}
