// Writes what every transaction begins with: search path, role, and what the database may know of
// the request.
import type { RestConfig } from "../config/rest_config.ts";
import type { QualifiedName } from "../schema_cache/names.ts";
import { quoteIdentifier } from "../schema_cache/names.ts";
import { type Fragment, join, literal, parameter, qualified, sql, trusted } from "./fragment.ts";

/** Who calls. */
export interface Caller {
  readonly role: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** What the database may know of a request. */
export interface RequestFacts {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: Readonly<Record<string, string>>;
}

/** The settings of a transaction. */
export interface SettingsContext {
  readonly config: RestConfig;
  readonly caller: Caller;
  readonly request: RequestFacts;
  readonly schema: string;
  readonly timezone: string | undefined;
  readonly isReadOnly: boolean;
  /** Settings of the function that is called. */
  readonly functionSettings: ReadonlyArray<readonly [string, string]>;
}

function named(name: string, value: string): Fragment {
  return sql`set_config(${literal(name)}, ${parameter(value)}, true)`;
}

function dynamic([name, value]: readonly [string, string]): Fragment {
  return sql`set_config(${parameter(name)}, ${parameter(value)}, true)`;
}

/** The statement that sets them, for the transaction only. */
export function settingsSql(context: SettingsContext): Fragment {
  const { config, caller, request, schema, timezone, functionSettings } = context;
  const searchPath = [schema, ...config.extraSearchPath].map(quoteIdentifier).join(", ");
  const roleSettings = config.roleSettings.get(caller.role)?.settings ?? [];
  return sql`select ${
    join([
      // A transaction can be made read-only at any time, but not the other way round.
      ...(context.isReadOnly ? [trusted("set_config('transaction_read_only', 'on', true)")] : []),
      named("search_path", searchPath),
      // Settings come before the role: it may not be allowed to make them itself.
      ...roleSettings.map(dynamic),
      named("role", caller.role),
      named("request.jwt.claims", JSON.stringify({ ...caller.claims, role: caller.role })),
      named("request.method", request.method),
      named("request.path", request.path),
      named("request.headers", JSON.stringify(request.headers)),
      named("request.cookies", JSON.stringify(request.cookies)),
      ...(timezone === undefined ? [] : [named("timezone", timezone)]),
      ...functionSettings.map(dynamic),
      ...config.appSettings.map(dynamic),
    ], ", ")
  }`;
}

/** The call of the function that is asked before each request. */
export function preRequestSql(name: QualifiedName): Fragment {
  return sql`select ${qualified(name)}()`;
}

/** A statement that fails unless the main one gave this many rows. */
export function rowGuardSql(setting: string, minimum: number, maximum: number): Fragment {
  const rows = trusted(`current_setting('${setting}')`);
  const bounds = sql`${parameter(String(minimum))}::bigint and ${
    parameter(String(maximum))
  }::bigint`;
  return sql`select cast(case when ${rows}::bigint between ${bounds} then '0' else concat('unacceptable number of rows: ', ${rows}) end as integer)`;
}
