// Turns a JSON body into rows, with the types of the columns it is meant for.
import type { PlannedField } from "../plan/read_node.ts";
import {
  EMPTY,
  type Fragment,
  identifier,
  join,
  literal,
  parameter,
  sql,
  trusted,
} from "./fragment.ts";

/** How a body becomes rows. */
export interface BodyOptions {
  /** Whether the rows are selected, or only stand in a from clause. */
  readonly isSelected: boolean;
  /** Whether only the first row counts. */
  readonly isSingle: boolean;
  /** Whether columns that the body leaves out get their defaults. */
  readonly appliesDefaults: boolean;
}

function isObject(body: string): boolean {
  return /^[ \t\n\r]*\{/.test(body);
}

function defaultsSql(fields: readonly PlannedField[]): Fragment {
  const pairs = fields.flatMap(({ name, defaultValue }) =>
    defaultValue === null ? [] : [sql`${literal(name)}, ${trusted(defaultValue)}`]
  );
  return sql`jsonb_build_object(${join(pairs, ", ")})`;
}

function withDefaults(fields: readonly PlannedField[], isOne: boolean): Fragment {
  const defaults = defaultsSql(fields);
  return isOne
    ? sql`lateral (select ${defaults} || pgrst_payload.json_data as val) pgrst_json_defs, `
    : sql`lateral (select jsonb_agg(${defaults} || elem) as val from jsonb_array_elements(pgrst_payload.json_data) elem) pgrst_json_defs, `;
}

function rowsSql(
  fields: readonly PlannedField[],
  isOne: boolean,
  { isSingle, appliesDefaults }: BodyOptions,
): Fragment {
  const json = trusted(appliesDefaults ? "jsonb" : "json");
  const source = trusted(appliesDefaults ? "pgrst_json_defs.val" : "pgrst_payload.json_data");
  if (fields.length === 0) {
    return isOne ? trusted("(values(1)) _ ") : sql`${json}_array_elements(${source}) _ `;
  }
  const types = fields.map(({ name, nominalType }) =>
    sql`${identifier(name)} ${trusted(nominalType)}`
  );
  const read = trusted(isOne ? "_to_record" : "_to_recordset");
  return sql`${json}${read}(${source}) as _(${join(types, ", ")})${
    isSingle ? trusted(" limit 1") : EMPTY
  }`;
}

/**
 * A from clause that gives the rows of a body as `pgrst_body`.
 *
 * @param body The JSON text; the database parses it.
 * @param fields The columns that are set.
 */
export function bodySql(
  body: string,
  fields: readonly PlannedField[],
  options: BodyOptions,
): Fragment {
  const isOne = isObject(body);
  const names = fields.map(({ name }) => sql`pgrst_body.${identifier(name)}`);
  const select = options.isSelected ? sql`select ${join(names, ", ")} ` : EMPTY;
  const type = trusted(options.appliesDefaults ? "jsonb" : "json");
  const defaults = options.appliesDefaults ? withDefaults(fields, isOne) : EMPTY;
  const parsed = fields.map(({ name, transform }) =>
    transform === undefined
      ? identifier(name)
      : sql`${trusted(transform)}(${identifier(name)}) as ${identifier(name)}`
  );
  return sql`${select}from (select ${
    parameter(body)
  }::${type} as json_data) pgrst_payload, ${defaults}lateral (select ${join(parsed, ", ")} from ${
    rowsSql(fields, isOne, options)
  }) pgrst_body `;
}
