// The sentences of a transcript, with who said them and where.
import type { Segment } from "../contract.ts";
import { MARKUP } from "../../../words/word_lists.ts";

/** One sentence as it was said. */
export interface Sentence {
  readonly text: string;
  readonly seq: number;
  readonly speaker: string | null;
  /** Where it stands. */
  readonly segment: Segment;
}

const MAX_LENGTH = 600;
/** A space, but for scripts that have none; not after an initial, as in "J. Smith". */
const SENTENCE_END = /(?<=(?<!\b\p{Lu})[.!?…]["'’”)]*) (?=\S)|(?<=[。！？])/u;

/**
 * Splits an utterance.
 *
 * @param segment The utterance.
 * @returns Its sentences; without those that could act where they are shown, and without words.
 */
export function splitSentences(segment: Segment): Sentence[] {
  return segment.text.replace(/\s+/g, " ").split(SENTENCE_END)
    .map((text) => shorten(text.trim()))
    .filter((text) => /\p{L}/u.test(text) && !MARKUP.test(text))
    .map((text) => ({
      text,
      seq: segment.seq,
      speaker: segment.speaker_name,
      segment,
    }));
}

/** What was written down without a full stop is quoted as far as it fits. */
function shorten(text: string): string {
  return text.length <= MAX_LENGTH ? text : text.slice(0, MAX_LENGTH).replace(/\s+\S*$/u, "");
}
