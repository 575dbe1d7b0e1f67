// What rules read of what look-ups found. Only what a rule uses is named: a look-up may give more, and
// what it does not give is missing, never an error.
import { z } from "zod";
import { EVIDENCE_TABLES } from "../../copilot/actions/action.ts";

const text = z.string().nullish();
const id = z.uuid().nullish();
/** A moment or a day that is none counts as missing. */
const instant = z.iso.datetime({ offset: true }).nullish().catch(null);
const day = z.iso.date().nullish().catch(null);
/** ISO 4217. */
export const Currency = z.string().regex(/^[A-Z]{3}$/);

/** Something with a name and an id. */
const Named = z.object({ id: z.uuid(), name: z.string() }).nullish();

/** Somebody in a meeting. */
export const PersonView = z.object({
  name: text,
  email: text,
  response_status: text,
  is_colleague: z.boolean().default(false),
  contact_id: id,
  job_title: text,
  last_interaction_at: instant,
  company_id: id,
});
/** See the schema of the same name. */
export type PersonView = z.infer<typeof PersonView>;

/** A deal, as a brief or a list of deals has it. */
export const DealView = z.object({
  id: id,
  deal_id: id,
  name: z.string(),
  amount: z.coerce.number(),
  currency: Currency,
  status: z.string().default("open"),
  stage: z.union([z.string(), z.object({ id: z.uuid(), name: z.string() })]),
  probability: z.number().nullish(),
  expected_close_on: day,
  next_step: text,
  lost_reason: text,
  stage_changed_at: instant,
  created_at: instant,
  company: Named,
  contact: Named,
  owner_name: text,
  is_own: z.boolean().nullish(),
  is_mine: z.boolean().nullish(),
});
/** See the schema of the same name. */
export type DealView = z.infer<typeof DealView>;

/** Something agreed in a meeting. */
export const ActionItemView = z.object({
  action_item_id: z.uuid(),
  meeting_id: z.uuid(),
  meeting_title: text,
  description: z.string(),
  assignee_name: text,
  assignee_email: text,
  is_completed: z.boolean().default(false),
});
/** See the schema of the same name. */
export type ActionItemView = z.infer<typeof ActionItemView>;

/** Something that a meeting showed. */
export const InsightView = z.object({
  insight_id: z.uuid(),
  meeting_id: z.uuid(),
  meeting_title: text,
  kind: z.string(),
  text: z.string(),
  subject: text,
  assignee_name: text,
  due_on: day,
});
/** See the schema of the same name. */
export type InsightView = z.infer<typeof InsightView>;

/** A task. */
export const TaskView = z.object({
  task_id: id,
  id: id,
  title: z.string(),
  due_at: instant,
  due_day: day,
  is_overdue: z.boolean().nullish(),
  priority: z.string().default("normal"),
  status: z.string().default("open"),
  deal: Named,
  contact: Named,
});
/** See the schema of the same name. */
export type TaskView = z.infer<typeof TaskView>;

/** Something that was done. */
export const ActivityView = z.object({
  activity_id: id,
  id: id,
  kind: z.string(),
  subject: z.string(),
  occurred_at: z.iso.datetime({ offset: true }),
});
/** See the schema of the same name. */
export type ActivityView = z.infer<typeof ActivityView>;

const Said = z.object({
  action_items: z.array(ActionItemView).default([]),
  insights: z.array(InsightView).default([]),
  meetings: z.array(z.object({
    meeting_id: z.uuid(),
    title: text,
    day,
    summary: text,
  })).default([]),
}).default({ action_items: [], insights: [], meetings: [] });

/** What `get_meeting_brief_data` found. */
export const BriefView = z.object({
  event: z.object({
    calendar_event_id: id,
    meeting_id: id,
    title: text,
    start_time: instant,
    end_time: instant,
    day,
    location: text,
    meeting_url: text,
    summary: text,
  }).nullish(),
  people: z.array(PersonView).default([]),
  companies: z.array(z.object({ company_id: z.uuid(), name: z.string(), industry: text }))
    .default([]),
  deals: z.array(DealView).default([]),
  competitors: z.array(z.object({
    name: z.string(),
    positioning: text,
    mentions: z.array(z.object({ table: z.enum(EVIDENCE_TABLES), id: z.uuid() })),
  })).default([]),
  outcome: Said,
  history: Said,
  activities: z.array(ActivityView).default([]),
  tasks: z.array(TaskView).default([]),
});
/** See the schema of the same name. */
export type BriefView = z.infer<typeof BriefView>;

/** A brief of nothing: what rules see where no meeting was found. */
export const NO_BRIEF: Readonly<BriefView> = BriefView.parse({});

/**
 * Reads what a rule was given.
 *
 * @param schema What it reads.
 * @param value What a step found; null where it found nothing.
 * @returns The parts that the rule uses; null where there is nothing of the kind.
 */
export function view<S extends z.ZodType>(schema: S, value: unknown): z.output<S> | null {
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : null;
}
