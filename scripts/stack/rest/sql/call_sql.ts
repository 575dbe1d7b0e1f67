// Writes the call of a function.
import type { CallArguments, CallPlan } from "../plan/call_plan.ts";
import { unknownField } from "../plan/read_node.ts";
import { arrayLiteral } from "../schema_cache/array_literal.ts";
import { returnsScalar, returnsSetOfScalar, type RoutineParameter } from "../schema_cache/types.ts";
import { bodySql } from "./body_sql.ts";
import { columnSql } from "./field_sql.ts";
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

const CALL = { schema: "", name: "pgrst_call" };

function hex(bytes: Uint8Array): string {
  return `\\x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

function documentText(given: CallArguments, type: string): string {
  switch (given.kind) {
    case "document":
      return type === "bytea" ? hex(given.bytes) : new TextDecoder().decode(given.bytes);
    case "json":
      return given.raw;
    case "direct":
      return JSON.stringify(Object.fromEntries(given.values));
  }
}

function variadicSql({ isVariadic }: RoutineParameter): Fragment {
  return isVariadic ? trusted("variadic ") : EMPTY;
}

function directSql(
  parameters: readonly RoutineParameter[],
  values: ReadonlyMap<string, string | readonly string[]>,
): Fragment {
  return join(
    parameters.map((each) => {
      const given = values.get(each.name) ?? null;
      const text = typeof given === "string" || given === null ? given : arrayLiteral(given);
      const value = sql`${parameter(text)}::${trusted(each.unboundedType)}`;
      return sql`${variadicSql(each)}${identifier(each.name)} := ${value}`;
    }),
    ", ",
  );
}

function callSql(plan: CallPlan, given: Fragment): Fragment {
  const { routine } = plan;
  const call = sql`${qualified(routine)}(${given})`;
  return returnsScalar(routine) || returnsSetOfScalar(routine)
    ? sql`(select ${call} pgrst_scalar) pgrst_call`
    : sql`${call} pgrst_call`;
}

function fromSql(plan: CallPlan): Fragment {
  const { document, parameters, arguments: given } = plan;
  if (document) {
    const text = documentText(given, document.type);
    return callSql(plan, sql`${parameter(text)}::${trusted(document.type)}`);
  }
  if (parameters.length === 0) return callSql(plan, EMPTY);
  if (given.kind === "direct") return callSql(plan, directSql(parameters, given.values));
  const fields = parameters.map(({ name, unboundedType }) => ({
    ...unknownField(name),
    nominalType: unboundedType,
  }));
  const raw = given.kind === "json" ? given.raw : "{}";
  const options = { isSelected: false, isSingle: true, appliesDefaults: false };
  const named = parameters.map((each) =>
    sql`${variadicSql(each)}${identifier(each.name)} := pgrst_body.${identifier(each.name)}`
  );
  // bodySql begins with its own `from`, which stands before the call that uses its row.
  return sql`${trusted("")}${bodySql(raw, fields, options)}, lateral ${
    callSql(plan, join(named, ", "))
  }`;
}

/** The query that calls the function and gives its rows. */
export function callQuerySql(plan: CallPlan): Fragment {
  const { routine, returning } = plan;
  const isScalar = returnsScalar(routine) || returnsSetOfScalar(routine);
  const columns = isScalar
    ? trusted("pgrst_call.pgrst_scalar")
    : returning.length === 0
    ? trusted("*")
    : join(returning.map((name) => columnSql(CALL, name)), ", ");
  const usesBody = !plan.document && plan.parameters.length > 0 &&
    plan.arguments.kind !== "direct";
  return sql`select ${columns} ${usesBody ? EMPTY : trusted("from ")}${fromSql(plan)}`;
}
