// Asking the person instead of going on: the turn ends with a question whose options carry what
// choosing them runs (U60-011). Nothing has run by then that the question is about.
import type { StoredClarification } from "../clarify/clarification.ts";
import { clarificationPanel } from "../panels/clarification.ts";
import type { TurnState } from "./turn_state.ts";

/** Thrown where going on would be guessing; the answer holds the question. */
export class AskedBackError extends Error {
  override readonly name = "AskedBackError";
}

/**
 * Makes a question the turn's answer.
 *
 * @param turn The turn.
 * @param clarification The question.
 * @returns What to throw where work has to stop for it.
 */
export function askBack(
  turn: Pick<TurnState, "answer">,
  clarification: StoredClarification,
): AskedBackError {
  turn.answer.panel = clarification.panel;
  turn.answer.clarification = clarification;
  turn.answer.plainText = clarificationPanel.describe(clarification.panel);
  return new AskedBackError("asked back");
}
