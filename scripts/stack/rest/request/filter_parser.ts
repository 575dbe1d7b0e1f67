// Parses horizontal filters: `column=op.value` and the trees of `and`/`or`.
import { delimiter, field, fieldName, identifier, lexeme, noneOf } from "./field_parser.ts";
import { jsonPath, quotedValue } from "./field_parser.ts";
import { parseOrFail } from "./parse_failure.ts";
import {
  attempt,
  between,
  char,
  choice,
  label,
  lazy,
  map,
  notFollowedBy,
  optional,
  type Parser,
  pure,
  separated1,
  sequence,
  skip,
  text,
  then,
} from "./parser.ts";
import { everything, upTo } from "./scanners.ts";
import type {
  Field,
  Filter,
  IsValue,
  LogicTree,
  Operation,
  OperatorExpression,
  Placed,
  QuantifiableOperator,
  Quantifier,
  SearchOperator,
  SimpleOperator,
} from "./query_types.ts";

function oneOfTexts<T extends string>(names: readonly T[]): readonly Parser<T>[] {
  return names.map((name) => map(attempt(text(name)), () => name));
}

const SIMPLE: readonly SimpleOperator[] = [
  "neq",
  "cs",
  "cd",
  "ov",
  "sl",
  "sr",
  "nxr",
  "nxl",
  "adj",
];
const QUANTIFIABLE: readonly QuantifiableOperator[] = [
  "eq",
  "gte",
  "gt",
  "lte",
  "lt",
  "like",
  "ilike",
  "match",
  "imatch",
];
const SEARCH: readonly SearchOperator[] = ["fts", "plfts", "phfts", "wfts"];
const IS_VALUES: readonly IsValue[] = ["null", "not_null", "true", "false", "unknown"];
const UNKNOWN_OPERATOR = "unknown single value operator";

function ignoringCase(word: string): Parser<string> {
  const letters = Array.from(word, (letter) => {
    return choice(char(letter), char(letter.toUpperCase()));
  });
  return map(sequence(...letters), (parts) => parts.join(""));
}

const isValue = label(
  choice<IsValue>(...IS_VALUES.map((value) => map(attempt(ignoringCase(value)), () => value))),
  "isVal: (null, not_null, true, false, unknown)",
);

const listElement = choice(
  attempt(skip(quotedValue, notFollowedBy(noneOf(",)")))),
  upTo(",)"),
);

const listValue = between(
  lexeme(char("(")),
  lexeme(char(")")),
  separated1(listElement, char(",")),
);

const quantifier = optional(attempt(between(
  char("("),
  char(")"),
  choice<Quantifier>(
    map(attempt(text("any")), () => "any"),
    map(text("all"), () => "all"),
  ),
)));

function operation(value: Parser<string>): Parser<Operation> {
  const search = map(
    sequence(
      choice(...oneOfTexts(SEARCH)),
      optional(attempt(between(char("("), char(")"), identifier))),
      then(delimiter, value),
    ),
    ([operator, language, term]): Operation => ({
      kind: "search",
      operator,
      language,
      value: term,
    }),
  );
  const simple = map(
    sequence(label(choice(...oneOfTexts(SIMPLE)), UNKNOWN_OPERATOR), then(delimiter, value)),
    ([operator, operand]): Operation => ({ kind: "simple", operator, value: operand }),
  );
  const quantified = map(
    sequence(
      label(choice(...oneOfTexts(QUANTIFIABLE)), UNKNOWN_OPERATOR),
      quantifier,
      then(delimiter, value),
    ),
    ([operator, all, operand]): Operation => ({
      kind: "quantified",
      operator,
      quantifier: all,
      value: operand,
    }),
  );
  return label(
    choice<Operation>(
      map(
        then(attempt(skip(text("in"), delimiter)), listValue),
        (values) => ({ kind: "in", values }),
      ),
      map(
        then(attempt(skip(text("is"), delimiter)), isValue),
        (operand) => ({ kind: "is", value: operand }),
      ),
      map(
        then(attempt(skip(text("isdistinct"), delimiter)), value),
        (operand) => ({ kind: "isdistinct", value: operand }),
      ),
      attempt(search),
      attempt(simple),
      attempt(quantified),
    ),
    "operator (eq, gt, ...)",
  );
}

function operatorExpression(value: Parser<string>): Parser<OperatorExpression> {
  const negation = choice<boolean>(
    attempt(map(skip(text("not"), delimiter), () => true)),
    pure(false),
  );
  return map(
    sequence(negation, operation(value)),
    ([negated, op]) => ({ negated, operation: op }),
  );
}

