// Proposes a task.
import { z } from "zod";
import { CreateTask } from "../../proposals/effect.ts";
import type { ProposeAction } from "../action.ts";
import { LINK_ARGS, readColleague, readLinks } from "./linked_rows.ts";
import { MomentArg, sayMoment, toInstant } from "./moments.ts";
import { field, outgoingDetails, outgoingLine, summary } from "./preview.ts";

const CreateTaskArgs = z.strictObject({
  title: z.string().trim().min(1).max(500),
  details: z.string().max(20_000).nullish(),
  due_at: MomentArg.nullish(),
  priority: z.enum(["low", "normal", "high", "urgent"]).default("normal"),
  assigned_to: z.uuid().nullish().describe("A colleague; the person themself where missing."),
  ...LINK_ARGS,
});

/** The action. */
export const createTask: ProposeAction<typeof CreateTaskArgs> = {
  kind: "propose",
  name: "create_task",
  description: "Proposes a task for the person, or for a colleague; it can be undone.",
  label: "Preparing a task",
  args: CreateTaskArgs,
  explainArgs: ({ priority, due_at, assigned_to }) => ({
    priority,
    has_due_date: Boolean(due_at),
    is_for_colleague: Boolean(assigned_to),
  }),
  async prepare(ctx, { due_at: dueAt, assigned_to: assignedTo, ...args }) {
    const [links, assignee] = await Promise.all([
      readLinks(ctx, args),
      assignedTo ? readColleague(ctx, assignedTo) : null,
    ]);
    const effect = CreateTask.parse({
      ...args,
      kind: "create_task",
      title: outgoingLine(args.title),
      details: outgoingDetails(args.details),
      due_at: dueAt ? toInstant(dueAt, ctx.person.timeZone) : null,
      assigned_to: assignedTo,
    });
    return {
      effects: [effect],
      previews: [{
        kind: effect.kind,
        summary: summary(
          "Create the task “",
          effect.title,
          "”",
          assignee ? ` for ${assignee}` : "",
        ),
        recipients: [],
        fields: [
          ...field("Title", effect.title),
          ...field("Details", effect.details),
          ...(effect.due_at ? field("Due", sayMoment(effect.due_at, ctx.person.timeZone)) : []),
          ...field("Priority", effect.priority),
          ...field("Assigned to", assignee),
          ...links.fields,
        ],
        is_reversible: true,
      }],
      evidence: links.evidence,
    };
  },
};
