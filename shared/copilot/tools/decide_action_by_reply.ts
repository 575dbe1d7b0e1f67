// A yes or a no that was written: what it came to, as an answer.
import type { ActionContext, EvidenceRow } from "../actions/action.ts";
import { cancelAction, confirmAction, readAction } from "../proposals/decide_action.ts";
import { actionResultPanel, buildActionResult } from "../panels/action_result.ts";
import type { ActionOutcome } from "../proposals/outcome.ts";
import { EVIDENCE_TABLES } from "../actions/action.ts";
import type { Decision } from "../turn/parts.ts";

/**
 * Says yes for the person.
 *
 * @param ctx The person.
 * @param id The action.
 * @param sha256 Hash of what they saw; null takes what is stored, for a yes that was kept already.
 */
export async function confirmByReply(
  ctx: ActionContext,
  id: string,
  sha256: string | null,
): Promise<Decision> {
  if (sha256 !== null) {
    return toDecision(await confirmAction(ctx, { id, payload_sha256: sha256 }));
  }
  // This yes was kept before, by a worker that died: what it did, if it did, is what is told
  const { action } = await readAction(ctx, id);
  const made = await confirmAction(ctx, { id, payload_sha256: action.payload_sha256 });
  const isDone = made.outcome === "already_decided" && made.action.status === "executed";
  return toDecision(isDone ? { ...made, outcome: "executed" } : made);
}

/**
 * Says no for the person.
 *
 * @param ctx The person.
 * @param id The action.
 */
export async function cancelByReply(ctx: ActionContext, id: string): Promise<Decision> {
  return toDecision(await cancelAction(ctx, id));
}

function toDecision(outcome: ActionOutcome): Decision {
  const panel = buildActionResult(outcome);
  return {
    outcome: outcome.outcome,
    text: actionResultPanel.describe(panel),
    panel,
    pending: null,
    evidence: outcome.results.flatMap(({ table, id }) => evidenceOf(table, id)),
  };
}

function evidenceOf(table: string | null, id: string | null): EvidenceRow[] {
  const known = EVIDENCE_TABLES.find((name) => name === table);
  return known === undefined || id === null ? [] : [{ table: known, id }];
}
