// Parses `select=`: columns, casts, aggregates, embeds and spreads.
import { field, fieldName, identifier, lexeme } from "./field_parser.ts";
import { parseOrFail } from "./parse_failure.ts";
import {
  attempt,
  between,
  char,
  check,
  choice,
  endOfInput,
  lazy,
  lookAhead,
  map,
  notFollowedBy,
  optional,
  type Parser,
  separated,
  sequence,
  skip,
  text,
  then,
} from "./parser.ts";
import type {
  AggregateFunction,
  JoinType,
  SelectColumn,
  SelectItem,
  SelectRelation,
} from "./query_types.ts";

type EmbedParameter = { readonly hint?: string; readonly join?: JoinType };

const aliasSeparator = skip(char(":"), notFollowedBy(char(":")));
const alias = optional(attempt(skip(fieldName, aliasSeparator)));

const embedParameter: Parser<EmbedParameter> = then(
  char("!"),
  choice<EmbedParameter>(
    attempt(map(text("left"), () => ({ join: "left" }))),
    attempt(map(text("inner"), () => ({ join: "inner" }))),
    attempt(map(fieldName, (hint) => ({ hint }))),
  ),
);

const embedParameters = map(
  sequence(optional(embedParameter), optional(embedParameter)),
  ([first, second]) => ({
    hint: first?.hint ?? second?.hint,
    join: first?.join ?? second?.join,
  }),
);

const openAhead = attempt(lookAhead(text("(")));

type RelationHead = Omit<SelectRelation, "kind" | "children">;

const relationHead: Parser<RelationHead> = lexeme(
  map(
    sequence(alias, check(fieldName, (name) => name !== "count"), embedParameters, openAhead),
    ([aliasName, name, parameters]) => ({ name, spread: false, alias: aliasName, ...parameters }),
  ),
);

const spreadHead: Parser<RelationHead> = lexeme(
  map(
    sequence(then(text("..."), fieldName), embedParameters, openAhead),
    ([name, parameters]) => ({ name, spread: true, ...parameters }),
  ),
);

const endOfField = choice<unknown>(
  attempt(lookAhead(text(")"))),
  attempt(lookAhead(text(","))),
  attempt(endOfInput),
);

const aggregate = choice<AggregateFunction>(
  map(text("sum"), () => "sum"),
  map(text("avg"), () => "avg"),
  map(text("count"), () => "count"),
  attempt(map(text("max"), () => "max")),
  attempt(map(text("min"), () => "min")),
);

const cast = optional(then(text("::"), identifier));
const STAR = { name: "*", path: [] };

const selectColumn: Parser<SelectColumn> = lexeme(choice<SelectColumn>(
  attempt(map(skip(text("*"), endOfField), () => ({ kind: "column", field: STAR }))),
  attempt(map(
    skip(sequence(alias, text("count()"), cast), endOfField),
    ([aliasName, _count, aggregateCast]) => ({
      kind: "column",
      field: STAR,
      aggregate: "count",
      aggregateCast,
      alias: aliasName,
    }),
  )),
  map(
    skip(
      sequence(
        alias,
        field,
        cast,
        optional(attempt(skip(then(char("."), aggregate), text("()")))),
        cast,
      ),
      endOfField,
    ),
    ([aliasName, column, columnCast, fn, aggregateCast]) => ({
      kind: "column",
      field: column,
      aggregate: fn,
      aggregateCast,
      cast: columnCast,
      alias: aliasName,
    }),
  ),
));

function embed(head: Parser<RelationHead>): Parser<SelectItem> {
  return map(
    sequence(attempt(head), between(char("("), char(")"), lazy(() => forest))),
    ([relation, children]) => ({ kind: "relation", ...relation, children }),
  );
}

const forest: Parser<readonly SelectItem[]> = separated(
  choice<SelectItem>(embed(spreadHead), embed(relationHead), selectColumn),
  lexeme(char(",")),
);

const PLAIN_LIST = /^[A-Za-z_][A-Za-z0-9_]*(?:,[A-Za-z_][A-Za-z0-9_]*)*$/;

/**
 * Parses the value of `select`.
 *
 * @throws {RestError} PGRST100 when it does not parse.
 */
export function parseSelect(value: string): readonly SelectItem[] {
  if (value === "*") return [{ kind: "column", field: STAR }];
  // Most requests name plain columns only: no need to try every alternative for each.
  if (PLAIN_LIST.test(value)) {
    return value.split(",").map((name) => ({ kind: "column", field: { name, path: [] } }));
  }
  return parseOrFail(forest, `failed to parse select parameter (${value})`, value);
}
