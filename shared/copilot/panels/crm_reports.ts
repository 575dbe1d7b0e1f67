// What the database functions return that count and judge: contact lists, the pipeline in figures,
// deals at risk, what a relationship's health is made of.
import { z } from "zod";
import { FoundDeal, FoundNextMeeting, FoundTotal } from "./crm_rows.ts";

const moment = z.iso.datetime({ offset: true });
const currency = z.string().regex(/^[A-Z]{3}$/);
const answer = { org_id: z.uuid(), time_zone: z.string() };

/** A contact in a list. */
export const FoundContactSummary = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  job_title: z.string().nullable(),
  email: z.string().nullable(),
  last_interaction_at: moment.nullable(),
  company: z.strictObject({ id: z.uuid(), name: z.string() }).nullable(),
  owner_name: z.string().nullable(),
  is_own: z.boolean(),
  is_assigned: z.boolean(),
});
/** See the schema of the same name. */
export type FoundContactSummary = z.infer<typeof FoundContactSummary>;

/** What `search_contacts` returns. */
export const FoundContacts = z.strictObject({
  ...answer,
  filters: z.strictObject({
    query: z.string().nullable(),
    owner: z.enum(["mine", "all"]),
    company_id: z.uuid().nullable(),
    quiet_days: z.int().nullable(),
  }),
  total: z.int().nonnegative(),
  contacts: z.array(FoundContactSummary),
});
/** See the schema of the same name. */
export type FoundContacts = z.infer<typeof FoundContacts>;

/** What `get_pipeline_summary` returns. */
export const FoundPipeline = z.strictObject({
  ...answer,
  today: z.iso.date(),
  owner: z.enum(["mine", "all"]),
  stages: z.array(z.strictObject({
    id: z.uuid(),
    name: z.string(),
    win_probability: z.int().min(0).max(100),
    totals: z.array(FoundTotal),
  })),
  totals: z.array(FoundTotal).describe("Open deals by currency."),
  closing: z.array(z.strictObject({
    period: z.enum(["overdue", "this_month", "this_quarter"]),
    first_day: z.iso.date().nullable(),
    last_day: z.iso.date(),
    totals: z.array(FoundTotal),
  })),
  changes: z.strictObject({
    since: moment,
    totals: z.array(z.strictObject({
      change: z.enum(["created", "moved", "won", "lost"]),
      currency,
      count: z.int().positive(),
      amount: z.number().nonnegative(),
    })),
    deals: z.array(z.strictObject({
      id: z.uuid(),
      name: z.string(),
      amount: z.number().nonnegative(),
      currency,
      stage: z.string(),
      at: moment,
      change: z.enum(["created", "moved", "won", "lost"]),
    })).describe("The latest ten."),
  }),
  deal_ids: z.array(z.uuid()).max(200).describe("What was counted, the first 200 of it."),
});
/** See the schema of the same name. */
export type FoundPipeline = z.infer<typeof FoundPipeline>;

/** Rules that a deal can break, the gravest first. */
export const RiskCode = z.enum([
  "inactive",
  "close_date_passed",
  "negative_sentiment",
  "stage_stuck",
  "no_next_step",
  "no_meeting_planned",
]);
/** See the schema of the same name. */
export type RiskCode = z.infer<typeof RiskCode>;

const counts = Object.fromEntries(
  RiskCode.options.map((code) => [code, z.int().nonnegative()]),
) as Record<RiskCode, z.ZodInt>;

/** How many deals break each rule; a deal can break several. */
export const RiskCounts = z.strictObject(counts);

/** What `list_at_risk_deals` returns. */
export const FoundRisks = z.strictObject({
  ...answer,
  today: z.iso.date(),
  now: moment,
  owner: z.enum(["mine", "all"]),
  open_total: z.int().nonnegative(),
  total: z.int().nonnegative(),
  counts: RiskCounts,
  deals: z.array(z.strictObject({
    deal: FoundDeal,
    score: z.int().min(2).max(14),
    reasons: z.array(RiskCode).min(1),
    negative_meeting: z.strictObject({
      id: z.uuid(),
      title: z.string(),
      started_at: moment,
      segment_ids: z.array(z.uuid()),
    }).nullable(),
  })),
});
/** See the schema of the same name. */
export type FoundRisks = z.infer<typeof FoundRisks>;

/** What `get_relationship_signals` returns. */
export const FoundSignals = z.strictObject({
  ...answer,
  now: moment,
  contact: FoundContactSummary,
  touches: z.array(z.strictObject({
    table: z.enum(["meetings", "emails", "activities"]),
    id: z.uuid(),
    at: moment,
    is_theirs: z.boolean().describe(
      "Whether the contact took part: a meeting, or an email of theirs.",
    ),
  })),
  sentiments: z.array(z.strictObject({
    meeting_id: z.uuid(),
    at: moment,
    sentiment: z.enum(["positive", "neutral", "negative", "mixed"]),
  })).max(3),
  next_meeting: FoundNextMeeting.nullable(),
  open_deals: z.array(z.strictObject({
    id: z.uuid(),
    name: z.string(),
    stage_changed_at: moment,
  })),
  overdue_tasks: z.array(z.strictObject({ id: z.uuid(), title: z.string(), due_at: moment })),
});
/** See the schema of the same name. */
export type FoundSignals = z.infer<typeof FoundSignals>;
