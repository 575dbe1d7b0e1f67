// Observes the whole matrix on one database: for every table and view what each principal can do to
// each kind of row, which privileges stand behind it, and whether row-level security is on and forced.
import type pg from "pg";
import { readRelations, type Relation } from "./catalogue.ts";
import {
  type Cell,
  cellsOf,
  foldVerdicts,
  type Operation,
  type Privileges,
  runCells,
  type TableVerdicts,
  type Verdict,
} from "./cells.ts";
import { type Mode, MODES } from "./principals.ts";
import { readGrants, type TableGrants } from "./privileges.ts";
import { observeRoutines, type RoutineExpectation } from "./routines.ts";
import { buildWorld, setMode, type World } from "./world.ts";

/** What one table lets whom do; the form of an entry in the expectations file. */
export interface TableExpectation {
  readonly rls: string;
  readonly policies: string;
  readonly grants: TableGrants;
  readonly rows: TableVerdicts;
}

/** A database with its world in place, ready to be asked. */
export interface Matrix {
  readonly relations: readonly Relation[];
  readonly world: World;
  /** Number of attempts that one full observation makes. */
  readonly cellCount: number;
  /** The verdicts of one operation in one mode, as text to compare. */
  attempt(relation: Relation, operation: Operation, mode: Mode): Promise<string>;
  expectationOf(relation: Relation): Promise<TableExpectation>;
  protectionOf(relation: Relation): Promise<Omit<TableExpectation, "rows">>;
  routines(): Promise<Record<string, RoutineExpectation>>;
}

/** Builds the world on an empty, migrated database and the cells that aim at it. */
export async function prepareMatrix(client: pg.Client, runnerSql: string): Promise<Matrix> {
  await client.query(runnerSql);
  const relations = await readRelations(client);
  const world = await buildWorld(client, relations);
  const privileges = await readWritableColumns(client);
  const cells = new Map(
    relations.map((relation) => [relation.name, cellsOf(relation, world, privileges)]),
  );
  const protectionOf = (relation: Relation): ReturnType<Matrix["protectionOf"]> =>
    readProtection(client, relation.name);
  return {
    relations,
    world,
    protectionOf,
    cellCount: MODES.length *
      [...cells.values()].reduce((count, { length }) => count + length, 0),
    attempt: async (relation, operation, mode) => {
      const chosen = (cells.get(relation.name) ?? [])
        .filter(({ key }) => key.startsWith(`${operation} `));
      await setMode(client, mode);
      return JSON.stringify(await runCells(client, chosen));
    },
    expectationOf: async (relation) => ({
      ...await protectionOf(relation),
      rows: await observe(client, cells.get(relation.name) ?? []),
    }),
    routines: async () => {
      await setMode(client, "open");
      return await observeRoutines(client, world);
    },
  };
}

async function observe(client: pg.Client, cells: readonly Cell[]): Promise<TableVerdicts> {
  const byMode: Partial<Record<Mode, Verdict[]>> = {};
  for (const mode of MODES) {
    await setMode(client, mode);
    byMode[mode] = await runCells(client, cells);
  }
  const { open = [], closed = [], strict = [] } = byMode;
  return foldVerdicts({ open, closed, strict });
}

async function readWritableColumns(client: pg.Client): Promise<Privileges> {
  const { rows } = await client.query<
    { role: string; table: string; operation: string; columns: string[] }
  >(`
    select r.role, n.nspname || '.' || c.relname as table, o.operation,
      array_agg(a.attname::text order by a.attnum) as columns
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname in ('public', 'private')
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    cross join unnest(array['anon', 'authenticated', 'service_role']) as r(role)
    cross join unnest(array['insert', 'update', 'delete']) as o(operation)
    where c.relkind in ('r', 'p') and a.attgenerated = ''
      and case when o.operation = 'delete' then has_table_privilege(r.role, c.oid, 'delete')
        else has_column_privilege(r.role, c.oid, a.attnum, o.operation) end
    group by 1, 2, 3`);
  const byKey = new Map(
    rows.map(({ role, table, operation, columns }) => [`${role} ${table} ${operation}`, columns]),
  );
  return {
    writable: (role, table, operation) => byKey.get(`${role} ${table} ${operation}`) ?? [],
    mayDelete: (role, table) => byKey.has(`${role} ${table} delete`),
  };
}

async function readProtection(
  client: pg.Client,
  table: string,
): Promise<Omit<TableExpectation, "rows">> {
  const { rows: [row] } = await client.query<{ rls: string; policies: string }>(
    `select concat_ws(' ', case when c.relrowsecurity then 'enabled' end,
        case when c.relforcerowsecurity then 'forced' end,
        case when c.relkind = 'v' then case when c.reloptions::text like '%security_invoker=true%'
          then 'invoker' else 'definer' end end) as rls,
      coalesce((select string_agg(distinct array_to_string(p.roles, ' '), ', ')
        from pg_policies p where p.schemaname || '.' || p.tablename = $1), '') as policies
     from pg_class c where c.oid = $1::regclass`,
    [table],
  );
  if (row === undefined) throw new Error(`Cannot find "${table}"`);
  return { ...row, grants: await readGrants(client, table) };
}
