// Parses `order=`: columns, directions, places of nulls, and columns of to-one embeds.
import { delimiter, field, fieldName, lexeme } from "./field_parser.ts";
import { parseTreePath } from "./filter_parser.ts";
import { parseOrFail } from "./parse_failure.ts";
import {
  attempt,
  between,
  char,
  choice,
  endOfInput,
  lookAhead,
  map,
  optional,
  type Parser,
  separated1,
  sequence,
  skip,
  text,
  then,
} from "./parser.ts";
import type { OrderTerm, Placed } from "./query_types.ts";

const direction = choice<"asc" | "desc">(
  attempt(map(then(delimiter, text("asc")), () => "asc")),
  attempt(map(then(delimiter, text("desc")), () => "desc")),
);

const nulls = choice<"nullsfirst" | "nullslast">(
  attempt(map(then(delimiter, text("nullsfirst")), () => "nullsfirst")),
  attempt(map(then(delimiter, text("nullslast")), () => "nullslast")),
);

const endOfTerm = choice<unknown>(attempt(lookAhead(char(","))), attempt(endOfInput));

const placeOfNulls: Parser<OrderTerm["nulls"]> = choice(
  skip(optional(nulls), endOfTerm),
  map(endOfTerm, () => undefined),
);

const relationTerm: Parser<OrderTerm> = map(
  sequence(fieldName, between(char("("), char(")"), field), optional(direction), placeOfNulls),
  ([relation, column, way, where]) => ({ relation, field: column, direction: way, nulls: where }),
);

const columnTerm: Parser<OrderTerm> = map(
  sequence(field, optional(direction), placeOfNulls),
  ([column, way, where]) => ({ field: column, direction: way, nulls: where }),
);

const orderTerms = separated1(lexeme(choice(attempt(relationTerm), columnTerm)), char(","));

/** Parses `order=` or `rel.order=`. */
export function parseOrder(key: string, value: string): Placed<readonly OrderTerm[]> {
  return {
    path: parseTreePath(key).path,
    value: parseOrFail(orderTerms, `failed to parse order (${value})`, value),
  };
}
