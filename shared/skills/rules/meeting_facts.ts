// What a meeting is, and who comes.
import { formatDay, formatTime, plainLine } from "../../copilot/panels/plain_text.ts";
import { item, openContact, openMeeting, openUrl, row } from "./items.ts";
import type { RuleContext, RuleResult } from "./rule.ts";
import {
  type BriefView,
  BriefView as BriefSchema,
  NO_BRIEF,
  type PersonView,
  view,
} from "./views.ts";

const RECAP_SENTENCES = 3;

/**
 * Reads a brief.
 *
 * @param value What the look-up found.
 * @returns The brief; an empty one where there is no meeting.
 */
export function readBrief(value: unknown): BriefView {
  return view(BriefSchema, value) ?? NO_BRIEF;
}

/** Rows that are the meeting itself. */
export function meetingRows({ event }: BriefView): ReturnType<typeof row>[] {
  return [row("calendar_events", event?.calendar_event_id), row("meetings", event?.meeting_id)];
}

/** The meeting in one line, where it is, and what is on record of it. */
export function meetingFacts(
  from: Readonly<Record<string, unknown>>,
  context: RuleContext,
): RuleResult {
  const brief = readBrief(from["brief"]);
  const { event } = brief;
  if (!event) return { items: [], values: {} };
  const evidence = meetingRows(brief);
  const items = [
    item(`${event.title ?? "Untitled meeting"}${whenOf(event, context)}`, {
      evidence,
      actions: [
        openMeeting(event.meeting_id, event.calendar_event_id),
        openUrl(event.meeting_url, "Join"),
      ],
    }),
  ];
  if (event.location) items.push(item(`Where: ${event.location}`, { evidence }));
  if (event.summary) {
    items.push(item("Summary on record", { detail: event.summary, evidence }));
  }
  const recap = recapOf(event.summary ?? "");
  return { items, values: { title: event.title ?? "Untitled meeting", recap } };
}

/** The first sentences of a summary; null where there is none. */
function recapOf(summary: string): string | null {
  const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });
  const sentences = [...segmenter.segment(plainLine(summary, 2_000))].slice(0, RECAP_SENTENCES);
  return sentences.map(({ segment }) => segment).join("").trim() || null;
}

function whenOf(event: NonNullable<BriefView["event"]>, { timeZone }: RuleContext): string {
  if (!event.day) return "";
  const day = formatDay(event.day, "long");
  if (!event.start_time) return `, ${day}`;
  const start = formatTime(event.start_time, timeZone);
  const end = event.end_time ? `–${formatTime(event.end_time, timeZone)}` : "";
  return `, ${day} ${start}${end}`;
}

/** Everybody else, people from outside first; who is not on record is said to be so. */
export function peopleFacts(from: Readonly<Record<string, unknown>>): RuleResult {
  const brief = readBrief(from["brief"]);
  const people = brief.people.filter(({ name, email }) => name || email);
  const items = people.map((person) =>
    item(describePerson(person, brief), {
      tone: !person.is_colleague && !person.contact_id ? "warning" : "neutral",
      evidence: [row("contacts", person.contact_id), ...meetingRows(brief)],
      actions: [openContact(person.contact_id)],
    })
  );
  return { items, values: { emails: outsiders(brief).map(({ email }) => email) } };
}

function describePerson(person: PersonView, brief: BriefView): string {
  const name = person.name ?? person.email ?? "";
  if (person.is_colleague) return `${name}, colleague`;
  const company = brief.companies.find(({ company_id }) => company_id === person.company_id)?.name;
  const role = person.job_title && company
    ? `${person.job_title} at ${company}`
    : person.job_title ?? company;
  const answer = person.response_status ? ANSWERS[person.response_status] : undefined;
  const parts = [name, role, answer].filter((part) => part);
  return `${parts.join(", ")}${person.contact_id ? "" : " (not among your contacts)"}`;
}

const ANSWERS: Readonly<Record<string, string>> = {
  accepted: "has accepted",
  tentative: "may come",
  declined: "has declined",
  needsAction: "has not answered",
};

/** People from outside that can be written to. */
export function outsiders(brief: BriefView): (PersonView & { readonly email: string })[] {
  return brief.people.flatMap((person) =>
    !person.is_colleague && person.email ? [{ ...person, email: person.email }] : []
  );
}
