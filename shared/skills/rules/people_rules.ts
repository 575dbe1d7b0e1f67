// Contacts, accounts and relationships: who somebody is, what passed between us, what a draft says.
import { dayOf, formatDay } from "../../copilot/panels/plain_text.ts";
import type { PlaybookItem } from "../../copilot/panels/playbook.ts";
import {
  ActivitiesView,
  CompanyView,
  ContactView,
  DealDetailView,
  DraftView,
  HealthView,
  ThreadView,
} from "./crm_views.ts";
import { daysBetween, item, joinNames, openContact, openMeeting, row } from "./items.ts";
import type { RuleContext, RuleResult } from "./rule.ts";
import { type ActivityView, view } from "./views.ts";

/** Who a contact is, and when we last met or shall meet. */
export function contactFacts(
  from: Readonly<Record<string, unknown>>,
  context: RuleContext,
): RuleResult {
  const found = view(ContactView, from["contact"]);
  if (found === null) return { items: [], values: {} };
  const { contact } = found;
  const name = [contact.first_name, contact.last_name].filter(Boolean).join(" ") ||
    (contact.email ?? "Somebody");
  const role = [contact.job_title, contact.company?.name].filter(Boolean).join(" at ");
  const parts = {
    evidence: [row("contacts", contact.id), row("companies", contact.company?.id)],
    actions: [openContact(contact.id)],
  };
  const items = [item([name, role, contact.email].filter(Boolean).join(", "), parts)];
  const last = contact.last_interaction_at;
  if (last) {
    const days = daysBetween(dayOf(last, context.timeZone), context.today);
    items.push(item(`Last in touch ${days === 0 ? "today" : `${days} days ago`}`, {
      ...parts,
      tone: days >= 14 ? "warning" : "neutral",
    }));
  } else {
    items.push(item(`No contact with ${name} is on record`, { ...parts, tone: "warning" }));
  }
  items.push(...meetingsAround(found, context));
  return {
    items,
    values: {
      contact_id: contact.id,
      name,
      email: contact.email ?? null,
      first_name: contact.first_name ?? name,
    },
  };
}

/** What a company is, whom we know there, and the meetings around. */
export function accountFacts(
  from: Readonly<Record<string, unknown>>,
  context: RuleContext,
): RuleResult {
  const found = view(CompanyView, from["company"]);
  if (found === null) return { items: [], values: {} };
  const { company } = found;
  const facts = [
    company.industry,
    company.employee_count ? `${company.employee_count} people` : null,
    company.domain,
  ].filter(Boolean).join(", ");
  const items = [
    item(facts === "" ? company.name : `${company.name}: ${facts}`, {
      evidence: [row("companies", company.id)],
    }),
    ...found.contacts.map(({ id, name, job_title, email }) =>
      item([name, job_title, email === name ? null : email].filter(Boolean).join(", "), {
        evidence: [row("contacts", id)],
        actions: [openContact(id)],
      })
    ),
  ];
  if (found.contacts.length === 0) {
    items.push(item(`Nobody is known at ${company.name}`, {
      tone: "warning",
      evidence: [row("companies", company.id)],
    }));
  }
  items.push(...meetingsAround(found, context));
  return { items, values: { company_id: company.id, name: company.name } };
}

type Around = Pick<ContactView, "last_meeting" | "next_meeting">;

function meetingsAround(
  { last_meeting: last, next_meeting: next }: Around,
  context: RuleContext,
): PlaybookItem[] {
  const items: PlaybookItem[] = [];
  if (last) {
    const day = formatDay(dayOf(last.started_at, context.timeZone), "short");
    items.push(item(`Last meeting ${day}: ${last.title ?? "Untitled"}`, {
      evidence: [row("meetings", last.meeting_id)],
      actions: [openMeeting(last.meeting_id)],
    }));
  }
  if (next) {
    const day = formatDay(dayOf(next.start_time, context.timeZone), "short");
    items.push(item(`Next meeting ${day}: ${next.title ?? "Untitled"}`, {
      tone: "good",
      evidence: [row("calendar_events", next.calendar_event_id)],
      actions: [openMeeting(null, next.calendar_event_id)],
    }));
  }
  return items;
}

