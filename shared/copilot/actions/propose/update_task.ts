// Proposes to change a task.
import { z } from "zod";
import { AppError } from "../../../errors/app_error.ts";
import { UpdateTask } from "../../proposals/effect.ts";
import type { ActionContext, ProposeAction } from "../action.ts";
import { readColleague } from "./linked_rows.ts";
import { MomentArg, sayMoment, toInstant } from "./moments.ts";
import { change, outgoingDetails, outgoingLine, type PreviewField, summary } from "./preview.ts";
import { readTask, type TaskRow } from "./read_task.ts";

const UpdateTaskArgs = z.strictObject({
  task_id: z.uuid(),
  title: z.string().trim().min(1).max(500).optional(),
  details: z.string().max(20_000).nullable().optional(),
  due_at: MomentArg.nullable().optional(),
  priority: z.enum(["low", "normal", "high", "urgent"]).optional(),
  status: z.enum(["open", "in_progress", "cancelled"]).optional(),
  assigned_to: z.uuid().nullable().optional(),
});

type Changes = UpdateTaskEffect["changes"];
type UpdateTaskEffect = z.output<typeof UpdateTask>;

/** The action. */
export const updateTask: ProposeAction<typeof UpdateTaskArgs> = {
  kind: "propose",
  name: "update_task",
  description: "Proposes to change a task: title, details, due date, priority, status or assignee.",
  label: "Preparing a change of a task",
  args: UpdateTaskArgs,
  explainArgs: ({ task_id: _, ...changes }) => ({ fields: Object.keys(changes).sort().join(",") }),
  async prepare(ctx, { task_id: taskId, ...args }) {
    if (Object.keys(args).length === 0) throw new AppError("invalid_request");
    const task = await readTask(ctx, taskId);
    const effect = UpdateTask.parse({
      kind: "update_task",
      task_id: taskId,
      changes: {
        ...args,
        ...(args.title !== undefined && { title: outgoingLine(args.title) }),
        ...(args.details !== undefined && { details: outgoingDetails(args.details) }),
        ...(args.due_at && { due_at: toInstant(args.due_at, ctx.person.timeZone) }),
      },
    });
    return {
      effects: [effect],
      previews: [{
        kind: effect.kind,
        summary: summary("Change the task “", task.title, "”"),
        recipients: [],
        fields: [
          { name: "Task", value: task.title },
          ...await sayChanges(ctx, task, effect.changes),
        ],
        is_reversible: true,
      }],
      evidence: [{ table: "tasks", id: taskId }],
    };
  },
};

async function sayChanges(
  ctx: ActionContext,
  task: TaskRow,
  changes: Changes,
): Promise<PreviewField[]> {
  const { timeZone } = ctx.person;
  const fields: PreviewField[] = [];
  const { title, details, due_at: dueAt, priority, status, assigned_to: assignee } = changes;
  if (title !== undefined) fields.push(change("Title", task.title, title));
  if (details !== undefined) fields.push(change("Details", task.details, details));
  if (dueAt !== undefined) {
    fields.push(change("Due", sayMoment(task.due_at, timeZone), sayMoment(dueAt, timeZone)));
  }
  if (priority !== undefined) fields.push(change("Priority", task.priority, priority));
  if (status !== undefined) fields.push(change("Status", task.status, status));
  if (assignee !== undefined) {
    const [before, after] = await Promise.all([
      task.assigned_to ? readColleague(ctx, task.assigned_to).catch(() => "a former member") : null,
      assignee ? readColleague(ctx, assignee) : null,
    ]);
    fields.push(change("Assigned to", before, after));
  }
  return fields;
}
