// The plan of a read: a tree of queries, one for the top level and one for each embed.
import type {
  AggregateFunction,
  JoinType,
  JsonStep,
  OperatorExpression,
} from "../request/query_types.ts";
import type { RowRange } from "../request/row_range.ts";
import type { QualifiedName } from "../schema_cache/names.ts";
import type { Relationship } from "../schema_cache/types.ts";

/** A column as the plan knows it: its type, and what is to be done to its values. */
export interface PlannedField {
  readonly name: string;
  readonly path: readonly JsonStep[];
  /** Whether a JSON path needs the value made JSON first. */
  readonly isToJson: boolean;
  /** Set for a full-text filter on a column that is no tsvector; the language may be undefined. */
  readonly textSearch?: { readonly language: string | undefined } | undefined;
  /** The declared type; empty when the column is not known. */
  readonly nominalType: string;
  readonly baseType: string;
  /** A function that converts the value. */
  readonly transform?: string | undefined;
  readonly defaultValue: string | null;
  /** Whether the whole row is meant, as in a count of rows. */
  readonly isFullRow?: boolean;
}

export interface PlannedColumn {
  readonly field: PlannedField;
  readonly aggregate?: AggregateFunction | undefined;
  readonly aggregateCast?: string | undefined;
  readonly cast?: string | undefined;
  readonly alias?: string | undefined;
}

/** A condition of a query. */
export type PlannedCondition =
  | { readonly kind: "filter"; readonly field: PlannedField } & OperatorExpression
  | { readonly kind: "has-embed"; readonly negated: boolean; readonly alias: string }
  | {
    readonly kind: "logic";
    readonly negated: boolean;
    readonly operator: "and" | "or";
    readonly children: readonly PlannedCondition[];
  };

export interface PlannedOrder {
  /** The alias of a to-one embed whose column orders the rows. */
  readonly relation?: string | undefined;
  readonly field: PlannedField;
  readonly direction?: "asc" | "desc" | undefined;
  readonly nulls?: "nullsfirst" | "nullslast" | undefined;
}

export interface JoinCondition {
  readonly left: { readonly table: QualifiedName; readonly column: string };
  readonly right: { readonly table: QualifiedName; readonly column: string };
}

/** A column that a spread embed gives to its parent. */
export interface SpreadColumn {
  readonly name: string;
  readonly aggregate?: AggregateFunction | undefined;
  readonly aggregateCast?: string | undefined;
  readonly alias?: string | undefined;
}

/** How an embed appears among its parent's columns. */
export type EmbedColumn =
  | {
    readonly kind: "json";
    readonly name: string;
    readonly alias: string;
    readonly isArray: boolean;
    /** Nothing was selected of it: it only filters. */
    readonly isEmpty: boolean;
  }
  | { readonly kind: "spread"; readonly alias: string; readonly columns: readonly SpreadColumn[] };

/** A column that a to-many spread needs inside to order its values. */
export interface HiddenColumn {
  readonly relation?: string | undefined;
  readonly column: PlannedColumn;
}

export interface Spread {
  readonly kind: "one" | "many";
  readonly hidden: readonly HiddenColumn[];
  readonly order: readonly PlannedOrder[];
}

/** One query of the tree. The stages of planning fill it in, one after the other. */
export interface ReadNode {
  columns: PlannedColumn[];
  table: QualifiedName;
  tableAlias: string | undefined;
  conditions: PlannedCondition[];
  order: readonly PlannedOrder[];
  range: RowRange;
  readonly name: string;
  readonly alias: string | undefined;
  readonly hint: string | undefined;
  readonly join: JoinType | undefined;
  relationship: Relationship | undefined;
  /** For a computed relationship: how the parent's row is called. */
  parentReference: QualifiedName | undefined;
  joins: readonly JoinCondition[];
  /** The name under which the parent sees this embed. */
  aggregateAlias: string;
  spread: Spread | undefined;
  embeds: EmbedColumn[];
  readonly depth: number;
  readonly children: ReadNode[];
}

/** The name that a request uses for an embed. */
export function embedName(node: ReadNode): string {
  return node.alias ?? node.name;
}

/** A field about which nothing is known. */
export function unknownField(name: string, path: readonly JsonStep[] = []): PlannedField {
  return { name, path, isToJson: false, nominalType: "", baseType: "", defaultValue: null };
}
