// The triggers that keep updated_at true and write the audit, each watched at work with it and without,
// for each kind of change that it is there for.
import type pg from "pg";
import { whereKey } from "./attacks.ts";
import type { RowKey } from "./world.ts";

const OPERATIONS = ["insert", "update", "delete"] as const;
type Operation = (typeof OPERATIONS)[number];

/** A trigger that every row of its table goes through, one by one or with its statement. */
export interface RowTrigger {
  readonly table: string;
  readonly name: string;
  readonly function: "touch_updated_at" | "audit_row_change" | "audit_rows";
  readonly operations: readonly Operation[];
}

const ROW_TRIGGERS = `
select n.nspname || '.' || c.relname as table, t.tgname as name, f.proname as function,
  array_remove(array[
    case when t.tgtype & 4 <> 0 then 'insert' end,
    case when t.tgtype & 16 <> 0 then 'update' end,
    case when t.tgtype & 8 <> 0 then 'delete' end
  ], null) as operations
from pg_trigger as t
join pg_class as c on c.oid = t.tgrelid
join pg_namespace as n on n.oid = c.relnamespace
join pg_proc as f on f.oid = t.tgfoid
where not t.tgisinternal and n.nspname in ('public', 'private')
  and f.proname in ('touch_updated_at', 'audit_row_change', 'audit_rows')
order by 1, 2`;

/** Reads the triggers that keep updated_at true and those that write the audit. */
export async function readRowTriggers(client: pg.Client): Promise<RowTrigger[]> {
  return (await client.query<RowTrigger>(ROW_TRIGGERS)).rows;
}

/**
 * Lists tables whose changes of some kind are audited twice, or not although those of another kind are.
 *
 * @param triggers As readRowTriggers gives them.
 * @returns `table operation: how often`; empty when each of the three is audited once.
 */
export function unevenAudits(triggers: readonly RowTrigger[]): string[] {
  const audits = triggers.filter(({ function: body }) => body !== "touch_updated_at");
  return [...new Set(audits.map(({ table }) => table))].flatMap((table) =>
    OPERATIONS.flatMap((operation) => {
      const count = audits.filter((audit) =>
        audit.table === table && audit.operations.includes(operation)
      ).length;
      return count === 1 ? [] : [`${table} ${operation}: ${count}`];
    })
  );
}

/**
 * Watches a trigger at work, with it and without, for each kind of change that it is there for.
 *
 * @param key A row of the table.
 * @returns What is wrong; empty when the trigger works and nothing stands in for it.
 */
export async function tryTrigger(
  client: pg.Client,
  trigger: RowTrigger,
  key: RowKey,
): Promise<string[]> {
  const drop = `drop trigger ${trigger.name} on ${trigger.table}`;
  const problems: string[] = [];
  for (const operation of trigger.operations) {
    const label = `${trigger.name} on ${trigger.table}, ${operation}`;
    const watch = (before: string): Promise<boolean> =>
      trigger.function === "touch_updated_at"
        ? watchTouch(client, before, trigger.table, key)
        : operation === "update"
        ? watchAuditOfUpdate(client, before, trigger.table, key)
        : watchAuditOfRow(client, before, trigger.table, operation, key);
    if (!await watch("")) problems.push(`${label}: does nothing`);
    if (await watch(drop)) problems.push(`${label}: can be dropped`);
  }
  return problems;
}

/** Whether a caller's own updated_at is overruled. */
async function watchTouch(
  client: pg.Client,
  before: string,
  table: string,
  key: RowKey,
): Promise<boolean> {
  return await rolledBack(client, async () => {
    await client.query(before);
    const { rows: [row] } = await client.query<{ kept: boolean }>(
      `update ${table} set updated_at = 'epoch' where ${whereKey(key)}
       returning updated_at = now() as kept`,
    );
    return row?.kept ?? false;
  });
}

/** Whether a change leaves one row that says which table, column and organization it was. */
async function watchAuditOfUpdate(
  client: pg.Client,
  before: string,
  table: string,
  key: RowKey,
): Promise<boolean> {
  return await rolledBack(client, async () => {
    await client.query(before);
    const name = table.slice(table.indexOf(".") + 1);
    const where = whereKey(key);
    const { rows: [old] } = await client.query<{ row: string }>(
      `select to_jsonb(t)::text as row from ${table} as t where ${where}`,
    );
    const { rows: marks } = await client.query<{ column: string }>(
      `select a.attname as column from pg_attribute as a
       where a.attrelid = $1::regclass and a.atttypid = 'timestamptz'::regtype and a.attname <> 'updated_at'
         and a.attgenerated = '' order by a.attname = 'created_at' desc, a.attnum limit 1`,
      [table],
    );
    const column = marks[0]?.column;
    if (old === undefined || column === undefined) {
      throw new Error(`Cannot change a row of ${table}`);
    }
    await client.query(
      `update ${table} set ${column} = coalesce(${column}, now()) - interval '1 day' where ${where}`,
    );
    const { rows } = await client.query<{ action: string; org: boolean }>(
      `select l.action, l.org_id is not distinct from ($1::jsonb ->> $2)::uuid as org
       from public.security_audit_log as l
       where l.entity_table = $3 and l.occurred_at = now() and $4 = any (l.changed_columns)`,
      [old.row, name === "organizations" ? "id" : "org_id", name, column],
    );
    return rows.length === 1 && rows[0]?.action === `${name}.update` && rows[0].org;
  });
}

/** Whether a row that goes, or comes back, leaves one row that says so, and whose it was. */
async function watchAuditOfRow(
  client: pg.Client,
  before: string,
  table: string,
  operation: "insert" | "delete",
  key: RowKey,
): Promise<boolean> {
  return await rolledBack(client, async () => {
    await client.query(before);
    const name = table.slice(table.indexOf(".") + 1);
    const { rows: audits } = await client.query<{ name: string }>(
      `select t.tgname as name from pg_trigger as t join pg_proc as f on f.oid = t.tgfoid
       where t.tgrelid = $1::regclass and f.proname in ('audit_row_change', 'audit_rows')`,
      [table],
    );
    // Keys sleep, so that any row can go; what audits stays awake.
    for (const audit of audits) {
      await client.query(`alter table ${table} enable always trigger ${audit.name}`);
    }
    await client.query("set local session_replication_role = replica");
    const { rows: [found] } = await client.query<{ columns: string }>(
      `select string_agg(quote_ident(a.attname), ', ' order by a.attnum) as columns from pg_attribute as a
       where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''`,
      [table],
    );
    const columns = found?.columns ?? "";
    const { rows: [old] } = await client.query<{ org: string | null }>(
      `select to_jsonb(t) ->> $1 as org from ${table} as t where ${whereKey(key)}`,
      [name === "organizations" ? "id" : "org_id"],
    );
    if (old === undefined) throw new Error(`There is no row of ${table}`);
    await client.query(
      `create temporary table gone on commit drop as select ${columns} from ${table} where ${
        whereKey(key)
      }`,
    );
    await client.query(`delete from ${table} where ${whereKey(key)}`);
    await client.query(`insert into ${table} (${columns}) select ${columns} from gone`);
    const { rows } = await client.query<{ org: string | null }>(
      `select l.org_id as org from public.security_audit_log as l
       where l.entity_table = $1 and l.occurred_at = now() and l.action = $2`,
      [name, `${name}.${operation}`],
    );
    return rows.length === 1 && rows[0]?.org === old.org;
  });
}

async function rolledBack<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query("begin");
  try {
    return await work();
  } finally {
    await client.query("rollback");
  }
}
