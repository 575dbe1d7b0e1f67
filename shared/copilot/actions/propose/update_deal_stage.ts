// Proposes to move a deal to another stage.
import { z } from "zod";
import { AppError, fromPostgrestError } from "../../../errors/app_error.ts";
import { UpdateDealStage } from "../../proposals/effect.ts";
import type { ActionContext, ProposeAction } from "../action.ts";
import { change, field, outgoingDetails, summary } from "./preview.ts";

const UpdateDealStageArgs = z.strictObject({
  deal_id: z.uuid(),
  stage: z.string().trim().min(1).max(60).describe("Name or id of a stage of the pipeline."),
  lost_reason: z.string().max(2_000).nullish(),
});

/** The action. */
export const updateDealStage: ProposeAction<typeof UpdateDealStageArgs> = {
  kind: "propose",
  name: "update_deal_stage",
  description: "Proposes to move a deal to another stage of the pipeline; it can be undone.",
  label: "Preparing to move a deal",
  args: UpdateDealStageArgs,
  explainArgs: ({ lost_reason }) => ({ has_reason: Boolean(lost_reason) }),
  async prepare(ctx, { deal_id: dealId, stage: wanted, lost_reason: reason }) {
    const [deal, stages] = await Promise.all([readDeal(ctx, dealId), readStages(ctx)]);
    const name = wanted.toLowerCase();
    const stage = stages.find(({ id }) => id === name) ??
      stages.find((found) => found.name.toLowerCase() === name);
    if (stage === undefined) {
      throw new AppError("not_found", {
        detail: `There is no such stage; there are ${stages.map((one) => one.name).join(", ")}.`,
      });
    }
    if (stage.id === deal.stage_id) {
      throw new AppError("invalid_request", { detail: "The deal is in that stage already." });
    }
    const effect = UpdateDealStage.parse({
      kind: "update_deal_stage",
      deal_id: dealId,
      stage_id: stage.id,
      lost_reason: outgoingDetails(reason),
    });
    const before = stages.find(({ id }) => id === deal.stage_id);
    return {
      effects: [effect],
      previews: [{
        kind: effect.kind,
        summary: summary("Move the deal “", deal.name, "” to ", stage.name),
        recipients: [],
        fields: [
          { name: "Deal", value: deal.name },
          change("Stage", before?.name, stage.name),
          change("Status", deal.status, stage.kind),
          ...field("Lost reason", effect.lost_reason),
        ],
        is_reversible: true,
      }],
      evidence: [{ table: "deals", id: dealId }],
    };
  },
};

async function readDeal(ctx: ActionContext, id: string) {
  const { data, error } = await ctx.db.from("deals").select("name, status, stage_id")
    .eq("org_id", ctx.orgId).eq("id", id).maybeSingle();
  if (error) throw fromPostgrestError(error);
  if (data === null) throw new AppError("not_found");
  return data;
}

async function readStages(ctx: ActionContext) {
  const { data, error } = await ctx.db.from("deal_stages").select("id, name, kind")
    .eq("org_id", ctx.orgId).order("position").limit(50);
  if (error) throw fromPostgrestError(error);
  return data;
}
