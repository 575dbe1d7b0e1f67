// The contact_card panel, version 1: one contact with what stands around them.
import { z } from "zod";
import { ClickableAction } from "../clickable_action.ts";
import {
  ActivityLine,
  DealLine,
  describeActivities,
  describeDeal,
  describeMeetingMarks,
  meetingMarks,
  nameLabel,
  nameOf,
  openMarks,
  toActivityLine,
  toDealLine,
  toMeetingMarks,
} from "./crm_parts.ts";
import type { FoundContact } from "./crm_rows.ts";
import { EXAMPLE_DEAL, EXAMPLE_IDS } from "./crm_examples.ts";
import { definePanel } from "./panel.ts";
import { countOf, plainLine } from "./plain_text.ts";

/** The panel. */
export const ContactCard = z.strictObject({
  type: z.literal("contact_card"),
  version: z.literal(1),
  contact_id: z.uuid(),
  name: z.string(),
  job_title: z.string().nullable(),
  company: z.strictObject({ company_id: z.uuid(), name: z.string() }).nullable(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  notes: z.string().nullable().describe("What members wrote, cut at 2,000 characters."),
  owner_name: z.string().nullable(),
  is_mine: z.boolean().describe("Owned by the person, or assigned to them."),
  last_interaction_at: z.iso.datetime({ offset: true }).nullable(),
  deals: z.array(DealLine).describe("At most five, open ones first."),
  deals_total: z.int().nonnegative(),
  ...meetingMarks,
  activities: z.array(ActivityLine).describe("The latest five."),
  actions: z.array(ClickableAction),
}).describe("One contact, their deals, meetings and latest activities.");
/** See the schema of the same name. */
export type ContactCard = z.infer<typeof ContactCard>;

/**
 * Makes the panel.
 *
 * @param found What the database found under the caller's rights.
 */
export function buildContactCard(found: FoundContact): ContactCard {
  const { contact } = found;
  const deals = found.deals.map(toDealLine);
  const marks = toMeetingMarks(found);
  const name = nameOf(contact);
  return {
    type: "contact_card",
    version: 1,
    contact_id: contact.id,
    name,
    job_title: contact.job_title,
    company: contact.company && { company_id: contact.company.id, name: contact.company.name },
    email: contact.email,
    phone: contact.phone,
    notes: contact.notes,
    owner_name: contact.owner_name,
    is_mine: contact.is_own || contact.is_assigned,
    last_interaction_at: contact.last_interaction_at,
    deals,
    deals_total: found.deals_total,
    time_zone: found.time_zone,
    ...marks,
    activities: found.activities.map(toActivityLine),
    actions: [
      { type: "open_contact", contact_id: contact.id, ...nameLabel(name) },
      ...openMarks({ deals, ...marks }),
    ],
  };
}

function describeContactCard(card: ContactCard): string {
  const work = [card.job_title, card.company?.name].flatMap((part) =>
    part ? [plainLine(part)] : []
  );
  const reach = [card.email, card.phone].flatMap((part) => part ? [plainLine(part)] : []);
  const rest = card.deals_total - card.deals.length;
  return [
    `${plainLine(card.name)}${work.length > 0 ? `, ${work.join(", ")}` : ""}`,
    ...(reach.length > 0 ? [reach.join(", ")] : []),
    ...(card.is_mine || card.owner_name === null ? [] : [`Owner: ${plainLine(card.owner_name)}`]),
    ...describeMeetingMarks(card),
    ...(card.deals.length > 0 ? ["Deals:", ...card.deals.map(describeDeal)] : []),
    ...(rest > 0 ? [`… and ${countOf(rest, "more deal")}.`] : []),
    ...(card.activities.length > 0
      ? ["Latest:", ...describeActivities(card.activities, card.time_zone)]
      : []),
    ...(card.notes ? [`Notes: ${plainLine(card.notes, 500)}`] : []),
  ].join("\n");
}

/** How the panel is published. */
export const contactCardPanel = definePanel({
  summary: "One contact: how to reach them, their deals, meetings and what happened last.",
  schema: ContactCard,
  example: {
    type: "contact_card",
    version: 1,
    contact_id: EXAMPLE_IDS.contact,
    name: "Ada Park",
    job_title: "Head of Operations",
    company: { company_id: EXAMPLE_IDS.company, name: "Northwind" },
    email: "ada.park@northwind.test",
    phone: "+1 212 555 0150",
    notes: "Prefers short calls in the morning.",
    owner_name: "Robin Vale",
    is_mine: false,
    last_interaction_at: "2026-11-20T15:00:00+00:00",
    deals: [EXAMPLE_DEAL],
    deals_total: 2,
    time_zone: "America/New_York",
    last_meeting: {
      meeting_id: EXAMPLE_IDS.meeting,
      calendar_event_id: null,
      title: "Northwind: pilot review",
      at: "2026-11-20T15:00:00+00:00",
    },
    next_meeting: {
      meeting_id: null,
      calendar_event_id: EXAMPLE_IDS.event,
      title: "Northwind: contract",
      at: "2026-11-24T16:00:00+00:00",
    },
    activities: [{
      activity_id: EXAMPLE_IDS.activity,
      kind: "call",
      subject: "Talked about the start date",
      occurred_at: "2026-11-20T17:30:00+00:00",
    }],
    actions: [
      { type: "open_contact", contact_id: EXAMPLE_IDS.contact, label: "Ada Park" },
      { type: "open_deal", deal_id: EXAMPLE_IDS.deal, label: "Northwind: pilot" },
    ],
  },
  describe: describeContactCard,
});
