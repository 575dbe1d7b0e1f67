// Foreign keys ignore row-level security: without the organization in the key, a row of ours could
// hang on a row of the rivals, and the error would tell whether it exists.
import type pg from "pg";
import { whereKey } from "./attacks.ts";
import type { ForeignKey, Relation } from "./catalogue.ts";
import { idOf } from "./principals.ts";
import { CAST_TABLES, GRAFT_VALUES } from "./row_values.ts";
import { ownerColumn, type RowKey, rowValues, type World } from "./world.ts";

/** What the database said to one graft; `23503` is the refusal that is wanted. */
export interface Graft {
  readonly key: string;
  readonly target: "theirs" | "unknown";
  readonly code: string;
}

/**
 * Tries to hang a new row of ours on the rivals' row and on one that does not exist, through every
 * foreign key of the table or the one named. Runs as the superuser: only the key can refuse.
 */
export async function tryGrafts(
  client: pg.Client,
  world: World,
  relation: Relation,
  only?: string,
): Promise<Graft[]> {
  const grafts: Graft[] = [];
  for (const key of relation.foreignKeys) {
    if (key.columns.length < 2 || (only !== undefined && key.name !== only)) continue;
    for (const target of ["theirs", "unknown"] as const) {
      const code = await insertGraft(client, world, relation, key, target);
      grafts.push({ key: key.name, target, code });
    }
  }
  return grafts;
}

async function insertGraft(
  client: pg.Client,
  world: World,
  relation: Relation,
  key: ForeignKey,
  target: Graft["target"],
): Promise<string> {
  const foreign = world.row(key.table, "foreign", "rival");
  const isCast = CAST_TABLES[relation.name] !== undefined;
  const owner = ownerColumn(relation);
  const namesMore = key.columns.some((column) => column !== "org_id" && column !== owner);
  const links: Record<string, string> = {};
  key.columns.forEach((column, index) => {
    const namesTheRow = isCast && relation.primaryKey.includes(column);
    // An owner from elsewhere would be refused by the key to the members, in place of this one.
    const isOnlyOwner = column === owner && namesMore;
    if (column === "org_id" || namesTheRow || isOnlyOwner) return;
    const id = target === "theirs" ? foreign?.[key.referenced[index] ?? ""] : undefined;
    links[column] = `'${id ?? idOf("nobody at all")}'`;
  });
  await client.query("savepoint graft");
  try {
    await client.query(graftStatement(world, relation, { ...GRAFT_VALUES[key.name], ...links }));
    await client.query("set constraints all immediate");
    return "accepted";
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  } finally {
    await client.query("rollback to savepoint graft");
  }
}

/** A new row, or for the cast, whose rows stand for themselves, a change of the one there is. */
function graftStatement(
  world: World,
  relation: Relation,
  links: Readonly<Record<string, string>>,
): string {
  const own = world.row(relation.name, "own", "manager");
  if (CAST_TABLES[relation.name] !== undefined && own !== undefined) {
    const changes = Object.entries(links).map(([column, value]) => `${column} = ${value}`);
    return `update ${relation.name} set ${changes.join(", ")} where ${whereKey(own)}`;
  }
  const slot = { name: "own manager", org: "ours", owner: "manager" } as const;
  const parents = (table: string): RowKey | undefined => world.row(table, "own", "manager");
  const values = { ...rowValues(relation, slot, parents), ...links };
  const columns = Object.keys(values);
  return `insert into ${relation.name} (${columns.join(", ")})
    values (${Object.values(values).join(", ")})`;
}
