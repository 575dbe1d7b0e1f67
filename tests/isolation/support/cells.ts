// One cell is one attempt: a principal does one operation on one row. Builds every cell of a table,
// runs them in the database, and folds the verdicts into the form of the expectations file.
import type pg from "pg";
import { attacksOf, whereKey } from "./attacks.ts";
import type { Relation } from "./catalogue.ts";
import {
  claimsOf,
  idOf,
  type Mode,
  MODES,
  type OrgName,
  type Principal,
  PRINCIPALS,
} from "./principals.ts";
import { ownerColumn, RELATION_KINDS, type RelationKind, rowValues, type World } from "./world.ts";

export const OPERATIONS = ["select", "insert", "update", "delete"] as const;
export type Operation = typeof OPERATIONS[number];

/** One attempt, as the runner in the database takes it. */
export interface Cell {
  readonly key: string;
  readonly role: string;
  readonly claims: string | null;
  readonly statement: string;
  /** Run by the superuser first, and rolled back with the rest. */
  readonly before?: string;
}

/** What came of it: `allow` touched rows, `deny` did not, `error` is neither. */
export interface Verdict {
  readonly key: string;
  readonly verdict: "allow" | "deny" | "error";
  readonly code: string | null;
  /** Rows touched, as text. */
  readonly touched: string;
}

/** Columns that a role may write, which decide what an attempt can be made of. */
export interface Privileges {
  writable(role: string, table: string, operation: "insert" | "update"): readonly string[];
  mayDelete(role: string, table: string): boolean;
}

/** Every attempt on one table or view. */
export function cellsOf(relation: Relation, world: World, privileges: Privileges): Cell[] {
  const operations: readonly Operation[] = relation.isView ? ["select"] : OPERATIONS;
  const plain = operations.flatMap((operation) =>
    RELATION_KINDS.flatMap((kind) =>
      PRINCIPALS.flatMap((principal): Cell[] => {
        const statement = statementOf(relation, operation, kind, principal, world, privileges);
        if (statement === undefined) return [];
        return [{ ...actor(principal), key: `${operation} ${kind} ${principal.name}`, statement }];
      })
    )
  );
  return relation.isView ? plain : [
    ...plain,
    ...PRINCIPALS.flatMap((principal) =>
      attacksOf(relation, principal, world, privileges).map(({ key, ...attack }) => ({
        ...actor(principal),
        ...attack,
        key: `${key} ${principal.name}`,
      }))
    ),
  ];
}

function actor(principal: Principal): Pick<Cell, "role" | "claims"> {
  return { role: principal.role, claims: JSON.stringify(claimsOf(principal)) };
}

/** Runs cells in one round trip. */
export async function runCells(client: pg.Client, cells: readonly Cell[]): Promise<Verdict[]> {
  const { rows } = await client.query<Verdict>(
    "select key, verdict, code, touched from isolation.run_cells($1::jsonb)",
    [JSON.stringify(cells)],
  );
  return rows;
}

function statementOf(
  relation: Relation,
  operation: Operation,
  kind: RelationKind,
  principal: Principal,
  world: World,
  privileges: Privileges,
): string | undefined {
  if (relation.isView) return viewStatement(relation, kind);
  if (operation === "insert") return insertStatement(relation, kind, principal, world, privileges);
  const key = world.row(relation.name, kind, principal.name);
  if (key === undefined) return undefined;
  const where = whereKey(key);
  if (operation === "select") return `select 1 from ${relation.name} where ${where}`;
  if (operation === "delete") return `delete from ${relation.name} where ${where}`;
  const writable = privileges.writable(principal.role, relation.name, "update");
  const column = writable[0] ?? relation.columns.find(({ isGenerated }) => !isGenerated)?.name;
  return `update ${relation.name} set ${column} = ${column} where ${where}`;
}

function viewStatement(relation: Relation, kind: RelationKind): string | undefined {
  if (kind !== "colleague" && kind !== "foreign") return undefined;
  const org: OrgName = kind === "colleague" ? "ours" : "rivals";
  return `select 1 from ${relation.name} where org_id = '${idOf(org)}' limit 1`;
}

/** A row in the principal's own name, in a colleague's, and in the rivals' organization. */
function insertStatement(
  relation: Relation,
  kind: RelationKind,
  principal: Principal,
  world: World,
  privileges: Privileges,
): string | undefined {
  if (kind === "assigned") return undefined;
  if (kind === "own" && world.row(relation.name, kind, principal.name) === undefined) {
    return undefined;
  }
  const org: OrgName = kind === "foreign" ? "rivals" : "ours";
  const owner = kind === "colleague" ? "colleague" : principal.name;
  const slot = { name: kind === "own" ? `own ${principal.name}` : kind, org, owner };
  const values = rowValues(
    relation,
    slot,
    (table, parent) => world.row(table, parent.split(" ")[0] as RelationKind, principal.name),
  );
  const insertable = new Set(privileges.writable(principal.role, relation.name, "insert"));
  const identity = new Set(["org_id", ownerColumn(relation)]);
  const columns = Object.keys(values).filter((name) => {
    const column = relation.columns.find((candidate) => candidate.name === name);
    const mayBeLeftOut = column?.hasDefault === true || column?.isRequired === false;
    return insertable.has(name) || !mayBeLeftOut || (identity.has(name) && kind !== "own");
  });
  if (columns.length === 0) return `insert into ${relation.name} default values`;
  return `insert into ${relation.name} (${columns.join(", ")}) values (${
    columns.map((column) => values[column]).join(", ")
  })`;
}

/** Names of those who were allowed, by operation and relation; by mode too where it matters. */
export type TableVerdicts = Record<string, Record<string, string | Record<Mode, string>>>;

/** Folds the verdicts of all modes into the form that the expectations file has. */
export function foldVerdicts(byMode: Readonly<Record<Mode, readonly Verdict[]>>): TableVerdicts {
  const folded: TableVerdicts = {};
  const prefixes = new Set(byMode.open.map(({ key }) => key.slice(0, key.lastIndexOf(" ") + 1)));
  for (const prefix of prefixes) {
    const [operation = "", kind = ""] = prefix.split(" ");
    const names = {
      open: allowed(byMode.open, prefix),
      closed: allowed(byMode.closed, prefix),
      strict: allowed(byMode.strict, prefix),
    };
    const isSame = MODES.every((mode) => names[mode] === names.open);
    (folded[operation] ??= {})[kind] = isSame ? names.open : names;
  }
  return folded;
}

/**
 * Who was let through. An attempt that a policy would have let through and a constraint stopped
 * shows the constraint's code; so does one refused although the role has the privilege, because an
 * error where others see nothing is an answer too.
 */
function allowed(verdicts: readonly Verdict[], prefix: string): string {
  const isBlind = prefix.includes(" blind ");
  return verdicts
    .filter(({ key }) => key.startsWith(prefix))
    .flatMap(({ key, verdict, code, touched }) => {
      const name = key.slice(prefix.length);
      if (verdict === "error") return [`${name}!${code}`];
      if (isBlind && verdict === "deny" && code !== null) return [`${name}!${code}`];
      if (verdict === "deny") return [];
      return [isBlind ? `${name}:${touched}` : name];
    })
    .join(" ");
}
