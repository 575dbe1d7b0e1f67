// Fills a database with one row per table and relation: the principal's own, one assigned to them, a
// colleague's, and a foreigner's. Rows are made by the superuser under every constraint, so that a
// refusal later is never caused by a row that could not exist.
import type pg from "pg";
import type { Column, ForeignKey, Relation } from "./catalogue.ts";
import { BYSTANDERS, idOf, type Mode, type OrgName, PRINCIPALS } from "./principals.ts";
import { CAST_TABLES, OWNER_COLUMNS, PARENTS_ALL_THE_SAME, ROW_VALUES } from "./row_values.ts";

/** Whose row it is, seen from the principal. */
export const RELATION_KINDS = ["own", "assigned", "colleague", "foreign"] as const;
export type RelationKind = typeof RELATION_KINDS[number];

/** Primary key of a row, column by column, as text. */
export type RowKey = Readonly<Record<string, string>>;

/** The rows that cells aim at. */
export interface World {
  /** The row of this table with this relation to the principal; undefined where none can exist. */
  row(table: string, kind: RelationKind, principal: string): RowKey | undefined;
}

const EVERYONE = [...PRINCIPALS, ...BYSTANDERS];
const PEOPLE = EVERYONE.filter(({ role }) => role === "authenticated");

/** Finds the row of a parent table in a slot. */
export type ParentLookup = (table: string, slot: string) => RowKey | undefined;

/** A slot names a row set: organization, owner and, perhaps, whom it is assigned to. */
interface Slot {
  readonly name: string;
  readonly org: OrgName;
  readonly owner: string;
  readonly assignee?: string;
}

/** Makes organizations, people and sessions, then the rows of every other table. */
export async function buildWorld(
  client: pg.Client,
  relations: readonly Relation[],
): Promise<World> {
  await insertCast(client);
  const rows = new Map<string, RowKey>();
  const tables = inDependencyOrder(relations.filter(({ isView }) => !isView));
  const assignable = assignableTables(tables);
  for (const relation of tables) {
    for (const slot of slots()) {
      if (slot.assignee === undefined || assignable.has(relation.name)) {
        rows.set(`${relation.name} ${slot.name}`, await makeRow(client, relation, slot, rows));
      }
    }
  }
  return {
    row(table, kind, principal) {
      return rows.get(`${table} ${slotName(kind, principal)}`) ??
        (kind === "own" ? undefined : rows.get(`${table} ${kind}`));
    },
  };
}

/** Sets the sharing switches: ours as the mode says, the rivals' the other way round. */
export async function setMode(client: pg.Client, mode: Mode): Promise<void> {
  await client.query(
    `update public.org_settings set enable_crm_sharing = (org_id = $1) = $2,
       enable_meeting_sharing = (org_id = $1) = $2, enable_task_sharing = (org_id = $1) = $2,
       enable_email_sharing = (org_id = $1) = $2,
       mfa_required_for = case when $3 and org_id = $1 then 'admins' else 'none' end
     where org_id in ($1, $4)`,
    [idOf("ours"), mode !== "closed", mode === "strict", idOf("rivals")],
  );
}

function slotName(kind: RelationKind, principal: string): string {
  return kind === "own" || kind === "assigned" ? `${kind} ${principal}` : kind;
}

function slots(): Slot[] {
  const ofOurPeople = PRINCIPALS.filter(({ memberships }) =>
    memberships.some(({ org }) => org === "ours")
  );
  return [
    { name: "colleague", org: "ours", owner: "colleague" },
    { name: "foreign", org: "rivals", owner: "foreigner" },
    ...ofOurPeople.map(({ name }): Slot => ({ name: `own ${name}`, org: "ours", owner: name })),
    ...ofOurPeople.map(({ name }): Slot => ({
      name: `assigned ${name}`,
      org: "ours",
      owner: "colleague",
      assignee: name,
    })),
  ];
}

/** Tables whose rows can be assigned, or hang on a row that can. */
function assignableTables(relations: readonly Relation[]): ReadonlySet<string> {
  const assignable = new Set<string>();
  for (const relation of relations) {
    const hasAssignee = relation.columns.some(({ name }) => name === "assigned_to");
    const hangsOnOne = requiredParents(relation).some(({ table }) => assignable.has(table));
    const isCast = CAST_TABLES[relation.name] !== undefined;
    if (!isCast && (hasAssignee || hangsOnOne)) assignable.add(relation.name);
  }
  return assignable;
}

async function makeRow(
  client: pg.Client,
  relation: Relation,
  slot: Slot,
  rows: ReadonlyMap<string, RowKey>,
): Promise<RowKey> {
  const cast = CAST_TABLES[relation.name];
  if (cast !== undefined) return cast(slot.org, slot.owner);
  const values = rowValues(relation, slot, (table, name) => rows.get(`${table} ${name}`));
  const columns = Object.keys(values);
  const key = relation.primaryKey.map((column) => `${column}::text`).join(", ");
  const sql = columns.length === 0
    ? `insert into ${relation.name} default values returning ${key}`
    : `insert into ${relation.name} (${columns.join(", ")})
       values (${columns.map((column) => values[column]).join(", ")}) returning ${key}`;
  try {
    const { rows: [row] } = await client.query<Record<string, string>>(sql);
    if (row === undefined) throw new Error("no row came back");
    return row;
  } catch (error) {
    throw new Error(
      `Cannot make a row of ${relation.name} for "${slot.name}": give it values in row_values.ts. ${sql}`,
      { cause: error },
    );
  }
}

