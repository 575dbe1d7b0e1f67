// The preview of an answer: one, so that whoever says yes in words has seen what to.
import { AppError } from "../../errors/app_error.ts";
import type { PendingAction } from "../proposals/proposal.ts";
import { type ProposalToStore, summaryOf } from "../proposals/propose_action.ts";
import type { RunFinding, ToolFinding } from "./parts.ts";
import type { AnswerSoFar, TurnState } from "./turn_state.ts";

/** Told to whoever proposes more than an answer can show. */
const ONE_PREVIEW =
  "Another preview of this answer waits for the person, and only one can be shown. Nothing was " +
  "proposed: tell them what is left, for when they have decided.";

/**
 * Puts what was found before the person.
 *
 * @param answer The answer so far. A preview that waits for a yes stays in it, whatever comes after: who
 *   says yes must have seen what to.
 * @param finding What was found.
 */
export function showFinding(answer: AnswerSoFar, finding: ToolFinding | RunFinding): void {
  const pending = "pending" in finding ? finding.pending : null;
  const isKept = pending === null ? answer.pending !== null : hasOtherPreview(answer, pending);
  if (finding.panel !== null && !isKept) answer.panel = finding.panel;
  if (pending !== null && !isKept) answer.pending = pending;
  answer.plainText = finding.text;
}

function hasOtherPreview({ pending: shown }: AnswerSoFar, pending: PendingAction): boolean {
  return shown?.status === "open" && shown.id !== pending.id;
}

/**
 * Stores what would happen, for the person's yes.
 *
 * @param turn The turn.
 * @param request What it is.
 * @returns What waits; the same wish made before in the conversation waits no more.
 * @throws {AppError} `conflict` where the answer shows another preview already, and what the database
 *   refuses.
 */
export async function storePreview(
  turn: TurnState,
  request: Pick<ProposalToStore, "key" | "proposal" | "summary">,
): Promise<PendingAction> {
  // Whoever continues a turn that broke off here must find what led to it, and its taint
  await turn.journal.flush();
  const pending = await turn.parts.propose(turn.ctx, {
    ...request,
    turnId: turn.id,
    isTainted: turn.journal.isTainted,
    replaces: turn.replaces ?? findSameWish(turn, request),
  });
  if (pending.status === "open" && hasOtherPreview(turn.answer, pending)) {
    await turn.parts.cancel(turn.ctx, pending.id);
    throw new AppError("conflict", { detail: ONE_PREVIEW });
  }
  turn.evidence.addRows(pending);
  return pending;
}

/** The same thing proposed again takes the older preview's place: nobody could tell them apart. */
function findSameWish(
  { context, id }: TurnState,
  request: Pick<ProposalToStore, "proposal" | "summary">,
): string | null {
  const summary = summaryOf(request);
  const same = context.open_actions.find((open) => open.summary === summary && open.turn_id !== id);
  return same?.id ?? null;
}
