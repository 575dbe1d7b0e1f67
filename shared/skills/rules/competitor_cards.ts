// Competitors: what was said about them on record, and what the organization has written about how it
// stands beside them. Nothing is claimed about a competitor that neither holds.
import { item, openMeeting, row } from "./items.ts";
import { readBrief } from "./meeting_facts.ts";
import { OrgKnowledge, type RuleResult } from "./rule.ts";
import { type BriefView, view } from "./views.ts";

interface Known {
  readonly name: string;
  readonly positioning: string | null;
}

interface Mention {
  readonly name: string;
  readonly text: string;
  readonly meetingId: string;
  readonly meetingTitle: string | null;
  readonly insightId: string | null;
}

/**
 * Finds what was said about competitors.
 *
 * @param brief Meetings with the people concerned.
 * @param known Competitors that the organization knows.
 */
export function findMentions(brief: BriefView, known: readonly Known[]): Mention[] {
  const insights = [...brief.outcome.insights, ...brief.history.insights]
    .filter(({ kind }) => kind === "competitor")
    .map((insight) => ({
      name: insight.subject ?? insight.text,
      text: insight.text,
      meetingId: insight.meeting_id,
      meetingTitle: insight.meeting_title ?? null,
      insightId: insight.insight_id,
    }));
  const seen = new Set(insights.map(({ name }) => name.toLowerCase()));
  const summaries = known.filter(({ name }) => !seen.has(name.toLowerCase())).flatMap(({ name }) =>
    brief.history.meetings.filter(({ summary }) => mentions(summary, name)).slice(0, 1)
      .map((meeting) => ({
        name,
        text: `${name} is in the summary`,
        meetingId: meeting.meeting_id,
        meetingTitle: meeting.title ?? null,
        insightId: null,
      }))
  );
  return [...insights, ...summaries];
}

/**
 * Reads which competitors the organization knows.
 *
 * @param from What the rule was given: `knowledge`, or a brief that has them.
 */
export function readKnown(from: Readonly<Record<string, unknown>>): Known[] {
  const knowledge = view(OrgKnowledge, from["knowledge"]);
  const listed = knowledge?.competitors ?? readBrief(from["brief"]).known_competitors;
  return listed.map(({ name, positioning }) => ({ name, positioning: positioning ?? null }));
}

/** Each competitor that came up, or that was asked for, with the positioning that is on record. */
export function competitorCards(from: Readonly<Record<string, unknown>>): RuleResult {
  const brief = readBrief(from["brief"]);
  const known = readKnown(from);
  const orgId = view(OrgKnowledge, from["knowledge"])?.org_id ?? null;
  const mentioned = findMentions(brief, known);
  const asked = typeof from["competitor"] === "string" ? from["competitor"] : null;
  const items = mentioned.map((mention) =>
    item(`${mention.name} came up${inMeeting(mention)}: ${mention.text}`, {
      tone: "warning",
      evidence: [
        row("meeting_insights", mention.insightId),
        row("meetings", mention.meetingId),
      ],
      actions: [openMeeting(mention.meetingId)],
    })
  );
  const names = new Set(mentioned.map(({ name }) => name.toLowerCase()));
  const wanted = known.filter(({ name }) =>
    asked === null ? from["all"] === true || names.has(name.toLowerCase()) : sameName(name, asked)
  );
  for (const { name, positioning } of wanted) {
    const text = positioning === null
      ? `${name}: nothing is written down about how to stand beside them`
      : `Against ${name}: ${positioning}`;
    items.push(item(text, {
      tone: positioning === null ? "warning" : "good",
      evidence: [row("org_knowledge", orgId)],
    }));
  }
  if (asked !== null && wanted.length === 0) {
    items.push(item(`${asked}: not among the competitors on record`, { tone: "warning" }));
  }
  return {
    items,
    values: { names: [...new Set([...mentioned, ...wanted].map(({ name }) => name))] },
  };
}

function inMeeting({ meetingTitle }: Mention): string {
  return meetingTitle === null ? "" : ` in “${meetingTitle}”`;
}

function mentions(summary: string | null | undefined, name: string): boolean {
  return ` ${words(summary ?? "")} `.includes(` ${words(name)} `);
}

function sameName(left: string, right: string): boolean {
  return words(left) === words(right);
}

function words(text: string): string {
  return (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join(" ");
}
