// A yes or a no that was written: what it came to, as an answer.
import type { ActionContext, EvidenceRow } from "../actions/action.ts";
import { cancelAction, confirmAction, readAction } from "../proposals/decide_action.ts";
import type { ActionOutcome, Outcome } from "../proposals/outcome.ts";
import { EVIDENCE_TABLES } from "../actions/action.ts";
import type { StructuredResponse } from "../panels/catalogue.ts";
import type { Decision } from "../turn/parts.ts";

/** What each outcome means, said to the person. */
const SAID: Readonly<Record<Outcome, string>> = {
  executed: "Done",
  queued: "Confirmed, it is on its way",
  already_decided: "That was decided before; nothing has changed",
  expired: "That has expired, and nothing has been done. Ask again for a new preview",
  changed: "What waits is not what you saw, so nothing has been done. Please look at it again",
  failed: "That did not work, and nothing has changed",
  cancelled: "Cancelled; nothing has been done",
  undone: "Undone",
  already_undone: "That was undone before",
  not_reversible: "That cannot be undone",
  too_late: "It is too late to undo that",
  changed_since: "It has been changed since, so it was not undone",
};

/** Draws an outcome; null where there is no panel for it. */
export type DrawOutcome = (outcome: ActionOutcome) => StructuredResponse | null;

/**
 * Says yes for the person.
 *
 * @param ctx The person.
 * @param id The action.
 * @param sha256 Hash of what they saw; null takes what is stored, for a yes that was kept already.
 * @param draw Draws what it came to.
 */
export async function confirmByReply(
  ctx: ActionContext,
  id: string,
  sha256: string | null,
  draw: DrawOutcome,
): Promise<Decision> {
  const seen = sha256 ?? (await readAction(ctx, id)).action.payload_sha256;
  return toDecision(await confirmAction(ctx, { id, payload_sha256: seen }), draw);
}

/**
 * Says no for the person.
 *
 * @param ctx The person.
 * @param id The action.
 * @param draw Draws what it came to.
 */
export async function cancelByReply(
  ctx: ActionContext,
  id: string,
  draw: DrawOutcome,
): Promise<Decision> {
  return toDecision(await cancelAction(ctx, id), draw);
}

function toDecision(outcome: ActionOutcome, draw: DrawOutcome): Decision {
  const { action } = outcome;
  const undo = outcome.outcome === "executed" && action.is_reversible ? " It can be undone." : "";
  return {
    outcome: outcome.outcome,
    text: `${SAID[outcome.outcome]}: ${action.summary}.${undo}`,
    panel: draw(outcome),
    pending: null,
    evidence: outcome.results.flatMap(({ table, id }) => evidenceOf(table, id)),
  };
}

function evidenceOf(table: string | null, id: string | null): EvidenceRow[] {
  const known = EVIDENCE_TABLES.find((name) => name === table);
  return known === undefined || id === null ? [] : [{ table: known, id }];
}
