// What the database functions of the CRM look-ups return: rows that the caller may read, nothing
// else. Panels are built from these, and models get them as they are.
import { z } from "zod";

const moment = z.iso.datetime({ offset: true });

/** A company, contact or stage by its name. */
const Named = z.strictObject({ id: z.uuid(), name: z.string() });

/** The last thing that happened with a deal, and the row that says so. */
export const FoundActivityMark = z.strictObject({
  table: z.enum(["activities", "meetings", "emails"]),
  id: z.uuid(),
  at: moment,
});

/** A deal as `private.describe_deals` returns it. Amounts are in the deal's own currency. */
export const FoundDeal = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  amount: z.number().nonnegative(),
  currency: z.string().regex(/^[A-Z]{3}$/),
  status: z.enum(["open", "won", "lost"]),
  stage: Named,
  probability: z.int().min(0).max(100).describe("Percent: the deal's own, or else its stage's."),
  weighted_amount: z.number().nonnegative().describe("The amount times the probability."),
  expected_close_on: z.iso.date().nullable(),
  next_step: z.string().nullable(),
  lost_reason: z.string().nullable(),
  stage_changed_at: moment,
  closed_at: moment.nullable(),
  created_at: moment,
  company: Named.nullable(),
  contact: Named.nullable(),
  owner_name: z.string().nullable(),
  is_own: z.boolean(),
  is_assigned: z.boolean().describe("Whether the person works on it besides its owner."),
  last_activity: FoundActivityMark.nullable(),
});
/** See the schema of the same name. */
export type FoundDeal = z.infer<typeof FoundDeal>;

/** The last recorded meeting. */
export const FoundLastMeeting = z.strictObject({
  meeting_id: z.uuid(),
  title: z.string(),
  started_at: moment,
});

/** The next event of the person's own calendar. */
export const FoundNextMeeting = z.strictObject({
  calendar_event_id: z.uuid(),
  title: z.string().nullable(),
  start_time: moment,
});

/** Something that somebody did or noted. */
export const FoundActivity = z.strictObject({
  id: z.uuid(),
  kind: z.string(),
  subject: z.string(),
  occurred_at: moment,
});

const answer = { org_id: z.uuid(), time_zone: z.string() };
const meetings = {
  last_meeting: FoundLastMeeting.nullable(),
  next_meeting: FoundNextMeeting.nullable(),
};
const owned = {
  owner_name: z.string().nullable(),
  is_own: z.boolean(),
  is_assigned: z.boolean(),
};

/** What `get_contact` returns. */
export const FoundContact = z.strictObject({
  ...answer,
  contact: z.strictObject({
    id: z.uuid(),
    first_name: z.string().nullable(),
    last_name: z.string().nullable(),
    email: z.string().nullable(),
    phone: z.string().nullable(),
    job_title: z.string().nullable(),
    notes: z.string().nullable(),
    last_interaction_at: moment.nullable(),
    ...owned,
    company: z.strictObject({ id: z.uuid(), name: z.string(), domain: z.string().nullable() })
      .nullable(),
  }),
  deals: z.array(FoundDeal).describe(
    "Those that are negotiated with the contact, open ones first.",
  ),
  deals_total: z.int().nonnegative(),
  ...meetings,
  activities: z.array(FoundActivity),
});
/** See the schema of the same name. */
export type FoundContact = z.infer<typeof FoundContact>;

/** A contact in a list. */
export const FoundContactLine = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  job_title: z.string().nullable(),
  email: z.string().nullable(),
});

/** What `get_company` returns. */
export const FoundCompany = z.strictObject({
  ...answer,
  company: z.strictObject({
    id: z.uuid(),
    name: z.string(),
    domain: z.string().nullable(),
    industry: z.string().nullable(),
    employee_count: z.int().nullable(),
    notes: z.string().nullable(),
    ...owned,
  }),
  contacts: z.array(FoundContactLine),
  contacts_total: z.int().nonnegative(),
  deals: z.array(FoundDeal),
  deals_total: z.int().nonnegative(),
  ...meetings,
});
/** See the schema of the same name. */
export type FoundCompany = z.infer<typeof FoundCompany>;

/** What `get_deal` returns. */
export const FoundDealDetail = z.strictObject({
  ...answer,
  today: z.iso.date(),
  deal: FoundDeal,
  activities: z.array(FoundActivity),
  tasks: z.array(z.strictObject({
    id: z.uuid(),
    title: z.string(),
    due_at: moment.nullable(),
    priority: z.enum(["low", "normal", "high", "urgent"]),
    status: z.enum(["open", "in_progress"]),
  })),
  ...meetings,
});
/** See the schema of the same name. */
export type FoundDealDetail = z.infer<typeof FoundDealDetail>;

/** How much there is in one currency; currencies are never added together. */
export const FoundTotal = z.strictObject({
  currency: z.string().regex(/^[A-Z]{3}$/),
  count: z.int().nonnegative(),
  amount: z.number().nonnegative(),
  weighted_amount: z.number().nonnegative(),
});

/** What `list_deals` returns. */
export const FoundDeals = z.strictObject({
  ...answer,
  today: z.iso.date(),
  filters: z.strictObject({
    status: z.enum(["open", "won", "lost", "all"]),
    owner: z.enum(["mine", "all"]),
    closing: z.string().nullable(),
    first_day: z.iso.date().nullable(),
    last_day: z.iso.date().nullable(),
    sort: z.enum(["closing", "amount", "newest"]),
    stage: z.string().nullable(),
    is_known_stage: z.boolean(),
  }),
  stages: z.array(z.string()).describe("The organization's stages, in order."),
  total: z.int().nonnegative(),
  totals: z.array(FoundTotal),
  deals: z.array(FoundDeal),
});
/** See the schema of the same name. */
export type FoundDeals = z.infer<typeof FoundDeals>;
