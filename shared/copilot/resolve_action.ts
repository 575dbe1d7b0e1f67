// Says what a click does now: an action under any name that an answer ever used becomes the standard
// one, if its target is still there for the caller.
import { z } from "zod";
import { AppError, fromPostgrestError } from "../errors/app_error.ts";
import type { RequestContext } from "../platform/request_context.ts";
import { type ClickableAction, ClickableActionInput } from "./clickable_action.ts";

/** An action of an answer, new or old. */
export const ResolveActionInput = z.strictObject({ action: ClickableActionInput });

/**
 * Resolves one action.
 *
 * @param ctx The caller; row-level security decides what exists for them.
 * @param action The action, with legacy names already translated by its schema.
 * @returns The action in its standard form.
 * @throws {AppError} `not_found` when its target does not exist, or not for the caller.
 */
export async function resolveAction(
  ctx: RequestContext,
  action: ClickableAction,
): Promise<ClickableAction> {
  const target = targetOf(action);
  if (target === null) return action;
  const { data, error } = await ctx.db.from(target.table).select("id").eq("id", target.id)
    .maybeSingle();
  if (error) throw fromPostgrestError(error);
  if (data === null) throw new AppError("not_found");
  return action;
}

interface Target {
  readonly table: "meetings" | "calendar_events" | "contacts" | "deals" | "tasks";
  readonly id: string;
}

/** Null for what lies outside. */
function targetOf(action: ClickableAction): Target | null {
  switch (action.type) {
    case "open_meeting":
      return "meeting_id" in action
        ? { table: "meetings", id: action.meeting_id }
        : { table: "calendar_events", id: action.calendar_event_id };
    case "open_contact":
      return { table: "contacts", id: action.contact_id };
    case "open_deal":
      return { table: "deals", id: action.deal_id };
    case "open_task":
      return { table: "tasks", id: action.task_id };
    case "open_external_url":
      return null;
  }
}
