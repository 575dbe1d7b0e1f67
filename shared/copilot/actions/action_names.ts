// Everything that execute_action can do, by its stable name (U60-065, U60-094). Clients map these
// names; one that is not here is refused.
import { z } from "zod";

/** Actions that look something up; they run under the caller's own rights. */
export const READ_ACTIONS = [
  "get_meetings_for_period",
  "get_meeting_brief_data",
  "search_meetings",
  "get_contact",
  "search_contacts",
  "get_company",
  "get_deal",
  "list_deals",
  "get_pipeline_summary",
  "list_at_risk_deals",
  "get_activities",
  "list_tasks",
  "get_email_thread",
  "get_calendar_availability",
  "get_relationship_health",
  "get_recording_status",
  "draft_email",
] as const;

/** Actions that change something or leave the company; they only ever propose. */
export const PROPOSE_ACTIONS = [
  "create_task",
  "update_task",
  "complete_task",
  "create_activity",
  "update_deal_stage",
  "update_contact",
  "send_email",
  "post_slack_message",
  "schedule_meeting",
] as const;

/** Actions that run a document of the library, step by step. */
export const RUN_ACTIONS = ["run_skill", "run_sequence"] as const;

/** The name of any action. */
export const ActionName = z.enum([...READ_ACTIONS, ...PROPOSE_ACTIONS, ...RUN_ACTIONS]);
/** See the schema of the same name. */
export type ActionName = z.infer<typeof ActionName>;

/** The name of an action that looks something up. */
export type ReadActionName = (typeof READ_ACTIONS)[number];

/** The name of an action that proposes. */
export type ProposeActionName = (typeof PROPOSE_ACTIONS)[number];
