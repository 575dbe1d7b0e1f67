// Writes columns, casts, aggregates and orders as SQL.
import type { PlannedColumn, PlannedField, PlannedOrder, SpreadColumn } from "../plan/read_node.ts";
import type { AggregateFunction, JsonStep } from "../request/query_types.ts";
import type { QualifiedName } from "../schema_cache/names.ts";
import {
  EMPTY,
  type Fragment,
  identifier,
  join,
  parameter,
  qualified,
  sql,
  trusted,
} from "./fragment.ts";

/** A column of a table, or all of them. */
export function columnSql(table: QualifiedName, name: string): Fragment {
  return name === "*" ? sql`${qualified(table)}.*` : sql`${qualified(table)}.${identifier(name)}`;
}

function pathSql(path: readonly JsonStep[]): Fragment {
  return join(
    path.map(({ arrow, kind, value }) =>
      kind === "key"
        ? sql`${trusted(arrow)}${parameter(value)}`
        : sql`${trusted(arrow)}${parameter(value)}::int`
    ),
    "",
  );
}

/** The first argument of a full-text function, if a language was named. */
export function languageSql(language: string | undefined): Fragment {
  return language === undefined ? EMPTY : sql`${parameter(language)}, `;
}

/** A field: a column or a place in its JSON value. */
export function fieldSql(table: QualifiedName, field: PlannedField): Fragment {
  if (field.isFullRow) return identifier(table.name);
  const column = columnSql(table, field.name);
  const value = field.path.length === 0
    ? column
    : field.isToJson
    ? sql`to_jsonb(${column})${pathSql(field.path)}`
    : sql`${column}${pathSql(field.path)}`;
  if (!field.textSearch) return value;
  return sql`to_tsvector(${languageSql(field.textSearch.language)}${value})`;
}

// The parser lets only letters, digits, blanks, `_` and `$` into a cast, and quoting would break
// names such as `int` or `double precision`.
function castSql(value: Fragment, cast: string | undefined): Fragment {
  return cast === undefined ? value : sql`cast(${value} as ${trusted(cast)})`;
}

function aggregateSql(
  value: Fragment,
  aggregate: AggregateFunction | undefined,
  cast: string | undefined,
): Fragment {
  return aggregate ? castSql(sql`${trusted(aggregate)}(${value})`, cast) : value;
}

function aliasSql(alias: string | undefined): Fragment {
  return alias === undefined ? EMPTY : sql` as ${identifier(alias)}`;
}

/** A column of a select list. */
export function selectColumnSql(table: QualifiedName, column: PlannedColumn): Fragment {
  const { field, cast, aggregate, aggregateCast, alias } = column;
  const plain = fieldSql(table, field);
  const value = field.transform === undefined ? plain : sql`${trusted(field.transform)}(${plain})`;
  return sql`${aggregateSql(castSql(value, cast), aggregate, aggregateCast)}${aliasSql(alias)}`;
}

/** A column that a spread gives to its parent. */
export function spreadColumnSql(embedAlias: string, column: SpreadColumn): Fragment {
  const value = columnSql({ schema: "", name: embedAlias }, column.name);
  return sql`${aggregateSql(value, column.aggregate, column.aggregateCast)}${
    aliasSql(column.alias)
  }`;
}

const DIRECTIONS = { asc: " asc", desc: " desc" } as const;
const NULLS = { nullsfirst: " nulls first", nullslast: " nulls last" } as const;

function orderTermSql(table: QualifiedName, term: PlannedOrder): Fragment {
  const source = term.relation === undefined ? table : { schema: "", name: term.relation };
  const direction = term.direction ? DIRECTIONS[term.direction] : "";
  const nulls = term.nulls ? NULLS[term.nulls] : "";
  return sql`${fieldSql(source, term.field)}${trusted(direction + nulls)}`;
}

/** An order, or nothing. */
export function orderSql(table: QualifiedName, order: readonly PlannedOrder[]): Fragment {
  if (order.length === 0) return EMPTY;
  return sql` order by ${join(order.map((term) => orderTermSql(table, term)), ", ")}`;
}
