// Why a deal is at risk: each reason with when it began and the rows that show it. The rules and
// their weights are published in docs/relationship-health.md; the database applies them.
import { z } from "zod";
import { FoundDeal } from "./crm_rows.ts";
import { FoundRisks, RiskCode } from "./crm_reports.ts";
import { formatDay, plainLine } from "./plain_text.ts";

const DAY_MS = 86_400_000;

/** One reason. */
export const RiskReason = z.strictObject({
  code: RiskCode,
  weight: z.int().min(1).max(3),
  days: z.int().nonnegative().nullable().describe("For how many whole days it has been so."),
  since: z.iso.datetime({ offset: true }).nullable(),
  day: z.iso.date().nullable().describe("The close date that has passed."),
  evidence: z.array(z.strictObject({
    table: z.enum([
      "activities",
      "contacts",
      "deals",
      "emails",
      "meetings",
      "transcript_segments",
    ]),
    id: z.uuid(),
  })).min(1).describe("The rows that show it; of what is missing, where it would stand."),
});
/** See the schema of the same name. */
export type RiskReason = z.infer<typeof RiskReason>;

/** What the action gives: the deals with their reasons spelled out. */
export const DealsAtRisk = FoundRisks.extend({
  deals: z.array(z.strictObject({
    deal: FoundDeal,
    score: z.int().min(2).max(14).describe("The sum of the weights."),
    reasons: z.array(RiskReason).min(1),
  })),
});
/** See the schema of the same name. */
export type DealsAtRisk = z.infer<typeof DealsAtRisk>;

/** What each reason weighs; from a sum of 2 on a deal is listed. */
export const RISK_WEIGHTS: Readonly<Record<RiskCode, number>> = {
  inactive: 3,
  close_date_passed: 3,
  negative_sentiment: 3,
  stage_stuck: 2,
  no_next_step: 2,
  no_meeting_planned: 1,
};

/**
 * Spells out the reasons of each deal.
 *
 * @param found What the database found.
 */
export function explainRisks(found: FoundRisks): DealsAtRisk {
  return {
    ...found,
    deals: found.deals.map((risky) => ({
      deal: risky.deal,
      score: risky.score,
      reasons: risky.reasons.map((code) => ({
        code,
        weight: RISK_WEIGHTS[code],
        ...explainRisk(code, risky, found),
      })),
    })),
  };
}

type Explanation = Omit<RiskReason, "code" | "weight">;

function explainRisk(
  code: RiskCode,
  { deal, negative_meeting: meeting }: FoundRisks["deals"][number],
  { now, today }: FoundRisks,
): Explanation {
  const itself = { table: "deals" as const, id: deal.id };
  const plain = { days: null, since: null, day: null, evidence: [itself] };
  const after = (since: string): Explanation => ({
    ...plain,
    since,
    days: Math.max(0, Math.floor((Date.parse(now) - Date.parse(since)) / DAY_MS)),
  });
  switch (code) {
    case "inactive":
      return explainInactivity(deal, after);
    case "close_date_passed": {
      const day = deal.expected_close_on;
      const days = day && Math.round((Date.parse(today) - Date.parse(day)) / DAY_MS);
      return { ...plain, day, days: days || null };
    }
    case "negative_sentiment": {
      if (meeting === null) return plain;
      const segments = meeting.segment_ids.map((id) => ({
        table: "transcript_segments" as const,
        id,
      }));
      const evidence = [{ table: "meetings" as const, id: meeting.id }, ...segments];
      return { ...plain, since: meeting.started_at, evidence };
    }
    case "stage_stuck":
      return after(deal.stage_changed_at);
    case "no_next_step":
      return plain;
    case "no_meeting_planned":
      return {
        ...plain,
        evidence: [
          itself,
          ...(deal.contact ? [{ table: "contacts" as const, id: deal.contact.id }] : []),
        ],
      };
  }
}

/** The last sign of life is the latest of what happened, the change of stage and the beginning. */
function explainInactivity(deal: FoundDeal, after: (since: string) => Explanation): Explanation {
  const { last_activity: last, stage_changed_at: changed, created_at: created } = deal;
  const own = Date.parse(changed) >= Date.parse(created) ? changed : created;
  if (last === null || Date.parse(last.at) < Date.parse(own)) return after(own);
  return { ...after(last.at), evidence: [{ table: last.table, id: last.id }] };
}

/**
 * Says a reason.
 *
 * @param reason The reason.
 * @returns As "nothing happened for 12 days".
 */
export function describeRisk(reason: RiskReason): string {
  const days = reason.days === 1 ? "1 day" : `${reason.days ?? 0} days`;
  switch (reason.code) {
    case "inactive":
      return `nothing happened for ${days}`;
    case "close_date_passed":
      return reason.day === null
        ? "its close date has passed"
        : `its close date, ${formatDay(reason.day, "short")}, has passed`;
    case "negative_sentiment":
      return "the last meeting went badly";
    case "stage_stuck":
      return `in the same stage for ${days}`;
    case "no_next_step":
      return "no next step";
    case "no_meeting_planned":
      return "no meeting planned within 14 days";
  }
}

/**
 * Says a deal's reasons.
 *
 * @param name The deal's name, as somebody wrote it.
 * @param reasons Why it is at risk.
 */
export function describeRisks(name: string, reasons: readonly RiskReason[]): string {
  return `• ${plainLine(name)}: ${reasons.map(describeRisk).join("; ")}`;
}
