// The errors that only the copilot answers; part of the catalogue.
import type { ErrorEntry } from "./error_entry.ts";

/** Code → what the caller sees. */
export const COPILOT_ERRORS = {
  // The copilot's turns
  unknown_tool: {
    status: 400,
    title: "Unknown tool",
    detail: "There are four tools: list_skills, get_skill, execute_action and resolve_entity.",
  },
  unknown_action: {
    status: 400,
    title: "Unknown action",
    detail: "There is no action of that name.",
  },
  invalid_action_arguments: {
    status: 400,
    title: "The action's arguments are not valid",
    detail: "Some arguments are missing or wrong; the issues say which.",
  },
  turn_interrupted: {
    status: 409,
    title: "The answer broke off",
    detail: "What was working on it is gone. Continue the turn to get the rest.",
  },

  // What the copilot would do
  recipient_not_allowed: {
    status: 409,
    title: "This can't go to that recipient",
    detail:
      "The copilot writes to your contacts, colleagues and the people of a thread or meeting, and into channels your admins opened.",
  },
  email_not_connected: {
    status: 409,
    title: "No email account is connected",
    detail: "Connect your Google account and allow sending email first.",
  },
  slack_not_connected: {
    status: 409,
    title: "Slack is not connected",
    detail: "An admin must connect Slack and open a channel first.",
  },
  action_not_open: {
    status: 409,
    title: "This is no longer open",
    detail: "It was decided, replaced or has expired; ask for a new proposal.",
  },
  changed_since: {
    status: 409,
    title: "It was changed since",
    detail: "Somebody changed it after it was done, so it can't be taken back.",
  },

  // Conversations with the copilot
  turn_running: {
    status: 409,
    title: "Still answering",
    detail: "The copilot is at work on the message before. Wait for it, or cancel it.",
  },
  turn_ended: {
    status: 409,
    title: "Already answered",
    detail: "This answer has ended and cannot be continued.",
  },
  turn_not_held: {
    status: 409,
    title: "Somebody else goes on with it",
    detail: "This answer was ended, or taken over, in the meantime.",
  },
  turn_limit_reached: {
    status: 409,
    title: "Too much for one answer",
    detail:
      "One answer can take only so many steps and propose so many things. Ask anew for the rest.",
  },
  export_limit_reached: {
    status: 429,
    title: "No more exports for now",
    detail: "Conversations can be exported ten times an hour. Try again later.",
  },
} as const satisfies Record<string, ErrorEntry>;
