// Looks up what happened with somebody, a company, a deal or a meeting.
import { z } from "zod";
import { fromPostgrestError } from "../../../errors/app_error.ts";
import {
  ActivitiesFound,
  ActivityKind,
  activityTimelinePanel,
  buildActivityTimeline,
} from "../../panels/activity_timeline.ts";
import type { ReadAction } from "../action.ts";
import { evidenceRows, type Mention } from "../evidence_rows.ts";

const DAY_MS = 86_400_000;

/** Which activities. */
const ActivitiesArgs = z.strictObject({
  contact_id: z.uuid().optional(),
  company_id: z.uuid().optional(),
  deal_id: z.uuid().optional(),
  meeting_id: z.uuid().optional(),
  kind: ActivityKind.optional(),
  only_mine: z.boolean().default(false),
  days: z.int().min(1).max(730).optional().describe("Not older than this."),
  limit: z.int().min(1).max(50).default(20),
});

/** The action. */
export const getActivities: ReadAction<typeof ActivitiesArgs, typeof ActivitiesFound> = {
  kind: "read",
  name: "get_activities",
  description:
    "Lists calls, emails, meetings, notes, proposals and stage changes, of one contact, company, deal or meeting or of all, the latest first.",
  label: "Looking up what happened",
  args: ActivitiesArgs,
  result: ActivitiesFound,
  readsForeignText: true,
  explainArgs: (args) => ({
    is_about_one: [args.contact_id, args.company_id, args.deal_id, args.meeting_id].some((id) =>
      id !== undefined
    ),
    only_mine: args.only_mine,
    limit: args.limit,
    ...(args.kind === undefined ? {} : { kind: args.kind }),
    ...(args.days === undefined ? {} : { days: args.days }),
  }),
  async run(ctx, args) {
    const now = ctx.clock.now();
    const { data, error } = await ctx.db.rpc("list_activities", {
      p_org_id: ctx.orgId,
      p_contact_id: args.contact_id ?? null,
      p_company_id: args.company_id ?? null,
      p_deal_id: args.deal_id ?? null,
      p_meeting_id: args.meeting_id ?? null,
      p_kind: args.kind ?? null,
      p_only_mine: args.only_mine,
      p_since: args.days === undefined
        ? null
        : new Date(now.getTime() - args.days * DAY_MS).toISOString(),
      p_now: now.toISOString(),
      p_limit: args.limit,
    });
    if (error) throw fromPostgrestError(error);
    const found = ActivitiesFound.parse(data);
    const panel = buildActivityTimeline(found);
    return {
      data: found,
      evidence: evidenceRows(mentionsOf(found)),
      count: found.total,
      panel,
      text: activityTimelinePanel.describe(panel),
    };
  },
};

function* mentionsOf({ activities }: ActivitiesFound): Generator<Mention> {
  for (const activity of activities) {
    yield ["activities", activity.activity_id];
    yield ["contacts", activity.contact?.id];
    yield ["companies", activity.company?.id];
    yield ["deals", activity.deal?.id];
    yield ["meetings", activity.meeting?.id];
  }
}
