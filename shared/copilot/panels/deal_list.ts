// The deal_list panel, version 1: deals that a filter found, with sums by currency.
import { z } from "zod";
import { ClickableAction } from "../clickable_action.ts";
import { EXAMPLE_DEAL, EXAMPLE_IDS } from "./crm_examples.ts";
import {
  Currency,
  DealLine,
  describeDeal,
  formatMoney,
  openMarks,
  toDealLine,
} from "./crm_parts.ts";
import type { FoundDeals } from "./crm_rows.ts";
import { definePanel } from "./panel.ts";
import { countOf, formatDay, plainLine } from "./plain_text.ts";

const LINES_MAX = 15;

/** How much there is in one currency. */
export const MoneyTotal = z.strictObject({
  currency: Currency,
  count: z.int().nonnegative(),
  amount: z.number().nonnegative(),
  weighted_amount: z.number().nonnegative(),
});
/** See the schema of the same name. */
export type MoneyTotal = z.infer<typeof MoneyTotal>;

/** The panel. */
export const DealList = z.strictObject({
  type: z.literal("deal_list"),
  version: z.literal(1),
  filters: z.strictObject({
    status: z.enum(["open", "won", "lost", "all"]),
    owner: z.enum(["mine", "all"]).describe("mine: owned by the person or assigned to them."),
    stage: z.string().nullable(),
    closing: z.string().nullable().describe("overdue, this_month, next_quarter, …"),
    first_day: z.iso.date().nullable(),
    last_day: z.iso.date().nullable(),
    sort: z.enum(["closing", "amount", "newest"]),
  }),
  total: z.int().nonnegative().describe("How many there are; `deals` may be fewer."),
  totals: z.array(MoneyTotal).describe("By currency; currencies are never added together."),
  deals: z.array(DealLine),
  actions: z.array(ClickableAction),
}).describe("Deals that a filter found.");
/** See the schema of the same name. */
export type DealList = z.infer<typeof DealList>;

/**
 * Makes the panel.
 *
 * @param found What the database found under the caller's rights.
 */
export function buildDealList(found: FoundDeals): DealList {
  const { is_known_stage: _isKnown, ...filters } = found.filters;
  const deals = found.deals.map(toDealLine);
  return {
    type: "deal_list",
    version: 1,
    filters,
    total: found.total,
    totals: found.totals,
    deals,
    actions: openMarks({ deals }),
  };
}

/**
 * Says sums, each in its own currency.
 *
 * @param totals By currency.
 * @returns As `USD 96,000 and EUR 12,000`; empty without any.
 */
export function describeTotals(totals: readonly MoneyTotal[]): string {
  return totals.map((total) => formatMoney(total.amount, total.currency)).join(" and ");
}

function describeDealList(list: DealList): string {
  const { filters } = list;
  const which = [
    filters.owner === "mine" ? "your" : "all",
    filters.status === "all" ? "" : filters.status,
  ].filter(Boolean).join(" ");
  const stage = filters.stage === null ? "" : ` in ${plainLine(filters.stage)}`;
  const closing = describeClosing(filters);
  if (list.total === 0) {
    const status = filters.status === "all" ? "" : `${filters.status} `;
    const who = filters.owner === "mine" ? "You have" : "There are";
    return `${who} no ${status}deals${stage}${closing}.`;
  }
  const head = `${countOf(list.total, "deal")} of ${which} ones${stage}${closing}, worth ${
    describeTotals(list.totals)
  }:`;
  const lines = list.deals.slice(0, LINES_MAX).map(describeDeal);
  const rest = list.total - lines.length;
  return [head, ...lines, ...(rest > 0 ? [`… and ${rest} more.`] : [])].join("\n");
}

function describeClosing(filters: DealList["filters"]): string {
  if (filters.closing === null) return "";
  if (filters.first_day === null || filters.last_day === null) {
    return " whose close date has passed";
  }
  const days = [filters.first_day, filters.last_day].map((day) => formatDay(day, "short"));
  return ` closing ${plainLine(filters.closing.replaceAll("_", " "))} (${days.join(" to ")})`;
}

/** How the panel is published. */
export const dealListPanel = definePanel({
  summary: "Deals by stage, status, owner or closing period, with sums by currency.",
  schema: DealList,
  example: {
    type: "deal_list",
    version: 1,
    filters: {
      status: "open",
      owner: "mine",
      stage: "Proposal",
      closing: "this_month",
      first_day: "2026-12-01",
      last_day: "2026-12-31",
      sort: "closing",
    },
    total: 1,
    totals: [{ currency: "USD", count: 1, amount: 24000, weighted_amount: 12000 }],
    deals: [{ ...EXAMPLE_DEAL, is_mine: true }],
    actions: [{ type: "open_deal", deal_id: EXAMPLE_IDS.deal, label: "Northwind: pilot" }],
  },
  describe: describeDealList,
});
