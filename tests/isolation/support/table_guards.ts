// What tables guard by themselves: check constraints and unique keys. Each is asked twice, with the guard
// and without: a guard whose absence changes nothing is no guard, or nobody knows what it guards.
import type pg from "pg";
import { whereKey } from "./attacks.ts";
import { type CheckConstraint, samplesOf } from "./check_samples.ts";
import type { RowKey } from "./world.ts";

const CHECKS = `
select n.nspname || '.' || c.relname as table, k.conname as name, pg_get_constraintdef(k.oid) as definition
from pg_constraint as k
join pg_class as c on c.oid = k.conrelid
join pg_namespace as n on n.oid = c.relnamespace
where n.nspname in ('public', 'private') and k.contype = 'c'
order by 1, 2`;

/** Reads every check constraint of `public` and `private`. */
export async function readChecks(client: pg.Client): Promise<CheckConstraint[]> {
  return (await client.query<CheckConstraint>(CHECKS)).rows;
}

/**
 * Tries what a check constraint must refuse, with it and without.
 *
 * @param key A row of the table.
 * @returns What is wrong; empty when the constraint, and nothing else, refuses each sample.
 */
export async function tryCheck(
  client: pg.Client,
  check: CheckConstraint,
  key: RowKey,
): Promise<string[]> {
  const samples = samplesOf(check);
  if (samples.length === 0) {
    return [`${check.name}: say in check_samples.ts what it refuses: ${check.definition}`];
  }
  const problems: string[] = [];
  for (const sample of samples) {
    const statement = `update ${check.table} set ${sample} where ${whereKey(key)}`;
    const healthy = await attempt(client, "", statement);
    if (healthy !== check.name) problems.push(`${check.name}: ${sample}: ${healthy}`);
    const drop = `alter table ${check.table} drop constraint ${check.name}`;
    const mutant = await attempt(client, drop, statement);
    if (mutant !== "accepted") problems.push(`${check.name} dropped: ${sample}: ${mutant}`);
  }
  return problems;
}

/** The constraint that refuses, `accepted`, or another error's words; nothing is kept. */
async function attempt(client: pg.Client, before: string, statement: string): Promise<string> {
  await client.query("begin");
  try {
    // Only check constraints stay awake: neither keys nor triggers may refuse in their place.
    await client.query("set local session_replication_role = replica");
    await client.query("alter table public.security_audit_log disable trigger user");
    await client.query(before);
    const { rowCount } = await client.query(statement);
    return rowCount === 1 ? "accepted" : `touched ${rowCount} rows`;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const constraint = "constraint" in error ? error.constraint : undefined;
    return typeof constraint === "string" ? constraint : error.message;
  } finally {
    await client.query("rollback");
  }
}

interface TypedColumn {
  readonly name: string;
  readonly type: string;
}

/** A unique constraint or index that is no primary key. */
export interface UniqueGuard {
  /** `schema.table`. */
  readonly table: string;
  readonly name: string;
  readonly isConstraint: boolean;
  readonly columns: readonly TypedColumn[];
  /** Columns of other unique indexes, primary keys among them. */
  readonly others: readonly TypedColumn[];
  /** Columns that can be written. */
  readonly writable: readonly string[];
}

const UNIQUES = `
with keys as (
  select i.indexrelid, i.indrelid, i.indisprimary,
    array(select a.attname::text from unnest(i.indkey) as k (attnum)
      join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.attnum) as columns
  from pg_index as i
  join pg_class as c on c.oid = i.indrelid
  where i.indisunique and c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
)
select n.nspname || '.' || c.relname as table, x.relname as name,
  exists (select from pg_constraint as k where k.conindid = u.indexrelid and k.contype = 'u') as "isConstraint",
  (select jsonb_agg(jsonb_build_object('name', a.attname, 'type', format_type(a.atttypid, null)))
    from pg_attribute as a where a.attrelid = u.indrelid and a.attname = any (u.columns)) as columns,
  coalesce((
    select jsonb_agg(distinct jsonb_build_object('name', a.attname, 'type', format_type(a.atttypid, null)))
    from keys as o
    join pg_attribute as a on a.attrelid = u.indrelid and a.attname = any (o.columns)
    where o.indrelid = u.indrelid and not a.attname = any (u.columns)), '[]') as others,
  array(select a.attname::text from pg_attribute as a
    where a.attrelid = u.indrelid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    order by a.attnum) as writable
from keys as u
join pg_class as x on x.oid = u.indexrelid
join pg_class as c on c.oid = u.indrelid
join pg_namespace as n on n.oid = c.relnamespace
-- One that holds a whole other key refuses nothing by itself: foreign keys point at it.
where not u.indisprimary
  and not exists (
    select from keys as o
    where o.indrelid = u.indrelid and o.indexrelid <> u.indexrelid and u.columns @> o.columns)
order by 1, 2`;

/** Reads the unique constraints and indexes of `public` and `private`, bar primary keys. */
export async function readUniques(client: pg.Client): Promise<UniqueGuard[]> {
  return (await client.query<UniqueGuard>(UNIQUES)).rows;
}

/**
 * Doubles a row in the columns of one unique guard only, with the guard and without.
 *
 * @param key A row of the table.
 * @returns What is wrong; empty when the guard, and nothing else, refuses the double.
 */
export async function tryUnique(
  client: pg.Client,
  unique: UniqueGuard,
  key: RowKey,
): Promise<string[]> {
  const { table, name, columns, others, writable } = unique;
  // Where the row has none of the values, it gets some: nulls are never doubles.
  const fill = columns.filter(({ type }) => type === "text").map(({ name: column }) =>
    `update ${table} set ${column} = repeat('d', 64) where ${whereKey(key)} and ${column} is null;`
  );
  const fresh = new Map(
    others.map((column) => [
      column.name,
      FRESH_VALUES[`${table}.${column.name}`] ?? freshValue(column.type),
    ]),
  );
  const statement = `insert into ${table} (${writable.join(", ")})
    select ${writable.map((column) => fresh.get(column) ?? column).join(", ")}
    from ${table} where ${whereKey(key)}`;
  const drop = unique.isConstraint
    ? `alter table ${table} drop constraint ${name} cascade;`
    : `drop index ${table.split(".")[0]}.${name};`;
  const healthy = await attempt(client, fill.join(" "), statement);
  const mutant = await attempt(client, `${drop} ${fill.join(" ")}`, statement);
  return [
    ...healthy === name ? [] : [`${name}: ${healthy}`],
    ...mutant === "accepted" ? [] : [`${name} dropped: ${mutant}`],
  ];
}

/** Other values where only some are allowed, so that no check refuses in place of the key. */
const FRESH_VALUES: Readonly<Record<string, string | undefined>> = {
  "private.recording_transcriptions.provider": "'meetingbaas'",
  "public.copilot_messages.role": "'assistant'",
  "public.workflow_steps.position": "position % 20 + 1",
};

function freshValue(type: string): string {
  if (type === "uuid") return "gen_random_uuid()";
  if (["integer", "bigint", "smallint"].includes(type)) return "(random() * 1000000)::integer";
  return "encode(sha256(random()::text::bytea), 'hex')";
}
