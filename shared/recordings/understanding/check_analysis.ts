// From what a model says to what is stored: every statement is held against the segments that it
// cites, and what they don't bear out is left out and counted.
import { collectWords, isBorneOut, type SaidWords, wasSaid } from "../../words/borne_out.ts";
import type {
  AnalysisSource,
  Insight,
  InsightKind,
  MeetingAnalysis,
  ModelAnalysis,
  Segment,
} from "./contract.ts";
import { type Assignee, findAssignee } from "./find_assignee.ts";
import { localDate } from "./plain_date.ts";
import { readDueDate } from "./read_due_date.ts";

const MAX_TEXT = 2_000;
const MAX_SUMMARY = 20_000;

/** Statements, and how many were left out. */
interface Checked<T> {
  readonly kept: readonly T[];
  readonly dropped: number;
}

interface CitedText {
  readonly text: string;
  readonly segments: readonly number[];
}

/**
 * Checks a model's analysis against the words.
 *
 * @param said What the model said, in its form but otherwise unbelieved.
 * @param source The words.
 * @param model The name that the model gives itself.
 * @returns What remains; no summary and no insight without evidence.
 */
export function checkAnalysis(
  said: ModelAnalysis,
  source: AnalysisSource,
  model: string,
): MeetingAnalysis {
  const check = new EvidenceCheck(source);
  const summary = check.keep(said.summary, ({ text, segments }) => ({ text, segments }));
  const actions = check.keep(
    said.action_items,
    (item, words, cited) => check.actionItem(item, words, cited),
  );
  const steps = check.keep(said.next_steps, (item) => plainInsight("next_step", item));
  const objections = check.keep(said.objections, (item) => plainInsight("objection", item));
  const competitors = check.keep(
    said.competitors,
    (item, words) =>
      wasSaid(item.name, words)
        ? { ...plainInsight("competitor", item), subject: item.name.trim() }
        : null,
  );
  const mood = check.existing(said.sentiment?.segments ?? []);
  const summaryText = summary.kept.map(({ text }) => text).join(" ").slice(0, MAX_SUMMARY);
  return {
    is_rule_based: false,
    model,
    summary: summaryText === "" ? null : summaryText,
    summary_segments: numbersOf(summary.kept),
    sentiment: mood.length > 0 ? said.sentiment?.label ?? null : null,
    sentiment_segments: mood,
    dropped_count: [summary, actions, steps, objections, competitors]
      .reduce((sum, { dropped }) => sum + dropped, 0),
    insights: withoutRepeats([
      ...actions.kept,
      ...steps.kept,
      ...objections.kept,
      ...competitors.kept,
    ]),
  };
}

/**
 * Leaves out what says the same of the same kind.
 *
 * @param insights In the order they are to have.
 */
function withoutRepeats(insights: readonly Insight[]): Insight[] {
  const seen = new Set<string>();
  return insights.filter(({ kind, text, subject }) => {
    const key = `${kind} ${(subject ?? text).toLowerCase()}`;
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}

/**
 * Makes an insight of a statement.
 *
 * @param kind Its kind.
 * @param item The statement.
 */
function plainInsight(kind: InsightKind, { text, segments }: CitedText): Insight {
  return {
    kind,
    text,
    subject: null,
    assignee_name: null,
    assignee_email: null,
    due_text: null,
    due_on: null,
    segments,
  };
}

/** Numbers of segments, each once and in order. */
function numbersOf(items: readonly { readonly segments: readonly number[] }[]): number[] {
  return [...new Set(items.flatMap(({ segments }) => segments))].sort((a, b) => a - b);
}

class EvidenceCheck {
  readonly #bySeq: ReadonlyMap<number, Segment>;
  readonly #today: string;

  constructor(readonly source: AnalysisSource) {
    this.#bySeq = new Map(source.segments.map((segment) => [segment.seq, segment]));
    this.#today = localDate(source.started_at, source.time_zone);
  }

  /** Those of the numbers that are segments. */
  existing(segments: readonly number[]): number[] {
    return numbersOf([{ segments }]).filter((seq) => this.#bySeq.has(seq));
  }

  /** Keeps what is borne out, in the form that `shape` gives it; null leaves it out. */
  keep<I extends CitedText, O>(
    items: readonly I[],
    shape: (item: I, words: SaidWords, cited: readonly Segment[]) => O | null,
  ): Checked<O> {
    const kept: O[] = [];
    for (const item of items) {
      const segments = this.existing(item.segments);
      const cited = segments.flatMap((seq) => this.#bySeq.get(seq) ?? []);
      const words = collectWords(cited);
      const text = item.text.replace(/\s+/g, " ").trim();
      const isKept = segments.length > 0 && text !== "" && text.length <= MAX_TEXT &&
        isBorneOut(text, words);
      const shaped = isKept ? shape({ ...item, text, segments }, words, cited) : null;
      if (shaped !== null) kept.push(shaped);
    }
    return { kept, dropped: items.length - kept.length };
  }

  /** Owner and due date only where they were said; the item stands without them. */
  actionItem(
    item: CitedText & { readonly owner: string | null; readonly due: string | null },
    words: SaidWords,
    cited: readonly Segment[],
  ): Insight {
    const assignee: Assignee | null = item.owner === null
      ? null
      : findAssignee(item.owner, words, cited, this.source);
    const due = item.due !== null && wasSaid(item.due, words) ? item.due.trim() : null;
    return {
      ...plainInsight("action_item", item),
      assignee_name: assignee?.name ?? null,
      assignee_email: assignee?.email ?? null,
      due_text: due,
      due_on: due === null ? null : readDueDate(due, this.#today),
    };
  }
}
