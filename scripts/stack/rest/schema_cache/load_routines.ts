// Reads the functions that can be called, and those that convert or render values.
import type { Queryable } from "../database/driver.ts";
import { arrayLiteral } from "./array_literal.ts";
import { BASE_TYPES } from "./base_types_sql.ts";
import { nameKey } from "./names.ts";
import type { MediaHandler, Routine, RoutineParameter } from "./types.ts";

// A function can be called when all its parameters are named, or when its only one is a document.
const ROUTINES = `
  with ${BASE_TYPES}
  select
    n.nspname as schema,
    p.proname as name,
    pg_catalog.obj_description(p.oid, 'pg_proc') as description,
    coalesce(a.parameters, '[]') as parameters,
    tn.nspname as type_schema,
    coalesce(c.relname, t.typname) as type_name,
    p.proretset as returns_set,
    t.typtype = 'c' or coalesce(p.proargmodes::text[] && '{t,b,o}', false) as returns_composite,
    p.provolatile as volatility,
    p.provariadic > 0 as is_variadic,
    (
      select coalesce(json_agg(json_build_array(
        substr(setting, 1, strpos(setting, '=') - 1), substr(setting, strpos(setting, '=') + 1)
      )), '[]')
      from unnest(p.proconfig) as setting
    ) as settings
  from pg_catalog.pg_proc p
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  join base_types b on b.type = p.prorettype
  join pg_catalog.pg_type t on t.oid = b.base
  join pg_catalog.pg_namespace tn on tn.oid = t.typnamespace
  left join pg_catalog.pg_class c on c.oid = t.typrelid
  left join lateral (
    select
      json_agg(json_build_object(
        'name', coalesce(u.name, ''),
        'type', u.type::regtype::text,
        'unboundedType', case u.type
          when 'pg_catalog.bit'::regtype then 'bit varying'
          when 'pg_catalog.bit[]'::regtype then 'bit varying[]'
          when 'pg_catalog.bpchar'::regtype then 'character varying'
          when 'pg_catalog.bpchar[]'::regtype then 'character varying[]'
          else u.type::regtype::text
        end,
        'isRequired', u.position <= p.pronargs - p.pronargdefaults,
        'isVariadic', coalesce(u.mode = 'v', false)
      ) order by u.position) as parameters,
      count(*) filter (where coalesce(u.name, '') = '') as unnamed,
      count(*) as total,
      min(u.type::regtype::text) as only_type
    from unnest(p.proargnames, p.proargtypes::oid[], p.proargmodes)
      with ordinality as u (name, type, mode, position)
    where u.type is not null
  ) a on true
  where p.prokind = 'f'
    and t.oid <> 'pg_catalog.trigger'::regtype
    and n.nspname = any ($1)
    and (
      coalesce(a.unnamed, 0) = 0
      or (a.unnamed = 1 and a.total = 1
        and a.only_type in ('bytea', 'json', 'jsonb', 'text', 'xml'))
    )`;

const REPRESENTATIONS = `
  select c.castsource::regtype::text as source, c.casttarget::regtype::text as target,
    c.castfunc::regproc::text as function
  from pg_catalog.pg_cast c
  join pg_catalog.pg_type s on s.oid = c.castsource
  join pg_catalog.pg_type t on t.oid = c.casttarget
  where c.castcontext = 'i' and c.castmethod = 'f'
    and pg_catalog.has_function_privilege(c.castfunc, 'execute')
    and (
      (s.typtype = 'd' and t.oid in ('json'::regtype, 'text'::regtype))
      or (t.typtype = 'd' and s.oid in ('json'::regtype, 'text'::regtype))
    )`;

