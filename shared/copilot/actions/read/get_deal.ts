// Looks up one deal with its people, tasks, meetings and latest activities.
import { z } from "zod";
import { fromPostgrestError } from "../../../errors/app_error.ts";
import { FoundDealDetail } from "../../panels/crm_rows.ts";
import { buildDealCard, dealCardPanel } from "../../panels/deal_card.ts";
import type { ReadAction } from "../action.ts";
import { evidenceRows, type Mention } from "../evidence_rows.ts";
import { dealMentions, surroundingMentions } from "./crm_evidence.ts";

/** Which deal. */
export const GetDealArgs = z.strictObject({
  deal_id: z.uuid().describe("Of resolve_entity or another look-up."),
});

/** The action. */
export const getDeal: ReadAction<typeof GetDealArgs, typeof FoundDealDetail> = {
  kind: "read",
  name: "get_deal",
  description: "Shows a deal: amount, stage, close date, next step, people, open tasks, meetings " +
    "and latest activities.",
  label: "Looking up the deal",
  args: GetDealArgs,
  result: FoundDealDetail,
  readsForeignText: true,
  explainArgs: ({ deal_id }) => ({ deal_id }),
  async run(ctx, { deal_id }) {
    const { data: answer, error } = await ctx.db.rpc("get_deal", {
      p_org_id: ctx.orgId,
      p_deal_id: deal_id,
      p_now: ctx.clock.now().toISOString(),
    });
    if (error) throw fromPostgrestError(error);
    const data = FoundDealDetail.parse(answer);
    const panel = buildDealCard(data);
    return {
      data,
      evidence: evidenceRows(mentionsOf(data)),
      count: 1,
      panel,
      text: dealCardPanel.describe(panel),
    };
  },
};

function* mentionsOf(found: FoundDealDetail): Generator<Mention> {
  yield* dealMentions([found.deal]);
  for (const task of found.tasks) yield ["tasks", task.id];
  yield* surroundingMentions(found);
}
