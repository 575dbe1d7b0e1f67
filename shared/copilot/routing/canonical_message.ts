// One way of writing a message, so that phrasings can be compared as wholes.

const MESSAGE_MAX_CHARACTERS = 160;
const POLITE_START =
  /^(?:(?:hi|hello|hey|ok|okay|please|copilot|can you|could you|would you|can you please|could you please)[, ]+)+/;
const POLITE_END = /(?:[, ]+(?:please|thanks|thank you))+$/;

/**
 * Writes a message in lower case, with straight quotes and single spaces, without pleasantries and
 * closing punctuation.
 *
 * @param message What the person wrote.
 * @returns The message; null where it is empty, has several lines or is too long to be a phrase.
 */
export function canonicalMessage(message: string): string | null {
  const trimmed = message.trim();
  if (trimmed.length > MESSAGE_MAX_CHARACTERS || /[\r\n]/.test(trimmed)) return null;
  const text = trimmed.normalize("NFKC").toLowerCase()
    .replaceAll(/[’‘`]/g, "'").replaceAll(/\s+/g, " ")
    .replace(/[ ?.!]+$/, "").replace(POLITE_END, "").replace(/[ ?.!]+$/, "")
    .replace(POLITE_START, "").replace(/^whats /, "what's ").replace(/^what is /, "what's ");
  return text === "" ? null : text;
}

/**
 * Makes an expression that a whole canonical message must match.
 *
 * @param source The expression, without anchors.
 */
export function whole(source: string): RegExp {
  return new RegExp(`^(?:${source})$`);
}
