// An analysis without a model: what rules can tell from the words, sentence by sentence, each quoted as
// it was said and marked as found by rule. English; of other languages only the summary. It finds
// less than a model, and nothing that was not said.
import { withoutRepeats } from "./check_analysis.ts";
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
  const actions: Insight[] = [];
  const others: Insight[] = [];
  for (const sentence of sentences) {
    const action = findActionItem(sentence, source, today);
    if (action !== null) actions.push(action);
    else if (isNextStep(sentence.text)) others.push(quote("next_step", sentence));
    if (isObjection(sentence.text)) others.push(quote("objection", sentence));
    for (const name of findCompetitors(sentence.text)) {
      others.push({ ...quote("competitor", sentence), subject: name });
    }
  }
  const all = withoutRepeats([...actions, ...others]);
  const kinds = ["action_item", "next_step", "objection", "competitor"] as const;
  return kinds.flatMap((kind) => all.filter((insight) => insight.kind === kind).slice(0, MAX_EACH));
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
