// What nobody knows or has done yet about a deal, and the plan to its closing day.
import { dayOf, formatDay } from "../../copilot/panels/plain_text.ts";
import type { PlaybookItem } from "../../copilot/panels/playbook.ts";
import { DealDetailView } from "./crm_views.ts";
import { isLate, readDeals } from "./deal_facts.ts";
import { addDays, daysBetween, dealId, item, openDeal, openMeeting, row } from "./items.ts";
import type { RuleContext, RuleResult } from "./rule.ts";
import { type DealView, view } from "./views.ts";

/** Days that a plan needs at least; with less, its steps stand close together. */
const PLAN_DAYS_MIN = 5;
const PLAN_DAYS_DEFAULT = 30;

/** Questions that a deal's record does not answer. */
export function dealGaps(
  from: Readonly<Record<string, unknown>>,
  context: RuleContext,
): RuleResult {
  const deals = Object.values(from).flatMap(readDeals).filter(({ status }) => status === "open");
  const detail = view(DealDetailView, from["deal"]);
  const items = deals.flatMap((deal) => gapsOf(deal, context));
  const [deal] = deals;
  if (detail !== null && deal !== undefined) {
    if (!detail.next_meeting) {
      items.push(gap(deal, `${deal.name}: no meeting is planned`));
    }
    if (detail.activities.length === 0 && !detail.last_meeting) {
      items.push(gap(deal, `${deal.name}: nothing is on record of what was said`));
    }
  }
  return { items, values: { count: items.length } };
}

function gapsOf(deal: DealView, context: RuleContext): PlaybookItem[] {
  const gaps = [
    !deal.contact && deal.contact !== undefined ? "nobody is named who decides" : null,
    !deal.next_step ? "no next step is agreed" : null,
    !deal.expected_close_on ? "no decision date is known" : null,
    isLate(deal, context) ? "its decision date is past" : null,
    deal.amount === 0 ? "no amount is known" : null,
  ];
  return gaps.filter((one) => one !== null).map((one) => gap(deal, `${deal.name}: ${one}`));
}

function gap(deal: DealView, text: string): PlaybookItem {
  const parts = { evidence: [row("deals", dealId(deal))], actions: [openDeal(dealId(deal))] };
  return item(text, { ...parts, tone: "warning" });
}

/** Findings of a list of deals that make a forecast wrong. */
export function hygieneFindings(
  from: Readonly<Record<string, unknown>>,
  context: RuleContext,
): RuleResult {
  const deals = Object.values(from).flatMap(readDeals).filter(({ status }) => status === "open");
  const items = deals.flatMap((deal) => gapsOf(deal, context));
  const clean = deals.length -
    new Set(items.flatMap(({ evidence }) => evidence.map(({ id }) => id)))
      .size;
  return { items, values: { checked: deals.length, clean } };
}

/** Steps from today to the closing day, evenly apart, each owned by one side. */
export function mutualPlan(
  from: Readonly<Record<string, unknown>>,
  context: RuleContext,
): RuleResult {
  const detail = view(DealDetailView, from["deal"]);
  if (detail === null) return { items: [], values: { tasks: [] } };
  const { deal } = detail;
  const close = deal.expected_close_on && deal.expected_close_on > context.today
    ? deal.expected_close_on
    : addDays(context.today, Number(from["days"]) || PLAN_DAYS_DEFAULT);
  const days = Math.max(daysBetween(context.today, close), PLAN_DAYS_MIN);
  const who = deal.contact?.name ?? deal.company?.name ?? "the customer";
  const steps = PLAN.map(([share, ours, text]) => ({
    day: addDays(context.today, Math.round(days * share)),
    ours,
    text: text.replaceAll("{who}", who).replaceAll("{deal}", deal.name),
  }));
  const items = steps.map(({ day, ours, text }) =>
    item(`${formatDay(day, "short")}, ${ours ? "we" : who}: ${text}`, {
      evidence: [row("deals", dealId(deal)), row("contacts", deal.contact?.id)],
      actions: [openDeal(dealId(deal))],
    })
  );
  const tasks = steps.filter(({ ours }) => ours).map(({ day, text }) => ({
    title: text,
    due_at: day,
    deal_id: dealId(deal),
    contact_id: deal.contact?.id ?? null,
  }));
  return {
    items: [...nextMeetingItem(detail, context), ...items],
    values: { tasks, close_on: close, is_date_agreed: close === deal.expected_close_on },
  };
}

/** Share of the time, whose step it is, and what it is. */
const PLAN: readonly (readonly [number, boolean, string])[] = [
  [0.1, true, "Send {who} this plan and agree its dates"],
  [0.3, false, "name everybody who has to approve {deal}, and what each needs to see"],
  [0.5, true, "Show the people who approve what {deal} changes for them"],
  [0.7, false, "return the contract with questions of legal and security in one list"],
  [0.85, true, "Answer every question on that list, and agree price and start"],
  [1, false, "sign {deal}"],
];

function nextMeetingItem(
  { next_meeting: next }: DealDetailView,
  context: RuleContext,
): PlaybookItem[] {
  if (!next) return [];
  const day = formatDay(dayOf(next.start_time, context.timeZone), "short");
  return [item(`${day}: ${next.title ?? "next meeting"} is planned; agree the plan there`, {
    tone: "good",
    evidence: [row("calendar_events", next.calendar_event_id)],
    actions: [openMeeting(null, next.calendar_event_id)],
  })];
}
