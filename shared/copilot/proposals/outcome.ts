// What deciding about a stored action comes to.
import { z } from "zod";
import { PendingAction } from "./proposal.ts";

/** What became of one effect. */
export const EffectResult = z.strictObject({
  position: z.int().nonnegative().describe(
    "Which of the action's effects, from 0.",
  ),
  kind: z.string(),
  status: z.enum(["done", "queued", "failed"]),
  table: z.string().nullable().describe(
    "Table of the row that it made or changed.",
  ),
  id: z.uuid().nullable().describe("Id of that row."),
  external_id: z.string().nullable().describe(
    "Id of what was sent, at the service.",
  ),
  error_code: z.string().nullable(),
});
/** See the schema of the same name. */
export type EffectResult = z.infer<typeof EffectResult>;

/** What a decision came to. Everything but `executed`, `queued` and `undone` changed nothing. */
export const Outcome = z.enum([
  "executed",
  "queued",
  "already_decided",
  "expired",
  "changed",
  "failed",
  "cancelled",
  "undone",
  "already_undone",
  "not_reversible",
  "too_late",
  "changed_since",
]);
/** See the schema of the same name. */
export type Outcome = z.infer<typeof Outcome>;

/** An action after somebody decided about it. */
export const ActionOutcome = z.strictObject({
  outcome: Outcome,
  action: PendingAction,
  error_code: z.string().nullable().default(null).describe(
    "Why it failed; null otherwise.",
  ),
  results: z.array(EffectResult).default([]),
}).describe("What the decision came to, and what became of each effect.");
/** See the schema of the same name. */
export type ActionOutcome = z.infer<typeof ActionOutcome>;

/** An action and what became of it so far. */
export const ActionState = z.strictObject({
  action: PendingAction,
  error_code: z.string().nullable(),
  results: z.array(EffectResult),
}).describe("A stored action, and what became of each effect so far.");
/** See the schema of the same name. */
export type ActionState = z.infer<typeof ActionState>;