/** What happened, the latest first: of a list of activities, or of a deal. */
export function activityFacts(
  from: Readonly<Record<string, unknown>>,
  context: RuleContext,
): RuleResult {
  const detail = view(DealDetailView, from["deal"]);
  const list = view(ActivitiesView, from["activities"])?.activities ?? detail?.activities ??
    view(ContactView, from["contact"])?.activities ?? [];
  const items = list.map((activity) => activityItem(activity, context));
  if (detail !== null) items.push(...meetingsAround(detail, context));
  return { items, values: { count: list.length } };
}

function activityItem(activity: ActivityView, { timeZone }: RuleContext): PlaybookItem {
  const day = formatDay(dayOf(activity.occurred_at, timeZone), "short");
  return item(`${day}, ${activity.kind.replaceAll("_", " ")}: ${activity.subject}`, {
    evidence: [row("activities", activity.activity_id ?? activity.id)],
  });
}

/** The score of a relationship and the parts that pull it down. */
export function relationshipFacts(
  from: Readonly<Record<string, unknown>>,
  _context: RuleContext,
): RuleResult {
  const found = view(HealthView, from["health"]);
  if (found === null) return { items: [], values: {} };
  const { contact, score, band, components } = found;
  const isWeak = band === "fading" || band === "no_history";
  const items = [
    item(`Relationship with ${contact.name}: ${score} of 100, ${band.replaceAll("_", " ")}`, {
      tone: isWeak ? "warning" : "good",
      evidence: [row("contacts", contact.id)],
      actions: [openContact(contact.id)],
    }),
    ...components.filter(({ points, max }) => points <= 0 && max > 0 || points < 0).map((part) =>
      item(`${part.part.replaceAll("_", " ")}: ${part.points} of ${part.max} points`, {
        tone: "warning",
        evidence: part.evidence,
      })
    ),
  ];
  return { items, values: { score, band } };
}

/** Who wrote last in a thread, and when. */
export function threadFacts(
  from: Readonly<Record<string, unknown>>,
  context: RuleContext,
): RuleResult {
  const thread = view(ThreadView, from["thread"])?.thread ?? null;
  if (thread === null) return { items: [], values: { thread_id: null, is_our_turn: false } };
  const last = thread.messages.at(-1);
  const isOurTurn = last?.direction === "inbound";
  const items = thread.messages.slice(-5).toReversed().map((message) => {
    const day = formatDay(dayOf(message.sent_at, context.timeZone), "short");
    const who = message.direction === "inbound" ? message.from_email : "you";
    return item(`${day}, ${who}: ${message.subject ?? thread.subject ?? "no subject"}`, {
      tone: message === last && isOurTurn ? "warning" : "neutral",
      evidence: [row("emails", message.email_id)],
    });
  });
  return { items, values: { thread_id: thread.thread_id ?? null, is_our_turn: isOurTurn } };
}

/** A draft as a finding with its text, and the parts that sending it takes. */
export function draftFacts(
  from: Readonly<Record<string, unknown>>,
  _context: RuleContext,
): RuleResult {
  const found = view(DraftView, from["draft"]);
  if (found === null || found.draft === null) return { items: [], values: {} };
  const { draft, context: { recipients } } = found;
  const names = draft.to.map((address) =>
    recipients.find(({ email }) => email === address)?.name ?? address
  );
  return {
    items: [item(`To ${joinNames(names)}: ${draft.subject}`, {
      detail: draft.body,
      evidence: [
        ...recipients.map(({ contact_id }) => row("contacts", contact_id)),
        row("meetings", draft.meeting_id),
        row("deals", draft.deal_id),
      ],
      actions: [openContact(draft.contact_id)],
    })],
    values: { ...draft },
  };
}
