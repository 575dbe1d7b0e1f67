// What a step can work out from rows without a model, by name. Documents name these; what each does
// is in the catalogue beside.

/** The names. */
export const RULE_NAMES = [
  "competitor_cards",
  "deal_facts",
  "draft_followup",
  "meeting_facts",
  "meeting_talking_points",
  "open_commitments",
  "people_facts",
] as const;

/** The name of a rule. */
export type RuleName = (typeof RULE_NAMES)[number];
