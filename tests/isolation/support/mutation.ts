// Proves that the matrix can fail: breaks the database in one place, observes again, rolls back. A
// mutant that the matrix does not notice is a hole that the matrix would not notice either.
import type pg from "pg";
import { isDeepStrictEqual } from "node:util";
import type { Relation } from "./catalogue.ts";
import { tryGrafts } from "./grafting.ts";
import type { Matrix, TableExpectation } from "./matrix.ts";
import { MODES } from "./principals.ts";
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

/** What came of one mutant; `unchanged`: the statement changed nothing, a privilege was already so. */
export type Judgement = "killed" | "survived" | "unchanged";

/** Judges mutants of one database, remembering what the healthy one says. */
export class Judge {
  readonly #client: pg.Client;
  readonly #matrix: Matrix;
  readonly #healthy = new Map<string, string>();

  constructor(client: pg.Client, matrix: Matrix) {
    this.#client = client;
    this.#matrix = matrix;
  }

  /** Whether the matrix notices the mutant. */
  async judge(relation: Relation, mutant: Mutant, healthy: TableExpectation): Promise<Judgement> {
    if (mutant.operation !== undefined) return await this.#judgePolicy(relation, mutant);
    return await this.#inMutant(mutant, async () => {
      if (mutant.graft !== undefined) {
        const grafts = await tryGrafts(this.#client, this.#matrix.world, relation, mutant.graft);
        return grafts.every(({ code }) => code === "23503");
      }
      const { rows: _rows, ...protection } = healthy;
      return isDeepStrictEqual(await this.#matrix.protectionOf(relation), protection);
    });
  }

  /** Setting by setting, until one tells: most mutants show in the first. */
  async #judgePolicy(relation: Relation, mutant: Mutant): Promise<Judgement> {
    const { operation } = mutant;
    if (operation === undefined) return "survived";
    for (const mode of MODES) {
      const key = `${relation.name} ${operation} ${mode}`;
      const before = this.#healthy.get(key) ??
        await this.#matrix.attempt(relation, operation, mode);
      this.#healthy.set(key, before);
      const verdict = await this.#inMutant(
        mutant,
        async () => await this.#matrix.attempt(relation, operation, mode) === before,
      );
      if (verdict !== "survived") return verdict;
    }
    return "survived";
  }

  async #inMutant(mutant: Mutant, isAsBefore: () => Promise<boolean>): Promise<Judgement> {
    await this.#client.query("begin");
    try {
      const acl = await readAcl(this.#client, mutant.table);
      await this.#client.query(mutant.sql);
      if (isPrivilege(mutant) && await readAcl(this.#client, mutant.table) === acl) {
        return "unchanged";
      }
      return await isAsBefore() ? "survived" : "killed";
    } finally {
      await this.#client.query("rollback");
    }
  }
}

function isPrivilege({ sql }: Mutant): boolean {
  return /^(grant|revoke) /.test(sql);
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
