// Competitors: where they came up, and what the organization has written about how it stands beside
// them. Nothing is claimed about a competitor that neither holds.
import { item, openMeeting, row } from "./items.ts";
import { readBrief } from "./meeting_facts.ts";
import { OrgKnowledge, type RuleContext, type RuleResult } from "./rule.ts";
import { type BriefView, view } from "./views.ts";

/** A competitor, and where it came up. */
export interface Competitor {
  readonly name: string;
  readonly positioning: string | null;
  /** What was said, where a meeting has it in words. */
  readonly said: string | null;
  readonly meetingId: string | null;
  readonly meetingTitle: string | null;
  readonly evidence: readonly ReturnType<typeof row>[];
}

/**
 * Finds the competitors that came up with the people of a meeting.
 *
 * @param brief The brief.
 */
export function findCompetitors(brief: BriefView): Competitor[] {
  const insights = [...brief.outcome.insights, ...brief.history.insights]
    .filter(({ kind }) => kind === "competitor");
  return brief.competitors.map(({ name, positioning, mentions }) => {
    const said = insights.find(({ subject, text }) =>
      sameName(subject ?? "", name) || words(text).includes(words(name))
    );
    return {
      name,
      positioning: positioning ?? null,
      said: said?.text ?? null,
      meetingId: said?.meeting_id ?? null,
      meetingTitle: said?.meeting_title ?? null,
      evidence: mentions.slice(0, 5),
    };
  });
}

/**
 * Each competitor that came up, and with `competitor` or `all` those that the organization knows, each
 * with the positioning that is on record.
 */
export function competitorCards(
  from: Readonly<Record<string, unknown>>,
  _context: RuleContext,
): RuleResult {
  const found = findCompetitors(readBrief(from["brief"]));
  const knowledge = view(OrgKnowledge, from["knowledge"]);
  const asked = typeof from["competitor"] === "string" ? from["competitor"] : null;
  const shown = found.filter(({ name }) => asked === null || sameName(name, asked));
  const items = shown.flatMap((one) => [
    item(`${one.name} came up${inMeeting(one)}${one.said === null ? "" : `: ${one.said}`}`, {
      tone: "warning",
      evidence: one.evidence,
      actions: [openMeeting(one.meetingId)],
    }),
    positioningItem(one.name, one.positioning, knowledge?.org_id ?? null),
  ]);
  const listed = (knowledge?.competitors ?? []).filter(({ name }) =>
    (asked === null ? from["all"] === true : sameName(name, asked)) &&
    !shown.some((one) => sameName(one.name, name))
  );
  for (const { name, positioning } of listed) {
    items.push(positioningItem(name, positioning ?? null, knowledge?.org_id ?? null));
  }
  if (asked !== null && items.length === 0) {
    items.push(item(`${asked}: not among the competitors on record`, { tone: "warning" }));
  }
  return { items, values: { names: [...shown, ...listed].map(({ name }) => name) } };
}

function positioningItem(
  name: string,
  positioning: string | null,
  orgId: string | null,
): ReturnType<typeof item> {
  const evidence = [row("org_knowledge", orgId)];
  return positioning === null
    ? item(`${name}: nothing is written down about how to stand beside them`, {
      tone: "warning",
      evidence,
    })
    : item(`Beside ${name}: ${positioning}`, { tone: "good", evidence });
}

function inMeeting({ meetingTitle }: Competitor): string {
  return meetingTitle === null ? "" : ` in “${meetingTitle}”`;
}

function sameName(left: string, right: string): boolean {
  return words(left) !== "" && words(left) === words(right);
}

function words(text: string): string {
  return (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join(" ");
}
