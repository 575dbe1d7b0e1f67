// Holds what a model says against what was read before anybody sees it: sentence by sentence, as it
// streams. A sentence with a number, day, amount or name that nothing bears out is left out; markup
// and addresses never get through (law 7).
import { areFactsBorneOut } from "./facts.ts";
import type { Evidence } from "./evidence.ts";
import { plainTextOf } from "./plain_text_of.ts";

/** What the guard knows. */
export interface GuardOptions {
  /** May grow while the text streams. */
  readonly evidence: Evidence;
}

/** A text on its way. */
export interface TextGuard {
  /**
   * Takes the next piece.
   *
   * @param chunk As it came, of any length.
   * @returns What may be shown now; often nothing, until a sentence ends.
   */
  push(chunk: string): string;
  /** Ends the text. Returns the rest of what may be shown. */
  end(): string;
  /** How many sentences, addresses and pieces of markup were taken out so far. */
  readonly removed: number;
}

/** A sentence that is longer is cut at a space: nothing is held back for ever. */
const SENTENCE_MAX = 600;
/** A sentence has ended when something follows it; "1." and "Dr." begin one. */
const SENTENCE_END =
  /(?:(?<!(?:^|\n)\s*\d{1,2}|\b(?:e\.g|i\.e|dr|mr|mrs|ms|vs|approx|no|st|inc|ltd|co|p\.m|a\.m))\.|[!?…。！？])["'”’)\]*_]*\s+|\n\s*/giu;

/**
 * Starts to guard a text.
 *
 * @param options What may be said.
 */
export function guardText({ evidence }: GuardOptions): TextGuard {
  let held = "";
  let removed = 0;
  const release = (sentence: string): string => {
    const cleaned = plainTextOf(sentence, evidence);
    removed += cleaned.removed;
    if (areFactsBorneOut(cleaned.text, evidence)) return cleaned.text;
    removed++;
    // The lines stay apart
    return /\n\s*$/.exec(sentence)?.[0] ?? "";
  };
  const drain = (): string => {
    let out = "";
    for (let cut = endOfSentence(held); cut > 0; cut = endOfSentence(held)) {
      out += release(held.slice(0, cut));
      held = held.slice(cut);
    }
    return out;
  };
  return {
    push(chunk) {
      held += chunk;
      return drain();
    },
    end() {
      const out = drain() + (held === "" ? "" : release(held));
      held = "";
      return out.trimEnd();
    },
    get removed() {
      return removed;
    },
  };
}

/**
 * Where the first sentence ends; 0 while that is not known. It depends on nothing that comes after
 * the next visible character, so the chunks do not matter.
 */
function endOfSentence(held: string): number {
  for (const match of held.matchAll(SENTENCE_END)) {
    const end = match.index + match[0].length;
    if (end > SENTENCE_MAX) break;
    if (end < held.length && !isInsideMarkup(held.slice(0, end))) return end;
  }
  if (held.length <= SENTENCE_MAX) return 0;
  const space = held.lastIndexOf(" ", SENTENCE_MAX - 1);
  return space > 0 ? space + 1 : SENTENCE_MAX;
}

/** A tag or a link that was begun and not ended; it must be seen whole. */
function isInsideMarkup(text: string): boolean {
  return /<[a-z!/][^<>]*$|\[[^\]]*$|\]\([^)]*$/i.test(text);
}
