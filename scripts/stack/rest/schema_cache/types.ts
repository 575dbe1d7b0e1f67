// What is known about the database: tables, relationships, functions, media types.
import type { QualifiedName } from "./names.ts";

export interface Column {
  readonly name: string;
  readonly description: string | null;
  readonly isNullable: boolean;
  /** The type, with domains over built-in types resolved. */
  readonly type: string;
  /** The type as declared. */
  readonly nominalType: string;
  readonly maxLength: number | null;
  readonly defaultValue: string | null;
  readonly enumValues: readonly string[];
}

export interface Table extends QualifiedName {
  readonly description: string | null;
  readonly isView: boolean;
  readonly isInsertable: boolean;
  readonly isUpdatable: boolean;
  readonly isDeletable: boolean;
  readonly primaryKey: readonly string[];
  readonly columns: ReadonlyMap<string, Column>;
}

/** A column of one side and the column of the other side that it meets. */
export type ColumnPair = readonly [string, string];

export interface Junction {
  readonly table: QualifiedName;
  readonly constraint1: string;
  readonly constraint2: string;
  readonly sourceColumns: readonly ColumnPair[];
  readonly targetColumns: readonly ColumnPair[];
}

export type Cardinality =
  | {
    readonly kind: "o2m" | "m2o";
    readonly constraint: string;
    readonly columns: readonly ColumnPair[];
  }
  | {
    readonly kind: "o2o";
    readonly constraint: string;
    readonly columns: readonly ColumnPair[];
    readonly isParent: boolean;
  }
  | { readonly kind: "m2m"; readonly junction: Junction };

/** A relationship that follows from foreign keys. */
export interface KeyRelationship {
  readonly kind: "key";
  readonly table: QualifiedName;
  readonly foreignTable: QualifiedName;
  readonly isSelf: boolean;
  readonly cardinality: Cardinality;
  readonly tableIsView: boolean;
  readonly foreignTableIsView: boolean;
}

/** A relationship that a function computes. */
export interface ComputedRelationship {
  readonly kind: "computed";
  readonly function: QualifiedName;
  readonly table: QualifiedName;
  readonly foreignTable: QualifiedName;
  readonly isToOne: boolean;
  readonly isSelf: boolean;
}

export type Relationship = KeyRelationship | ComputedRelationship;

/** Whether each row has at most one row on the other side. */
export function isToOne(relationship: Relationship): boolean {
  if (relationship.kind === "computed") return relationship.isToOne;
  return relationship.cardinality.kind === "m2o" || relationship.cardinality.kind === "o2o";
}

export interface RoutineParameter {
  readonly name: string;
  readonly type: string;
  /** The type without a length that would cut values off. */
  readonly unboundedType: string;
  readonly isRequired: boolean;
  readonly isVariadic: boolean;
}

export interface Routine extends QualifiedName {
  readonly description: string | null;
  readonly parameters: readonly RoutineParameter[];
  readonly returnType: QualifiedName;
  readonly returnsSet: boolean;
  readonly returnsComposite: boolean;
  readonly volatility: "volatile" | "stable" | "immutable";
  readonly isVariadic: boolean;
  readonly isolation: string | null;
  readonly settings: ReadonlyArray<readonly [string, string]>;
}

/** Whether the function returns a single value that is no row. */
export function returnsScalar(routine: Routine): boolean {
  return !routine.returnsSet && !routine.returnsComposite;
}

/** Whether the function returns a set of values that are no rows. */
export function returnsSetOfScalar(routine: Routine): boolean {
  return routine.returnsSet && !routine.returnsComposite;
}

/** Whether the function returns nothing. */
export function returnsVoid(routine: Routine): boolean {
  return returnsScalar(routine) && routine.returnType.schema === "pg_catalog" &&
    routine.returnType.name === "void";
}

/** A function or aggregate that makes a media type of rows. */
export interface MediaHandler {
  readonly function: QualifiedName;
  /** The row type that it takes; null when it takes any. */
  readonly target: QualifiedName | null;
  readonly mediaType: string;
  readonly resolvedMediaType: string;
}

/** Everything that requests are planned against. */
export interface SchemaCache {
  readonly tables: ReadonlyMap<string, Table>;
  /** By the key of the table, then the schema of the foreign table. */
  readonly relationships: ReadonlyMap<string, ReadonlyMap<string, readonly Relationship[]>>;
  readonly routines: ReadonlyMap<string, readonly Routine[]>;
  /** Functions that convert domains, by `source\0target`. */
  readonly representations: ReadonlyMap<string, string>;
  readonly mediaHandlers: readonly MediaHandler[];
  readonly timezones: ReadonlySet<string>;
}
