// What endangers a deal, and what to do about each danger first.
import { formatDay } from "../../copilot/panels/plain_text.ts";
import { RisksView, type RiskView } from "./crm_views.ts";
import { addDays, dealId, item, openDeal, row } from "./items.ts";
import type { RuleContext, RuleResult } from "./rule.ts";
import { type DealView, view } from "./views.ts";

const STEPS_MAX = 5;

/**
 * Reads deals at risk.
 *
 * @param value What the look-up found.
 * @returns The deals with their reasons, the gravest first.
 */
export function readRisks(value: unknown): RisksOf {
  return view(RisksView, value)?.deals ?? [];
}

type RisksOf = readonly {
  readonly deal: DealView;
  readonly score: number;
  readonly reasons: readonly RiskView[];
}[];

/** A finding for each deal at risk, with its reasons. */
export function dealRisks(
  from: Readonly<Record<string, unknown>>,
  _context: RuleContext,
): RuleResult {
  const risky = readRisks(from["risks"]);
  const items = risky.map(({ deal, reasons, score }) =>
    item(`${deal.name}: ${reasons.map(sayRisk).join("; ")}`, {
      tone: score >= 5 ? "risk" : "warning",
      evidence: [row("deals", dealId(deal)), ...reasons.flatMap(({ evidence }) => evidence)],
      actions: [openDeal(dealId(deal))],
    })
  );
  const [first] = risky;
  return {
    items,
    values: {
      deal_id: first === undefined ? null : dealId(first.deal),
      contact_id: first?.deal.contact?.id ?? null,
      name: first?.deal.name ?? null,
    },
  };
}

/** Steps against the reasons of one deal, each with the day that it should be done. */
export function rescueSteps(
  from: Readonly<Record<string, unknown>>,
  context: RuleContext,
): RuleResult {
  const risky = readRisks(from["risks"]);
  const wanted = typeof from["deal_id"] === "string" ? from["deal_id"] : null;
  const chosen = risky.find(({ deal }) => dealId(deal) === wanted) ?? risky[0];
  if (chosen === undefined) return { items: [], values: { tasks: [] } };
  const { deal, reasons } = chosen;
  const steps = reasons.toSorted((a, b) => b.weight - a.weight).slice(0, STEPS_MAX)
    .map((reason) => stepAgainst(reason, deal, context));
  const items = steps.map(({ title, due, reason }) =>
    item(`${title}, by ${formatDay(due, "short")}`, {
      detail: `Because of ${deal.name}: ${sayRisk(reason)}.`,
      evidence: [row("deals", dealId(deal)), ...reason.evidence],
      actions: [openDeal(dealId(deal))],
    })
  );
  const tasks = steps.map(({ title, due, reason }) => ({
    title,
    details: `${deal.name}: ${sayRisk(reason)}`,
    due_at: due,
    deal_id: dealId(deal),
    contact_id: deal.contact?.id ?? null,
  }));
  return { items, values: { tasks, deal_id: dealId(deal), contact_id: deal.contact?.id ?? null } };
}

interface RescueStep {
  readonly title: string;
  readonly due: string;
  readonly reason: RiskView;
}

/** What a senior rep does first against each danger; the graver, the sooner. */
function stepAgainst(reason: RiskView, deal: DealView, { today }: RuleContext): RescueStep {
  const who = deal.contact?.name ?? deal.company?.name ?? "the customer";
  const steps: Readonly<Record<RiskView["code"], readonly [string, number]>> = {
    inactive: [`Call ${who}: something has to happen on ${deal.name}`, 1],
    close_date_passed: [`Agree a new decision date for ${deal.name} with ${who}`, 2],
    negative_sentiment: [`Call ${who} to hear out what went wrong in the last meeting`, 1],
    stage_stuck: [`Ask ${who} what has to be true for ${deal.name} to move on`, 3],
    no_next_step: [`Agree the next step of ${deal.name} with ${who} and write it down`, 2],
    no_meeting_planned: [`Put the next meeting about ${deal.name} into the calendar`, 3],
  };
  const [title, days] = steps[reason.code];
  return { title, due: addDays(today, days), reason };
}

/**
 * Says a reason.
 *
 * @param reason The reason, as the look-up gave it.
 */
export function sayRisk({ code, days, day }: RiskView): string {
  const count = days === 1 ? "1 day" : `${days ?? 0} days`;
  const words: Readonly<Record<RiskView["code"], string>> = {
    inactive: `nothing has happened for ${count}`,
    close_date_passed: day ? `should have closed ${formatDay(day, "short")}` : "is past its date",
    negative_sentiment: "the last meeting went badly",
    stage_stuck: `in the same stage for ${count}`,
    no_next_step: "has no next step",
    no_meeting_planned: "has no meeting planned",
  };
  return words[code];
}
