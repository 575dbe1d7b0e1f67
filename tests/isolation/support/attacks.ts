// Attempts that no single row shows: reading what was deleted, writing to whatever the policy lets
// through, giving a row away, taking it along into another organization. The last two run as if a later
// grant had given the columns back, so that the policy alone must refuse.
import type { Relation } from "./catalogue.ts";
import type { Cell, Privileges } from "./cells.ts";
import { idOf, type Principal } from "./principals.ts";
import { ownerColumn, type RowKey, type World } from "./world.ts";

type Attack = Pick<Cell, "key" | "statement" | "before">;

/** Every attack on one table by one principal; keys are `operation kind`. */
export function attacksOf(
  relation: Relation,
  principal: Principal,
  world: World,
  privileges: Privileges,
): Attack[] {
  return [
    ...resurrections(relation, principal, world),
    ...blindWrites(relation, principal, privileges),
    ...displacements(relation, principal, world),
  ];
}

/** Where a row stays when it is deleted: the principal's own, or a colleague's, read after that. */
function resurrections(
  { name: table, columns }: Relation,
  { name }: Principal,
  world: World,
): Attack[] {
  const key = world.row(table, "own", name) ?? world.row(table, "colleague", name);
  if (key === undefined || !columns.some((column) => column.name === "deleted_at")) return [];
  const where = whereKey(key);
  return [{
    key: "select deleted",
    before: `update ${table} set deleted_at = now() where ${where}`,
    statement: `select 1 from ${table} where ${where}`,
  }];
}

/** Without a `where`, only the policy of the command itself decides which rows are touched. */
function blindWrites(relation: Relation, { role }: Principal, privileges: Privileges): Attack[] {
  const { name: table } = relation;
  const attacks: Attack[] = [];
  const writable = new Set(privileges.writable(role, table, "update"));
  const column = harmlessColumn(relation, writable);
  if (column !== undefined) {
    attacks.push({ key: "update blind", statement: `update ${table} set ${column}` });
  }
  if (privileges.mayDelete(role, table)) {
    attacks.push({ key: "delete blind", statement: `delete from ${table}` });
  }
  return attacks;
}

/** An assignment that reads no column and that no policy depends on. */
function harmlessColumn(
  { columns, foreignKeys }: Relation,
  writable: ReadonlySet<string>,
): string | undefined {
  const linked = new Set(foreignKeys.flatMap((key) => key.columns));
  const free = columns.filter(({ name }) => writable.has(name) && !linked.has(name));
  const optional = free.find(({ isRequired }) => !isRequired);
  if (optional !== undefined) return `${optional.name} = null`;
  const flag = free.find(({ type }) => type === "boolean");
  if (flag !== undefined) return `${flag.name} = false`;
  const text = free.find(({ type }) => type === "text");
  return text === undefined ? undefined : `${text.name} = 'blind'`;
}

function displacements(relation: Relation, principal: Principal, world: World): Attack[] {
  if (principal.role !== "authenticated") return [];
  const { name: table } = relation;
  const before = `grant update on ${table} to authenticated`;
  const owner = table === "public.profiles" ? "id" : ownerColumn(relation);
  const org = orgColumn(relation);
  const hasRows = world.row(table, "own", principal.name) !== undefined ||
    principal.memberships.length > 0;
  if (!hasRows) return [];
  // No `where`: reading a column would bring in the policy for select, which hides what the policy
  // for update lets through.
  const displace = (kind: string, column: string, value: string): Attack => ({
    key: `update ${kind}`,
    before,
    statement: `update ${table} set ${column} = '${value}'`,
  });
  return [
    ...owner === undefined ? [] : [displace("give", owner, idOf("colleague"))],
    ...org === undefined
      ? []
      : [displace("move_out", org, idOf("rivals")), displace("move_in", org, idOf("ours"))],
  ];
}

function orgColumn({ name, columns }: Relation): string | undefined {
  if (name === "public.organizations") return "id";
  return columns.some((column) => column.name === "org_id") ? "org_id" : undefined;
}

/** The condition that picks one row. */
export function whereKey(key: RowKey): string {
  return Object.entries(key).map(([column, value]) => `${column} = '${value}'`).join(" and ");
}
