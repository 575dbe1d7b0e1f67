// Proposes to tick a task off.
import { z } from "zod";
import { CompleteTask } from "../../proposals/effect.ts";
import type { ProposeAction } from "../action.ts";
import { change, summary } from "./preview.ts";
import { readTask } from "./read_task.ts";

const CompleteTaskArgs = z.strictObject({ task_id: z.uuid() });

/** The action. */
export const completeTask: ProposeAction<typeof CompleteTaskArgs> = {
  kind: "propose",
  name: "complete_task",
  description: "Proposes to tick a task off; it can be undone.",
  label: "Preparing to complete a task",
  args: CompleteTaskArgs,
  explainArgs: () => ({}),
  async prepare(ctx, { task_id: taskId }) {
    const task = await readTask(ctx, taskId);
    return {
      effects: [CompleteTask.parse({ kind: "complete_task", task_id: taskId })],
      previews: [{
        kind: "complete_task",
        summary: summary("Complete the task “", task.title, "”"),
        recipients: [],
        fields: [{ name: "Task", value: task.title }, change("Status", task.status, "done")],
        is_reversible: true,
      }],
      evidence: [{ table: "tasks", id: taskId }],
    };
  },
};
