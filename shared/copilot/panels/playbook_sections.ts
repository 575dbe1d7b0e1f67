// The panels that runs of the library show, and the sections each can have. A document of the library
// fills them; it cannot add to them.

/** Panel → ids of its sections; `any` where the document names its own. */
export const PLAYBOOK_SECTIONS = {
  skill_result: "any",
  next_meeting_command_center: [
    "meeting",
    "people",
    "deal",
    "last_time",
    "open_items",
    "talking_points",
    "competitors",
    "questions",
    "checklist",
  ],
  post_meeting_followup_pack: ["meeting", "commitments", "email", "deal", "checklist"],
  deal_rescue_plan: ["deal", "risks", "people", "history", "plan", "email", "checklist"],
  pipeline_review: ["pipeline", "risks", "hygiene", "questions", "checklist"],
  weekly_summary: ["week", "meetings", "pipeline", "tasks", "next_week"],
  daily_briefing: ["meetings", "tasks", "risks", "plan"],
  reengagement_plan: ["person", "history", "deal", "email", "checklist"],
  handover_pack: ["deal", "people", "history", "commitments", "risks", "checklist"],
  qbr_pack: ["account", "deals", "history", "commitments", "questions", "checklist"],
  mutual_action_plan: ["deal", "plan", "gaps", "checklist"],
  objection_playbook: ["deal", "answers", "questions", "checklist"],
  competitor_battlecard: ["competitors", "deal", "questions", "checklist"],
  discovery_questions: ["deal", "questions", "gaps", "checklist"],
} as const;
