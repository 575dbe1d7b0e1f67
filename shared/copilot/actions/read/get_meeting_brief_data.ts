// Looks up everything that a brief of one meeting is made from (U60-010, U60-012, V-03).
import { z } from "zod";
import { fromPostgrestError } from "../../../errors/app_error.ts";
import { BriefData, FoundBrief } from "../../panels/brief_rows.ts";
import { buildMeetingBrief, meetingBriefPanel } from "../../panels/meeting_brief.ts";
import { plainLine } from "../../panels/plain_text.ts";
import type { ReadAction } from "../action.ts";
import { evidenceRows, type Mention } from "../evidence_rows.ts";
import { findCompetitors } from "./find_competitors.ts";

/** Which meeting. */
const BriefArgs = z.strictObject({
  calendar_event_id: z.uuid().optional(),
  meeting_id: z.uuid().optional().describe("A recorded meeting."),
  which: z.enum(["next", "last"]).default("next")
    .describe("Without an id: the next one with others, or the last that was recorded."),
  with_whom: z.string().trim().min(1).max(200).optional()
    .describe("A person, address, company or domain; of their meetings the next or last."),
});

/** The action. */
export const getMeetingBriefData: ReadAction<typeof BriefArgs, typeof BriefData> = {
  kind: "read",
  name: "get_meeting_brief_data",
  description:
    "Gathers what a brief of one meeting is made from: its people and companies, their open deals, earlier meetings with summaries, open action items, objections, competitors, activities, own tasks and email subjects.",
  label: "Preparing the brief",
  args: BriefArgs,
  result: BriefData,
  readsForeignText: true,
  explainArgs: (args) => ({
    which: args.which,
    is_given: args.calendar_event_id !== undefined || args.meeting_id !== undefined,
    has_name: args.with_whom !== undefined,
  }),
  async run(ctx, args) {
    const { data, error } = await ctx.db.rpc("get_meeting_brief_data", {
      p_org_id: ctx.orgId,
      p_calendar_event_id: args.calendar_event_id ?? null,
      p_meeting_id: args.meeting_id ?? null,
      p_which: args.which,
      p_with: args.with_whom ?? null,
      p_now: ctx.clock.now().toISOString(),
    });
    if (error) throw fromPostgrestError(error);
    const { known_competitors: _known, ...rows } = FoundBrief.parse(data);
    const brief: BriefData = { ...rows, competitors: findCompetitors(FoundBrief.parse(data)) };
    const panel = buildMeetingBrief(brief);
    return {
      data: brief,
      evidence: evidenceRows(mentionsOf(brief)),
      count: brief.event === null ? 0 : 1,
      panel,
      text: panel === null ? explainNone(args) : meetingBriefPanel.describe(panel),
    };
  },
};

function explainNone({ which, with_whom }: z.output<typeof BriefArgs>): string {
  const who = with_whom === undefined ? " with others" : ` with ${plainLine(with_whom)}`;
  return which === "next"
    ? `You have no meeting${who} coming up.`
    : `You have no recorded meeting${who} in the last 90 days.`;
}

function* mentionsOf(brief: BriefData): Generator<Mention> {
  yield ["calendar_events", brief.event?.calendar_event_id];
  yield ["meetings", brief.event?.meeting_id];
  for (const person of brief.people) yield ["contacts", person.contact_id];
  for (const company of brief.companies) yield ["companies", company.company_id];
  for (const deal of brief.deals) yield ["deals", deal.deal_id];
  for (const meeting of brief.history.meetings) yield ["meetings", meeting.meeting_id];
  for (const { action_items, insights } of [brief.outcome, brief.history]) {
    for (const item of action_items) yield ["meeting_action_items", item.action_item_id];
    for (const insight of insights) yield ["meeting_insights", insight.insight_id];
  }
  for (const activity of brief.activities) yield ["activities", activity.activity_id];
  for (const email of brief.emails) yield ["emails", email.email_id];
  for (const task of brief.tasks) {
    yield ["tasks", task.task_id];
    yield ["deals", task.deal?.id];
    yield ["contacts", task.contact?.id];
    yield ["companies", task.company?.id];
    yield ["meetings", task.meeting?.id];
  }
  // Its row is the organization's own.
  const isKnown = brief.competitors.some(({ positioning }) => positioning !== null);
  yield ["org_knowledge", isKnown ? brief.org_id : null];
}
