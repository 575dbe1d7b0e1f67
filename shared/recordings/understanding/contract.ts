// What goes into an analysis and what may come out of it. Trust boundary: the words of a transcript
// are untrusted, and so is what a model makes of them; only an analysis that was checked against the
// words leaves this folder.
import { z } from "zod";

/** One utterance. */
export const Segment = z.object({
  seq: z.int().positive(),
  speaker_name: z.string().nullable(),
  speaker_email: z.string().nullable(),
  text: z.string(),
});
export type Segment = z.infer<typeof Segment>;

/** What an analysis is made from, as the database gives it. */
export const AnalysisSource = z.object({
  meeting_id: z.uuid(),
  started_at: z.iso.datetime({ offset: true }),
  /** IANA zone of the owner: in it, "tomorrow" is a day. */
  time_zone: z.string(),
  language: z.string().nullable(),
  transcript_hash: z.string(),
  has_model_analysis: z.boolean(),
  attendees: z.array(z.object({ name: z.string().nullable(), email: z.string().nullable() })),
  segments: z.array(Segment),
});
export type AnalysisSource = z.infer<typeof AnalysisSource>;

const Numbers = z.array(z.int().min(1).max(1_000_000)).max(40).describe(
  "Numbers of the segments in which it was said.",
);
const Cited = z.object({
  text: z.string().min(1).max(1000).describe("One sentence, in the speakers' own words."),
  segments: Numbers,
});
const Moods = z.enum(["positive", "neutral", "negative", "mixed"]);

/** What a model is asked for. Nothing of it is believed. */
export const ModelAnalysis = z.object({
  summary: z.array(Cited).max(12).describe("What the meeting was about and came to."),
  sentiment: z.object({ label: Moods, segments: Numbers }).nullable()
    .describe("The mood of the other side; null where nothing shows it."),
  action_items: z.array(Cited.extend({
    owner: z.string().max(200).nullable().describe(
      "Who said that they will do it, or was asked to.",
    ),
    due: z.string().max(200).nullable().describe("Until when, exactly as it was said."),
  })).max(40),
  next_steps: z.array(Cited).max(20),
  objections: z.array(Cited).max(20),
  competitors: z.array(Cited.extend({ name: z.string().min(1).max(200) })).max(20),
});
export type ModelAnalysis = z.infer<typeof ModelAnalysis>;

/** The kinds of what a meeting shows. */
export type InsightKind = "action_item" | "next_step" | "objection" | "competitor";

/** One thing that a meeting showed. */
export interface Insight {
  readonly kind: InsightKind;
  readonly text: string;
  /** Name of the competitor; null for the other kinds. */
  readonly subject: string | null;
  readonly assignee_name: string | null;
  readonly assignee_email: string | null;
  readonly due_text: string | null;
  /** `YYYY-MM-DD`. */
  readonly due_on: string | null;
  /** At least one. */
  readonly segments: readonly number[];
}

/** An analysis as it is stored. */
export interface MeetingAnalysis {
  readonly is_rule_based: boolean;
  readonly model: string | null;
  readonly summary: string | null;
  readonly summary_segments: readonly number[];
  readonly sentiment: z.infer<typeof Moods> | null;
  readonly sentiment_segments: readonly number[];
  /** Statements that the words do not bear out, and that were left out. */
  readonly dropped_count: number;
  readonly insights: readonly Insight[];
}
