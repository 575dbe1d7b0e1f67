// Parsers of the names in a query string: identifiers, JSON paths, quoted values.
import {
  anyCharacter,
  attempt,
  between,
  char,
  choice,
  endOfInput,
  label,
  lookAhead,
  many,
  many1,
  map,
  notFollowedBy,
  optional,
  type Parser,
  satisfy,
  separated1,
  sequence,
  skip,
  text,
  then,
} from "./parser.ts";
import { blanks, nameCharacters, someUpTo } from "./scanners.ts";
import type { Field, JsonStep } from "./query_types.ts";

const digit = label(satisfy((c) => c >= "0" && c <= "9"), "digit");

/** Any character but these. */
export function noneOf(excluded: string): Parser<string> {
  return satisfy((c) => !excluded.includes(c));
}

/** A parser, with blanks and tabs around it. */
export function lexeme<T>(parser: Parser<T>): Parser<T> {
  return between(blanks, blanks, parser);
}

/** Letters, digits, `_`, `$` and inner blanks. */
export const identifier: Parser<string> = map(nameCharacters, (name) => name.trim());

/** A double-quoted value; a backslash takes the next character as it is. */
export const quotedValue: Parser<string> = between(
  char('"'),
  char('"'),
  map(
    many(choice(someUpTo('\\"'), then(char("\\"), anyCharacter))),
    (parts) => parts.join(""),
  ),
);

const dash = attempt(skip(char("-"), notFollowedBy(char(">"))));

function separatedByDash(parser: Parser<string>): Parser<string> {
  return map(separated1(parser, dash), (parts) => parts.join("-"));
}

/** The name of a column, table or function. */
export const fieldName: Parser<string> = label(
  choice(quotedValue, separatedByDash(identifier)),
  "field name (* or [a..z0..9_$])",
);

/** The dot between the parts of a path. */
export const delimiter: Parser<string> = label(char("."), "delimiter (.)");

const jsonKey = label(
  choice(
    quotedValue,
    separatedByDash(map(someUpTo("(-:.,>)"), (name) => name.trim())),
  ),
  "any non reserved character different from: .,>()",
);

const endOfIndex = choice<unknown>(
  attempt(lookAhead(text("->"))),
  attempt(lookAhead(text("::"))),
  attempt(lookAhead(text("."))),
  attempt(lookAhead(text(","))),
  attempt(endOfInput),
);

const jsonIndex = skip(
  map(
    sequence(choice<string>(char("-"), (_i, p) => plus(p)), many1(digit)),
    ([sign, digits]) => sign + digits.join(""),
  ),
  endOfIndex,
);

function plus(position: number): ReturnType<Parser<string>> {
  return {
    ok: true,
    consumed: false,
    value: "+",
    position,
    trace: { position, messages: [] },
  };
}

const jsonArrow = choice<"->" | "->>">(
  map(attempt(text("->>")), () => "->>"),
  map(attempt(text("->")), () => "->"),
);

const jsonOperand = choice<Omit<JsonStep, "arrow">>(
  attempt(map(jsonIndex, (value) => ({ kind: "index", value }))),
  attempt(map(jsonKey, (value) => ({ kind: "key", value }))),
);

/** `->a->>b`, or nothing. */
export const jsonPath: Parser<readonly JsonStep[]> = many(
  map(sequence(jsonArrow, jsonOperand), ([arrow, operand]) => ({ arrow, ...operand })),
);

/** A column with its JSON path, blanks around it ignored. */
export const field: Parser<Field> = lexeme(
  map(
    sequence(fieldName, optional(jsonPath)),
    ([name, path]) => ({ name, path: path ?? [] }),
  ),
);
