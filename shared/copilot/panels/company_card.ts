// The company_card panel, version 1: one company with its people and deals.
import { z } from "zod";
import { ClickableAction } from "../clickable_action.ts";
import { EXAMPLE_DEAL, EXAMPLE_IDS } from "./crm_examples.ts";
import {
  DealLine,
  describeDeal,
  describeMeetingMarks,
  meetingMarks,
  nameLabel,
  openMarks,
  toDealLine,
  toMeetingMarks,
} from "./crm_parts.ts";
import type { FoundCompany } from "./crm_rows.ts";
import { definePanel } from "./panel.ts";
import { countOf, plainLine } from "./plain_text.ts";

/** The panel. */
export const CompanyCard = z.strictObject({
  type: z.literal("company_card"),
  version: z.literal(1),
  company_id: z.uuid(),
  name: z.string(),
  domain: z.string().nullable(),
  industry: z.string().nullable(),
  employee_count: z.int().nullable(),
  notes: z.string().nullable().describe("What members wrote, cut at 2,000 characters."),
  owner_name: z.string().nullable(),
  is_mine: z.boolean().describe("Owned by the person, or assigned to them."),
  contacts: z.array(z.strictObject({
    contact_id: z.uuid(),
    name: z.string(),
    job_title: z.string().nullable(),
  })).describe("At most ten, who was spoken to last first."),
  contacts_total: z.int().nonnegative(),
  deals: z.array(DealLine).describe("At most ten, open ones first."),
  deals_total: z.int().nonnegative(),
  ...meetingMarks,
  actions: z.array(ClickableAction),
}).describe("One company, its people, deals and meetings.");
/** See the schema of the same name. */
export type CompanyCard = z.infer<typeof CompanyCard>;

/**
 * Makes the panel.
 *
 * @param found What the database found under the caller's rights.
 */
export function buildCompanyCard(found: FoundCompany): CompanyCard {
  const { id, is_own, is_assigned, ...company } = found.company;
  const deals = found.deals.map(toDealLine);
  const marks = toMeetingMarks(found);
  const contacts = found.contacts.map((contact) => ({
    contact_id: contact.id,
    name: contact.name,
    job_title: contact.job_title,
  }));
  return {
    type: "company_card",
    version: 1,
    company_id: id,
    ...company,
    is_mine: is_own || is_assigned,
    contacts,
    contacts_total: found.contacts_total,
    deals,
    deals_total: found.deals_total,
    time_zone: found.time_zone,
    ...marks,
    actions: [
      ...contacts.map(({ contact_id, name }) => ({
        type: "open_contact" as const,
        contact_id,
        ...nameLabel(name),
      })),
      ...openMarks({ deals, ...marks }),
    ],
  };
}

function describeCompanyCard(card: CompanyCard): string {
  const size = card.employee_count === null
    ? null
    : `${card.employee_count.toLocaleString("en-US")} people`;
  const facts = [card.industry, card.domain, size].flatMap((part) => part ? [plainLine(part)] : []);
  const people = card.contacts.map(({ name, job_title }) =>
    `• ${plainLine(name)}${job_title ? `, ${plainLine(job_title)}` : ""}`
  );
  const more = (total: number, shown: number, noun: string): string[] =>
    total > shown ? [`… and ${countOf(total - shown, `more ${noun}`)}.`] : [];
  return [
    `${plainLine(card.name)}${facts.length > 0 ? ` (${facts.join(", ")})` : ""}`,
    ...(card.is_mine || card.owner_name === null ? [] : [`Owner: ${plainLine(card.owner_name)}`]),
    ...describeMeetingMarks(card),
    ...(people.length > 0 ? ["People:", ...people] : []),
    ...more(card.contacts_total, card.contacts.length, "contact"),
    ...(card.deals.length > 0 ? ["Deals:", ...card.deals.map(describeDeal)] : []),
    ...more(card.deals_total, card.deals.length, "deal"),
    ...(card.notes ? [`Notes: ${plainLine(card.notes, 500)}`] : []),
  ].join("\n");
}

/** How the panel is published. */
export const companyCardPanel = definePanel({
  summary: "One company: what it is, its people, deals and meetings.",
  schema: CompanyCard,
  example: {
    type: "company_card",
    version: 1,
    company_id: EXAMPLE_IDS.company,
    name: "Northwind",
    domain: "northwind.test",
    industry: "Logistics",
    employee_count: 1200,
    notes: "Decides by quarter.",
    owner_name: "Robin Vale",
    is_mine: false,
    contacts: [{
      contact_id: EXAMPLE_IDS.contact,
      name: "Ada Park",
      job_title: "Head of Operations",
    }],
    contacts_total: 3,
    deals: [EXAMPLE_DEAL],
    deals_total: 1,
    time_zone: "America/New_York",
    last_meeting: {
      meeting_id: EXAMPLE_IDS.meeting,
      calendar_event_id: null,
      title: "Northwind: pilot review",
      at: "2026-11-20T15:00:00+00:00",
    },
    next_meeting: null,
    actions: [
      { type: "open_contact", contact_id: EXAMPLE_IDS.contact, label: "Ada Park" },
      { type: "open_deal", deal_id: EXAMPLE_IDS.deal, label: "Northwind: pilot" },
    ],
  },
  describe: describeCompanyCard,
});
