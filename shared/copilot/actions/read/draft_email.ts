// Gathers what an email needs and writes a plain draft by rules. Nothing is sent, and no model is asked:
// whoever wants other words has the context and today's date to write them from.
import { z } from "zod";
import { fromPostgrestError } from "../../../errors/app_error.ts";
import { dateContext } from "../../persona/date_context.ts";
import {
  buildEmailDraft,
  DraftedEmail,
  DraftPurpose,
  emailDraftPanel,
} from "../../panels/email_draft.ts";
import type { ReadAction } from "../action.ts";
import { evidenceRows, type Mention } from "../evidence_rows.ts";
import { composeDraft } from "./compose_draft.ts";
import { DraftContext } from "./draft_context.ts";

/** To whom, after what, and what to say. */
const DraftArgs = z.strictObject({
  contact_id: z.uuid().optional(),
  to: z.array(z.email().max(320)).min(1).max(20).optional()
    .describe("Addresses, where they are not a contact's or a meeting's."),
  meeting_id: z.uuid().optional().describe("The recorded meeting that it follows."),
  calendar_event_id: z.uuid().optional(),
  thread_id: z.string().min(1).max(200).optional().describe("The email thread that it answers."),
  email_id: z.uuid().optional(),
  deal_id: z.uuid().optional(),
  purpose: DraftPurpose.optional().describe("Follows from the rest where it is missing."),
  subject: z.string().trim().min(1).max(300).optional(),
  points: z.array(z.string().trim().min(1).max(2_000)).max(10).default([])
    .describe("What to say, a paragraph each; rules write it where nothing is said."),
}).refine(
  ({ contact_id, to, meeting_id, calendar_event_id, thread_id, email_id, deal_id }) =>
    [contact_id, to, meeting_id, calendar_event_id, thread_id, email_id, deal_id]
      .some((value) => value !== undefined),
  { message: "say whom it is for: a contact, an address, a meeting, a thread or a deal" },
);

/** What is drafted, and what it was drafted from. */
const DraftData = z.strictObject({
  draft: DraftedEmail.nullable().describe("Null where there is nobody to write to."),
  purpose: DraftPurpose.nullable(),
  context: DraftContext,
  date_context: z.string().describe("For whoever writes the words anew."),
});

/** The action. */
export const draftEmail: ReadAction<typeof DraftArgs, typeof DraftData> = {
  kind: "read",
  name: "draft_email",
  description:
    "Drafts an email to a contact, the people of a meeting or thread, or a deal's contact, from what was agreed or written last. Sends nothing.",
  label: "Drafting the email",
  args: DraftArgs,
  result: DraftData,
  readsForeignText: true,
  explainArgs: (args) => ({
    has_contact: args.contact_id !== undefined,
    has_addresses: args.to !== undefined,
    follows_meeting: args.meeting_id !== undefined || args.calendar_event_id !== undefined,
    answers_email: args.thread_id !== undefined || args.email_id !== undefined,
    about_deal: args.deal_id !== undefined,
    points: args.points.length,
    ...(args.purpose === undefined ? {} : { purpose: args.purpose }),
  }),
  async run(ctx, args) {
    const now = ctx.clock.now();
    const { data, error } = await ctx.db.rpc("get_email_draft_context", {
      p_org_id: ctx.orgId,
      p_contact_id: args.contact_id ?? null,
      p_addresses: args.to ?? null,
      p_meeting_id: args.meeting_id ?? null,
      p_calendar_event_id: args.calendar_event_id ?? null,
      p_thread_id: args.thread_id ?? null,
      p_email_id: args.email_id ?? null,
      p_deal_id: args.deal_id ?? null,
      p_now: now.toISOString(),
    });
    if (error) throw fromPostgrestError(error);
    const context = DraftContext.parse(data);
    const wish = { purpose: args.purpose, subject: args.subject, points: args.points };
    const composed = composeDraft(context, wish, ctx);
    const panel = composed && buildEmailDraft(composed.email, composed.purpose, context.recipients);
    return {
      data: {
        draft: composed?.email ?? null,
        purpose: composed?.purpose ?? null,
        context,
        date_context: dateContext(now, context.time_zone),
      },
      evidence: evidenceRows(mentionsOf(context)),
      count: composed === null ? 0 : 1,
      panel,
      text: panel === null
        ? "I found no address to write to. Whom should it go to?"
        : emailDraftPanel.describe(panel),
    };
  },
};

function* mentionsOf(context: DraftContext): Generator<Mention> {
  for (const { contact_id } of context.recipients) yield ["contacts", contact_id];
  yield ["calendar_events", context.event?.calendar_event_id];
  yield ["meetings", context.event?.meeting_id];
  for (const item of context.outcome?.action_items ?? []) {
    yield ["meeting_action_items", item.action_item_id];
  }
  for (const insight of context.outcome?.insights ?? []) {
    yield ["meeting_insights", insight.insight_id];
  }
  for (const { email_id } of context.thread?.messages ?? []) yield ["emails", email_id];
  yield ["contacts", context.thread?.contact?.id];
  yield ["deals", context.thread?.deal?.id];
  yield ["meetings", context.last_meeting?.meeting_id];
  yield ["deals", context.deal?.id];
}
