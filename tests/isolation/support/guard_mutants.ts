// Takes one guard at a time out of a function or off a table. Works on what the catalog has, so that
// a new function or trigger is broken too without being listed.
import type pg from "pg";
import { guardsIn, type GuardSite } from "./guard_sites.ts";

/** One guard taken away. */
export interface GuardMutant {
  /** The function or trigger, `schema.name`; exceptions name it. */
  readonly subject: string;
  /** What was taken away. */
  readonly name: string;
  /** Run as role postgres at the start of a test's transaction. */
  readonly sql: string;
  /** The function that is other than it was, or no longer called, `schema.name`. */
  readonly routine: string;
}

interface FunctionRow {
  readonly subject: string;
  readonly source: string;
  readonly definition: string;
  readonly isGuarded: boolean;
}

interface TriggerRow {
  readonly name: string;
  readonly schema: string;
  readonly table: string;
  readonly function: string;
}

const FUNCTIONS = `
select n.nspname || '.' || p.proname as subject, p.prosrc as source,
  pg_get_functiondef(p.oid) as definition, l.lanname = 'plpgsql' as "isGuarded"
from pg_proc as p
join pg_namespace as n on n.oid = p.pronamespace
join pg_language as l on l.oid = p.prolang
where n.nspname in ('public', 'private')
order by 1, pg_get_function_identity_arguments(p.oid)`;

/** The project's triggers, bar the two kinds that trigger_guards.ts watches at work on every table. */
const TRIGGERS = `
select t.tgname as name, n.nspname as schema, c.relname as table, f.proname as function
from pg_trigger as t
join pg_class as c on c.oid = t.tgrelid
join pg_namespace as n on n.oid = c.relnamespace
join pg_proc as f on f.oid = t.tgfoid
where not t.tgisinternal and f.pronamespace = 'private'::regnamespace
  and f.proname not in ('touch_updated_at', 'audit_row_change', 'audit_rows')
order by 2, 3, 1`;

/** Every mutant of every guard. */
export async function readGuardMutants(client: pg.Client): Promise<GuardMutant[]> {
  const { rows: functions } = await client.query<FunctionRow>(FUNCTIONS);
  const { rows: triggers } = await client.query<TriggerRow>(TRIGGERS);
  return [
    ...functions.filter(({ isGuarded }) => isGuarded).flatMap((row) =>
      guardsIn(row.source).map((site) => functionMutant(row, site))
    ),
    ...triggers.map(triggerMutant),
  ];
}

function functionMutant(row: FunctionRow, site: GuardSite): GuardMutant {
  const source = row.source.slice(0, site.start) + site.replacement + row.source.slice(site.end);
  return {
    subject: row.subject,
    name: site.name,
    // The body stands in the definition as it is in the catalog; a function keeps `$` signs literal.
    sql: row.definition.replace(row.source, () => source),
    routine: row.subject,
  };
}

function triggerMutant({ name, schema, table, function: body }: TriggerRow): GuardMutant {
  const isOurs = schema === "public" || schema === "private";
  return {
    subject: `${schema}.${table}`,
    name: `trigger ${name}`,
    // The platform owns its tables; there the trigger's function is emptied instead.
    sql: isOurs
      ? `alter table ${schema}.${table} disable trigger ${name}`
      : `create or replace function private.${body}() returns trigger language plpgsql
         as $$ begin return coalesce(new, old); end $$`,
    routine: `private.${body}`,
  };
}
