// Reads a brief as plain text: what a terminal shows, and what stands beside the panel.
import type { MeetingBrief } from "./meeting_brief.ts";
import { formatMoney } from "./crm_parts.ts";
import { dayOf, formatDay, formatTime, plainLine } from "./plain_text.ts";

/** Lines of one part; the panel holds more. */
const PART_MAX = 5;

/**
 * Describes a brief.
 *
 * @param brief The panel.
 * @returns A heading line and its parts; a part without anything is left out.
 */
export function describeBrief(brief: MeetingBrief): string {
  return [
    heading(brief),
    ...part("With", brief.people.map((person) => describePerson(person, brief))),
    ...part("Open deals", brief.deals.map(describeDeal)),
    ...part("Before", brief.last_meetings.map(describePast)),
    ...part("Open action items", brief.open_action_items.map(describeActionItem)),
    ...part("Objections", brief.objections.map(({ text }) => plainLine(text))),
    ...part("Competitors", brief.competitors.map(describeCompetitor)),
    ...part("Next steps", brief.next_steps.map(({ text }) => plainLine(text))),
    ...part("Your tasks", brief.tasks.map(({ title }) => plainLine(title))),
    ...part("Last emails", brief.emails.map((email) => describeEmail(email, brief))),
  ].join("\n");
}

function heading({ meeting, time_zone }: MeetingBrief): string {
  const day = formatDay(meeting.day, "long");
  const times = meeting.all_day ? "all day" : [meeting.start_time, meeting.end_time]
    .flatMap((at) => at === null ? [] : [formatTime(at, time_zone)]).join("–");
  const where = meeting.location === null ? "" : ` · ${plainLine(meeting.location, 80)}`;
  const said = meeting.summary === null ? "" : `\n${plainLine(meeting.summary, 600)}`;
  return `${plainLine(meeting.title)} · ${day}, ${times}${where}${said}`;
}

function part(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const rest = lines.length - PART_MAX;
  return [
    `${title}:`,
    ...lines.slice(0, PART_MAX).map((line) => `• ${line}`),
    ...(rest > 0 ? [`  … and ${rest} more.`] : []),
  ];
}

function describePerson(person: MeetingBrief["people"][number], brief: MeetingBrief): string {
  const company = brief.companies.find(({ company_id }) => company_id === person.company_id)?.name;
  const facts = [
    ...(person.job_title ? [plainLine(person.job_title)] : []),
    ...(company ? [plainLine(company)] : []),
    ...(person.is_colleague ? ["colleague"] : []),
  ];
  const name = plainLine(person.name ?? person.email ?? "Somebody");
  return facts.length > 0 ? `${name} (${facts.join(", ")})` : name;
}

function describeDeal(deal: MeetingBrief["deals"][number]): string {
  const next = deal.next_step === null ? "" : `; next: ${plainLine(deal.next_step)}`;
  return `${plainLine(deal.name)}: ${formatMoney(deal.amount, deal.currency)}, ${
    plainLine(deal.stage)
  }${next}`;
}

function describePast({ title, day, summary }: MeetingBrief["last_meetings"][number]): string {
  const said = summary === null ? "" : `: ${plainLine(summary, 300)}`;
  return `${formatDay(day, "short")}, ${plainLine(title)}${said}`;
}

function describeActionItem(item: MeetingBrief["open_action_items"][number]): string {
  const who = item.assignee_name === null ? "" : ` (${plainLine(item.assignee_name)})`;
  return `${plainLine(item.description)}${who}`;
}

function describeCompetitor({ name, positioning }: MeetingBrief["competitors"][number]): string {
  return positioning === null
    ? plainLine(name)
    : `${plainLine(name)}: ${plainLine(positioning, 300)}`;
}

function describeEmail(email: MeetingBrief["emails"][number], brief: MeetingBrief): string {
  const day = formatDay(dayOf(email.sent_at, brief.time_zone), "short");
  const who = email.direction === "inbound" ? `from ${plainLine(email.from_email)}` : "sent";
  return `${day}, ${who}: ${plainLine(email.subject ?? "(no subject)")}`;
}
