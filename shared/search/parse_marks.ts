// Turns marked text into plain text and offsets. The database marks a match by two characters of
// Unicode's private use area, which it first takes out of the text, so nothing said in a meeting can
// pretend to be a mark, and nothing has to be escaped.
import type { Snippet } from "./contract.ts";

const START = "\uE000";
const STOP = "\uE001";

/**
 * Reads marked text.
 *
 * @param marked Text with a start and a stop mark around each match.
 * @returns The text without marks, and where the matches are in it.
 */
export function parseMarks(marked: string): Snippet {
  let text = "";
  let start: number | null = null;
  const highlights: { start: number; end: number }[] = [];
  for (const part of marked.split(/([\uE000\uE001])/)) {
    if (part === START) start = text.length;
    else if (part !== STOP) text += part;
    else if (start !== null) {
      if (text.length > start) highlights.push({ start, end: text.length });
      start = null;
    }
  }
  return { text, highlights };
}
