// What is said, and kept, when an option was chosen: which one it is, in words of ours. A label can be
// words of people outside, such as a meeting's title, and what a person says has rights that those
// don't have: it is no data to a model, it bears sentences out, and addresses in it may be written to.
import type { ChatInput } from "../chat_input.ts";

/** A message that chooses, and which option. */
export const CHOICE = /^Option ([1-4])$/;

/**
 * Says which option was chosen.
 *
 * @param optionId Its id; anything else names no option.
 */
export function choiceMessage(optionId: string): string {
  const message = `Option ${optionId}`;
  return CHOICE.test(message) ? message : "An option";
}

/**
 * Puts our own words in the place of those that a client sent with a choice.
 *
 * @param input What came.
 * @returns The same where nothing was chosen.
 */
export function asSaid<T extends Pick<ChatInput, "message" | "selection">>(input: T): T {
  return input.selection === undefined
    ? input
    : { ...input, message: choiceMessage(input.selection.option_id) };
}
