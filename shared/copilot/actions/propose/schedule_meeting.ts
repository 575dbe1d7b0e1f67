// Proposes a meeting in the person's own calendar, with invitations.
import { z } from "zod";
import { AppError } from "../../../errors/app_error.ts";
import { ScheduleMeeting } from "../../proposals/effect.ts";
import { newEventId } from "../../proposals/sending_ids.ts";
import type { ProposeAction } from "../action.ts";
import { MomentArg, sayMoment, toInstant } from "./moments.ts";
import { evidenceRows } from "../evidence_rows.ts";
import { readConnections } from "./outbound_connections.ts";
import { readRecipientRows } from "./recipient_rows.ts";
import { field, outgoingDetails, outgoingLine, summary } from "./preview.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const address = z.email().max(320).transform((email) => email.toLowerCase());

const ScheduleMeetingArgs = z.strictObject({
  title: z.string().trim().min(1).max(300),
  description: z.string().max(8_000).nullish(),
  starts_at: MomentArg,
  ends_at: MomentArg.nullish(),
  duration_minutes: z.int().min(5).max(1_440).nullish()
    .describe("Half an hour, where the end is missing too."),
  attendees: z.array(address).max(50).default([]),
});

/** The action. */
export const scheduleMeeting: ProposeAction<typeof ScheduleMeetingArgs> = {
  kind: "propose",
  name: "schedule_meeting",
  description:
    "Proposes a meeting in the person's own calendar and invites its people. It can't be undone.",
  label: "Preparing a meeting",
  args: ScheduleMeetingArgs,
  explainArgs: ({ attendees }) => ({ attendees: attendees.length }),
  async prepare(ctx, args) {
    const { timeZone } = ctx.person;
    const [{ calendar }, people] = await Promise.all([
      readConnections(ctx),
      readRecipientRows(ctx, [...new Set(args.attendees)]),
    ]);
    if (calendar === null) throw new AppError("calendar_not_connected");
    const startsAt = toInstant(args.starts_at, timeZone);
    const endsAt = args.ends_at
      ? toInstant(args.ends_at, timeZone)
      : new Date(Date.parse(startsAt) + (args.duration_minutes ?? 30) * MINUTE_MS).toISOString();
    const length = Date.parse(endsAt) - Date.parse(startsAt);
    if (length <= 0 || length > DAY_MS || Date.parse(startsAt) < ctx.clock.now().getTime()) {
      throw new AppError("invalid_request", {
        detail: "A meeting begins in the future and ends within a day of its start.",
      });
    }
    const effect = ScheduleMeeting.parse({
      kind: "schedule_meeting",
      title: outgoingLine(args.title),
      description: outgoingDetails(args.description),
      starts_at: startsAt,
      ends_at: endsAt,
      time_zone: timeZone,
      attendees: [...new Set(args.attendees)],
      event_id: newEventId(),
    });
    return {
      effects: [effect],
      previews: [{
        kind: effect.kind,
        summary: summary("Schedule “", effect.title, "” on ", sayMoment(startsAt, timeZone)),
        recipients: effect.attendees,
        fields: [
          { name: "Title", value: effect.title },
          { name: "Starts", value: sayMoment(startsAt, timeZone) },
          { name: "Ends", value: sayMoment(endsAt, timeZone) },
          { name: "Calendar", value: calendar.account_email },
          ...field("Attendees", effect.attendees.join(", ")),
          ...field("Description", effect.description),
        ],
        is_reversible: false,
      }],
      evidence: evidenceRows(people),
    };
  },
};
