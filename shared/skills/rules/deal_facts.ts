// Where deals stand.
import { dealId, item, money, openDeal, row, shortDay, stageName } from "./items.ts";
import type { RuleContext, RuleResult } from "./rule.ts";
import { DealView, view } from "./views.ts";

/**
 * Finds the deals in what a look-up gave: one deal, a list, a brief, or a list of risks.
 *
 * @param value What a step found.
 */
export function readDeals(value: unknown): DealView[] {
  if (typeof value !== "object" || value === null) return [];
  const one = view(DealView, value);
  if (one !== null) return [one];
  const inner = "deal" in value ? value.deal : "deals" in value ? value.deals : value;
  const list = Array.isArray(inner) ? inner : [inner];
  return list.flatMap((entry) => {
    const direct = view(DealView, entry);
    if (direct !== null) return [direct];
    const nested = typeof entry === "object" && entry !== null && "deal" in entry
      ? view(DealView, entry.deal)
      : null;
    return nested === null ? [] : [nested];
  });
}

/** Every deal in a line: stage, amount, when it should close, the next step. */
export function dealFacts(
  from: Readonly<Record<string, unknown>>,
  context: RuleContext,
): RuleResult {
  const deals = Object.values(from).flatMap(readDeals);
  const items = deals.map((deal) =>
    item(describeDeal(deal, context), {
      tone: isLate(deal, context) ? "warning" : "neutral",
      evidence: [row("deals", dealId(deal)), row("companies", deal.company?.id)],
      actions: [openDeal(dealId(deal))],
    })
  );
  const [first] = deals;
  const values = first === undefined ? {} : {
    deal_id: dealId(first),
    name: first.name,
    company: first.company?.name ?? null,
    contact_id: first.contact?.id ?? null,
  };
  return { items, values };
}

/**
 * Says a deal in one line.
 *
 * @param deal The deal.
 * @param context Whose days.
 */
export function describeDeal(deal: DealView, { timeZone }: RuleContext): string {
  if (deal.status !== "open") {
    const why = deal.status === "lost" && deal.lost_reason ? `, ${deal.lost_reason}` : "";
    return `${deal.name}: ${deal.status}, ${money(deal.amount, deal.currency)}${why}`;
  }
  const parts = [
    `${deal.name}: ${stageName(deal)}`,
    money(deal.amount, deal.currency),
    deal.probability === null || deal.probability === undefined ? null : `${deal.probability} %`,
    deal.expected_close_on ? `should close ${shortDay(deal.expected_close_on, timeZone)}` : null,
    deal.next_step ? `next step: ${deal.next_step}` : null,
  ];
  return parts.filter((part) => part !== null).join(", ");
}

/** Its expected close is past and it is open. */
export function isLate(deal: DealView, { today }: RuleContext): boolean {
  return deal.status === "open" && Boolean(deal.expected_close_on) &&
    String(deal.expected_close_on) < today;
}
