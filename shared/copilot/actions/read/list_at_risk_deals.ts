// Lists open deals that break the published rules, with reasons and evidence (U60-079).
import { z } from "zod";
import { fromPostgrestError } from "../../../errors/app_error.ts";
import type { ReadAction } from "../action.ts";
import { evidenceRows, type Mention } from "../evidence_rows.ts";
import { atRiskDealsPanel, buildAtRiskDeals } from "../../panels/at_risk_deals.ts";
import { FoundRisks } from "../../panels/crm_reports.ts";
import { DealsAtRisk, explainRisks } from "../../panels/deal_risk.ts";
import { dealMentions } from "./crm_evidence.ts";

/** Which deals are looked at. */
export const ListAtRiskDealsArgs = z.strictObject({
  owner: z.enum(["mine", "all"]).default("mine")
    .describe("mine: owned by the person or assigned to them; all: also what colleagues share."),
  deal_id: z.uuid().optional().describe("Only this deal."),
  limit: z.int().min(1).max(50).default(10),
});

/** The action. */
export const listAtRiskDeals: ReadAction<typeof ListAtRiskDealsArgs, typeof DealsAtRisk> = {
  kind: "read",
  name: "list_at_risk_deals",
  description:
    "Lists open deals at risk, the worst first, each with its reasons: nothing happened for 7 " +
    "days, close date passed, last meeting negative, 30 days in one stage, no next step, no " +
    "meeting planned.",
  label: "Looking for deals at risk",
  args: ListAtRiskDealsArgs,
  result: DealsAtRisk,
  readsForeignText: true,
  explainArgs: ({ owner, deal_id, limit }) => ({
    owner,
    limit,
    ...(deal_id === undefined ? {} : { deal_id }),
  }),
  async run(ctx, args) {
    const { data: answer, error } = await ctx.db.rpc("list_at_risk_deals", {
      p_org_id: ctx.orgId,
      // One deal is looked at whoever's it is.
      p_owner: args.deal_id === undefined ? args.owner : "all",
      p_deal_id: args.deal_id ?? null,
      p_limit: args.limit,
      p_now: ctx.clock.now().toISOString(),
    });
    if (error) throw fromPostgrestError(error);
    const data = explainRisks(FoundRisks.parse(answer));
    const panel = buildAtRiskDeals(data);
    return {
      data,
      evidence: evidenceRows(mentionsOf(data)),
      count: data.total,
      panel,
      text: atRiskDealsPanel.describe(panel),
    };
  },
};

function* mentionsOf(found: DealsAtRisk): Generator<Mention> {
  for (const { deal, reasons } of found.deals) {
    yield* dealMentions([deal]);
    for (const { evidence } of reasons) {
      for (const row of evidence) yield [row.table, row.id];
    }
  }
}