// A domain named like a media type marks what renders it: an aggregate, or a function's own result.
const MEDIA_HANDLERS = `
  with media_types as (
    select oid, typname, typnamespace,
      case typname when '*/*' then 'application/octet-stream' else typname end as resolved
    from pg_catalog.pg_type
    where typbasetype <> 0
      and (typname ~* '^[a-z0-9.-]+/[a-z0-9.+-]+$' or typname = '*/*')
  )
  select fn.nspname as function_schema, p.proname as function_name,
    tn.nspname as target_schema, t.typname as target_name,
    lower(m.typname) as media_type, m.resolved
  from media_types m
  join pg_catalog.pg_proc p on p.prorettype = m.oid and p.pronargs = 1 and p.prokind = 'a'
  join pg_catalog.pg_namespace fn on fn.oid = p.pronamespace
  join pg_catalog.pg_type t on t.oid = p.proargtypes[0]
  join pg_catalog.pg_namespace tn on tn.oid = t.typnamespace
  where fn.nspname = any ($1) and (t.typname = 'anyelement' or t.typtype = 'c')
  union all
  select mn.nspname, m.typname, pn.nspname, p.proname, lower(m.typname), m.resolved
  from media_types m
  join pg_catalog.pg_proc p on p.prorettype = m.oid and p.prokind = 'f' and not p.proretset
  join pg_catalog.pg_namespace pn on pn.oid = p.pronamespace
  join pg_catalog.pg_namespace mn on mn.oid = m.typnamespace
  where pn.nspname = any ($1)`;

function volatility(letter: string | null | undefined): Routine["volatility"] {
  if (letter === "i") return "immutable";
  return letter === "s" ? "stable" : "volatile";
}

function matchesSetting(name: string, hoisted: readonly string[]): boolean {
  return hoisted.some((pattern) => name === pattern || name.includes(pattern));
}

/**
 * Reads the functions of the exposed schemas, those with fewer parameters first.
 *
 * @param hoisted Settings of a function that must hold for its whole transaction.
 */
export async function loadRoutines(
  database: Queryable,
  schemas: readonly string[],
  hoisted: readonly string[],
): Promise<Map<string, readonly Routine[]>> {
  const { rows } = await database.query(ROUTINES, [arrayLiteral(schemas)]);
  const routines = new Map<string, Routine[]>();
  for (const row of rows) {
    const name = { schema: row.schema ?? "", name: row.name ?? "" };
    const parameters: RoutineParameter[] = JSON.parse(row.parameters ?? "[]");
    const settings: Array<[string, string]> = JSON.parse(row.settings ?? "[]");
    const isolation = settings.find(([key]) => key === "default_transaction_isolation");
    const routine: Routine = {
      ...name,
      description: row.description ?? null,
      parameters,
      returnType: { schema: row.type_schema ?? "", name: row.type_name ?? "" },
      returnsSet: row.returns_set === "t",
      returnsComposite: row.returns_composite === "t",
      volatility: volatility(row.volatility),
      isVariadic: row.is_variadic === "t",
      isolation: isolation?.[1].toLowerCase() ?? null,
      settings: settings.filter(([key]) =>
        key !== "default_transaction_isolation" && matchesSetting(key, hoisted)
      ),
    };
    const key = nameKey(name);
    routines.set(key, [...routines.get(key) ?? [], routine]);
  }
  for (const overloads of routines.values()) {
    overloads.sort((a, b) =>
      a.parameters.length - b.parameters.length ||
      compareText(JSON.stringify(a.parameters), JSON.stringify(b.parameters))
    );
  }
  return routines;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Reads the functions that convert domains to and from JSON and text. */
export async function loadRepresentations(database: Queryable): Promise<Map<string, string>> {
  const { rows } = await database.query(REPRESENTATIONS);
  return new Map(rows.map((row) => [`${row.source}\0${row.target}`, row.function ?? ""]));
}

/** Reads the functions and aggregates that render media types. */
export async function loadMediaHandlers(
  database: Queryable,
  schemas: readonly string[],
): Promise<MediaHandler[]> {
  const { rows } = await database.query(MEDIA_HANDLERS, [arrayLiteral(schemas)]);
  return rows.map((row) => ({
    function: { schema: row.function_schema ?? "", name: row.function_name ?? "" },
    target: row.target_name === "anyelement" && row.target_schema === "pg_catalog"
      ? null
      : { schema: row.target_schema ?? "", name: row.target_name ?? "" },
    mediaType: row.media_type ?? "",
    resolvedMediaType: row.resolved ?? "",
  }));
}
