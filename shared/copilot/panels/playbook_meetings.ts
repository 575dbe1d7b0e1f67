// Panels of the sequences around meetings, days and people.
import { z } from "zod";
import { definePlaybook, playbookSchema } from "./playbook.ts";
import { playbookExample } from "./playbook_example.ts";
import { PLAYBOOK_SECTIONS } from "./playbook_sections.ts";

const NextMeetingCommandCenter = playbookSchema(
  "next_meeting_command_center",
  z.enum(PLAYBOOK_SECTIONS.next_meeting_command_center),
);
/** When the person prepares a meeting. */
export const nextMeetingCommandCenterPanel = definePlaybook(
  NextMeetingCommandCenter,
  "When the person prepares a meeting.",
  playbookExample({
    type: "next_meeting_command_center",
    key: "seq-next-meeting-command-center",
    name: "Next meeting command center",
    title: "Your next meeting: TechCorp: pilot review",
    sections: [["meeting", "The meeting", "meeting"], ["people", "Who comes", "person"], [
      "deal",
      "Where the deal stands",
      "deal",
    ]],
  }),
);

const PostMeetingFollowupPack = playbookSchema(
  "post_meeting_followup_pack",
  z.enum(PLAYBOOK_SECTIONS.post_meeting_followup_pack),
);
/** After a meeting: what was agreed, a draft, and tasks to confirm. */
export const postMeetingFollowupPackPanel = definePlaybook(
  PostMeetingFollowupPack,
  "After a meeting: what was agreed, a draft, and tasks to confirm.",
  playbookExample({
    type: "post_meeting_followup_pack",
    key: "seq-post-meeting-followup-pack",
    name: "Post-meeting follow-up pack",
    title: "Follow-up: TechCorp: pilot review",
    sections: [["meeting", "What it was about", "meeting"], ["email", "Draft to send", "email"]],
    proposes: "Create a task: Send the security paper to Dana",
  }),
);

const WeeklySummary = playbookSchema("weekly_summary", z.enum(PLAYBOOK_SECTIONS.weekly_summary));
/** The week behind and the week ahead. */
export const weeklySummaryPanel = definePlaybook(
  WeeklySummary,
  "The week behind and the week ahead.",
  playbookExample({
    type: "weekly_summary",
    key: "seq-weekly-summary",
    name: "Weekly summary",
    title: "Your week",
    sections: [["meetings", "Meetings", "meeting"], ["pipeline", "Pipeline", "deal"]],
  }),
);

const DailyBriefing = playbookSchema("daily_briefing", z.enum(PLAYBOOK_SECTIONS.daily_briefing));
/** The day ahead in its order. */
export const dailyBriefingPanel = definePlaybook(
  DailyBriefing,
  "The day ahead in its order.",
  playbookExample({
    type: "daily_briefing",
    key: "seq-daily-briefing",
    name: "Daily briefing",
    title: "Your day",
    sections: [["meetings", "Meetings", "meeting"], ["risks", "At risk", "risk"]],
  }),
);

const ReengagementPlan = playbookSchema(
  "reengagement_plan",
  z.enum(PLAYBOOK_SECTIONS.reengagement_plan),
);
/** When somebody has gone silent. */
export const reengagementPlanPanel = definePlaybook(
  ReengagementPlan,
  "When somebody has gone silent.",
  playbookExample({
    type: "reengagement_plan",
    key: "seq-reengagement",
    name: "Re-engagement",
    title: "Back in touch with Dana Reyes",
    sections: [["person", "Who it is", "person"], ["email", "Draft to send", "email"]],
    proposes: "Email Dana Reyes: Picking up where we left off",
  }),
);
