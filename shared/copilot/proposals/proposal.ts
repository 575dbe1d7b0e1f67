// What an action would do, worked out and not done; and what of it is stored until its owner says yes.
import { z } from "zod";
import type { EvidenceRow } from "../actions/action.ts";
import { Effect } from "./effect.ts";

/** One thing a proposal would do, as a person reads it before saying yes. */
export const EffectPreview = z.strictObject({
  kind: z.string(),
  /** "Email Dana Reyes: Next steps on the pilot". */
  summary: z.string().min(1).max(500),
  /** Everyone it reaches, by address or channel name; empty where it stays inside. */
  recipients: z.array(z.string().max(320)).max(60),
  /** What would be seen: fields and their values, in order; for changes, before and after. */
  fields: z.array(z.strictObject({
    name: z.string().max(60),
    value: z.string().max(20_000),
    before: z.string().max(20_000).nullable().optional(),
  })).max(20),
  is_reversible: z.boolean(),
});
/** See the schema of the same name. */
export type EffectPreview = z.infer<typeof EffectPreview>;

/** What `prepare` makes: effects with their previews, one for one, not stored yet. */
export interface Proposal {
  readonly effects: readonly Effect[];
  readonly previews: readonly EffectPreview[];
  /** Rows that it rests on. */
  readonly evidence: readonly EvidenceRow[];
}

/** A stored proposal, as its owner sees it. */
export const PendingAction = z.strictObject({
  id: z.uuid(),
  org_id: z.uuid(),
  conversation_id: z.uuid(),
  turn_id: z.uuid(),
  /** What it will do, in words. */
  summary: z.string(),
  effects: z.array(EffectPreview).min(1).max(10),
  /** SHA-256, in hex, of the canonical text of the effects: what confirming executes. */
  payload_sha256: z.string().regex(/^[0-9a-f]{64}$/),
  is_reversible: z.boolean().describe(
    "False as soon as one effect cannot be undone.",
  ),
  /** Whether words of people outside had been read before it was proposed. */
  is_tainted: z.boolean(),
  evidence: z.array(z.strictObject({ table: z.string(), id: z.uuid() })),
  status: z.enum([
    "open",
    "confirmed",
    "executing",
    "executed",
    "partly_failed",
    "failed",
    "cancelled",
    "replaced",
    "expired",
    "undone",
  ]),
  created_at: z.iso.datetime({ offset: true }),
  expires_at: z.iso.datetime({ offset: true }),
  decided_at: z.iso.datetime({ offset: true }).nullable(),
}).describe("Something the copilot would do, waiting for its owner's yes.");
/** See the schema of the same name. */
export type PendingAction = z.infer<typeof PendingAction>;
