// Counts the open pipeline: by stage and currency, what closes soon, what changed in seven days.
import { z } from "zod";
import { fromPostgrestError } from "../../../errors/app_error.ts";
import type { ReadAction } from "../action.ts";
import { evidenceRows, type Mention } from "../evidence_rows.ts";
import { FoundPipeline } from "../../panels/crm_reports.ts";
import { buildPipelineSummary, pipelineSummaryPanel } from "../../panels/pipeline_summary.ts";

/** Whose pipeline. */
export const GetPipelineSummaryArgs = z.strictObject({
  owner: z.enum(["mine", "all"]).default("mine")
    .describe("mine: owned by the person or assigned to them; all: also what colleagues share."),
});

/** The figures; the ids of what was counted are evidence, and nothing to read. */
export const PipelineFigures = FoundPipeline.omit({ deal_ids: true });

/** The action. */
export const getPipelineSummary: ReadAction<typeof GetPipelineSummaryArgs, typeof PipelineFigures> =
  {
    kind: "read",
    name: "get_pipeline_summary",
    description:
      "Counts open deals by stage and currency, plain and weighted, what closes this month and " +
      "quarter or is overdue, and what was created, moved, won or lost in seven days.",
    label: "Counting the pipeline",
    args: GetPipelineSummaryArgs,
    result: PipelineFigures,
    readsForeignText: true,
    explainArgs: ({ owner }) => ({ owner }),
    async run(ctx, args) {
      const { data: answer, error } = await ctx.db.rpc("get_pipeline_summary", {
        p_org_id: ctx.orgId,
        p_owner: args.owner,
        p_now: ctx.clock.now().toISOString(),
      });
      if (error) throw fromPostgrestError(error);
      const found = FoundPipeline.parse(answer);
      const { deal_ids: _counted, ...data } = found;
      const panel = buildPipelineSummary(found);
      return {
        data,
        evidence: evidenceRows(mentionsOf(found)),
        count: data.totals.reduce((sum, total) => sum + total.count, 0),
        panel,
        text: pipelineSummaryPanel.describe(panel),
      };
    },
  };

function* mentionsOf(found: FoundPipeline): Generator<Mention> {
  for (const id of found.deal_ids) yield ["deals", id];
  for (const deal of found.changes.deals) yield ["deals", deal.id];
}
