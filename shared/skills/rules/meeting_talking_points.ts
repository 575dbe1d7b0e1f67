// What to say in a meeting: at most five points, the most pressing first, each from something that is
// on record.
import { dayOf } from "../../copilot/panels/plain_text.ts";
import { findCompetitors } from "./competitor_cards.ts";
import { isLate } from "./deal_facts.ts";
import { daysBetween, dealId, item, openDeal, openMeeting, row, shortDay } from "./items.ts";
import { readBrief } from "./meeting_facts.ts";
import { findCommitments } from "./open_commitments.ts";
import { OrgKnowledge, type RuleContext, type RuleResult } from "./rule.ts";
import type { BriefView } from "./views.ts";
import { view } from "./views.ts";
import type { PlaybookItem } from "../../copilot/panels/playbook.ts";

const POINTS_MAX = 5;
/** A deal that has stood in its stage so long is worth a question. */
const LONG_IN_STAGE_DAYS = 21;

/** Own promises, then objections, competitors, the deal, and what others promised. */
export function meetingTalkingPoints(
  from: Readonly<Record<string, unknown>>,
  context: RuleContext,
): RuleResult {
  const brief = readBrief(from["brief"]);
  const commitments = findCommitments(brief, context);
  const orgId = view(OrgKnowledge, from["knowledge"])?.org_id ?? null;
  const points = [
    ...commitments.filter(({ isMine }) => isMine).slice(0, 2).map(({ about }) =>
      item(`Report on what you promised: ${about.description}`, {
        tone: "warning",
        evidence: [row("meeting_action_items", about.action_item_id)],
        actions: [openMeeting(about.meeting_id)],
      })
    ),
    ...objectionPoints(brief),
    ...competitorPoints(brief, orgId),
    ...dealPoints(brief, context),
    ...commitments.filter(({ isMine }) => !isMine).slice(0, 2).map(({ about }) =>
      item(`Ask ${about.assignee_name ?? "them"} about: ${about.description}`, {
        evidence: [row("meeting_action_items", about.action_item_id)],
        actions: [openMeeting(about.meeting_id)],
      })
    ),
  ];
  return {
    items: points.slice(0, POINTS_MAX),
    values: { count: Math.min(points.length, POINTS_MAX) },
  };
}

function objectionPoints(brief: BriefView): PlaybookItem[] {
  return brief.history.insights.filter(({ kind }) => kind === "objection").slice(0, 2).map((one) =>
    item(`Come back to the concern they raised: ${one.text}`, {
      tone: "warning",
      evidence: [row("meeting_insights", one.insight_id), row("meetings", one.meeting_id)],
      actions: [openMeeting(one.meeting_id)],
    })
  );
}

function competitorPoints(brief: BriefView, orgId: string | null): PlaybookItem[] {
  return findCompetitors(brief).slice(0, 1).map(({ name, positioning, evidence }) =>
    positioning === null
      ? item(`Ask where they stand with ${name}`, { evidence })
      : item(`Say how you differ from ${name}: ${positioning}`, {
        evidence: [...evidence, row("org_knowledge", orgId)],
      })
  );
}

function dealPoints(brief: BriefView, context: RuleContext): PlaybookItem[] {
  const [deal] = brief.deals;
  if (deal === undefined) return [];
  const parts = { evidence: [row("deals", dealId(deal))], actions: [openDeal(dealId(deal))] };
  const points: PlaybookItem[] = [];
  if (deal.next_step) points.push(item(`Agree a date for the next step: ${deal.next_step}`, parts));
  if (isLate(deal, context)) {
    const day = shortDay(String(deal.expected_close_on), context.timeZone);
    points.push(item(`Agree a new closing date: ${deal.name} should have closed ${day}`, {
      ...parts,
      tone: "risk",
    }));
  } else if (!deal.expected_close_on) {
    points.push(item(`Ask when they want to decide: ${deal.name} has no closing date`, parts));
  }
  const days = deal.stage_changed_at
    ? daysBetween(dayOf(deal.stage_changed_at, context.timeZone), context.today)
    : 0;
  if (days >= LONG_IN_STAGE_DAYS) {
    points.push(item(`Ask what holds ${deal.name} up: same stage for ${days} days`, {
      ...parts,
      tone: "warning",
    }));
  }
  return points;
}
