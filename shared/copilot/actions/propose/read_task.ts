// The task that a proposal is about.
import { AppError, fromPostgrestError } from "../../../errors/app_error.ts";
import type { ActionContext } from "../action.ts";

/** A task as far as a preview shows it. */
export interface TaskRow {
  readonly title: string;
  readonly details: string | null;
  readonly due_at: string | null;
  readonly priority: string;
  readonly status: string;
  readonly assigned_to: string | null;
}

/**
 * Reads a task.
 *
 * @param ctx The caller.
 * @param id The task.
 * @throws {AppError} `not_found` when it does not exist for the caller.
 */
export async function readTask(ctx: ActionContext, id: string): Promise<TaskRow> {
  const { data, error } = await ctx.db.from("tasks")
    .select("title, details, due_at, priority, status, assigned_to")
    .eq("org_id", ctx.orgId).eq("id", id).maybeSingle();
  if (error) throw fromPostgrestError(error);
  if (data === null) throw new AppError("not_found");
  return data;
}
