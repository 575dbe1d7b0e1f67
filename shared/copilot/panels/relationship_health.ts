// The relationship_health panel, version 1: a contact's score, part by part, with the rows behind it.
import { z } from "zod";
import { ClickableAction } from "../clickable_action.ts";
import { scoreRelationship } from "../health/score_relationship.ts";
import { EXAMPLE_IDS } from "./crm_examples.ts";
import { nameLabel } from "./crm_parts.ts";
import type { FoundSignals } from "./crm_reports.ts";
import { definePanel } from "./panel.ts";
import { plainLine } from "./plain_text.ts";

/** One part of the score. */
const HealthComponent = z.strictObject({
  part: z.enum([
    "recency",
    "frequency",
    "reciprocity",
    "sentiment",
    "next_meeting",
    "deals",
    "overdue_tasks",
  ]),
  points: z.int().min(-10).max(30).describe("Negative only for overdue tasks."),
  max: z.int().positive().describe("The most that the part can give, or take."),
  evidence: z.array(z.strictObject({
    table: z.enum(["activities", "calendar_events", "deals", "emails", "meetings", "tasks"]),
    id: z.uuid(),
  })).describe("The rows that the points come from."),
});

/** The panel. */
export const RelationshipHealth = z.strictObject({
  type: z.literal("relationship_health"),
  version: z.literal(1),
  contact_id: z.uuid(),
  name: z.string(),
  company: z.strictObject({ company_id: z.uuid(), name: z.string() }).nullable(),
  computed_at: z.iso.datetime({ offset: true }),
  score: z.int().min(0).max(100),
  band: z.enum(["strong", "steady", "fading", "no_history"]),
  components: z.array(HealthComponent).length(7),
  actions: z.array(ClickableAction),
}).describe("How healthy the relationship with a contact is, by the published formula.");
/** See the schema of the same name. */
export type RelationshipHealth = z.infer<typeof RelationshipHealth>;

/**
 * Makes the panel.
 *
 * @param found The rows that the caller may read.
 */
export function buildRelationshipHealth(found: FoundSignals): RelationshipHealth {
  const { contact } = found;
  const { score, band, components } = scoreRelationship(found);
  return {
    type: "relationship_health",
    version: 1,
    contact_id: contact.id,
    name: contact.name,
    company: contact.company && { company_id: contact.company.id, name: contact.company.name },
    computed_at: found.now,
    score,
    band,
    components: components.map((part) => HealthComponent.parse(part)),
    actions: [
      { type: "open_contact", contact_id: contact.id, ...nameLabel(contact.name) },
      ...found.open_deals.map((deal) => ({
        type: "open_deal" as const,
        deal_id: deal.id,
        ...nameLabel(deal.name),
      })),
    ],
  };
}

const PART_NAMES: Readonly<Record<z.infer<typeof HealthComponent>["part"], string>> = {
  recency: "How long ago the last touch was",
  frequency: "Touches in 90 days",
  reciprocity: "Touches that they took part in",
  sentiment: "Mood of the last meetings",
  next_meeting: "Next meeting",
  deals: "Open deals",
  overdue_tasks: "Overdue tasks",
};

const BAND_NAMES: Readonly<Record<RelationshipHealth["band"], string>> = {
  strong: "strong",
  steady: "steady",
  fading: "fading",
  no_history: "no history that you can see",
};

function describeHealth(panel: RelationshipHealth): string {
  const company = panel.company === null ? "" : ` (${plainLine(panel.company.name)})`;
  const parts = panel.components.flatMap(({ part, points, max }) =>
    part === "overdue_tasks"
      ? points === 0 ? [] : [`• ${PART_NAMES[part]}: ${points}`]
      : [`• ${PART_NAMES[part]}: ${points} of ${max}`]
  );
  return [
    `${plainLine(panel.name)}${company}: ${panel.score} of 100, ${BAND_NAMES[panel.band]}.`,
    ...parts,
  ].join("\n");
}

/** How the panel is published. */
export const relationshipHealthPanel = definePanel({
  summary: "The health of the relationship with a contact, 0 to 100, and what each point rests on.",
  schema: RelationshipHealth,
  example: {
    type: "relationship_health",
    version: 1,
    contact_id: EXAMPLE_IDS.contact,
    name: "Ada Park",
    company: { company_id: EXAMPLE_IDS.company, name: "Northwind" },
    computed_at: "2026-11-23T15:00:00+00:00",
    score: 47,
    band: "steady",
    components: [
      {
        part: "recency",
        points: 30,
        max: 30,
        evidence: [{ table: "activities", id: EXAMPLE_IDS.activity }],
      },
      {
        part: "frequency",
        points: 2,
        max: 20,
        evidence: [{ table: "activities", id: EXAMPLE_IDS.activity }],
      },
      { part: "reciprocity", points: 0, max: 15, evidence: [] },
      {
        part: "sentiment",
        points: 5,
        max: 15,
        evidence: [{ table: "meetings", id: EXAMPLE_IDS.meeting }],
      },
      { part: "next_meeting", points: 0, max: 10, evidence: [] },
      { part: "deals", points: 10, max: 10, evidence: [{ table: "deals", id: EXAMPLE_IDS.deal }] },
      { part: "overdue_tasks", points: 0, max: 10, evidence: [] },
    ],
    actions: [
      { type: "open_contact", contact_id: EXAMPLE_IDS.contact, label: "Ada Park" },
      { type: "open_deal", deal_id: EXAMPLE_IDS.deal, label: "Northwind: pilot" },
    ],
  },
  describe: describeHealth,
});
