// The email after a meeting, written from what is on record and from nothing else. Without a record it
// stays short: a thank-you that invents what was agreed does harm.
import { formatDay, plainLine } from "../../copilot/panels/plain_text.ts";
import { item, joinNames, openMeeting, row } from "./items.ts";
import { meetingRows, outsiders, readBrief } from "./meeting_facts.ts";
import { findCommitments } from "./open_commitments.ts";
import type { RuleContext, RuleResult } from "./rule.ts";
import type { BriefView } from "./views.ts";

/** People that one email goes to. */
const RECIPIENTS_MAX = 8;
const SUMMARY_SENTENCES = 3;

/** A draft to everybody from outside who was there. */
export function draftFollowup(
  from: Readonly<Record<string, unknown>>,
  context: RuleContext,
): RuleResult {
  const brief = readBrief(from["brief"]);
  const { event } = brief;
  const people = outsiders(brief).slice(0, RECIPIENTS_MAX);
  const title = plainLine(event?.title ?? "our meeting", 150);
  const recap = recapOf(brief, context);
  if (!event || people.length === 0) return { items: [], values: { recap } };
  const subject = `Follow-up: ${title}`;
  const body = compose(brief, title, recap, context);
  const names = joinNames(people.map(({ name, email }) => name ?? email));
  return {
    items: [item(`To ${names}: ${subject}`, {
      detail: body,
      evidence: [
        ...meetingRows(brief),
        ...people.map(({ contact_id }) => row("contacts", contact_id)),
      ],
      actions: [openMeeting(event.meeting_id, event.calendar_event_id)],
    })],
    values: { to: people.map(({ email }) => email), subject, body, recap },
  };
}

function compose(brief: BriefView, title: string, recap: string, context: RuleContext): string {
  const first = firstNames(brief);
  const day = brief.event?.day ? ` on ${formatDay(brief.event.day, "long")}` : "";
  const commitments = findCommitments(brief, context);
  const ours = commitments.filter(({ isMine }) => isMine).map(({ about }) => about.description);
  const theirs = commitments.filter(({ isMine }) => !isMine).map(({ about }) =>
    about.assignee_name ? `${about.assignee_name}: ${about.description}` : about.description
  );
  const parts = [
    `Hi ${first},`,
    `Thank you for your time${day}.`,
    recap === "" ? null : `What I took away from “${title}”: ${recap}`,
    listOf("What I will do:", ours),
    listOf("What we agreed on your side:", theirs),
    "If I got anything wrong, please tell me.",
    `Best,\n${context.firstName ?? context.organizationName}`,
  ];
  return parts.filter((part) => part !== null).join("\n\n");
}

/** The first sentences of the summary on record. */
function recapOf(brief: BriefView, _context: RuleContext): string {
  const summary = plainLine(brief.event?.summary ?? "", 2_000);
  const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });
  return [...segmenter.segment(summary)].slice(0, SUMMARY_SENTENCES)
    .map(({ segment }) => segment).join("").trim();
}

function firstNames(brief: BriefView): string {
  const names = outsiders(brief).slice(0, RECIPIENTS_MAX).flatMap(({ name }) =>
    name ? [plainLine(name, 60).split(" ")[0] ?? ""] : []
  ).filter((name) => name !== "");
  return names.length > 0 && names.length <= 3 ? joinNames(names) : "all";
}

function listOf(heading: string, lines: readonly string[]): string | null {
  if (lines.length === 0) return null;
  return [heading, ...lines.map((line) => `- ${plainLine(line, 400)}`)].join("\n");
}
