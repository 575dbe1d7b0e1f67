// What a step can work out from rows without a model, by name. Documents name these; what each does
// is in the catalogue beside.

/** The names. */
export const RULE_NAMES = [
  "account_facts",
  "activity_facts",
  "competitor_cards",
  "contact_facts",
  "day_plan",
  "deal_facts",
  "deal_gaps",
  "deal_risks",
  "draft_facts",
  "hygiene_findings",
  "knowledge_facts",
  "meeting_facts",
  "meeting_lines",
  "meeting_talking_points",
  "mutual_plan",
  "objection_answers",
  "open_commitments",
  "people_facts",
  "pipeline_facts",
  "question_list",
  "relationship_facts",
  "rescue_steps",
  "task_facts",
  "thread_facts",
] as const;

/** The name of a rule. */
export type RuleName = (typeof RULE_NAMES)[number];
