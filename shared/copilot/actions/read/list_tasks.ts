// Looks up what the caller has to do.
import { z } from "zod";
import { fromPostgrestError } from "../../../errors/app_error.ts";
import { buildTaskList, TaskFilter, taskListPanel, TasksFound } from "../../panels/task_list.ts";
import type { ReadAction } from "../action.ts";
import { evidenceRows, type Mention } from "../evidence_rows.ts";

/** Which tasks. */
const ListTasksArgs = z.strictObject({
  filter: TaskFilter.default("open"),
  deal_id: z.uuid().optional(),
  contact_id: z.uuid().optional(),
  company_id: z.uuid().optional(),
  meeting_id: z.uuid().optional(),
  limit: z.int().min(1).max(50).default(20),
});

/** The action. */
export const listTasks: ReadAction<typeof ListTasksArgs, typeof TasksFound> = {
  kind: "read",
  name: "list_tasks",
  description:
    "Lists tasks that the person owns or is to do: open, overdue, due today or this week, completed; or those about one deal, contact, company or meeting.",
  label: "Looking up your tasks",
  args: ListTasksArgs,
  result: TasksFound,
  // Titles may be the notetaker's, from what was said in a meeting.
  readsForeignText: true,
  explainArgs: ({ filter, limit, ...about }) => ({
    filter,
    limit,
    is_about_one: Object.values(about).some((id) => id !== undefined),
  }),
  async run(ctx, args) {
    const { data, error } = await ctx.db.rpc("list_my_tasks", {
      p_org_id: ctx.orgId,
      p_filter: args.filter,
      p_deal_id: args.deal_id ?? null,
      p_contact_id: args.contact_id ?? null,
      p_company_id: args.company_id ?? null,
      p_meeting_id: args.meeting_id ?? null,
      p_now: ctx.clock.now().toISOString(),
      p_limit: args.limit,
    });
    if (error) throw fromPostgrestError(error);
    const found = TasksFound.parse(data);
    const panel = buildTaskList(found);
    return {
      data: found,
      evidence: evidenceRows(mentionsOf(found)),
      count: found.total,
      panel,
      text: taskListPanel.describe(panel),
    };
  },
};

function* mentionsOf({ tasks }: TasksFound): Generator<Mention> {
  for (const task of tasks) {
    yield ["tasks", task.task_id];
    yield ["deals", task.deal?.id];
    yield ["contacts", task.contact?.id];
    yield ["companies", task.company?.id];
    yield ["meetings", task.meeting?.id];
  }
}
