// Composes a recorded meeting out of a few facts: who recorded it, with whom, when, about what.
import { CUSTOMERS, domainOf, nameOf, type Person, pickCustomer } from "../people.ts";
import { SeededRandom, stableId } from "../seeded_random.ts";
import {
  type Conversation,
  CONVERSATIONS,
  type Role,
  type Topic,
  TOPICS,
} from "./conversations.ts";
import type { ActionItem, CrmMatches, FathomMeeting, Invitee, TranscriptItem } from "./meeting.ts";

/** The facts; whatever is missing is made up, the same way each time. */
export interface MeetingFacts {
  readonly recordedBy: string;
  /** Same seed, same meeting. */
  readonly seed: string;
  readonly title?: string | undefined;
  readonly startsAt: Date;
  readonly minutes: number;
  /** Without the recorder. */
  readonly invitees?: readonly Person[] | undefined;
  readonly topic?: Topic | undefined;
  /** Spoken lines in place of a made-up conversation. */
  readonly lines?: readonly SpokenLine[] | undefined;
  readonly recordingId?: number | undefined;
  readonly team?: string | null | undefined;
}

/** A line that the caller wrote. */
export interface SpokenLine {
  readonly speaker: string;
  readonly text: string;
}

const SECONDS_PER_WORD = 0.4;

/**
 * Composes a meeting.
 *
 * @param facts What is known.
 * @returns It, with every optional part filled in.
 */
export function composeMeeting(facts: MeetingFacts): Required<FathomMeeting> {
  const random = new SeededRandom(facts.seed);
  const recorder = { name: nameOf(facts.recordedBy), email: facts.recordedBy };
  const guests = facts.invitees ?? pickCustomer(random, facts.recordedBy).people;
  const topic = facts.topic ?? topicOfTitle(facts.title) ?? random.pick(TOPICS);
  const conversation: Conversation = CONVERSATIONS[topic];
  const company = companyOf(guests);
  const cast = castRoles(recorder, guests);
  const fill = (text: string): string => text.replaceAll("{company}", company);
  const recordingId = facts.recordingId ?? 100_000_000 + random.below(900_000_000);
  const url = `https://fathom.video/calls/${recordingId}`;
  const title = facts.title ?? `${company} – ${conversation.title}`;
  const end = new Date(facts.startsAt.getTime() + facts.minutes * 60_000);
  const invitees = [recorder, ...guests].map((person) => toInvitee(person, facts.recordedBy));
  const transcript = facts.lines === undefined
    ? stampLines(conversation.lines.map(([role, text]) => ({ who: cast[role], text: fill(text) })))
    : stampLines(facts.lines.map(({ speaker, text }) => ({
      who: findSpeaker(speaker, [recorder, ...guests]),
      text,
    })));
  return {
    title,
    meeting_title: title,
    recording_id: recordingId,
    url,
    share_url: `https://fathom.video/share/${stableId(`share ${recordingId}`, 20)}`,
    created_at: toIso(new Date(end.getTime() + 90_000)),
    scheduled_start_time: toIso(facts.startsAt),
    scheduled_end_time: toIso(end),
    recording_start_time: toIso(new Date(facts.startsAt.getTime() + 40_000)),
    recording_end_time: toIso(end),
    calendar_invitees_domains_type: invitees.some((invitee) => invitee.is_external)
      ? "one_or_more_external"
      : "only_internal",
    transcript_language: "en",
    calendar_invitees: invitees,
    recorded_by: { ...recorder, email_domain: domainOf(recorder.email), team: facts.team ?? null },
    transcript,
    default_summary: {
      template_name: "General",
      markdown_formatted: [`## ${title}`, ...conversation.summary.map((line) => `- ${fill(line)}`)]
        .join("\n"),
    },
    action_items: conversation.actions.map(([role, description], index) =>
      toActionItem(cast[role], fill(description), url, transcript, index)
    ),
    crm_matches: toCrmMatches(company, guests),
  };
}

