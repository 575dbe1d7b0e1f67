// Words on their way out: what a person reads in a preview is what leaves, so nothing may be in them
// that is not seen.

/** Controls but tab and line feed, and characters that turn the direction of what is read. */
const UNSEEN = /(?![\t\n])\p{Cc}|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/**
 * Cleans a text of several lines.
 *
 * @param text Anything that somebody wrote.
 * @returns The same words with line feeds as the only line breaks.
 */
export function cleanText(text: string): string {
  return text.replace(/\r\n?|[\u0085\u2028\u2029]/g, "\n").replace(UNSEEN, "")
    .toWellFormed()
    .trim();
}

/**
 * Cleans a text of one line.
 *
 * @param text Anything that somebody wrote.
 * @returns The same words on one line.
 */
export function cleanLine(text: string): string {
  return cleanText(text).replace(/\s+/g, " ");
}
