// Every panel that an answer may carry. What is not in this list cannot be sent: the answer's contract
// is the union of these schemas.
import { z } from "zod";
import { ActionPreview, actionPreviewPanel } from "./action_preview.ts";
import { ActionResult, actionResultPanel } from "./action_result.ts";
import { Clarification, clarificationPanel } from "./clarification.ts";
import { RelationshipHealth, relationshipHealthPanel } from "./relationship_health.ts";
import { AtRiskDeals, atRiskDealsPanel } from "./at_risk_deals.ts";
import { PipelineSummary, pipelineSummaryPanel } from "./pipeline_summary.ts";
import { CompanyCard, companyCardPanel } from "./company_card.ts";
import { ContactList, contactListPanel } from "./contact_list.ts";
import { DealList, dealListPanel } from "./deal_list.ts";
import { DealCard, dealCardPanel } from "./deal_card.ts";
import { ContactCard, contactCardPanel } from "./contact_card.ts";
import { MeetingList, meetingListPanel } from "./meeting_list.ts";
import type { Panel } from "./panel.ts";
import { PLAYBOOK_PANELS, PLAYBOOK_SCHEMAS } from "./playbook_panels.ts";
import { MeetingBrief, meetingBriefPanel } from "./meeting_brief.ts";
import { ActivityTimeline, activityTimelinePanel } from "./activity_timeline.ts";
import { MeetingSearchResults, meetingSearchResultsPanel } from "./meeting_search_results.ts";
import { EmailThread, emailThreadPanel } from "./email_thread.ts";
import { Availability, availabilityPanel } from "./availability.ts";
import { RecordingStatus, recordingStatusPanel } from "./recording_status.ts";
import { EmailDraft, emailDraftPanel } from "./email_draft.ts";
import { TaskList, taskListPanel } from "./task_list.ts";

/** A structured response: what the frontend draws beside the text. */
export const StructuredResponse = z.discriminatedUnion("type", [
  MeetingList,
  TaskList,
  EmailDraft,
  RecordingStatus,
  Availability,
  EmailThread,
  MeetingSearchResults,
  ActivityTimeline,
  MeetingBrief,
  ContactCard,
  DealCard,
  DealList,
  ...PLAYBOOK_SCHEMAS,
  ContactList,
  CompanyCard,
  PipelineSummary,
  AtRiskDeals,
  RelationshipHealth,
  Clarification,
  ActionPreview,
  ActionResult,
]);
/** See the schema of the same name. */
export type StructuredResponse = z.infer<typeof StructuredResponse>;

/** The panels by type; the compiler says when one is missing. */
export const PANELS: Readonly<Record<StructuredResponse["type"], Panel>> = {
  meeting_list: meetingListPanel,
  task_list: taskListPanel,
  email_draft: emailDraftPanel,
  recording_status: recordingStatusPanel,
  availability: availabilityPanel,
  email_thread: emailThreadPanel,
  meeting_search_results: meetingSearchResultsPanel,
  activity_timeline: activityTimelinePanel,
  meeting_brief: meetingBriefPanel,
  contact_card: contactCardPanel,
  deal_card: dealCardPanel,
  deal_list: dealListPanel,
  ...PLAYBOOK_PANELS,
  contact_list: contactListPanel,
  company_card: companyCardPanel,
  pipeline_summary: pipelineSummaryPanel,
  at_risk_deals: atRiskDealsPanel,
  relationship_health: relationshipHealthPanel,
  clarification: clarificationPanel,
  action_preview: actionPreviewPanel,
  action_result: actionResultPanel,
};
