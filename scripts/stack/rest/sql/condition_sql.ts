// Writes filters and their trees as SQL.
import type { JoinCondition, PlannedCondition, PlannedField } from "../plan/read_node.ts";
import type { IsValue, Operation, QuantifiableOperator } from "../request/query_types.ts";
import { arrayLiteral } from "../schema_cache/array_literal.ts";
import type { QualifiedName } from "../schema_cache/names.ts";
import { columnSql, fieldSql, languageSql } from "./field_sql.ts";
import { type Fragment, identifier, join, parameter, sql, trusted } from "./fragment.ts";

const SIMPLE = {
  neq: "<>",
  cs: "@>",
  cd: "<@",
  ov: "&&",
  sl: "<<",
  sr: ">>",
  nxr: "&<",
  nxl: "&>",
  adj: "-|-",
} as const;

const QUANTIFIABLE: Readonly<Record<QuantifiableOperator, string>> = {
  eq: "=",
  gte: ">=",
  gt: ">",
  lte: "<=",
  lt: "<",
  like: "like",
  ilike: "ilike",
  match: "~",
  imatch: "~*",
};

const SEARCH = {
  fts: "to_tsquery",
  plfts: "plainto_tsquery",
  phfts: "phraseto_tsquery",
  wfts: "websearch_to_tsquery",
} as const;

const IS: Readonly<Record<IsValue, string>> = {
  null: "null",
  not_null: "not null",
  true: "true",
  false: "false",
  unknown: "unknown",
};

// Values stay untyped parameters: the server infers the column's type, so that indexes apply.
function value(text: string, field: PlannedField): Fragment {
  if (field.transform === undefined) return parameter(text);
  return sql`${trusted(field.transform)}(${parameter(text)})`;
}

function listSql(values: readonly string[], field: PlannedField): Fragment {
  const array = parameter(arrayLiteral(values));
  if (field.transform === undefined) return array;
  return sql`(select ${trusted(field.transform)}(unnest(${array}::text[])))`;
}

function quantifiedSql(
  operation: Extract<Operation, { kind: "quantified" }>,
  field: PlannedField,
): Fragment {
  const { operator, quantifier } = operation;
  const isPattern = operator === "like" || operator === "ilike";
  // An asterisk is easier to write in an address than a percent sign.
  const operand = isPattern
    ? parameter(operation.value.replaceAll("*", "%"))
    : value(operation.value, field);
  const symbol = trusted(QUANTIFIABLE[operator]);
  return quantifier === undefined
    ? sql` ${symbol} ${operand}`
    : sql` ${symbol} ${trusted(quantifier)}(${operand})`;
}

function operationSql(operation: Operation, field: PlannedField): Fragment {
  switch (operation.kind) {
    case "simple":
      return sql` ${trusted(SIMPLE[operation.operator])} ${value(operation.value, field)}`;
    case "quantified":
      return quantifiedSql(operation, field);
    case "is":
      return trusted(` is ${IS[operation.value]}`);
    case "isdistinct":
      return sql` is distinct from ${parameter(operation.value)}`;
    case "in": {
      const isEmpty = operation.values.length === 1 && operation.values[0] === "";
      return isEmpty ? trusted(" = any('{}')") : sql` = any (${listSql(operation.values, field)})`;
    }
    case "search": {
      const query = sql`${languageSql(operation.language)}${parameter(operation.value)}`;
      return sql` @@ ${trusted(SEARCH[operation.operator])}(${query})`;
    }
  }
}

/** How the presence of an embed is tested. */
export type EmbedTest = (alias: string, negated: boolean) => Fragment;

// The alias of an embed is a row: `is not null` would also ask that none of its columns is null.
const testByAlias: EmbedTest = (alias, negated) =>
  sql`${identifier(alias)} is ${trusted(negated ? "" : "not ")}distinct from null`;

/** A condition. */
export function conditionSql(
  table: QualifiedName,
  condition: PlannedCondition,
  testEmbed: EmbedTest = testByAlias,
): Fragment {
  if (condition.kind === "has-embed") return testEmbed(condition.alias, condition.negated);
  const not = trusted(condition.negated ? "not " : "");
  if (condition.kind === "logic") {
    const children = condition.children.map((child) => conditionSql(table, child, testEmbed));
    return sql`${not}(${join(children, ` ${condition.operator} `)})`;
  }
  return sql`${not}${fieldSql(table, condition.field)}${
    operationSql(condition.operation, condition.field)
  }`;
}

/** A join condition. */
export function joinConditionSql({ left, right }: JoinCondition): Fragment {
  return sql`${columnSql(left.table, left.column)} = ${columnSql(right.table, right.column)}`;
}

/** A where clause of conditions that must all hold, or nothing. */
export function whereSql(conditions: readonly Fragment[]): Fragment {
  return conditions.length === 0 ? trusted("") : sql` where ${join(conditions, " and ")}`;
}
