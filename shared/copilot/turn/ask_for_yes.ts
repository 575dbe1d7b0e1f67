// How an answer asks for a yes, and whether the last one did: a bare "yes" answers what was asked last,
// and what that was must not hang on the words of a model.
import type { ReplyMoment } from "../replies/read_reply.ts";
import type { OpenAction, TurnContext } from "./turn_store.ts";

/** Before what waits, at the end of an answer in a model's words that shows a preview. */
export const WAITING = "\n\nWaiting for your yes: ";

/**
 * Asks back what a reply means to what is open.
 *
 * @param open What is open; at least one.
 */
export function askWhichAction(open: readonly Pick<OpenAction, "summary">[]): string {
  const [only] = open;
  return open.length === 1 && only !== undefined
    ? `This waits for you: ${only.summary}\nNothing has been done. Say “confirm” to do exactly that, ` +
      "“cancel” to drop it, or tell me what to change."
    : `These wait for you, and I don't know which one you mean:\n${
      open.map(({ summary }) => `• ${summary}`).join("\n")
    }\nNothing has been done. Say which one to confirm or to cancel.`;
}

/**
 * Reads what the last answer asked.
 *
 * @param context What the turn begins with.
 */
export function readMoment(
  { history, clarification, open_actions: open }: TurnContext,
): ReplyMoment {
  // Its options are what it asked about
  if (clarification !== null) return { isAsked: false };
  const last = history.at(-1);
  const said = last?.role === "assistant" ? last.text : "";
  if (said === askWhichAction(open)) return { isAsked: true };
  const words = said.slice(0, Math.max(0, said.lastIndexOf(WAITING)));
  return { isAsked: isNewerThanQuestion(history, open), asksMore: /[?？؟]/.test(words) };
}

/** An action that is older than the last question was not shown by its answer. */
function isNewerThanQuestion(
  history: TurnContext["history"],
  open: readonly OpenAction[],
): boolean {
  const lastQuestion = history.findLast(({ role }) => role === "user");
  if (lastQuestion === undefined) return false;
  const since = Date.parse(lastQuestion.created_at);
  return open.some(({ created_at: createdAt }) => Date.parse(createdAt) >= since);
}
