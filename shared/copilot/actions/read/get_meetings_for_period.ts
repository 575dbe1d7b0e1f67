// Looks up the caller's own meetings in a period: what is planned and what was recorded (U60-084).
import { z } from "zod";
import { fromPostgrestError } from "../../../errors/app_error.ts";
import type { RequestContext } from "../../../platform/request_context.ts";
import { describeMeetings } from "../../panels/describe_meetings.ts";
import { buildMeetingList, MeetingsForPeriod } from "../../panels/meeting_list.ts";
import type { ReadAction } from "../action.ts";
import { evidenceRows, type Mention } from "../evidence_rows.ts";

/** Rows shown; the count says how many there are. */
const MEETINGS_MAX = 50;
const UPCOMING_MAX = 5;

/** Days by the words for them; the database turns them into dates in the person's zone. */
const PERIODS = [
  "today",
  "tomorrow",
  "yesterday",
  "this_week",
  "next_week",
  "last_week",
  "weekday",
  "upcoming",
  "from_today",
] as const;

/** Which meetings. */
export const MeetingsForPeriodArgs = z.strictObject({
  period: z.enum(PERIODS).describe(
    "upcoming: the next five; from_today: 60 days; weekday: the next such day, with `weekday`.",
  ),
  weekday: z.int().min(1).max(7).optional().describe("1 is Monday; only with period weekday."),
  with_whom: z.string().trim().min(1).max(200).optional()
    .describe("A person, address, company or domain that takes part."),
}).refine((args) => (args.period === "weekday") === (args.weekday !== undefined), {
  path: ["weekday"],
  message: "goes with period weekday, and only with it",
});
/** See the schema of the same name. */
export type MeetingsForPeriodArgs = z.infer<typeof MeetingsForPeriodArgs>;

/** The action. */
export const getMeetingsForPeriod: ReadAction<
  typeof MeetingsForPeriodArgs,
  typeof MeetingsForPeriod
> = {
  kind: "read",
  name: "get_meetings_for_period",
  description: "Lists the person's own meetings with others in a period, planned and recorded.",
  label: "Looking up your meetings",
  args: MeetingsForPeriodArgs,
  result: MeetingsForPeriod,
  readsForeignText: true,
  explainArgs: ({ period, weekday, with_whom }) => ({
    period,
    ...(weekday === undefined ? {} : { weekday }),
    has_name: with_whom !== undefined,
  }),
  async run(ctx, args) {
    const data = await findMeetings(ctx, args, ctx.orgId);
    const panel = buildMeetingList(data);
    return {
      data,
      evidence: evidenceRows(mentionsOf(data)),
      count: data.total,
      panel,
      text: describeMeetings(panel, args.with_whom ?? null),
    };
  },
};

/**
 * Finds meetings: one call of the database, as the caller.
 *
 * @param ctx The caller.
 * @param args The period, and the name if one was asked for.
 * @param orgId The organization to look into; null for the caller's active one.
 * @returns The meetings found.
 * @throws {AppError} `organization_not_found` or `no_active_organization`.
 */
export async function findMeetings(
  ctx: Omit<RequestContext, "orgId">,
  args: MeetingsForPeriodArgs,
  orgId: string | null,
): Promise<MeetingsForPeriod> {
  const { data, error } = await ctx.db.rpc("get_meetings_for_period", {
    p_org_id: orgId,
    p_period: args.period,
    p_weekday: args.weekday ?? null,
    p_with: args.with_whom ?? null,
    p_now: ctx.clock.now().toISOString(),
    p_limit: args.period === "upcoming" ? UPCOMING_MAX : MEETINGS_MAX,
  });
  if (error) throw fromPostgrestError(error);
  return MeetingsForPeriod.parse(data);
}

function* mentionsOf(found: MeetingsForPeriod): Generator<Mention> {
  for (const meeting of found.meetings) {
    yield ["calendar_events", meeting.calendar_event_id];
    yield ["meetings", meeting.meeting_id];
    for (const person of meeting.people) yield ["contacts", person.contact_id];
  }
}
