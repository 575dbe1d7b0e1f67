// The panels of runs, all of them: what the catalogue of panels takes in.
import {
  competitorBattlecardPanel,
  discoveryQuestionsPanel,
  objectionPlaybookPanel,
} from "./playbook_conversations.ts";
import {
  dealRescuePlanPanel,
  handoverPackPanel,
  mutualActionPlanPanel,
  pipelineReviewPanel,
  qbrPackPanel,
} from "./playbook_deals.ts";
import {
  dailyBriefingPanel,
  nextMeetingCommandCenterPanel,
  postMeetingFollowupPackPanel,
  reengagementPlanPanel,
  weeklySummaryPanel,
} from "./playbook_meetings.ts";
import { skillListPanel, skillResultPanel } from "./playbook_skills.ts";

/** By type. */
export const PLAYBOOK_PANELS = {
  competitor_battlecard: competitorBattlecardPanel,
  daily_briefing: dailyBriefingPanel,
  deal_rescue_plan: dealRescuePlanPanel,
  discovery_questions: discoveryQuestionsPanel,
  handover_pack: handoverPackPanel,
  mutual_action_plan: mutualActionPlanPanel,
  next_meeting_command_center: nextMeetingCommandCenterPanel,
  objection_playbook: objectionPlaybookPanel,
  pipeline_review: pipelineReviewPanel,
  post_meeting_followup_pack: postMeetingFollowupPackPanel,
  qbr_pack: qbrPackPanel,
  reengagement_plan: reengagementPlanPanel,
  skill_list: skillListPanel,
  skill_result: skillResultPanel,
  weekly_summary: weeklySummaryPanel,
} as const;

/** Their schemas, for the union of all panels. */
export const PLAYBOOK_SCHEMAS = [
  competitorBattlecardPanel.schema,
  dailyBriefingPanel.schema,
  dealRescuePlanPanel.schema,
  discoveryQuestionsPanel.schema,
  handoverPackPanel.schema,
  mutualActionPlanPanel.schema,
  nextMeetingCommandCenterPanel.schema,
  objectionPlaybookPanel.schema,
  pipelineReviewPanel.schema,
  postMeetingFollowupPackPanel.schema,
  qbrPackPanel.schema,
  reengagementPlanPanel.schema,
  skillListPanel.schema,
  skillResultPanel.schema,
  weeklySummaryPanel.schema,
] as const;
