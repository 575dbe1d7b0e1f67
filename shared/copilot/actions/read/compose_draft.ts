// Writes a plain email by rules: a greeting by first name, what was agreed, and a close. No model is
// asked. What only the organization knows (summaries, next steps of deals) never gets into it.
import type { z } from "zod";
import type { Person } from "../action.ts";
import type { DraftedEmail, DraftPurpose } from "../../panels/email_draft.ts";
import { dayOf, formatDay, formatTime } from "../../panels/plain_text.ts";
import type { DraftContext } from "./draft_context.ts";

type Context = z.output<typeof DraftContext>;

/** What was asked for; what is missing follows from the context. */
export interface DraftWish {
  readonly purpose: DraftPurpose | undefined;
  readonly subject: string | undefined;
  /** What to say, a thought each. */
  readonly points: readonly string[];
}

/** A draft, and what it turned out to be for. */
export interface ComposedDraft {
  readonly email: DraftedEmail;
  readonly purpose: DraftPurpose;
}

const SUBJECT_MAX = 300;
const NAMES_MAX = 3;

/**
 * Composes a draft.
 *
 * @param context What was found under the caller's rights.
 * @param wish What was asked for.
 * @param sender Who writes, and for whom they work.
 * @returns The draft; null where there is nobody to write to.
 */
export function composeDraft(
  context: Context,
  wish: DraftWish,
  sender: { readonly person: Person; readonly organizationName: string },
): ComposedDraft | null {
  if (context.recipients.length === 0) return null;
  const purpose = wish.purpose ?? purposeOf(context);
  const paragraphs = [
    `${greeting(context)}`,
    opening(purpose, context, sender),
    ...(wish.points.length > 0 ? wish.points.map(cleanLine) : agreements(purpose, context)),
    closing(purpose),
    `Best regards,\n${cleanLine(sender.person.firstName ?? sender.person.fullName ?? "")}`
      .trimEnd(),
  ];
  const { event, thread } = context;
  return {
    purpose,
    email: {
      to: context.recipients.map(({ email }) => email),
      cc: [],
      subject: cleanLine(wish.subject ?? subjectOf(purpose, context, sender.organizationName))
        .slice(0, SUBJECT_MAX).toWellFormed(),
      body: paragraphs.filter((paragraph) => paragraph !== "").join("\n\n"),
      thread_id: thread?.is_mine ? thread.thread_id : null,
      contact_id: context.recipients[0]?.contact_id ?? null,
      deal_id: context.deal?.id ?? null,
      meeting_id: event?.meeting_id ?? null,
    },
  };
}

function purposeOf({ thread, event, now }: Context): DraftPurpose {
  if (thread !== null) return "reply";
  if (event === null) return "check_in";
  return isPast(event.end_time ?? event.start_time, now) ? "follow_up" : "confirm_meeting";
}

function isPast(at: string, now: string): boolean {
  return new Date(at).getTime() <= new Date(now).getTime();
}

function greeting({ recipients }: Context): string {
  const names = recipients.flatMap(({ first_name }) => first_name ? [cleanLine(first_name)] : []);
  if (names.length < recipients.length || names.length === 0) {
    return recipients.length > 1 ? "Hello all," : "Hello,";
  }
  if (names.length > NAMES_MAX) return "Hi all,";
  const last = names.at(-1) ?? "";
  return names.length === 1 ? `Hi ${last},` : `Hi ${names.slice(0, -1).join(", ")} and ${last},`;
}

function opening(
  purpose: DraftPurpose,
  context: Context,
  sender: { readonly person: Person; readonly organizationName: string },
): string {
  const { event, thread, last_meeting: last } = context;
  switch (purpose) {
    case "follow_up":
      if (event) return `Thank you for your time ${dayWords(event.start_time, context)}.`;
      return last
        ? `Thank you for your time ${dayWords(last.started_at, context)}.`
        : "Thank you for your time.";
    case "reply": {
      const asked = thread?.messages.findLast(({ direction }) => direction === "inbound");
      return asked
        ? `Thank you for your email ${dayWords(asked.sent_at, context)}.`
        : "I am coming back to you.";
    }
    case "confirm_meeting":
      return event === null
        ? "I look forward to our meeting."
        : `I look forward to our meeting ${dayWords(event.start_time, context)}${hour(context)}.`;
    case "introduce": {
      const name = sender.person.fullName ?? sender.person.firstName;
      const company = cleanLine(sender.organizationName);
      return name
        ? `My name is ${cleanLine(name)}, and I work at ${company}.`
        : `I work at ${company}.`;
    }
    case "check_in":
      return last
        ? `We last spoke ${dayWords(last.started_at, context)}. How do things look on your side?`
        : "How do things look on your side?";
  }
}

/** "today", "yesterday", "tomorrow" or "on Friday 20 November", in the sender's own zone. */
function dayWords(at: string, { now, time_zone }: Context): string {
  const day = dayOf(at, time_zone);
  const distance = (Date.parse(day) - Date.parse(dayOf(now, time_zone))) / 86_400_000;
  const near: Readonly<Record<string, string>> = {
    "0": "today",
    "-1": "yesterday",
    "1": "tomorrow",
  };
  return near[String(distance)] ?? `on ${formatDay(day, "long")}`;
}

function hour({ event, time_zone }: Context): string {
  return event === null || event.all_day
    ? ""
    : ` at ${formatTime(event.start_time, time_zone)} (${time_zone.replaceAll("_", " ")})`;
}

/** What was agreed is repeated only to people who were there. */
function agreements(purpose: DraftPurpose, context: Context): string[] {
  const wereThere = context.recipients.every(({ email }) => context.participants.includes(email));
  const items = context.outcome?.action_items ?? [];
  if (purpose !== "follow_up" || !wereThere || items.length === 0) return [];
  const lines = items.map(({ description, assignee_name: name }) =>
    `- ${cleanLine(description)}${name ? ` (${cleanLine(name)})` : ""}`
  );
  return [["What we agreed:", ...lines].join("\n")];
}

function closing(purpose: DraftPurpose): string {
  switch (purpose) {
    case "follow_up":
      return "Is there anything I missed?";
    case "confirm_meeting":
      return "Please tell me if the time no longer suits you.";
    case "introduce":
      return "Would you have time for a short call?";
    case "check_in":
      return "I am glad to find a time for a short call.";
    case "reply":
      return "";
  }
}

function subjectOf(purpose: DraftPurpose, context: Context, organizationName: string): string {
  const { event, thread, last_meeting: last } = context;
  const title = event?.title ?? last?.title;
  switch (purpose) {
    case "reply":
      return `Re: ${
        (thread?.subject ?? title ?? "your email").replace(/^(?:\s*(?:re|aw|fwd?)\s*:)+\s*/i, "")
      }`;
    case "follow_up":
      return title ? `Follow-up: ${title}` : "Follow-up";
    case "confirm_meeting":
      return title ? `Our meeting: ${title}` : "Our meeting";
    case "introduce":
      return `Introduction: ${organizationName}`;
    case "check_in":
      return "Checking in";
  }
}

/** One line without control or direction characters; other people's words keep to their place. */
function cleanLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ").trim().slice(0, 2_000).toWellFormed();
}
