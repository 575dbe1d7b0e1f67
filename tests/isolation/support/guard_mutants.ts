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
  /** Names whose mention in a test says that it may tell. */
  readonly terms: readonly string[];
}

interface FunctionRow {
  readonly name: string;
  readonly subject: string;
  readonly source: string;
  readonly definition: string;
  readonly isGuarded: boolean;
  /** Tables that it is a trigger of, or whose policies ask it. */
  readonly tables: readonly string[];
}

interface TriggerRow {
  readonly name: string;
  readonly schema: string;
  readonly table: string;
  readonly function: string;
}

const FUNCTIONS = `
select p.proname as name, n.nspname || '.' || p.proname as subject, p.prosrc as source,
  pg_get_functiondef(p.oid) as definition, l.lanname = 'plpgsql' as "isGuarded",
  array(
    select c.relname::text from pg_trigger as t join pg_class as c on c.oid = t.tgrelid where t.tgfoid = p.oid
    union
    select w.tablename::text from pg_policies as w
    where concat(w.qual, w.with_check) ~ ('private\\.' || p.proname || '\\(')
  ) as tables
from pg_proc as p
join pg_namespace as n on n.oid = p.pronamespace
join pg_language as l on l.oid = p.prolang
where n.nspname in ('public', 'private')
order by 2, pg_get_function_identity_arguments(p.oid)`;

/** The project's triggers, bar the two kinds that table_guards.ts watches at work on every table. */
const TRIGGERS = `
select t.tgname as name, n.nspname as schema, c.relname as table, f.proname as function
from pg_trigger as t
join pg_class as c on c.oid = t.tgrelid
join pg_namespace as n on n.oid = c.relnamespace
join pg_proc as f on f.oid = t.tgfoid
where not t.tgisinternal and f.pronamespace = 'private'::regnamespace
  and f.proname not in ('touch_updated_at', 'audit_row_change')
order by 2, 3, 1`;

/** Every mutant of every guard. */
export async function readGuardMutants(client: pg.Client): Promise<GuardMutant[]> {
  const { rows: functions } = await client.query<FunctionRow>(FUNCTIONS);
  const { rows: triggers } = await client.query<TriggerRow>(TRIGGERS);
  const callers = callersOf(functions);
  return [
    ...functions.filter(({ isGuarded }) => isGuarded).flatMap((row) =>
      guardsIn(row.source).map((site) => functionMutant(row, site, callers))
    ),
    ...triggers.map(triggerMutant),
  ];
}

function functionMutant(
  row: FunctionRow,
  site: GuardSite,
  callers: ReadonlyMap<string, readonly string[]>,
): GuardMutant {
  const source = row.source.slice(0, site.start) + site.replacement + row.source.slice(site.end);
  return {
    subject: row.subject,
    name: site.name,
    // The body stands in the definition as it is in the catalog; a function keeps `$` signs literal.
    sql: row.definition.replace(row.source, () => source),
    terms: [row.name, ...callers.get(row.name) ?? [], ...row.tables],
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
    terms: isOurs ? [table] : ["given_person", "auth.users"],
  };
}

/** Function → the functions that reach it, directly or through others. */
function callersOf(functions: readonly FunctionRow[]): Map<string, string[]> {
  const direct = new Map<string, string[]>();
  for (const { name } of functions) {
    const call = new RegExp(`\\bprivate\\.${name}\\(`);
    direct.set(
      name,
      functions.filter(({ source, name: other }) => other !== name && call.test(source))
        .map(({ name: caller }) => caller),
    );
  }
  const reach = (name: string, seen: Set<string>): Set<string> => {
    for (const caller of direct.get(name) ?? []) {
      if (seen.has(caller)) continue;
      seen.add(caller);
      reach(caller, seen);
    }
    return seen;
  };
  return new Map(functions.map(({ name }) => [name, [...reach(name, new Set())]]));
}
