// A question back, as it is stored with the answer that asks it: the panel, and for each option the
// exact action that choosing it runs. Clients get the panel only.
import { z } from "zod";
import { ActionName } from "../actions/action_names.ts";
import { Clarification, type ClarificationReason } from "../panels/clarification.ts";
import { plainLine } from "../panels/plain_text.ts";
import { choiceMessage } from "./choice_message.ts";

/** At least two, or there is nothing to ask; more than four nobody reads. */
export const OPTIONS_MIN = 2;
/** See above. */
export const OPTIONS_MAX = 4;

/** What choosing an option runs. */
export const ChosenAction = z.strictObject({
  action: ActionName,
  args: z.record(z.string(), z.json()),
});
/** See the schema of the same name. */
export type ChosenAction = z.infer<typeof ChosenAction>;

/** What is stored: `answer.clarification`. */
export const StoredClarification = z.strictObject({
  panel: Clarification,
  /** By option id. */
  actions: z.record(z.string().regex(/^[1-4]$/), ChosenAction),
}).refine(
  ({ panel, actions }) =>
    panel.options.length === Object.keys(actions).length &&
    panel.options.every(({ id }, index) => id === String(index + 1) && Object.hasOwn(actions, id)),
  { message: "must have an action for each option, and no other" },
);
/** See the schema of the same name. */
export type StoredClarification = z.infer<typeof StoredClarification>;

/** An option before it has its number. */
export interface ClarificationOption {
  /** A name, as somebody wrote it. */
  readonly label: string;
  readonly description: string | null;
  readonly chosen: ChosenAction;
}

/**
 * Builds a question. Nothing runs by it.
 *
 * @param question What is not clear, and how it is asked.
 * @param options The best first; beyond the fourth they are left out.
 * @returns What to store; null where there are fewer than two options.
 */
export function buildClarification(
  question: { readonly reason: ClarificationReason; readonly text: string },
  options: readonly ClarificationOption[],
): StoredClarification | null {
  if (options.length < OPTIONS_MIN) return null;
  const shown = options.slice(0, OPTIONS_MAX);
  return StoredClarification.parse({
    panel: {
      type: "clarification",
      version: 1,
      id: crypto.randomUUID(),
      reason: question.reason,
      question: plainLine(question.text, 300),
      options: shown.map(({ label, description }, index) => {
        const id = String(index + 1);
        const message = choiceMessage(id);
        const detail = description === null ? null : plainLine(description, 300) || null;
        return { id, label: plainLine(label) || message, description: detail, message };
      }),
    },
    actions: Object.fromEntries(shown.map(({ chosen }, index) => [String(index + 1), chosen])),
  });
}
