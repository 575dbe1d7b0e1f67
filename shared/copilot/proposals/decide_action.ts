// Yes, no and back. Nothing but the id and the hash of what was shown goes along: what is executed is
// what is stored.
import { AppError, fromPostgrestError } from "../../errors/app_error.ts";
import type { RequestContext } from "../../platform/request_context.ts";
import { ActionOutcome, ActionState } from "./outcome.ts";
import { PendingAction } from "./proposal.ts";

type Asking = Pick<RequestContext, "db">;

/** A stored action as somebody saw it. */
export interface SeenAction {
  readonly id: string;
  /** Hash of what they saw. */
  readonly payload_sha256: string;
}

/**
 * Says yes to exactly what was seen.
 *
 * @param ctx The owner.
 * @param seen The action, with the hash of what they saw.
 * @returns What it came to; late, doubled and outdated ones change nothing and say so.
 * @throws {AppError} `not_found` for what is not theirs.
 */
export async function confirmAction(
  ctx: Asking,
  seen: SeenAction,
): Promise<ActionOutcome> {
  const { data, error } = await ctx.db.rpc("confirm_pending_action", {
    p_id: seen.id,
    p_payload_sha256: seen.payload_sha256,
  });
  if (error) throw fromPostgrestError(error);
  return ActionOutcome.parse(data);
}

/**
 * Says no, for good.
 *
 * @param ctx The owner.
 * @param id The action.
 * @throws {AppError} `not_found` for what is not theirs.
 */
export async function cancelAction(
  ctx: Asking,
  id: string,
): Promise<ActionOutcome> {
  const { data, error } = await ctx.db.rpc("cancel_pending_action", {
    p_id: id,
  });
  if (error) throw fromPostgrestError(error);
  return ActionOutcome.parse(data);
}

/**
 * Takes back what an action changed, within a day and where nobody changed it since.
 *
 * @param ctx The owner.
 * @param id The action.
 * @throws {AppError} `not_found` for what is not theirs.
 */
export async function undoAction(
  ctx: Asking,
  id: string,
): Promise<ActionOutcome> {
  const { data, error } = await ctx.db.rpc("undo_action", { p_id: id });
  if (error) throw fromPostgrestError(error);
  return ActionOutcome.parse(data);
}

/**
 * Reads a stored action; the reading is logged.
 *
 * @param ctx The owner.
 * @param id The action.
 * @throws {AppError} `not_found` for what is not theirs.
 */
export async function readAction(
  ctx: Asking,
  id: string,
): Promise<ActionState> {
  const { data, error } = await ctx.db.rpc("read_pending_action", { p_id: id });
  if (error) throw fromPostgrestError(error);
  if (data === null || typeof data !== "object" || Array.isArray(data)) {
    throw new AppError("internal_error");
  }
  const { action, error_code, results } = data;
  return ActionState.parse({ action, error_code, results });
}

/**
 * Lists the last fifty actions of a conversation, the latest first; the reading is logged.
 *
 * @param ctx The owner.
 * @param conversationId One of their conversations.
 * @throws {AppError} `not_found` for what is not theirs.
 */
export async function listActions(
  ctx: Asking,
  conversationId: string,
): Promise<PendingAction[]> {
  const { data, error } = await ctx.db.rpc("list_pending_actions", {
    p_conversation_id: conversationId,
  });
  if (error) throw fromPostgrestError(error);
  return PendingAction.array().parse(data);
}
