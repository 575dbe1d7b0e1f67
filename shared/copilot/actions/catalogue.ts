// Every look-up that execute_action can run, by its name. One without an entry is not known here.
import type { ReadAction } from "./action.ts";
import type { ReadActionName } from "./action_names.ts";
import { getMeetingsForPeriod } from "./read/get_meetings_for_period.ts";
import { getMeetingBriefData } from "./read/get_meeting_brief_data.ts";
import { getActivities } from "./read/get_activities.ts";
import { searchMeetings } from "./read/search_meetings.ts";
import { getEmailThread } from "./read/get_email_thread.ts";
import { getCalendarAvailability } from "./read/get_calendar_availability.ts";
import { getRecordingStatus } from "./read/get_recording_status.ts";
import { draftEmail } from "./read/draft_email.ts";
import { listTasks } from "./read/list_tasks.ts";
import { getContact } from "./read/get_contact.ts";
import { getDeal } from "./read/get_deal.ts";
import { listDeals } from "./read/list_deals.ts";
import { getCompany } from "./read/get_company.ts";
import { searchContacts } from "./read/search_contacts.ts";
import { getPipelineSummary } from "./read/get_pipeline_summary.ts";
import { listAtRiskDeals } from "./read/list_at_risk_deals.ts";
import { getRelationshipHealth } from "./read/get_relationship_health.ts";

/** The look-ups by name. */
export const READ_ACTION_CATALOGUE: Readonly<Partial<Record<ReadActionName, ReadAction>>> = {
  get_meetings_for_period: getMeetingsForPeriod,
  list_tasks: listTasks,
  draft_email: draftEmail,
  get_recording_status: getRecordingStatus,
  get_calendar_availability: getCalendarAvailability,
  get_email_thread: getEmailThread,
  search_meetings: searchMeetings,
  get_activities: getActivities,
  get_meeting_brief_data: getMeetingBriefData,
  get_contact: getContact,
  get_deal: getDeal,
  list_deals: listDeals,
  get_company: getCompany,
  search_contacts: searchContacts,
  get_pipeline_summary: getPipelineSummary,
  list_at_risk_deals: listAtRiskDeals,
  get_relationship_health: getRelationshipHealth,
};
