// An analysis without a model: what rules can tell from the words, sentence by sentence, each quoted as
// it was said and marked as found by rule. English; of other languages only the summary. It finds
// less than a model, and nothing that was not said.
import type { AnalysisSource, Insight, MeetingAnalysis } from "./contract.ts";
import { localDate } from "./plain_date.ts";
import { findActionItem } from "./rules/action_items.ts";
import { findCompetitors } from "./rules/competitors.ts";
import { isNextStep, isObjection } from "./rules/patterns.ts";
import { type Sentence, splitSentences } from "./rules/sentences.ts";
import { readSentiment } from "./rules/sentiment.ts";
import { summarize } from "./rules/summarize.ts";

const MAX_EACH = 20;
const ENGLISH = /^en\b/i;

/**
 * Analyzes a transcript by rules; the same words give the same analysis.
 *
 * @param source The words.
 * @returns What was found; no summary where nothing was said.
 */
export function extractByRules(source: AnalysisSource): MeetingAnalysis {
  const sentences = source.segments.flatMap(splitSentences);
  const isEnglish = source.language === null || ENGLISH.test(source.language);
  const today = localDate(source.started_at, source.time_zone);
  const summary = summarize(sentences);
  const sentiment = isEnglish ? readSentiment(sentences) : null;
  return {
    is_rule_based: true,
    model: null,
    summary: summary.text === "" ? null : summary.text,
    summary_segments: summary.segments,
    sentiment: sentiment?.label ?? null,
    sentiment_segments: sentiment?.segments ?? [],
    dropped_count: 0,
    insights: isEnglish ? findInsights(sentences, source, today) : [],
  };
}

function findInsights(
  sentences: readonly Sentence[],
  source: AnalysisSource,
  today: string,
): Insight[] {
  const found = new FoundInsights();
  for (const sentence of sentences) {
    const { text } = sentence;
    const action = found.isFull("action_item") ? null : findActionItem(sentence, source, today);
    if (action !== null) found.add(action);
    else if (!found.isFull("next_step") && isNextStep(text)) {
      found.add(quote("next_step", sentence));
    }
    if (!found.isFull("objection") && isObjection(text)) found.add(quote("objection", sentence));
    if (found.isFull("competitor")) continue;
    for (const name of findCompetitors(text)) {
      found.add({ ...quote("competitor", sentence), subject: name });
    }
  }
  return found.list();
}

/** So many of each kind, each once; who looks for more of a full one works for nothing. */
class FoundInsights {
  readonly #byKind = new Map<Insight["kind"], Map<string, Insight>>();

  add(insight: Insight): void {
    const kind = this.#byKind.get(insight.kind) ?? new Map<string, Insight>();
    this.#byKind.set(insight.kind, kind);
    const key = (insight.subject ?? insight.text).toLowerCase();
    if (!kind.has(key) && kind.size < MAX_EACH) kind.set(key, insight);
  }

  isFull(kind: Insight["kind"]): boolean {
    return (this.#byKind.get(kind)?.size ?? 0) >= MAX_EACH;
  }

  list(): Insight[] {
    const kinds = ["action_item", "next_step", "objection", "competitor"] as const;
    return kinds.flatMap((kind) => [...this.#byKind.get(kind)?.values() ?? []]);
  }
}

function quote(kind: Insight["kind"], { text, seq }: Sentence): Insight {
  return {
    kind,
    text,
    subject: null,
    assignee_name: null,
    assignee_email: null,
    due_text: null,
    due_on: null,
    segments: [seq],
  };
}
