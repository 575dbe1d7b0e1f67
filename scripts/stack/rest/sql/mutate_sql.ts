// Writes inserts, upserts, updates and deletes.
import type { MutatePlan } from "../plan/mutate_plan.ts";
import type { QualifiedName } from "../schema_cache/names.ts";
import { bodySql } from "./body_sql.ts";
import { conditionSql, whereSql } from "./condition_sql.ts";
import { columnSql } from "./field_sql.ts";
import { EMPTY, type Fragment, identifier, join, qualified, sql, trusted } from "./fragment.ts";

const BODY: QualifiedName = { schema: "", name: "pgrst_body" };

// An upsert counts up for each row that it tries to insert and down for each that it updates
// instead: what is left tells whether anything was created.
const COUNT_UP = trusted(
  "set_config('pgrst.inserted', " +
    "(coalesce(nullif(current_setting('pgrst.inserted', true), '')::int, 0) + 1)::text, true) <> '0'",
);
const COUNT_DOWN = trusted(
  "set_config('pgrst.inserted', " +
    "(coalesce(nullif(current_setting('pgrst.inserted', true), '')::int, 0) - 1)::text, true) <> '-1'",
);

function returningSql({ table, returning }: MutatePlan): Fragment {
  if (returning.length === 0) return trusted(" returning 1");
  return sql` returning ${join(returning.map((name) => columnSql(table, name)), ", ")}`;
}

function conflictSql({ onConflict, columns }: MutatePlan, merges: boolean): Fragment {
  if (!onConflict || onConflict.columns.length === 0) return EMPTY;
  const target = join(onConflict.columns.map(identifier), ", ");
  if (onConflict.resolution === "ignore-duplicates" || columns.length === 0) {
    return sql` on conflict (${target}) do nothing`;
  }
  const sets = columns.map(({ name }) => sql`${identifier(name)} = excluded.${identifier(name)}`);
  const where = merges ? sql` where ${COUNT_DOWN}` : EMPTY;
  return sql` on conflict (${target}) do update set ${join(sets, ", ")}${where}`;
}

function insertSql(plan: MutatePlan): Fragment {
  const { table, columns, body, conditions, onConflict, appliesDefaults } = plan;
  const names = columns.length === 0
    ? EMPTY
    : sql`(${join(columns.map(({ name }) => identifier(name)), ", ")})`;
  const isPut = plan.mutation === "upsert-one";
  const merges = onConflict?.resolution === "merge-duplicates";
  const where = isPut
    ? whereSql([COUNT_UP, ...conditions.map((condition) => conditionSql(BODY, condition))])
    : merges
    ? whereSql([COUNT_UP])
    : EMPTY;
  const rows = bodySql(body, columns, { isSelected: true, isSingle: false, appliesDefaults });
  return sql`insert into ${qualified(table)}${names} ${rows}${where}${conflictSql(plan, merges)}${
    returningSql(plan)
  }`;
}

function ownConditions({ table, conditions }: MutatePlan): Fragment {
  return whereSql(conditions.map((condition) => conditionSql(table, condition)));
}

function updateSql(plan: MutatePlan): Fragment {
  const { table, columns, body, returning, appliesDefaults } = plan;
  if (columns.length === 0) {
    // Nothing to set is no update; the columns are still there for what is selected of them.
    const source = { schema: "", name: table.name };
    const shown = returning.length === 0
      ? trusted("null")
      : join(returning.map((name) => columnSql(source, name)), ", ");
    return sql`select ${shown} from ${qualified(table)} where false`;
  }
  const sets = columns.map(({ name }) => sql`${identifier(name)} = ${columnSql(BODY, name)}`);
  const rows = bodySql(body, columns, { isSelected: false, isSingle: false, appliesDefaults });
  return sql`update ${qualified(table)} set ${join(sets, ", ")} ${rows}${ownConditions(plan)}${
    returningSql(plan)
  }`;
}

/** The statement that changes the rows and returns what is needed of them. */
export function mutateSql(plan: MutatePlan): Fragment {
  switch (plan.mutation) {
    case "insert":
    case "upsert-one":
      return insertSql(plan);
    case "update":
      return updateSql(plan);
    case "delete":
      return sql`delete from ${qualified(plan.table)}${ownConditions(plan)}${returningSql(plan)}`;
  }
}
