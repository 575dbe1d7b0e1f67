// Looks up one contact with their company, deals, meetings and latest activities.
import { z } from "zod";
import { fromPostgrestError } from "../../../errors/app_error.ts";
import { buildContactCard, contactCardPanel } from "../../panels/contact_card.ts";
import { FoundContact } from "../../panels/crm_rows.ts";
import type { ReadAction } from "../action.ts";
import { evidenceRows, type Mention } from "../evidence_rows.ts";
import { dealMentions, surroundingMentions } from "./crm_evidence.ts";

/** Which contact. */
export const GetContactArgs = z.strictObject({
  contact_id: z.uuid().describe("Of resolve_entity or another look-up."),
});

/** The action. */
export const getContact: ReadAction<typeof GetContactArgs, typeof FoundContact> = {
  kind: "read",
  name: "get_contact",
  description:
    "Shows a contact: how to reach them, company, deals, last and next meeting, latest " +
    "activities and notes.",
  label: "Looking up the contact",
  args: GetContactArgs,
  result: FoundContact,
  readsForeignText: true,
  explainArgs: ({ contact_id }) => ({ contact_id }),
  async run(ctx, { contact_id }) {
    const { data: answer, error } = await ctx.db.rpc("get_contact", {
      p_org_id: ctx.orgId,
      p_contact_id: contact_id,
      p_now: ctx.clock.now().toISOString(),
    });
    if (error) throw fromPostgrestError(error);
    const data = FoundContact.parse(answer);
    const panel = buildContactCard(data);
    return {
      data,
      evidence: evidenceRows(mentionsOf(data)),
      count: 1,
      panel,
      text: contactCardPanel.describe(panel),
    };
  },
};

function* mentionsOf(found: FoundContact): Generator<Mention> {
  yield ["contacts", found.contact.id];
  yield ["companies", found.contact.company?.id];
  yield* dealMentions(found.deals);
  yield* surroundingMentions(found);
}
