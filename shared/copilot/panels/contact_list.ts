// The contact_list panel, version 1: contacts that a search found.
import { z } from "zod";
import { ClickableAction } from "../clickable_action.ts";
import { EXAMPLE_IDS } from "./crm_examples.ts";
import { nameLabel } from "./crm_parts.ts";
import type { FoundContacts } from "./crm_reports.ts";
import { definePanel } from "./panel.ts";
import { countOf, dayOf, formatDay, plainLine } from "./plain_text.ts";
import { TimeZone } from "./time_zone.ts";

const LINES_MAX = 15;

const ContactLine = z.strictObject({
  contact_id: z.uuid(),
  name: z.string(),
  job_title: z.string().nullable(),
  company: z.strictObject({ company_id: z.uuid(), name: z.string() }).nullable(),
  email: z.string().nullable(),
  owner_name: z.string().nullable(),
  is_mine: z.boolean().describe("Owned by the person, or assigned to them."),
  last_interaction_at: z.iso.datetime({ offset: true }).nullable(),
});

/** The panel. */
export const ContactList = z.strictObject({
  type: z.literal("contact_list"),
  version: z.literal(1),
  query: z.string().nullable(),
  quiet_days: z.int().nullable().describe("Only contacts nobody spoke to for so many days."),
  time_zone: TimeZone,
  total: z.int().nonnegative().describe("How many there are; `contacts` may be fewer."),
  contacts: z.array(ContactLine),
  actions: z.array(ClickableAction),
}).describe("Contacts that a search found.");
/** See the schema of the same name. */
export type ContactList = z.infer<typeof ContactList>;

/**
 * Makes the panel.
 *
 * @param found What the database found under the caller's rights.
 */
export function buildContactList(found: FoundContacts): ContactList {
  const contacts = found.contacts.map((contact) => ({
    contact_id: contact.id,
    name: contact.name,
    job_title: contact.job_title,
    company: contact.company && { company_id: contact.company.id, name: contact.company.name },
    email: contact.email,
    owner_name: contact.owner_name,
    is_mine: contact.is_own || contact.is_assigned,
    last_interaction_at: contact.last_interaction_at,
  }));
  return {
    type: "contact_list",
    version: 1,
    query: found.filters.query,
    quiet_days: found.filters.quiet_days,
    time_zone: found.time_zone,
    total: found.total,
    contacts,
    actions: contacts.map(({ contact_id, name }) => ({
      type: "open_contact",
      contact_id,
      ...nameLabel(name),
    })),
  };
}

function describeContactList(list: ContactList): string {
  const asked = list.query === null ? "" : ` for "${plainLine(list.query)}"`;
  const quiet = list.quiet_days === null
    ? ""
    : ` without contact for ${countOf(list.quiet_days, "day")}`;
  if (list.total === 0) return `No contacts found${asked}${quiet}.`;
  const lines = list.contacts.slice(0, LINES_MAX).map((contact) => {
    const work = [contact.job_title, contact.company?.name].flatMap((part) =>
      part ? [plainLine(part)] : []
    );
    const last = contact.last_interaction_at === null
      ? ""
      : ` (last contact ${formatDay(dayOf(contact.last_interaction_at, list.time_zone), "short")})`;
    return `• ${[plainLine(contact.name), ...work].join(", ")}${last}`;
  });
  const rest = list.total - lines.length;
  const head = `${countOf(list.total, "contact")}${asked}${quiet}:`;
  return [head, ...lines, ...(rest > 0 ? [`… and ${rest} more.`] : [])].join("\n");
}

/** How the panel is published. */
export const contactListPanel = definePanel({
  summary: "Contacts by name, company or silence, each with what can be opened.",
  schema: ContactList,
  example: {
    type: "contact_list",
    version: 1,
    query: "ada",
    quiet_days: 30,
    time_zone: "America/New_York",
    total: 1,
    contacts: [{
      contact_id: EXAMPLE_IDS.contact,
      name: "Ada Park",
      job_title: "Head of Operations",
      company: { company_id: EXAMPLE_IDS.company, name: "Northwind" },
      email: "ada.park@northwind.test",
      owner_name: "Robin Vale",
      is_mine: false,
      last_interaction_at: "2026-10-12T15:00:00+00:00",
    }],
    actions: [{ type: "open_contact", contact_id: EXAMPLE_IDS.contact, label: "Ada Park" }],
  },
  describe: describeContactList,
});