/** SQL expressions for the columns that this row needs. */
export function rowValues(
  relation: Relation,
  slot: Slot,
  parents: ParentLookup,
): Record<string, string> {
  const values: Record<string, string> = {};
  const has = (column: string): boolean => relation.columns.some(({ name }) => name === column);
  if (has("org_id")) values.org_id = literal(idOf(slot.org));
  const owner = ownerColumn(relation);
  if (owner !== undefined) values[owner] = literal(idOf(slot.owner));
  if (has("assigned_to") && slot.assignee !== undefined) {
    values.assigned_to = literal(idOf(slot.assignee));
  }
  for (const parent of requiredParents(relation)) {
    const key = parents(parent.table, slot.name) ?? parents(parent.table, plain(slot));
    parent.columns.forEach((column, index) => {
      const value = key?.[parent.referenced[index] ?? ""];
      if (value !== undefined) values[column] ??= literal(value);
    });
  }
  for (const column of relation.columns) {
    if (column.isRequired && !column.hasDefault && !column.isGenerated) {
      values[column.name] ??= sampleValue(column);
    }
  }
  return {
    ...values,
    ...ROW_VALUES[relation.name]?.({ slot: slot.name, owner: idOf(slot.owner) }),
  };
}

/** Where an assigned slot has no parent of its own, the colleague's stands in. */
function plain(slot: Slot): string {
  return slot.org === "ours" ? "colleague" : "foreign";
}

/** The column that says whose row it is, as the ledger names it. */
export function ownerColumn(relation: Relation): string | undefined {
  const named = OWNER_COLUMNS[relation.name];
  if (named !== undefined) return named === "" ? undefined : named;
  return ["owner_user_id", "user_id"].find((candidate) =>
    relation.columns.some(({ name }) => name === candidate)
  );
}

/** Foreign keys that every row must fill, other than to the cast. */
function requiredParents(relation: Relation): ForeignKey[] {
  const required = new Set([
    ...relation.columns.filter(({ isRequired }) => isRequired).map(({ name }) => name),
    ...PARENTS_ALL_THE_SAME[relation.name] ?? [],
  ]);
  return relation.foreignKeys.filter(({ table, columns }) =>
    CAST_TABLES[table] === undefined && table !== relation.name &&
    !table.startsWith("auth.") && columns.every((column) => required.has(column))
  );
}

function inDependencyOrder(relations: readonly Relation[]): Relation[] {
  const byName = new Map(relations.map((relation) => [relation.name, relation]));
  const ordered = new Set<Relation>();
  const visit = (relation: Relation): void => {
    if (ordered.has(relation)) return;
    for (const { table } of requiredParents(relation)) {
      const parent = byName.get(table);
      if (parent !== undefined) visit(parent);
    }
    ordered.add(relation);
  };
  relations.forEach(visit);
  return [...ordered];
}

function sampleValue({ name, type }: Column): string {
  if (type === "uuid") return "gen_random_uuid()";
  if (type === "boolean") return "false";
  if (type === "jsonb" || type === "json") return "'{}'";
  if (type.startsWith("timestamp") || type === "date") return "now()";
  if (["integer", "bigint", "smallint", "numeric"].includes(type)) return "1";
  if (type.endsWith("[]")) return "'{}'";
  if (type === "bytea") return "'\\x00'";
  if (name.includes("email")) return "md5(random()::text) || '@people.test'";
  return "md5(random()::text)";
}

function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

async function insertCast(client: pg.Client): Promise<void> {
  for (const org of ["ours", "rivals"]) {
    await client.query(
      "insert into public.organizations (id, name, slug) values ($1, $2, $3) on conflict do nothing",
      [idOf(org), `The ${org}`, `isolation-${org}`],
    );
    await client.query(
      "insert into public.org_settings (org_id) values ($1) on conflict do nothing",
      [idOf(org)],
    );
    // One of an organization
    await client.query(
      `insert into private.slack_connections (org_id, team_id, team_name, bot_user_id, bot_token_secret_id)
       values ($1, 'T0ISOLATION', 'The workspace', 'U0BOT', gen_random_uuid())`,
      [idOf(org)],
    );
  }
  for (const person of PEOPLE) {
    await client.query("insert into auth.users (id, email) values ($1, $2)", [
      idOf(person.name),
      `${person.name}@isolation.test`,
    ]);
    // A signed-out person's token outlives the session it names.
    if (person.name !== "signed_out") {
      await client.query("insert into auth.sessions (id, user_id) values ($1, $2)", [
        idOf(`session of ${person.name}`),
        idOf(person.name),
      ]);
    }
    for (const { org, role, status } of person.memberships) {
      await client.query(
        `insert into public.organization_members (org_id, user_id, role, status)
         values ($1, $2, $3, $4)`,
        [idOf(org), idOf(person.name), role, status],
      );
    }
  }
}
