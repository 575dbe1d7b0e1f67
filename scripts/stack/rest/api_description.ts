// Answers for the root path: asks the database what the caller may use, and describes it.
import type { RestConfig } from "./config/rest_config.ts";
import type { DatabasePool } from "./database/database_pool.ts";
import { databaseError } from "./errors/database_errors.ts";
import { unacceptableMediaTypes } from "./errors/request_errors.ts";
import type { ApiRequest } from "./request/api_request.ts";
import { mediaTypeName } from "./request/media_type.ts";
import { cachedObjects, openApiDocument } from "./response/open_api.ts";
import type { Answer } from "./response/render_answer.ts";
import type { SchemaCache } from "./schema_cache/types.ts";
import { parameter, render, sql } from "./sql/fragment.ts";
import { type Caller, preRequestSql, type RequestFacts, settingsSql } from "./sql/settings_sql.ts";

const NO_SETTINGS = { functionSettings: [], timezone: undefined, isReadOnly: true } as const;

function accessibleSql(schema: string) {
  return sql`
    select json_build_object(
      'tables', (
        select coalesce(json_agg(c.relname), '[]')
        from pg_catalog.pg_class c
        where c.relnamespace = n.oid and c.relkind in ('v', 'r', 'm', 'f', 'p')
          and (
            pg_catalog.has_table_privilege(c.oid, 'select, insert, update, delete')
            or pg_catalog.has_any_column_privilege(c.oid, 'select, insert, update')
          )
      ),
      'routines', (
        select coalesce(json_agg(distinct p.proname), '[]')
        from pg_catalog.pg_proc p
        where p.pronamespace = n.oid and pg_catalog.has_function_privilege(p.oid, 'execute')
      ),
      'description', pg_catalog.obj_description(n.oid, 'pg_namespace')
    )
    from pg_catalog.pg_namespace n
    where n.nspname = ${parameter(schema)}`;
}

/**
 * Describes the API.
 *
 * @throws {RestError} PGRST107 when the caller does not accept a description.
 */
export async function describeApi(
  pool: DatabasePool,
  config: RestConfig,
  cache: SchemaCache,
  request: ApiRequest,
  caller: Caller,
  facts: RequestFacts,
): Promise<Answer> {
  const accepted = request.accept.some(({ kind }) => ["openapi", "json", "any"].includes(kind));
  if (!accepted) throw unacceptableMediaTypes(request.accept.map(mediaTypeName));
  const { schema, action } = request;
  const settings = settingsSql({ config, caller, request: facts, schema, ...NO_SETTINGS });
  const script = {
    role: caller.role,
    isolation: undefined,
    isReadOnly: true,
    before: [
      render(settings),
      ...(config.preRequest ? [render(preRequestSql(config.preRequest))] : []),
    ],
    main: render(accessibleSql(schema)),
    after: [],
    guard: undefined,
    rollsBack: false,
  };
  let text: string | null | undefined;
  try {
    text = (await pool.run(script)).main.rows[0]?.[0];
  } catch (error) {
    throw databaseError(error, caller.role !== config.anonRole);
  }
  const found: { tables: string[]; routines: string[]; description: string | null } = JSON.parse(
    text ?? '{"tables":[],"routines":[],"description":null}',
  );
  const { tables, routines } = cachedObjects(cache, schema);
  const showsAll = config.openApiMode === "ignore-privileges";
  const document = openApiDocument(cache, {
    tables: tables.filter(({ name }) => showsAll || found.tables.includes(name)),
    routines: routines.filter(({ name }) => showsAll || found.routines.includes(name)),
    description: found.description,
  });
  const headersOnly = action.kind === "describe" && action.headersOnly;
  return {
    status: 200,
    headers: [
      ["Content-Type", "application/openapi+json; charset=utf-8"],
      ...(request.showsProfile ? [["Content-Profile", schema] as const] : []),
    ],
    body: headersOnly ? null : document,
  };
}
