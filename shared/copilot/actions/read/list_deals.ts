// Lists deals by stage, status, owner and closing period, with sums by currency.
import { z } from "zod";
import { fromPostgrestError } from "../../../errors/app_error.ts";
import { FoundDeals } from "../../panels/crm_rows.ts";
import { buildDealList, dealListPanel } from "../../panels/deal_list.ts";
import type { ReadAction } from "../action.ts";
import { evidenceRows } from "../evidence_rows.ts";
import { dealMentions } from "./crm_evidence.ts";

/** Closing periods by their names; days are the person's own. */
export const CLOSING_PERIODS = [
  "overdue",
  "this_week",
  "next_week",
  "this_month",
  "next_month",
  "this_quarter",
  "next_quarter",
] as const;

/** Which deals. */
export const ListDealsArgs = z.strictObject({
  status: z.enum(["open", "won", "lost", "all"]).default("open"),
  stage: z.string().trim().min(1).max(60).optional().describe("A stage by its name."),
  owner: z.enum(["mine", "all"]).default("mine")
    .describe("mine: owned by the person or assigned to them; all: also what colleagues share."),
  closing: z.enum(CLOSING_PERIODS).optional()
    .describe("When they are expected to close; overdue: that day has passed."),
  company_id: z.uuid().optional(),
  contact_id: z.uuid().optional(),
  sort: z.enum(["closing", "amount", "newest"]).default("closing"),
  limit: z.int().min(1).max(50).default(10),
});
/** See the schema of the same name. */
export type ListDealsArgs = z.infer<typeof ListDealsArgs>;

/** The action. */
export const listDeals: ReadAction<typeof ListDealsArgs, typeof FoundDeals> = {
  kind: "read",
  name: "list_deals",
  description: "Lists deals by status, stage, owner, closing period, company or contact, with " +
    "counts and sums by currency.",
  label: "Looking up deals",
  args: ListDealsArgs,
  result: FoundDeals,
  readsForeignText: true,
  explainArgs: ({ status, owner, closing, sort, limit, stage, company_id, contact_id }) => ({
    status,
    owner,
    sort,
    limit,
    has_stage: stage !== undefined,
    ...(closing === undefined ? {} : { closing }),
    ...(company_id === undefined ? {} : { company_id }),
    ...(contact_id === undefined ? {} : { contact_id }),
  }),
  async run(ctx, args) {
    const { data: answer, error } = await ctx.db.rpc("list_deals", {
      p_org_id: ctx.orgId,
      p_status: args.status,
      p_stage: args.stage ?? null,
      p_owner: args.owner,
      p_closing: args.closing ?? null,
      p_company_id: args.company_id ?? null,
      p_contact_id: args.contact_id ?? null,
      p_sort: args.sort,
      p_limit: args.limit,
      p_now: ctx.clock.now().toISOString(),
    });
    if (error) throw fromPostgrestError(error);
    const data = FoundDeals.parse(answer);
    const panel = buildDealList(data);
    return {
      data,
      evidence: evidenceRows(dealMentions(data.deals)),
      count: data.total,
      panel,
      text: data.filters.is_known_stage
        ? dealListPanel.describe(panel)
        : `There is no such stage. The stages are: ${data.stages.join(", ")}.`,
    };
  },
};
