// Which option of a question a kept message chose, so that its label can be shown with it.
import { Clarification } from "../panels/clarification.ts";
import { CHOICE } from "./choice_message.ts";

/** An option as it was chosen. */
export interface ChosenOption {
  readonly clarification_id: string;
  readonly option_id: string;
  readonly label: string;
}

/**
 * Reads which option a message chose.
 *
 * @param text What is kept of it.
 * @param panel The panel of the answer before it; anything.
 * @returns The option with its label; null where it chose none.
 */
export function chosenOption(text: string, panel: unknown): ChosenOption | null {
  const id = CHOICE.exec(text)?.[1];
  const question = id === undefined ? undefined : Clarification.safeParse(panel).data;
  const option = question?.options.find((one) => one.id === id);
  return question === undefined || option === undefined
    ? null
    : { clarification_id: question.id, option_id: option.id, label: option.label };
}
