// Proposes to write down that something happened.
import { z } from "zod";
import { CreateActivity } from "../../proposals/effect.ts";
import type { ProposeAction } from "../action.ts";
import { LINK_ARGS, readLinks } from "./linked_rows.ts";
import { MomentArg, sayMoment, toInstant } from "./moments.ts";
import { field, outgoingDetails, outgoingLine, summary } from "./preview.ts";

const CreateActivityArgs = z.strictObject({
  activity_kind: z.enum(["call", "email", "meeting", "note", "proposal"]),
  subject: z.string().trim().min(1).max(500),
  details: z.string().max(20_000).nullish(),
  occurred_at: MomentArg.nullish().describe("Now, where it is missing."),
  ...LINK_ARGS,
});

/** The action. */
export const createActivity: ProposeAction<typeof CreateActivityArgs> = {
  kind: "propose",
  name: "create_activity",
  description:
    "Proposes to write down a call, email, meeting, note or proposal with a contact, company or deal.",
  label: "Preparing an activity",
  args: CreateActivityArgs,
  explainArgs: ({ activity_kind }) => ({ activity_kind }),
  async prepare(ctx, { occurred_at: occurredAt, ...args }) {
    const links = await readLinks(ctx, args);
    const effect = CreateActivity.parse({
      ...args,
      kind: "create_activity",
      subject: outgoingLine(args.subject),
      details: outgoingDetails(args.details),
      occurred_at: occurredAt ? toInstant(occurredAt, ctx.person.timeZone) : null,
    });
    return {
      effects: [effect],
      previews: [{
        kind: effect.kind,
        summary: summary("Log the ", effect.activity_kind, " “", effect.subject, "”"),
        recipients: [],
        fields: [
          ...field("Kind", effect.activity_kind),
          ...field("Subject", effect.subject),
          ...field("Details", effect.details),
          ...field(
            "When",
            effect.occurred_at ? sayMoment(effect.occurred_at, ctx.person.timeZone) : "now",
          ),
          ...links.fields,
        ],
        is_reversible: true,
      }],
      evidence: links.evidence,
    };
  },
};
