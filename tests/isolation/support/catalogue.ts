// What there is to protect, read from the database's own catalog: nothing can be forgotten in a list.
import type pg from "pg";

/** A foreign key, its columns in matching order. */
export interface ForeignKey {
  readonly name: string;
  readonly columns: readonly string[];
  readonly table: string;
  readonly referenced: readonly string[];
}

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly hasDefault: boolean;
  readonly isGenerated: boolean;
}

/** A table or view of `public` or `private`; names are written `schema.table`. */
export interface Relation {
  readonly name: string;
  readonly isView: boolean;
  readonly columns: readonly Column[];
  readonly primaryKey: readonly string[];
  readonly foreignKeys: readonly ForeignKey[];
}

/** A function that some client role may execute, written `schema.name(argument types)`. */
export interface Routine {
  readonly name: string;
  readonly executableBy: readonly string[];
  /** A predicate changes nothing and answers everybody; its answer is tested where it is used. */
  readonly returnsTruth: boolean;
}

const RELATIONS = `
select n.nspname || '.' || c.relname as name,
  c.relkind in ('v', 'm') as "isView",
  coalesce((
    select jsonb_agg(jsonb_build_object(
      'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
      'isRequired', a.attnotnull, 'hasDefault', a.atthasdef or a.attidentity <> '',
      'isGenerated', a.attgenerated <> '') order by a.attnum)
    from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '[]') as columns,
  coalesce((
    select jsonb_agg(a.attname order by k.ord)
    from pg_constraint p cross join unnest(p.conkey) with ordinality as k(attnum, ord)
    join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
    where p.conrelid = c.oid and p.contype = 'p'), '[]') as "primaryKey",
  coalesce((
    select jsonb_agg(jsonb_build_object(
      'name', f.conname,
      'columns', (select jsonb_agg(a.attname order by k.ord) from unnest(f.conkey) with ordinality as k(attnum, ord)
        join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.attnum),
      'table', rn.nspname || '.' || r.relname,
      'referenced', (select jsonb_agg(a.attname order by k.ord) from unnest(f.confkey) with ordinality as k(attnum, ord)
        join pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.attnum)))
    from pg_constraint f join pg_class r on r.oid = f.confrelid join pg_namespace rn on rn.oid = r.relnamespace
    where f.conrelid = c.oid and f.contype = 'f'), '[]') as "foreignKeys"
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('public', 'private') and c.relkind in ('r', 'p', 'v', 'm')
order by 1`;

const ROUTINES = `
select n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' as name,
  array(select r from unnest(array['anon', 'authenticated', 'service_role']) as r
    where has_function_privilege(r, p.oid, 'execute')) as "executableBy",
  p.prorettype = 'boolean'::regtype and p.provolatile <> 'v' as "returnsTruth"
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where n.nspname in ('public', 'private') and p.prokind in ('f', 'p') and p.prorettype <> 'trigger'::regtype
  and ($1::text is null or n.nspname || '.' || p.proname = split_part($1, '(', 1))
order by 1`;

/** Reads every table and view of `public` and `private`. */
export async function readRelations(client: pg.Client): Promise<Relation[]> {
  return (await client.query<Relation>(RELATIONS)).rows;
}

/** Reads every function of `public` and `private`, trigger functions aside. */
export async function readRoutines(client: pg.Client): Promise<Routine[]> {
  return (await client.query<Routine>(ROUTINES, [null])).rows;
}

/** Reads one of those functions; undefined when it is none of them. */
export async function readRoutine(client: pg.Client, name: string): Promise<Routine | undefined> {
  const { rows } = await client.query<Routine>(ROUTINES, [name]);
  return rows.find((routine) => routine.name === name);
}
