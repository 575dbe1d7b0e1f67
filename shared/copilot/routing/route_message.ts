// Decides, without a model, what a message asks for (U60-083…086). Precision before recall: only a
// message that is one of our phrasings from its first word to its last is taken, everything else is
// for the model. The phrasings are listed in docs/copilot-routing.md.
import type { ReadActionName } from "../actions/action_names.ts";
import { canonicalMessage } from "./canonical_message.ts";
import { type Command, readCommand } from "./command_phrases.ts";
import { type MeetingsIntent, readMeetingQuestion } from "./meeting_questions.ts";

/** The sequences that a phrase can start; always in simulation first. */
export type RoutedSequence = "seq-next-meeting-command-center" | "seq-post-meeting-followup-pack";

/** Values that the action's own schema still validates. */
export type RouteArgs = Readonly<Record<string, string | number | boolean>>;

/** What a message asks for, decided by rules. */
export type Route =
  | {
    readonly kind: "action";
    readonly intent: string;
    readonly action: ReadActionName;
    readonly args: RouteArgs;
  }
  | {
    readonly kind: "sequence";
    readonly intent: string;
    readonly key: RoutedSequence;
    readonly args: RouteArgs;
  }
  /** What the organization's skills are; a tool, not an action. */
  | { readonly kind: "tool"; readonly intent: string; readonly tool: "list_skills" };

const COMMANDS: Readonly<Record<Command, Route>> = {
  prep_next_meeting: {
    kind: "sequence",
    intent: "prep_next_meeting",
    key: "seq-next-meeting-command-center",
    args: {},
  },
  follow_up_last_meeting: {
    kind: "sequence",
    intent: "follow_up_last_meeting",
    key: "seq-post-meeting-followup-pack",
    args: {},
  },
  my_tasks: { kind: "action", intent: "my_tasks", action: "list_tasks", args: {} },
  overdue_tasks: {
    kind: "action",
    intent: "overdue_tasks",
    action: "list_tasks",
    args: { filter: "overdue" },
  },
  tasks_due_today: {
    kind: "action",
    intent: "tasks_due_today",
    action: "list_tasks",
    args: { filter: "due_today" },
  },
  tasks_due_this_week: {
    kind: "action",
    intent: "tasks_due_this_week",
    action: "list_tasks",
    args: { filter: "due_this_week" },
  },
  pipeline: { kind: "action", intent: "pipeline", action: "get_pipeline_summary", args: {} },
  deals_at_risk: {
    kind: "action",
    intent: "deals_at_risk",
    action: "list_at_risk_deals",
    args: {},
  },
  list_skills: { kind: "tool", intent: "list_skills", tool: "list_skills" },
};

/**
 * Routes one message.
 *
 * @param message What the person wrote; names in it come back in lower case.
 * @returns What to run; null when a model has to read it. The same message always gives the same.
 */
export function routeMessage(message: string): Route | null {
  const question = readMeetingQuestion(message);
  if (question !== null) return meetingsRoute(question);
  const text = canonicalMessage(message);
  const command = text === null ? null : readCommand(text);
  return command === null ? null : COMMANDS[command];
}

function meetingsRoute({ name, period, withWhom }: MeetingsIntent): Route {
  return {
    kind: "action",
    intent: name,
    action: "get_meetings_for_period",
    args: {
      period: period.kind,
      ...(period.kind === "weekday" ? { weekday: period.weekday } : {}),
      ...(withWhom === null ? {} : { with_whom: withWhom }),
    },
  };
}
