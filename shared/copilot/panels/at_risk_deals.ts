// The at_risk_deals panel, version 1: open deals that break the published rules, the worst first.
import { z } from "zod";
import { ClickableAction } from "../clickable_action.ts";
import { EXAMPLE_DEAL, EXAMPLE_IDS } from "./crm_examples.ts";
import { DealLine, openMarks, toDealLine } from "./crm_parts.ts";
import { RiskCounts } from "./crm_reports.ts";
import { type DealsAtRisk, describeRisks, RiskReason } from "./deal_risk.ts";
import { definePanel } from "./panel.ts";
import { countOf } from "./plain_text.ts";

const LINES_MAX = 15;

/** The panel. */
export const AtRiskDeals = z.strictObject({
  type: z.literal("at_risk_deals"),
  version: z.literal(1),
  owner: z.enum(["mine", "all"]).describe("mine: owned by the person or assigned to them."),
  today: z.iso.date(),
  open_total: z.int().nonnegative().describe("How many open deals were looked at."),
  total: z.int().nonnegative().describe("How many are at risk; `deals` may be fewer."),
  counts: RiskCounts.describe("How many of them break each rule."),
  deals: z.array(z.strictObject({
    deal: DealLine,
    score: z.int().min(2).max(14).describe("The sum of the reasons' weights."),
    reasons: z.array(RiskReason).min(1),
  })),
  actions: z.array(ClickableAction),
}).describe("Open deals at risk, with the reasons and the rows that show them.");
/** See the schema of the same name. */
export type AtRiskDeals = z.infer<typeof AtRiskDeals>;

/**
 * Makes the panel.
 *
 * @param found The deals with their reasons.
 */
export function buildAtRiskDeals(found: DealsAtRisk): AtRiskDeals {
  const deals = found.deals.map((risky) => ({ ...risky, deal: toDealLine(risky.deal) }));
  return {
    type: "at_risk_deals",
    version: 1,
    owner: found.owner,
    today: found.today,
    open_total: found.open_total,
    total: found.total,
    counts: found.counts,
    deals,
    actions: openMarks({ deals: deals.map(({ deal }) => deal) }),
  };
}

function describeAtRiskDeals(panel: AtRiskDeals): string {
  const whose = panel.owner === "mine" ? "your open deals" : "the open deals that you can see";
  if (panel.total === 0) return `None of ${whose} is at risk (${panel.open_total} looked at).`;
  const lines = panel.deals.slice(0, LINES_MAX).map(({ deal, reasons }) =>
    describeRisks(deal.name, reasons)
  );
  const rest = panel.total - lines.length;
  return [
    `${countOf(panel.total, "deal")} at risk, of ${panel.open_total} of ${whose}:`,
    ...lines,
    ...(rest > 0 ? [`… and ${rest} more.`] : []),
  ].join("\n");
}

/** How the panel is published. */
export const atRiskDealsPanel = definePanel({
  summary: "Open deals that break the published rules, each with its reasons and their evidence.",
  schema: AtRiskDeals,
  example: {
    type: "at_risk_deals",
    version: 1,
    owner: "mine",
    today: "2026-12-14",
    open_total: 7,
    total: 1,
    counts: {
      inactive: 1,
      close_date_passed: 1,
      negative_sentiment: 0,
      stage_stuck: 0,
      no_next_step: 0,
      no_meeting_planned: 0,
    },
    deals: [{
      deal: { ...EXAMPLE_DEAL, is_mine: true },
      score: 6,
      reasons: [{
        code: "inactive",
        weight: 3,
        days: 23,
        since: "2026-11-20T17:30:00+00:00",
        day: null,
        evidence: [{ table: "activities", id: EXAMPLE_IDS.activity }],
      }, {
        code: "close_date_passed",
        weight: 3,
        days: 3,
        since: null,
        day: "2026-12-11",
        evidence: [{ table: "deals", id: EXAMPLE_IDS.deal }],
      }],
    }],
    actions: [{ type: "open_deal", deal_id: EXAMPLE_IDS.deal, label: "Northwind: pilot" }],
  },
  describe: describeAtRiskDeals,
});
