// A summary of quotations: the sentences whose words the meeting came back to most, in their order.
import { STOP_WORDS } from "../../../words/word_lists.ts";
import type { Sentence } from "./sentences.ts";

const MAX_SENTENCES = 5;
const MIN_WORDS = 5;
/** What stands in most sentences is a manner of speaking. */
const MAX_SHARE = 0.3;
const MIN_FOR_SHARE = 20;

/** A summary and where it comes from. */
export interface QuotedSummary {
  readonly text: string;
  readonly segments: readonly number[];
}

/**
 * Chooses sentences.
 *
 * @param sentences What was said.
 * @returns Speakers and their words; empty where nothing was said.
 */
export function summarize(sentences: readonly Sentence[]): QuotedSummary {
  const words = sentences.map(({ text }) => meaningOf(text));
  const frequency = new Map<string, number>();
  for (const word of words.flatMap((each) => [...each])) {
    frequency.set(word, (frequency.get(word) ?? 0) + 1);
  }
  const limit = sentences.length >= MIN_FOR_SHARE ? sentences.length * MAX_SHARE : Infinity;
  const scored = sentences.map((sentence, place) => {
    const meaning = [...words[place] ?? []];
    const sum = meaning.reduce((total, word) => {
      const times = frequency.get(word) ?? 0;
      return times > limit ? total : total + Math.log1p(times - 1);
    }, 0);
    // By the word, so that the longest sentence does not always win; questions tell less
    const length = Math.max(meaning.length, MIN_WORDS) ** 0.7;
    return { sentence, place, score: sum / length * (sentence.text.endsWith("?") ? 0.5 : 1) };
  });
  const chosen = scored.filter(({ place }) => (words[place]?.size ?? 0) >= MIN_WORDS)
    .sort((a, b) => b.score - a.score || a.place - b.place).slice(0, MAX_SENTENCES);
  // A short talk has no long sentence: its first ones must do
  const used = (chosen.length > 0 ? chosen : scored.slice(0, 2)).sort((a, b) => a.place - b.place);
  return {
    text: used.map(({ sentence: { speaker, text } }) => speaker ? `${speaker}: ${text}` : text)
      .join(" "),
    segments: [...new Set(used.map(({ sentence }) => sentence.seq))],
  };
}

function meaningOf(text: string): ReadonlySet<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+(?:['’][\p{L}]+)?/gu) ?? [];
  return new Set(words.filter((word) => word.length > 2 && !STOP_WORDS.has(word)));
}
