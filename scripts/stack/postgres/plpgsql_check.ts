// Asks plpgsql_check, which PostgreSQL 15's lane has, about every function of the project.

import type { DatabaseServer } from "../contracts.ts";
import { withSuperuser } from "./cluster.ts";

/** One remark of plpgsql_check. */
export interface PlpgsqlFinding {
  readonly function: string;
  readonly line: number | null;
  readonly statement: string | null;
  readonly level: string;
  readonly message: string;
  readonly detail: string | null;
  readonly hint: string | null;
}

/**
 * Checks all PL/pgSQL functions of some schemas; a trigger function once for each of its tables.
 *
 * @param server A server that has the extension.
 * @param schemas The project's schemas.
 * @param database Where the migrations are.
 */
export async function checkPlpgsql(
  server: DatabaseServer,
  schemas: readonly string[] = ["public", "private"],
  database = "postgres",
): Promise<PlpgsqlFinding[]> {
  return await withSuperuser(server, database, async (client) => {
    await client.query("begin");
    await client.query("create extension if not exists plpgsql_check with schema extensions");
    const { rows } = await client.query<PlpgsqlFinding>(
      `
      select
        checked.function,
        finding.lineno as line,
        finding.statement,
        finding.level,
        finding.message,
        finding.detail,
        finding.hint
      from (
        select
          function.oid,
          function.oid::regprocedure::text as function,
          coalesce(trigger.tgrelid, 0) as relation,
          trigger.tgoldtable as old_table,
          trigger.tgnewtable as new_table
        from pg_proc as function
        join pg_language as language on language.oid = function.prolang
        left join (
          select distinct tgfoid, tgrelid, tgoldtable, tgnewtable from pg_trigger where not tgisinternal
        ) as trigger on trigger.tgfoid = function.oid
        where language.lanname = 'plpgsql'
          and function.pronamespace = any ($1::text[]::regnamespace[])
          and (function.prorettype <> 'trigger'::regtype or trigger.tgrelid is not null)
          and function.prorettype <> 'event_trigger'::regtype
      ) as checked
      cross join lateral extensions.plpgsql_check_function_tb(
        checked.oid, checked.relation, security_warnings := true,
        oldtable := checked.old_table, newtable := checked.new_table
      ) as finding
      order by 1, 2, 5`,
      [schemas],
    );
    await client.query("rollback");
    return rows;
  });
}