const rootExpression = operatorExpression(everything);
const callExpression = choice<OperatorExpression | undefined>(rootExpression, pure(undefined));

const treePath: Parser<Placed<Field>> = map(
  sequence(separated1(fieldName, delimiter), jsonPath),
  ([names, path]) => ({
    path: names.slice(0, -1),
    value: { name: names.at(-1) ?? "", path },
  }),
);

/** Parses the key of a filter or an order: where it is meant for, and its field. */
export function parseTreePath(key: string): Placed<Field> {
  if (/^[A-Za-z_]\w*$/.test(key)) return { path: [], value: { name: key, path: [] } };
  return parseOrFail(treePath, `failed to parse tree path (${key})`, key);
}

const PLAIN = /^(not\.)?(eq|neq|gte|gt|lte|lt|like|ilike|match|imatch|cs|cd|ov)\.(.*)$/s;

function plainExpression(value: string): OperatorExpression | undefined {
  const match = PLAIN.exec(value);
  if (!match) return undefined;
  const operand = match[3] ?? "";
  const simple = SIMPLE.find((name) => name === match[2]);
  const quantifiable = QUANTIFIABLE.find((name) => name === match[2]);
  const negated = match[1] !== undefined;
  if (simple) return { negated, operation: { kind: "simple", operator: simple, value: operand } };
  if (!quantifiable) return undefined;
  return { negated, operation: { kind: "quantified", operator: quantifiable, value: operand } };
}

/**
 * Parses `key=value` as a filter.
 *
 * @param isCall Whether a value without an operator is an argument of a function.
 * @returns The filter and where it is meant for; no expression when it is an argument.
 */
export function parseFilter(
  key: string,
  value: string,
  isCall: boolean,
): Placed<{ field: Field; expression: OperatorExpression | undefined }> {
  const place = parseTreePath(key);
  const expression = plainExpression(value) ??
    parseOrFail(
      isCall ? callExpression : rootExpression,
      `failed to parse filter (${value})`,
      value,
    );
  return { path: place.path, value: { field: place.value, expression } };
}

const arrayLiteral = map(
  sequence(text("{"), upTo("{}"), text("}")),
  (parts) => parts.join(""),
);

const logicValue = choice(
  attempt(skip(quotedValue, notFollowedBy(noneOf(",)")))),
  attempt(arrayLiteral),
  upTo(",)"),
);

const logicFilter: Parser<Filter> = map(
  sequence(skip(field, delimiter), operatorExpression(logicValue)),
  ([column, expression]) => ({ kind: "filter", field: column, ...expression }),
);

const logicNegation = label(
  choice<boolean>(attempt(map(skip(text("not"), delimiter), () => true)), pure(false)),
  "negation operator (not)",
);

const logicOperator = label(
  choice<"and" | "or">(
    attempt(map(text("and"), () => "and")),
    map(text("or"), () => "or"),
  ),
  "logic operator (and, or)",
);

const logicTree: Parser<LogicTree> = choice<LogicTree>(
  attempt(logicFilter),
  map(
    sequence(
      logicNegation,
      logicOperator,
      between(
        lexeme(char("(")),
        lexeme(char(")")),
        separated1(lazy(() => logicTree), lexeme(char(","))),
      ),
    ),
    ([negated, operator, children]) => ({ kind: "logic", negated, operator, children }),
  ),
);

const logicPath = separated1(fieldName, delimiter);

/** Parses `or=(...)`, `rel.not.and=(...)`. */
export function parseLogic(key: string, value: string): Placed<LogicTree> {
  const names = parseOrFail(logicPath, `failed to parse logic path (${key})`, key);
  const operator = names.at(-1) ?? "";
  const prefix = names.includes("not") ? "not." : "";
  return {
    path: names.slice(0, -1).filter((name) => name !== "not"),
    value: parseOrFail(
      logicTree,
      `failed to parse logic tree (${value})`,
      `${prefix}${operator}${value}`,
    ),
  };
}

const columnNames = separated1(fieldName, lexeme(char(",")));

/** Parses a comma-separated list of names, such as `columns` and `on_conflict`. */
export function parseColumnNames(parameter: string, value: string): readonly string[] {
  return parseOrFail(columnNames, `failed to parse ${parameter} parameter (${value})`, value);
}
