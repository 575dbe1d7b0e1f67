// Every action that proposes, by its name. None of them does anything.
import type { ProposeAction } from "../action.ts";
import type { ProposeActionName } from "../action_names.ts";
import { completeTask } from "./complete_task.ts";
import { createActivity } from "./create_activity.ts";
import { createTask } from "./create_task.ts";
import { postSlackMessage } from "./post_slack_message.ts";
import { scheduleMeeting } from "./schedule_meeting.ts";
import { sendEmail } from "./send_email.ts";
import { updateContact } from "./update_contact.ts";
import { updateDealStage } from "./update_deal_stage.ts";
import { updateTask } from "./update_task.ts";

/** The actions by name; the compiler says when one is missing. */
export const PROPOSE_ACTION_CATALOGUE: Readonly<Record<ProposeActionName, ProposeAction>> = {
  create_task: createTask,
  update_task: updateTask,
  complete_task: completeTask,
  create_activity: createActivity,
  update_deal_stage: updateDealStage,
  update_contact: updateContact,
  send_email: sendEmail,
  post_slack_message: postSlackMessage,
  schedule_meeting: scheduleMeeting,
};
