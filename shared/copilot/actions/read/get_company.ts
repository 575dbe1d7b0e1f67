// Looks up one company with its people, deals and meetings.
import { z } from "zod";
import { fromPostgrestError } from "../../../errors/app_error.ts";
import type { ReadAction } from "../action.ts";
import { evidenceRows, type Mention } from "../evidence_rows.ts";
import { buildCompanyCard, companyCardPanel } from "../../panels/company_card.ts";
import { FoundCompany } from "../../panels/crm_rows.ts";
import { dealMentions, surroundingMentions } from "./crm_evidence.ts";

/** Which company. */
export const GetCompanyArgs = z.strictObject({
  company_id: z.uuid().describe("Of resolve_entity or another look-up."),
});

/** The action. */
export const getCompany: ReadAction<typeof GetCompanyArgs, typeof FoundCompany> = {
  kind: "read",
  name: "get_company",
  description: "Shows a company: what it is, its people, deals, last and next meeting and notes.",
  label: "Looking up the company",
  args: GetCompanyArgs,
  result: FoundCompany,
  readsForeignText: true,
  explainArgs: ({ company_id }) => ({ company_id }),
  async run(ctx, args) {
    const { data: answer, error } = await ctx.db.rpc("get_company", {
      p_org_id: ctx.orgId,
      p_company_id: args.company_id,
      p_now: ctx.clock.now().toISOString(),
    });
    if (error) throw fromPostgrestError(error);
    const data = FoundCompany.parse(answer);
    const panel = buildCompanyCard(data);
    return {
      data,
      evidence: evidenceRows(mentionsOf(data)),
      count: 1,
      panel,
      text: companyCardPanel.describe(panel),
    };
  },
};

function* mentionsOf(found: FoundCompany): Generator<Mention> {
  yield ["companies", found.company.id];
  for (const contact of found.contacts) yield ["contacts", contact.id];
  yield* dealMentions(found.deals);
  yield* surroundingMentions(found);
}
