// What the query string of a request says, before anything is looked up in the schema.

/** One step into a JSON value: `->key`, `->>key`, `->0`. */
export interface JsonStep {
  readonly arrow: "->" | "->>";
  readonly kind: "key" | "index";
  readonly value: string;
}

/** A column, possibly a place inside its JSON value. */
export interface Field {
  readonly name: string;
  readonly path: readonly JsonStep[];
}

export type AggregateFunction = "sum" | "avg" | "count" | "max" | "min";
export type JoinType = "inner" | "left";

/** `alias:column->path::cast.sum()::cast` */
export interface SelectColumn {
  readonly kind: "column";
  readonly field: Field;
  readonly aggregate?: AggregateFunction | undefined;
  readonly aggregateCast?: string | undefined;
  readonly cast?: string | undefined;
  readonly alias?: string | undefined;
}

/** `alias:relation!hint!inner(...)` or `...relation(...)` */
export interface SelectRelation {
  readonly kind: "relation";
  readonly name: string;
  readonly spread: boolean;
  readonly alias?: string | undefined;
  readonly hint?: string | undefined;
  readonly join?: JoinType | undefined;
  readonly children: readonly SelectItem[];
}

export type SelectItem = SelectColumn | SelectRelation;

export type SimpleOperator = "neq" | "cs" | "cd" | "ov" | "sl" | "sr" | "nxr" | "nxl" | "adj";
export type QuantifiableOperator =
  | "eq"
  | "gte"
  | "gt"
  | "lte"
  | "lt"
  | "like"
  | "ilike"
  | "match"
  | "imatch";
export type SearchOperator = "fts" | "plfts" | "phfts" | "wfts";
export type Quantifier = "any" | "all";
export type IsValue = "null" | "not_null" | "true" | "false" | "unknown";

/** What a filter compares its field with. */
export type Operation =
  | { readonly kind: "simple"; readonly operator: SimpleOperator; readonly value: string }
  | {
    readonly kind: "quantified";
    readonly operator: QuantifiableOperator;
    readonly quantifier?: Quantifier | undefined;
    readonly value: string;
  }
  | { readonly kind: "in"; readonly values: readonly string[] }
  | { readonly kind: "is"; readonly value: IsValue }
  | { readonly kind: "isdistinct"; readonly value: string }
  | {
    readonly kind: "search";
    readonly operator: SearchOperator;
    readonly language?: string | undefined;
    readonly value: string;
  };

/** An operation, possibly negated. */
export interface OperatorExpression {
  readonly negated: boolean;
  readonly operation: Operation;
}

export interface Filter extends OperatorExpression {
  readonly kind: "filter";
  readonly field: Field;
}

/** A tree of `and`, `or` and filters. */
export type LogicTree = Filter | {
  readonly kind: "logic";
  readonly negated: boolean;
  readonly operator: "and" | "or";
  readonly children: readonly LogicTree[];
};

/** `column.desc.nullslast`, or `relation(column)` for a to-one embed. */
export interface OrderTerm {
  readonly relation?: string | undefined;
  readonly field: Field;
  readonly direction?: "asc" | "desc" | undefined;
  readonly nulls?: "nullsfirst" | "nullslast" | undefined;
}

/** Something that is meant for the embed at the end of the path; the empty path is the top level. */
export interface Placed<T> {
  readonly path: readonly string[];
  readonly value: T;
}
