// The pipeline_summary panel, version 1: open deals in figures. Currencies are never added together.
import { z } from "zod";
import { ClickableAction } from "../clickable_action.ts";
import { EXAMPLE_IDS } from "./crm_examples.ts";
import { Currency, formatMoney, nameLabel } from "./crm_parts.ts";
import type { FoundPipeline } from "./crm_reports.ts";
import { describeTotals, MoneyTotal } from "./deal_list.ts";
import { definePanel } from "./panel.ts";
import { countOf, dayOf, formatDay, plainLine } from "./plain_text.ts";
import { TimeZone } from "./time_zone.ts";

const Change = z.enum(["created", "moved", "won", "lost"]);
const CHANGES_SHOWN = 5;

/** The panel. */
export const PipelineSummary = z.strictObject({
  type: z.literal("pipeline_summary"),
  version: z.literal(1),
  owner: z.enum(["mine", "all"]).describe("mine: owned by the person or assigned to them."),
  time_zone: TimeZone,
  today: z.iso.date(),
  stages: z.array(z.strictObject({
    stage_id: z.uuid(),
    name: z.string(),
    win_probability: z.int().min(0).max(100).describe("Percent."),
    totals: z.array(MoneyTotal),
  })),
  totals: z.array(MoneyTotal).describe("All open deals, by currency."),
  closing: z.array(z.strictObject({
    period: z.enum(["overdue", "this_month", "this_quarter"]),
    first_day: z.iso.date().nullable(),
    last_day: z.iso.date(),
    totals: z.array(MoneyTotal),
  })).describe("Open deals by expected close date; the quarter contains the month."),
  changes: z.strictObject({
    since: z.iso.datetime({ offset: true }),
    totals: z.array(z.strictObject({
      change: Change,
      currency: Currency,
      count: z.int().positive(),
      amount: z.number().nonnegative(),
    })),
    deals: z.array(z.strictObject({
      deal_id: z.uuid(),
      name: z.string(),
      amount: z.number().nonnegative(),
      currency: Currency,
      stage: z.string(),
      change: Change,
      at: z.iso.datetime({ offset: true }),
    })).describe("The latest ten."),
  }).describe("What happened to deals in seven days."),
  actions: z.array(ClickableAction),
}).describe("The pipeline in figures.");
/** See the schema of the same name. */
export type PipelineSummary = z.infer<typeof PipelineSummary>;

/**
 * Makes the panel.
 *
 * @param found What the database counted under the caller's rights.
 */
export function buildPipelineSummary(found: FoundPipeline): PipelineSummary {
  const changed = found.changes.deals.map(({ id, ...deal }) => ({ deal_id: id, ...deal }));
  return {
    type: "pipeline_summary",
    version: 1,
    owner: found.owner,
    time_zone: found.time_zone,
    today: found.today,
    stages: found.stages.map(({ id, ...stage }) => ({ stage_id: id, ...stage })),
    totals: found.totals,
    closing: found.closing,
    changes: { ...found.changes, deals: changed },
    actions: changed.map(({ deal_id, name }) => ({
      type: "open_deal",
      deal_id,
      ...nameLabel(name),
    })),
  };
}

function describePipeline(panel: PipelineSummary): string {
  const whose = panel.owner === "mine" ? "Your pipeline" : "The pipeline that you can see";
  if (panel.totals.length === 0 && panel.changes.totals.length === 0) {
    return `${whose} has no open deals.`;
  }
  const line = (what: string, totals: readonly MoneyTotal[]): string => {
    const count = totals.reduce((sum, total) => sum + total.count, 0);
    if (count === 0) return `• ${what}: none`;
    const weighted = totals.map((total) => formatMoney(total.weighted_amount, total.currency));
    return `• ${what}: ${countOf(count, "deal")}, ${describeTotals(totals)} (weighted ${
      weighted.join(" and ")
    })`;
  };
  return [
    `${whose}:`,
    line("Open", panel.totals),
    ...panel.stages.map((stage) => line(plainLine(stage.name), stage.totals)),
    "Closing:",
    ...panel.closing.map((part) => line(describePeriod(part), part.totals)),
    ...describeChanges(panel),
  ].join("\n");
}

function describePeriod(part: PipelineSummary["closing"][number]): string {
  const last = formatDay(part.last_day, "short");
  if (part.first_day === null) return `Close date passed (until ${last})`;
  const name = part.period === "this_month" ? "This month" : "This quarter";
  return `${name} (${formatDay(part.first_day, "short")} to ${last})`;
}

function describeChanges({ changes, time_zone }: PipelineSummary): string[] {
  const since = `Since ${formatDay(dayOf(changes.since, time_zone), "short")}`;
  if (changes.totals.length === 0) return [`${since} nothing changed.`];
  const totals = changes.totals.map((total) =>
    `${total.count} ${total.change} (${formatMoney(total.amount, total.currency)})`
  );
  const deals = changes.deals.slice(0, CHANGES_SHOWN).map((deal) =>
    `• ${plainLine(deal.name)}: ${deal.change}${
      deal.change === "moved" ? ` to ${plainLine(deal.stage)}` : ""
    } on ${formatDay(dayOf(deal.at, time_zone), "short")}`
  );
  return [`${since}: ${totals.join(", ")}`, ...deals];
}

const EXAMPLE_TOTAL = { currency: "USD", count: 1, amount: 24000, weighted_amount: 12000 };

/** How the panel is published. */
export const pipelineSummaryPanel = definePanel({
  summary: "Open deals by stage and currency, what closes soon, what changed in seven days.",
  schema: PipelineSummary,
  example: {
    type: "pipeline_summary",
    version: 1,
    owner: "mine",
    time_zone: "America/New_York",
    today: "2026-11-23",
    stages: [{
      stage_id: "00000000-0000-4000-8000-00000000000c",
      name: "Proposal",
      win_probability: 50,
      totals: [EXAMPLE_TOTAL],
    }],
    totals: [EXAMPLE_TOTAL],
    closing: [
      { period: "overdue", first_day: null, last_day: "2026-11-22", totals: [] },
      {
        period: "this_month",
        first_day: "2026-11-01",
        last_day: "2026-11-30",
        totals: [],
      },
      {
        period: "this_quarter",
        first_day: "2026-10-01",
        last_day: "2026-12-31",
        totals: [EXAMPLE_TOTAL],
      },
    ],
    changes: {
      since: "2026-11-16T15:00:00+00:00",
      totals: [{ change: "moved", currency: "USD", count: 1, amount: 24000 }],
      deals: [{
        deal_id: EXAMPLE_IDS.deal,
        name: "Northwind: pilot",
        amount: 24000,
        currency: "USD",
        stage: "Proposal",
        change: "moved",
        at: "2026-11-19T09:00:00+00:00",
      }],
    },
    actions: [{ type: "open_deal", deal_id: EXAMPLE_IDS.deal, label: "Northwind: pilot" }],
  },
  describe: describePipeline,
});
