// The mood of a meeting by its words: a count, not a judgement. Few words show nothing.
import type { MeetingAnalysis } from "../contract.ts";
import type { Sentence } from "./sentences.ts";

const GOOD =
  /\b(?:great|love|loved|excellent|perfect|awesome|fantastic|amazing|excited|impressed|impressive|helpful|happy|thrilled|exactly what we need(?:ed)?|makes sense|sounds good|like (?:it|that|this)|looking forward)\b/gi;
const BAD =
  /\b(?:frustrat(?:ed|ing)|disappoint(?:ed|ing)|annoy(?:ed|ing)|terrible|awful|unhappy|upset|worried|concerned|problem|problems|expensive|difficult|confusing|broken|unacceptable|hate|slow|painful|struggl(?:e|ing)|failed|failing|cancel(?:led|ling)?)\b/gi;
const NEGATION =
  /\b(?:not|no|never|without|isn['’]t|wasn['’]t|don['’]t|doesn['’]t|didn['’]t|hardly)\b[^,;]{0,25}$/i;
const MIN_HITS = 2;

/** A mood and what shows it. */
export interface Mood {
  readonly label: NonNullable<MeetingAnalysis["sentiment"]>;
  readonly segments: readonly number[];
}

/**
 * Reads the mood.
 *
 * @param sentences What was said.
 * @returns Null where too little shows one.
 */
export function readSentiment(sentences: readonly Sentence[]): Mood | null {
  const good = new Set<number>();
  const bad = new Set<number>();
  let goods = 0;
  let bads = 0;
  for (const { text, seq } of sentences) {
    const [pros, cons] = [count(text, GOOD), count(text, BAD)];
    goods += pros.plain + cons.negated;
    bads += cons.plain + pros.negated;
    if (pros.plain + cons.negated > 0) good.add(seq);
    if (cons.plain + pros.negated > 0) bad.add(seq);
  }
  if (goods + bads < MIN_HITS) return null;
  const share = goods / (goods + bads);
  const label = share >= 0.7 ? "positive" : share <= 0.3 ? "negative" : "mixed";
  const shown = label === "positive" ? good : label === "negative" ? bad : [...good, ...bad];
  return { label, segments: [...new Set(shown)].sort((a, b) => a - b).slice(0, 20) };
}

function count(text: string, pattern: RegExp): { plain: number; negated: number } {
  let plain = 0;
  let negated = 0;
  for (const match of text.matchAll(pattern)) {
    if (NEGATION.test(text.slice(0, match.index))) negated += 1;
    else plain += 1;
  }
  return { plain, negated };
}
