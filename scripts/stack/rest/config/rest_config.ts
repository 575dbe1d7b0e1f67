// The settings in force: those that the room was made with, overridden by those kept in the database.
import type { QualifiedName } from "../schema_cache/names.ts";

/** Settings of a role, applied to each of its transactions. */
export interface RoleSettings {
  readonly settings: ReadonlyArray<readonly [string, string]>;
  readonly isolation: string | undefined;
}

/** Everything about the API that can be configured. */
export interface RestConfig {
  readonly schemas: readonly string[];
  readonly extraSearchPath: readonly string[];
  /** The role of callers without a token; null when they are turned away. */
  readonly anonRole: string | null;
  readonly maxRows: number | null;
  readonly preRequest: QualifiedName | null;
  readonly aggregatesEnabled: boolean;
  readonly planEnabled: boolean;
  /** Whether `Prefer: tx=...` is honoured. */
  readonly mayEndTransaction: boolean;
  /** Whether transactions are rolled back unless the caller prefers otherwise. */
  readonly rollsBack: boolean;
  readonly hoistedSettings: readonly string[];
  readonly openApiMode: "follow-privileges" | "ignore-privileges" | "disabled";
  /** A function that answers for the root path. */
  readonly rootSpec: string | null;
  /** Settings that every transaction gets, as `app.settings.*`. */
  readonly appSettings: ReadonlyArray<readonly [string, string]>;
  readonly roleSettings: ReadonlyMap<string, RoleSettings>;
}

/** The settings of a room to begin with. */
export const DEFAULT_CONFIG: RestConfig = {
  schemas: ["public"],
  extraSearchPath: ["public"],
  anonRole: null,
  maxRows: null,
  preRequest: null,
  aggregatesEnabled: false,
  planEnabled: false,
  mayEndTransaction: false,
  rollsBack: false,
  hoistedSettings: [
    "statement_timeout",
    "plan_filter.statement_cost_limit",
    "default_transaction_isolation",
  ],
  openApiMode: "follow-privileges",
  rootSpec: null,
  appSettings: [],
  roleSettings: new Map(),
};
