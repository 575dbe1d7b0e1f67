// Proves that the matrix can fail: breaks the database in one place, observes again, rolls back. A
// mutant that the matrix does not notice is a hole that the matrix would not notice either.
import type pg from "pg";
import { isDeepStrictEqual } from "node:util";
import type { Relation } from "./catalogue.ts";
import { tryGrafts } from "./grafting.ts";
import type { Matrix, TableExpectation } from "./matrix.ts";
import { type Mutant, mutantsOf, readPolicies } from "./policy_mutants.ts";

const ROLES = ["anon", "authenticated", "service_role"];
const PRIVILEGES = ["select", "insert", "update", "delete", "truncate", "references", "trigger"];

/** Every mutant of every table: policies, row-level security, privileges, foreign keys. */
export async function readMutants(client: pg.Client, matrix: Matrix): Promise<Mutant[]> {
  const policies = await readPolicies(client);
  const tables = matrix.relations.filter(({ isView }) => !isView);
  return [
    ...policies.flatMap(mutantsOf),
    ...policies.map(({ table, name }): Mutant => ({
      table,
      name: `${name}: to public`,
      sql: `alter policy "${name}" on ${table} to public`,
    })),
    ...tables.flatMap(protectionMutants),
    ...tables.flatMap((table) => table.foreignKeys.flatMap((key) => graftMutants(table, key))),
  ];
}

function protectionMutants({ name: table }: Relation): Mutant[] {
  const grants = ROLES.flatMap((role) =>
    PRIVILEGES.flatMap((privilege): Mutant[] => [
      {
        table,
        name: `${privilege} granted to ${role}`,
        sql: `grant ${privilege} on ${table} to ${role}`,
      },
      {
        table,
        name: `${privilege} revoked from ${role}`,
        sql: `revoke ${privilege} on ${table} from ${role}`,
      },
    ])
  );
  return [
    {
      table,
      name: "row-level security off",
      sql: `alter table ${table} disable row level security`,
    },
    { table, name: "owner exempt", sql: `alter table ${table} no force row level security` },
    ...grants,
  ];
}

function graftMutants(table: Relation, key: Relation["foreignKeys"][number]): Mutant[] {
  if (key.columns.length < 2) return [];
  return [{
    table: table.name,
    name: `foreign key ${key.name} dropped`,
    sql: `alter table ${table.name} drop constraint ${key.name}`,
    graft: key.name,
  }];
}

/**
 * Whether the matrix notices the mutant.
 *
 * @returns `unchanged` where the statement changed nothing: a privilege that was already so.
 */
export async function judge(
  client: pg.Client,
  matrix: Matrix,
  relation: Relation,
  mutant: Mutant,
  healthy: TableExpectation,
): Promise<"killed" | "survived" | "unchanged"> {
  await client.query("begin");
  try {
    if (isPrivilege(mutant)) return await judgePrivilege(client, matrix, relation, mutant, healthy);
    await client.query(mutant.sql);
    if (mutant.graft !== undefined) {
      const grafts = await tryGrafts(client, matrix.world, relation, mutant.graft);
      return grafts.every(({ code }) => code === "23503") ? "survived" : "killed";
    }
    if (mutant.operation === undefined) {
      const { rows: _rows, ...protection } = healthy;
      const observed = await matrix.protectionOf(relation);
      return isDeepStrictEqual(observed, protection) ? "survived" : "killed";
    }
    const rows = await matrix.observe(relation, mutant.operation);
    const before = healthy.rows[mutant.operation];
    return isDeepStrictEqual(rows[mutant.operation], before) ? "survived" : "killed";
  } finally {
    await client.query("rollback");
  }
}

function isPrivilege({ sql }: Mutant): boolean {
  return /^(grant|revoke) /.test(sql);
}

async function judgePrivilege(
  client: pg.Client,
  matrix: Matrix,
  relation: Relation,
  mutant: Mutant,
  healthy: TableExpectation,
): Promise<"killed" | "survived" | "unchanged"> {
  const before = await readAcl(client, relation.name);
  await client.query(mutant.sql);
  if (await readAcl(client, relation.name) === before) return "unchanged";
  const { grants } = await matrix.protectionOf(relation);
  return isDeepStrictEqual(grants, healthy.grants) ? "survived" : "killed";
}

async function readAcl(client: pg.Client, table: string): Promise<string> {
  const { rows: [row] } = await client.query<{ acl: string }>(
    `select concat(c.relacl::text, (select string_agg(a.attname || a.attacl::text, ',' order by a.attnum)
       from pg_attribute a where a.attrelid = c.oid)) as acl
     from pg_class c where c.oid = $1::regclass`,
    [table],
  );
  return row?.acl ?? "";
}
