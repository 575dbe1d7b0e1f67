// Scores the relationship with a contact by the published formula (V-01).
import { z } from "zod";
import { fromPostgrestError } from "../../../errors/app_error.ts";
import type { ReadAction } from "../action.ts";
import { evidenceRows, type Mention } from "../evidence_rows.ts";
import { FoundSignals } from "../../panels/crm_reports.ts";
import {
  buildRelationshipHealth,
  RelationshipHealth,
  relationshipHealthPanel,
} from "../../panels/relationship_health.ts";

/** With whom. */
export const GetRelationshipHealthArgs = z.strictObject({
  contact_id: z.uuid().describe("Of resolve_entity or another look-up."),
});

/** The rows, and the score with its parts. */
export const RelationshipFindings = FoundSignals.extend(
  RelationshipHealth.pick({ score: true, band: true, components: true }).shape,
);
/** See the schema of the same name. */
export type RelationshipFindings = z.infer<typeof RelationshipFindings>;

/** The action. */
export const getRelationshipHealth: ReadAction<
  typeof GetRelationshipHealthArgs,
  typeof RelationshipFindings
> = {
  kind: "read",
  name: "get_relationship_health",
  description:
    "Scores the relationship with a contact from 0 to 100 by a published formula over touches, " +
    "replies, moods of meetings, the next meeting, open deals and overdue tasks.",
  label: "Looking at the relationship",
  args: GetRelationshipHealthArgs,
  result: RelationshipFindings,
  readsForeignText: true,
  explainArgs: ({ contact_id }) => ({ contact_id }),
  async run(ctx, args) {
    const { data: answer, error } = await ctx.db.rpc("get_relationship_signals", {
      p_org_id: ctx.orgId,
      p_contact_id: args.contact_id,
      p_now: ctx.clock.now().toISOString(),
    });
    if (error) throw fromPostgrestError(error);
    const data = FoundSignals.parse(answer);
    const panel = buildRelationshipHealth(data);
    const { score, band, components } = panel;
    return {
      data: { ...data, score, band, components },
      evidence: evidenceRows(mentionsOf(data)),
      count: 1,
      panel,
      text: relationshipHealthPanel.describe(panel),
    };
  },
};

function* mentionsOf(found: FoundSignals): Generator<Mention> {
  yield ["contacts", found.contact.id];
  yield ["companies", found.contact.company?.id];
  for (const touch of found.touches) yield [touch.table, touch.id];
  for (const { meeting_id } of found.sentiments) yield ["meetings", meeting_id];
  yield ["calendar_events", found.next_meeting?.calendar_event_id];
  for (const deal of found.open_deals) yield ["deals", deal.id];
  for (const task of found.overdue_tasks) yield ["tasks", task.id];
}