function toCrmMatches(company: string, guests: readonly Person[]): CrmMatches {
  return {
    contacts: guests.map(({ name, email }) => ({
      name,
      email,
      record_url: `https://crm.example/contacts/${stableId(email, 12)}`,
    })),
    companies: [{
      name: company,
      record_url: `https://crm.example/companies/${stableId(company, 12)}`,
    }],
    deals: [],
    error: null,
  };
}

/**
 * Empties everything that Fathom may leave empty.
 *
 * @param meeting A meeting.
 */
export function withNulls(meeting: Required<FathomMeeting>): Required<FathomMeeting> {
  return {
    ...meeting,
    meeting_title: null,
    calendar_invitees: meeting.calendar_invitees.map((invitee) => ({
      name: null,
      matched_speaker_display_name: null,
      email: null,
      email_domain: null,
      is_external: invitee.is_external,
    })),
    recorded_by: { ...meeting.recorded_by, team: null },
    transcript: null,
    default_summary: null,
    action_items: null,
    crm_matches: null,
  };
}

/**
 * Empties what is inside the parts, and leaves the parts.
 *
 * @param meeting A meeting.
 */
export function withNullDetails(meeting: Required<FathomMeeting>): Required<FathomMeeting> {
  return {
    ...meeting,
    transcript: (meeting.transcript ?? []).map((item) => ({
      ...item,
      speaker: { ...item.speaker, matched_calendar_invitee_email: null },
    })),
    default_summary: { template_name: null, markdown_formatted: null },
    action_items: (meeting.action_items ?? []).map((item) => ({
      ...item,
      assignee: { name: null, email: null, team: null },
    })),
    crm_matches: { contacts: [], companies: [], deals: [], error: "not connected" },
  };
}

function castRoles(recorder: Person, guests: readonly Person[]): Record<Role, Person> {
  const buyer = guests[0] ?? recorder;
  return { rep: recorder, buyer, second: guests[1] ?? buyer };
}

function companyOf(guests: readonly Person[]): string {
  const domain = domainOf(guests[0]?.email ?? "team@internal.example");
  const known = CUSTOMERS.find(({ people }) =>
    people.some(({ email }) => domainOf(email) === domain)
  );
  if (known !== undefined) return known.company;
  const [name = ""] = domain.split(".");
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function topicOfTitle(title: string | undefined): Topic | undefined {
  return TOPICS.find((topic) => title?.toLowerCase().includes(topic));
}

function toInvitee(person: Person, recordedBy: string): Invitee {
  return {
    name: person.name,
    matched_speaker_display_name: person.name,
    email: person.email,
    email_domain: domainOf(person.email),
    is_external: domainOf(person.email) !== domainOf(recordedBy),
  };
}

function findSpeaker(speaker: string, people: readonly Person[]): Person {
  return people.find(({ email, name }) => email === speaker || name === speaker) ??
    { name: speaker.includes("@") ? nameOf(speaker) : speaker, email: "" };
}

function stampLines(
  lines: ReadonlyArray<{ readonly who: Person; readonly text: string }>,
): TranscriptItem[] {
  let seconds = 2;
  return lines.map(({ who, text }) => {
    const timestamp = toStamp(seconds);
    seconds += 2 + Math.ceil(text.split(" ").length * SECONDS_PER_WORD);
    return {
      speaker: {
        display_name: who.name,
        ...(who.email !== "" && { matched_calendar_invitee_email: who.email }),
      },
      text,
      timestamp,
    };
  });
}

function toActionItem(
  assignee: Person,
  description: string,
  url: string,
  transcript: readonly TranscriptItem[],
  index: number,
): ActionItem {
  const line = transcript[Math.max(0, transcript.length - 5 + index)];
  const stamp = line?.timestamp ?? "00:00:00";
  const seconds = stamp.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  return {
    description,
    user_generated: false,
    completed: false,
    recording_timestamp: stamp,
    recording_playback_url: `${url}?timestamp=${seconds}`,
    assignee: { name: assignee.name, email: assignee.email, team: null },
  };
}

function toStamp(seconds: number): string {
  return [seconds / 3600, (seconds / 60) % 60, seconds % 60]
    .map((part) => String(Math.floor(part)).padStart(2, "0")).join(":");
}

function toIso(date: Date): string {
  return date.toISOString().replace(/\.\d{3}Z$/, "Z");
}
