// What rules read of the look-ups of the CRM: risks, the pipeline, contacts, companies, tasks, what
// happened. As in views.ts, only what a rule uses is named.
import { z } from "zod";
import { EVIDENCE_TABLES } from "../../copilot/actions/action.ts";
import { ActivityView, Currency, DealView, TaskView } from "./views.ts";

const text = z.string().nullish();
const instant = z.iso.datetime({ offset: true });
const day = z.iso.date().nullish().catch(null);
const Named = z.object({ id: z.uuid(), name: z.string() }).nullish();
const evidence = z.array(z.object({ table: z.enum(EVIDENCE_TABLES), id: z.uuid() })).default([]);

/** Meetings behind and ahead. */
export const MeetingsAround = {
  last_meeting: z.object({ meeting_id: z.uuid(), title: text, started_at: instant }).nullish(),
  next_meeting: z.object({ calendar_event_id: z.uuid(), title: text, start_time: instant })
    .nullish(),
};

/** What `get_deal` found. */
export const DealDetailView = z.object({
  deal: DealView,
  activities: z.array(ActivityView).default([]),
  tasks: z.array(TaskView).default([]),
  ...MeetingsAround,
});
/** See the schema of the same name. */
export type DealDetailView = z.infer<typeof DealDetailView>;

/** Why a deal is at risk. */
export const RiskView = z.object({
  code: z.enum([
    "inactive",
    "close_date_passed",
    "negative_sentiment",
    "stage_stuck",
    "no_next_step",
    "no_meeting_planned",
  ]),
  weight: z.number(),
  days: z.number().nullish(),
  day,
  evidence,
});
/** See the schema of the same name. */
export type RiskView = z.infer<typeof RiskView>;

/** What `list_at_risk_deals` found. */
export const RisksView = z.object({
  total: z.number(),
  open_total: z.number().default(0),
  deals: z.array(z.object({ deal: DealView, score: z.number(), reasons: z.array(RiskView) })),
});

const Total = z.object({
  currency: Currency,
  count: z.number(),
  amount: z.coerce.number(),
  weighted_amount: z.coerce.number().nullish(),
});
/** How much there is in one currency. */
export type TotalView = z.infer<typeof Total>;

/** What `get_pipeline_summary` found. */
export const PipelineView = z.object({
  totals: z.array(Total),
  stages: z.array(z.object({ id: z.uuid(), name: z.string(), totals: z.array(Total) })),
  closing: z.array(z.object({ period: z.string(), totals: z.array(Total) })).default([]),
  changes: z.object({
    totals: z.array(Total.extend({ change: z.string() })).default([]),
    deals: z.array(z.object({
      id: z.uuid(),
      name: z.string(),
      amount: z.coerce.number(),
      currency: Currency,
      stage: z.string(),
      change: z.string(),
    })).default([]),
  }),
});

/** What `get_contact` found. */
export const ContactView = z.object({
  contact: z.object({
    id: z.uuid(),
    first_name: text,
    last_name: text,
    email: text,
    job_title: text,
    notes: text,
    last_interaction_at: instant.nullish().catch(null),
    company: Named,
  }),
  deals: z.array(DealView).default([]),
  activities: z.array(ActivityView).default([]),
  ...MeetingsAround,
});
/** See the schema of the same name. */
export type ContactView = z.infer<typeof ContactView>;

/** What `get_company` found. */
export const CompanyView = z.object({
  company: z.object({
    id: z.uuid(),
    name: z.string(),
    domain: text,
    industry: text,
    employee_count: z.number().nullish(),
    notes: text,
  }),
  contacts: z.array(z.object({
    id: z.uuid(),
    name: z.string(),
    job_title: text,
    email: text,
  })).default([]),
  contacts_total: z.number().default(0),
  deals: z.array(DealView).default([]),
  ...MeetingsAround,
});

/** What `list_tasks` found. */
export const TasksView = z.object({
  total: z.number(),
  overdue: z.number().default(0),
  tasks: z.array(TaskView),
});

/** What `get_activities` found. */
export const ActivitiesView = z.object({
  total: z.number(),
  activities: z.array(ActivityView.extend({
    day,
    by_name: text,
    deal: Named,
    contact: Named,
  })),
});

/** What `get_meetings_for_period` found. */
export const MeetingsView = z.object({
  total: z.number(),
  period: z.object({ key: z.string(), time_zone: z.string() }),
  meetings: z.array(z.object({
    calendar_event_id: z.uuid().nullish(),
    meeting_id: z.uuid().nullish(),
    title: text,
    start_time: instant,
    end_time: instant.nullish().catch(null),
    all_day: z.boolean().default(false),
    day: z.iso.date(),
    meeting_url: text,
    people: z.array(z.object({ name: text, email: text, contact_id: z.uuid().nullish() }))
      .default([]),
  })),
});

/** What `get_relationship_health` found. */
export const HealthView = z.object({
  contact: z.object({ id: z.uuid(), name: z.string() }),
  score: z.number(),
  band: z.string(),
  components: z.array(z.object({
    part: z.string(),
    points: z.number(),
    max: z.number(),
    evidence,
  })),
});

/** What `get_email_thread` found. */
export const ThreadView = z.object({
  thread: z.object({
    thread_id: text,
    subject: text,
    last_sent_at: instant,
    total: z.number(),
    messages: z.array(z.object({
      email_id: z.uuid(),
      direction: z.string(),
      from_email: z.string(),
      subject: text,
      sent_at: instant,
    })),
  }).nullable(),
});

/** What `draft_email` wrote. */
export const DraftView = z.object({
  draft: z.object({
    to: z.array(z.string()),
    cc: z.array(z.string()).default([]),
    subject: z.string(),
    body: z.string(),
    thread_id: text,
    contact_id: z.uuid().nullish(),
    deal_id: z.uuid().nullish(),
    meeting_id: z.uuid().nullish(),
  }).nullable(),
  context: z.object({
    recipients: z.array(z.object({ email: z.string(), name: text, contact_id: z.uuid().nullish() }))
      .default([]),
  }).default({ recipients: [] }),
});
