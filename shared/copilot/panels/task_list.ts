// The task_list panel, version 1: what a person has to do, and how it is made from what the database found.
import { z } from "zod";
import { ClickableAction } from "../clickable_action.ts";
import { definePanel } from "./panel.ts";
import { countOf, formatDay, formatTime, plainLine } from "./plain_text.ts";
import { TimeZone } from "./time_zone.ts";

const LINES_MAX = 12;
const instant = z.iso.datetime({ offset: true });

/** Another row that a row is about: its id and what it is called. */
export const NamedRow = z.strictObject({ id: z.uuid(), name: z.string() });
/** See the schema of the same name. */
export type NamedRow = z.infer<typeof NamedRow>;

/** Which tasks are wanted; days and weeks are the person's own. */
export const TaskFilter = z.enum([
  "open",
  "overdue",
  "due_today",
  "due_this_week",
  "completed",
  "all",
]);

/** A task as the database describes it. */
export const FoundTask = z.strictObject({
  task_id: z.uuid(),
  title: z.string(),
  details: z.string().nullable(),
  due_at: instant.nullable(),
  due_day: z.iso.date().nullable().describe("In the person's own time zone."),
  is_overdue: z.boolean(),
  priority: z.enum(["low", "normal", "high", "urgent"]),
  status: z.enum(["open", "in_progress", "done", "cancelled"]),
  completed_at: instant.nullable(),
  is_mine_to_do: z.boolean().describe("False where it was given to a colleague."),
  assignee_name: z.string().nullable(),
  deal: NamedRow.nullable(),
  contact: NamedRow.nullable(),
  company: NamedRow.nullable(),
  meeting: NamedRow.nullable(),
});
/** See the schema of the same name. */
export type FoundTask = z.infer<typeof FoundTask>;

/** What the database function `list_my_tasks` returns. */
export const TasksFound = z.strictObject({
  org_id: z.uuid(),
  filter: TaskFilter,
  time_zone: TimeZone,
  now: instant,
  total: z.int().nonnegative(),
  overdue: z.int().nonnegative(),
  tasks: z.array(FoundTask),
});
/** See the schema of the same name. */
export type TasksFound = z.infer<typeof TasksFound>;

/** The panel. */
export const TaskList = z.strictObject({
  type: z.literal("task_list"),
  version: z.literal(1),
  filter: TaskFilter,
  time_zone: TimeZone,
  total: z.int().nonnegative().describe("How many there are; `tasks` may be fewer."),
  overdue: z.int().nonnegative().describe("How many of them should have been done by now."),
  tasks: z.array(FoundTask.extend({ actions: z.array(ClickableAction) })),
}).describe("Tasks that the person owns or is to do, the next due first.");
/** See the schema of the same name. */
export type TaskList = z.infer<typeof TaskList>;

/**
 * Makes the panel.
 *
 * @param found What the database found under the caller's rights.
 */
export function buildTaskList(found: TasksFound): TaskList {
  return {
    type: "task_list",
    version: 1,
    filter: found.filter,
    time_zone: found.time_zone,
    total: found.total,
    overdue: found.overdue,
    tasks: found.tasks.map((task) => ({ ...task, actions: buildActions(task) })),
  };
}

function buildActions(task: FoundTask): ClickableAction[] {
  const actions: ClickableAction[] = [{ type: "open_task", task_id: task.task_id }];
  if (task.deal) actions.push({ type: "open_deal", deal_id: task.deal.id });
  if (task.contact) actions.push({ type: "open_contact", contact_id: task.contact.id });
  if (task.meeting) actions.push({ type: "open_meeting", meeting_id: task.meeting.id });
  return actions;
}

const NOUNS: Readonly<Record<TaskList["filter"], readonly [string, string]>> = {
  open: ["open task", ""],
  overdue: ["overdue task", ""],
  due_today: ["task", " due today"],
  due_this_week: ["task", " due this week"],
  completed: ["completed task", ""],
  all: ["task", ""],
};

function describeTasks(list: TaskList): string {
  const [noun, when] = NOUNS[list.filter];
  if (list.total === 0) return `You have no ${noun}s${when}.`;
  const late = list.overdue > 0 && list.filter !== "overdue"
    ? `, ${list.overdue} of them overdue`
    : "";
  const lines = list.tasks.slice(0, LINES_MAX).map((task) => describeTask(task, list.time_zone));
  const rest = list.total - lines.length;
  return [
    `You have ${countOf(list.total, noun)}${when}${late}:`,
    ...lines,
    ...(rest > 0 ? [`… and ${rest} more.`] : []),
  ].join("\n");
}

function describeTask(task: FoundTask, timeZone: string): string {
  const about = (task.deal ?? task.company ?? task.contact ?? task.meeting)?.name;
  const facts = [
    ...(about ? [plainLine(about)] : []),
    ...(task.due_day && task.due_at && task.status !== "done"
      ? [
        `${task.is_overdue ? "was due" : "due"} ${formatDay(task.due_day, "short")}, ${
          formatTime(task.due_at, timeZone)
        }`,
      ]
      : []),
    ...(task.priority === "high" || task.priority === "urgent" ? [task.priority] : []),
    ...(task.is_mine_to_do || !task.assignee_name
      ? []
      : [`given to ${plainLine(task.assignee_name)}`]),
    ...(task.status === "open" ? [] : [task.status.replace("_", " ")]),
  ];
  return `• ${plainLine(task.title)}${facts.length > 0 ? ` (${facts.join("; ")})` : ""}`;
}

/** How the panel is published. */
export const taskListPanel = definePanel({
  summary: "What the person has to do: overdue, due today or this week, or about one deal.",
  schema: TaskList,
  example: {
    type: "task_list",
    version: 1,
    filter: "open",
    time_zone: "America/New_York",
    total: 1,
    overdue: 1,
    tasks: [{
      task_id: "00000000-0000-4000-8000-000000000011",
      title: "Send the security answers",
      details: "The four open points of the questionnaire.",
      due_at: "2026-11-20T22:00:00+00:00",
      due_day: "2026-11-20",
      is_overdue: true,
      priority: "high",
      status: "open",
      completed_at: null,
      is_mine_to_do: true,
      assignee_name: null,
      deal: { id: "00000000-0000-4000-8000-000000000012", name: "Northwind: pilot" },
      contact: null,
      company: null,
      meeting: null,
      actions: [
        { type: "open_task", task_id: "00000000-0000-4000-8000-000000000011" },
        { type: "open_deal", deal_id: "00000000-0000-4000-8000-000000000012" },
      ],
    }],
  },
  describe: describeTasks,
});
